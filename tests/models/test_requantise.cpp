// Between the sums of two layers: do requantising and the layers without weights compute what real
// arithmetic on the decoded numbers says, rounded once, and do they refuse what they cannot
// compute?
#include "base/random.h"
#include "models/kinds/kind.h"
#include "models/requantise.h"
#include "models/vector.h"
#include "tests/support/support.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace
{
const mf_activation activations[] = {MF_ACTIVATION_NONE, MF_ACTIVATION_RELU, MF_ACTIVATION_RELU6,
                                     MF_ACTIVATION_H_SWISH, MF_ACTIVATION_HARD_SIGMOID};

// The curves as papers write them.
double curve(mf_activation activation, double x)
{
    switch (activation) {
    case MF_ACTIVATION_RELU:
        return std::max(x, 0.0);
    case MF_ACTIVATION_RELU6:
        return std::min(std::max(x, 0.0), 6.0);
    case MF_ACTIVATION_H_SWISH:
        return x * std::min(std::max(x + 3, 0.0), 6.0) / 6;
    case MF_ACTIVATION_HARD_SIGMOID:
        return std::min(std::max(x + 3, 0.0), 6.0) / 6;
    default:
        return x;
    }
}

double nearest(double x)
{
    return std::floor(x + 0.5);
}

double power(uint64_t bits)
{
    return std::pow(2.0, static_cast<double>(bits));
}

double clamped(double code, uint64_t bits)
{
    return std::min(std::max(code, -power(bits - 1)), power(bits - 1) - 1);
}

// What becomes of a number before rounding; numbers are small enough for doubles to be exact.
double real_code(double number, uint64_t fraction_bits, uint64_t bits, mf_activation activation)
{
    double code = clamped(nearest(number * power(fraction_bits)), bits);
    return clamped(nearest(curve(activation, code / power(fraction_bits)) * power(fraction_bits)),
                   bits);
}

uint64_t between(mf_random *random, uint64_t low, uint64_t high)
{
    return mf_random_between(random, low, high);
}

int64_t signed_between(mf_random *random, int64_t least, int64_t most)
{
    return static_cast<int64_t>(between(random, 0, static_cast<uint64_t>(most - least))) + least;
}

int32_t once(int32_t multiplier, int64_t addend, uint64_t shift, uint64_t bits, int64_t psum)
{
    mf_requantiser r = {&multiplier, &addend, shift, bits, 0, MF_ACTIVATION_NONE};
    return mf_requantise(&r, 0, psum);
}
} // namespace

// ---- requantising -------------------------------------------------------------------------------

TEST(Requantise, RoundsToNearestTiesUp)
{
    for (uint64_t bits = 0; bits <= 6; bits++)
        for (int64_t value = -200; value <= 200; value++)
            ASSERT_EQ(static_cast<double>(mf_round_shift(value, bits)),
                      nearest(static_cast<double>(value) / power(bits)))
                << value << " >> " << bits;
    EXPECT_EQ(mf_round_shift(INT64_MAX, 62), 2);
    EXPECT_EQ(mf_round_shift(INT64_MIN, 62), -2);
    EXPECT_EQ(mf_round_shift(INT64_MIN, 0), INT64_MIN);
    EXPECT_EQ(mf_round_shift(INT64_MAX, 0), INT64_MAX);
}

TEST(Requantise, ActivationsAreTheCurvesOnDecodedCodes)
{
    for (mf_activation a : activations)
        for (uint64_t fraction_bits : {0, 1, 2, 3, 4, 5, 6, 7})
            for (int64_t code = -128; code <= 127; code++) {
                double x = static_cast<double>(code) / power(fraction_bits);
                ASSERT_EQ(static_cast<double>(mf_activate(a, fraction_bits, code)),
                          nearest(curve(a, x) * power(fraction_bits)))
                    << mf_activation_name(a) << " of " << code << " / 2^" << fraction_bits;
            }
}

