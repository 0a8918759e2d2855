// Is a step over shards the mean of what each of them learns by itself, and is its sum that of a tree,
// of which anybody may compute a part?
#include "tests/train/fixture.h"
#include "train/shards.h"

#include <cmath>
#include <cstring>

namespace
{
using Floats = std::vector<float>;

// A model, a batch of 16, and its passes over shards of it.
struct Sharded : Fixture {
    using Fixture::Fixture;

    mf_parameter_runs runs() const
    {
        return mf_parameters_runs(mf_model_store(model));
    }
    Floats gradients() const
    {
        return {runs().gradients, runs().gradients + runs().n_learn};
    }
    Floats statistics() const
    {
        return {runs().values + runs().n_learn, runs().values + runs().n_values};
    }
    void set_statistics(const Floats &s) const
    {
        std::copy(s.begin(), s.end(), runs().values + runs().n_learn);
    }

    // Shard `shard` of n of the pictures from `first` on.
    mf_status pass(uint64_t first, uint64_t size, uint64_t number, mf_model_score *score)
    {
        mf_diag diag = {};
        size_t image = images.size() / labels.size();
        mf_status status =
            mf_model_train(model, images.data() + first * image, labels.data() + first, size,
                           mf_shard_step(3, number), score, &diag);
        EXPECT_EQ(status, MF_OK) << diag.message;
        return status;
    }

    // A step over n shards of `size` pictures, the first of which is shard number `begin`.
    mf_model_score step_over(uint64_t n, uint64_t size, uint64_t begin = 0)
    {
        struct Work {
            Sharded *self;
            uint64_t size, begin;
        } work = {this, size, begin};
        mf_shards *shards = nullptr;
        mf_diag diag = {};
        mf_model_score score = {};
        EXPECT_EQ(mf_shards_create(n, mf_model_store(model), &shards, &diag), MF_OK);
        EXPECT_EQ(mf_shards_step(
                      shards,
                      [](void *user, uint64_t shard, mf_model_score *s, mf_diag *) {
                          auto *w = static_cast<Work *>(user);
                          uint64_t number = w->begin + shard;
                          return w->self->pass(number * w->size, w->size, number, s);
                      },
                      &work, &score, &diag),
                  MF_OK);
        mf_shards_destroy(shards);
        return score;
    }
};

mf_model_options with_dropout()
{
    mf_model_options options = Fixture::small_options();
    options.dropout = 0.3;
    return options;
}

} // namespace

// Each shard alone, one after the other from the same statistics, and their mean in double precision.
TEST(Shards, AreTheMeanOfWhatEachLearnsAlone)
{
    for (const std::string op : {"mult", "shift", "add", "denseshift", "apot4"})
        for (uint64_t n : {1, 2, 4, 5, 8, 16}) {
            SCOPED_TRACE(op + ", " + std::to_string(n) + " shards");
            Sharded f(op, with_dropout());
            uint64_t size = 16 / n;
            Floats before = f.statistics();
            std::vector<double> gradients(f.runs().n_learn), moved(before.size());
            double loss = 0;
            uint64_t top1 = 0;
            for (uint64_t i = 0; i < n; i++) {
                mf_model_score score = {};
                f.set_statistics(before);
                f.pass(i * size, size, i, &score);
                loss += score.loss / static_cast<double>(n);
                top1 += score.n_top1;
                Floats g = f.gradients(), s = f.statistics();
                for (size_t k = 0; k < g.size(); k++)
                    gradients[k] += g[k] / static_cast<double>(n);
                for (size_t k = 0; k < s.size(); k++)
                    moved[k] += (double{s[k]} - before[k]) / static_cast<double>(n);
            }
            f.set_statistics(before);
            mf_model_score score = f.step_over(n, size);
            EXPECT_NEAR(score.loss, loss, 1e-12 * loss);
            EXPECT_EQ(score.n, n * size);
            EXPECT_EQ(score.n_top1, top1);
            Floats g = f.gradients(), s = f.statistics();
            double largest = 0;
            for (size_t k = 0; k < g.size(); k++) {
                EXPECT_NEAR(g[k], gradients[k], 1e-6 * std::fabs(gradients[k]) + 1e-7) << k;
                largest = std::max(largest, std::fabs(gradients[k]));
            }
            EXPECT_GT(largest, 1e-3);
            for (size_t k = 0; k < s.size(); k++)
                EXPECT_NEAR(s[k], before[k] + moved[k], 2e-6 * std::fabs(s[k]) + 1e-6) << k;
        }
}

