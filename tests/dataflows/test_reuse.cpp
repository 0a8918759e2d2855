// Do the closed forms of dataflows/reuse.c count what a walk through the nest counts, exactly; do
// they keep the laws that hold for any nest; do degenerate layers have the counts one derives on
// paper?
#include "dataflows/cost.h"
#include "tests/dataflows/random_nest.h"
#include "tests/dataflows/walk.h"
#include "tests/support/support.h"

namespace
{
void expect_equal(const mf_counts &found, const mf_counts &walked, const std::string &where)
{
#define SAME(field) EXPECT_EQ(found.field, walked.field) << where
    SAME(n_macs);
    SAME(n_padded_macs);
    SAME(n_steps);
    SAME(n_compute_cycles);
    SAME(psum_hops);
    for (int t = 0; t < MF_N_TENSORS; t++) {
        std::string tensor = std::string(mf_tensor_name(t)) + "\n" + where;
#define SAME_FLOW(field) EXPECT_EQ(found.flow[t].field, walked.flow[t].field) << tensor
        SAME_FLOW(loads);
        SAME_FLOW(dram_reads);
        SAME_FLOW(dram_writes);
        SAME_FLOW(buffer_reads);
        SAME_FLOW(buffer_writes);
        SAME_FLOW(bus_words);
        SAME_FLOW(row_words);
        SAME_FLOW(deliveries);
    }
}

// A nest in which nothing is tiled: one step, one PE, the whole layer in its registers.
mf_mapping whole(const mf_work &w)
{
    mf_mapping m{};
    for (auto &tile : m.tile)
        std::copy(w.size, w.size + MF_N_DIMENSIONS, tile);
    for (auto &order : m.order)
        for (uint8_t d = 0; d < MF_N_DIMENSIONS; d++)
            order[d] = d;
    return m;
}

mf_counts count(const mf_work &w, const mf_mapping &m)
{
    mf_diag diag = {};
    EXPECT_EQ(mf_mapping_check_nest(&m, &w, &diag), MF_OK) << diag.message;
    mf_counts counts;
    mf_reuse_count(&w, &m, false, &counts);
    return counts;
}
} // namespace

TEST(Work, IsThatOfItsShape)
{
    for (uint64_t seed = 0; seed < n_cases(100); seed++) {
        mf_random random = mf_random_stream(30, seed);
        mf_work work = random_nest::work(&random, {2, 3, 4, 4, 5, 5, 3, 3});
        mf_shape shape = mf_work_shape(&work);
        mf_work again = mf_work_of(&shape);
        EXPECT_EQ(memcmp(&work, &again, sizeof work), 0) << "seed " << seed;
        EXPECT_EQ(mf_shape_macs(&shape), mf_work_macs(&work));
        EXPECT_OK(mf_shape_check(&shape, D));
    }
}

TEST(Reuse, EqualsAWalkThroughTheNest)
{
    for (uint64_t seed = 0; seed < n_cases(3000) && !HasFailure(); seed++) {
        mf_random random = mf_random_stream(31, seed);
        mf_work work = random_nest::work(&random, {2, 2, 4, 4, 5, 5, 3, 3});
        mf_mapping mapping = random_nest::mapping(&random, work);
        bool slide = seed % 2 == 1;
        mf_diag diag = {};
        ASSERT_EQ(mf_mapping_check_nest(&mapping, &work, &diag), MF_OK) << diag.message;
        mf_counts counts;
        mf_reuse_count(&work, &mapping, slide, &counts);
        expect_equal(counts, walk::Walker(work, mapping, slide).run(),
                     "seed " + std::to_string(seed) + (slide ? " sliding buffer\n" : "\n") +
                         random_nest::text(work, mapping));
    }
}

