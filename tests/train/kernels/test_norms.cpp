// Are maps read through batch norm, activation and grid, and gradients through all three, as their
// definitions have it?
#include "tests/train/kernels/slow_norm.h"

using namespace kernel_testing;

namespace
{
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
