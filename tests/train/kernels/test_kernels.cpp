// Do the kernels compute what their header says? Every build that runs here, against slow loops in
// double precision that know nothing of tiles, panels or threads.
#include "base/random.h"
#include "base/team.h"
#include "train/kernels/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace
{
using Doubles = std::vector<double>;

constexpr double epsilon = 1.0 / (1 << 24); // half a unit in the last place of a float

// Exactly as many floats as asked for, so that the sanitizer sees the first read too far.
struct Floats {
    explicit Floats(size_t count, float value = 0) : n(count), data(new float[count])
    {
        std::fill(data.get(), data.get() + n, value);
    }
    Floats &operator=(const Floats &other)
    {
        std::copy(other.data.get(), other.data.get() + n, data.get());
        return *this;
    }
    Floats(const Floats &other) : n(other.n), data(new float[other.n])
    {
        std::copy(other.data.get(), other.data.get() + n, data.get());
    }
    operator float *()
    {
        return data.get();
    }
    operator const float *() const
    {
        return data.get();
    }
    float operator[](size_t i) const
    {
        return data[i];
    }
    float &operator[](size_t i)
    {
        return data[i];
    }
    bool operator==(const Floats &other) const
    {
        return n == other.n && !std::memcmp(data.get(), other.data.get(), n * sizeof(float));
    }
    size_t n;
    std::unique_ptr<float[]> data;
};

Floats random_floats(size_t n, mf_random *random, double low = -1, double high = 1)
{
    Floats x(n);
    for (size_t i = 0; i < n; i++)
        x[i] = float(low + (high - low) * mf_random_real(random));
    return x;
}

// Workspace of exactly the promised size, at an odd address, between canaries.
struct Workspace {
    Workspace(const mf_shape &shape, int n_threads)
        : size(mf_kernels_scratch(&shape, n_threads)), all(size + 2 * guard + 1, canary)
    {
    }
    operator float *()
    {
        return all + guard + 1;
    }
    void expect_untouched() const
    {
        for (size_t i = 0; i < guard; i++) {
            ASSERT_EQ(all[1 + i], canary) << "before the scratch";
            ASSERT_EQ(all[all.n - 1 - i], canary) << "behind the scratch";
        }
    }
    static constexpr size_t guard = 64;
    static constexpr float canary = 12345.625f;
    size_t size;
    Floats all;
};

mf_shape shape_of(uint64_t n, uint64_t h, uint64_t w, uint64_t c, uint64_t m, uint64_t g,
                  uint64_t r, uint64_t s, uint64_t stride, uint64_t pad_rows, uint64_t pad_columns)
{
    mf_shape shape = {};
    shape.n = n, shape.m = m, shape.c = c, shape.g = g, shape.h = h, shape.w = w, shape.r = r;
    shape.s = s, shape.stride = stride, shape.pad_rows = pad_rows, shape.pad_columns = pad_columns;
    shape.e = mf_shape_windows(h, r, stride, pad_rows, false);
    shape.f = mf_shape_windows(w, s, stride, pad_columns, false);
    return shape;
}

std::string text(const mf_shape &p)
{
    std::ostringstream out;
    out << "N" << p.n << " H" << p.h << " W" << p.w << " C" << p.c << " M" << p.m << " G" << p.g
        << " R" << p.r << " S" << p.s << " stride " << p.stride << " pad " << p.pad_rows << " "
        << p.pad_columns;
    return out.str();
}

bool is_depthwise(const mf_shape &p)
{
    return p.g == p.c && p.c == p.m;
}

// ---- the slow formulation -----------------------------------------------------------------------

// Call `term(y, x, w)` for every term of a convolution, with indices; x is -1 in the padding.
void each_term(const mf_shape &p, const std::function<void(size_t, ptrdiff_t, size_t)> &term)
{
    size_t kc = p.c / p.g, km = p.m / p.g;
    for (size_t n = 0; n < p.n; n++)
        for (size_t e = 0; e < p.e; e++)
            for (size_t f = 0; f < p.f; f++)
                for (size_t m = 0; m < p.m; m++)
                    for (size_t r = 0; r < p.r; r++)
                        for (size_t s = 0; s < p.s; s++)
                            for (size_t c = 0; c < kc; c++) {
                                size_t g = m / km;
                                ptrdiff_t row = ptrdiff_t(e * p.stride + r) - ptrdiff_t(p.pad_rows);
                                ptrdiff_t column =
                                    ptrdiff_t(f * p.stride + s) - ptrdiff_t(p.pad_columns);
                                bool in = row >= 0 && row < ptrdiff_t(p.h) && column >= 0 &&
                                          column < ptrdiff_t(p.w);
                                ptrdiff_t x =
                                    ((ptrdiff_t(n * p.h) + row) * ptrdiff_t(p.w) + column) *
                                        ptrdiff_t(p.c) +
                                    ptrdiff_t(g * kc + c);
                                size_t w = is_depthwise(p)
                                               ? (r * p.s + s) * p.c + m
                                               : (((g * p.r + r) * p.s + s) * kc + c) * km + m % km;
                                term(((n * p.e + e) * p.f + f) * p.m + m, in ? x : -1, w);
                            }
}

// A result and, per element, the sum of the magnitudes it was made from.
struct Expected {
    explicit Expected(size_t n) : value(n), magnitude(n) {}
    void add(size_t i, double term, double of)
    {
        value[i] += term;
        magnitude[i] += std::fabs(of);
    }
    Doubles value, magnitude;
};

template <class Real>
Expected slow_forward(const mf_shape &p, mf_family family, const Real &x, const Floats &w,
                      const Floats *bias)
{
    Expected y(mf_shape_ofmap(&p));
    each_term(p, [&](size_t i, ptrdiff_t at, size_t k) {
        double a = at < 0 ? 0 : double(x[size_t(at)]), b = w[k];
        if (family == MF_FAMILY_MULT)
            y.add(i, a * b, a * b);
        else
            y.add(i, -std::fabs(a - b), std::fabs(a) + std::fabs(b));
    });
    for (size_t i = 0; bias && i < y.value.size(); i++)
        y.add(i, (*bias)[i % p.m], (*bias)[i % p.m]);
    return y;
}

Expected slow_input(const mf_shape &p, mf_family family, const Floats &x, const Floats &w,
                    const Floats &g)
{
    Expected dx(mf_shape_ifmap(&p));
    each_term(p, [&](size_t i, ptrdiff_t at, size_t k) {
        if (at < 0)
            return;
        double b = w[k], clipped = std::min(std::max(b - double(x[size_t(at)]), -1.0), 1.0),
               term = (family == MF_FAMILY_MULT ? b : clipped) * double(g[i]);
        dx.add(size_t(at), term, term);
    });
    return dx;
}

Expected slow_weights(const mf_shape &p, mf_family family, const Floats &x, const Floats &w,
                      const Floats &g)
{
    Expected dw(mf_shape_weights(&p));
    each_term(p, [&](size_t i, ptrdiff_t at, size_t k) {
        double a = at < 0 ? 0 : double(x[size_t(at)]), b = w[k];
        if (family == MF_FAMILY_MULT)
            dw.add(k, a * double(g[i]), a * double(g[i]));
        else
            dw.add(k, (a - b) * double(g[i]), (std::fabs(a) + std::fabs(b)) * double(g[i]));
    });
    return dw;
}

// Every element within `terms` roundings of the sum of magnitudes: the bound for any order of
// additions. Rounding errors mostly cancel, so a small factor of its root is what is demanded.
void expect_near(const Floats &found, const Expected &expected, double terms)
{
    ASSERT_EQ(found.n, expected.value.size());
    double share = (8 + 2 * std::sqrt(terms)) * epsilon;
    for (size_t i = 0; i < found.n; i++)
        ASSERT_NEAR(double(found[i]), expected.value[i], share * expected.magnitude[i] + 1e-30)
            << "element " << i << " of " << found.n;
}

// ---- what is tried ------------------------------------------------------------------------------

std::vector<const mf_kernels *> builds()
{
    std::vector<const mf_kernels *> all;
    for (const char *name : {"avx512", "avx2", "portable"})
        if (const mf_kernels *kernels = mf_kernels_named(name))
            all.push_back(kernels);
    return all;
}

// Calls `check` for each build with each number of threads.
void each_build(const std::function<void(const mf_kernels &, int)> &check)
{
    for (const mf_kernels *kernels : builds())
        for (int n_threads : {1, 2}) {
            SCOPED_TRACE(std::string(kernels->name) + ", " + std::to_string(n_threads) +
                         " threads");
            ASSERT_EQ(mf_team_set(size_t(n_threads), nullptr), MF_OK);
            check(*kernels, n_threads);
            if (testing::Test::HasFatalFailure())
                return;
        }
}

// One convolution with everything it computes.
struct Case {
    Case(const mf_shape &shape, mf_family kind, mf_random *random)
        : p(shape), family(kind), x(random_floats(mf_shape_ifmap(&p), random, -2, 2)),
          w(random_floats(mf_shape_weights(&p), random, -1.5, 1.5)),
          bias(random_floats(p.m, random)), g(random_floats(mf_shape_ofmap(&p), random))
    {
    }
    mf_shape p;
    mf_family family;
    Floats x, w, bias, g;
};

struct Results {
    explicit Results(const mf_shape &p)
        : y(mf_shape_ofmap(&p), NAN), dx(mf_shape_ifmap(&p), NAN), dw(mf_shape_weights(&p), NAN),
          db(p.m, NAN), sum(p.m), squares(p.m)
    {
    }
    bool operator==(const Results &o) const
    {
        return y == o.y && dx == o.dx && dw == o.dw && db == o.db && sum == o.sum &&
               squares == o.squares;
    }
    Floats y, dx, dw, db;
    Doubles sum, squares;
};

// A map that is what is written.
mf_map plain(const float *y)
{
    mf_map map = {};
    map.y = y;
    return map;
}

Results compute(const mf_kernels &k, const Case &c, bool has_bias, int n_threads)
{
    Results r(c.p);
    Workspace scratch(c.p, n_threads);
    mf_channel_sums sums = {r.sum.data(), r.squares.data()};
    mf_map x = plain(c.x);
    k.conv_forward(&c.p, c.family, &x, c.w, has_bias ? static_cast<const float *>(c.bias) : nullptr,
                   r.y, &sums, scratch);
    scratch.expect_untouched();
    mf_conv_gradients job = {};
    job.shape = &c.p, job.family = c.family, job.x = x, job.w = c.w, job.g.da = c.g;
    job.dw = r.dw, job.db = r.db, job.dx = r.dx;
    k.conv_backward(&job, scratch);
    scratch.expect_untouched();
    return r;
}

void expect_sums(const mf_shape &p, const Results &r)
{
    size_t n = p.n * p.e * p.f;
    for (size_t m = 0; m < p.m; m++) {
        double sum = 0, squares = 0, magnitude = 0;
        for (size_t i = 0; i < n; i++) {
            double y = r.y[i * p.m + m];
            sum += y, squares += y * y, magnitude += std::fabs(y);
        }
        ASSERT_NEAR(r.sum[m], sum, 8 * epsilon * magnitude + 1e-30) << "sum of channel " << m;
        ASSERT_NEAR(r.squares[m], squares, 32 * epsilon * squares + 1e-30)
            << "squares of channel " << m;
    }
}

void expect_bias(const Case &c, const Floats &db)
{
    for (size_t m = 0; m < c.p.m; m++) {
        double sum = 0, magnitude = 0;
        for (size_t i = m; i < c.g.n; i += c.p.m)
            sum += double(c.g[i]), magnitude += std::fabs(double(c.g[i]));
        ASSERT_NEAR(double(db[m]), sum, 16 * epsilon * magnitude) << "bias of channel " << m;
    }
}

void check_shape(const mf_shape &p, mf_random *random)
{
    SCOPED_TRACE(text(p));
    for (mf_family family : {MF_FAMILY_MULT, MF_FAMILY_ADD}) {
        SCOPED_TRACE(family == MF_FAMILY_MULT ? "Mult" : "Add");
        Case c(p, family, random);
        bool has_bias = mf_random_between(random, 0, 1);
        Expected y = slow_forward(p, family, c.x, c.w, has_bias ? &c.bias : nullptr),
                 dx = slow_input(p, family, c.x, c.w, c.g),
                 dw = slow_weights(p, family, c.x, c.w, c.g);
        each_build([&](const mf_kernels &k, int n_threads) {
            Results r = compute(k, c, has_bias, n_threads);
            expect_near(r.y, y, double(p.r * p.s * p.c / p.g));
            expect_near(r.dx, dx, double(p.r * p.s * p.m / p.g));
            expect_near(r.dw, dw, double(p.n * p.e * p.f));
            expect_sums(p, r);
            expect_bias(c, r.db);
            ASSERT_TRUE(r == compute(k, c, has_bias, n_threads)) << "not the same bits twice";
        });
        if (testing::Test::HasFatalFailure())
            return;
    }
}

uint64_t one_of(mf_random *random, const std::vector<uint64_t> &values)
{
    return values[mf_random_between(random, 0, values.size() - 1)];
}
} // namespace