// Random multipliers, addends and shifts, different in each channel.
TEST(Requantise, IsMultiplyAddShiftClampActivate)
{
    const uint64_t seed = 11;
    SCOPED_TRACE("seed " + std::to_string(seed));
    mf_random random = mf_random_seed(seed);
    for (int i = 0; i < 20000; i++) {
        mf_requantiser r = {};
        r.activation_bits = between(&random, 2, 16);
        r.fraction_bits = between(&random, 0, r.activation_bits - 1);
        r.shift = between(&random, 0, 30);
        r.activation = activations[between(&random, 0, 4)];
        int32_t multiplier[3];
        int64_t addend[3];
        for (int m = 0; m < 3; m++) {
            multiplier[m] = static_cast<int32_t>(signed_between(&random, -32768, 32767));
            addend[m] = signed_between(&random, -(int64_t{1} << 34), int64_t{1} << 34);
        }
        r.multiplier = multiplier;
        r.addend = addend;
        int64_t psum = signed_between(&random, -(1 << 20), 1 << 20);
        uint64_t m = between(&random, 0, 2);
        double number =
            (static_cast<double>(psum) * multiplier[m] + static_cast<double>(addend[m])) /
            power(r.shift) / power(r.fraction_bits);
        ASSERT_EQ(mf_requantise(&r, m, psum),
                  real_code(number, r.fraction_bits, r.activation_bits, r.activation))
            << "case " << i;
    }
}

TEST(Requantise, ClampsToTheWidthBeforeTheActivation)
{
    EXPECT_EQ(once(1, 0, 0, 8, 127), 127);
    EXPECT_EQ(once(1, 0, 0, 8, 128), 127);
    EXPECT_EQ(once(1, 0, 0, 8, -128), -128);
    EXPECT_EQ(once(1, 0, 0, 8, -129), -128);
    // 127.5 rounds up, then does not fit; -128.5 rounds up and fits.
    EXPECT_EQ(once(1, 0, 1, 8, 255), 127);
    EXPECT_EQ(once(1, 0, 1, 8, -257), -128);
    // The curves see the largest code, not what was cut off it.
    int32_t multiplier = 1;
    int64_t addend = 1000;
    mf_requantiser r = {&multiplier, &addend, 0, 8, 7, MF_ACTIVATION_HARD_SIGMOID};
    EXPECT_EQ(mf_requantise(&r, 0, 0), 85); // 127 / 128 / 6 + 1 / 2 = 85.2 / 128
    r = {&multiplier, &addend, 0, 5, 4, MF_ACTIVATION_HARD_SIGMOID};
    EXPECT_EQ(mf_requantise(&r, 0, 0), 11); // 15 / 16 / 6 + 1 / 2 = 10.5 / 16
    r = {&multiplier, &addend, 0, 3, 0, MF_ACTIVATION_RELU6};
    EXPECT_EQ(mf_requantise(&r, 0, 0), 3);
}

