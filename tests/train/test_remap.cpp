// Are a Gaussian's numbers mapped to those that a Laplace distribution has with the same probability,
// and is the gradient that of the map?
#include "base/random.h"
#include "models/formats/network_json.h"
#include "tests/support/operators.h"
#include "train/remap.h"

#include <cmath>
#include <string>
#include <vector>

namespace
{
// A single layer's map, and a source for it.
struct Map {
    explicit Map(mf_remap_options how, const std::string &op = "shift",
                 const char *kernels = nullptr)
        : arena(mf_arena_create()), operators(load_all_operators())
    {
        EXPECT_OK(mf_network_load(source_path("models/zoo/mobilenetv2-tiny.json").c_str(), nullptr,
                                  &network, D));
        size_t which;
        EXPECT_OK(mf_operators_find(operators, op.c_str(), &which, D));
        std::vector<size_t> ops(network->n_weight_layers, which);
        mf_model_options options = mf_model_defaults();
        options.kernels = kernels ? mf_kernels_named(kernels) : nullptr;
        const mf_source_map *const *maps;
        EXPECT_OK(
            mf_remaps_create(network, operators, ops.data(), &options, &how, arena, &maps, D));
        map = maps[0];
        source.map = map;
        source.own = &own;
        source.stored = &stored;
    }

    ~Map()
    {
        mf_network_destroy(network);
        mf_operators_destroy(operators);
        mf_arena_destroy(arena);
    }

    Map(const Map &) = delete;
    Map &operator=(const Map &) = delete;

    std::vector<float> forward(std::vector<float> x)
    {
        std::vector<float> y(x.size());
        own.value = y.data();
        own.n = stored.n = x.size();
        source.sliced = stored.value = x.data();
        map->forward(map, &source);
        return y;
    }

    std::vector<float> backward(std::vector<float> x, std::vector<float> gradient)
    {
        std::vector<float> y(x.size());
        own.value = y.data();
        own.n = stored.n = x.size();
        source.sliced = stored.value = x.data();
        map->forward(map, &source);
        map->pull_back(map, &source, gradient.data());
        return gradient;
    }

    mf_arena *arena;
    mf_operators *operators;
    mf_network *network = nullptr;
    const mf_source_map *map = nullptr;
    mf_parameter own = {}, stored = {};
    mf_source source = {};
};

// Normal deviates of mean 0.3 and deviation 0.05, with one far out.
std::vector<float> weights(size_t n)
{
    mf_random random = mf_random_seed(5);
    std::vector<float> x;
    for (size_t i = 0; i < n; i++) {
        double u = 1 - mf_random_real(&random), v = mf_random_real(&random);
        x.push_back(static_cast<float>(0.3 + 0.05 * std::sqrt(-2 * std::log(u)) *
                                                 std::cos(2 * std::acos(-1.0) * v)));
    }
    return x;
}

struct Moments {
    double mean = 0, deviation = 0;
};

Moments moments(const std::vector<float> &x)
{
    Moments m;
    for (float w : x)
        m.mean += w / static_cast<double>(x.size());
    for (float w : x)
        m.deviation += (w - m.mean) * (w - m.mean) / static_cast<double>(x.size());
    m.deviation = std::sqrt(m.deviation);
    return m;
}

double gaussian(double z)
{
    return 0.5 * std::erfc(-z / std::sqrt(2));
}

double laplace(double x, double u, double b)
{
    return x < u ? 0.5 * std::exp((x - u) / b) : 1 - 0.5 * std::exp((u - x) / b);
}
} // namespace

// The definition: both have the same cumulative probability. Beyond |z| = 6 nothing moves.
TEST(Remap, HasTheSameCumulativeProbability)
{
    const mf_remap_options how = {.location = 0.25, .scale = 4.1};
    for (const char *kernels : {"portable", "avx2", "avx512"}) {
        if (!mf_kernels_named(kernels))
            continue;
        SCOPED_TRACE(kernels);
        Map map(how, "shift", kernels);
        std::vector<float> x = weights(1013);
        x.push_back(0.9f); // 12 deviations and more
        x.push_back(-0.9f);
        Moments m = moments(x);
        std::vector<float> y = map.forward(x);
        for (size_t i = 0; i < x.size(); i++) {
            double z = (x[i] - m.mean) / m.deviation, tail = gaussian(-std::fabs(z)),
                   off = y[i] - 0.25;
            if (std::fabs(z) > 6) {
                EXPECT_NEAR(std::fabs(off), -4.1 * std::log(std::erfc(6 / std::sqrt(2))), 1e-3);
                continue;
            }
            EXPECT_GE(off * z, 0);
            // Of the nearer tail, where no digits are lost.
            EXPECT_NEAR(laplace(-std::fabs(off), 0, 4.1) / tail, 1, 3e-5) << z;
        }
    }
}

// The paper's own form, in double precision, where it is finite.
TEST(Remap, IsTheEquationAsPrinted)
{
    Map map({.location = -0.1, .scale = 0.02});
    std::vector<float> x = weights(500), y = map.forward(x);
    Moments m = moments(x);
    for (size_t i = 0; i < x.size(); i++) {
        double p = gaussian((x[i] - m.mean) / m.deviation), half = p - 0.5;
        double printed = -0.1 - 0.02 * (half > 0 ? 1 : -1) * std::log(1 - 2 * std::fabs(half));
        EXPECT_NEAR(y[i], printed, 1e-6);
    }
}