// ---- convolutions -------------------------------------------------------------------------------

TEST(Kernels, ThereIsAlwaysAPortableBuild)
{
    ASSERT_NE(mf_kernels_named("portable"), nullptr);
    EXPECT_EQ(mf_kernels_named("abacus"), nullptr);
    EXPECT_EQ(mf_kernels_best(), builds().front());
}

TEST(Kernels, ConvolutionsOfRandomShapes)
{
    mf_random random = mf_random_seed(1);
    const std::vector<uint64_t> sizes = {1, 2, 3, 5, 7, 17, 33};
    for (int tried = 0; tried < 150;) {
        uint64_t r = mf_random_between(&random, 1, 11), s = mf_random_between(&random, 1, 11);
        uint64_t c = one_of(&random, sizes), m = one_of(&random, sizes), g = 1;
        uint64_t groups = mf_random_between(&random, 0, 3);
        if (groups == 1) { // some channels per group
            g = mf_random_between(&random, 2, 4);
            c = g * mf_random_between(&random, 1, 6), m = g * mf_random_between(&random, 1, 9);
        } else if (groups == 2) {
            g = m = c = one_of(&random, {1, 3, 8, 24, 33});
        }
        mf_shape p =
            shape_of(mf_random_between(&random, 1, 3), one_of(&random, sizes),
                     one_of(&random, sizes), c, m, g, r, s, mf_random_between(&random, 1, 4),
                     mf_random_between(&random, 0, r), mf_random_between(&random, 0, s));
        if (!p.e || !p.f || mf_shape_macs(&p) > 300000)
            continue;
        tried++;
        check_shape(p, &random);
        if (testing::Test::HasFatalFailure())
            return;
    }
}

