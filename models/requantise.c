/* Rounding, clamping and the curves. */
#include "models/requantise.h"

/* psum * multiplier takes up to 95 bits. */
typedef __int128 wide;

static wide round_down(wide value, wide divisor)
{
    wide quotient = value / divisor;
    return value % divisor < 0 ? quotient - 1 : quotient;
}

static int64_t clamp(wide value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : (int64_t)value;
}

/* The nearest whole number of value / 2^bits, ties up; >> rounds down (GCC and Clang say so). */
static wide round_shift(wide value, uint64_t bits)
{
    wide half = bits ? (wide)1 << (bits - 1) : 0;
    return (value + half) >> bits;
}

int64_t mf_round_shift(int64_t value, uint64_t bits)
{
    return (int64_t)round_shift(value, bits);
}

int64_t mf_activate(mf_activation activation, uint64_t fraction_bits, int64_t code)
{
    int64_t six = 6 * ((int64_t)1 << fraction_bits);
    int64_t gate = clamp((wide)code + six / 2, 0, six); /* 6 times the hard sigmoid */
    switch (activation) {
    case MF_ACTIVATION_RELU:
        return code < 0 ? 0 : code;
    case MF_ACTIVATION_RELU6:
        return clamp(code, 0, six);
    case MF_ACTIVATION_H_SWISH:
        return (int64_t)round_down((wide)2 * code * gate + six, (wide)2 * six);
    case MF_ACTIVATION_HARD_SIGMOID:
        return (int64_t)round_down((wide)2 * gate + 6, 12);
    default:
        return code;
    }
}

int32_t mf_requantise(const mf_requantiser *r, uint64_t channel, int64_t psum)
{
    int64_t most = (int64_t)(((uint64_t)1 << (r->activation_bits - 1)) - 1);
    wide product = (wide)psum * r->multiplier[channel] + r->addend[channel];
    int64_t code = clamp(round_shift(product, r->shift), -most - 1, most);
    return (int32_t)clamp(mf_activate(r->activation, r->fraction_bits, code), -most - 1, most);
}