// The sanitizers watch that nothing overflows on the way.
TEST(Requantise, ExtremeSumsSaturateOrScaleExactly)
{
    for (uint64_t bits : {2, 8, 16, 32}) {
        const auto most = static_cast<int32_t>(power(bits - 1) - 1);
        for (int64_t addend : {INT64_MIN, int64_t{0}, INT64_MAX})
            for (uint64_t shift : {0, 31, 62}) {
                SCOPED_TRACE(std::to_string(bits) + " bits, addend " + std::to_string(addend) +
                             ", shift " + std::to_string(shift));
                EXPECT_EQ(once(INT32_MAX, addend, shift, bits, INT64_MAX), most);
                EXPECT_EQ(once(INT32_MIN, addend, shift, bits, INT64_MAX), -most - 1);
                EXPECT_EQ(once(INT32_MAX, addend, shift, bits, INT64_MIN), -most - 1);
                EXPECT_EQ(once(INT32_MIN, addend, shift, bits, INT64_MIN), most);
            }
    }
    EXPECT_EQ(once(1, 0, 62, 32, INT64_MAX), 2);
    EXPECT_EQ(once(1, INT64_MAX, 62, 32, INT64_MAX), 4);
    EXPECT_EQ(once(1, INT64_MIN, 62, 32, INT64_MIN), -4);
    EXPECT_EQ(once(1, INT64_MIN, 62, 32, INT64_MAX), 0); // -2^-62
    EXPECT_EQ(once(-1, 0, 62, 32, INT64_MIN), 2);
    EXPECT_EQ(once(0, INT64_MAX, 0, 32, 5), INT32_MAX);
    for (mf_activation a : activations)
        for (uint64_t fraction_bits : {0, 16, 31})
            for (int64_t code : {int64_t{INT32_MIN}, int64_t{INT32_MAX}}) {
                double x = static_cast<double>(code) / power(fraction_bits);
                EXPECT_EQ(static_cast<double>(mf_activate(a, fraction_bits, code)),
                          nearest(curve(a, x) * power(fraction_bits)))
                    << mf_activation_name(a) << " of " << code << " / 2^" << fraction_bits;
            }
}

// ---- layers without weights ---------------------------------------------------------------------

