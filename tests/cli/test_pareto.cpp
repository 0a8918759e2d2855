// Are exactly the points marked that nobody beats?
extern "C" {
#include "cli/pareto.h"
}
#include "base/random.h"

#include <gtest/gtest.h>

#include <vector>

TEST(Pareto, AgreesWithComparingAllPairs)
{
    mf_random random = mf_random_seed(3);
    for (size_t n_objectives = 1; n_objectives <= 3; n_objectives++)
        for (int round = 0; round < 50; round++) {
            std::vector<mf_pareto_point> points(60);
            for (size_t i = 0; i < points.size(); i++) {
                points[i] = {};
                points[i].index = i;
                points[i].group = mf_random_between(&random, 0, 2);
                for (size_t k = 0; k < n_objectives; k++)
                    points[i].objectives[k] = static_cast<double>(mf_random_between(&random, 0, 7));
            }
            const std::vector<mf_pareto_point> before = points;
            mf_pareto_mark(points.data(), points.size(), n_objectives);
            for (const mf_pareto_point &p : points) {
                bool beaten = false;
                for (const mf_pareto_point &q : before) {
                    bool no_worse = true, better = false;
                    for (size_t k = 0; k < n_objectives; k++) {
                        no_worse = no_worse && q.objectives[k] <= p.objectives[k];
                        better = better || q.objectives[k] < p.objectives[k];
                    }
                    beaten = beaten || (q.group == p.group && no_worse && better);
                }
                EXPECT_EQ(p.best, !beaten) << "seed 3, round " << round;
            }
        }
    mf_pareto_mark(nullptr, 0, 2);
}

TEST(Pareto, AFrontFoundPieceByPieceIsTheFront)
{
    mf_random random = mf_random_seed(4);
    std::vector<mf_pareto_point> all(500), kept;
    for (size_t i = 0; i < all.size(); i++) {
        all[i] = {};
        all[i].index = i;
        for (size_t k = 0; k < 2; k++)
            all[i].objectives[k] = static_cast<double>(mf_random_between(&random, 0, 40));
    }
    for (size_t i = 0; i < all.size(); i++) {
        kept.push_back(all[i]);
        if (i % 37 == 0)
            kept.resize(mf_pareto_keep(kept.data(), kept.size(), 2));
    }
    kept.resize(mf_pareto_keep(kept.data(), kept.size(), 2));
    all.resize(mf_pareto_keep(all.data(), all.size(), 2));
    ASSERT_EQ(kept.size(), all.size());
    EXPECT_LT(all.size(), 60U);
    for (size_t i = 0; i < all.size(); i++)
        EXPECT_EQ(kept[i].index, all[i].index);
}

// An axis that changes nothing makes as many equal points as it has values, and a front may hold all points: a million
// of either must not be compared pair by pair, which takes minutes.
TEST(Pareto, AMillionPointsTakeNoMinutes)
{
    constexpr size_t n = 1000000;
    const struct {
        size_t n_distinct, n_objectives;
    } cases[] = {{10, 2}, {10, 4}, {n, 2}};
    std::vector<mf_pareto_point> points(n);
    for (const auto &c : cases) {
        for (size_t i = 0; i < n; i++) {
            const auto x = static_cast<double>(i % c.n_distinct);
            points[i] = {};
            points[i].index = i;
            points[i].objectives[0] = x;
            points[i].objectives[1] = -x;
        }
        EXPECT_EQ(mf_pareto_keep(points.data(), n, c.n_objectives), n);
    }
}
