// Do convolutions compute what the kernels' header says? Every build that runs here, against slow
// loops in double precision that know nothing of tiles, panels or threads.
#include "tests/train/kernels/kernel_testing.h"

using namespace kernel_testing;

namespace
{
bool is_depthwise(const mf_shape &p)
{
    return p.g == p.c && p.c == p.m;
}

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
        shape_of(1, 14, 13, 300, 40, 1, 1, 1, 1, 0, 0),  // wide: a chunk of 156 pixels, one of 26
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
