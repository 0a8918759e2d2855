// Are fits of weights those of greatest likelihood, are counts in bins what a plain loop counts, and
// does a file of fits say what was written?
extern "C" {
#include "base/random.h"
}
#include "tests/support/operators.h"
#include "train/weight_fits.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace
{
const double pi = std::acos(-1.0);

mf_weight_statistics statistics_of(const std::vector<float> &w)
{
    mf_weight_statistics s;
    mf_diag diag = {};
    EXPECT_EQ(mf_weight_statistics_of(w.data(), w.size(), &s, &diag), MF_OK) << diag.message;
    return s;
}

double gaussian_density(double x, double mean, double deviation)
{
    double z = (x - mean) / deviation;
    return std::exp(-z * z / 2) / deviation / std::sqrt(2 * pi);
}

double laplace_density(double x, double u, double b)
{
    return std::exp(-std::fabs(x - u) / b) / (2 * b);
}

// The log-likelihood per number, number by number.
template <typename Density>
double log_likelihood(const std::vector<float> &w, Density density, double place, double scale)
{
    double sum = 0;
    for (float x : w)
        sum += std::log(density(double{x}, place, scale));
    return sum / static_cast<double>(w.size());
}

// The x below which a Laplace distribution has a share.
double laplace_quantile(double share, double u, double b)
{
    return share < 0.5 ? u + b * std::log(2 * share) : u - b * std::log(2 * (1 - share));
}

// Of any size from 1 to 400, of few values or of many.
std::vector<float> draw(uint64_t seed)
{
    mf_random random = mf_random_seed(seed);
    uint64_t n = mf_random_between(&random, 1, 400), kind = mf_random_between(&random, 0, 2);
    std::vector<float> w(n);
    for (float &x : w)
        if (kind == 0)
            x = static_cast<float>(mf_random_real(&random) * 4 - 1);
        else if (kind == 1) // powers of two, as Shift has
            x = std::ldexp(mf_random_between(&random, 0, 1) ? 1.0f : -1.0f,
                           -static_cast<int>(mf_random_between(&random, 0, 6)));
        else
            x = static_cast<float>(
                laplace_quantile(mf_random_real(&random) * 0.99 + 0.005, 0.2, 3));
    return w;
}
} // namespace

// -2, 0, 1, 1, 5: sum 5, mean 1, squares 9 + 1 + 0 + 0 + 16 = 26, fourths 81 + 1 + 256 = 338; median 1,
// distances 3 + 1 + 0 + 0 + 4 = 8.
TEST(WeightStatistics, OfFiveNumbersAsByHand)
{
    mf_weight_statistics s = statistics_of({5, 1, -2, 1, 0});
    EXPECT_EQ(s.n, 5u);
    EXPECT_EQ(s.least, -2);
    EXPECT_EQ(s.most, 5);
    EXPECT_EQ(s.mean, 1);
    EXPECT_DOUBLE_EQ(s.deviation, std::sqrt(5.2));
    EXPECT_EQ(s.u, 1);
    EXPECT_DOUBLE_EQ(s.b, 1.6);
    EXPECT_DOUBLE_EQ(s.kurtosis, 338.0 / 5 / (5.2 * 5.2));
    EXPECT_TRUE(s.varies);
    EXPECT_EQ(statistics_of({1, 4, 2, 8}).u, 3); // between the middle two
}

TEST(WeightStatistics, NumbersThatAreAllTheSameHaveNoDensity)
{
    for (size_t n : {1, 2, 7}) {
        mf_weight_statistics s = statistics_of(std::vector<float>(n, 0.1f));
        EXPECT_FALSE(s.varies);
        EXPECT_EQ(s.mean, 0.1f);
        EXPECT_EQ(s.u, 0.1f);
        EXPECT_EQ(s.deviation, 0);
        EXPECT_EQ(s.b, 0);
        uint64_t counts[3];
        mf_weight_bins_count(&s, std::vector<float>(n, 0.1f).data(), n, 3, counts);
        EXPECT_EQ(counts[1], n); // around it
        EXPECT_EQ(mf_gaussian_below(&s, 0.09), 0);
        EXPECT_EQ(mf_laplace_below(&s, 0.11), 1);
    }
}

