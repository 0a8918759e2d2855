// Does FC, as it is fitted, bring the weights of one network to the distribution of another's?
#include "base/random.h"
#include "tests/support/support.h"
#include "train/kernels/kernels.h"
#include "train/remap_fit.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace
{
double normal(mf_random *random)
{
    double u = 1 - mf_random_real(random), v = mf_random_real(random);
    return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::acos(-1.0) * v);
}

double mapped(double z, double u, double b)
{
    return u - b * std::copysign(1.0, z) * std::log(std::erfc(std::fabs(z) / std::sqrt(2)));
}

// Kernels of 2x2 whose weights are alike, among 500, and Laplace weights with other ties.
struct Weights {
    Weights()
    {
        mf_random random = mf_random_seed(17);
        for (size_t i = 0; i < 500; i++) {
            double shared = normal(&random), other = normal(&random);
            for (size_t tap = 0; tap < 4; tap++) {
                double from_z = 0.8 * shared + 0.6 * normal(&random),
                       to_z = 0.6 * (tap % 2 ? other : -other) + 0.8 * normal(&random);
                from[tap * 500 + i] = static_cast<float>(0.05 * from_z + 0.01);
                to[tap * 500 + i] = static_cast<float>(mapped(to_z, 0.25, 4));
            }
        }
        arena = mf_arena_create();
        EXPECT_OK(mf_remap_fit_of(from.data(), to.data(), 2000, &taps, 0.25, 4, arena, &fit, D));
    }

    ~Weights()
    {
        mf_arena_destroy(arena);
    }

    std::vector<float> of(mf_fc fc) const
    {
        std::vector<float> z(2000);
        mf_fc_apply(fc, fit.fc[fc], &taps, from.data(), z.data());
        return z;
    }

    const mf_taps taps = {1, 4, 500};
    std::vector<float> from = std::vector<float>(2000), to = std::vector<float>(2000);
    mf_arena *arena;
    mf_remap_fit fit = {};
};

std::vector<double> covariance(const std::vector<double> &z)
{
    std::vector<double> c(16);
    double mean = 0;
    for (double x : z)
        mean += x / 2000;
    for (size_t i = 0; i < 500; i++)
        for (size_t p = 0; p < 4; p++)
            for (size_t q = 0; q < 4; q++)
                c[p * 4 + q] += (z[p * 500 + i] - mean) * (z[q * 500 + i] - mean) / 500;
    return c;
}
} // namespace

TEST(RemapFit, TheInverseIsTheInverse)
{
    for (double z = -5.9; z < 5.95; z += 0.1)
        EXPECT_NEAR(mf_laplace_to_gaussian(mapped(z, 0.25, 4.1), 0.25, 4.1), z, 1e-9);
    EXPECT_EQ(mf_laplace_to_gaussian(1e9, 0, 1), MF_LAPLACE_MOST);
    EXPECT_EQ(mf_laplace_to_gaussian(-1e9, 0, 1), -MF_LAPLACE_MOST);
}

// Rank by rank, each form is a good deal nearer than weights as they are, and mlp not behind affine.
TEST(RemapFit, RanksMeet)
{
    Weights w;
    std::vector<double> z;
    for (float t : w.to)
        z.push_back(mf_laplace_to_gaussian(t, 0.25, 4));
    std::sort(z.begin(), z.end());
    auto distance = [&](mf_fc fc) {
        std::vector<float> got = w.of(fc);
        double squares = 0;
        std::sort(got.begin(), got.end());
        for (size_t i = 0; i < 2000; i++)
            squares += (got[i] - z[i]) * (got[i] - z[i]) / 2000;
        return std::sqrt(squares);
    };
    EXPECT_LT(distance(MF_FC_AFFINE), 0.08);
    EXPECT_LT(distance(MF_FC_TAPS), 0.08);
    EXPECT_LE(distance(MF_FC_MLP), distance(MF_FC_AFFINE));
}

TEST(RemapFit, TapsGetTheCovariancesOfTheTarget)
{
    Weights w;
    std::vector<double> z, got;
    for (float t : w.to)
        z.push_back(mf_laplace_to_gaussian(t, 0.25, 4));
    for (float t : w.of(MF_FC_TAPS))
        got.push_back(t);
    std::vector<double> expected = covariance(z), is = covariance(got);
    for (size_t i = 0; i < 16; i++)
        EXPECT_NEAR(is[i], expected[i], 5e-3) << i;
}

TEST(RemapFit, TheHiddenLayerRises)
{
    Weights w;
    // Weights that pile up, as rounded ones do.
    for (float &t : w.to)
        t = std::copysign(std::exp2(std::round(std::log2(std::fabs(t) + 1e-6f))), t);
    ASSERT_OK(
        mf_remap_fit_of(w.from.data(), w.to.data(), 2000, &w.taps, 0.25, 4, w.arena, &w.fit, D));
    const mf_taps single = {1, 1, 1};
    float before = -1e9f;
    for (float x = -0.3f; x < 0.3f; x += 0.001f) {
        float z;
        mf_fc_apply(MF_FC_MLP, w.fit.fc[MF_FC_MLP], &single, &x, &z);
        EXPECT_GT(z, before);
        before = z;
    }
}

TEST(RemapFit, RefusesWeightsThatAreAllTheSame)
{
    Weights w;
    std::fill(w.from.begin(), w.from.end(), 0.5f);
    EXPECT_EQ(mf_remap_fit_of(w.from.data(), w.to.data(), 2000, &w.taps, 0.25, 4, w.arena, &w.fit,
                              nullptr),
              MF_INVALID);
}
