/* Which of a dataflow's nests is best for a layer on a machine? All of them are considered: array
 * tiles are listed, each with a bound that no nest around it can beat, and completed from the best
 * bound up until the next bound is no better than the best nest found. Tile sizes that only waste
 * (the same number of steps with more PEs or registers) are left out. Nothing is sampled, and the
 * search always ends. */
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
    uint64_t n_tried;              /* nests counted and priced */
    uint64_t n_cut;                /* nests passed over by the bound of their innermost loop */
    uint64_t n_array_tiles;        /* array tiles that fit */
    uint64_t n_pruned;             /* of those, with a bound no better than the best nest */
    uint64_t n_rejected_pes;       /* partial array tiles that take too many PEs */
    uint64_t n_rejected_registers; /* ... that overfill a PE's registers */
    uint64_t n_rejected_buffer;    /* nests that overfill the buffer */
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

#ifdef __cplusplus
}
#endif

#endif
