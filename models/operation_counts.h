/* How many parameters, multiplications, shifts and additions does a network variant take? The
 * paper's counting rules (ShiftAddAug, Table 3; docs/ENERGY_MODEL.md derives them): a MAC position
 * counts what its operator says, an output of an operator followed by batch norm and an output with
 * a bias count what operator and variant say; activations, pooling and residual sums count nothing.
 */
#ifndef MF_MODELS_OPERATION_COUNTS_H
#define MF_MODELS_OPERATION_COUNTS_H

#include "models/operator.h"

#ifdef __cplusplus
extern "C" {
#endif

/* For all images of the batch. `n_params` are weights, biases and batch-norm gamma and beta. */
typedef struct mf_operation_counts {
    uint64_t n_params;
    uint64_t n_macs;
    uint64_t n_events[MF_N_EVENTS];
} mf_operation_counts;

/* Add one layer that runs on `op` in variant `variant`. False when a count overflows. */
bool mf_operation_counts_add(mf_operation_counts *counts, const mf_layer *layer,
                             const mf_operator *op, const mf_operator *variant);

/* The whole network, with the operators from mf_operators_assign. */
mf_status mf_operation_counts_of(const mf_network *network, const mf_operators *operators,
                                 size_t variant, const size_t *op_of_layer,
                                 mf_operation_counts *counts, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
