/* What does a layer compute on integer codes? The reference that every functional engine must equal
 * bit for bit: plain loops, one product after the other.
 *
 * Codes. Activations and the weights of Mult and Add are two's complement. A Shift weight of 5 bits
 * is a sign (bit 4) and an exponent (bits 0 to 3): the weight is +-2^-exponent; in PS mode exponent
 * 15 is the weight zero. Shift products keep 15 fraction bits: x * 2^(15 - exponent), nothing lost.
 *
 * Sums. Each product is rounded to nearest (ties up) by `product_shift` bits before it is added, so
 * that the sum does not depend on its order. A sum that psum_bits cannot hold is an error. Padding
 * is the code 0: all add nothing there but Add, which adds -|0 - w|. Signs are -1 and 1, so that 0 is
 * padding alone. Sources: DeepShift and
 * AdderNet, as in the operators' JSON. */
#ifndef MF_MODELS_INTEGER_H
#define MF_MODELS_INTEGER_H

#include "models/operator.h"
#include "models/shape.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mf_arithmetic {
#define MF_ARITHMETIC(name, NAME) MF_ARITHMETIC_##NAME,
#include "models/arithmetic/arithmetics.def"
#undef MF_ARITHMETIC
    MF_N_ARITHMETICS
} mf_arithmetic;

enum {
    MF_SHIFT_EXPONENT_BITS = 4,
    MF_SHIFT_SIGN = 1 << MF_SHIFT_EXPONENT_BITS,
    MF_SHIFT_FRACTION_BITS = 15 /* of a product, and the largest exponent */
};

/* How the numbers of one layer are computed. */
typedef struct mf_integer_format {
    mf_arithmetic arithmetic;
    /* 2 to 32 (1 on signs), 2 to 32 (5 for Shift), 2 to 63 */
    uint64_t activation_bits, weight_bits, psum_bits;
    uint64_t product_shift;
    bool zero_code; /* Shift: exponent 15 means the weight zero (PS mode) */
} mf_integer_format;

/* The arithmetic that an operator names. MF_INVALID where there is none: it is priced but not
 * executed. */
mf_status mf_arithmetic_find(const char *name, mf_arithmetic *arithmetic, mf_diag *diag);

/* The format of a layer that runs on `op` with `widths`. MF_INVALID for floating point, too. */
mf_status mf_integer_format_of(const mf_operator *op, const mf_widths *widths,
                               mf_integer_format *format, mf_diag *diag);

/* What is wrong with the widths of its codes, after "operator NAME: "; MF_OK if nothing. */
mf_status mf_integer_check_format(const mf_integer_format *format, mf_diag *diag);

/* Does it compute on signs, -1 and 1? 0 is padding then, and no code. */
bool mf_integer_on_signs(const mf_integer_format *format);

/* The sign that a number's code is read as: 1 above 0, else -1, so that what ReLU lets through is one
 * sign and what it does not the other. */
int32_t mf_integer_sign(int32_t code);

/* The range of codes: activations (but 0 on signs), weights. */
void mf_integer_activations(const mf_integer_format *format, int64_t *least, int64_t *most);
void mf_integer_weights(const mf_integer_format *format, int64_t *least, int64_t *most);

/* Bits that hold the sum of so many products, and every part of it, for sure. */
uint64_t mf_integer_sum_bits(const mf_integer_format *format, uint64_t n_products);

/* What one position adds to the sum. */
int64_t mf_integer_product(const mf_integer_format *format, int32_t activation, int32_t weight);

/* All outputs: sums[N][M][E][F] of ifmap[N][C][H][W] and weights[M][C/G][R][S], all by the caller.
 * MF_INVALID for a code outside its range and MF_TOO_LARGE for a sum outside psum_bits, both with
 * the place; MF_TOO_LARGE, too, for widths with which a sum might not fit 64 bits. */
mf_status mf_integer_layer(const mf_shape *shape, const mf_integer_format *format,
                           const int32_t *ifmap, const int32_t *weights, int64_t *sums,
                           mf_diag *diag);

/* Its checks alone: of the codes, and of the sums. */
mf_status mf_integer_check(const mf_shape *shape, const mf_integer_format *format,
                           const int32_t *ifmap, const int32_t *weights, mf_diag *diag);
mf_status mf_integer_check_sums(const mf_shape *shape, const mf_integer_format *format,
                                const int64_t *sums, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
