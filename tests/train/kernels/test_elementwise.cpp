// Are maps added, and weights moved, number by number?
#include "tests/train/kernels/slow_norm.h"

using namespace kernel_testing;

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
