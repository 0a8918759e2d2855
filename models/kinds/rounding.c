/* Nothing here is fast on purpose: it is what fast code is held against. */
#include "models/kinds/rounding.h"

static int64_t clamp(mf_wide value, uint64_t bits)
{
    mf_wide most = mf_wide_unit(bits - 1) - 1;
    return (int64_t)(value < -most - 1 ? -most - 1 : value > most ? most : value);
}

int32_t mf_round_to_output(const mf_layer_data *d, uint64_t from, mf_wide value, uint64_t divisor)
{
    uint64_t to = d->ofmap_fraction_bits, bits = d->format.activation_bits;
    mf_wide whole = divisor;
    if (to > from)
        value *= mf_wide_unit(to - from);
    else
        whole *= mf_wide_unit(from - to);
    /* floor(value / whole + 1 / 2); the division itself rounds toward zero. */
    value = 2 * value + whole;
    whole *= 2;
    mf_wide quotient = value / whole;
    if (quotient * whole > value)
        quotient--;
    int64_t code = clamp(quotient, bits);
    return (int32_t)clamp(mf_activate(d->activation, to, code), bits);
}