// With a price on nothing else, the energy is how often the walk reads (or writes) at that level.
TEST(Cost, ReadsAndWritesPayEachTheirOwnPrice)
{
    for (uint64_t seed = 0; seed < n_cases(500) && !HasFailure(); seed++) {
        mf_random random = mf_random_stream(34, seed);
        mf_work work = random_nest::work(&random, {2, 2, 4, 4, 5, 5, 3, 3});
        mf_mapping mapping = random_nest::mapping(&random, work);
        SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + random_nest::text(work, mapping));
        const mf_counts walked = walk::Walker(work, mapping, false).run();
        mf_machine m{};
        m.executed = 1;
        m.counts_first_psum_read = true;
        auto energy = [&](double *price) {
            mf_counts counts;
            mf_cost cost;
            *price = 1;
            mf_cost_of_mapping(&m, &work, &mapping, &counts, &cost);
            *price = 0;
            return cost.energy_pj;
        };
        const double executed = static_cast<double>(walked.n_macs),
                     inside = executed - static_cast<double>(walked.n_padded_macs);
        for (int t = 0; t < MF_N_TENSORS; t++) {
            const mf_flow &flow = walked.flow[t];
            const double arrived = static_cast<double>(flow.deliveries),
                         on = mapping.bypass_register[t] ? 0 : 1;
            EXPECT_EQ(energy(&m.read_pj[MF_LEVEL_DRAM][t]), static_cast<double>(flow.dram_reads));
            EXPECT_EQ(energy(&m.read_pj[MF_LEVEL_GLOBAL_BUFFER][t]),
                      static_cast<double>(flow.buffer_reads));
            EXPECT_EQ(energy(&m.write_pj[MF_LEVEL_GLOBAL_BUFFER][t]),
                      static_cast<double>(flow.buffer_writes));
            const double used = t == MF_IFMAP ? inside : executed;
            EXPECT_EQ(energy(&m.read_pj[MF_LEVEL_REGISTERS][t]),
                      on * (used + (t == MF_PSUM ? arrived : 0)));
            EXPECT_EQ(energy(&m.write_pj[MF_LEVEL_REGISTERS][t]),
                      on * (t == MF_PSUM ? executed : arrived));
        }
        EXPECT_EQ(energy(&m.write_pj[MF_LEVEL_DRAM][MF_PSUM]),
                  static_cast<double>(walked.flow[MF_PSUM].dram_reads))
            << "what comes back was spilled; finished words have a price of their own";
    }
}

// Laws of any nest, on layers too large to walk.
TEST(Reuse, KeepsTheLawsOfConservation)
{
    for (uint64_t seed = 0; seed < n_cases(5000) && !HasFailure(); seed++) {
        mf_random random = mf_random_stream(32, seed);
        mf_work w = random_nest::work(&random, {4, 6, 96, 96, 40, 40, 7, 7});
        mf_mapping m = random_nest::mapping(&random, w);
        mf_counts c = count(w, m);
        SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + random_nest::text(w, m));
        const uint64_t outputs = uint64_t{w.size[MF_N]} * w.size[MF_G] * w.size[MF_M] *
                                 w.size[MF_E] * w.size[MF_F],
                       weights = uint64_t{w.size[MF_G]} * w.size[MF_M] * w.size[MF_C] *
                                 w.size[MF_R] * w.size[MF_S];
        EXPECT_EQ(c.n_macs, mf_work_macs(&w));
        EXPECT_LE(c.n_padded_macs, c.n_macs);
        EXPECT_LE(c.n_steps, c.n_compute_cycles);
        EXPECT_LE(c.n_compute_cycles, c.n_macs);
        uint64_t pes = mf_mapping_pes(&m, MF_COLUMNS) * mf_mapping_pes(&m, MF_ROWS);
        EXPECT_GE(c.n_compute_cycles * pes, c.n_macs);
        const mf_flow &i = c.flow[MF_IFMAP], &wt = c.flow[MF_WEIGHT], &o = c.flow[MF_PSUM];
        EXPECT_GE(wt.dram_reads, weights);
        EXPECT_EQ(o.dram_writes, o.dram_reads + outputs) << "each output ends in DRAM once";
        EXPECT_GE(o.deliveries, outputs);
        EXPECT_EQ(o.bus_words % 2, outputs % 2) << "written once more than read";
        EXPECT_LE(i.deliveries, c.n_macs);
        for (const mf_flow &flow : {i, wt}) {
            EXPECT_GE(flow.row_words, flow.bus_words) << "a word is sent for somebody";
            EXPECT_GE(flow.deliveries, flow.row_words) << "a row takes a word for somebody";
            EXPECT_EQ(flow.dram_writes, 0u);
            EXPECT_LE(flow.loads, c.n_steps);
        }
        for (int t = 0; t < MF_N_TENSORS; t++) {
            const mf_flow &flow = c.flow[t];
            if (m.bypass_buffer[t]) {
                EXPECT_EQ(flow.buffer_reads + flow.buffer_writes, 0u);
                EXPECT_EQ(flow.dram_reads + flow.dram_writes, flow.bus_words);
            } else if (t != MF_PSUM) {
                EXPECT_EQ(flow.buffer_writes, flow.dram_reads);
                EXPECT_EQ(flow.buffer_reads, flow.bus_words);
            } else {
                EXPECT_EQ(flow.buffer_reads, flow.buffer_writes)
                    << "all that went in came out again";
            }
        }
    }
}

