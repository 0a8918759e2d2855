// What weight codes mean, in real numbers and powers: a third formulation, held against the
// reference, the quick way and the datapath. A row for each arithmetic, in the order of
// models/arithmetic/arithmetics.def.
#ifndef MF_TESTS_CODES_H
#define MF_TESTS_CODES_H

#include "models/integer.h"

#include <cmath>
#include <cstdint>
#include <vector>

namespace codes
{
struct Row {
    mf_arithmetic arithmetic;
    std::vector<uint64_t> weight_bits; // widths that tests try
    double (*value)(const mf_integer_format &f, int32_t code);
    double per_sum_unit; // how many units of a sum's last bit a product of 1 has
    bool is_distance;    // -|x - w|, not x * w
    bool on_signs;       // activations are -1 and 1
    // Of made-up weights; -1: those of the ifmap.
    int (*drawn_fraction_bits)(int weight_bits);
};

inline double itself(const mf_integer_format &, int32_t code)
{
    return code;
}

inline double signed_power(const mf_integer_format &f, int32_t code)
{
    int exponent = code % 16;
    if (f.zero_code && exponent == 15)
        return 0;
    return (code >= 16 ? -1 : 1) * std::pow(2.0, -exponent);
}

inline double dense_shift(const mf_integer_format &, int32_t code)
{
    const double values[] = {1, 2, 4, 8, -1, -2, -4, -8};
    return values[code];
}

// Li et al., section 2.2: the sets of the terms, in units of their smallest power.
inline double apot(const mf_integer_format &f, int32_t code)
{
    const double p0[3][4] = {{0, 4, 2, 1}, {0, 8, 4, 1}, {0, 32, 8, 2}};
    const double p1[3][4] = {{0, 0, 0, 0}, {0, 2, 0, 0}, {0, 16, 4, 1}};
    const uint64_t bits = f.weight_bits,
                   magnitude = static_cast<uint64_t>(code) % (1u << (bits - 1));
    double sum = p0[bits - 3][magnitude % 4] + p1[bits - 3][magnitude / 4];
    return static_cast<uint64_t>(code) == magnitude ? sum : -sum;
}

inline double plus_or_minus(const mf_integer_format &, int32_t code)
{
    return std::pow(-1.0, code);
}

inline const std::vector<Row> &rows()
{
    static const std::vector<Row> all = {
        {MF_ARITHMETIC_MULT,
         {2, 6, 8, 17},
         itself,
         1,
         false,
         false,
         [](int bits) { return bits - 1; }},
        {MF_ARITHMETIC_SHIFT, {5}, signed_power, 32768, false, false, [](int) { return 15; }},
        {MF_ARITHMETIC_ADD, {2, 6, 8, 17}, itself, 1, true, false, [](int) { return -1; }},
        {MF_ARITHMETIC_DENSESHIFT, {3}, dense_shift, 1, false, false, [](int) { return 3; }},
        {MF_ARITHMETIC_APOT,
         {3, 4, 5},
         apot,
         1,
         false,
         false,
         [](int bits) { return bits == 3   ? 2
                               : bits == 4 ? 3
                                           : 6; }},
        {MF_ARITHMETIC_BINARY, {1}, plus_or_minus, 1, false, false, [](int) { return 0; }},
        {MF_ARITHMETIC_XNOR, {1}, plus_or_minus, 1, false, true, [](int) { return 0; }},
    };
    static const bool complete = [] {
        for (size_t i = 0; i < MF_N_ARITHMETICS; i++)
            if (i >= all.size() || all[i].arithmetic != static_cast<mf_arithmetic>(i))
                throw "tests/support/codes.h: a row for each arithmetic, in order";
        return true;
    }();
    (void)complete;
    return all;
}

// The activations that an arithmetic takes where a test has numbers of `bits` bits: how wide they are,
// and what becomes of a number. Signs are drawn with their ends, so that 0 is padding alone.
inline uint64_t activation_bits(mf_arithmetic arithmetic, uint64_t bits)
{
    return rows().at(arithmetic).on_signs ? 1 : bits;
}

inline int32_t activation(mf_arithmetic arithmetic, int32_t number)
{
    return !rows().at(arithmetic).on_signs ? number : number > 0 ? 1 : -1;
}

// A product in real numbers, in units of the sum's last bit, rounded as the format says.
inline double product(const mf_integer_format &f, int32_t x, int32_t w)
{
    const Row &row = rows().at(f.arithmetic);
    double value = row.value(f, w);
    value = (row.is_distance ? -std::fabs(x - value) : x * value) * row.per_sum_unit;
    return std::floor(value / std::pow(2.0, static_cast<double>(f.product_shift)) + 0.5);
}
} // namespace codes

#endif