namespace
{
// A random layer, and the maps that it points to.
struct Layer {
    mf_layer_data data = {};
    std::vector<int32_t> ifmap;
    std::vector<std::vector<int32_t>> others;
};

void fill(mf_random *random, uint64_t bits, uint64_t n, std::vector<int32_t> *codes)
{
    codes->resize(n);
    const auto most = static_cast<int64_t>(power(bits - 1)) - 1;
    for (int32_t &code : *codes)
        code = static_cast<int32_t>(signed_between(random, -most - 1, most));
}

void shape_pool(mf_random *random, mf_shape *s)
{
    s->r = between(random, 1, s->h);
    s->s = between(random, 1, s->w);
    s->stride = between(random, 1, 3);
    s->pad_rows = between(random, 0, s->r / 2);
    s->pad_columns = between(random, 0, s->s / 2);
    bool partial = between(random, 0, 1);
    s->e = mf_shape_windows(s->h, s->r, s->stride, s->pad_rows, partial);
    s->f = mf_shape_windows(s->w, s->s, s->stride, s->pad_columns, partial);
}

void add_input(mf_random *random, Layer *layer, uint64_t channels, uint64_t pixels,
               uint64_t fraction_bits)
{
    mf_layer_data &d = layer->data;
    layer->others.emplace_back();
    fill(random, d.format.activation_bits, d.shape.n * channels * pixels, &layer->others.back());
    d.others[d.n_others++] = {nullptr, channels, fraction_bits};
}

Layer random_layer(mf_random *random, mf_layer_kind kind)
{
    Layer layer;
    mf_layer_data &d = layer.data;
    d.name = "random";
    d.kind = kind;
    d.maximum = kind == MF_LAYER_POOL && between(random, 0, 1);
    d.activation = activations[between(random, 0, 4)];
    mf_shape &s = d.shape;
    s.n = between(random, 1, 3);
    s.m = s.c = s.g = between(random, 1, 4);
    s.h = s.e = between(random, 1, 7);
    s.w = s.f = between(random, 1, 7);
    s.r = s.s = s.stride = 1;
    if (kind == MF_LAYER_POOL)
        shape_pool(random, &s);
    if (kind == MF_LAYER_GLOBAL_POOL)
        s.r = s.h, s.s = s.w, s.e = s.f = 1;
    if (kind == MF_LAYER_UPSAMPLE_NEAREST || kind == MF_LAYER_UPSAMPLE_BILINEAR) {
        const uint64_t factor = between(random, 2, 5);
        s.e = factor * s.h, s.f = factor * s.w;
    }
    const uint64_t other = between(random, 1, 4);
    if (kind == MF_LAYER_CONCAT)
        s.g = 1, s.m = s.c + other;
    d.format.activation_bits = between(random, 2, 12);
    d.ifmap_fraction_bits = between(random, 0, 11);
    const uint64_t other_bits = between(random, 0, 11);
    d.ofmap_fraction_bits = between(random, 0, d.format.activation_bits - 1);
    fill(random, d.format.activation_bits, mf_shape_ifmap(&s), &layer.ifmap);
    if (kind == MF_LAYER_RESIDUAL_ADD)
        add_input(random, &layer, s.c, s.h * s.w, other_bits);
    if (kind == MF_LAYER_SCALE)
        add_input(random, &layer, s.c, 1, other_bits);
    if (kind == MF_LAYER_CONCAT)
        add_input(random, &layer, other, s.h * s.w, other_bits);
    for (uint64_t n = kind == MF_LAYER_CONCAT ? between(random, 0, 4) : 0; n > 0; n--) {
        const uint64_t channels = between(random, 1, 4);
        s.m += channels;
        add_input(random, &layer, channels, s.h * s.w, between(random, 0, 11));
    }
    return layer;
}

// The numbers of a plane that one window sees; what lies in the padding is left out.
std::vector<double> seen(const Layer &layer, uint64_t plane, uint64_t e, uint64_t f)
{
    const mf_shape &s = layer.data.shape;
    std::vector<double> numbers;
    for (uint64_t r = 0; r < s.r; r++)
        for (uint64_t k = 0; k < s.s; k++) {
            int64_t row = static_cast<int64_t>(e * s.stride + r) - static_cast<int64_t>(s.pad_rows),
                    column = static_cast<int64_t>(f * s.stride + k) -
                             static_cast<int64_t>(s.pad_columns);
            if (row >= 0 && row < static_cast<int64_t>(s.h) && column >= 0 &&
                column < static_cast<int64_t>(s.w))
                numbers.push_back(layer.ifmap[(plane * s.h + static_cast<uint64_t>(row)) * s.w +
                                              static_cast<uint64_t>(column)]);
        }
    return numbers;
}

// The value at a point of a plane, between the centres of its pixels, the border's beyond them: a
// sum over all pixels of what each has at the point, a hat that is 1 at its own centre. Everything
// in units of 1 / unit, so that nothing is rounded but the last quotient.
double hats(const Layer &layer, uint64_t plane, int64_t unit, int64_t row, int64_t column)
{
    const mf_shape &s = layer.data.shape;
    const auto rows = static_cast<int64_t>(s.h), columns = static_cast<int64_t>(s.w);
    int64_t sum = 0;
    row = std::clamp(row, int64_t{0}, (rows - 1) * unit);
    column = std::clamp(column, int64_t{0}, (columns - 1) * unit);
    for (int64_t h = 0; h < rows; h++)
        for (int64_t w = 0; w < columns; w++)
            sum += std::max(int64_t{0}, unit - std::abs(row - h * unit)) *
                   std::max(int64_t{0}, unit - std::abs(column - w * unit)) *
                   layer.ifmap[(plane * s.h + static_cast<uint64_t>(h)) * s.w +
                               static_cast<uint64_t>(w)];
    return static_cast<double>(sum) / static_cast<double>(unit * unit);
}

// An output of an enlarged map: output pixels are 1 / factor wide and lie side by side, so that the
// centre of number i is at (i + 1/2) / factor - 1/2.
double enlarged(const Layer &layer, uint64_t i)
{
    const mf_layer_data &d = layer.data;
    const mf_shape &s = d.shape;
    const auto factor = static_cast<int64_t>(s.e / s.h), unit = 2 * factor,
               row = 2 * static_cast<int64_t>(i / s.f % s.e) + 1 - factor,
               column = 2 * static_cast<int64_t>(i % s.f) + 1 - factor;
    const uint64_t plane = i / (s.e * s.f);
    // The nearest centre: half a pixel up, then down to a whole one.
    if (d.kind == MF_LAYER_UPSAMPLE_NEAREST)
        return hats(layer, plane, unit, (row + factor) / unit * unit,
                    (column + factor) / unit * unit);
    return hats(layer, plane, unit, row, column);
}

// One output of maps behind each other.
double joined(const Layer &layer, uint64_t i)
{
    const mf_layer_data &d = layer.data;
    const mf_shape &s = d.shape;
    const uint64_t pixel = i % (s.h * s.w), m = i / (s.h * s.w) % s.m, n = i / (s.h * s.w) / s.m;
    uint64_t first = 0;
    for (size_t k = 0; k <= d.n_others; k++) {
        const mf_layer_input input = mf_layer_data_input(&d, k);
        if (m < first + input.channels)
            return input.codes[(n * input.channels + m - first) * s.h * s.w + pixel] /
                   power(input.fraction_bits);
        first += input.channels;
    }
    ADD_FAILURE() << "no map has channel " << m;
    return 0;
}

// One output before rounding.
double real_output(const Layer &layer, uint64_t i)
{
    const mf_layer_data &d = layer.data;
    const mf_shape &s = d.shape;
    double a = layer.ifmap[i % layer.ifmap.size()] / power(d.ifmap_fraction_bits);
    uint64_t plane = i / (s.e * s.f);
    if (d.kind == MF_LAYER_RESIDUAL_ADD)
        return a + layer.others[0][i] / power(d.others[0].fraction_bits);
    if (d.kind == MF_LAYER_SCALE)
        return a * layer.others[0][plane] / power(d.others[0].fraction_bits);
    if (d.kind == MF_LAYER_CONCAT)
        return joined(layer, i);
    if (d.kind == MF_LAYER_UPSAMPLE_NEAREST || d.kind == MF_LAYER_UPSAMPLE_BILINEAR)
        return enlarged(layer, i) / power(d.ifmap_fraction_bits);
    std::vector<double> numbers = seen(layer, plane, i / s.f % s.e, i % s.f);
    double result = *std::max_element(numbers.begin(), numbers.end());
    if (!d.maximum) {
        result = 0;
        for (double number : numbers)
            result += number;
        result /= static_cast<double>(numbers.size());
    }
    return result / power(d.ifmap_fraction_bits);
}
} // namespace

