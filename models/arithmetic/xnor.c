/* Binary weights on signs: 1 where the two signs agree, -1 where they do not. An activation is -1 or
 * 1; padding, a 0, agrees with nothing and contradicts nothing. A weight is its sign as of binary, 1
 * for minus; the scale of each filter goes into its requantiser. Source: Rastegari et al., XNOR-Net,
 * ECCV 2016. */
#include "models/arithmetic/arithmetic.h"

static void weights(const mf_integer_format *format, int64_t *least, int64_t *most)
{
    (void)format;
    *least = 0;
    *most = 1;
}

static uint64_t product_bits(const mf_integer_format *format)
{
    (void)format;
    return 2;
}

static int64_t product(const mf_integer_format *format, int64_t x, int32_t code)
{
    bool minus = code != 0;
    (void)format;
    if (x == 0)
        return 0;
    return (x < 0) == minus ? 1 : -1;
}

static uint64_t draw(mf_random *random, const mf_integer_format *format,
                     uint64_t ifmap_fraction_bits, uint64_t n, int32_t *codes)
{
    (void)format, (void)ifmap_fraction_bits;
    for (uint64_t i = 0; i < n; i++)
        codes[i] = (int32_t)mf_random_between(random, 0, 1);
    return 0;
}

const mf_arithmetic_record mf_arithmetic_xnor = {.name = "xnor",
                                                 .least_weight_bits = 1,
                                                 .most_weight_bits = 1,
                                                 .on_signs = true,
                                                 .weights = weights,
                                                 .product_bits = product_bits,
                                                 .product = product,
                                                 .draw = draw};
