// The loops that a simulated MAC position costs.
#include "sim/systemc/datapath.hpp"

#include <cstdlib>

namespace mulfree
{

Datapath::Datapath(const mf_integer_format &format)
    : format_(format), half_(format.product_shift ? int64_t{1} << (format.product_shift - 1) : 0),
      least_(-(int64_t{1} << (format.psum_bits - 1))),
      most_((int64_t{1} << (format.psum_bits - 1)) - 1)
{
}

int32_t Datapath::decode(int32_t code) const
{
    if (format_.arithmetic != MF_ARITHMETIC_SHIFT)
        return code;
    int32_t exponent = code & (MF_SHIFT_SIGN - 1);
    if (format_.zero_code && exponent == MF_SHIFT_FRACTION_BITS)
        return 0;
    int32_t power = 1 << (MF_SHIFT_FRACTION_BITS - exponent);
    return code & MF_SHIFT_SIGN ? -power : power;
}

void Datapath::accumulate(int32_t x, const int32_t *weights, size_t n, int64_t *psums) const
{
    const int64_t half = half_;
    const int shift = static_cast<int>(format_.product_shift);
    if (format_.arithmetic == MF_ARITHMETIC_ADD)
        for (size_t i = 0; i < n; i++)
            psums[i] += (half - std::llabs(int64_t{x} - weights[i])) >> shift;
    else
        for (size_t i = 0; i < n; i++)
            psums[i] += (int64_t{x} * weights[i] + half) >> shift;
}

size_t Datapath::first_overflow(const int64_t *psums, size_t n) const
{
    bool fits = true;
    for (size_t i = 0; i < n; i++)
        fits &= psums[i] >= least_ && psums[i] <= most_;
    if (fits)
        return n;
    for (size_t i = 0; i < n; i++)
        if (psums[i] < least_ || psums[i] > most_)
            return i;
    return n;
}

} // namespace mulfree
