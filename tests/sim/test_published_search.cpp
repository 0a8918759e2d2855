// Does the search find what a slow and independent formulation of the equations finds; are the
// limits sharp; do degenerate layers have their closed form?
#include "base/random.h"
#include "sim/published_search.h"
#include "tests/support/support.h"

#include <cstdlib>
#include <vector>

namespace
{
mf_published_price price(double operation_pj, double bits)
{
    mf_published_price p = {operation_pj, {}, 250e6, bits, 32};
    const double access16[] = {200, 22.2, 7.4, 3.7, 3.7, 7.4};
    for (int i = 0; i < MF_PUBLISHED_LEVELS; i++)
        p.access_pj[i] = access16[i] * bits / 16;
    return p;
}

const mf_published_limits table3_limits = {191, 11, 959, 16, 65535};

struct Slow {
    double energy_mj, latency_ms;
    mf_published_mapping mapping;
};

// Every quadruple and triple by trial division, every word count from its definition, nothing
// shared: the equations as a reader of the header would type them in.
std::vector<Slow> slow_search(const mf_published_problem &p, const mf_published_limits &most,
                              const mf_published_price &price)
{
    std::vector<Slow> found;
    const double I = static_cast<double>(p.n * p.c * p.h * p.w),
                 Wt = static_cast<double>(p.r * p.s * p.c * p.m),
                 O = static_cast<double>(p.n * p.e * p.f * p.m);
    auto d = [](uint64_t x) { return static_cast<double>(x); };
    auto floor1 = [](double x) { return x > 1 ? x : 1.0; };
    for (uint64_t n0 = 1; n0 <= p.n; n0++)
        for (uint64_t m0 = 1; m0 <= p.m; m0++)
            for (uint64_t m1 = 1; m0 * m1 <= p.m; m1++)
                for (uint64_t m2 = 1; m0 * m1 * m2 <= p.m; m2++)
                    for (uint64_t c0 = 1; c0 <= p.c; c0++)
                        for (uint64_t c1 = 1; c0 * c1 <= p.c; c1++)
                            for (uint64_t e1 = 1; e1 <= p.e; e1++) {
                                if (p.n % n0 || p.m % (m0 * m1 * m2) || p.c % (c0 * c1) || p.e % e1)
                                    continue;
                                uint64_t n3 = p.n / n0, m3 = p.m / (m0 * m1 * m2),
                                         c2 = p.c / (c0 * c1), e3 = p.e / e1;
                                if (e1 == 1 && !p.single_rows)
                                    continue;
                                if (m0 > most.psum_register_words ||
                                    c0 * p.s > most.ifmap_register_words ||
                                    m0 * c0 * p.s > most.weight_register_words ||
                                    m1 * c1 * e1 * p.r > most.pes)
                                    continue;
                                if (n0 * (c1 * c0 * ((e1 - 1) * p.stride + p.r) *
                                              ((p.f - 1) * p.stride + p.s) +
                                          m2 * m1 * m0 * e1 * p.f) >
                                    most.buffer_words)
                                    continue;
                                double ni = d(m3 * m2 * m1 * p.r * p.e) / d(p.h) * I;
                                double words[] = {
                                    d(m3) * I + d(n3 * e3) * Wt + O,
                                    d(m3 * m2) * I + floor1(2 * (d(c2) - 1)) * O,
                                    ni + d(n3 * e3 * e1) * Wt,
                                    floor1(d(c2) * (d(c1 * p.r) - 1)) * O,
                                    ni * d(m0) * d(p.s) * d(p.f) / d(p.w) +
                                        floor1(2 * d(c2 * c1 * p.r) * (d(c0 * p.s) - 1)) * O,
                                    d(n3 * e3 * e1 * p.f * n0) * Wt};
                                double pj = 0;
                                for (int i = 0; i < MF_PUBLISHED_LEVELS; i++)
                                    pj += words[i] * price.access_pj[i];
                                pj += O * d(p.r * p.s * p.c) * price.operation_pj;
                                uint64_t cycles = n3 * n0 * m3 * m2 * m0 * c2 * c0 * e3 * p.f * p.s;
                                found.push_back({pj / 1e9,
                                                 d(cycles) / price.clock_hz * 1e3 *
                                                     price.latency_bits / price.reference_bits,
                                                 {n0, n3, m0, m1, m2, m3, c0, c1, c2, e1, e3}});
                            }
    return found;
}

const Slow *slow_best(const std::vector<Slow> &all, mf_objective objective)
{
    double e_lo = 1e300, e_hi = 0, l_lo = 1e300, l_hi = 0;
    for (const Slow &s : all) {
        e_lo = std::min(e_lo, s.energy_mj);
        e_hi = std::max(e_hi, s.energy_mj);
        l_lo = std::min(l_lo, s.latency_ms);
        l_hi = std::max(l_hi, s.latency_ms);
    }
    const Slow *best = nullptr;
    double best_score = 1e300, best_tie = 1e300;
    for (const Slow &s : all) {
        double tie = 0, score = (s.energy_mj - e_lo) / e_hi + (s.latency_ms - l_lo) / l_hi;
        if (objective == MF_OBJECTIVE_ENERGY)
            score = s.energy_mj, tie = s.latency_ms;
        if (objective == MF_OBJECTIVE_LATENCY)
            score = s.latency_ms, tie = s.energy_mj;
        if (objective == MF_OBJECTIVE_EDP)
            score = s.energy_mj * s.latency_ms;
        if (score < best_score || (score == best_score && tie < best_tie)) {
            best_score = score;
            best_tie = tie;
            best = &s;
        }
    }
    return best;
}

mf_status search(const mf_published_problem &p, const mf_published_limits &limits,
                 mf_objective objective, const std::vector<mf_published_price> &prices,
                 mf_published_choice *choices, mf_published_tally *tally, mf_diag *diag)
{
    mf_arena *scratch = mf_arena_create();
    mf_status status = mf_published_search(&p, &limits, objective, prices.data(), prices.size(),
                                           scratch, choices, tally, diag);
    mf_arena_destroy(scratch);
    return status;
}

void expect_same_mapping(const mf_published_mapping &a, const mf_published_mapping &b)
{
    EXPECT_EQ(a.n0, b.n0);
    EXPECT_EQ(a.m0, b.m0);
    EXPECT_EQ(a.m1, b.m1);
    EXPECT_EQ(a.m2, b.m2);
    EXPECT_EQ(a.m3, b.m3);
    EXPECT_EQ(a.c0, b.c0);
    EXPECT_EQ(a.c1, b.c1);
    EXPECT_EQ(a.c2, b.c2);
    EXPECT_EQ(a.e1, b.e1);
}

uint64_t test_seed()
{
    const char *given = std::getenv("MULFREE_TEST_SEED");
    return given ? std::strtoull(given, nullptr, 10) : 20240605;
}
} // namespace

