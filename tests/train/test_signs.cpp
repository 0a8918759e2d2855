// What does a layer on signs compute and learn? Held against sums over pixels in double precision.
#include "tests/train/fixture.h"

#include <cmath>
#include <cstring>

namespace
{
constexpr uint64_t side = 5, channels = 4, filters = 6, classes = 5, batch = 16;

// Numbers, then signs of them, then averages and a classifier: without norms, so that what is between
// the layers is what stands here.
std::string text_of(const std::string &activation, const std::string &more = "")
{
    return R"({"name": "signs", "about": "test", "source": "test",
      "input": {"channels": 3, "rows": 5, "columns": 5}, "classes": 5, "activation": "none",
      "parts": [
        {"type": "conv", "name": "numbers", "channels": 4, "kernel": 3, "norm": false, "bias": true,
         "activation": ")" +
           activation + R"(", "label": "numbers"},
        {"type": "conv", "name": "signs", "channels": 6, "kernel": 3, "norm": false, "bias": true, "op": "xnor", "label": "signed"},)" +
           more + R"(
        {"type": "global_pool"},
        {"type": "fc", "channels": "classes"}
      ]})";
}

mf_model_options options()
{
    mf_model_options o = Fixture::small_options();
    o.label_smoothing = 0;
    return o;
}

const mf_parameter &parameter(Fixture &f, const std::string &role)
{
    size_t n;
    mf_parameter *all = mf_model_parameters(f.model, &n);
    for (size_t i = 0; i < n; i++)
        if (std::string(all[i].name).find(role) == 0)
            return all[i];
    ADD_FAILURE() << "no " << role;
    return all[0];
}

std::vector<float> output(Fixture &f, size_t layer, uint64_t n)
{
    std::vector<float> out(n);
    mf_model_output(f.model, layer, batch, out.data());
    return out;
}

using Doubles = std::vector<double>;

size_t pixel(uint64_t image, uint64_t row, uint64_t column)
{
    return (image * side + row) * side + column;
}

// For each place, each kernel position that lies inside, and each pair of channels: the pixel that is
// read, the one that is written, and the place of the weight.
template <typename With> void each_tap(uint64_t c_all, uint64_t m_all, With with)
{
    for (uint64_t i = 0; i < batch; i++)
        for (uint64_t e = 0; e < side; e++)
            for (uint64_t f = 0; f < side; f++)
                for (uint64_t r = 0; r < 3; r++)
                    for (uint64_t s = 0; s < 3; s++) {
                        uint64_t row = e + r - 1, column = f + s - 1; // wraps: not inside
                        if (row >= side || column >= side)
                            continue;
                        for (uint64_t c = 0; c < c_all; c++)
                            for (uint64_t m = 0; m < m_all; m++)
                                with(pixel(i, row, column) * c_all + c, pixel(i, e, f) * m_all + m,
                                     ((r * 3 + s) * c_all + c) * m_all + m);
                    }
}
} // namespace

// Through the sum over a layer on signs, and on where the number is from -1 to 1.
TEST(Signs, GradientsArePassedFromMinusOneToOne)
{
    Fixture f("mult", text_of("none"), options());
    // Numbers on both sides of the window, and weights that are not all of one size.
    mf_parameter &weight = const_cast<mf_parameter &>(parameter(f, "numbers_0.weight"));
    for (uint64_t i = 0; i < weight.n; i++)
        weight.value[i] *= 5;
    f.loss();
    std::vector<float> x = output(f, 0, batch * side * side * channels),
                       y = output(f, 1, batch * side * side * filters),
                       logits = output(f, 3, batch * classes);
    const float *w = mf_model_forward_weights(f.model, 1),
                *fc = mf_model_forward_weights(f.model, 2);
    const mf_parameter &bias = parameter(f, "signs_1.bias");

    Doubles sums(y.size());
    each_tap(channels, filters, [&](size_t from, size_t to, size_t at) {
        sums[to] += (x[from] > 0 ? 1 : -1) * double{w[at]};
    });
    for (size_t i = 0; i < y.size(); i++)
        ASSERT_NEAR(y[i], sums[i] + double{bias.value[i % filters]}, 1e-5);

    // Of y: of the mean over pixels, of the classifier, of a softmax.
    Doubles dy(y.size()), dx(x.size());
    for (uint64_t i = 0; i < batch; i++) {
        double all = 0;
        for (uint64_t k = 0; k < classes; k++)
            all += std::exp(double{logits[i * classes + k]});
        for (uint64_t k = 0; k < classes; k++) {
            double d = std::exp(double{logits[i * classes + k]}) / all - (f.labels[i] == k);
            for (uint64_t p = 0; p < side * side; p++)
                for (uint64_t m = 0; m < filters; m++)
                    dy[(i * side * side + p) * filters + m] +=
                        d / batch * double{fc[m * classes + k]} / (side * side);
        }
    }
    each_tap(channels, filters,
             [&](size_t from, size_t to, size_t at) { dx[from] += dy[to] * double{w[at]}; });
    size_t n_passed = 0;
    for (size_t i = 0; i < dx.size(); i++) {
        n_passed += std::fabs(x[i]) <= 1;
        dx[i] = std::fabs(x[i]) <= 1 ? dx[i] : 0;
    }
    EXPECT_GT(n_passed, dx.size() / 4);
    EXPECT_LT(n_passed, dx.size() * 3 / 4);
    Doubles dw(weight.n), db(channels);
    each_tap(3, channels,
             [&](size_t from, size_t to, size_t at) { dw[at] += double{f.images[from]} * dx[to]; });
    for (size_t i = 0; i < dx.size(); i++)
        db[i % channels] += dx[i];
    double largest = 0;
    for (size_t i = 0; i < dw.size(); i++) {
        EXPECT_NEAR(weight.gradient[i], dw[i], 2e-7) << i;
        largest = std::max(largest, std::fabs(dw[i]));
    }
    EXPECT_GT(largest, 1e-4);
    for (size_t i = 0; i < db.size(); i++)
        EXPECT_NEAR(parameter(f, "numbers_0.bias").gradient[i], db[i], 2e-7);
}

// It changes no sign, and would keep gradients from what lies below 0.
TEST(Signs, AnActivationThatOnlySignsAreReadOfIsLeftOut)
{
    for (const char *activation : {"relu", "relu6", "h_swish"}) {
        SCOPED_TRACE(activation);
        Fixture plain("mult", text_of("none"), options()),
            f("mult", text_of(activation), options());
        EXPECT_EQ(plain.loss(), f.loss());
        size_t n;
        mf_parameter *expected = mf_model_parameters(plain.model, &n),
                     *found = mf_model_parameters(f.model, &n);
        for (size_t i = 0; i < n; i++)
            EXPECT_EQ(memcmp(expected[i].gradient, found[i].gradient, found[i].n * sizeof(float)),
                      0)
                << found[i].name;
    }
    // This one moves the place where signs change.
    Fixture plain("mult", text_of("none"), options()),
        f("mult", text_of("hard_sigmoid"), options());
    EXPECT_NE(plain.loss(), f.loss());
}

// Where somebody reads numbers it stays, for all.
TEST(Signs, AnActivationThatNumbersAreReadOfStays)
{
    const std::string sum =
        R"({"type": "conv", "name": "numbers_too", "from": "numbers", "channels": 6, "kernel": 1},
                          {"type": "add", "with": "signed"},)";
    Fixture f("mult", text_of("relu", sum), options());
    f.loss();
    for (float x : output(f, 0, batch * side * side * channels))
        ASSERT_GE(x, 0);
}