TEST(Remap, KeepsMeanAndDeviationUnlessToldOtherwise)
{
    Map map({});
    std::vector<float> x = weights(20000);
    Moments before = moments(x), after = moments(map.forward(x));
    EXPECT_NEAR(after.mean, before.mean, 2e-3 * before.deviation);
    EXPECT_NEAR(after.deviation, before.deviation, 0.03 * before.deviation);
    Map skips({.location = 0.5, .scale = 0.01, .skip = true}),
        alone({.location = 0.5, .scale = 0.01});
    std::vector<float> y = skips.forward(x), r = alone.forward(x);
    for (size_t i = 0; i < x.size(); i += 97)
        EXPECT_NEAR(y[i], x[i] + r[i], 1e-6);
}

// Against differences of the map itself. Where mean and deviation are constants in the gradient they
// are so in the differences.
TEST(Remap, GradientsAreThoseOfTheMap)
{
    std::vector<float> x = weights(40), g(40);
    mf_random random = mf_random_seed(9);
    for (float &w : g)
        w = static_cast<float>(2 * mf_random_real(&random) - 1);
    for (bool skip : {false, true})
        for (double scale : {0.0, 0.2})
            for (bool whole : {false, true}) {
                SCOPED_TRACE(testing::Message()
                             << "skip " << skip << " scale " << scale << " whole " << whole);
                mf_remap_options how = {
                    .location = scale > 0 ? 0.1 : 0, .scale = scale, .skip = skip};
                how.differentiates = whole;
                Map map(how);
                // In double, from the definition.
                Moments fixed = moments(x);
                auto dot = [&](const std::vector<double> &at) {
                    double sum = 0;
                    Moments m = fixed;
                    if (whole) {
                        m = {};
                        for (double w : at)
                            m.mean += w / 40;
                        for (double w : at)
                            m.deviation += (w - m.mean) * (w - m.mean) / 40;
                        m.deviation = std::sqrt(m.deviation);
                    }
                    for (size_t i = 0; i < at.size(); i++) {
                        double z = (at[i] - m.mean) / m.deviation;
                        double b = scale > 0 ? scale : m.deviation / std::sqrt(2),
                               u = scale > 0 || skip ? how.location : m.mean;
                        double r = u - b * (z > 0 ? 1 : -1) *
                                           std::log(std::erfc(std::fabs(z) / std::sqrt(2)));
                        sum += double{g[i]} * (r + (skip ? at[i] : 0));
                    }
                    return sum;
                };
                std::vector<float> gradient = map.backward(x, g);
                std::vector<double> at(x.begin(), x.end());
                for (size_t i = 0; i < x.size(); i++) {
                    const double h = 1e-6, was = at[i];
                    at[i] = was + h;
                    double up = dot(at);
                    at[i] = was - h;
                    double down = dot(at);
                    at[i] = was;
                    EXPECT_NEAR(gradient[i], (up - down) / (2 * h),
                                2e-4 * (1 + std::fabs(gradient[i])))
                        << i;
                }
            }
}

// Add brings its gradient to a size of its own; through the map that is still how far its weights move.
TEST(Remap, AnAddersWeightsMoveAsFarAsWithoutIt)
{
    Map map({.location = 0.25, .scale = 4.1}, "add");
    std::vector<float> x = weights(4000), g(4000);
    mf_random random = mf_random_seed(9);
    for (float &w : g)
        w = static_cast<float>(0.4 * mf_random_real(&random) - 0.2);
    std::vector<float> gradient = map.backward(x, g), moved = x;
    for (size_t i = 0; i < x.size(); i++)
        moved[i] = x[i] - 1e-3f * gradient[i];
    std::vector<float> before = map.forward(x), after = map.forward(moved);
    double squares = 0;
    for (size_t i = 0; i < x.size(); i++)
        squares += std::pow((after[i] - before[i]) / 1e-3, 2) / 4000;
    double eta = mf_model_defaults().add_eta;
    EXPECT_GT(std::sqrt(squares), eta);
    EXPECT_LT(std::sqrt(squares), 4 * eta) << "tails move further";
}

TEST(Remap, AppliesWhereOneTensorMakesTheWeights)
{
    mf_model_options q = mf_model_defaults(), ps = q;
    ps.shift_mode = MF_SHIFT_PS;
    EXPECT_TRUE(mf_remap_applies(MF_TRAINED_SHIFT, &q));
    EXPECT_FALSE(mf_remap_applies(MF_TRAINED_SHIFT, &ps));
    EXPECT_TRUE(mf_remap_applies(MF_TRAINED_ADD, &q));
    EXPECT_FALSE(mf_remap_applies(MF_TRAINED_MULT, &q));
    EXPECT_FALSE(mf_remap_applies(MF_TRAINED_DENSESHIFT, &q));
    Map map({}, "mult");
    EXPECT_EQ(map.map, nullptr);
}
