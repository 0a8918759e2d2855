// Do values, gradients and momenta of a store each lie in one run; is a step of the optimiser the
// equation of Nesterov's momentum for each number of it?
#include "tests/support/support.h"
#include "train/parameters.h"

#include "base/random.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace
{
// Of sizes that fill no cache line, in an order that is not that of the runs.
class Parameters : public testing::Test
{
  protected:
    Parameters()
    {
        const uint64_t weights[] = {1, 3, 3, 2, 7}, more[] = {5, 3, 0}, channels[] = {7, 0};
        EXPECT_OK(mf_parameters_create(8, &store, D));
        mf_parameters_add(store, "conv", "running_mean", channels, false, false);
        mf_parameters_add(store, "conv", "gamma", channels, true, false);
        mf_parameters_add(store, "conv", "weight", weights, true, true);
        mf_parameters_add(store, "fc", "weight", more, true, true);
        EXPECT_OK(mf_parameters_allocate(store, D));
        all = mf_parameters_all(store, &n);
        runs = mf_parameters_runs(store);
    }

    ~Parameters() override
    {
        mf_parameters_destroy(store);
    }

    mf_parameters *store = nullptr;
    mf_parameter *all = nullptr;
    size_t n = 0;
    mf_parameter_runs runs = {};
};
} // namespace

TEST_F(Parameters, LieInThreeRunsOfOneOrder)
{
    ASSERT_EQ(n, 4u);
    EXPECT_STREQ(all[0].name, "conv.running_mean");
    EXPECT_STREQ(all[3].name, "fc.weight");
    EXPECT_EQ(mf_parameters_find(store, "conv.weight"), &all[2]);
    EXPECT_EQ(mf_parameters_find(store, "conv.weigh"), nullptr);
    EXPECT_EQ(all[2].n_sizes, 5u);
    EXPECT_EQ(all[2].n, 126u);
    std::vector<int> owners(runs.n_values);
    for (size_t i = 0; i < n; i++) {
        const auto at = static_cast<uint64_t>(all[i].value - runs.values);
        ASSERT_LE(at + all[i].n, runs.n_values);
        for (uint64_t k = 0; k < all[i].n; k++)
            EXPECT_EQ(owners[at + k]++, 0) << all[i].name << " shares its place";
        EXPECT_EQ(all[i].decays, at + all[i].n <= runs.n_decay) << all[i].name;
        EXPECT_EQ(all[i].gradient != nullptr, at + all[i].n <= runs.n_learn) << all[i].name;
        if (!all[i].gradient)
            continue;
        EXPECT_EQ(static_cast<uint64_t>(all[i].gradient - runs.gradients), at);
        EXPECT_EQ(static_cast<uint64_t>(all[i].momentum - runs.momenta), at);
    }
}

TEST_F(Parameters, TakeStepsOfNesterov)
{
    const double rate = 0.1, momentum = 0.9, decay = 0.01;
    mf_random random = mf_random_seed(7);
    std::vector<std::vector<double>> expected(n);
    for (size_t i = 0; i < n; i++)
        for (uint64_t k = 0; k < all[i].n; k++) {
            double w = all[i].value[k] = static_cast<float>(mf_random_real(&random) - 0.5);
            if (all[i].gradient) {
                double g = all[i].gradient[k] = static_cast<float>(mf_random_real(&random) - 0.5),
                       v = all[i].momentum[k] = static_cast<float>(mf_random_real(&random) - 0.5),
                       d = g + (all[i].decays ? decay * w : 0);
                v = momentum * v + d;
                w -= rate * (d + momentum * v);
            }
            expected[i].push_back(w);
        }
    mf_parameters_update(store, mf_kernels_best(), rate, momentum, decay);
    for (size_t i = 0; i < n; i++)
        for (uint64_t k = 0; k < all[i].n; k++)
            EXPECT_NEAR(all[i].value[k], expected[i][k], 1e-6) << all[i].name;
    double between = 0; // what lies between tensors
    for (uint64_t i = 0; i < runs.n_values; i++)
        between += std::fabs(runs.values[i]);
    for (size_t i = 0; i < n; i++)
        for (uint64_t k = 0; k < all[i].n; k++)
            between -= std::fabs(all[i].value[k]);
    EXPECT_NEAR(between, 0, 1e-9);
    EXPECT_OK(mf_parameters_check(store, D));
    all[1].value[3] = NAN;
    mf_diag diag = {};
    EXPECT_EQ(mf_parameters_check(store, &diag), MF_DIVERGED);
    EXPECT_NE(std::string(diag.message).find("conv.gamma"), std::string::npos) << diag.message;
}

