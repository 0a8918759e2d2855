/* What is a dataflow? A rule for which loops may run where. The search (search.h) enumerates the
 * nests that follow it; reuse.h counts any nest and needs to know nothing of dataflows. */
#ifndef MF_DATAFLOWS_DATAFLOW_H
#define MF_DATAFLOWS_DATAFLOW_H

#include "dataflows/mapping.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sets are of dimensions (MF_BIT). A dimension that is in none of the first four sets is a loop
 * over array steps. */
typedef struct mf_dataflow {
    const char *name, *about;
    unsigned in_register;                  /* may take several steps within a PE */
    unsigned whole_in_register;            /* does, and all of them, if they fit */
    unsigned on_columns, on_rows;          /* may be spread over PE columns, rows */
    unsigned whole_on_rows;                /* is spread over PE rows, all of it if it fits */
    uint8_t buffer_order[MF_N_DIMENSIONS]; /* of the loops over array steps, outermost first */
    bool any_order_for_points; /* the order is free where there is only one output position */
    unsigned whole_in_buffer;  /* not tiled by DRAM loops, if it fits */
    bool bypass_register[MF_N_TENSORS];
} mf_dataflow;

#define MF_DATAFLOW(name) extern const mf_dataflow mf_dataflow_##name;
#include "dataflows/dataflows.def"
#undef MF_DATAFLOW

/* All of them, ending in NULL. */
extern const mf_dataflow *const mf_dataflows[];

/* By name. MF_UNKNOWN_NAME with the nearest one. */
mf_status mf_dataflow_find(const char *name, const mf_dataflow **dataflow, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