TEST(Kernels, PointwiseConvolutionsOfAllWidths)
{
    mf_random random = mf_random_seed(2);
    for (uint64_t c : {1, 3, 8, 24, 40})
        for (uint64_t m : {1, 8, 17, 48, 65, 100}) {
            check_shape(shape_of(1, 5, 7, c, m, 1, 1, 1, 1, 0, 0), &random);
            if (testing::Test::HasFatalFailure())
                return;
        }
}

TEST(Kernels, DepthwiseConvolutions)
{
    mf_random random = mf_random_seed(3);
    for (uint64_t kernel : {1, 2, 3, 4, 5, 6, 7, 9})
        for (uint64_t stride : {1, 2, 3})
            for (uint64_t c : {3, 8, 20, 48}) {
                check_shape(
                    shape_of(2, 9, 13, c, c, c, kernel, kernel, stride, kernel / 2, kernel / 2),
                    &random);
                if (testing::Test::HasFatalFailure())
                    return;
            }
}

// Large enough for two threads, several blocks, and doubles in the sums.
TEST(Kernels, LargeConvolutions)
{
    mf_random random = mf_random_seed(4);
    const mf_shape shapes[] = {
        shape_of(3, 19, 23, 16, 72, 1, 1, 1, 1, 0, 0),   // several blocks
        shape_of(2, 17, 17, 24, 8, 1, 3, 3, 1, 1, 1),    // taps along vectors
        shape_of(4, 31, 29, 3, 16, 1, 3, 3, 2, 1, 1),    // a stem
        shape_of(2, 14, 14, 12, 20, 2, 5, 3, 2, 2, 1),   // groups
        shape_of(3, 14, 14, 40, 64, 1, 1, 1, 2, 0, 0),   // a shortcut: phases without taps
        shape_of(7, 1, 1, 1280, 128, 1, 1, 1, 1, 0, 0),  // fully connected
        shape_of(1, 6, 6, 300, 40, 1, 3, 3, 1, 1, 1),    // deep
        shape_of(4, 40, 40, 24, 24, 24, 3, 3, 1, 1, 1),  // depthwise
        shape_of(5, 41, 37, 20, 20, 20, 5, 5, 2, 2, 2)}; // the same, with a stride
    for (const mf_shape &p : shapes) {
        check_shape(p, &random);
        if (testing::Test::HasFatalFailure())
            return;
    }
}

