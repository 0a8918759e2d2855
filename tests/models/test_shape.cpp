// Does convolution arithmetic hold at its edges?
#include "models/shape.h"
#include "tests/support/support.h"

TEST(Shape, CountsWindows)
{
    EXPECT_EQ(mf_shape_windows(227, 11, 4, 0, false), 55u);
    EXPECT_EQ(mf_shape_windows(5, 5, 1, 0, false), 1u);
    EXPECT_EQ(mf_shape_windows(4, 5, 1, 0, false), 0u);
    EXPECT_EQ(mf_shape_windows(4, 5, 1, 1, false), 2u);
    EXPECT_EQ(mf_shape_windows(6, 3, 2, 0, false), 2u);
    EXPECT_EQ(mf_shape_windows(6, 3, 2, 0, true), 3u);
    // A partial window that would start in the padding does not count.
    EXPECT_EQ(mf_shape_windows(3, 2, 2, 1, true), 2u);
}

// The slow definition: try every start.
TEST(Shape, WindowsAgreeWithTrying)
{
    for (uint64_t size = 1; size < 14; size++)
        for (uint64_t kernel = 1; kernel < 8; kernel++)
            for (uint64_t stride = 1; stride < 5; stride++)
                for (uint64_t pad = 0; pad <= kernel / 2; pad++) {
                    uint64_t n = 0;
                    for (uint64_t start = 0; start + kernel <= size + 2 * pad; start += stride)
                        n++;
                    EXPECT_EQ(mf_shape_windows(size, kernel, stride, pad, false), n)
                        << size << " " << kernel << " " << stride << " " << pad;
                }
}

TEST(Shape, RefusesWhatIsNotExact)
{
    mf_shape shape = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0};
    EXPECT_OK(mf_shape_check(&shape, D));
    shape.m = shape.e = shape.f = MF_LARGEST_DIMENSION;
    EXPECT_FAILS(MF_TOO_LARGE, "2^53", mf_shape_check(&shape, D));
}
