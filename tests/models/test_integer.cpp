// Do integer layers compute what real arithmetic on the decoded numbers says, and are codes and
// sums out of range found where they are?
#include "base/random.h"
#include "models/integer_quick.h"
#include "tests/support/codes.h"
#include "tests/support/operators.h"

#include <cmath>
#include <vector>

namespace
{
mf_integer_format format(mf_arithmetic a, uint64_t x, uint64_t w, uint64_t psum, uint64_t shift = 0,
                         bool zero = false)
{
    return {a, codes::activation_bits(a, x), w, psum, shift, zero};
}

mf_shape shape(uint64_t n, uint64_t m, uint64_t c, uint64_t g, uint64_t h, uint64_t r,
               uint64_t stride, uint64_t pad)
{
    mf_shape s = {};
    s.n = n, s.m = m, s.c = c, s.g = g, s.h = s.w = h, s.r = s.s = r, s.stride = stride;
    s.pad_rows = s.pad_columns = pad;
    s.e = s.f = mf_shape_windows(h, r, stride, pad, false);
    return s;
}

// The code whose product with the least activation is largest.
int32_t worst_weight(const mf_integer_format &f)
{
    int64_t least, most, x, unused;
    mf_integer_weights(&f, &least, &most);
    mf_integer_activations(&f, &x, &unused);
    auto size = [&](int64_t w) {
        return std::fabs(codes::product(f, static_cast<int32_t>(x), static_cast<int32_t>(w)));
    };
    int64_t worst = least;
    for (int64_t w = least; w <= most; w++)
        worst = size(w) > size(worst) ? w : worst;
    return static_cast<int32_t>(worst);
}
} // namespace

TEST(Integer, ProductsAreThoseOfTheNumbersTheCodesMean)
{
    for (const codes::Row &row : codes::rows())
        for (uint64_t bits : row.weight_bits)
            for (uint64_t shift : {0, 1, 3, 7})
                for (bool zero : {false, true}) {
                    if (bits > 8)
                        continue;
                    mf_integer_format f = format(row.arithmetic, 6, bits, 32, shift, zero);
                    int64_t x0, x1, w0, w1;
                    mf_integer_activations(&f, &x0, &x1);
                    mf_integer_weights(&f, &w0, &w1);
                    EXPECT_EQ(w1 - w0, (int64_t{1} << bits) - 1);
                    for (int64_t x = x0; x <= x1; x++)
                        for (int64_t w = w0; w <= w1; w++)
                            ASSERT_EQ(
                                static_cast<double>(mf_integer_product(&f, static_cast<int32_t>(x),
                                                                       static_cast<int32_t>(w))),
                                codes::product(f, static_cast<int32_t>(x), static_cast<int32_t>(w)))
                                << row.arithmetic << " " << x << " " << w << " shift " << shift;
                }
}

// Every layer kind against a sum over a padded copy in real numbers, outputs taken in another
// order.
TEST(Integer, LayersSumTheirProducts)
{
    mf_random random = mf_random_seed(5);
    const mf_shape shapes[] = {shape(2, 3, 4, 1, 7, 3, 1, 1), shape(1, 4, 4, 4, 6, 3, 2, 1),
                               shape(1, 6, 4, 2, 5, 1, 2, 0), shape(1, 2, 3, 1, 13, 11, 4, 2),
                               shape(3, 10, 16, 1, 1, 1, 1, 0)};
    for (const mf_shape &s : shapes)
        for (const codes::Row &codes_row : codes::rows()) {
            mf_arithmetic a = codes_row.arithmetic;
            mf_integer_format f = format(a, 8, codes_row.weight_bits.back(), 40, 2);
            int64_t least, most;
            mf_integer_weights(&f, &least, &most);
            std::vector<int32_t> x(mf_shape_ifmap(&s)), w(mf_shape_weights(&s));
            for (int32_t &v : x)
                v = codes::activation(a, static_cast<int32_t>(mf_random_between(&random, 0, 255)) -
                                             128);
            for (int32_t &v : w)
                v = static_cast<int32_t>(static_cast<int64_t>(mf_random_between(
                                             &random, 0, static_cast<uint64_t>(most - least))) +
                                         least);
            std::vector<int64_t> sums(mf_shape_ofmap(&s));
            EXPECT_OK(mf_integer_layer(&s, &f, x.data(), w.data(), sums.data(), D));
            const uint64_t hp = s.h + 2 * s.pad_rows, per = s.c / s.g;
            std::vector<int32_t> padded(s.n * s.c * hp * hp);
            for (uint64_t p = 0; p < s.n * s.c; p++)
                for (uint64_t i = 0; i < s.h; i++)
                    for (uint64_t k = 0; k < s.w; k++)
                        padded[(p * hp + i + s.pad_rows) * hp + k + s.pad_columns] =
                            x[(p * s.h + i) * s.w + k];
            for (uint64_t i = sums.size(); i-- > 0;) {
                uint64_t column = i % s.f, row = i / s.f % s.e, m = i / (s.f * s.e) % s.m,
                         n = i / (s.f * s.e * s.m), group = m / (s.m / s.g);
                double sum = 0;
                for (uint64_t k = per * s.r * s.s; k-- > 0;) {
                    uint64_t c = k / (s.r * s.s), r = k / s.s % s.r, q = k % s.s;
                    sum += codes::product(
                        f,
                        padded[((n * s.c + group * per + c) * hp + row * s.stride + r) * hp +
                               column * s.stride + q],
                        w[m * per * s.r * s.s + k]);
                }
                ASSERT_EQ(static_cast<double>(sums[i]), sum) << i << " arithmetic " << a;
            }
        }
}