TEST(Kernels, SumsAreOptional)
{
    mf_random random = mf_random_seed(5);
    for (const mf_shape &p : {shape_of(2, 9, 9, 8, 24, 1, 3, 3, 1, 1, 1),
                              shape_of(2, 9, 9, 24, 24, 24, 3, 3, 1, 1, 1)}) {
        Case c(p, MF_FAMILY_MULT, &random);
        Expected y = slow_forward(p, MF_FAMILY_MULT, c.x, c.w, nullptr);
        each_build([&](const mf_kernels &k, int n_threads) {
            Workspace scratch(p, n_threads);
            Floats found(mf_shape_ofmap(&p), NAN);
            mf_map x = plain(c.x);
            k.conv_forward(&p, MF_FAMILY_MULT, &x, c.w, nullptr, found, nullptr, scratch);
            expect_near(found, y, double(p.r * p.s * p.c));
        });
    }
}

// The identity |x - w| = 2 max(x, w) - x - w cancels: an output far smaller than its operands keeps
// an error of theirs.
TEST(Kernels, CancellationOfAddIsBounded)
{
    mf_random random = mf_random_seed(6);
    mf_shape p = shape_of(1, 8, 8, 64, 32, 1, 3, 3, 1, 0, 0);
    Case c(p, MF_FAMILY_ADD, &random);
    for (size_t i = 0; i < c.x.n; i++)
        c.x[i] = 100 + 0.01f * c.x[i];
    for (size_t i = 0; i < c.w.n; i++)
        c.w[i] = 100 + 0.01f * c.w[i];
    Expected y = slow_forward(p, MF_FAMILY_ADD, c.x, c.w, nullptr);
    double terms = 3 * 3 * 64;
    each_build([&](const mf_kernels &k, int n_threads) {
        Workspace scratch(p, n_threads);
        Floats found(mf_shape_ofmap(&p));
        mf_map x = plain(c.x);
        k.conv_forward(&p, MF_FAMILY_ADD, &x, c.w, nullptr, found, nullptr, scratch);
        for (size_t i = 0; i < found.n; i++)
            ASSERT_NEAR(double(found[i]), y.value[i],
                        2 * std::sqrt(terms) * epsilon * y.magnitude[i]);
    });
}

// A map whose mean is thousands of its deviations: the variance that batch norm takes from the sums
// is that of the numbers in y.
TEST(Kernels, VarianceSurvivesALargeMean)
{
    mf_random random = mf_random_seed(7);
    for (const mf_shape &p : {shape_of(8, 64, 64, 8, 24, 1, 1, 1, 1, 0, 0),
                              shape_of(8, 64, 64, 24, 24, 24, 3, 3, 1, 1, 1)}) {
        Case c(p, MF_FAMILY_MULT, &random);
        for (size_t m = 0; m < p.m; m++)
            c.bias[m] = 3000;
        each_build([&](const mf_kernels &k, int n_threads) {
            Workspace scratch(p, n_threads);
            Results r(p);
            mf_channel_sums sums = {r.sum.data(), r.squares.data()};
            mf_map x = plain(c.x);
            k.conv_forward(&p, MF_FAMILY_MULT, &x, c.w, c.bias, r.y, &sums, scratch);
            size_t n = p.n * p.e * p.f;
            for (size_t m = 0; m < p.m; m++) {
                double mean = 0, variance = 0;
                for (size_t i = 0; i < n; i++)
                    mean += double(r.y[i * p.m + m]) / double(n);
                for (size_t i = 0; i < n; i++)
                    variance += std::pow(double(r.y[i * p.m + m]) - mean, 2) / double(n);
                double from_sums = r.squares[m] / double(n) - std::pow(r.sum[m] / double(n), 2);
                ASSERT_NEAR(from_sums, variance, 1e-5 * variance);
            }
        });
    }
}

// The derivative of a Mult convolution, by differences of the slow formulation.
TEST(Kernels, GradientsOfMultAreDifferences)
{
    mf_random random = mf_random_seed(8);
    for (const mf_shape &p :
         {shape_of(2, 6, 5, 4, 6, 2, 3, 2, 2, 1, 1), shape_of(2, 5, 5, 5, 5, 5, 3, 3, 2, 1, 1),
          shape_of(1, 4, 4, 3, 5, 1, 3, 3, 1, 1, 1)}) {
        Case c(p, MF_FAMILY_MULT, &random);
        auto loss = [&] {
            Expected y = slow_forward(p, MF_FAMILY_MULT, c.x, c.w, nullptr);
            double sum = 0;
            for (size_t i = 0; i < y.value.size(); i++)
                sum += y.value[i] * double(c.g[i]);
            return sum;
        };
        auto slope = [&](Floats &at, size_t i) {
            float before = at[i];
            at[i] = before + 0.25f;
            double up = loss(), width = at[i];
            at[i] = before - 0.25f;
            width -= double(at[i]);
            double down = loss();
            at[i] = before;
            return (up - down) / width;
        };
        each_build([&](const mf_kernels &k, int n_threads) {
            Results r = compute(k, c, false, n_threads);
            for (size_t i = 0; i < c.x.n; i++)
                ASSERT_NEAR(double(r.dx[i]), slope(c.x, i), 1e-5);
            for (size_t i = 0; i < c.w.n; i++)
                ASSERT_NEAR(double(r.dw[i]), slope(c.w, i), 1e-4);
        });
    }
}

