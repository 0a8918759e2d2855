/* How does a sum become the next layer's activation? Integers all the way: per output channel a
 * multiplication, an addition and a rounding shift (batch norm and bias are in these numbers), a
 * clamp to the width of activations, then the activation function on the code, as a table would
 * have it.
 *
 *   code = activation(clamp(round((psum * multiplier + addend) / 2^shift)))      ties round up
 *
 * Codes are fixed point with `fraction_bits`: 6.0, where ReLU6 and the hard curves bend, is
 * 6 * 2^fraction_bits. Sources: hard swish and hard sigmoid as in MobileNetV3 (Howard et al.,
 * 2019). */
#ifndef MF_MODELS_REQUANTISE_H
#define MF_MODELS_REQUANTISE_H

#include "models/network.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { MF_MAX_REQUANTISE_SHIFT = 62 };

/* The arrays are [M], owned by whoever fills them in. */
typedef struct mf_requantiser {
    const int32_t *multiplier;
    const int64_t *addend;
    uint64_t shift;           /* 0 to MF_MAX_REQUANTISE_SHIFT */
    uint64_t activation_bits; /* 2 to 32 */
    uint64_t fraction_bits;   /* less than activation_bits */
    mf_activation activation;
} mf_requantiser;

/* The code that follows from a sum of output channel `channel`. */
int32_t mf_requantise(const mf_requantiser *requantiser, uint64_t channel, int64_t psum);

/* An activation function on a code with `fraction_bits`; the result has as many. */
int64_t mf_activate(mf_activation activation, uint64_t fraction_bits, int64_t code);

/* The nearest whole number of value / 2^bits, ties up. */
int64_t mf_round_shift(int64_t value, uint64_t bits);

#ifdef __cplusplus
}
#endif

#endif
