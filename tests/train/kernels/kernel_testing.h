// What tests of kernels share: numbers at addresses that a sanitizer watches, shapes, every build
// with one thread and with two, and how near a result has to be.
#ifndef MF_TESTS_KERNEL_TESTING_H
#define MF_TESTS_KERNEL_TESTING_H

#include "base/random.h"
#include "base/team.h"
#include "train/kernels/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace kernel_testing
{
using Doubles = std::vector<double>;

constexpr double epsilon = 1.0 / (1 << 24); // half a unit in the last place of a float

// Exactly as many floats as asked for, so that the sanitizer sees the first read too far.
struct Floats {
    explicit Floats(size_t count, float value = 0) : n(count), data(new float[count])
    {
        std::fill(data.get(), data.get() + n, value);
    }
    Floats &operator=(const Floats &other)
    {
        std::copy(other.data.get(), other.data.get() + n, data.get());
        return *this;
    }
    Floats(const Floats &other) : n(other.n), data(new float[other.n])
    {
        std::copy(other.data.get(), other.data.get() + n, data.get());
    }
    operator float *()
    {
        return data.get();
    }
    operator const float *() const
    {
        return data.get();
    }
    float operator[](size_t i) const
    {
        return data[i];
    }
    float &operator[](size_t i)
    {
        return data[i];
    }
    bool operator==(const Floats &other) const
    {
        return n == other.n && !std::memcmp(data.get(), other.data.get(), n * sizeof(float));
    }
    size_t n;
    std::unique_ptr<float[]> data;
};

inline Floats random_floats(size_t n, mf_random *random, double low = -1, double high = 1)
{
    Floats x(n);
    for (size_t i = 0; i < n; i++)
        x[i] = float(low + (high - low) * mf_random_real(random));
    return x;
}

// Workspace of exactly the promised size, at an odd address, between canaries.
struct Workspace {
    Workspace(const mf_shape &shape, int n_threads)
        : size(mf_kernels_scratch(&shape, n_threads)), all(size + 2 * guard + 1, canary)
    {
    }
    operator float *()
    {
        return all + guard + 1;
    }
    void expect_untouched() const
    {
        for (size_t i = 0; i < guard; i++) {
            ASSERT_EQ(all[1 + i], canary) << "before the scratch";
            ASSERT_EQ(all[all.n - 1 - i], canary) << "behind the scratch";
        }
    }
    static constexpr size_t guard = 64;
    static constexpr float canary = 12345.625f;
    size_t size;
    Floats all;
};

inline mf_shape shape_of(uint64_t n, uint64_t h, uint64_t w, uint64_t c, uint64_t m, uint64_t g,
                         uint64_t r, uint64_t s, uint64_t stride, uint64_t pad_rows,
                         uint64_t pad_columns)
{
    mf_shape shape = {};
    shape.n = n, shape.m = m, shape.c = c, shape.g = g, shape.h = h, shape.w = w, shape.r = r;
    shape.s = s, shape.stride = stride, shape.pad_rows = pad_rows, shape.pad_columns = pad_columns;
    shape.e = mf_shape_windows(h, r, stride, pad_rows, false);
    shape.f = mf_shape_windows(w, s, stride, pad_columns, false);
    return shape;
}

inline std::string text(const mf_shape &p)
{
    std::ostringstream out;
    out << "N" << p.n << " H" << p.h << " W" << p.w << " C" << p.c << " M" << p.m << " G" << p.g
        << " R" << p.r << " S" << p.s << " stride " << p.stride << " pad " << p.pad_rows << " "
        << p.pad_columns;
    return out.str();
}

// A result and, per element, the sum of the magnitudes it was made from.
struct Expected {
    explicit Expected(size_t n) : value(n), magnitude(n) {}
    void add(size_t i, double term, double of)
    {
        value[i] += term;
        magnitude[i] += std::fabs(of);
    }
    Doubles value, magnitude;
};

// Every element within `terms` roundings of the sum of magnitudes: the bound for any order of
// additions. Rounding errors mostly cancel, so a small factor of its root is what is demanded.
inline void expect_near(const Floats &found, const Expected &expected, double terms)
{
    ASSERT_EQ(found.n, expected.value.size());
    double share = (8 + 2 * std::sqrt(terms)) * epsilon;
    for (size_t i = 0; i < found.n; i++)
        ASSERT_NEAR(double(found[i]), expected.value[i], share * expected.magnitude[i] + 1e-30)
            << "element " << i << " of " << found.n;
}

inline std::vector<const mf_kernels *> builds()
{
    std::vector<const mf_kernels *> all;
    for (const char *name : {"avx512", "avx2", "portable"})
        if (const mf_kernels *kernels = mf_kernels_named(name))
            all.push_back(kernels);
    return all;
}

// Calls `check` for each build with each number of threads.
inline void each_build(const std::function<void(const mf_kernels &, int)> &check)
{
    for (const mf_kernels *kernels : builds())
        for (int n_threads : {1, 2}) {
            SCOPED_TRACE(std::string(kernels->name) + ", " + std::to_string(n_threads) +
                         " threads");
            ASSERT_EQ(mf_team_set(size_t(n_threads), nullptr), MF_OK);
            check(*kernels, n_threads);
            if (testing::Test::HasFatalFailure())
                return;
        }
}

// A map that is what is written.
inline mf_map plain(const float *y)
{
    mf_map map = {};
    map.y = y;
    return map;
}
} // namespace kernel_testing

#endif