// Builds differ in the order of additions and in fused multiplications, and in nothing else.
TEST(Kernels, BuildsAgree)
{
    mf_random random = mf_random_seed(9);
    const mf_shape p = shape_of(4, 16, 16, 24, 56, 1, 3, 3, 1, 1, 1);
    ASSERT_EQ(mf_team_set(1, nullptr), MF_OK);
    for (mf_family family : {MF_FAMILY_MULT, MF_FAMILY_ADD}) {
        Case c(p, family, &random);
        Results first = compute(*builds().front(), c, true, 1);
        for (const mf_kernels *k : builds()) {
            Results r = compute(*k, c, true, 1);
            for (size_t i = 0; i < r.y.n; i++)
                ASSERT_NEAR(r.y[i], first.y[i], 1e-5 * 9 * 24) << k->name;
            for (size_t i = 0; i < r.dx.n; i++)
                ASSERT_NEAR(r.dx[i], first.dx[i], 1e-5 * 9 * 56) << k->name;
            for (size_t i = 0; i < r.dw.n; i++)
                ASSERT_NEAR(r.dw[i], first.dw[i], 1e-6 * 4 * 16 * 16) << k->name;
        }
    }
}

// ---- norm and activations -----------------------------------------------------------------------

namespace
{
const mf_activation activations[] = {
#define MF_ACTIVATION(NAME, name) MF_ACTIVATION_##NAME,
#include "models/activations.def"
#undef MF_ACTIVATION
};

double slow_activation(mf_activation activation, double z)
{
    double six = std::min(std::max(z + 3, 0.0), 6.0) / 6;
    switch (activation) {
    case MF_ACTIVATION_RELU:
        return std::max(z, 0.0);
    case MF_ACTIVATION_RELU6:
        return std::min(std::max(z, 0.0), 6.0);
    case MF_ACTIVATION_H_SWISH:
        return z * six;
    case MF_ACTIVATION_HARD_SIGMOID:
        return six;
    default:
        return z;
    }
}

double slow_slope(mf_activation activation, double z)
{
    switch (activation) {
    case MF_ACTIVATION_RELU:
        return z > 0;
    case MF_ACTIVATION_RELU6:
        return z > 0 && z < 6;
    case MF_ACTIVATION_H_SWISH:
        return z <= -3 ? 0 : z >= 3 ? 1 : (2 * z + 3) / 6;
    case MF_ACTIVATION_HARD_SIGMOID:
        return z > -3 && z < 3 ? 1.0 / 6 : 0;
    default:
        return 1;
    }
}

constexpr double norm_epsilon = 0.1; // so large that a single pixel is not magnified

// Batch norm of one map with all that its backward pass needs.
struct Norm {
    Norm(size_t n_pixels, size_t n_channels, mf_random *random)
        : n(n_pixels), channels(n_channels), y(random_floats(n * channels, random, -3, 5)),
          mean(channels), inverse(channels), gamma(random_floats(channels, random, 1, 3)),
          beta(random_floats(channels, random)), da(random_floats(n * channels, random)),
          scale(channels), shift(channels), slope(channels), offset(channels)
    {
        for (size_t c = 0; c < channels; c++) {
            double sum = 0, squares = 0;
            for (size_t i = 0; i < n; i++)
                sum += double(y[i * channels + c]);
            for (size_t i = 0; i < n; i++)
                squares += std::pow(double(y[i * channels + c]) - sum / double(n), 2);
            mean[c] = float(sum / double(n));
            inverse[c] = float(1 / std::sqrt(squares / double(n) + norm_epsilon));
            scale[c] = gamma[c] * inverse[c];
            shift[c] = beta[c] - mean[c] * scale[c];
        }
    }
    mf_map map(mf_activation activation) const
    {
        mf_map m = plain(y);
        m.norm = {scale, shift, activation};
        return m;
    }
    // What the model makes of the sums: kernels.h.
    mf_gradient gradient(mf_activation activation, const Doubles &sums, const float *of)
    {
        for (size_t c = 0; c < channels; c++) {
            double s = double(scale[c]), by = double(inverse[c]),
                   along = -s * by * by * sums[channels + c] / double(n);
            slope[c] = float(along);
            offset[c] = float(-s * sums[c] / double(n) - along * double(mean[c]));
        }
        return {of, y, {scale, shift, activation}, slope, offset};
    }
    double xhat(size_t i) const
    {
        return (double(y[i]) - double(mean[i % channels])) * double(inverse[i % channels]);
    }
    double z(size_t i) const
    {
        return double(gamma[i % channels]) * xhat(i) + double(beta[i % channels]);
    }
    // Where z is so near a kink that rounding decides.
    bool undecided(size_t i) const
    {
        for (double kink : {-3.0, 0.0, 3.0, 6.0})
            if (std::fabs(z(i) - kink) < 1e-4)
                return true;
        return false;
    }
    size_t n, channels;
    Floats y, mean, inverse, gamma, beta, da, scale, shift, slope, offset;
};

void check_norm(Norm &m, mf_activation activation)
{
    size_t n = m.n * m.channels;
    Doubles sums(2 * m.channels), magnitude(2 * m.channels), doubt(2 * m.channels);
    for (size_t i = 0; i < n; i++) {
        double dz = double(m.da[i]) * slow_slope(activation, m.z(i));
        size_t c = i % m.channels;
        double distance = m.xhat(i) / double(m.inverse[c]);
        sums[c] += dz, sums[m.channels + c] += dz * distance;
        magnitude[c] += std::fabs(dz), magnitude[m.channels + c] += std::fabs(dz * distance);
        // What may come of roundings of z: any slope near a kink, a little of it elsewhere.
        double share = m.undecided(i) ? 2 : 1e-6;
        doubt[c] += share * std::fabs(double(m.da[i]));
        doubt[m.channels + c] += share * std::fabs(double(m.da[i]) * distance);
    }
    mf_shape shape = shape_of(m.n, 1, 1, 1, m.channels, 1, 1, 1, 1, 0, 0);
    each_build([&](const mf_kernels &k, int n_threads) {
        Floats a(n, NAN), dy(n, NAN);
        Doubles found(2 * m.channels);
        Workspace scratch(shape, n_threads);
        mf_map map = m.map(activation);
        mf_norm_sums to = {m.mean, found.data(), found.data() + m.channels};
        k.read_map(m.n, m.channels, &map, a, scratch);
        scratch.expect_untouched();
        k.norm_sums(m.n, m.channels, &map, m.da, &to, scratch);
        scratch.expect_untouched();
        mf_gradient g = m.gradient(activation, found, m.da);
        k.read_gradient(m.n, m.channels, &g, dy, scratch);
        scratch.expect_untouched();
        for (size_t i = 0; i < found.size(); i++)
            ASSERT_NEAR(found[i], sums[i], 1e-6 * magnitude[i] + doubt[i] + 1e-9);
        for (size_t i = 0; i < n; i++) {
            size_t c = i % m.channels;
            ASSERT_NEAR(double(a[i]), slow_activation(activation, m.z(i)), 2e-5);
            if (m.undecided(i))
                continue;
            double dz = double(m.da[i]) * slow_slope(activation, m.z(i)),
                   want = double(m.gamma[c]) * double(m.inverse[c]) *
                          (dz - found[c] / double(m.n) -
                           m.xhat(i) * double(m.inverse[c]) * found[m.channels + c] / double(m.n));
            ASSERT_NEAR(double(dy[i]), want, 3e-6 * (1 + std::fabs(double(m.scale[c]))));
        }
        Floats in_place = m.y, gradient = m.da;
        map.y = in_place;
        k.read_map(m.n, m.channels, &map, in_place, scratch);
        g.da = gradient;
        k.read_gradient(m.n, m.channels, &g, gradient, scratch);
        ASSERT_TRUE(in_place == a && gradient == dy) << "in place is not the same";
        Doubles again(2 * m.channels);
        map.y = m.y;
        to = {m.mean, again.data(), again.data() + m.channels};
        k.norm_sums(m.n, m.channels, &map, m.da, &to, scratch);
        ASSERT_TRUE(again == found) << "not the same bits twice";
    });
}
} // namespace

