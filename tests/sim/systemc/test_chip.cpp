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
                EXPECT_EQ(layer.report.n_row_words[t], flow.bus_words);
            else
                EXPECT_EQ(layer.report.n_row_words[t], flow.deliveries);
        }
    });
    for_random_layers(46, 500, [](Layer &layer, mf_random &) {
        ASSERT_EQ(layer.run(), MF_OK) << layer.diag.message;
        for (int t : {MF_IFMAP, MF_WEIGHT}) {
            const mf_flow &flow = layer.report.counts.flow[t];
            EXPECT_LE(flow.bus_words, layer.report.n_row_words[t]);
            EXPECT_LE(layer.report.n_row_words[t], flow.deliveries);
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
