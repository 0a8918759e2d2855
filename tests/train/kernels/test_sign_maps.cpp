// Is a map read as signs what it says: 1 above 0, else -1; and does a gradient pass only where the map is
// from -1 to 1, before it is added to others and summed for the batch norm?
#include "tests/train/kernels/slow_norm.h"

using namespace kernel_testing;

TEST(Kernels, MapsOfSigns)
{
    mf_random random = mf_random_seed(31);
    Norm x(143, 7, &random);
    mf_shape shape = shape_of(1, 1, 1, 1, 7, 1, 1, 1, 1, 0, 0);
    each_build([&](const mf_kernels &k, int n_threads) {
        Workspace scratch(shape, n_threads);
        for (mf_activation activation : activations) {
            Floats numbers(x.y.n), signs(x.y.n);
            mf_map map = x.map(activation);
            k.read_map(x.n, 7, &map, numbers, scratch);
            map.signs = true;
            k.read_map(x.n, 7, &map, signs, scratch);
            size_t n_plus = 0;
            for (size_t i = 0; i < x.y.n; i++) {
                ASSERT_EQ(signs[i], numbers[i] > 0 ? 1 : -1) << numbers[i];
                n_plus += signs[i] > 0;
            }
            EXPECT_GT(n_plus, x.y.n / 10);
        }
        Floats zeros(14), signs(14);
        mf_map map = plain(zeros);
        map.signs = true;
        k.read_map(2, 7, &map, signs, scratch);
        for (size_t i = 0; i < signs.n; i++)
            ASSERT_EQ(signs[i], -1) << "of 0";
    });
}

// Held against the gradient of the same signs as they would be written down, taken away by hand.
TEST(Kernels, GradientsOfSigns)
{
    mf_random random = mf_random_seed(32);
    const mf_shape shapes[] = {
        shape_of(3, 9, 11, 8, 48, 1, 1, 1, 1, 0, 0),    // pixels
        shape_of(3, 13, 12, 5, 16, 1, 3, 3, 2, 1, 1),   // phases
        shape_of(4, 9, 9, 12, 18, 3, 3, 3, 1, 1, 1),    // groups
        shape_of(40, 1, 1, 100, 70, 1, 1, 1, 1, 0, 0),  // fully connected
        shape_of(3, 21, 17, 16, 16, 16, 3, 3, 2, 1, 1), // depthwise
    };
    for (const mf_shape &p : shapes) {
        SCOPED_TRACE(text(p));
        Norm x(p.n * p.h * p.w, p.c, &random);
        Floats w = random_floats(mf_shape_weights(&p), &random),
               g = random_floats(mf_shape_ofmap(&p), &random),
               before = random_floats(x.y.n, &random);
        mf_map numbers_of = x.map(MF_ACTIVATION_H_SWISH), signs_of = numbers_of;
        signs_of.signs = true;
        mf_shape in = shape_of(1, 1, 1, 1, p.c, 1, 1, 1, 1, 0, 0);
        each_build([&](const mf_kernels &k, int n_threads) {
            Workspace scratch(p, n_threads), for_x(in, n_threads);
            Floats numbers(x.y.n), signs(x.y.n), dx(x.y.n), dw(w.n), expected_dw(w.n);
            k.read_map(x.n, p.c, &numbers_of, numbers, for_x);
            k.read_map(x.n, p.c, &signs_of, signs, for_x);
            mf_conv_gradients job = {};
            job.shape = &p, job.family = MF_FAMILY_MULT, job.w = w, job.g.da = g;
            job.x = plain(signs), job.dw = expected_dw, job.dx = dx;
            k.conv_backward(&job, scratch);
            size_t n_passed = 0;
            for (size_t i = 0; i < dx.n; i++) {
                bool passes = std::fabs(numbers[i]) <= 1;
                n_passed += passes;
                dx[i] = passes ? dx[i] : 0;
            }
            ASSERT_GT(n_passed, dx.n / 10);
            ASSERT_LT(n_passed, dx.n);
            for (bool adds : {false, true}) {
                Floats found(before);
                Doubles sums(2 * p.c), expected_sums(2 * p.c);
                job.x = signs_of, job.dw = dw, job.dx = found, job.adds = adds;
                job.norm = {x.mean, sums.data(), sums.data() + p.c};
                k.conv_backward(&job, scratch);
                scratch.expect_untouched();
                ASSERT_TRUE(dw == expected_dw);
                for (size_t i = 0; i < dx.n; i++)
                    ASSERT_EQ(found[i], adds ? before[i] + dx[i] : dx[i]) << i;
                mf_norm_sums to = {x.mean, expected_sums.data(), expected_sums.data() + p.c};
                k.norm_sums(x.n, p.c, &numbers_of, found, &to, for_x);
                for (size_t i = 0; i < sums.size(); i++)
                    ASSERT_NEAR(sums[i], expected_sums[i], 1e-4 * (1 + double(x.n)));
            }
        });
    }
}