// Reads of the ifmap are compulsory: each word that some output needs is read at least once.
TEST(Reuse, ReadsEveryNeededInputWord)
{
    for (uint64_t seed = 0; seed < n_cases(2000) && !HasFailure(); seed++) {
        mf_random random = mf_random_stream(33, seed);
        mf_work w = random_nest::work(&random, {2, 3, 8, 8, 20, 20, 5, 5});
        mf_mapping m = random_nest::mapping(&random, w);
        std::vector<bool> rows(w.h), columns(w.w);
        for (uint32_t e = 0; e < w.size[MF_E]; e++)
            for (uint32_t r = 0; r < w.size[MF_R]; r++)
                if (uint32_t row = w.stride * e + r - w.pad_rows; row < w.h)
                    rows[row] = true;
        for (uint32_t f = 0; f < w.size[MF_F]; f++)
            for (uint32_t s = 0; s < w.size[MF_S]; s++)
                if (uint32_t column = w.stride * f + s - w.pad_columns; column < w.w)
                    columns[column] = true;
        auto n = [](const std::vector<bool> &v) {
            return static_cast<uint64_t>(std::count(v.begin(), v.end(), true));
        };
        uint64_t needed = n(rows) * n(columns) * w.size[MF_N] * w.size[MF_G] * w.size[MF_C];
        mf_counts c = count(w, m);
        EXPECT_GE(c.flow[MF_IFMAP].dram_reads, needed) << "seed " << seed;
        EXPECT_GE(c.flow[MF_IFMAP].bus_words, needed) << "seed " << seed;
        mf_counts one = count(w, whole(w));
        EXPECT_EQ(one.flow[MF_IFMAP].dram_reads > needed, false)
            << "untiled, nothing else is read, seed " << seed << "\n"
            << random_nest::text(w, whole(w));
    }
}

// One PE, nothing tiled: every word moves once, one cycle per position. 3 x 3 over 6 x 6 padded by
// 1: of 6 * 3 row pairs, the first output misses kernel row 0 and the last misses row 2: 16 remain;
// so do 16 column pairs, and 18 * 18 - 16 * 16 positions of each channel pair are on padding.
TEST(Reuse, ALayerInOnePeMovesOnce)
{
    mf_work w{{1, 1, 4, 3, 6, 6, 3, 3}, 6, 6, 1, 1, 1};
    mf_counts c = count(w, whole(w));
    EXPECT_EQ(c.n_macs, 4u * 3 * 36 * 9);
    EXPECT_EQ(c.n_compute_cycles, c.n_macs);
    EXPECT_EQ(c.n_steps, 1u);
    EXPECT_EQ(c.n_padded_macs, 12u * (18 * 18 - 16 * 16));
    EXPECT_EQ(c.flow[MF_IFMAP].dram_reads, 3u * 36);
    EXPECT_EQ(c.flow[MF_WEIGHT].deliveries, 4u * 3 * 9);
    EXPECT_EQ(c.flow[MF_PSUM].bus_words, 4u * 36);
    EXPECT_EQ(c.psum_hops, 0u);
}

