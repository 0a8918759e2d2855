/* Why does a consistent account say something else of a network than the published one? The
 * difference in steps that add up to it: first the conventions that the published predictor can
 * take back itself, one after the other, then what is billed instead. docs/ENERGY_MODEL.md explains
 * each. */
#ifndef MF_SIM_ATTRIBUTION_H
#define MF_SIM_ATTRIBUTION_H

#include "sim/pricer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What one difference changes, in the totals after those before it. */
typedef struct mf_attribution_step {
    double energy_mj, latency_ms;
    const char *because; /* a constant */
} mf_attribution_step;

enum { MF_MOST_ATTRIBUTION_STEPS = 16 };

typedef struct mf_attribution {
    mf_attribution_step steps[MF_MOST_ATTRIBUTION_STEPS];
    size_t n;
} mf_attribution;

/* From `published` to `consistent` (of MF_ENGINE_ANALYTIC, or _SYSTEMC), both of the same network
 * and assignment; `basis` is that of the published one, which is run again with other conventions.
 */
mf_status mf_attribute(const mf_pricer_basis *basis, const mf_network *network,
                       const mf_assignment *assignment, const mf_published_result *published,
                       const mf_report *consistent, mf_attribution *attribution, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
