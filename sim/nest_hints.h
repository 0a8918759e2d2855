/* Which nests were best for a layer on machines before? What is best on one is good on the next, and says
 * from the beginning of its search which branches hold nothing better (mf_search_like). Hints change no
 * result, only how long it takes. */
#ifndef MF_SIM_NEST_HINTS_H
#define MF_SIM_NEST_HINTS_H

#include "dataflows/search.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { MF_MOST_HINTS = 4 /* of one work: the latest that differ */ };

/* Not thread-safe: one per thread. Destroy accepts NULL. */
typedef struct mf_nest_hints mf_nest_hints;
mf_status mf_nest_hints_create(mf_nest_hints **hints, mf_diag *diag);
void mf_nest_hints_destroy(mf_nest_hints *hints);

/* The nests known for a work and dataflow, the latest last; none where `hints` is NULL. */
size_t mf_nest_hints_of(const mf_nest_hints *hints, const mf_work *work,
                        const mf_dataflow *dataflow, const mf_mapping **like);

/* Remember one. Where memory is out, or enough works are known, nothing is remembered. */
void mf_nest_hints_keep(mf_nest_hints *hints, const mf_work *work, const mf_dataflow *dataflow,
                        const mf_mapping *mapping);

#ifdef __cplusplus
}
#endif

#endif
