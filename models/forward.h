/* What does a network compute on integer codes? Runs a whole network, layer by layer in execution
 * order, on numbers from a source, and hands those of each layer to a callback. One source makes
 * numbers up from a seed: test data for everything that executes layers. Nothing is trained there,
 * but no layer drowns in zeros or saturates:
 *
 *   maps     bell-shaped around 0. A map of B bits has max(B - 5, 0) fraction bits: it reaches from
 *            -16.0 to 16.0, with 6.0, where ReLU6 and the hard curves bend, well inside
 *   weights  mult: bell-shaped over half of their range; weight_bits - 1 fraction bits
 *            add: bell-shaped up to 4.0, with the fraction bits of the layer's ifmap
 *            shift: random signs, exponents 0 to 15, most in the middle; 15 fraction bits
 *   psums    models/integer.h. Fraction bits: those of ifmap and weights together (add: of the
 *            ifmap alone), less product_shift
 *   ofmap    models/requantise.h. The requantiser plays batch normalisation: per output channel,
 *            mean and standard deviation of its own N*E*F psums become 0.0 and 1.0 before the
 *            activation. Where that are fewer than 8, those of all channels together do. ReLU
 *            leaves about half of all outputs zero; with add, whose psums share much of their size
 *            with the other channels', a single layer may be far from that
 *
 * and models/vector.h for layers without weights. The same seed gives the same numbers on every
 * machine. Each layer draws from streams of its own: its weights depend on the seed, its position
 * in the network and its format, and on no other layer. */
#ifndef MF_MODELS_FORWARD_H
#define MF_MODELS_FORWARD_H

#include "models/layer_data.h"
#include "models/operator.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Takes the numbers of network->layers[layer_index]; all pointers are valid until it returns. What
 * it returns other than MF_OK ends the run and is its result. */
typedef mf_status mf_forward_sink(void *user, size_t layer_index, const mf_layer_data *data,
                                  mf_diag *diag);

typedef struct mf_forward_options {
    uint64_t seed;
    const mf_widths *widths;  /* [n_weight_layers]: integers, 2 to 32 bits (psums up to 63) */
    uint64_t activation_bits; /* of layers without weights, 2 to 32 */
    bool zero_code;           /* of Shift: exponent 15 means the weight zero */
} mf_forward_options;

/* The network's input, where that of a layer is a number from 0. */
enum { MF_FORWARD_NETWORK = -1 };

/* Where numbers come from. Every function fills in what the caller allocated. */
typedef struct mf_forward_source {
    void *user;
    /* `n` codes of `bits` bits, NCHW: the network's input, or one of a layer that no layer makes. */
    mf_status (*input)(void *user, size_t layer_index, int which, uint64_t bits, uint64_t n,
                       int32_t *codes, uint64_t *fraction_bits, mf_diag *diag);
    /* Weights of a layer whose format and input are in `data`. */
    mf_status (*weights)(void *user, size_t layer_index, const mf_layer_data *data, int32_t *codes,
                         uint64_t *fraction_bits, mf_diag *diag);
    /* Of a layer whose psums are in `data`, too. */
    mf_status (*requantiser)(void *user, size_t layer_index, const mf_layer_data *data,
                             int32_t *multiplier, int64_t *addend, uint64_t *shift, mf_diag *diag);
    /* Of a layer's output. */
    uint64_t (*fraction_bits)(void *user, size_t layer_index, uint64_t activation_bits);
} mf_forward_source;

/* Fraction bits of a map whose codes have `activation_bits`. */
uint64_t mf_forward_fraction_bits(uint64_t activation_bits);

/* Run all layers; the operator of each layer with weights is in op_of_layer[n_weight_layers].
 *
 * A layer reads what the network says it reads; a fully connected one reads a map as [N][C*H*W].
 * Some maps change on their way, and the changed copy is what the layer's data holds:
 *
 *   wider than the reader's activations   rounded to the reader's fraction bits, and clamped (a
 *                                         narrower map is read as it is, with its fraction bits)
 *   read by an operator on signs          1 where a number is above 0, else -1, whatever its width;
 *                                         no fraction bits
 *   second map of a residual sum that is  subsampled, and channels of zeros put around it, half of
 *   larger and has fewer channels         them in front ("shortcut": "pad", as DeepShift does it)
 *
 * Where there is no such map, or one with another number of elements (the layers of a SCALE-Sim
 * topology are only shapes), the source makes input for the layer.
 *
 * Only maps that a later layer still reads are kept. Failures of a layer start with "layer NAME: ";
 * MF_TOO_LARGE is a sum that psum_bits cannot hold, MF_INVALID an operator or a width that cannot
 * be executed. */
mf_status mf_forward_run(const mf_network *network, const mf_operators *operators,
                         const size_t *op_of_layer, const mf_forward_options *options,
                         const mf_forward_source *source, mf_forward_sink *sink, void *user,
                         mf_diag *diag);

/* The same on made-up numbers. */
mf_status mf_forward_random(const mf_network *network, const mf_operators *operators,
                            const size_t *op_of_layer, const mf_forward_options *options,
                            mf_forward_sink *sink, void *user, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
