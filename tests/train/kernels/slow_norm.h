// Batch norm and activations by their definitions, in double precision.
#ifndef MF_TESTS_SLOW_NORM_H
#define MF_TESTS_SLOW_NORM_H

#include "tests/train/kernels/kernel_testing.h"

namespace kernel_testing
{
inline const mf_activation activations[] = {
#define MF_ACTIVATION(NAME, name) MF_ACTIVATION_##NAME,
#include "models/activations.def"
#undef MF_ACTIVATION
};

inline double slow_activation(mf_activation activation, double z)
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

inline double slow_slope(mf_activation activation, double z)
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
} // namespace kernel_testing

#endif
