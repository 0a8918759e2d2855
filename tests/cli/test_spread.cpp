// Are mean, deviation and intervals those of the books?
#include "cli/spread.h"

#include <gtest/gtest.h>

// Table of Student's t, two-sided 95 %.
TEST(Spread, IntervalsAreStudents)
{
    EXPECT_NEAR(mf_student_95(1), 12.706, 2e-3);
    EXPECT_NEAR(mf_student_95(2), 4.303, 1e-3);
    EXPECT_NEAR(mf_student_95(8), 2.306, 1e-3);
    EXPECT_NEAR(mf_student_95(30), 2.042, 1e-3);
    EXPECT_NEAR(mf_student_95(1000), 1.962, 1e-3);
}

TEST(Spread, DeviationIsOfASample)
{
    mf_spread s = {};
    for (double x : {1e9 + 2, 1e9 + 4, 1e9 + 4, 1e9 + 4, 1e9 + 5, 1e9 + 5, 1e9 + 7, 1e9 + 9})
        mf_spread_add(&s, x);
    EXPECT_EQ(s.mean, 1e9 + 5);
    EXPECT_NEAR(mf_spread_deviation(&s), 2.13809, 1e-5);
    mf_spread one = {};
    mf_spread_add(&one, 3);
    EXPECT_EQ(mf_spread_deviation(&one), 0);
}