// Averages follow the values by their share, number by number; what changes places comes back.
TEST_F(Parameters, AveragesFollowTheValues)
{
    mf_random random = mf_random_seed(4);
    auto draw = [&] {
        for (size_t i = 0; i < n; i++)
            for (uint64_t k = 0; k < all[i].n; k++)
                all[i].value[k] = static_cast<float>(mf_random_real(&random));
    };
    draw();
    EXPECT_EQ(all[2].average, nullptr);
    mf_parameters_average(store, 0.5); // none are kept
    mf_parameters_swap_averages(store);
    EXPECT_OK(mf_parameters_keep_averages(store, D));
    std::vector<std::vector<double>> expected(n);
    for (size_t i = 0; i < n; i++) {
        EXPECT_EQ(all[i].average != nullptr, all[i].learns) << all[i].name;
        for (uint64_t k = 0; all[i].learns && k < all[i].n; k++) {
            EXPECT_EQ(all[i].average[k], all[i].value[k]);
            expected[i].push_back(double{all[i].value[k]});
        }
    }
    for (double share : {0.9, 0.1, 0.01, 0.25}) {
        draw();
        mf_parameters_average(store, share);
        for (size_t i = 0; i < n; i++)
            for (uint64_t k = 0; k < expected[i].size(); k++)
                expected[i][k] = (1 - share) * expected[i][k] + share * double{all[i].value[k]};
    }
    for (size_t i = 0; i < n; i++)
        for (uint64_t k = 0; k < expected[i].size(); k++)
            EXPECT_NEAR(all[i].average[k], expected[i][k], 1e-6) << all[i].name;
    std::vector<float> values(all[3].value, all[3].value + all[3].n),
        averages(all[3].average, all[3].average + all[3].n);
    mf_parameters_swap_averages(store);
    EXPECT_EQ(std::vector<float>(all[3].value, all[3].value + all[3].n), averages);
    EXPECT_EQ(std::vector<float>(all[3].average, all[3].average + all[3].n), values);
    mf_parameters_swap_averages(store);
    EXPECT_EQ(std::vector<float>(all[3].value, all[3].value + all[3].n), values);
}

// What is frozen keeps values and momenta; the others take the same step as ever, to the last bit.
TEST_F(Parameters, AStepPassesOverWhatIsFrozen)
{
    mf_random random = mf_random_seed(6);
    auto fill = [&] {
        for (float *run : {runs.values, runs.gradients, runs.momenta})
            for (size_t i = 0; i < n; i++)
                for (uint64_t k = 0; all[i].learns && k < all[i].n; k++)
                    run[all[i].value - runs.values + static_cast<long>(k)] =
                        static_cast<float>(mf_random_real(&random));
    };
    auto copy = [&](const float *x) { return std::vector<float>(x, x + runs.n_learn); };
    fill();
    auto values = copy(runs.values), momenta = copy(runs.momenta);
    const mf_kernels *kernels = mf_kernels_best();
    mf_parameters_update(store, kernels, 0.1, 0.9, 0.01);
    auto stepped = copy(runs.values), stepped_momenta = copy(runs.momenta);
    std::copy(values.begin(), values.end(), runs.values);
    std::copy(momenta.begin(), momenta.end(), runs.momenta);
    all[2].frozen = true;
    mf_parameters_update(store, kernels, 0.1, 0.9, 0.01);
    for (size_t i = 0; i < n; i++)
        for (uint64_t k = 0; all[i].learns && k < all[i].n; k++) {
            auto at = static_cast<size_t>(all[i].value - runs.values) + k;
            EXPECT_EQ(runs.values[at], (all[i].frozen ? values : stepped)[at]) << all[i].name;
            EXPECT_EQ(runs.momenta[at], (all[i].frozen ? momenta : stepped_momenta)[at]);
        }
}
