/* What are the numbers of one layer? Its description together with the codes that go in, the
 * weights, and what has to come out. This is what a trace holds per layer, what a random network
 * makes up, and what the functional engine runs and is checked against.
 *
 * Maps are NCHW codes; a code stands for code / 2^fraction_bits. Layers with weights compute sums
 * (models/integer.h) and requantise them (models/requantise.h); layers without weights (pooling,
 * residual sums, scaling) go from codes to codes (models/vector.h). */
#ifndef MF_MODELS_LAYER_DATA_H
#define MF_MODELS_LAYER_DATA_H

#include "models/integer.h"
#include "models/requantise.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a layer reads: a map, [N][channels][H][W], or the factors of a scaling, [N][channels]. */
typedef struct mf_layer_input {
    const int32_t *codes;
    uint64_t channels, fraction_bits;
} mf_layer_input;

/* Without weights: `op`, `weights`, `psums`, `multiplier` and `addend` are NULL, and of `format`
 * only activation_bits counts. All pointers belong to whoever filled the struct. */
typedef struct mf_layer_data {
    const char *name, *op;
    mf_layer_kind kind;
    mf_shape shape;
    bool maximum; /* a pool takes the maximum, not the average */
    mf_integer_format format;
    uint64_t ifmap_fraction_bits, weight_fraction_bits, ofmap_fraction_bits;
    uint64_t requantise_shift;
    uint64_t ofmap_bits;   /* of its outputs; 0: activation_bits */
    uint64_t written_bits; /* what an output takes in memory (models/readers.h); 0: ofmap_bits */
    mf_activation activation;
    const int32_t *ifmap; /* [N][C][H][W] */
    size_t n_others;      /* inputs beside it */
    mf_layer_input others[MF_MOST_INPUTS - 1];
    const int32_t *weights;    /* [M][C/G][R][S] */
    const int32_t *multiplier; /* [M] */
    const int64_t *addend;     /* [M] */
    const int64_t *psums;      /* [N][M][E][F], expected */
    const int32_t *ofmap;      /* [N][M][E][F], expected */
} mf_layer_data;

/* Is it one with weights? */
static inline bool mf_layer_data_has_weights(const mf_layer_data *data)
{
    return data->weights != NULL;
}

/* Any of the 1 + n_others inputs, the first one included. */
static inline mf_layer_input mf_layer_data_input(const mf_layer_data *data, size_t k)
{
    if (k > 0)
        return data->others[k - 1];
    return (mf_layer_input){data->ifmap, data->shape.c, data->ifmap_fraction_bits};
}

/* The width of its outputs' codes, and what an output takes in memory. */
static inline uint64_t mf_layer_data_ofmap_bits(const mf_layer_data *data)
{
    return data->ofmap_bits ? data->ofmap_bits : data->format.activation_bits;
}

static inline uint64_t mf_layer_data_written_bits(const mf_layer_data *data)
{
    return data->written_bits ? data->written_bits : mf_layer_data_ofmap_bits(data);
}

/* The requantiser of a layer with weights. */
static inline mf_requantiser mf_layer_data_requantiser(const mf_layer_data *data)
{
    mf_requantiser requantiser = {.multiplier = data->multiplier,
                                  .addend = data->addend,
                                  .shift = data->requantise_shift,
                                  .activation_bits = mf_layer_data_ofmap_bits(data),
                                  .fraction_bits = data->ofmap_fraction_bits,
                                  .activation = data->activation};
    return requantiser;
}

#ifdef __cplusplus
}
#endif

#endif