TEST(Vector, ComputesWhatRealArithmeticSays)
{
    for (int k = 0; k < MF_N_LAYER_KINDS; k++)
        for (uint64_t seed = 0; seed < 600; seed++) {
            const auto kind = static_cast<mf_layer_kind>(k);
            if (mf_layer_record_of(kind)->has_weights)
                continue;
            mf_random random = mf_random_stream(seed, kind);
            Layer layer = random_layer(&random, kind);
            mf_layer_data &d = layer.data;
            SCOPED_TRACE(std::string(mf_layer_kind_name(kind)) + ", seed " + std::to_string(seed));
            d.ifmap = layer.ifmap.data();
            for (size_t other = 0; other < d.n_others; other++)
                d.others[other].codes = layer.others[other].data();
            std::vector<int32_t> ofmap(mf_shape_ofmap(&d.shape));
            ASSERT_OK(mf_vector_compute(&d, ofmap.data(), D));
            for (uint64_t i = 0; i < ofmap.size(); i++)
                ASSERT_EQ(ofmap[i], real_code(real_output(layer, i), d.ofmap_fraction_bits,
                                              d.format.activation_bits, d.activation))
                    << "output " << i;
            // In pieces, the last first: the same rows at the same places, and no other word touched.
            std::vector<int32_t> pieces(ofmap.size(), INT32_MAX);
            for (uint64_t end = d.shape.e; end > 0;) {
                uint64_t begin = end - mf_random_between(&random, 1, end);
                std::vector<int32_t> before = pieces;
                ASSERT_OK(mf_vector_compute_rows(&d, begin, end, pieces.data(), D));
                for (uint64_t i = 0; i < pieces.size(); i++) {
                    uint64_t e = i / d.shape.f % d.shape.e;
                    ASSERT_EQ(pieces[i], e >= begin && e < end ? ofmap[i] : before[i]) << i;
                }
                end = begin;
            }
            ASSERT_EQ(pieces, ofmap);
        }
}

