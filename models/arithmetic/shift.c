/* DeepShift: +-x * 2^P. A code of 5 bits is a sign and an exponent from 0 to 15, -P; products keep
 * 15 fraction bits, so that no bit is lost. Source: Elhoushi et al., CVPRW 2021. */
#include "models/arithmetic/arithmetic.h"

static void weights(const mf_integer_format *format, int64_t *least, int64_t *most)
{
    (void)format;
    *least = 0;
    *most = 2 * MF_SHIFT_SIGN - 1;
}

static uint64_t product_bits(const mf_integer_format *format)
{
    /* -2^15 * -1 is one more than the greatest */
    return format->activation_bits + MF_SHIFT_FRACTION_BITS + 1;
}

static int64_t product(const mf_integer_format *format, int64_t x, int32_t code)
{
    int exponent = code & (MF_SHIFT_SIGN - 1);
    if (format->zero_code && exponent == MF_SHIFT_FRACTION_BITS)
        return 0;
    int64_t shifted = x * ((int64_t)1 << (MF_SHIFT_FRACTION_BITS - exponent));
    return code & MF_SHIFT_SIGN ? -shifted : shifted;
}

/* Random signs, exponents 0 to 15, most in the middle. */
static uint64_t draw(mf_random *random, const mf_integer_format *format,
                     uint64_t ifmap_fraction_bits, uint64_t n, int32_t *codes)
{
    (void)format, (void)ifmap_fraction_bits;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t exponent = 0;
        for (int k = 0; k < 3; k++)
            exponent += mf_random_between(random, 0, MF_SHIFT_FRACTION_BITS / 3);
        uint64_t sign = mf_random_between(random, 0, 1) * MF_SHIFT_SIGN;
        codes[i] = (int32_t)(sign + exponent);
    }
    return MF_SHIFT_FRACTION_BITS;
}

const mf_arithmetic_record mf_arithmetic_shift = {.name = "shift",
                                                  .least_weight_bits = MF_SHIFT_EXPONENT_BITS + 1,
                                                  .most_weight_bits = MF_SHIFT_EXPONENT_BITS + 1,
                                                  .has_zero_code = true,
                                                  .weights = weights,
                                                  .product_bits = product_bits,
                                                  .product = product,
                                                  .draw = draw};