// Quantiles of a distribution are a sample of it without chance: what is fitted is what they are of.
TEST(WeightStatistics, FindThePlaceAndScaleOfASample)
{
    const size_t n = 200001;
    std::vector<float> laplace(n), gaussian(n);
    const double u = 0.25, b = 4.1, mean = -0.5, deviation = 0.03;
    for (size_t i = 0; i < n; i++) {
        double share = (static_cast<double>(i) + 0.5) / static_cast<double>(n), low = -9, high = 9;
        laplace[i] = static_cast<float>(laplace_quantile(share, u, b));
        for (int k = 0; k < 60; k++) { // the normal has no closed quantile
            double middle = (low + high) / 2;
            (0.5 * std::erfc(-middle / std::sqrt(2)) < share ? low : high) = middle;
        }
        gaussian[i] = static_cast<float>(mean + deviation * low);
    }
    mf_weight_statistics l = statistics_of(laplace), g = statistics_of(gaussian);
    EXPECT_NEAR(l.u, u, 1e-4);
    EXPECT_NEAR(l.b, b, 1e-3);
    EXPECT_NEAR(l.deviation, std::sqrt(2) * b, 2e-3);
    EXPECT_NEAR(l.kurtosis, 6, 0.05);
    EXPECT_NEAR(l.laplace_log_likelihood, -std::log(2 * b) - 1, 1e-3);
    // A Laplace distribution under its best normal one: (1 + ln pi) / 2 against 1 + ln 2 - ln sqrt 2.
    EXPECT_NEAR(l.laplace_log_likelihood - l.gaussian_log_likelihood, 0.5 * std::log(pi) - 0.5,
                1e-3);
    EXPECT_NEAR(g.mean, mean, 1e-6);
    EXPECT_NEAR(g.deviation, deviation, 1e-5);
    EXPECT_NEAR(g.b, deviation * std::sqrt(2 / pi), 1e-5); // the mean distance
    EXPECT_NEAR(g.kurtosis, 3, 0.01);
    // And the other way: 1 + ln(2 sqrt(2 / pi)) against (1 + ln(2 pi)) / 2.
    EXPECT_NEAR(g.gaussian_log_likelihood - g.laplace_log_likelihood,
                0.5 + std::log(2 * std::sqrt(2 / pi)) - 0.5 * std::log(2 * pi), 1e-3);
}

// No other place and scale makes the numbers likelier, and how likely they are is what a sum over the
// densities says.
TEST(WeightStatistics, AreOfGreatestLikelihood)
{
    for (uint64_t seed = 0; seed < n_cases(300); seed++) {
        SCOPED_TRACE(seed);
        std::vector<float> w = draw(seed), sorted = w;
        mf_weight_statistics s = statistics_of(w);
        std::sort(sorted.begin(), sorted.end());
        EXPECT_EQ(s.u, (double{sorted[(w.size() - 1) / 2]} + sorted[w.size() / 2]) / 2);
        EXPECT_EQ(s.least, sorted.front());
        EXPECT_EQ(s.most, sorted.back());
        EXPECT_EQ(s.varies, sorted.front() < sorted.back());
        if (!s.varies)
            continue;
        double gaussian = log_likelihood(w, gaussian_density, s.mean, s.deviation),
               laplace = log_likelihood(w, laplace_density, s.u, s.b);
        EXPECT_NEAR(s.gaussian_log_likelihood, gaussian, 1e-9);
        EXPECT_NEAR(s.laplace_log_likelihood, laplace, 1e-9);
        for (double by : {-0.1, -0.01, 0.01, 0.1}) {
            EXPECT_LE(log_likelihood(w, gaussian_density, s.mean + by * s.deviation, s.deviation),
                      gaussian);
            EXPECT_LE(log_likelihood(w, gaussian_density, s.mean, s.deviation * (1 + by)),
                      gaussian);
            EXPECT_LE(log_likelihood(w, laplace_density, s.u + by * s.b, s.b), laplace + 1e-12);
            EXPECT_LE(log_likelihood(w, laplace_density, s.u, s.b * (1 + by)), laplace);
        }
    }
}

// What is below x is the integral of the density.
TEST(WeightStatistics, SharesAreIntegralsOfDensities)
{
    mf_weight_statistics s = statistics_of(draw(5));
    ASSERT_TRUE(s.varies);
    const int n = 20000;
    double low = s.mean - 12 * s.deviation, step = 24 * s.deviation / n, gaussian = 0,
           laplace = mf_laplace_below(&s, low);
    for (int i = 0; i < n; i++) {
        double middle = low + (i + 0.5) * step;
        gaussian += step * gaussian_density(middle, s.mean, s.deviation);
        laplace += step * laplace_density(middle, s.u, s.b);
        if (i % 1000 == 999) {
            EXPECT_NEAR(mf_gaussian_below(&s, low + (i + 1) * step), gaussian, 1e-6);
            EXPECT_NEAR(mf_laplace_below(&s, low + (i + 1) * step), laplace, 1e-6);
        }
    }
    EXPECT_NEAR(mf_gaussian_below(&s, low + n * step), 1, 1e-9);
}

