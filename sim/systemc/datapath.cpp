// The loops that a simulated MAC position costs.
#include "sim/systemc/datapath.hpp"

#include <cstdlib>

namespace mulfree
{

namespace
{
int32_t itself(const mf_integer_format &, int32_t code)
{
    return code;
}

int32_t power_of_two(const mf_integer_format &format, int32_t code)
{
    int32_t exponent = code & (MF_SHIFT_SIGN - 1);
    if (format.zero_code && exponent == MF_SHIFT_FRACTION_BITS)
        return 0;
    int32_t power = 1 << (MF_SHIFT_FRACTION_BITS - exponent);
    return code & MF_SHIFT_SIGN ? -power : power;
}

// A sign and two bits of exponent.
int32_t never_zero(const mf_integer_format &, int32_t code)
{
    int32_t power = 1 << (code % 4);
    return code >= 4 ? -power : power;
}

// Two shifters: the exponents of the terms that the magnitude chooses, 7 where it chooses none, go
// into the scratchpad as what they come to.
int32_t two_powers(const mf_integer_format &format, int32_t code)
{
    constexpr unsigned none = 7;
    constexpr unsigned first[3][4] = {{none, 2, 1, 0}, {none, 3, 2, 0}, {none, 5, 3, 1}};
    constexpr unsigned second[3][4] = {
        {none, none, none, none}, {none, 1, none, none}, {none, 4, 2, 0}};
    unsigned bits = static_cast<unsigned>(format.weight_bits), word = static_cast<unsigned>(code),
             a = first[bits - 3][word % 4], b = second[bits - 3][word % (1u << (bits - 1)) / 4];
    int32_t sum = (a == none ? 0 : 1 << a) + (b == none ? 0 : 1 << b);
    return word >> (bits - 1) ? -sum : sum;
}

int32_t sign(const mf_integer_format &, int32_t code)
{
    return code ? -1 : 1;
}

// The datapath of each operator: what stands in the scratchpad, and what a PE does with it. `counts`:
// both are bits; an XNOR gate says whether they agree, and the psum counts up or down.
struct Row {
    mf_arithmetic arithmetic;
    bool subtracts, counts, skips_zero, has_signed_codes;
    int32_t (*decode)(const mf_integer_format &format, int32_t code);
};

constexpr Row rows[] = {{MF_ARITHMETIC_MULT, false, false, true, true, itself},
                        {MF_ARITHMETIC_SHIFT, false, false, true, false, power_of_two},
                        {MF_ARITHMETIC_ADD, true, false, false, true, itself},
                        {MF_ARITHMETIC_DENSESHIFT, false, false, true, false, never_zero},
                        {MF_ARITHMETIC_APOT, false, false, true, false, two_powers},
                        {MF_ARITHMETIC_BINARY, false, false, true, false, sign},
                        {MF_ARITHMETIC_XNOR, false, true, true, false, itself}};

constexpr bool in_order()
{
    for (int i = 0; i < MF_N_ARITHMETICS; i++)
        if (rows[i].arithmetic != i)
            return false;
    return true;
}

static_assert(sizeof rows / sizeof *rows == MF_N_ARITHMETICS && in_order(),
              "a row for each operator");
} // namespace

Datapath::Datapath(const mf_integer_format &format)
    : format_(format), half_(format.product_shift ? int64_t{1} << (format.product_shift - 1) : 0),
      least_(-(int64_t{1} << (format.psum_bits - 1))),
      most_((int64_t{1} << (format.psum_bits - 1)) - 1)
{
    const Row &row = rows[format.arithmetic];
    subtracts_ = row.subtracts;
    counts_ = row.counts;
    skips_zero_ = row.skips_zero;
    has_signed_codes_ = row.has_signed_codes;
    decode_ = row.decode;
}

// An XNOR gate, and a psum that counts up where it says yes.
void Datapath::count(int32_t x, const int32_t *weights, size_t n, int64_t *psums) const
{
    const int32_t minus = x < 0;
    const int64_t up = (1 + half_) >> format_.product_shift,
                  down = (-1 + half_) >> format_.product_shift;
    if (x == 0) // padding
        return;
    for (size_t i = 0; i < n; i++)
        psums[i] += minus ^ weights[i] ? down : up;
}

void Datapath::accumulate(int32_t x, const int32_t *weights, size_t n, int64_t *psums) const
{
    const int64_t half = half_;
    const int shift = static_cast<int>(format_.product_shift);
    if (counts_)
        count(x, weights, n, psums);
    else if (subtracts_)
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
