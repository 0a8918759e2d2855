/* Binary weights on signs: 1 where the two signs agree, -1 where they do not. An activation is -1 or
 * 1; padding, a 0, agrees with nothing and contradicts nothing. A weight is its sign as of binary, 1
 * for minus; the scale of each filter goes into its requantiser. Source: Rastegari et al., XNOR-Net,
 * ECCV 2016. */
#include "models/arithmetic/arithmetic.h"

static uint64_t product_bits(const mf_integer_format *format)
{
    (void)format;
    return 2;
}

const mf_arithmetic_record mf_arithmetic_xnor = {.name = "xnor",
                                                 .least_weight_bits = 1,
                                                 .most_weight_bits = 1,
                                                 .on_signs = true,
                                                 .weights = mf_arithmetic_sign_weights,
                                                 .product_bits = product_bits,
                                                 .product = mf_arithmetic_signed,
                                                 .draw = mf_arithmetic_draw_signs};
