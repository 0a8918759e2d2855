/* How does an exact result become a code? What the layers of the vector unit share: one rounding to
 * the scale of the output (to nearest, ties up), a clamp to the width of activations, the
 * activation function, and a clamp again. */
#ifndef MF_MODELS_KINDS_ROUNDING_H
#define MF_MODELS_KINDS_ROUNDING_H

#include "models/layer_data.h"

/* A window's sum at the finest scale takes up to 120 bits. */
typedef __int128 mf_wide;

static inline mf_wide mf_wide_unit(uint64_t bits)
{
    return (mf_wide)1 << bits;
}

/* The output code of value / divisor, where value is exact with `fraction_bits`. */
int32_t mf_round_to_output(const mf_layer_data *data, uint64_t fraction_bits, mf_wide value,
                           uint64_t divisor);

#endif
