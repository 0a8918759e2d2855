// Is what a convolution reads block by block what would have been written down?
#include "tests/train/kernels/slow_norm.h"

using namespace kernel_testing;

namespace
{
// A convolution between two batch norms: y = conv(activation(norm(x))), g through those of y.
struct Fused {
    Fused(const mf_shape &shape, mf_family kind, mf_random *random)
        : p(shape), family(kind), x(p.n * p.h * p.w, p.c, random), y(p.n * p.e * p.f, p.m, random),
          w(random_floats(mf_shape_weights(&p), random)), before(random_floats(x.y.n, random))
    {
    }
    mf_shape p;
    mf_family family;
    Norm x, y;
    Floats w, before; // before: what dx is added to
};

struct FusedResults {
    explicit FusedResults(const Fused &f)
        : out(f.y.y.n, NAN), dw(f.w.n, NAN), db(f.p.m, NAN), dx(f.before), sums(2 * f.p.c)
    {
    }
    Floats out, dw, db, dx;
    Doubles sums;
};

void check_fused(const mf_shape &p, mf_family family, mf_random *random)
{
    SCOPED_TRACE(text(p) + (family == MF_FAMILY_MULT ? " Mult" : " Add"));
    Fused f(p, family, random);
    Doubles some(2 * p.m);
    for (double &s : some)
        s = mf_random_real(random);
    bool adds = mf_random_between(random, 0, 1);
    mf_gradient lazy_g = f.y.gradient(MF_ACTIVATION_H_SWISH, some, f.y.da);
    mf_map lazy_x = f.x.map(MF_ACTIVATION_RELU6);
    if (mf_random_between(random, 0, 1))
        lazy_x.grid = {256, -128, 127};
    each_build([&](const mf_kernels &k, int n_threads) {
        Workspace scratch(p, n_threads);
        mf_shape in = shape_of(1, 1, 1, 1, p.c, 1, 1, 1, 1, 0, 0),
                 out = shape_of(1, 1, 1, 1, p.m, 1, 1, 1, 1, 0, 0);
        Workspace for_x(in, n_threads), for_g(out, n_threads);
        FusedResults lazy(f), written(f);
        Floats x(f.x.y.n), g(f.y.y.n);
        k.read_map(f.x.n, p.c, &lazy_x, x, for_x);
        k.read_gradient(f.y.n, p.m, &lazy_g, g, for_g);
        mf_map plain_x = plain(x);
        k.conv_forward(&p, family, &lazy_x, f.w, nullptr, lazy.out, nullptr, scratch);
        scratch.expect_untouched();
        k.conv_forward(&p, family, &plain_x, f.w, nullptr, written.out, nullptr, scratch);
        mf_conv_gradients job = {};
        job.shape = &p, job.family = family, job.w = f.w, job.adds = adds;
        job.x = plain_x, job.g.da = g;
        job.dw = written.dw, job.db = written.db, job.dx = written.dx;
        k.conv_backward(&job, scratch);
        job.x = lazy_x, job.g = lazy_g;
        job.dw = lazy.dw, job.db = lazy.db, job.dx = lazy.dx;
        job.norm = {f.x.mean, lazy.sums.data(), lazy.sums.data() + p.c};
        k.conv_backward(&job, scratch);
        scratch.expect_untouched();
        ASSERT_TRUE(lazy.out == written.out) << "forward";
        ASSERT_TRUE(lazy.dw == written.dw) << "weights";
        ASSERT_TRUE(lazy.db == written.db) << "bias";
        ASSERT_TRUE(lazy.dx == written.dx) << "input";
        mf_norm_sums to = {f.x.mean, written.sums.data(), written.sums.data() + p.c};
        k.norm_sums(f.x.n, p.c, &lazy_x, written.dx, &to, for_x);
        for (size_t i = 0; i < lazy.sums.size(); i++)
            ASSERT_NEAR(lazy.sums[i], written.sums[i], 1e-4 * (1 + double(f.x.n))) << "sums";
        written.dx = f.before;
        job.x = plain_x, job.g = {}, job.g.da = g, job.norm = {}, job.adds = !adds;
        job.dx = written.dx;
        k.conv_backward(&job, scratch);
        for (size_t i = 0; i < lazy.dx.n; i++) // added to, or overwritten: one is the other's sum
            ASSERT_NEAR(double(adds ? lazy.dx[i] : written.dx[i]),
                        double(f.before[i]) + double(adds ? written.dx[i] : lazy.dx[i]), 1e-4);
        job.dx = nullptr; // nobody wants it
        k.conv_backward(&job, scratch);
        ASSERT_TRUE(lazy.dw == written.dw);
    });
}
} // namespace

// What is read block by block is what would have been written, to the last bit.
TEST(Kernels, MapsThatNobodyWritesDown)
{
    mf_random random = mf_random_seed(16);
    const mf_shape shapes[] = {
        shape_of(3, 9, 11, 8, 48, 1, 1, 1, 1, 0, 0),     // pixels
        shape_of(5, 14, 14, 48, 8, 1, 1, 1, 1, 0, 0),    // several chunks
        shape_of(30, 2, 2, 24, 20, 1, 3, 3, 1, 1, 1),    // several images in a chunk
        shape_of(3, 13, 12, 5, 16, 1, 3, 3, 2, 1, 1),    // phases
        shape_of(4, 9, 9, 12, 18, 3, 3, 3, 1, 1, 1),     // groups
        shape_of(4, 8, 8, 20, 40, 1, 1, 1, 2, 0, 0),     // a shortcut
        shape_of(40, 1, 1, 100, 70, 1, 1, 1, 1, 0, 0),   // fully connected
        shape_of(3, 30, 33, 24, 24, 24, 3, 3, 1, 1, 1),  // depthwise: windows of rows move on
        shape_of(6, 3, 2, 40, 40, 40, 5, 5, 1, 2, 2),    // larger kernel than map
        shape_of(3, 21, 17, 16, 16, 16, 3, 3, 2, 1, 1),  // its phases
        shape_of(2, 11, 11, 16, 16, 16, 2, 2, 3, 0, 0),  // rows that nobody sees
        shape_of(2, 50, 40, 48, 48, 48, 3, 3, 2, 1, 1)}; // for two threads
    for (const mf_shape &p : shapes)
        for (mf_family family : {MF_FAMILY_MULT, MF_FAMILY_ADD}) {
            check_fused(p, family, &random);
            if (HasFatalFailure())
                return;
        }
}
