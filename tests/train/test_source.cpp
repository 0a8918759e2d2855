// Is giving a slice's gradient the adjoint of taking the slice? Are a model's gradients, through
// slice, map and projection, those of its loss by the tensors of the store?
#include "base/random.h"
#include "tests/support/support.h"
#include "train/source.h"

#include <vector>

namespace
{
mf_slice random_slice(mf_random *random)
{
    mf_slice slice = {};
    slice.n_axes = mf_random_between(random, 1, MF_MOST_AXES);
    for (size_t i = 0; i < slice.n_axes; i++) {
        slice.whole[i] = mf_random_between(random, 1, 5);
        slice.part[i] = mf_random_between(random, 1, slice.whole[i]);
        if (mf_random_between(random, 0, 2) == 0)
            slice.part[i] = slice.whole[i];
    }
    return slice;
}

uint64_t product(const uint64_t *sizes, size_t n)
{
    uint64_t all = 1;
    for (size_t i = 0; i < n; i++)
        all *= sizes[i];
    return all;
}

// Small whole numbers: sums of products are exact.
std::vector<float> random_numbers(mf_random *random, uint64_t n)
{
    std::vector<float> x(n);
    for (float &one : x)
        one = static_cast<float>(mf_random_between(random, 0, 40)) - 20;
    return x;
}

double dot(const std::vector<float> &a, const std::vector<float> &b)
{
    double sum = 0;
    for (size_t i = 0; i < a.size(); i++)
        sum += double{a[i]} * b[i];
    return sum;
}

// Where does number `i` of the slice lie in the whole? By division, axis by axis.
uint64_t place_of(const mf_slice &slice, uint64_t i)
{
    uint64_t place = 0, stride = 1;
    for (size_t axis = slice.n_axes; axis-- > 0;) {
        place += i % slice.part[axis] * stride;
        i /= slice.part[axis];
        stride *= slice.whole[axis];
    }
    return place;
}
} // namespace

TEST(Slice, AddingIsTheAdjointOfTaking)
{
    mf_random random = mf_random_seed(11);
    for (uint64_t i = 0; i < n_cases(400); i++) {
        mf_slice slice = random_slice(&random);
        uint64_t n = product(slice.whole, slice.n_axes), n_part = product(slice.part, slice.n_axes);
        std::vector<float> x = random_numbers(&random, n), y = random_numbers(&random, n_part),
                           taken(n_part), added(n);
        mf_slice_take(&slice, x.data(), taken.data());
        mf_slice_add(&slice, y.data(), added.data());
        EXPECT_EQ(dot(taken, y), dot(x, added)); // <S x, y> = <x, S' y>
        EXPECT_EQ(mf_slice_is_whole(&slice), n == n_part);
        for (uint64_t k = 0; k < n_part; k++)
            EXPECT_EQ(taken[k], x[place_of(slice, k)]);
    }
}

TEST(Slice, PuttingLeavesTheRest)
{
    mf_random random = mf_random_seed(12);
    for (uint64_t i = 0; i < n_cases(400); i++) {
        mf_slice slice = random_slice(&random);
        uint64_t n_part = product(slice.part, slice.n_axes);
        std::vector<float> x = random_numbers(&random, product(slice.whole, slice.n_axes)),
                           y = random_numbers(&random, n_part), expected = x, sum = x;
        for (uint64_t k = 0; k < n_part; k++) {
            expected[place_of(slice, k)] = y[k];
            sum[place_of(slice, k)] += y[k];
        }
        std::vector<float> more = x;
        mf_slice_put(&slice, y.data(), x.data());
        mf_slice_add(&slice, y.data(), more.data());
        EXPECT_EQ(x, expected);
        EXPECT_EQ(more, sum);
    }
}
