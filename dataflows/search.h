/* Which of the nests that a dataflow admits (mf_dataflow_admits) and that fit is best for a layer
 * on a machine? None is better than the one found, but for rounding (a part in 10^10), whatever the
 * prices and rates, as long as they are not negative. So more buffer or more registers never make
 * the objective worse (what is balanced is relative: by the same least energy and least time).
 * Branches of the enumeration are left alone where a bound, or a nest no worse in everything,
 * proves that they hold nothing better: docs/DATAFLOWS.md has the proofs. Nothing is sampled, and
 * the search always ends. */
#ifndef MF_DATAFLOWS_SEARCH_H
#define MF_DATAFLOWS_SEARCH_H

#include "base/status.h"
#include "dataflows/cost.h"
#include "dataflows/dataflow.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mf_objective {
    MF_OBJECTIVE_ENERGY,
    MF_OBJECTIVE_LATENCY,
    MF_OBJECTIVE_EDP,      /* energy x latency */
    MF_OBJECTIVE_BALANCED, /* energy / least energy + latency / least latency */
    MF_N_OBJECTIVES
} mf_objective;

const char *mf_objective_name(int objective);

/* What the search went through. Array tiles are the inner part of nests. */
typedef struct mf_search_tally {
    uint64_t n_tried;        /* nests priced */
    uint64_t n_cut;          /* branches left alone: a bound says that none of theirs is better */
    uint64_t n_array_tiles;  /* array tiles looked at, which fit */
    uint64_t n_pruned;       /* of those, with a bound no better than the best nest */
    uint64_t n_rejected_pes; /* partial array tiles that take too many PEs */
    uint64_t n_rejected_registers; /* ... that overfill a PE's registers */
    uint64_t n_rejected_buffer;    /* nests, or partial ones, that overfill the buffer */
} mf_search_tally;

typedef struct mf_found {
    mf_mapping mapping;
    mf_counts counts;
    mf_cost cost;
    mf_search_tally tally;
} mf_found;

/* `bypass_buffer` of the mapping: which tensors the accelerator's buffer does not hold. Ties go to
 * the least energy, then the least time, then the order of enumeration. MF_NO_MAPPING, with what
 * was rejected, when nothing fits. */
mf_status mf_search(const mf_work *work, const mf_machine *machine, const mf_dataflow *dataflow,
                    const bool *bypass_buffer, mf_objective objective, mf_found *found,
                    mf_diag *diag);

/* The same nest, sooner: `like` are nests of the same work that were best on machines like this one. What
 * one of them costs here, where it is admitted and fits, says from the beginning which branches hold
 * nothing better; those as good but for rounding stay, so that ties go as ever. Of the tally, only what
 * was tried and cut differs. */
mf_status mf_search_like(const mf_work *work, const mf_machine *machine,
                         const mf_dataflow *dataflow, const bool *bypass_buffer,
                         mf_objective objective, const mf_mapping *like, size_t n_like,
                         mf_found *found, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