TEST(PublishedSearch, AgreesWithTheSlowFormulationOnRandomLayers)
{
    uint64_t seed = test_seed();
    mf_random random = mf_random_seed(seed);
    auto pick = [&](uint64_t low, uint64_t high) { return mf_random_between(&random, low, high); };
    size_t n_checked = 0;
    for (int round = 0; round < 150; round++) {
        SCOPED_TRACE("seed " + std::to_string(seed) + " (MULFREE_TEST_SEED), round " +
                     std::to_string(round));
        mf_published_problem p = {};
        p.n = pick(0, 3) ? 1 : pick(1, 6);
        p.m = pick(1, 24);
        p.c = pick(1, 18);
        p.r = pick(1, 3);
        p.s = pick(1, 3);
        p.stride = pick(1, 2);
        p.e = pick(1, 14);
        p.f = pick(1, 14);
        p.h = (p.e - 1) * p.stride + p.r;
        p.w = (p.f - 1) * p.stride + p.s;
        p.single_rows = pick(0, 1) == 1;
        mf_published_limits most = {pick(1, 80), pick(1, 12), pick(1, 60), pick(1, 16),
                                    pick(1, 4000)};
        auto objective = static_cast<mf_objective>(pick(0, 3));
        std::vector<mf_published_price> prices = {price(3.7, 32), price(0.13, 10), price(0.9, 32)};
        prices[2].access_pj[0] = prices[2].access_pj[1] = prices[2].access_pj[2] = 0;
        mf_published_choice choices[3];
        mf_published_tally tally = {};
        mf_diag diag = {};
        mf_status status = search(p, most, objective, prices, choices, &tally, &diag);
        for (size_t i = 0; i < prices.size(); i++) {
            std::vector<Slow> all = slow_search(p, most, prices[i]);
            EXPECT_EQ(tally.n_legal, all.size());
            if (all.empty()) {
                EXPECT_EQ(status, MF_NO_MAPPING) << diag.message;
                continue;
            }
            ASSERT_EQ(status, MF_OK) << diag.message;
            const Slow *best = slow_best(all, objective);
            EXPECT_EQ(choices[i].energy_mj, best->energy_mj);
            EXPECT_EQ(choices[i].latency_ms, best->latency_ms);
            expect_same_mapping(choices[i].mapping, best->mapping);
            n_checked++;
        }
    }
    EXPECT_GT(n_checked, 100u) << "too few random layers fit";
}

