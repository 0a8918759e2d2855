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
    double per_sum_unit;     // how many units of a sum's last bit a product of 1 has
    bool is_distance;        // -|x - w|, not x * w
    int drawn_fraction_bits; // of made-up weights of 16 bits, or of its only width; -1: the ifmap's
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

inline const std::vector<Row> &rows()
{
    static const std::vector<Row> all = {
        {MF_ARITHMETIC_MULT, {2, 6, 8, 17}, itself, 1, false, 15},
        {MF_ARITHMETIC_SHIFT, {5}, signed_power, 32768, false, 15},
        {MF_ARITHMETIC_ADD, {2, 6, 8, 17}, itself, 1, true, -1},
        {MF_ARITHMETIC_DENSESHIFT, {3}, dense_shift, 1, false, 3},
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