// 9 products of 127 * 127 = 145161 need 19 bits with sign: 18 are one too few.
TEST(Integer, FindsSumsThatDoNotFit)
{
    mf_shape s = shape(1, 2, 1, 1, 4, 3, 1, 0);
    std::vector<int32_t> x(16, 0), w(18, 127);
    std::fill(w.begin(), w.begin() + 9, 0);
    for (uint64_t i : {5, 6, 7, 9, 10, 11, 13, 14, 15})
        x[i] = 127;
    std::vector<int64_t> sums(8);
    mf_integer_format f = format(MF_ARITHMETIC_MULT, 8, 8, 19);
    EXPECT_OK(mf_integer_layer(&s, &f, x.data(), w.data(), sums.data(), D));
    EXPECT_EQ(sums[7], 145161);
    f.psum_bits = 18;
    EXPECT_FAILS(MF_TOO_LARGE, "channel 1, row 1, column 1 is 145161",
                 mf_integer_layer(&s, &f, x.data(), w.data(), sums.data(), D));
}

TEST(Integer, FindsCodesOutOfRange)
{
    mf_shape s = shape(1, 1, 1, 1, 2, 1, 1, 0);
    std::vector<int32_t> x = {0, 0, 128, 0}, w = {3};
    int64_t sums[4];
    mf_integer_format f = format(MF_ARITHMETIC_MULT, 8, 8, 32);
    EXPECT_FAILS(MF_INVALID, "ifmap code 2 is 128",
                 mf_integer_layer(&s, &f, x.data(), w.data(), sums, D));
    x[2] = -128;
    EXPECT_OK(mf_integer_layer(&s, &f, x.data(), w.data(), sums, D));
    f = format(MF_ARITHMETIC_XNOR, 1, 1, 32);
    w[0] = 1;
    EXPECT_FAILS(MF_INVALID, "ifmap code 0 is 0, expected -1 or 1",
                 mf_integer_layer(&s, &f, (x = {0, 1, 1, -1}).data(), w.data(), sums, D));
    EXPECT_FAILS(MF_INVALID, "ifmap code 1 is 2, expected -1 to 1",
                 mf_integer_layer(&s, &f, (x = {1, 2, 1, -1}).data(), w.data(), sums, D));
    f = format(MF_ARITHMETIC_SHIFT, 8, 5, 32);
    x = {0, 0, -128, 0};
    w[0] = 32;
    EXPECT_FAILS(MF_INVALID, "weight code 0 is 32, expected 0 to 31",
                 mf_integer_layer(&s, &f, x.data(), w.data(), sums, D));
}

// The default product_shift of an operator is the smallest with which the worst case fits, or one
// more bit.
TEST(Integer, TheWidthsOfOperatorsHoldTheWorstCase)
{
    mf_operators *operators = load_all_operators();
    for (const std::string &name : executed_operators()) {
        size_t index;
        EXPECT_OK(mf_operators_find(operators, name.c_str(), &index, D));
        const mf_operator *op = mf_operators_at(operators, index);
        for (uint64_t n : {1, 9, 100, 1152})
            for (uint64_t psum : {16, 24, 32}) {
                mf_widths widths;
                mf_integer_format f;
                EXPECT_OK(mf_operator_widths(op, {8, false}, psum, n, &widths, D));
                EXPECT_OK(mf_integer_format_of(op, &widths, &f, D));
                mf_shape s = shape(1, 1, n, 1, 1, 1, 1, 0);
                std::vector<int32_t> x(n, codes::activation(f.arithmetic, -128)),
                    w(n, worst_weight(f));
                int64_t sum;
                EXPECT_OK(mf_integer_layer(&s, &f, x.data(), w.data(), &sum, D));
                if (f.product_shift > 1) {
                    f.product_shift -= 2;
                    EXPECT_FAILS(MF_TOO_LARGE, "bits",
                                 mf_integer_layer(&s, &f, x.data(), w.data(), &sum, D));
                }
            }
    }
    mf_operators_destroy(operators);
}