TEST(Vector, WidestCodesAndScalesDoNotOverflow)
{
    std::vector<int32_t> low(12, INT32_MIN), high(12, INT32_MAX), out(12);
    mf_layer_data d = {};
    d.shape = {1, 1, 1, 1, 3, 4, 3, 4, 1, 1, 1, 0, 0};
    d.format.activation_bits = 32;
    d.ifmap = low.data();
    d.kind = MF_LAYER_GLOBAL_POOL;
    d.ofmap_fraction_bits = 31;
    EXPECT_OK(mf_vector_compute(&d, out.data(), D));
    EXPECT_EQ(out[0], INT32_MIN);
    d.ifmap_fraction_bits = 31;
    d.ofmap_fraction_bits = 0;
    EXPECT_OK(mf_vector_compute(&d, out.data(), D));
    EXPECT_EQ(out[0], -1);
    d.kind = MF_LAYER_RESIDUAL_ADD;
    d.shape.e = 3, d.shape.f = 4;
    d.n_others = 1;
    d.others[0] = {low.data(), 1, 0};
    EXPECT_OK(mf_vector_compute(&d, out.data(), D)); // -1 - 2^31
    EXPECT_EQ(out[11], INT32_MIN);
    d.others[0].codes = high.data();
    EXPECT_OK(mf_vector_compute(&d, out.data(), D));
    EXPECT_EQ(out[11], INT32_MAX - 1);
    d.kind = MF_LAYER_SCALE;
    d.others[0].codes = low.data();
    EXPECT_OK(mf_vector_compute(&d, out.data(), D)); // -1.0 * -2^31
    EXPECT_EQ(out[11], INT32_MAX);
}