TEST(WeightStatistics, EveryNumberIsInItsBin)
{
    for (uint64_t seed = 0; seed < n_cases(300); seed++) {
        SCOPED_TRACE(seed);
        std::vector<float> w = draw(seed);
        mf_weight_statistics s = statistics_of(w);
        for (uint64_t n_bins : {1, 2, 7, 64}) {
            std::vector<uint64_t> counts(n_bins), expected(n_bins);
            mf_weight_bins_count(&s, w.data(), w.size(), n_bins, counts.data());
            EXPECT_LE(mf_weight_bin_edge(&s, n_bins, 0), s.least);
            EXPECT_GE(mf_weight_bin_edge(&s, n_bins, n_bins), s.most);
            for (float x : w)
                for (uint64_t i = n_bins; i-- > 0;)
                    if (x >= mf_weight_bin_edge(&s, n_bins, i)) {
                        expected[i]++;
                        break;
                    }
            EXPECT_EQ(counts, expected);
        }
    }
}

TEST(WeightFits, AFileSaysWhatWasWritten)
{
    mf_weight_fit all[2] = {{.layer = "stem_0", .tensor = "weight", .op = "mult"},
                            {.layer = "a \"b\"", .tensor = "weight_t1", .op = "denseshift"}};
    all[0].statistics = statistics_of(draw(3));
    all[1].statistics = statistics_of(draw(7));
    mf_weight_fits fits = {.network = "n", .learnt = true, .n_checkpoints = 3, .n = 2, .all = all},
                   back;
    mf_text text = {}, again = {};
    mf_diag diag = {};
    mf_arena *arena = mf_arena_create();
    mf_json_doc *doc;
    mf_weight_fits_write(&fits, &text);
    ASSERT_EQ(mf_json_parse(text.bytes, text.length, "fits", &doc, &diag), MF_OK) << diag.message;
    ASSERT_EQ(mf_weight_fits_read(doc, arena, &back, &diag), MF_OK) << diag.message;
    mf_weight_fits_write(&back, &again);
    EXPECT_STREQ(text.bytes, again.bytes);
    ASSERT_EQ(back.n, 2u);
    EXPECT_TRUE(back.learnt);
    for (size_t i = 0; i < 2; i++) {
        EXPECT_EQ(back.all[i].statistics.n, all[i].statistics.n);
        EXPECT_EQ(back.all[i].statistics.mean, all[i].statistics.mean);
        EXPECT_EQ(back.all[i].statistics.deviation, all[i].statistics.deviation);
        EXPECT_EQ(back.all[i].statistics.u, all[i].statistics.u);
        EXPECT_EQ(back.all[i].statistics.b, all[i].statistics.b);
    }
    EXPECT_EQ(mf_weight_fits_find(&back, "stem_0"), &back.all[0]);
    EXPECT_EQ(mf_weight_fits_find(&back, "stem"), nullptr);
    mf_json_destroy(doc);
    mf_text_free(&text);
    mf_text_free(&again);
    mf_arena_destroy(arena);
}

TEST(WeightFits, WhatIsNoneIsRefused)
{
    const std::string fit = R"({"layer": "a", "tensor": "weight", "op": "add", "n_weights": 9,
        "mean": 0, "deviation": 1, "laplace_u": 0, "laplace_b": 1, "kurtosis": 3,
        "gaussian_log_likelihood": 0, "laplace_log_likelihood": 0})",
                      head = R"({"format": "mulfree-weight-fits", "version": 1, "network": "n",
        "weights": "forward", "n_checkpoints": 1, "fits": [)";
    auto changed = [&](const std::string &from, const std::string &to) {
        std::string text = head + fit + "]}";
        return text.replace(text.find(from), from.size(), to);
    };
    const struct {
        std::string text, word;
    } cases[] = {{changed("\"version\": 1", "\"version\": 2"), "version"},
                 {changed("weight-fits", "weights"), "format"},
                 {changed("\"forward\"", "\"backward\""), "weights"},
                 {changed("\"laplace_b\": 1", "\"laplace_b\": 0"), "laplace_b"},
                 {changed("\"deviation\": 1", "\"deviation\": -1"), "deviation"},
                 {changed("\"n_weights\": 9", "\"n_weights\": 1"), "n_weights"},
                 {changed("\"kurtosis\": 3,", ""), "kurtosis"},
                 {changed("\"op\"", "\"operator\""), "operator"},
                 {head + fit + "," + fit + "]}", "a.weight: fitted twice"}};
    for (const auto &c : cases) {
        mf_json_doc *doc;
        mf_diag diag = {};
        mf_weight_fits fits;
        mf_arena *arena = mf_arena_create();
        ASSERT_EQ(mf_json_parse(c.text.c_str(), c.text.size(), "fits", &doc, &diag), MF_OK);
        EXPECT_NE(mf_weight_fits_read(doc, arena, &fits, &diag), MF_OK) << c.word;
        EXPECT_NE(std::string(diag.message).find(c.word), std::string::npos) << diag.message;
        mf_json_destroy(doc);
        mf_arena_destroy(arena);
    }
}