// The quick layer is the plain one, bit for bit, errors included.
TEST(Integer, QuickIsThePlainOne)
{
    mf_random random = mf_random_seed(21);
    auto between = [&](uint64_t low, uint64_t high) {
        return mf_random_between(&random, low, high);
    };
    int n_failed = 0, n_narrow = 0;
    for (int tried = 0; tried < 600; tried++) {
        auto a = static_cast<mf_arithmetic>(between(0, MF_N_ARITHMETICS - 1));
        mf_shape s = {};
        uint64_t kind = between(0, 2);
        s.g = kind == 0 ? 1 : between(1, 5);
        s.c = s.g * (kind == 2 ? 1 : between(1, 9)), s.m = s.g * (kind == 2 ? 1 : between(1, 11));
        s.n = between(1, 3), s.h = between(1, 12), s.w = between(1, 12);
        s.r = between(1, 5), s.s = between(1, 5), s.stride = between(1, 3);
        s.pad_rows = between(0, s.r), s.pad_columns = between(0, s.s);
        s.e = mf_shape_windows(s.h, s.r, s.stride, s.pad_rows, false);
        s.f = mf_shape_windows(s.w, s.s, s.stride, s.pad_columns, false);
        if (!s.e || !s.f)
            continue;
        const std::vector<uint64_t> &widths = codes::rows()[a].weight_bits;
        uint64_t least_bits = widths.front(), most_bits = widths.back();
        mf_integer_format f = format(a, between(2, 17), between(least_bits, most_bits),
                                     between(8, 40), between(0, 20), between(0, 1) != 0);
        int64_t least, most;
        mf_integer_activations(&f, &least, &most);
        std::vector<int32_t> x(mf_shape_ifmap(&s)), w(mf_shape_weights(&s));
        bool extreme = between(0, 3) == 0; // only the ends of the range
        auto code = [&] {
            if (extreme)
                return static_cast<int32_t>(between(0, 1) ? least : most);
            return static_cast<int32_t>(
                least + static_cast<int64_t>(between(0, static_cast<uint64_t>(most - least))));
        };
        for (int32_t &v : x)
            v = codes::activation(a, code());
        mf_integer_weights(&f, &least, &most);
        for (int32_t &v : w)
            v = code();
        std::vector<int64_t> plain(mf_shape_ofmap(&s)), quick(mf_shape_ofmap(&s));
        mf_diag first = {}, second = {};
        mf_status expected = mf_integer_layer(&s, &f, x.data(), w.data(), plain.data(), &first),
                  found = mf_integer_layer_quick(&s, &f, x.data(), w.data(), quick.data(), &second);
        ASSERT_EQ(found, expected) << first.message << "; " << second.message;
        EXPECT_STREQ(first.message, second.message);
        EXPECT_EQ(plain, quick) << "case " << tried;
        n_failed += expected != MF_OK;
        n_narrow += f.activation_bits + f.weight_bits <= 32;
    }
    EXPECT_GT(n_failed, 20);
    EXPECT_GT(n_narrow, 300);
}

// What a padded position sees is neither sign: it adds nothing, whatever the weight.
TEST(Integer, PaddingOfSignsCountsForNothing)
{
    mf_shape s = shape(1, 2, 3, 1, 2, 3, 1, 1);
    mf_integer_format f = format(MF_ARITHMETIC_XNOR, 1, 1, 16);
    std::vector<int32_t> x(12, 1), w(54, 0);
    std::fill(w.begin() + 27, w.end(), 1);
    std::vector<int64_t> sums(8);
    EXPECT_OK(mf_integer_layer(&s, &f, x.data(), w.data(), sums.data(), D));
    // Every window sees all of the 2 x 2 map in 3 channels, and 5 padded positions in each.
    EXPECT_EQ(sums, (std::vector<int64_t>{12, 12, 12, 12, -12, -12, -12, -12}));
}

TEST(Integer, SignsAreOfWhatReluLetsThrough)
{
    EXPECT_EQ(mf_integer_sign(1), 1);
    EXPECT_EQ(mf_integer_sign(0), -1);
    EXPECT_EQ(mf_integer_sign(-3), -1);
}

TEST(Integer, ExecutesOnlyWhatItCan)
{
    mf_arithmetic a;
    EXPECT_OK(mf_arithmetic_find("shift", &a, D));
    EXPECT_EQ(a, MF_ARITHMETIC_SHIFT);
    EXPECT_FAILS(MF_INVALID, "no arithmetic", mf_arithmetic_find("divide", &a, D));
}