// A 1-D convolution over F in one PE with the row in steps of one output: sliding by the stride,
// each needed input word comes once; with the kernel column outside instead, every tap brings the
// row again.
TEST(Reuse, ARowPrimitiveSlides)
{
    mf_work w{{1, 1, 1, 1, 1, 8, 1, 3}, 1, 10, 1, 0, 0};
    mf_mapping m = whole(w);
    m.tile[MF_REGISTER][MF_F] = m.tile[MF_COLUMNS][MF_F] = m.tile[MF_ROWS][MF_F] = 1;
    mf_counts c = count(w, m);
    EXPECT_EQ(c.flow[MF_IFMAP].deliveries, 10u) << "3 words, then 7 times one more";
    EXPECT_EQ(c.flow[MF_IFMAP].dram_reads, 10u);
    EXPECT_EQ(c.flow[MF_WEIGHT].deliveries, 3u);
    EXPECT_EQ(c.n_steps, 8u);
    m.tile[MF_REGISTER][MF_S] = m.tile[MF_COLUMNS][MF_S] = m.tile[MF_ROWS][MF_S] = 1;
    std::swap(m.order[MF_BUFFER_LOOPS][MF_F], m.order[MF_BUFFER_LOOPS][MF_S]);
    c = count(w, m); // for S, for F: each tap slides over 8 words of the row
    EXPECT_EQ(c.flow[MF_IFMAP].deliveries, 3u * 8);
    EXPECT_EQ(c.flow[MF_WEIGHT].deliveries, 3u);
    EXPECT_EQ(c.flow[MF_PSUM].deliveries, 3u * 8);
    EXPECT_EQ(c.flow[MF_PSUM].buffer_writes, 3u * 8);
    EXPECT_EQ(c.flow[MF_PSUM].buffer_reads, 2u * 8 + 8) << "twice to be added to, once to leave";
}

// A set of R x E PEs as in Eyeriss: rows of weights shared along E, ifmap rows along the diagonals,
// psums summed down R. 3 kernel rows, 4 output rows: 6 distinct ifmap rows reach 12 PEs.
TEST(Reuse, ARowStationarySetSharesAlongDiagonals)
{
    mf_work w{{1, 1, 1, 1, 4, 5, 3, 3}, 6, 7, 1, 0, 0};
    mf_mapping m = whole(w);
    for (int level : {MF_REGISTER, MF_COLUMNS, MF_ROWS})
        m.tile[level][MF_F] = 1;
    m.tile[MF_REGISTER][MF_E] = 1;                            // E over the columns
    m.tile[MF_REGISTER][MF_R] = m.tile[MF_COLUMNS][MF_R] = 1; // R over the rows
    mf_counts c = count(w, m);
    EXPECT_EQ(mf_mapping_pes(&m, MF_COLUMNS), 4u);
    EXPECT_EQ(mf_mapping_pes(&m, MF_ROWS), 3u);
    EXPECT_EQ(c.flow[MF_IFMAP].bus_words, 6u * 7);
    EXPECT_EQ(c.flow[MF_IFMAP].deliveries, 12u * 7);
    EXPECT_EQ(c.flow[MF_WEIGHT].bus_words, 9u);
    EXPECT_EQ(c.flow[MF_WEIGHT].deliveries, 4u * 9);
    EXPECT_EQ(c.psum_hops, 2u * 4 * 5);
    EXPECT_EQ(c.n_compute_cycles, 5u * 3) << "12 PEs share 180 positions";
}