TEST(Kernels, NormAllActivationsAndWidths)
{
    mf_random random = mf_random_seed(10);
    for (size_t channels : {1, 3, 8, 24, 33, 100, 600, 1280})
        for (size_t n : {1, 2, 17, 129}) {
            if (channels > 100 && n > 20)
                continue;
            Norm m(n, channels, &random);
            for (mf_activation activation : activations) {
                SCOPED_TRACE(std::to_string(n) + " x " + std::to_string(channels) + " " +
                             mf_activation_name(activation));
                check_norm(m, activation);
                if (HasFatalFailure())
                    return;
            }
        }
    for (size_t channels : {16, 24, 520}) { // with two threads
        SCOPED_TRACE(channels);
        Norm m(200000 / channels, channels, &random);
        check_norm(m, MF_ACTIVATION_RELU6);
        check_norm(m, MF_ACTIVATION_H_SWISH);
    }
}

// The derivative of norm and a smooth activation, by differences: statistics move with y.
TEST(Kernels, GradientsOfNormAreDifferences)
{
    mf_random random = mf_random_seed(11);
    Norm m(13, 3, &random);
    for (mf_activation activation : {MF_ACTIVATION_NONE, MF_ACTIVATION_H_SWISH}) {
        Doubles y(m.y.n);
        for (size_t i = 0; i < y.size(); i++)
            y[i] = double(m.y[i]);
        auto loss = [&] {
            double sum = 0;
            for (size_t c = 0; c < m.channels; c++) {
                double mean = 0, variance = 0, n = double(m.n);
                for (size_t i = 0; i < m.n; i++)
                    mean += y[i * m.channels + c] / n;
                for (size_t i = 0; i < m.n; i++)
                    variance += std::pow(y[i * m.channels + c] - mean, 2) / n;
                for (size_t i = 0; i < m.n; i++) {
                    double z = double(m.gamma[c]) * (y[i * m.channels + c] - mean) /
                                   std::sqrt(variance + norm_epsilon) +
                               double(m.beta[c]);
                    sum += slow_activation(activation, z) * double(m.da[i * m.channels + c]);
                }
            }
            return sum;
        };
        each_build([&](const mf_kernels &k, int n_threads) {
            mf_shape shape = shape_of(m.n, 1, 1, 1, m.channels, 1, 1, 1, 1, 0, 0);
            Workspace scratch(shape, n_threads);
            Doubles sums(2 * m.channels);
            Floats dy(m.y.n);
            mf_map map = m.map(activation);
            mf_norm_sums to = {m.mean, sums.data(), sums.data() + m.channels};
            k.norm_sums(m.n, m.channels, &map, m.da, &to, scratch);
            mf_gradient g = m.gradient(activation, sums, m.da);
            k.read_gradient(m.n, m.channels, &g, dy, scratch);
            for (size_t i = 0; i < y.size(); i++) {
                double before = y[i], width = 1e-5;
                y[i] = before + width;
                double up = loss();
                y[i] = before - width;
                double down = loss();
                y[i] = before;
                ASSERT_NEAR(double(dy[i]), (up - down) / (2 * width), 2e-5);
            }
        });
    }
}

