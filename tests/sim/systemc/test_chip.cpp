// Does the chip compute what plain loops compute, for any mapping; does it count what the closed
// forms count; and does every cycle have a reason?
#include "tests/sim/systemc/chip_fixture.h"

using chip_fixture::Layer;

namespace
{
// Random layers on random nests that the chip has enough PEs for.
template <typename Check> void for_random_layers(uint64_t stream, uint64_t n, Check check)
{
    for (uint64_t seed = 0, done = 0; done < n && !testing::Test::HasFailure(); seed++) {
        mf_random random = mf_random_stream(stream, seed);
        mf_work work = random_nest::work(&random, {2, 2, 5, 5, 6, 6, 4, 4});
        mf_mapping mapping = random_nest::mapping(&random, work);
        if (!chip_fixture::fits_chip(mapping))
            continue;
        done++;
        auto arithmetic = static_cast<mf_arithmetic>(seed % MF_N_ARITHMETICS);
        Layer layer(work, mapping, chip_fixture::format_of(arithmetic, seed % 5), seed);
        layer.machine.slide_buffer = seed % 2;
        layer.machine.weights_overlap = seed % 3 == 0;
        for (int t = 0; t < MF_N_TENSORS; t++)
            layer.machine.capacity.buffering[t] =
                static_cast<mf_buffering>(random_nest::between(&random, 0, MF_N_BUFFERINGS - 1));
        SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + layer.text());
        check(layer, random);
    }
}

void expect_right(const Layer &layer)
{
    EXPECT_EQ(layer.psums, layer.expected);
    mf_counts counts;
    mf_reuse_count(&layer.work, &layer.mapping, layer.machine.slide_buffer, &counts);
    chip_fixture::expect_equal(layer.report.counts, counts);
}

// Time of every kind.
void slow_down(Layer &layer, mf_random *random)
{
    auto some = [&](double most) { return mf_random_real(random) * most; };
    for (int b = MF_BOUND_IFMAP_BUS; b <= MF_BOUND_PSUM_OUT; b++)
        layer.machine.bus_cycles[b] = some(1.5);
    layer.timing.dram_bit_cycles = some(0.2);
    layer.timing.dram_latency_cycles = some(20);
    layer.timing.dram_burst_bits = 64;
    layer.timing.buffer_banks = 8;
    layer.timing.buffer_bank_bits = 16;
    layer.timing.prefetch_words = random_nest::between(random, 0, 40);
    layer.timing.input_fifo_tiles = 1 + random_nest::between(random, 0, 2);
    layer.timing.initiation_cycles = 1 + random_nest::between(random, 0, 1);
    layer.timing.pipeline_cycles = random_nest::between(random, 0, 4);
}

void expect_accounted(const mf_chip_report &report)
{
    double sum = report.compute_cycles;
    for (double cycles : report.stall_cycles)
        sum += cycles;
    EXPECT_NEAR(sum, report.cycles, 1e-3 + 1e-9 * report.cycles);
}
} // namespace

TEST(Chip, ComputesAndCountsOnRandomNests)
{
    for_random_layers(41, 1500, [](Layer &layer, mf_random &) {
        ASSERT_EQ(layer.run(), MF_OK) << layer.diag.message;
        expect_right(layer);
        EXPECT_EQ(layer.report.cycles, static_cast<double>(layer.report.counts.n_compute_cycles));
    });
}

TEST(Chip, StaysRightHoweverSlowItsPartsAre)
{
    for_random_layers(42, 800, [](Layer &layer, mf_random &random) {
        slow_down(layer, &random);
        ASSERT_EQ(layer.run(), MF_OK) << layer.diag.message;
        expect_right(layer);
        expect_accounted(layer.report);
    });
}

TEST(Chip, SendsWordsToEveryRowThatNeedsThem)
{
    for_random_layers(45, 500, [](Layer &layer, mf_random &random) {
        bool one_row = random_nest::between(&random, 0, 1) == 0;
        for (int d = 0; d < MF_N_DIMENSIONS; d++) {
            auto &tile = layer.mapping.tile;
            if (one_row)
                tile[MF_COLUMNS][d] = tile[MF_ROWS][d];
            else
                tile[MF_COLUMNS][d] = tile[MF_REGISTER][d];
        }
        if (!chip_fixture::fits_chip(layer.mapping))
            return;
        ASSERT_EQ(layer.run(), MF_OK) << layer.diag.message;
        expect_right(layer);
        for (int t : {MF_IFMAP, MF_WEIGHT}) {
            const mf_flow &flow = layer.report.counts.flow[t];
            if (one_row)
                EXPECT_EQ(flow.row_words, flow.bus_words);
            else
                EXPECT_EQ(flow.row_words, flow.deliveries);
        }
    });
    for_random_layers(46, 500, [](Layer &layer, mf_random &) {
        ASSERT_EQ(layer.run(), MF_OK) << layer.diag.message;
        for (int t : {MF_IFMAP, MF_WEIGHT}) {
            const mf_flow &flow = layer.report.counts.flow[t];
            EXPECT_LE(flow.bus_words, flow.row_words);
            EXPECT_LE(flow.row_words, flow.deliveries);
        }
    });
}

