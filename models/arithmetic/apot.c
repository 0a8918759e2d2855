/* Additive powers of two: +-(x * 2^a + x * 2^b), either term perhaps absent. A code is a sign above
 * a magnitude; of the magnitude, the low two bits choose the first term and the rest, if there is
 * any, the second. The smallest power is 1. Source: Li et al., ICLR 2020. */
#include "models/arithmetic/arithmetic.h"

enum { LEAST_BITS = 3, MOST_BITS = 5, ABSENT = -1 };

/* Exponents by bits of the code: what each choice of a term is. */
static const int first_term[][4] = {{ABSENT, 2, 1, 0}, {ABSENT, 3, 2, 0}, {ABSENT, 5, 3, 1}},
                 second_term[][4] = {{ABSENT}, {ABSENT, 1}, {ABSENT, 4, 2, 0}};

static void weights(const mf_integer_format *format, int64_t *least, int64_t *most)
{
    *least = 0;
    *most = ((int64_t)1 << format->weight_bits) - 1;
}

/* The largest weights are 4, 10 and 48; 4 times the least activation is one more than the greatest
 * of so many bits. */
static uint64_t product_bits(const mf_integer_format *format)
{
    static const uint64_t more[] = {3, 4, 6};
    return format->activation_bits + more[format->weight_bits - LEAST_BITS];
}

static int64_t term(int64_t x, int exponent)
{
    return exponent == ABSENT ? 0 : x * ((int64_t)1 << exponent);
}

static int64_t product(const mf_integer_format *format, int64_t x, int32_t code)
{
    uint64_t bits = format->weight_bits;
    int32_t sign = 1 << (bits - 1), magnitude = code & (sign - 1);
    int64_t sum = term(x, first_term[bits - LEAST_BITS][magnitude & 3]) +
                  term(x, second_term[bits - LEAST_BITS][magnitude >> 2]);
    return code & sign ? -sum : sum;
}

/* Every code as often as any other; weights of about -1 to 1. */
static uint64_t draw(mf_random *random, const mf_integer_format *format,
                     uint64_t ifmap_fraction_bits, uint64_t n, int32_t *codes)
{
    static const uint64_t fraction_bits[] = {2, 3, 6};
    uint64_t most = ((uint64_t)1 << format->weight_bits) - 1;
    (void)ifmap_fraction_bits;
    for (uint64_t i = 0; i < n; i++)
        codes[i] = (int32_t)mf_random_between(random, 0, most);
    return fraction_bits[format->weight_bits - LEAST_BITS];
}

const mf_arithmetic_record mf_arithmetic_apot = {.name = "apot",
                                                 .least_weight_bits = LEAST_BITS,
                                                 .most_weight_bits = MOST_BITS,
                                                 .weights = weights,
                                                 .product_bits = product_bits,
                                                 .product = product,
                                                 .draw = draw};