// What another machine finds of its shards is, bit for bit, what stands in the tree: of four, two and two;
// of eight, four and four.
TEST(Shards, AddUpInATreeOfWhichAnyPartStandsAlone)
{
    for (uint64_t n : {2, 4, 8, 16}) {
        Sharded f("shift", with_dropout());
        Floats before = f.statistics(), halves[2];
        uint64_t size = 16 / n, half = n / 2;
        for (uint64_t i = 0; i < 2; i++) {
            f.set_statistics(before);
            f.step_over(half, size, i * half);
            halves[i] = f.gradients();
        }
        f.set_statistics(before);
        f.step_over(n, size);
        Floats g = f.gradients();
        for (size_t k = 0; k < g.size();
             k++) { // powers of two: divided before or after is the same
            float sum =
                halves[0][k] * static_cast<float>(half) + halves[1][k] * static_cast<float>(half);
            ASSERT_EQ(g[k], sum / static_cast<float>(n)) << k << " of " << n;
        }
    }
}

// Where nothing looks at a batch as a whole, cutting it changes nothing but how sums are rounded.
// Is [first, end) a subtree of [from, from + n)?
bool is_subtree(uint64_t from, uint64_t n, uint64_t first, uint64_t end)
{
    if (first == from && end == from + n)
        return true;
    uint64_t half = 1;
    while (2 * half < n)
        half *= 2;
    if (n < 2)
        return false;
    return first < from + half ? is_subtree(from, half, first, end)
                               : is_subtree(from + half, n - half, first, end);
}

TEST(Shards, AreDividedAmongRanksInSubtreesOfWhichEachHasOne)
{
    for (uint64_t n = 1; n <= 70; n++)
        for (size_t ranks = 1; ranks <= n; ranks++) {
            uint64_t next = 0, most = 0, first, end;
            for (size_t rank = 0; rank < ranks; rank++) {
                mf_shards_of_rank(n, ranks, rank, &first, &end);
                ASSERT_EQ(first, next) << n << " shards, rank " << rank << " of " << ranks;
                ASSERT_LT(first, end) << n << " shards, rank " << rank << " of " << ranks;
                ASSERT_TRUE(is_subtree(0, n, first, end)) << n << ": " << first << " to " << end;
                most = std::max(most, end - first);
                next = end;
            }
            EXPECT_EQ(next, n);
            if ((n & (n - 1)) == 0 && (ranks & (ranks - 1)) == 0) {
                EXPECT_EQ(most, n / ranks);
            }
        }
}

TEST(Shards, ChangeNothingWithoutBatchNorm)
{
    const std::string text = R"({"name": "s", "about": "t", "source": "t",
      "input": {"channels": 3, "rows": 6, "columns": 6}, "classes": 5, "activation": "relu",
      "parts": [{"type": "conv", "channels": 8, "kernel": 3, "norm": false, "bias": true},
                {"type": "global_pool"}, {"type": "fc", "channels": "classes"}]})";
    Sharded f("mult", text);
    f.step_over(1, 16);
    Floats whole = f.gradients();
    f.step_over(4, 4);
    Floats cut = f.gradients();
    for (size_t k = 0; k < whole.size(); k++)
        EXPECT_NEAR(cut[k], whole[k], 1e-6) << k;
}

TEST(Shards, HaveRandomNumbersOfTheirOwnAndDrawTheSameNetworks)
{
    EXPECT_EQ(mf_shard_step(7, 0), 7u);
    EXPECT_NE(mf_shard_step(7, 1), mf_shard_step(7, 2));
    EXPECT_EQ(mf_step_of_shards(mf_shard_step(7, 5)), 7u);
}
