/* No local reuse: PEs have no register files; input channels over PE rows, filters over columns,
 * everything comes from the buffer for every step, and only the sum under way stays in the array.
 */
#include "dataflows/dataflow.h"

const mf_dataflow mf_dataflow_no_local_reuse = {
    .name = "no-local-reuse",
    .about = "no register files: channels over PE rows, filters over columns, all from the buffer",
    .on_columns = MF_BIT(MF_M) | MF_BIT(MF_G),
    .on_rows = MF_BIT(MF_C) | MF_BIT(MF_G),
    .buffer_order = {MF_G, MF_M, MF_N, MF_E, MF_F, MF_C, MF_R, MF_S},
    .bypass_register = {true, true, true},
};