// Without batch norm: as after a fully connected layer.
TEST(Kernels, ActivationsAndTheirSlopes)
{
    mf_random random = mf_random_seed(12);
    for (size_t n : {1, 3, 16, 31, 1000, 300000}) {
        Floats z = random_floats(n, &random, -8, 8), da = random_floats(n, &random);
        mf_shape shape = shape_of(1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0);
        for (mf_activation activation : activations)
            each_build([&](const mf_kernels &k, int n_threads) {
                Floats a(n, NAN), dz(n, NAN);
                Workspace scratch(shape, n_threads);
                mf_map map = plain(z);
                map.norm.activation = activation;
                mf_gradient g = {da, z, {nullptr, nullptr, activation}, nullptr, nullptr};
                k.read_map(n, 1, &map, a, scratch);
                k.read_gradient(n, 1, &g, dz, scratch);
                for (size_t i = 0; i < n; i++) {
                    ASSERT_NEAR(double(a[i]), slow_activation(activation, double(z[i])), 1e-5);
                    ASSERT_NEAR(double(dz[i]), double(da[i]) * slow_slope(activation, double(z[i])),
                                1e-6);
                }
            });
    }
}

// At a kink the derivative is that of the flat side, where there is one.
TEST(Kernels, SlopesAtKinks)
{
    const float z[] = {-3, 0, 3, 6}, ones[] = {1, 1, 1, 1};
    const std::vector<std::vector<float>> expected = {
        {1, 1, 1, 1}, {0, 0, 1, 1}, {0, 0, 1, 0}, {0, 0.5f, 1, 1}, {0, 1.0f / 6, 0, 0}};
    mf_shape shape = shape_of(1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0);
    for (mf_activation activation : activations)
        each_build([&](const mf_kernels &k, int n_threads) {
            float dz[4];
            Workspace scratch(shape, n_threads);
            mf_gradient g = {ones, z, {nullptr, nullptr, activation}, nullptr, nullptr};
            k.read_gradient(4, 1, &g, dz, scratch);
            for (size_t i = 0; i < 4; i++)
                ASSERT_FLOAT_EQ(dz[i], expected.at(size_t(activation))[i])
                    << mf_activation_name(activation) << " at " << z[i];
        });
}

// Floor, also of negative numbers, and the clamp of DeepShift's fixed point.
TEST(Kernels, MapsOnAGrid)
{
    mf_random random = mf_random_seed(15);
    Floats y = random_floats(1001, &random, -20, 20);
    mf_shape shape = shape_of(1, 1, 1, 1, 7, 1, 1, 1, 1, 0, 0);
    each_build([&](const mf_kernels &k, int n_threads) {
        Workspace scratch(shape, n_threads);
        Floats a(y.n, NAN);
        mf_map map = plain(y);
        map.grid = {8, -16, 15};
        k.read_map(y.n / 7, 7, &map, a, scratch);
        for (size_t i = 0; i < y.n; i++)
            ASSERT_EQ(double(a[i]),
                      std::min(std::max(std::floor(double(y[i]) * 8) / 8, -16.0), 15.0));
    });
}

namespace
{
// A convolution between two batch norms: y = conv(activation(norm(x))), g through those of y.
struct Fused {
    Fused(const mf_shape &shape, mf_family kind, mf_random *random)
        : p(shape), family(kind), x(p.n * p.h * p.w, p.c, random), y(p.n * p.e * p.f, p.m, random),
          w(random_floats(mf_shape_weights(&p), random)), before(random_floats(x.y.n, random))
    {
    }
    mf_shape p;
    mf_family family;
    Norm x, y;
    Floats w, before; // before: what dx is added to
};

struct FusedResults {
    explicit FusedResults(const Fused &f)
        : out(f.y.y.n, NAN), dw(f.w.n, NAN), db(f.p.m, NAN), dx(f.before), sums(2 * f.p.c)
    {
    }
    Floats out, dw, db, dx;
    Doubles sums;
};

void check_fused(const mf_shape &p, mf_family family, mf_random *random)
{
    SCOPED_TRACE(text(p) + (family == MF_FAMILY_MULT ? " Mult" : " Add"));
    Fused f(p, family, random);
    Doubles some(2 * p.m);
    for (double &s : some)
        s = mf_random_real(random);
    bool adds = mf_random_between(random, 0, 1);
    mf_gradient lazy_g = f.y.gradient(MF_ACTIVATION_H_SWISH, some, f.y.da);
    mf_map lazy_x = f.x.map(MF_ACTIVATION_RELU6);
    if (mf_random_between(random, 0, 1))
        lazy_x.grid = {256, -128, 127};
    each_build([&](const mf_kernels &k, int n_threads) {
        Workspace scratch(p, n_threads);
        mf_shape in = shape_of(1, 1, 1, 1, p.c, 1, 1, 1, 1, 0, 0),
                 out = shape_of(1, 1, 1, 1, p.m, 1, 1, 1, 1, 0, 0);
        Workspace for_x(in, n_threads), for_g(out, n_threads);
        FusedResults lazy(f), written(f);
        Floats x(f.x.y.n), g(f.y.y.n);
        k.read_map(f.x.n, p.c, &lazy_x, x, for_x);
        k.read_gradient(f.y.n, p.m, &lazy_g, g, for_g);
        mf_map plain_x = plain(x);
        k.conv_forward(&p, family, &lazy_x, f.w, nullptr, lazy.out, nullptr, scratch);
        scratch.expect_untouched();
        k.conv_forward(&p, family, &plain_x, f.w, nullptr, written.out, nullptr, scratch);
        mf_conv_gradients job = {};
        job.shape = &p, job.family = family, job.w = f.w, job.adds = adds;
        job.x = plain_x, job.g.da = g;
        job.dw = written.dw, job.db = written.db, job.dx = written.dx;
        k.conv_backward(&job, scratch);
        job.x = lazy_x, job.g = lazy_g;
        job.dw = lazy.dw, job.db = lazy.db, job.dx = lazy.dx;
        job.norm = {f.x.mean, lazy.sums.data(), lazy.sums.data() + p.c};
        k.conv_backward(&job, scratch);
        scratch.expect_untouched();
        ASSERT_TRUE(lazy.out == written.out) << "forward";
        ASSERT_TRUE(lazy.dw == written.dw) << "weights";
        ASSERT_TRUE(lazy.db == written.db) << "bias";
        ASSERT_TRUE(lazy.dx == written.dx) << "input";
        mf_norm_sums to = {f.x.mean, written.sums.data(), written.sums.data() + p.c};
        k.norm_sums(f.x.n, p.c, &lazy_x, written.dx, &to, for_x);
        for (size_t i = 0; i < lazy.sums.size(); i++)
            ASSERT_NEAR(lazy.sums[i], written.sums[i], 1e-4 * (1 + double(f.x.n))) << "sums";
        written.dx = f.before;
        job.x = plain_x, job.g = {}, job.g.da = g, job.norm = {}, job.adds = !adds;
        job.dx = written.dx;
        k.conv_backward(&job, scratch);
        for (size_t i = 0; i < lazy.dx.n; i++) // added to, or overwritten: one is the other's sum
            ASSERT_NEAR(double(adds ? lazy.dx[i] : written.dx[i]),
                        double(f.before[i]) + double(adds ? written.dx[i] : lazy.dx[i]), 1e-4);
        job.dx = nullptr; // nobody wants it
        k.conv_backward(&job, scratch);
        ASSERT_TRUE(lazy.dw == written.dw);
    });
}
} // namespace

