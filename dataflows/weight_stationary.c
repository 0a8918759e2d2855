/* Weight-stationary: each PE keeps one weight while every output that needs it goes by; input
 * channels (and kernel positions) over PE rows, filters over columns, psums summed down the
 * columns. */
#include "dataflows/dataflow.h"

const mf_dataflow mf_dataflow_weight_stationary = {
    .name = "weight-stationary",
    .about = "a weight in each PE, reductions down the PE rows, filters over columns",
    .on_columns = MF_BIT(MF_M) | MF_BIT(MF_G),
    .on_rows = MF_BIT(MF_C) | MF_BIT(MF_R) | MF_BIT(MF_S) | MF_BIT(MF_G),
    .buffer_order = {MF_G, MF_M, MF_C, MF_R, MF_S, MF_N, MF_E, MF_F},
    .bypass_register = {[MF_IFMAP] = true, [MF_PSUM] = true},
};
