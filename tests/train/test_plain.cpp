// Do layers without weights compute what their names say, and is each backward pass the adjoint of
// the forward one: <g, f(x)> = <f'(g), x> for what is linear in x?
#include "base/random.h"
#include "base/team.h"
#include "train/plain.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

namespace
{
using Floats = std::vector<float>;

Floats random_floats(size_t n, mf_random *random)
{
    Floats x(n);
    for (float &v : x)
        v = static_cast<float>(2 * mf_random_real(random) - 1);
    return x;
}

double product(const Floats &a, const Floats &b)
{
    double sum = 0;
    for (size_t i = 0; i < a.size(); i++)
        sum += double{a[i]} * double{b[i]};
    return sum;
}

mf_shape window(mf_random *random)
{
    mf_shape p = {};
    do {
        p.n = mf_random_between(random, 1, 4), p.c = p.m = p.g = mf_random_between(random, 1, 9);
        p.h = mf_random_between(random, 1, 9), p.w = mf_random_between(random, 1, 9);
        p.r = mf_random_between(random, 1, 4), p.s = mf_random_between(random, 1, 4);
        p.stride = mf_random_between(random, 1, 3);
        p.pad_rows = mf_random_between(random, 0, p.r - 1);
        p.pad_columns = mf_random_between(random, 0, p.s - 1);
        p.e = mf_shape_windows(p.h, p.r, p.stride, p.pad_rows, false);
        p.f = mf_shape_windows(p.w, p.s, p.stride, p.pad_columns, false);
    } while (!p.e || !p.f);
    return p;
}

// The inputs of the window of output (n, e, f) in channel c, as places in x.
std::vector<size_t> inside(const mf_shape &p, size_t n, size_t e, size_t f, size_t c)
{
    std::vector<size_t> all;
    for (size_t r = 0; r < p.r; r++)
        for (size_t s = 0; s < p.s; s++) {
            auto row =
                static_cast<ptrdiff_t>(e * p.stride + r) - static_cast<ptrdiff_t>(p.pad_rows);
            auto column =
                static_cast<ptrdiff_t>(f * p.stride + s) - static_cast<ptrdiff_t>(p.pad_columns);
            if (row >= 0 && column >= 0 && row < static_cast<ptrdiff_t>(p.h) &&
                column < static_cast<ptrdiff_t>(p.w))
                all.push_back(
                    ((n * p.h + static_cast<size_t>(row)) * p.w + static_cast<size_t>(column)) *
                        p.c +
                    c);
        }
    return all;
}

void each_output(const mf_shape &p,
                 const std::function<void(size_t, const std::vector<size_t> &)> &check)
{
    size_t i = 0;
    for (size_t n = 0; n < p.n; n++)
        for (size_t e = 0; e < p.e; e++)
            for (size_t f = 0; f < p.f; f++)
                for (size_t c = 0; c < p.c; c++)
                    check(i++, inside(p, n, e, f, c));
}

class Plain : public testing::TestWithParam<int>
{
  protected:
    void SetUp() override
    {
        ASSERT_EQ(mf_team_set(static_cast<size_t>(GetParam()), nullptr), MF_OK);
    }
    mf_random random = mf_random_seed(31);
};
} // namespace

TEST_P(Plain, AveragePools)
{
    for (int tried = 0; tried < 100; tried++) {
        mf_shape p = window(&random);
        Floats x = random_floats(mf_shape_ifmap(&p), &random), y(mf_shape_ofmap(&p)),
               g = random_floats(y.size(), &random), dx(x.size(), NAN);
        mf_plain_pool(&p, x.data(), y.data(), nullptr);
        mf_plain_pool_backward(&p, g.data(), nullptr, dx.data());
        each_output(p, [&](size_t i, const std::vector<size_t> &in) {
            double sum = 0;
            for (size_t k : in)
                sum += double{x[k]};
            EXPECT_NEAR(y[i], in.empty() ? 0 : sum / static_cast<double>(in.size()), 1e-6);
        });
        EXPECT_NEAR(product(g, y), product(dx, x), 1e-4);
    }
}

