// Does a team do all of its work, once, with everybody there, whoever sleeps and however many join?
#include "base/team.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace
{
struct Work {
    std::atomic<int> calls{0}, first{0}, wrong{0};
    std::vector<std::atomic<int>> ranks = std::vector<std::atomic<int>>(8);
    size_t size = 0;
    bool slow = false;
};

// Nobody passes a barrier before everybody has been in front of it.
void work(void *user)
{
    auto *w = static_cast<Work *>(user);
    w->ranks[mf_team_rank()]++;
    w->calls++;
    w->wrong += mf_team_size() != w->size;
    if (w->slow && mf_team_rank() % 2)
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    w->first++;
    mf_team_barrier();
    w->wrong += w->first != static_cast<int>(w->size);
    mf_team_barrier();
    if (mf_team_rank() == 0)
        w->first = 0;
    mf_team_barrier();
}

void run(size_t n_threads, bool slow)
{
    Work w;
    w.size = n_threads;
    w.slow = slow;
    mf_team_run(n_threads, work, &w);
    EXPECT_EQ(w.calls, static_cast<int>(n_threads));
    EXPECT_EQ(w.wrong, 0);
    for (size_t i = 0; i < n_threads; i++)
        EXPECT_EQ(w.ranks[i], 1);
    EXPECT_EQ(mf_team_rank(), 0u);
    EXPECT_EQ(mf_team_size(), 1u);
}
} // namespace

TEST(Team, EverybodyWorksOnceAndMeets)
{
    for (size_t n : {1, 2, 5, 3}) { // it grows, and part of it is used
        ASSERT_EQ(mf_team_set(n, nullptr), MF_OK);
        EXPECT_EQ(mf_team_threads(), n);
        for (int call = 0; call < 300; call++)
            run(n, false);
        for (size_t part = 1; part <= n; part++)
            run(part, false);
        for (int call = 0; call < 5; call++)
            run(n, true); // waiting threads fall asleep
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        run(n, false); // and wake up
    }
}

TEST(Team, SplitsWithoutGapsOrOverlaps)
{
    ASSERT_EQ(mf_team_set(4, nullptr), MF_OK);
    for (size_t n : {0, 1, 3, 4, 5, 1000}) {
        std::vector<std::atomic<int>> seen(n + 1);
        mf_team_split(
            n,
            [](void *user, size_t begin, size_t end) {
                auto *s = static_cast<std::vector<std::atomic<int>> *>(user);
                for (size_t i = begin; i < end; i++)
                    (*s)[i]++;
            },
            &seen);
        for (size_t i = 0; i < n; i++)
            EXPECT_EQ(seen[i], 1) << i << " of " << n;
    }
}
