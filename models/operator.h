/* What does one position of a convolution do, and which layers does an operator variant replace?
 * Operators are data: `operators/<name>.json` says what a MAC position, a bias and a normalised
 * output cost in operations, how wide the operands are, and which layers of a network a variant
 * leaves to another operator ("keeps"). */
#ifndef MF_MODELS_OPERATOR_H
#define MF_MODELS_OPERATOR_H

#include "base/json.h"
#include "base/status.h"
#include "models/network.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mf_event {
#define MF_EVENT(NAME, name, text) MF_EVENT_##NAME,
#include "models/events.def"
#undef MF_EVENT
    MF_N_EVENTS
} mf_event;

/* "Layers that `selector` names run on operator `op`." See mf_layer_is_selected. */
typedef struct mf_op_rule {
    const char *selector, *op;
} mf_op_rule;

/* One operator, and at the same time the network variant named after it. */
typedef struct mf_operator {
    const char *name, *about, *source;
    uint64_t per_mac[MF_N_EVENTS];         /* of a layer that runs on this operator */
    uint64_t per_norm_output[MF_N_EVENTS]; /* of such a layer, per output followed by batch norm */
    uint64_t
        per_bias_output[MF_N_EVENTS]; /* of any layer of this variant, per output with a bias */
    uint64_t weight_bits, activation_bits;
    const mf_op_rule *keeps;
    size_t n_keeps;
} mf_operator;

/* All operators, sorted by name; owned by the creator, read-only. */
typedef struct mf_operators mf_operators;

mf_status mf_operators_load(const char *const *paths, size_t n_paths, mf_operators **operators,
                            mf_diag *diag);
void mf_operators_destroy(mf_operators *operators);

size_t mf_operators_count(const mf_operators *operators);
const mf_operator *mf_operators_at(const mf_operators *operators, size_t index);

/* The index of an operator by name, with a hint in `diag` where there is none. */
mf_status mf_operators_find(const mf_operators *operators, const char *name, size_t *index,
                            mf_diag *diag);

const char *mf_event_name(mf_event event);

/* True when `selector` names the layer: its name (pw_expand_3), its number among the layers with
 * weights (3), its role (pw_expand), its kind (conv, depthwise, fc), or the part of the description
 * that made it (parts[2]). */
bool mf_layer_is_selected(const mf_layer *layer, const char *selector);

/* The operator index of each layer with weights, into `op_of_layer[n_weight_layers]`. What is named
 * later wins: the variant's own operator, what it keeps, what the description pins, then `rules`. A
 * rule that selects no layer is an error. */
mf_status mf_operators_assign(const mf_operators *operators, const mf_network *network,
                              size_t variant, const mf_op_rule *rules, size_t n_rules,
                              size_t *op_of_layer, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