namespace
{
// Room for exactly what the nest holds.
mf_capacity exact(const mf_mapping &m, const mf_work &w)
{
    mf_contributions contributions = mf_contributions_of(&w, &m);
    mf_capacity c = {.pe_rows = mf_mapping_pes(&m, MF_ROWS),
                     .pe_columns = mf_mapping_pes(&m, MF_COLUMNS),
                     .buffering = {MF_BUFFERING_DOUBLE, MF_BUFFERING_SINGLE, MF_BUFFERING_FREED},
                     .bits = {16, 5, 24}};
    for (int t = 0; t < MF_N_TENSORS; t++) {
        c.register_bits[t] = mf_tile_words(&m, MF_REGISTER, t, &contributions) * c.bits[t];
        if (!m.bypass_buffer[t])
            c.buffer_bits += mf_tile_words(&m, MF_BUFFER, t, &contributions) * c.bits[t] *
                             (t == MF_IFMAP ? 2 : 1);
    }
    return c;
}
} // namespace

TEST(Capacity, IsSharpAtEveryLimit)
{
    for (uint64_t seed = 0; seed < n_cases(500) && !HasFailure(); seed++) {
        mf_random random = mf_random_stream(34, seed);
        mf_work w = random_nest::work(&random, {2, 3, 9, 9, 12, 12, 5, 5});
        mf_mapping m = random_nest::mapping(&random, w);
        mf_diag diag = {};
        const mf_capacity limit = exact(m, w);
        ASSERT_EQ(mf_mapping_check_capacity(&m, &w, &limit, &diag), MF_OK)
            << seed << " " << diag.message;
        auto refused = [&](auto change, const char *word) {
            mf_capacity less = limit;
            change(&less);
            EXPECT_EQ(mf_mapping_check_capacity(&m, &w, &less, &diag), MF_NO_MAPPING) << word;
            EXPECT_NE(std::string(diag.message).find(word), std::string::npos) << diag.message;
        };
        refused([](mf_capacity *c) { c->pe_columns--; }, "PE columns");
        refused([](mf_capacity *c) { c->pe_rows--; }, "PE rows");
        refused([](mf_capacity *c) { c->register_bits[MF_IFMAP]--; }, "ifmap registers");
        refused([](mf_capacity *c) { c->register_bits[MF_WEIGHT]--; }, "weight registers");
        refused([](mf_capacity *c) { c->register_bits[MF_PSUM]--; }, "psum registers");
        if (limit.buffer_bits)
            refused([](mf_capacity *c) { c->buffer_bits--; }, "global buffer");
    }
}

TEST(Mapping, RefusesWhatIsNoNest)
{
    mf_work w{{1, 1, 8, 8, 8, 8, 3, 3}, 10, 10, 1, 0, 0};
    mf_diag diag = {};
    mf_mapping m = whole(w);
    m.tile[MF_REGISTER][MF_M] = 0;
    EXPECT_EQ(mf_mapping_check_nest(&m, &w, &diag), MF_INVALID);
    m = whole(w);
    m.tile[MF_BUFFER][MF_C] = 9;
    EXPECT_EQ(mf_mapping_check_nest(&m, &w, &diag), MF_INVALID);
    EXPECT_NE(std::string(diag.message).find("buffer 9 <= size 8"), std::string::npos)
        << diag.message;
    m = whole(w);
    m.tile[MF_REGISTER][MF_E] = 3;
    EXPECT_EQ(mf_mapping_check_nest(&m, &w, &diag), MF_OK) << "3 + 3 + 2 in one strip";
    m.tile[MF_COLUMNS][MF_E] = 4;
    EXPECT_EQ(mf_mapping_check_nest(&m, &w, &diag), MF_INVALID) << "4 is no multiple of 3";
    m = whole(w);
    m.order[MF_DRAM_LOOPS][0] = m.order[MF_DRAM_LOOPS][1];
    EXPECT_EQ(mf_mapping_check_nest(&m, &w, &diag), MF_INVALID);
}

