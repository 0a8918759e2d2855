/* DenseShift: +-x * 2^S. A code of 3 bits is a sign (bit 2) and an exponent S from 0 to 3; there is
 * no weight of zero. Source: Li et al., ICCV 2023. */
#include "models/arithmetic/arithmetic.h"

enum { SIGN = 4, MOST_EXPONENT = 3 };

static void weights(const mf_integer_format *format, int64_t *least, int64_t *most)
{
    (void)format;
    *least = 0;
    *most = 2 * SIGN - 1;
}

static uint64_t product_bits(const mf_integer_format *format)
{
    /* the least activation times -8 is one more than the greatest */
    return format->activation_bits + MOST_EXPONENT + 1;
}

static int64_t product(const mf_integer_format *format, int64_t x, int32_t code)
{
    (void)format;
    int64_t shifted = x * ((int64_t)1 << (code & MOST_EXPONENT));
    return code & SIGN ? -shifted : shifted;
}

/* Every code as often as any other; weights of -1 to 1. */
static uint64_t draw(mf_random *random, const mf_integer_format *format,
                     uint64_t ifmap_fraction_bits, uint64_t n, int32_t *codes)
{
    (void)format, (void)ifmap_fraction_bits;
    for (uint64_t i = 0; i < n; i++)
        codes[i] = (int32_t)mf_random_between(random, 0, 2 * SIGN - 1);
    return MOST_EXPONENT;
}

const mf_arithmetic_record mf_arithmetic_denseshift = {.name = "denseshift",
                                                       .least_weight_bits = 3,
                                                       .most_weight_bits = 3,
                                                       .weights = weights,
                                                       .product_bits = product_bits,
                                                       .product = product,
                                                       .draw = draw};
