/* Binary weights: x or -x. A code of one bit is the sign, 1 for minus; the scale of each filter
 * goes into its requantiser. Source: Rastegari et al., ECCV 2016. */
#include "models/arithmetic/arithmetic.h"

static uint64_t product_bits(const mf_integer_format *format)
{
    return format->activation_bits + 1; /* minus the least is one more than the greatest */
}

const mf_arithmetic_record mf_arithmetic_binary = {.name = "binary",
                                                   .least_weight_bits = 1,
                                                   .most_weight_bits = 1,
                                                   .weights = mf_arithmetic_sign_weights,
                                                   .product_bits = product_bits,
                                                   .product = mf_arithmetic_signed,
                                                   .draw = mf_arithmetic_draw_signs};