TEST(Mapping, NormalisingChangesNoCount)
{
    for (uint64_t seed = 0; seed < n_cases(500) && !HasFailure(); seed++) {
        mf_random random = mf_random_stream(35, seed);
        mf_work w = random_nest::work(&random, {2, 3, 9, 9, 12, 12, 5, 5});
        mf_mapping m = random_nest::mapping(&random, w), n = m;
        mf_mapping_normalise(&n, &w);
        expect_equal(count(w, n), count(w, m), "seed " + std::to_string(seed));
        mf_mapping again = n;
        mf_mapping_normalise(&again, &w);
        EXPECT_EQ(memcmp(&again, &n, sizeof n), 0);
    }
}

// The sums of footprints only look at tiles near the padding; here every tile is looked at.
TEST(Reuse, FootprintsAreThoseOfEveryTile)
{
    for (uint64_t seed = 0; seed < n_cases(2000) && !HasFailure(); seed++) {
        mf_random random = mf_random_stream(36, seed);
        mf_work w = random_nest::work(&random, {1, 1, 1, 1, 60, 60, 9, 9});
        mf_mapping m = random_nest::mapping(&random, w);
        for (bool rows : {true, false}) {
            const int out = rows ? MF_E : MF_F, kernel = rows ? MF_R : MF_S;
            const long extent = rows ? w.h : w.w, pad = rows ? w.pad_rows : w.pad_columns;
            // Borders of the tiles of each grain: whole, buffer, array, PE or row of PEs.
            auto tiles = [&](int d, int grain) {
                std::vector<std::array<uint32_t, 2>> all = {{0, w.size[d]}};
                const int own = grain == MF_GRAIN_PE_ROW ? MF_COLUMNS : MF_REGISTER;
                for (int g = 1, levels[] = {0, MF_BUFFER, MF_ROWS, own}; g <= std::min(grain, 3);
                     g++) {
                    std::vector<std::array<uint32_t, 2>> cut;
                    for (const auto &[begin, end] : all)
                        for (uint32_t i = begin; i < end; i += m.tile[levels[g]][d])
                            cut.push_back({i, std::min(i + m.tile[levels[g]][d], end)});
                    all = cut;
                }
                return all;
            };
            auto sum = [&](int out_grain, int kernel_grain, uint64_t *largest) {
                uint64_t total = 0;
                *largest = 0;
                for (const auto &[e0, e1] : tiles(out, out_grain))
                    for (const auto &[r0, r1] : tiles(kernel, kernel_grain)) {
                        std::set<long> touched;
                        for (uint32_t e = e0; e < e1; e++)
                            for (uint32_t r = r0; r < r1; r++)
                                if (long at = long{w.stride} * e + r - pad; at >= 0 && at < extent)
                                    touched.insert(at);
                        total += touched.size();
                        *largest = std::max<uint64_t>(*largest, touched.size());
                    }
                return total;
            };
            mf_halo halo = mf_halo_of(&w, &m, rows, true);
            uint64_t largest = 0;
            SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + random_nest::text(w, m));
            for (int g = 0; g < 4; g++) {
                if (g < 2) {
                    EXPECT_EQ(halo.buffer[g], sum(g, MF_GRAIN_BUFFER, &largest));
                }
                if (g < 3) {
                    EXPECT_EQ(halo.array[g], sum(g, MF_GRAIN_ARRAY, &largest));
                }
                EXPECT_EQ(halo.pe_row[g],
                          sum(g < 3 ? g : MF_GRAIN_PE_ROW, MF_GRAIN_PE_ROW, &largest));
                EXPECT_EQ(halo.pe[g], sum(g, MF_GRAIN_PE, &largest));
            }
            EXPECT_EQ(halo.largest[MF_REGISTER], largest);
            sum(MF_GRAIN_ARRAY, MF_GRAIN_ARRAY, &largest);
            EXPECT_EQ(halo.largest[MF_ROWS], largest);
            sum(MF_GRAIN_BUFFER, MF_GRAIN_BUFFER, &largest);
            EXPECT_EQ(halo.largest[MF_BUFFER], largest);
        }
    }
}
