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

    // Parameters of its own, as `numbers` or as it begins.
    void own_parameters(const std::vector<float> &numbers = {})
    {
        values.assign(map->n_parameters, 0);
        gradients.assign(map->n_parameters, 0);
        parameters.value = values.data();
        parameters.gradient = gradients.data();
        parameters.n = map->n_parameters;
        parameters.learns = map->learns;
        map->begin(map, values.data());
        std::copy(numbers.begin(), numbers.end(), values.begin());
        source.map_parameters = &parameters;
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
    mf_parameter own = {}, stored = {}, parameters = {};
    std::vector<float> values, gradients;
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

// ---- FC and the rivals --------------------------------------------------------------------------

namespace
{
// As many weights as the first layer has: 3x3 kernels of 3 channels.
std::vector<float> first_layer(const Map &map)
{
    std::vector<float> x =
        weights(mf_shape_weights(&mf_network_weight_layer(map.network, 0)->shape));
    for (float &w : x)
        w = (w - 0.3f) * 1.5f;
    return x;
}

std::vector<float> some_fit(mf_fc fc, uint64_t n_taps)
{
    mf_random random = mf_random_seed(11);
    std::vector<float> p(2 + mf_fc_size(fc, n_taps));
    mf_fc_begin(fc, n_taps, p.data() + 2);
    for (float &x : p)
        x += static_cast<float>(mf_random_real(&random)) * 0.2f;
    p[0] = 0.1f;
    p[1] = 0.7f;
    if (fc == MF_FC_MLP)
        p[4] = 0.05f;
    return p;
}

double loss_of(const std::vector<float> &y, const std::vector<float> &coefficient)
{
    double sum = 0;
    for (size_t i = 0; i < y.size(); i++)
        sum += static_cast<double>(y[i]) * coefficient[i];
    return sum;
}

// Slopes of every map are those of differences, through its own parameters, too.
void expect_gradients(Map &map)
{
    std::vector<float> x = first_layer(map), coefficient;
    mf_random random = mf_random_seed(3);
    for (size_t i = 0; i < x.size(); i++)
        coefficient.push_back(static_cast<float>(mf_random_real(&random)) - 0.5f);
    std::vector<float> gradient = map.backward(x, coefficient);
    auto close = [](double got, double expected) {
        EXPECT_NEAR(got, expected, 2e-2 * std::fabs(expected) + 2e-3);
    };
    for (size_t i = 0; i < x.size(); i += 37) {
        std::vector<float> more = x, less = x;
        more[i] += 1e-3f;
        less[i] -= 1e-3f;
        close(gradient[i],
              (loss_of(map.forward(more), coefficient) - loss_of(map.forward(less), coefficient)) /
                  (static_cast<double>(more[i]) - less[i]));
    }
    for (size_t i = 0; map.parameters.learns && i < map.values.size(); i += 9) {
        float was = map.values[i];
        map.values[i] = was + 0.01f;
        double more = loss_of(map.forward(x), coefficient);
        map.values[i] = was - 0.01f;
        double less = loss_of(map.forward(x), coefficient);
        map.values[i] = was;
        close(map.gradients[i], (more - less) / 0.02);
    }
}
} // namespace

TEST(Remap, GradientsGoThroughEveryFormOfFc)
{
    for (mf_fc fc : {MF_FC_AFFINE, MF_FC_TAPS, MF_FC_MLP})
        for (bool skip : {false, true}) {
            SCOPED_TRACE(std::to_string(fc) + (skip ? " skips" : ""));
            Map map({.fitted = true, .fc = fc, .skip = skip});
            ASSERT_EQ(map.map->n_parameters, 2 + mf_fc_size(fc, 9));
            ASSERT_FALSE(map.map->learns);
            map.own_parameters(some_fit(fc, 9));
            expect_gradients(map);
        }
}

TEST(Remap, GradientsGoThroughTheRivalsAndToWhatTheyLearn)
{
    for (mf_remap_form form : {MF_REMAP_LINEAR, MF_REMAP_KERNEL, MF_REMAP_PLAIN}) {
        SCOPED_TRACE(form);
        Map map({.form = form});
        map.own_parameters();
        if (form == MF_REMAP_KERNEL) // differences must not leave a bin
            for (float &factor : map.values)
                factor = 1.5f;
        expect_gradients(map);
    }
}

// A matrix over kernels, written out.
TEST(Remap, TapsAreAMatrixOverTheWeightsOfEachKernel)
{
    Map map({.fitted = true, .fc = MF_FC_TAPS});
    std::vector<float> p = some_fit(MF_FC_TAPS, 9), x = first_layer(map);
    map.own_parameters(p);
    std::vector<float> y = map.forward(x);
    size_t n_inner = x.size() / 9;
    for (size_t i = 0; i < n_inner; i += 5)
        for (size_t tap = 0; tap < 9; tap++) {
            double z = p[2 + 81];
            for (size_t k = 0; k < 9; k++)
                z += static_cast<double>(p[2 + tap * 9 + k]) * x[k * n_inner + i];
            double off = y[tap * n_inner + i] - 0.1;
            EXPECT_NEAR(laplace(-std::fabs(off), 0, 0.7) / gaussian(-std::fabs(z)), 1, 1e-4);
        }
}

// Channels may be sorted and cut: FC of a part is the part of FC.
TEST(Remap, FcCommutesWithTakingAndSortingChannels)
{
    for (mf_fc fc : {MF_FC_AFFINE, MF_FC_TAPS, MF_FC_MLP}) {
        std::vector<float> p = some_fit(fc, 9), x = weights(9 * 20), part, z(9 * 20),
                           of_part(9 * 7);
        const size_t chosen[] = {13, 2, 5, 19, 0, 7, 8};
        for (size_t tap = 0; tap < 9; tap++)
            for (size_t i : chosen)
                part.push_back(x[tap * 20 + i]);
        const mf_taps whole = {1, 9, 20}, cut = {1, 9, 7};
        mf_fc_apply(fc, p.data() + 2, &whole, x.data(), z.data());
        mf_fc_apply(fc, p.data() + 2, &cut, part.data(), of_part.data());
        for (size_t tap = 0; tap < 9; tap++)
            for (size_t i = 0; i < 7; i++)
                EXPECT_EQ(of_part[tap * 7 + i], z[tap * 20 + chosen[i]]);
    }
}

// Softmax less its mean, of what is stored and of what it is mapped to.
TEST(Remap, ThePenaltyIsTheMeanOfShiftAddNas)
{
    Map without({.location = 0.1, .scale = 0.5}), with({.location = 0.1, .scale = 0.5, .kl = 7});
    std::vector<float> x = weights(300), zero(300), y = without.forward(x);
    auto softmax = [](const std::vector<float> &v) {
        double sum = 0;
        std::vector<double> p;
        for (float w : v)
            sum += std::exp(static_cast<double>(w));
        for (float w : v)
            p.push_back(std::exp(static_cast<double>(w)) / sum - 1.0 / 300);
        return p;
    };
    std::vector<double> of_stored = softmax(x), of_mapped = softmax(y);
    std::vector<float> mapped;
    for (double g : of_mapped)
        mapped.push_back(static_cast<float>(7 * g));
    std::vector<float> expected = without.backward(x, mapped), got = with.backward(x, zero);
    for (size_t i = 0; i < 300; i++)
        EXPECT_NEAR(got[i], expected[i] + 7 * of_stored[i], 1e-6 + 1e-4 * std::fabs(got[i]));
}
