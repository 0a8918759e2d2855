/* AdderNet: -|x - w|, both of one scale. Source: Chen et al., CVPR 2020. */
#include "models/arithmetic/arithmetic.h"
#include "models/random_codes.h"

static uint64_t product_bits(const mf_integer_format *format)
{
    uint64_t x = format->activation_bits, w = format->weight_bits;
    return (x > w ? x : w) + 1;
}

static int64_t product(const mf_integer_format *format, int64_t x, int32_t code)
{
    (void)format;
    return x < code ? x - code : code - x;
}

/* A difference means something between numbers of one scale only: 4.0 is where the bell ends whose
 * standard deviation is about that of normalised maps. */
static uint64_t draw(mf_random *random, const mf_integer_format *format,
                     uint64_t ifmap_fraction_bits, uint64_t n, int32_t *codes)
{
    mf_draw_bell(random, 4 * (int64_t)((uint64_t)1 << ifmap_fraction_bits), format->weight_bits, n,
                 codes);
    return ifmap_fraction_bits;
}

const mf_arithmetic_record mf_arithmetic_add = {.name = "add",
                                                .least_weight_bits = 2,
                                                .most_weight_bits = 32,
                                                .weights = mf_arithmetic_twos_complement,
                                                .product_bits = product_bits,
                                                .product = product,
                                                .draw = draw};
