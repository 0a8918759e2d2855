/* What is a network? A list of layers in execution order; each knows its shape, where its inputs
 * come from, and the part of the description it was made from. Loaded from `zoo/<name>.json`
 * (docs/NETWORKS.md describes the format); shape inference fills what the description leaves open.
 */
#ifndef MF_MODELS_NETWORK_H
#define MF_MODELS_NETWORK_H

#include "base/arena.h"
#include "base/json.h"
#include "base/status.h"
#include "models/shape.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mf_layer_kind {
#define MF_LAYER_KIND(name, NAME) MF_LAYER_##NAME,
#include "models/kinds/kinds.def"
#undef MF_LAYER_KIND
    MF_N_LAYER_KINDS
} mf_layer_kind;

typedef enum mf_activation {
#define MF_ACTIVATION(NAME, name) MF_ACTIVATION_##NAME,
#include "models/activations.def"
#undef MF_ACTIVATION
    MF_N_ACTIVATIONS
} mf_activation;

/* The input of the network itself, as a layer's `input`; what nobody makes, of a layer that stands
 * alone; and as many inputs as a layer may have. */
enum { MF_NETWORK_INPUT = -1, MF_NO_INPUT = -2, MF_MOST_INPUTS = 32 };

/* One layer. Strings are owned by the network. */
typedef struct mf_layer {
    const char *name; /* "<role>_<number>" for layers with weights, unique in the network */
    const char
        *role;      /* stem, depthwise, pw_expand, se_reduce, fc, ...; a kind name if none given */
    const char *id; /* block and role, "stage2.block1.pw_expand": as name it is unique, but it does
                       not change when a part repeats more often; NULL where a file has no parts */
    const char *place; /* the id without the role; NULL for none */
    mf_layer_kind kind;
    mf_shape shape;
    int number; /* position among the layers with weights, from 0; -1 without weights */
    int part;   /* which element of "parts" made it, from 0 */
    size_t n_inputs;
    const int *input;               /* [n_inputs]: layer indices, MF_NETWORK_INPUT, MF_NO_INPUT */
    const uint64_t *input_channels; /* [n_inputs], as the layer reads them: a fully connected one
                                       has its whole input as channels */
    bool bias, norm; /* has one bias per output channel; is followed by batch normalisation */
    bool maximum;    /* a pool takes the maximum, not the average */
    mf_activation activation;
    const char *op; /* operator pinned by the description, or NULL */
    /* Widths of numbers that exist already (a trace); 0: of whatever it is run with. */
    uint64_t activation_bits, weight_bits, product_shift, ofmap_bits, written_bits;
    const char *arithmetic; /* what computes them (models/arithmetic/); NULL: what it is run with */
} mf_layer;

/* A loaded network, owned by its creator, read-only. */
typedef struct mf_network {
    const char *name, *about, *source;
    uint64_t batch;
    uint64_t
        classes; /* it ends in so many numbers per image; 0: layers alone, they end in any map */
    uint64_t input_channels, input_rows, input_columns;
    double width_multiplier;
    mf_layer *layers;
    size_t n_layers;
    size_t n_weight_layers;
    const mf_layer **weight_layers; /* [n_weight_layers], from mf_network_finish */
    mf_arena *arena;
} mf_network;

/* Accepts NULL. */
void mf_network_destroy(mf_network *network);

/* The deepest networks that were published have about a thousand layers; a description of a few
 * bytes can ask for any number. MF_TOO_LARGE above the limit, which whoever reads layers checks. */
enum { MF_MOST_LAYERS = 8192 };
mf_status mf_network_check_size(size_t n_layers, mf_diag *diag);

/* The name of a kind, whether it has weights, the name of an activation. */
const char *mf_layer_kind_name(mf_layer_kind kind);
bool mf_layer_has_weights(const mf_layer *layer);

/* Are both of one block? Layers of a block follow one another: with which does the block of layer `i`
 * begin, and does it end with that layer? One without a place is alone. */
bool mf_layer_is_beside(const mf_layer *layer, const mf_layer *other);
size_t mf_network_block_begin(const mf_network *network, size_t i);
bool mf_network_ends_block(const mf_network *network, size_t i);

const char *mf_activation_name(mf_activation activation);

/* The n-th layer with weights; NULL behind the last. */
const mf_layer *mf_network_weight_layer(const mf_network *network, size_t number);

/* For who makes networks: what a layer reads, copied into `arena`. */
mf_status mf_layer_set_inputs(mf_arena *arena, mf_layer *layer, size_t n, const int *input,
                              const uint64_t *channels, mf_diag *diag);

/* For who makes networks: their layers are there, and stay where they are. */
mf_status mf_network_finish(mf_network *network, mf_diag *diag);

/* Words that a layer reads of its input `k`, from 0: a whole map, or the factors of a scaling. */
uint64_t mf_layer_input_words(const mf_layer *layer, size_t k);

/* Does an input before `k` read the same map? */
bool mf_layer_reads_again(const mf_layer *layer, size_t k);

/* Trainable numbers of one layer: weights, biases, and batch normalisation's gamma and beta. */
uint64_t mf_layer_params(const mf_layer *layer);

/* True when every map the layer touches is 1 x 1 (the predictor treats such layers like FC). */
bool mf_layer_is_pointlike(const mf_layer *layer);

#ifdef __cplusplus
}
#endif

#endif