TEST(Chip, TakesTheSameTimeCycleByCycle)
{
    for_random_layers(43, 200, [](Layer &layer, mf_random &random) {
        slow_down(layer, &random);
        ASSERT_EQ(layer.run(), MF_OK) << layer.diag.message;
        mf_chip_report row = layer.report;
        layer.fidelity = MF_FIDELITY_CYCLE;
        ASSERT_EQ(layer.run(), MF_OK) << layer.diag.message;
        expect_right(layer);
        EXPECT_EQ(layer.report.n_executed, row.n_executed);
        EXPECT_NEAR(layer.report.cycles, row.cycles, 1e-3);
        for (int stall = 0; stall < MF_N_STALLS; stall++)
            EXPECT_NEAR(layer.report.stall_cycles[stall], row.stall_cycles[stall], 1e-3)
                << mf_stall_name(stall);
    });
}

// Overflow in the middle of a layer stops all processes wherever they are; nothing of it is left in
// the next run.
TEST(Chip, RunsRightAfterAFailedRun)
{
    uint64_t n_failed = 0;
    for_random_layers(44, 300, [&](Layer &layer, mf_random &random) {
        slow_down(layer, &random);
        uint64_t bits = layer.format.psum_bits;
        layer.format.psum_bits = 12;
        mf_status status = layer.run();
        EXPECT_TRUE(status == MF_OK || status == MF_TOO_LARGE) << layer.diag.message;
        if (status == MF_TOO_LARGE) {
            n_failed++;
            EXPECT_NE(std::string(layer.diag.message).find("channel"), std::string::npos);
        }
        layer.format.psum_bits = bits;
        ASSERT_EQ(layer.run(), MF_OK) << layer.diag.message;
        expect_right(layer);
        expect_accounted(layer.report);
    });
    EXPECT_GT(n_failed, 100u);
}

TEST(Chip, RefusesASecondOne)
{
    mf_chip *first = chip_fixture::chip(), *second = first;
    mf_diag diag = {};
    EXPECT_EQ(mf_chip_create(2, 2, nullptr, &second, &diag), MF_INVALID);
    EXPECT_EQ(second, nullptr);
    EXPECT_STREQ(diag.message,
                 "this process has a chip already: SystemC elaborates once per process");
}

TEST(Chip, RefusesAMappingThatDoesNotFit)
{
    mf_work work = {};
    for (uint32_t &size : work.size)
        size = 4;
    work.h = work.w = 7;
    work.stride = 1;
    mf_random random = mf_random_seed(1);
    mf_mapping mapping = random_nest::mapping(&random, work);
    Layer layer(work, mapping, chip_fixture::format_of(MF_ARITHMETIC_MULT), 1);
    layer.machine.capacity.register_bits[MF_PSUM] = 0;
    EXPECT_EQ(layer.run(), MF_NO_MAPPING);
    EXPECT_NE(std::string(layer.diag.message).find("psum"), std::string::npos)
        << layer.diag.message;
    EXPECT_EQ(layer.psums.front(), INT64_MIN) << "nothing may have run";
}

/* ---- what stays in the buffer -------------------------------------------------------------- */

namespace
{
// Rows of planes, somewhere in rings that are higher: row r at (first + r) modulo `rows`, the rest 7777777.
std::vector<int32_t> ring_of(const std::vector<int32_t> &map, uint64_t planes, uint64_t height,
                             uint64_t width, const mf_chip_ring &ring)
{
    std::vector<int32_t> codes(planes * ring.rows * width, 7777777);
    for (uint64_t i = 0; i < map.size(); i++) {
        uint64_t row = i / width % height, plane = i / width / height;
        codes[(plane * ring.rows + (ring.first + row) % ring.rows) * width + i % width] = map[i];
    }
    return codes;
}
} // namespace

