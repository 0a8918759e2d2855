// Does the network see what the knobs say? Rendering against a slow formulation, pixel by pixel and
// in double; drawing against its promises; contradictions against their messages.
#include "tests/train/data/files.h"
#include "train/data/source.h"
#include "train/data/view.h"

#include <cmath>

namespace
{
Pictures noise_pictures(size_t n, uint32_t rows, uint32_t columns, uint32_t channels)
{
    mf_pictures *p = nullptr;
    mf_diag diag = {};
    EXPECT_EQ(MF_OK, mf_pictures_create("noise", n, rows, columns, channels, 10, &p, &diag));
    mf_random random = mf_random_seed(n);
    for (size_t i = 0; i < n * rows * columns * channels; i++)
        p->pixels[i] = static_cast<uint8_t>(mf_random_bits(&random));
    return Pictures(p);
}

mf_augmentation plain()
{
    mf_augmentation a = {};
    for (int c = 0; c < 3; c++) {
        a.mean[c] = 0.4f + 0.1f * static_cast<float>(c);
        a.deviation[c] = 0.2f + 0.05f * static_cast<float>(c);
    }
    return a;
}

double limit(double x)
{
    return std::min(1.0, std::max(0.0, x));
}

// One channel of one window pixel, 0 to 1, after the colour changes.
double seen(const mf_pictures *p, const mf_view &view, uint32_t y, uint32_t x, uint32_t channel)
{
    int64_t sy = int64_t{view.top} + y;
    int64_t sx = int64_t{view.left} + (view.flip ? view.columns - 1 - x : x);
    double rgb[3] = {0, 0, 0};
    for (uint32_t c = 0; c < p->channels; c++)
        if (sy >= 0 && sx >= 0 && sy < p->rows && sx < p->columns)
            rgb[c] = limit(
                view.brightness *
                p->pixels[static_cast<size_t>((sy * p->columns + sx) * p->channels + c)] / 255.0);
    double grey = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
    return view.saturation == 1
               ? rgb[channel]
               : limit(view.saturation * rgb[channel] + (1 - view.saturation) * grey);
}

// The triangle's height over input i for output o.
double weight(uint32_t n_in, uint32_t n_out, uint32_t o, uint32_t i)
{
    double scale = static_cast<double>(n_in) / n_out, reach = std::max(scale, 1.0);
    return std::max(0.0, 1 - std::abs(i + 0.5 - (o + 0.5) * scale) / reach);
}

std::vector<double> slow_render(const mf_pictures *p, const mf_augmentation &a, const mf_view &view,
                                uint32_t rows, uint32_t columns)
{
    std::vector<double> out;
    for (uint32_t oy = 0; oy < rows; oy++)
        for (uint32_t ox = 0; ox < columns; ox++)
            for (uint32_t c = 0; c < p->channels; c++) {
                double sum = 0, weights = 0;
                for (uint32_t y = 0; y < view.rows; y++)
                    for (uint32_t x = 0; x < view.columns; x++) {
                        double w =
                            weight(view.rows, rows, oy, y) * weight(view.columns, columns, ox, x);
                        if (w == 0)
                            continue;
                        sum += w * seen(p, view, y, x, c);
                        weights += w;
                    }
                out.push_back((sum / weights - a.mean[c]) / a.deviation[c]);
            }
    return out;
}

void expect_rendered(const mf_pictures *p, const mf_augmentation &a, const mf_view &view,
                     uint32_t rows, uint32_t columns)
{
    mf_renderer *renderer = mf_renderer_create(p, &a, rows, columns);
    std::vector<float> out(size_t{rows} * columns * p->channels);
    mf_render(renderer, p->pixels, &view, out.data());
    std::vector<double> slow = slow_render(p, a, view, rows, columns);
    for (size_t i = 0; i < out.size(); i++)
        ASSERT_NEAR(out[i], slow[i], 2e-5) << "value " << i;
    mf_renderer_destroy(renderer);
}
} // namespace