TEST(PublishedSearch, EveryLimitIsSharp)
{
    // 3x3 kernel, four rows: E1 = 2 is the least, so 6 PEs; 3 ifmap and weight words; a tile of
    // 4 x 10 ifmap words and 2 x 8 psums in the buffer.
    const mf_published_problem p = {1, 1, 1, 10, 10, 3, 3, 4, 8, 1, false};
    const mf_published_limits enough = {6, 3, 3, 1, 4 * 10 + 2 * 8};
    mf_published_choice choice;
    mf_published_tally tally;
    EXPECT_OK(search(p, enough, MF_OBJECTIVE_BALANCED, {price(3.7, 32)}, &choice, &tally, D));
    EXPECT_EQ(tally.n_legal, 1u);
    EXPECT_EQ(choice.n_active_pes, 6u);
    const struct {
        uint64_t mf_published_limits::*limit;
        const char *message;
    } cases[] = {
        {&mf_published_limits::pes, "needs 6 PEs, and 5"},
        {&mf_published_limits::ifmap_register_words, "needs 3 ifmap register words, and 2"},
        {&mf_published_limits::weight_register_words, "needs 3 weight register words, and 2"},
        {&mf_published_limits::psum_register_words, "needs 1 psum register words, and 0"},
        {&mf_published_limits::buffer_words, "needs 56 buffer words, and 55"}};
    for (const auto &c : cases) {
        mf_published_limits less = enough;
        less.*c.limit -= 1;
        EXPECT_FAILS(MF_NO_MAPPING, c.message,
                     search(p, less, MF_OBJECTIVE_BALANCED, {price(3.7, 32)}, &choice, &tally, D));
    }
}

TEST(PublishedSearch, ASingleRowNeedsTheConvention)
{
    mf_published_problem p = {1, 4, 4, 3, 10, 3, 3, 1, 8, 1, false};
    mf_published_choice choice;
    mf_published_tally tally;
    EXPECT_FAILS(
        MF_NO_MAPPING, "single_row_tiles",
        search(p, table3_limits, MF_OBJECTIVE_BALANCED, {price(3.7, 32)}, &choice, &tally, D));
    p.single_rows = true;
    EXPECT_OK(
        search(p, table3_limits, MF_OBJECTIVE_BALANCED, {price(3.7, 32)}, &choice, &tally, D));
}

// One PE, one output: every word count can be done in the head.
TEST(PublishedSearch, ClosedFormOfOneByOne)
{
    const mf_published_problem p = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, true};
    mf_published_choice choice;
    mf_published_tally tally;
    EXPECT_OK(
        search(p, {1, 1, 1, 1, 2}, MF_OBJECTIVE_BALANCED, {price(3.7, 32)}, &choice, &tally, D));
    const double words[] = {3, 2, 2, 1, 2, 1};
    for (int i = 0; i < MF_PUBLISHED_LEVELS; i++)
        EXPECT_EQ(choice.words[i], words[i]) << i;
    EXPECT_EQ(choice.n_cycles, 1u);
    EXPECT_EQ(tally.n_candidates, 1u);
}

TEST(PublishedSearch, CountsEveryFactorisation)
{
    // 12 = 2*2*3: C(5,3)*C(4,3) = 40 ordered quadruples; 8: C(5,2) = 10 triples; 6: 4 pairs; 4: 3
    // pairs.
    const mf_published_problem p = {4, 12, 8, 6, 6, 1, 1, 6, 6, 1, true};
    mf_published_choice choice;
    mf_published_tally tally;
    const uint64_t all = uint64_t{1} << 40;
    EXPECT_OK(search(p, {all, all, all, all, all}, MF_OBJECTIVE_BALANCED, {price(3.7, 32)}, &choice,
                     &tally, D));
    EXPECT_EQ(tally.n_candidates, 40u * 10 * 4 * 3);
    EXPECT_EQ(tally.n_legal, tally.n_candidates);
}

TEST(PublishedSearch, RefusesWordCountsThatAreNotExact)
{
    const uint64_t big = uint64_t{1} << 20;
    const mf_published_problem p = {1, big, 1, big, big, 1, 1, big, big, 1, true};
    mf_published_choice choice;
    mf_published_tally tally;
    EXPECT_FAILS(
        MF_TOO_LARGE, "2^53",
        search(p, table3_limits, MF_OBJECTIVE_BALANCED, {price(3.7, 32)}, &choice, &tally, D));
}
