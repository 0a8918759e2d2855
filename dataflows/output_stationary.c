/* Output-stationary: each PE keeps the psum of one output until it is finished; output rows over PE
 * rows, columns (or filters) over PE columns, operands streamed past. */
#include "dataflows/dataflow.h"

const mf_dataflow mf_dataflow_output_stationary = {
    .name = "output-stationary",
    .about =
        "an output in each PE, output rows over PE rows, output columns or filters over columns",
    .on_columns = MF_BIT(MF_F) | MF_BIT(MF_M) | MF_BIT(MF_G),
    .on_rows = MF_BIT(MF_E) | MF_BIT(MF_M) | MF_BIT(MF_G),
    .buffer_order = {MF_G, MF_M, MF_N, MF_E, MF_F, MF_C, MF_R, MF_S},
    .bypass_register = {[MF_IFMAP] = true, [MF_WEIGHT] = true},
};