TEST(View, RendersAsTheSlowFormulationDoes)
{
    for (uint64_t seed = 0; seed < 300; seed++) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        mf_random random = mf_random_seed(seed);
        auto up_to = [&](uint64_t low, uint64_t high) {
            return static_cast<uint32_t>(mf_random_between(&random, low, high));
        };
        Pictures p = noise_pictures(1, up_to(1, 20), up_to(1, 20), seed % 2 ? 3 : 1);
        mf_view view = {0, 0, up_to(1, p->rows), up_to(1, p->columns), seed % 3 == 0, 1, 1};
        view.top = static_cast<int32_t>(up_to(0, 2 * p->rows)) - static_cast<int32_t>(p->rows);
        view.left =
            static_cast<int32_t>(up_to(0, 2 * p->columns)) - static_cast<int32_t>(p->columns);
        if (seed % 4 == 0)
            view.brightness = static_cast<float>(2 * mf_random_real(&random));
        if (seed % 5 == 0 && p->channels == 3)
            view.saturation = static_cast<float>(2 * mf_random_real(&random));
        // Some outputs as large as the window: then a step is left out.
        uint32_t rows = seed % 7 == 0 ? view.rows : up_to(1, 30);
        uint32_t columns = seed % 6 == 0 ? view.columns : up_to(1, 30);
        expect_rendered(p.get(), plain(), view, rows, columns);
    }
}

TEST(View, NothingAskedMeansOnlyNormalised)
{
    Pictures p = noise_pictures(1, 8, 6, 3);
    mf_augmentation a = plain();
    mf_random random = mf_random_seed(1);
    mf_view view = mf_view_draw(&a, 8, 6, &random);
    mf_renderer *renderer = mf_renderer_create(p.get(), &a, 8, 6);
    std::vector<float> out(8 * 6 * 3);
    mf_render(renderer, p->pixels, &view, out.data());
    for (size_t i = 0; i < out.size(); i++)
        EXPECT_NEAR(out[i], (p->pixels[i] / 255.0 - a.mean[i % 3]) / a.deviation[i % 3], 1e-6);
    mf_renderer_destroy(renderer);
}

TEST(View, OneRendererServesManyWindowSizes)
{
    // Taps are kept between calls; a stale one would show.
    Pictures p = noise_pictures(1, 16, 16, 3);
    mf_augmentation a = plain();
    mf_renderer *kept = mf_renderer_create(p.get(), &a, 12, 12);
    for (uint32_t side : {16u, 5u, 16u, 12u, 7u, 7u, 1u, 16u}) {
        mf_view view = {0, 0, side, side, false, 1, 1};
        std::vector<float> out(12 * 12 * 3);
        mf_render(kept, p->pixels, &view, out.data());
        std::vector<double> slow = slow_render(p.get(), a, view, 12, 12);
        for (size_t i = 0; i < out.size(); i++)
            ASSERT_NEAR(out[i], slow[i], 2e-5) << "side " << side << ", value " << i;
    }
    mf_renderer_destroy(kept);
}

TEST(View, PaddedCropsReachEveryOffsetAlike)
{
    mf_augmentation a = plain();
    a.pad_pixels = 2;
    a.flip = true;
    std::vector<int> seen_at(25);
    int n_flipped = 0;
    for (uint64_t i = 0; i < 25000; i++) {
        mf_random random = mf_random_stream(1, i);
        mf_view view = mf_view_draw(&a, 8, 8, &random);
        ASSERT_EQ(view.rows, 8u);
        ASSERT_EQ(view.columns, 8u);
        ASSERT_LE(std::abs(view.top), 2);
        ASSERT_LE(std::abs(view.left), 2);
        seen_at[static_cast<size_t>((view.top + 2) * 5 + view.left + 2)]++;
        n_flipped += view.flip;
    }
    for (int n : seen_at)
        EXPECT_NEAR(n, 1000, 160); // five standard deviations
    EXPECT_NEAR(n_flipped, 12500, 400);
}

TEST(View, ResizedCropsKeepScaleAndRatio)
{
    mf_augmentation a = plain();
    a.scale[0] = 0.25;
    a.scale[1] = 0.5;
    double n_wide = 0;
    for (uint64_t i = 0; i < 20000; i++) {
        mf_random random = mf_random_stream(2, i);
        mf_view view = mf_view_draw(&a, 200, 200, &random);
        double share = view.rows * view.columns / 40000.0;
        double ratio = static_cast<double>(view.columns) / view.rows;
        ASSERT_GE(share, 0.24);
        ASSERT_LE(share, 0.51);
        ASSERT_GE(ratio, 0.74);
        ASSERT_LE(ratio, 1.35);
        ASSERT_GE(view.top, 0);
        ASSERT_GE(view.left, 0);
        ASSERT_LE(view.top + view.rows, 200u);
        ASSERT_LE(view.left + view.columns, 200u);
        n_wide += ratio > 1;
    }
    EXPECT_NEAR(n_wide, 10000, 400); // log-uniform: wide and high alike
    // What never fits falls back to the central part of the nearest ratio.
    a.scale[0] = a.scale[1] = 1;
    a.ratio[0] = 2;
    a.ratio[1] = 4;
    mf_random random = mf_random_seed(1);
    mf_view view = mf_view_draw(&a, 100, 100, &random);
    EXPECT_EQ(view.columns, 100u);
    EXPECT_EQ(view.rows, 50u);
    EXPECT_EQ(view.top, 25);
    a.ratio[0] = a.ratio[1] = 0.25;
    view = mf_view_draw(&a, 100, 100, &random);
    EXPECT_EQ(view.rows, 100u);
    EXPECT_EQ(view.columns, 25u);
}

