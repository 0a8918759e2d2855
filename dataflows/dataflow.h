/* What is a dataflow? A rule for which loops may run where. mf_dataflow_admits says whether a nest
 * follows it; the search (search.h) finds the best nest that does; reuse.h counts any nest and
 * needs to know nothing of dataflows. */
#ifndef MF_DATAFLOWS_DATAFLOW_H
#define MF_DATAFLOWS_DATAFLOW_H

#include "dataflows/mapping.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sets are of dimensions (MF_BIT). A dimension that is in none of them is a loop over array steps.
 */
typedef struct mf_dataflow {
    const char *name, *about;
    unsigned in_register;         /* may take several steps within a PE */
    unsigned on_columns, on_rows; /* may be spread over PE columns, rows */
    unsigned whole_on_rows;       /* is spread over PE rows, as far as they go */
    uint8_t
        buffer_order[MF_N_DIMENSIONS]; /* of the loops over array steps, outermost first: groups,
                                          then each family of loops (search.h) together */
    bool any_order_for_points; /* the order is free where there is only one output position */
    bool bypass_register[MF_N_TENSORS];
} mf_dataflow;

#define MF_DATAFLOW(name) extern const mf_dataflow mf_dataflow_##name;
#include "dataflows/dataflows.def"
#undef MF_DATAFLOW

/* All of them, ending in NULL. */
extern const mf_dataflow *const mf_dataflows[];

/* By name. MF_UNKNOWN_NAME with the nearest one. */
mf_status mf_dataflow_find(const char *name, const mf_dataflow **dataflow, mf_diag *diag);

/* Does the dataflow admit a nest? The rules, in this order:
 *
 *   1. It is a nest (mf_mapping_check_nest).
 *   2. Each tile is a whole number of the tiles inside it, or the whole dimension: remainders lie
 * at the end of a dimension only, so that an array step is a full one everywhere else.
 *   3. Within a PE only dimensions of `in_register` take more than one step.
 *   4. Over PE columns go only those of `on_columns`, over rows those of `on_rows`; those of
 *      `whole_on_rows` take as many PE rows as they have steps or the array has rows.
 *   5. The buffer holds whole kernel windows: DRAM loops do not cut R or S.
 *   6. Loops over array steps that take more than one step are in `buffer_order`, or in any order
 *      where `any_order_for_points` applies.
 *   7. Tensors that bypass the registers are the dataflow's, those that bypass the buffer the
 *      accelerator's (`bypass_buffer`).
 *
 * Whether it fits is another question (mf_mapping_check_capacity); of `capacity` only the PE rows
 * matter here. MF_INVALID with the rule that is broken, by which dimension and tiles. */
mf_status mf_dataflow_admits(const mf_dataflow *dataflow, const mf_work *work,
                             const mf_capacity *capacity, const bool *bypass_buffer,
                             const mf_mapping *mapping, mf_diag *diag);

/* Is the order of the loops over array steps free? */
bool mf_dataflow_orders_freely(const mf_dataflow *dataflow, const mf_work *work);

#ifdef __cplusplus
}
#endif

#endif