TEST_P(Plain, MaximumPoolsGiveAllToTheWinner)
{
    for (int tried = 0; tried < 100; tried++) {
        mf_shape p = window(&random);
        Floats x = random_floats(mf_shape_ifmap(&p), &random), y(mf_shape_ofmap(&p)),
               g = random_floats(y.size(), &random), dx(x.size(), NAN), expected(x.size());
        std::vector<uint32_t> arg(y.size());
        bool empty = false;
        each_output(p, [&](size_t, const std::vector<size_t> &in) { empty |= in.empty(); });
        if (empty) // a window of nothing but padding has no maximum
            continue;
        mf_plain_pool(&p, x.data(), y.data(), arg.data());
        mf_plain_pool_backward(&p, g.data(), arg.data(), dx.data());
        each_output(p, [&](size_t i, const std::vector<size_t> &in) {
            size_t best = in[0];
            for (size_t k : in)
                best = x[k] > x[best] ? k : best;
            EXPECT_EQ(y[i], x[best]);
            expected[best] += g[i];
        });
        for (size_t i = 0; i < x.size(); i++)
            ASSERT_NEAR(dx[i], expected[i], 1e-5);
    }
}

TEST_P(Plain, GlobalPoolsAndScaling)
{
    for (int tried = 0; tried < 50; tried++) {
        mf_shape p = window(&random);
        p.e = p.h, p.f = p.w;
        size_t pixels = p.h * p.w;
        Floats x = random_floats(mf_shape_ifmap(&p), &random), mean(p.n * p.c), dx(x.size(), NAN),
               g = random_floats(mean.size(), &random);
        mf_plain_global_pool(&p, x.data(), mean.data());
        mf_plain_global_pool_backward(&p, g.data(), dx.data());
        for (size_t i = 0; i < mean.size(); i++) {
            double sum = 0;
            for (size_t k = 0; k < pixels; k++)
                sum += double{x[(i / p.c * pixels + k) * p.c + i % p.c]};
            EXPECT_NEAR(mean[i], sum / static_cast<double>(pixels), 1e-6);
        }
        EXPECT_NEAR(product(g, mean), product(dx, x), 1e-4);

        Floats y(x.size(), NAN), factors = random_floats(mean.size(), &random),
                                 gy = random_floats(x.size(), &random), df(factors.size(), NAN);
        mf_plain_scale(&p, factors.data(), x.data(), y.data());
        for (size_t i = 0; i < x.size(); i++)
            EXPECT_EQ(y[i], x[i] * factors[i / (pixels * p.c) * p.c + i % p.c]);
        mf_plain_scale_factors(&p, x.data(), gy.data(), df.data());
        EXPECT_NEAR(product(gy, y), product(df, factors), 1e-4); // linear in either
        mf_plain_scale(&p, factors.data(), gy.data(), dx.data());
        EXPECT_NEAR(product(gy, y), product(dx, x), 1e-4);
    }
}

TEST_P(Plain, ShortcutsWithoutWeights)
{
    for (uint64_t stride : {1, 2, 3})
        for (uint64_t wider : {0, 6}) {
            mf_shape from = {}, p = {};
            from.n = p.n = 3, from.m = from.c = 5, from.g = p.g = 1;
            from.e = from.h = 9, from.f = from.w = 7; // odd: every stride-th, the last included
            p.c = p.m = from.m + wider;
            p.h = p.e = (9 + stride - 1) / stride, p.w = p.f = (7 + stride - 1) / stride;
            Floats x = random_floats(mf_shape_ofmap(&p), &random),
                   shortcut = random_floats(mf_shape_ofmap(&from), &random), y(x.size(), NAN),
                   zero(x.size()), g = random_floats(x.size(), &random), d(shortcut.size(), NAN);
            mf_plain_padded(&p, &from, x.data(), shortcut.data(), y.data());
            for (size_t i = 0; i < y.size(); i++) {
                size_t c = i % p.c, f = i / p.c % p.f, e = i / p.c / p.f % p.e,
                       n = i / (p.c * p.e * p.f), before = wider / 2;
                bool in = c >= before && c < before + from.m;
                float taken =
                    in ? shortcut[((n * from.e + e * stride) * from.f + f * stride) * from.m + c -
                                  before]
                       : 0;
                ASSERT_EQ(y[i], x[i] + taken);
            }
            mf_plain_padded(&p, &from, zero.data(), shortcut.data(), y.data());
            mf_plain_padded_backward(&p, &from, g.data(), d.data());
            EXPECT_NEAR(product(g, y), product(d, shortcut), 1e-4);
        }
}

INSTANTIATE_TEST_SUITE_P(Threads, Plain, testing::Values(1, 3));
