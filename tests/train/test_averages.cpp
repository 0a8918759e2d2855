// Does a checkpoint with averages bring back both, and give who uses it the averages? How fast do they
// forget?
#include "tests/train/saved.h"

#include <algorithm>

TEST(Averages, ACheckpointBringsBackBoth)
{
    Scratch scratch;
    Fixture f("shift");
    mf_diag diag = {};
    mf_parameters *store = mf_model_store(f.model);
    ASSERT_EQ(mf_parameters_keep_averages(store, &diag), MF_OK);
    for (int i = 0; i < 3; i++) {
        f.train(1);
        mf_parameters_average(store, 0.3);
    }
    std::string path = checkpoint_of(f, "shift", text_for("shift"), normalised(0.4, 0.2), scratch);
    size_t n;
    const mf_parameter *p = mf_parameters_all(store, &n);
    auto is = [](const float *x, const float *y, uint64_t count) {
        return std::equal(x, x + count, y);
    };
    for (bool averages : {true, false}) // one that goes on averaging, and one that does not
        for (bool goes_on : {true, false}) {
            SCOPED_TRACE(averages);
            SCOPED_TRACE(goes_on);
            Fixture g("shift");
            mf_parameters *other = mf_model_store(g.model);
            if (averages) {
                ASSERT_EQ(mf_parameters_keep_averages(other, &diag), MF_OK);
            }
            ASSERT_EQ(mf_checkpoint_load(path.c_str(), goes_on, other, &diag), MF_OK)
                << diag.message;
            const mf_parameter *q = mf_parameters_all(other, &n);
            for (size_t i = 0; i < n; i++) {
                const float *used = p[i].average ? p[i].average : p[i].value;
                EXPECT_TRUE(is(q[i].value, goes_on ? p[i].value : used, p[i].n)) << p[i].name;
                EXPECT_TRUE(!q[i].average || is(q[i].average, used, p[i].n)) << p[i].name;
                EXPECT_TRUE(!goes_on || !q[i].momentum || is(q[i].momentum, p[i].momentum, p[i].n))
                    << p[i].name;
            }
        }
    EXPECT_FALSE(is(p[0].average, p[0].value, p[0].n));
}

// 1 - min(ema, (1 + t) / (10 + t)).
TEST(Averages, ForgetFasterInTheFirstSteps)
{
    mf_training t = mf_training_defaults();
    EXPECT_EQ(mf_training_forgets(&t, 5), 1); // ema 0: the last step alone
    t.ema = 0.99;
    EXPECT_DOUBLE_EQ(mf_training_forgets(&t, 0), 0.9);
    EXPECT_DOUBLE_EQ(mf_training_forgets(&t, 10), 0.45);
    EXPECT_DOUBLE_EQ(mf_training_forgets(&t, 889), 9.0 / 899);
    EXPECT_DOUBLE_EQ(mf_training_forgets(&t, 100000), 1 - 0.99);
}