TEST(Vector, RefusesWhatItCannotCompute)
{
    std::vector<int32_t> x = {0, 127, -128, 5}, y = {1, 2, 3, 4}, out(4);
    mf_layer_data good = {};
    good.shape = {1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 0, 0};
    good.kind = MF_LAYER_POOL;
    good.format.activation_bits = 8;
    good.ifmap = x.data();
    EXPECT_FAILS(MF_INVALID, "rows 0 to 2 of 1",
                 mf_vector_compute_rows(&good, 0, 2, out.data(), D));
    EXPECT_FAILS(MF_INVALID, "rows 1 to 0 of 1",
                 mf_vector_compute_rows(&good, 1, 0, out.data(), D));
    mf_layer_data d = good;
    EXPECT_OK(mf_vector_compute(&d, out.data(), D));
    EXPECT_EQ(out[0], 1); // (0 + 127 - 128 + 5) / 4
    d.kind = MF_LAYER_FC;
    EXPECT_FAILS(MF_INVALID, "fc is no layer", mf_vector_compute(&d, out.data(), D));
    d = good;
    x[3] = 128;
    EXPECT_FAILS(MF_INVALID, "ifmap code 3 is 128, expected -128 to 127",
                 mf_vector_compute(&d, out.data(), D));
    x[3] = 5;
    d.ifmap_fraction_bits = 32;
    EXPECT_FAILS(MF_INVALID, "more than 31 bits", mf_vector_compute(&d, out.data(), D));
    d.ifmap_fraction_bits = UINT64_MAX;
    EXPECT_FAILS(MF_INVALID, "more than 31 bits", mf_vector_compute(&d, out.data(), D));
    d = good;
    d.ofmap_fraction_bits = 8;
    EXPECT_FAILS(MF_INVALID, "fewer fraction bits", mf_vector_compute(&d, out.data(), D));
    d = good;
    d.shape.pad_rows = 2; // the first window would see nothing
    EXPECT_FAILS(MF_INVALID, "contradict", mf_vector_compute(&d, out.data(), D));
    d = good;
    d.shape.e = 3; // the last one, too
    EXPECT_FAILS(MF_INVALID, "contradict", mf_vector_compute(&d, out.data(), D));
    d = good;
    d.shape.m = 2;
    EXPECT_FAILS(MF_INVALID, "contradict", mf_vector_compute(&d, out.data(), D));
    d = good;
    d.kind = MF_LAYER_RESIDUAL_ADD;
    d.shape.e = d.shape.f = 2;
    EXPECT_FAILS(MF_INVALID, "of 1 inputs, expected 2", mf_vector_compute(&d, out.data(), D));
    d.n_others = 2;
    EXPECT_FAILS(MF_INVALID, "of 3 inputs, expected 2", mf_vector_compute(&d, out.data(), D));
    d.n_others = 1;
    EXPECT_FAILS(MF_INVALID, "without input 2 of 2", mf_vector_compute(&d, out.data(), D));
    d.others[0] = {y.data(), 2, 0};
    EXPECT_FAILS(MF_INVALID, "contradict", mf_vector_compute(&d, out.data(), D));
    d.n_others = 0;
    for (mf_layer_kind kind : {MF_LAYER_UPSAMPLE_NEAREST, MF_LAYER_UPSAMPLE_BILINEAR})
        for (auto [e, f] : {std::pair{2, 2}, {4, 6}, {3, 3}, {0, 0}, {4, 2}}) {
            d.kind = kind;
            d.shape.e = static_cast<uint64_t>(e), d.shape.f = static_cast<uint64_t>(f);
            EXPECT_FAILS(MF_INVALID, "contradict", mf_vector_compute(&d, out.data(), D));
        }
    d.kind = MF_LAYER_CONCAT;
    d.shape.e = d.shape.f = 2;
    d.n_others = 1;
    d.others[0] = {x.data(), 1, 0};
    EXPECT_FAILS(MF_INVALID, "contradict", mf_vector_compute(&d, out.data(), D)); // m is c
    d.shape.m = 2;
    std::vector<int32_t> joined(8);
    EXPECT_OK(mf_vector_compute(&d, joined.data(), D));
    d.others[0].fraction_bits = 32;
    EXPECT_FAILS(MF_INVALID, "with 0 and 32 fraction bits to 0",
                 mf_vector_compute(&d, joined.data(), D));
    d.others[0].fraction_bits = 0;
    d.n_others = 2;
    d.others[1] = {y.data(), 1, 0};
    EXPECT_FAILS(MF_INVALID, "contradict", mf_vector_compute(&d, joined.data(), D)); // 3 of 2
    d.shape.m = 3;
    joined.resize(12);
    EXPECT_OK(mf_vector_compute(&d, joined.data(), D));
    EXPECT_EQ(joined, (std::vector<int32_t>{0, 127, -128, 5, 0, 127, -128, 5, 1, 2, 3, 4}));
    y[1] = 200;
    EXPECT_FAILS(MF_INVALID, "map 3 code 1 is 200", mf_vector_compute(&d, joined.data(), D));
    y[1] = 2;
    d.others[1].fraction_bits = 40;
    EXPECT_FAILS(MF_INVALID, "with 0, 0 and 40 fraction bits to 0",
                 mf_vector_compute(&d, joined.data(), D));
    d.n_others = 1;
    d.shape.m = 2;
    d.shape.m = 1;
    d.kind = MF_LAYER_RESIDUAL_ADD;
    y[2] = -129;
    d.others[0].codes = y.data();
    EXPECT_FAILS(MF_INVALID, "second map code 2 is -129", mf_vector_compute(&d, out.data(), D));
    d.kind = MF_LAYER_SCALE;
    EXPECT_OK(mf_vector_compute(&d, out.data(), D)); // reads one factor only
    d.ifmap_fraction_bits = d.others[0].fraction_bits = 20;
    EXPECT_FAILS(MF_INVALID, "more than 31 bits", mf_vector_compute(&d, out.data(), D));
}