TEST(View, CentreAndColoursAreAsAsked)
{
    mf_augmentation a = plain();
    a.centre = 0.875;
    mf_random random = mf_random_seed(1);
    mf_view view = mf_view_draw(&a, 32, 64, &random);
    EXPECT_EQ(view.rows, 28u);
    EXPECT_EQ(view.columns, 56u);
    EXPECT_EQ(view.top, 2);
    EXPECT_EQ(view.left, 4);
    EXPECT_FALSE(view.flip);
    a = plain();
    a.brightness = 32.0 / 255;
    a.saturation = 0.5;
    float low[2] = {9, 9}, high[2] = {0, 0};
    for (uint64_t i = 0; i < 5000; i++) {
        random = mf_random_stream(3, i);
        view = mf_view_draw(&a, 8, 8, &random);
        float drawn[2] = {view.brightness, view.saturation};
        for (int k = 0; k < 2; k++) {
            low[k] = std::min(low[k], drawn[k]);
            high[k] = std::max(high[k], drawn[k]);
        }
    }
    EXPECT_NEAR(low[0], 1 - 32.0 / 255, 1e-3);
    EXPECT_NEAR(high[0], 1 + 32.0 / 255, 1e-3);
    EXPECT_NEAR(low[1], 0.5, 1e-3);
    EXPECT_NEAR(high[1], 1.5, 1e-3);
}

TEST(Augmentation, ContradictionsAreNamed)
{
    Pictures colour = noise_pictures(1, 32, 24, 3), grey = noise_pictures(1, 32, 24, 1);
    struct {
        void (*change)(mf_augmentation *a);
        const char *text;
    } cases[] = {
        {[](mf_augmentation *a) { a->pad_pixels = 24; },
         "a pad of 24 pixels; pictures of noise have only 32 x 24"},
        {[](mf_augmentation *a) { a->scale[1] = 1; }, "scale from 0 to 1; expected 0 < low"},
        {[](mf_augmentation *a) { a->scale[0] = a->scale[1] = 1.5; }, "scale from 1.5 to 1.5"},
        {[](mf_augmentation *a) { a->scale[0] = NAN; }, "expected 0 < low <= high <= 1"},
        {[](mf_augmentation *a) {
             a->scale[0] = 0.9;
             a->scale[1] = 0.1;
         },
         "scale from 0.9 to 0.1"},
        {[](mf_augmentation *a) { a->ratio[0] = a->ratio[1] = 1; }, "without a scale"},
        {[](mf_augmentation *a) { a->scale[0] = a->scale[1] = a->ratio[0] = 1; },
         "ratio from 1 to 0; expected 0 < low <= high"},
        {[](mf_augmentation *a) { a->pad_pixels = 4, a->scale[0] = a->scale[1] = 1; },
         "a pad of 4 pixels and a scale from 1 to 1: choose one crop"},
        {[](mf_augmentation *a) { a->centre = 2; }, "centre 2; expected 0 to 1"},
        {[](mf_augmentation *a) { a->centre = 0.9, a->pad_pixels = 1; },
         "centre 0.9 and a random crop (pad)"},
        {[](mf_augmentation *a) { a->brightness = -1; }, "brightness -1; expected 0 to 1"},
        {[](mf_augmentation *a) { a->saturation = 1.5; }, "saturation 1.5; expected 0 to 1"},
        {[](mf_augmentation *a) { a->deviation[2] = 0; }, "deviation 0 of channel 2"},
        {[](mf_augmentation *a) { a->mean[1] = INFINITY; }, "mean inf of channel 1"},
    };
    for (const auto &c : cases) {
        mf_augmentation a = plain();
        EXPECT_OK(mf_augmentation_check(&a, colour.get(), D));
        c.change(&a);
        EXPECT_FAILS(MF_INVALID, c.text, mf_augmentation_check(&a, colour.get(), D));
    }
    mf_augmentation a = plain();
    a.deviation[2] = 0; // of a channel that is not there
    EXPECT_OK(mf_augmentation_check(&a, grey.get(), D));
    a.saturation = 0.5;
    EXPECT_FAILS(MF_INVALID, "saturation 0.5, but pictures of noise are grey",
                 mf_augmentation_check(&a, grey.get(), D));
}
