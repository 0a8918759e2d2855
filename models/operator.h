/* What does one position of a convolution do, and which layers does an operator variant replace?
 * Operators are data: `operators/<name>.json` says what a MAC position, a bias and a normalised
 * output cost in operations, how wide the operands are, and which layers of a network a variant
 * leaves to another operator ("keeps"). */
#ifndef MF_MODELS_OPERATOR_H
#define MF_MODELS_OPERATOR_H

#include "base/json.h"
#include "base/status.h"
#include "models/event.h"
#include "models/fact.h"
#include "models/network.h"
#include "models/recipe.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "Layers that `selector` names run on operator `op`." See mf_layer_is_selected. */
typedef struct mf_op_rule {
    const char *selector, *op;
} mf_op_rule;

/* How wide the operands of an operation of a MAC position are. Where an event's operations differ,
 * the file has a list with a word for each. */
typedef enum mf_event_width {
    MF_WIDTH_OPERANDS,   /* activation by weight */
    MF_WIDTH_ACTIVATION, /* activation by activation */
    MF_WIDTH_PSUM,       /* psum by psum */
    MF_N_EVENT_WIDTHS
} mf_event_width;

/* One operator, and at the same time the network variant named after it. */
typedef struct mf_operator {
    const char *name, *about, *source;
    const char *arithmetic; /* what it computes (models/arithmetic/, train/operators/); its name,
                               where the file does not say: several operators may compute alike */
    uint64_t per_mac[MF_N_EVENTS];         /* of a layer that runs on this operator */
    uint64_t per_norm_output[MF_N_EVENTS]; /* of such a layer, per output followed by batch norm */
    uint64_t
        per_bias_output[MF_N_EVENTS]; /* of any layer of this variant, per output with a bias */
    uint64_t weight_bits, activation_bits; /* activations of one bit are signs (models/readers.h) */
    bool floating; /* at these widths numbers are floating point; never where activations are not 32
                      or 16 bits */
    uint64_t product_weight_bits, product_extra_bits;  /* a product has activation_bits + this many
                                                          times weight_bits + so many more */
    uint64_t of_width[MF_N_EVENTS][MF_N_EVENT_WIDTHS]; /* of the operations of per_mac */
    uint64_t initiation_interval_cycles; /* between two positions in a PE; 0 where the file does not
                                            say, and then the operator is priced and not executed */
    uint64_t pipeline_cycles;            /* from operands to psum */
    mf_fact datapath;                    /* where these two come from */
    bool gates_zero; /* a zero activation contributes nothing: the datapath can stand still */
    const mf_op_rule *keeps;
    size_t n_keeps;
    uint64_t kept_bits; /* integer activations of a variant's layers that run on other operators,
                           unless the user asks for something else; 0: those operators' own. Of an
                           operator on signs, too, the numbers that its layers write; never 0 there */
    mf_recipe *recipes; /* how it wants to be trained */
    size_t n_recipes;
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

/* The numbers a layer is computed with. */
typedef struct mf_widths {
    uint64_t activation_bits, weight_bits, psum_bits;
    bool floating;
    uint64_t exact_bits;    /* a psum of this many bits would lose nothing */
    uint64_t product_shift; /* low bits that each product gives up so that the sum fits; 0: none */
    uint64_t ofmap_bits;    /* of its outputs: activation_bits, but those of an operator on signs */
    uint64_t written_bits;  /* what an output takes in memory: ofmap_bits, unless signs are written
                               (models/readers.h) */
} mf_widths;

/* What the user asks for instead of the operator's own widths; all zero for those. */
typedef struct mf_bits {
    uint64_t
        activation_bits; /* also of weights, where the operator's are as wide as its activations;
                            of an operator on signs, what it writes */
    bool floating;       /* where the operator can be */
} mf_bits;

/* Does it compute on the signs of its input? Then activations have one bit whatever is asked for, which
 * is the width of the numbers that it writes. */
bool mf_operator_on_signs(const mf_operator *op);

/* What is asked of a layer that runs on `op` in a network of this variant. */
mf_bits mf_operator_bits(const mf_operator *variant, const mf_operator *op, mf_bits asked);

/* "16" is 16-bit integers, "fp32" and "fp16" floating point. MF_USAGE for anything else. */
mf_status mf_bits_parse(const char *text, mf_bits *bits, mf_diag *diag);

/* The widths of a layer whose outputs sum `n_products` products, in an accelerator whose integer
 * psums have `psum_bits`. Floating-point psums are as wide as activations. MF_INVALID, with the
 * width needed, when a psum cannot even hold two bits of each product. */
mf_status mf_operator_widths(const mf_operator *op, mf_bits bits, uint64_t psum_bits,
                             uint64_t n_products, mf_widths *widths, mf_diag *diag);

/* True when `selector` names the layer: its name (pw_expand_3), its id
 * (stage2.block1.pw_expand), its number among the layers with
 * weights (3), its role (pw_expand), its kind (conv, depthwise, fc), or the part of the description
 * that made it (parts[2]). */
bool mf_layer_is_selected(const mf_layer *layer, const char *selector);

/* Which layers with weights do selectors name, into `selected[n_weight_layers]`? MF_UNKNOWN_NAME for
 * one that names none. */
mf_status mf_layers_select(const mf_network *network, const char *const *selectors, size_t n,
                           bool *selected, mf_diag *diag);

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
