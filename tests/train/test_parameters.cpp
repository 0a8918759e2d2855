// Do values, gradients and momenta of a store each lie in one run; is a step of the optimiser the
// equation of Nesterov's momentum for each number of it?
#include "tests/support/support.h"
#include "train/parameters.h"

#include "base/random.h"

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
