/* On which operator, at which widths and with which zeros does each layer of a network run? What an
 * engine is told of a network beside the network itself. */
#ifndef MF_SIM_ASSIGNMENT_H
#define MF_SIM_ASSIGNMENT_H

#include "base/arena.h"
#include "models/operator.h"
#include "sim/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Everything is borrowed. */
typedef struct mf_assignment {
    size_t variant; /* the operator that the variant is named after; layers without weights have its
                       activations */
    const size_t *op_of_layer;    /* [n_weight_layers], from mf_operators_assign */
    const mf_bits *bits_of_layer; /* [n_weight_layers], before those of the options where not zero;
                                     NULL for none */
    const mf_zeros *zeros;        /* [n_weight_layers]; NULL: unknown */
} mf_assignment;

/* A variant by name, with the layers that `rules` give to other operators; op_of_layer lives in
 * `arena`. */
mf_status mf_assign(const mf_operators *operators, const mf_network *network, const char *variant,
                    const mf_op_rule *rules, size_t n_rules, mf_arena *arena,
                    mf_assignment *assignment, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
