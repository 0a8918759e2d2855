/* Multiplication: x * w. */
#include "models/arithmetic/arithmetic.h"
#include "models/random_codes.h"

static uint64_t product_bits(const mf_integer_format *format)
{
    return format->activation_bits + format->weight_bits;
}

static int64_t product(const mf_integer_format *format, int64_t x, int32_t code)
{
    (void)format;
    return x * code;
}

/* Bell-shaped over half of the range. */
static uint64_t draw(mf_random *random, const mf_integer_format *format,
                     uint64_t ifmap_fraction_bits, uint64_t n, int32_t *codes)
{
    uint64_t bits = format->weight_bits;
    (void)ifmap_fraction_bits;
    mf_draw_bell(random, (int64_t)((uint64_t)1 << bits) / 4, bits, n, codes);
    return bits - 1;
}

const mf_arithmetic_record mf_arithmetic_mult = {.name = "mult",
                                                 .least_weight_bits = 2,
                                                 .most_weight_bits = 32,
                                                 .weights = mf_arithmetic_twos_complement,
                                                 .product_bits = product_bits,
                                                 .product = product,
                                                 .draw = draw};