// Read from a ring and left in one, at any place: the same sums, counts and time; codes where their rows are, no word beside
// them, and nothing on the DRAM channel but what has to go there.
TEST(Chip, ReadsAndWritesRings)
{
    for_random_layers(44, 300, [](Layer &layer, mf_random &random) {
        slow_down(layer, &random);
        ASSERT_EQ(layer.run(), MF_OK) << layer.diag.message;
        mf_chip_report plain = layer.report;
        mf_shape s = mf_work_shape(&layer.work);
        mf_chip_ring in = {s.h + random_nest::between(&random, 0, 3),
                           random_nest::between(&random, 0, 40)},
                     out = {s.e + random_nest::between(&random, 0, 3),
                            random_nest::between(&random, 0, 40)};
        std::vector<int32_t> ifmap = ring_of(layer.ifmap, s.n * s.c, s.h, s.w, in),
                             held(s.n * s.m * out.rows * s.f, 7777777), multiplier(s.m, 3), codes;
        std::vector<int64_t> addend(s.m, 5);
        bool signs = random_nest::between(&random, 0, 1),
             stores = random_nest::between(&random, 0, 1);
        mf_requantiser requantiser = {multiplier.data(), addend.data(), 4, 16, 0,
                                      MF_ACTIVATION_NONE};
        for (uint64_t i = 0; i < layer.expected.size(); i++) {
            int32_t code = mf_requantise(&requantiser, i / s.f / s.e % s.m, layer.expected[i]);
            codes.push_back(signs ? mf_integer_sign(code) : code);
        }
        layer.machine.output_bits = signs ? 1 : 16;
        layer.machine.keeps_output = true;
        layer.change = [&](mf_chip_layer &chip) {
            chip.ifmap = ifmap.data();
            chip.ifmap_ring = in;
            chip.held = held.data();
            chip.held_ring = out;
            chip.stores_held = stores;
            chip.requantiser = &requantiser;
        };
        ASSERT_EQ(layer.run(), MF_OK) << layer.diag.message;
        expect_right(layer);
        expect_accounted(layer.report);
        EXPECT_EQ(held, ring_of(codes, s.n * s.m, s.e, s.f, out));
        EXPECT_EQ(layer.report.output_dram_bits,
                  stores ? layer.expected.size() * layer.machine.output_bits : 0);
        if (stores && !signs) {
            EXPECT_EQ(layer.report.cycles, plain.cycles);
        }
    });
}

// Weights that stay are not brought again, whatever the nest does with them.
TEST(Chip, FindsWeightsThatStay)
{
    for_random_layers(45, 200, [](Layer &layer, mf_random &random) {
        slow_down(layer, &random);
        layer.machine.capacity.resident[MF_IFMAP] = layer.machine.capacity.resident[MF_WEIGHT] =
            true;
        layer.machine.capacity.resident[MF_PSUM] = false;
        ASSERT_EQ(layer.run(), MF_OK) << layer.diag.message;
        EXPECT_EQ(layer.psums, layer.expected);
        uint64_t spilled = layer.report.counts.flow[MF_PSUM].dram_reads;
        if (spilled == 0) { // then only what is finished passes the channel
            double bits = std::ceil(static_cast<double>(layer.expected.size()) * 16 / 64) * 64;
            EXPECT_GE(layer.report.busy_cycles[MF_COMPONENT_DRAM],
                      bits * layer.timing.dram_bit_cycles * (1 - 1e-9));
            EXPECT_LE(layer.report.busy_cycles[MF_COMPONENT_DRAM],
                      static_cast<double>(layer.expected.size()) * 64 *
                          layer.timing.dram_bit_cycles * (1 + 1e-9));
        }
    });
}

TEST(Chip, BringsRowsIntoRings)
{
    std::vector<int32_t> map(3 * 10 * 4), ring(3 * 5 * 4, 7777777);
    for (size_t i = 0; i < map.size(); i++)
        map[i] = i % 3 ? static_cast<int32_t>(i) : 0;
    mf_chip_load load = {};
    load.tensor = MF_IFMAP;
    load.from = map.data();
    load.to = ring.data();
    load.n_planes = 3, load.map_rows = 10, load.ring_rows = 5, load.row_words = 4;
    load.first_row = 3, load.n_rows = 4, load.word_bits = 16;
    load.timing = chip_fixture::no_time();
    load.timing.dram_bit_cycles = 0.25;
    load.timing.dram_burst_bits = 500;
    load.timing.dram_latency_cycles = 20;
    mf_chip_report report;
    double before = mf_chip_cycles(chip_fixture::chip());
    EXPECT_OK(mf_chip_bring(chip_fixture::chip(), &load, &report, D));
    EXPECT_EQ(report.n_loaded_words[MF_IFMAP], 3u * 4 * 4);
    EXPECT_EQ(report.loaded_dram_bits[MF_IFMAP], 3u * 4 * 4 * 16);
    EXPECT_NEAR(report.cycles, 1000 * 0.25 + 20, 1e-6); // two bursts
    EXPECT_EQ(report.stall_cycles[MF_STALL_DRAM], report.cycles);
    EXPECT_NEAR(mf_chip_cycles(chip_fixture::chip()), before + report.cycles, 1e-6);
    for (uint64_t plane = 0; plane < 3; plane++)
        for (uint64_t row = 0; row < 5; row++)
            for (uint64_t i = 0; i < 4; i++) {
                uint64_t from = row < 2 ? row + 5 : row; // rows 3, 4, 5, 6; none at place 2
                EXPECT_EQ(ring[(plane * 5 + row) * 4 + i],
                          row == 2 ? 7777777 : map[(plane * 10 + from) * 4 + i]);
            }
    load.coded = true;
    load.first_row = 9;
    load.n_rows = 1;
    EXPECT_OK(mf_chip_bring(chip_fixture::chip(), &load, &report, D));
    EXPECT_LT(report.loaded_dram_bits[MF_IFMAP], 3u * 4 * 16 + 64);
    load.n_rows = 2;
    EXPECT_FAILS(MF_INVALID, "rows 9 to 11 of 10",
                 mf_chip_bring(chip_fixture::chip(), &load, &report, D));
}