// What is read block by block is what would have been written, to the last bit.
TEST(Kernels, MapsThatNobodyWritesDown)
{
    mf_random random = mf_random_seed(16);
    const mf_shape shapes[] = {
        shape_of(3, 9, 11, 8, 48, 1, 1, 1, 1, 0, 0),     // pixels
        shape_of(5, 14, 14, 48, 8, 1, 1, 1, 1, 0, 0),    // several chunks
        shape_of(30, 2, 2, 24, 20, 1, 3, 3, 1, 1, 1),    // several images in a chunk
        shape_of(3, 13, 12, 5, 16, 1, 3, 3, 2, 1, 1),    // phases
        shape_of(4, 9, 9, 12, 18, 3, 3, 3, 1, 1, 1),     // groups
        shape_of(4, 8, 8, 20, 40, 1, 1, 1, 2, 0, 0),     // a shortcut
        shape_of(40, 1, 1, 100, 70, 1, 1, 1, 1, 0, 0),   // fully connected
        shape_of(3, 30, 33, 24, 24, 24, 3, 3, 1, 1, 1),  // depthwise: windows of rows move on
        shape_of(6, 3, 2, 40, 40, 40, 5, 5, 1, 2, 2),    // larger kernel than map
        shape_of(3, 21, 17, 16, 16, 16, 3, 3, 2, 1, 1),  // its phases
        shape_of(2, 11, 11, 16, 16, 16, 2, 2, 3, 0, 0),  // rows that nobody sees
        shape_of(2, 50, 40, 48, 48, 48, 3, 3, 2, 1, 1)}; // for two threads
    for (const mf_shape &p : shapes)
        for (mf_family family : {MF_FAMILY_MULT, MF_FAMILY_ADD}) {
            check_fused(p, family, &random);
            if (HasFatalFailure())
                return;
        }
}

// ---- the rest -----------------------------------------------------------------------------------

TEST(Kernels, Additions)
{
    mf_random random = mf_random_seed(13);
    for (size_t n : {1, 15, 16, 17, 1000, 300001}) {
        Floats x = random_floats(n, &random), z = random_floats(n, &random);
        each_build([&](const mf_kernels &k, int n_threads) {
            Floats y(n, NAN), to = z;
            Workspace scratch(shape_of(1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0), n_threads);
            mf_map first = plain(x), second = plain(z);
            k.add_maps(n, 1, &first, &second, y, scratch);
            scratch.expect_untouched();
            k.add_to(n, x, to);
            for (size_t i = 0; i < n; i++)
                ASSERT_EQ(y[i], x[i] + z[i]);
            ASSERT_TRUE(to == y);
        });
    }
}

// A sum of two maps that are not written down, of few and of very many channels.
TEST(Kernels, AdditionsOfMaps)
{
    mf_random random = mf_random_seed(17);
    for (size_t channels : {3, 24, 9001}) {
        Norm m(channels > 100 ? 3 : 5000, channels, &random);
        each_build([&](const mf_kernels &k, int n_threads) {
            Workspace scratch(shape_of(1, 1, 1, 1, channels, 1, 1, 1, 1, 0, 0), n_threads);
            Floats sum(m.y.n, NAN), a(m.y.n), b(m.y.n);
            mf_map x = m.map(MF_ACTIVATION_NONE), z = m.map(MF_ACTIVATION_RELU);
            k.add_maps(m.n, channels, &x, &z, sum, scratch);
            scratch.expect_untouched();
            k.read_map(m.n, channels, &x, a, scratch);
            k.read_map(m.n, channels, &z, b, scratch);
            for (size_t i = 0; i < sum.n; i++)
                ASSERT_EQ(sum[i], a[i] + b[i]);
        });
    }
}

TEST(Kernels, StepsOfNesterovMomentum)
{
    mf_random random = mf_random_seed(14);
    for (size_t n : {1, 17, 100, 200003}) {
        Floats g = random_floats(n, &random), v = random_floats(n, &random),
               w = random_floats(n, &random);
        each_build([&](const mf_kernels &k, int) {
            Floats v1 = v, w1 = w;
            k.sgd(n, 0.1f, 0.9f, 0.01f, g, v1, w1);
            for (size_t i = 0; i < n; i++) {
                double d = double(g[i]) + 0.01 * double(w[i]), moved = 0.9 * double(v[i]) + d;
                ASSERT_NEAR(double(v1[i]), moved, 1e-6);
                ASSERT_NEAR(double(w1[i]), double(w[i]) - 0.1 * (d + 0.9 * moved), 1e-6);
            }
        });
    }
}
