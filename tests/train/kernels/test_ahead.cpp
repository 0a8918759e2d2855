// Is every line of what comes next asked for once, and nothing else but a tile's last few?
#include "base/random.h"
#include "train/kernels/ahead.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>

namespace
{
// Only addresses count: nobody reads.
const float *line(size_t i)
{
    return reinterpret_cast<const float *>(uintptr_t(i) * MF_LINE_FLOATS * sizeof(float));
}

size_t number(const float *at)
{
    return uintptr_t(at) / sizeof(float) / MF_LINE_FLOATS;
}

TEST(Ahead, AsksForEveryLineOnce)
{
    mf_random random = mf_random_seed(11);
    for (int round = 0; round < 200; round++) {
        mf_ahead ahead = {};
        std::map<size_t, int> asked; // lines of all runs, and how often
        for (size_t run = 0; run < MF_AHEAD_RUNS; run++) {
            size_t first = 100000 * (run + 1), lines = mf_random_between(&random, 0, 300);
            mf_ahead_add(&ahead, line(first),
                         lines * MF_LINE_FLOATS + mf_random_between(&random, 0, 15));
            for (size_t i = 0; i < lines; i++)
                asked[first + i] = 0;
        }
        size_t longest = mf_random_between(&random, 1, 170), beyond = 0;
        while (ahead.n) {
            size_t steps = mf_random_between(&random, 1, longest),
                   first = number(mf_ahead_take(&ahead, steps, nullptr));
            for (size_t i = 0; i < steps; i++)
                if (asked.count(first + i))
                    asked[first + i]++;
                else
                    beyond++;
        }
        for (const auto &[at, times] : asked)
            ASSERT_EQ(times, 1) << "line " << at << " in round " << round;
        ASSERT_LT(beyond, MF_AHEAD_RUNS * longest);
        ASSERT_EQ(mf_ahead_take(&ahead, 5, line(7)), line(7)) << "nothing is left";
    }
}

TEST(Ahead, KnowsWhatIsNotThere)
{
    mf_ahead ahead = {};
    mf_ahead_add(&ahead, nullptr, 1000);
    mf_ahead_add(&ahead, line(1), MF_LINE_FLOATS - 1);
    EXPECT_EQ(ahead.n, 0u);
}
} // namespace
