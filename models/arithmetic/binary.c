/* Binary weights: x or -x. A code of one bit is the sign, 1 for minus; the scale of each filter
 * goes into its requantiser. Source: Rastegari et al., ECCV 2016. */
#include "models/arithmetic/arithmetic.h"

static void weights(const mf_integer_format *format, int64_t *least, int64_t *most)
{
    (void)format;
    *least = 0;
    *most = 1;
}

static uint64_t product_bits(const mf_integer_format *format)
{
    return format->activation_bits + 1; /* minus the least is one more than the greatest */
}

static int64_t product(const mf_integer_format *format, int64_t x, int32_t code)
{
    (void)format;
    return code ? -x : x;
}

static uint64_t draw(mf_random *random, const mf_integer_format *format,
                     uint64_t ifmap_fraction_bits, uint64_t n, int32_t *codes)
{
    (void)format, (void)ifmap_fraction_bits;
    for (uint64_t i = 0; i < n; i++)
        codes[i] = (int32_t)mf_random_between(random, 0, 1);
    return 0;
}

const mf_arithmetic_record mf_arithmetic_binary = {.name = "binary",
                                                   .least_weight_bits = 1,
                                                   .most_weight_bits = 1,
                                                   .weights = weights,
                                                   .product_bits = product_bits,
                                                   .product = product,
                                                   .draw = draw};
