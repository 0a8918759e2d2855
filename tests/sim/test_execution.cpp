// Does a whole network on the chip give what plain loops give, cost what the account says, and take
// the time that the closed forms say where nothing but the array limits it? And does an output that
// is not as expected come out as "different", with its place?
#include "tests/sim/execution_fixture.h"
#include "tests/sim/kept.h"

#include <cctype>
#include <cstdio>
#include <tuple>

using namespace executing;

/* ---- networks of the paper, with each operator ----------------------------------------- */

namespace
{
using NetworkAndOperator = std::tuple<std::string, std::string>; // which print as text

// The closed forms' cycles against the chip's, without those in which results pass through the
// PEs' pipelines: closed forms do not know these, and the chip names them.
struct Apart {
    double largest = 0, of_network = 0;
    std::string where; // `largest` is

    void note(double apart, const std::string &layer)
    {
        if (apart < largest)
            return;
        largest = apart;
        where = layer;
    }
};

Apart compare_cycles(const Trial &t)
{
    Apart apart;
    double all = 0, all_expected = 0;
    for (const mf_execution_row &row : t.rows) {
        if (!row.executed)
            continue;
        double expected = row.analytic.cycles,
               cycles = row.report.cycles - row.report.stall_cycles[MF_STALL_PIPELINE];
        apart.note(std::fabs(cycles / expected - 1),
                   t.account.rows[&row - t.rows.data()].layer->name);
        all += cycles;
        all_expected += expected;
    }
    apart.of_network = std::fabs(all / all_expected - 1);
    return apart;
}

class Execution : public testing::TestWithParam<NetworkAndOperator>
{
  protected:
    static constexpr uint64_t rows = 32; // five strides of 2 leave maps of one element

    static void TearDownTestSuite()
    {
        if (!furthest_.where.empty())
            std::printf("cycles of layers differ by %.2g at most (%s), of networks by %.2g\n",
                        furthest_.largest, furthest_.where.c_str(), furthest_.of_network);
    }

    const std::string network = std::get<0>(GetParam()), op = std::get<1>(GetParam());
    static Apart furthest_;
};

Apart Execution::furthest_;

std::string plain(std::string name)
{
    for (char &c : name)
        c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    return name;
}
} // namespace

INSTANTIATE_TEST_SUITE_P(Paper, Execution,
                         testing::Combine(testing::Values("mobilenetv2-w0.35", "mobilenetv3-w0.35",
                                                          "mcunet-in3", "proxylessnas-w0.35",
                                                          "mobilenetv2-tiny"),
                                          testing::ValuesIn(executed_operators())),
                         [](const testing::TestParamInfo<NetworkAndOperator> &test) {
                             return plain(std::get<0>(test.param) + "_" + std::get<1>(test.param));
                         });

TEST_P(Execution, IsRightAndCountsWhatItDoes)
{
    Memory memory;
    Trial t(load_zoo(network, rows), op, shipped().accelerator, memory);
    t.run(execute);
    ASSERT_EQ(t.status, MF_OK) << t.diag.message;
    expect_summed(t);
}

// Then there is nothing left that the two could see differently: they agree to rounding.
TEST_P(Execution, TakesTheTimeOfTheClosedFormsWhereOnlyPesLimitIt)
{
    Memory memory;
    Trial t(load_zoo(network, rows), op, without_limits(), memory);
    t.run(execute);
    ASSERT_EQ(t.status, MF_OK) << t.diag.message;
    Apart apart = compare_cycles(t);
    EXPECT_LT(apart.largest, 1e-5) << apart.where;
    EXPECT_LT(apart.of_network, 1e-5);
    furthest_.note(apart.largest, network + " " + op + " " + apart.where);
    furthest_.of_network = std::max(furthest_.of_network, apart.of_network);
}

/* ---- other dataflows ------------------------------------------------------------------- */

namespace
{
size_t n_dataflows()
{
    size_t n = 0;
    while (mf_dataflows[n])
        n++;
    return n;
}

class Dataflow : public testing::TestWithParam<size_t>
{
};
} // namespace

INSTANTIATE_TEST_SUITE_P(All, Dataflow, testing::Range<size_t>(0, n_dataflows()),
                         [](const testing::TestParamInfo<size_t> &test) {
                             return plain(mf_dataflows[test.param]->name);
                         });

TEST_P(Dataflow, IsExecutedRight)
{
    Memory memory;
    Trial t(load_zoo("mobilenetv2-tiny", 32), "mult", shipped().accelerator, memory,
            mf_dataflows[GetParam()]);
    t.run(execute);
    ASSERT_EQ(t.status, MF_OK) << t.diag.message;
    expect_summed(t);
}

// Weights that go by the buffer, and weights that have tiles in it: the same sums, and other
// counts.
TEST(WeightsInTheBuffer, AreExecutedRight)
{
    mf_accelerator held = shipped().accelerator;
    held.weights_in_buffer = 1;
    for (const mf_dataflow *const *dataflow = mf_dataflows; *dataflow; dataflow++) {
        SCOPED_TRACE((*dataflow)->name);
        Memory memory;
        Trial t(load_zoo("mobilenetv2-tiny", 32), "shift", held, memory, *dataflow),
            past(load_zoo("mobilenetv2-tiny", 32), "shift", shipped().accelerator, memory,
                 *dataflow);
        t.run(execute);
        ASSERT_EQ(t.status, MF_OK) << t.diag.message;
        expect_summed(t);
        for (size_t i = 0; i < t.account.n_rows; i++) {
            if (t.account.rows[i].vector)
                continue;
            const mf_flow &in = t.rows[i].report.counts.flow[MF_WEIGHT],
                          &by = past.account.rows[i].found.counts.flow[MF_WEIGHT];
            EXPECT_GT(in.buffer_reads, 0u);
            EXPECT_EQ(in.buffer_writes, in.dram_reads);
            EXPECT_EQ(by.buffer_reads, 0u);
            EXPECT_EQ(by.buffer_writes, 0u);
        }
    }
}

/* ---- maps that stay -------------------------------------------------------------------- */

namespace
{
// Both engines move the same words and pay the same for them, and neither moves what stays.
void expect_kept_on_the_chip(const std::function<mf_network *()> &load, const std::string &op,
                             const mf_accelerator &accelerator, size_t *n_kept)
{
    Memory memory;
    Trial plain(load(), op, accelerator, memory),
        t(load(), op, accelerator, memory, &mf_dataflow_row_stationary, MF_SCHEDULE_RESIDENT);
    for (size_t i = 0; i < plain.account.n_rows; i++)
        plain.account.rows[i].layer =
            t.network->layers + (plain.account.rows[i].layer - plain.network->layers);
    *n_kept += kept::expect_kept(accelerator, &t.prices, t.network, MF_OBJECTIVE_EDP, plain.account,
                                 t.account);
    t.run(execute);
    ASSERT_EQ(t.status, MF_OK) << t.diag.message;
    expect_summed(t);
    for (size_t i = 0; i < t.account.n_rows; i++) {
        const mf_analytic_row &row = t.account.rows[i];
        if (row.vector)
            continue;
        SCOPED_TRACE(row.layer->name);
        EXPECT_EQ(t.rows[i].report.ifmap_dram_bits == 0, row.keeps_input[0]);
        EXPECT_EQ(t.rows[i].report.output_dram_bits == 0, row.keeps_output);
    }
}
} // namespace

// Residual sums and squeeze-excite, in the whole buffer and in one that has little room beside
// tiles.
TEST(KeptMaps, OfTheZooAreExecuted)
{
    mf_accelerator small = shipped().accelerator;
    small.buffer_words = 6000;
    size_t n_kept = 0;
    for (const mf_accelerator &accelerator : {shipped().accelerator, small})
        for (const char *name : {"mobilenetv3-w0.35", "mobilenetv2-tiny"})
            expect_kept_on_the_chip([&] { return load_zoo(name, 32); }, "shift", accelerator,
                                    &n_kept);
    expect_kept_on_the_chip([] { return load_zoo("resnet20-cifar", 32); }, "xnor",
                            shipped().accelerator, &n_kept);
    expect_kept_on_the_chip(load_inception, "add", shipped().accelerator, &n_kept);
    EXPECT_GT(n_kept, 20u);
}

TEST(KeptMaps, OfRandomNetworksAreExecuted)
{
    const char *ops[] = {"mult", "shift", "add"};
    size_t n_kept = 0;
    for (uint64_t seed = 100; seed < 100 + n_cases(30); seed++) {
        std::string description = kept::random_network(seed);
        SCOPED_TRACE("seed " + std::to_string(seed) + ": " + description);
        mf_accelerator accelerator = shipped().accelerator;
        accelerator.weight_prefetch_words = 256;
        accelerator.buffer_words = 1200 + 400 * (seed % 7);
        expect_kept_on_the_chip(
            [&] {
                Doc doc(description);
                mf_network *network = nullptr;
                EXPECT_OK(mf_network_from_json(doc.doc, nullptr, &network, D));
                return network;
            },
            ops[seed % 3], accelerator, &n_kept);
    }
    EXPECT_GT(n_kept, n_cases(60));
}

/* ---- what is not as expected ----------------------------------------------------------- */

namespace
{
// Two images of 3 x 6 x 6 through a convolution (stem_0), a pool and a fully connected layer.
mf_network *load_small()
{
    Doc doc(R"({"name": "small", "about": "a", "source": "s", "batch": 2,
                "input": {"channels": 3, "rows": 6, "columns": 6}, "classes": 5,
                "parts": [{"type": "conv", "name": "stem", "channels": 4, "kernel": 3},
                          {"type": "global_pool"},
                          {"type": "fc", "channels": "classes"}]})");
    mf_network *network = nullptr;
    EXPECT_OK(mf_network_from_json(doc.doc, nullptr, &network, D));
    return network;
}

mf_status execute_tampered(void *trial, size_t layer_index, const mf_layer_data *data,
                           mf_diag *diag)
{
    auto *t = static_cast<Trial *>(trial);
    mf_layer_data changed = *data;
    if (layer_index == t->tampered_layer)
        t->tamper(changed);
    return mf_execution_layer(&t->execution, layer_index, &changed, diag);
}

class WrongExpectation : public testing::Test
{
  protected:
    Memory memory;
    Trial t{load_small(), "mult", shipped().accelerator, memory};
    std::vector<int64_t> psums;
    std::vector<int32_t> ofmap;

    // The place of image 1, channel 3, row 2, column 4 of the convolution's output.
    static constexpr size_t place = ((1 * 4 + 3) * 6 + 2) * 6 + 4, n_outputs = 2 * 4 * 6 * 6;

    // `text` is asked for afterwards: the numbers in it come from the run.
    void expect_different(const std::function<std::string()> &text)
    {
        t.run(execute_tampered);
        EXPECT_EQ(t.status, MF_DIFFERENT) << t.diag.message;
        EXPECT_EQ(t.diag.message, text());
    }
};
} // namespace

TEST_F(WrongExpectation, OfASumIsFound)
{
    int64_t right = 0;
    t.tamper = [&](mf_layer_data &data) {
        psums.assign(data.psums, data.psums + n_outputs);
        right = psums[place]++;
        data.psums = psums.data();
    };
    expect_different([&] {
        return std::string(
                   "layer stem_0: the chip's sum of image 1, channel 3, row 2, column 4 is ") +
               std::to_string(right) + ", expected " + std::to_string(right + 1) +
               "; 1 of 288 differ";
    });
}

// Of several, the first in memory is named.
TEST_F(WrongExpectation, OfAnOutputCodeIsFound)
{
    int32_t right = 0;
    t.tamper = [&](mf_layer_data &data) {
        ofmap.assign(data.ofmap, data.ofmap + n_outputs);
        right = ofmap[place];
        for (size_t at : {place, place + 1, n_outputs - 1})
            ofmap[at] -= 2;
        data.ofmap = ofmap.data();
    };
    expect_different([&] {
        return std::string(
                   "layer stem_0: the chip's output code of image 1, channel 3, row 2, column 4 is ") +
               std::to_string(right) + ", expected " + std::to_string(right - 2) +
               "; 3 of 288 differ";
    });
}

// The vector unit's results are checked like the array's.
TEST_F(WrongExpectation, OfALayerWithoutWeightsIsFound)
{
    std::string name;
    int32_t right = 0;
    t.tampered_layer = 1;
    t.tamper = [&](mf_layer_data &data) {
        ofmap.assign(data.ofmap, data.ofmap + mf_shape_ofmap(&data.shape));
        right = ofmap[5]++; // image 1, channel 1
        data.ofmap = ofmap.data();
        name = data.name;
    };
    expect_different([&] {
        return "layer " + name +
               ": the chip's output code of image 1, channel 1, row 0, column 0 is " +
               std::to_string(right) + ", expected " + std::to_string(right + 1) +
               "; 1 of 8 differ";
    });
}

// Zeros that the account has coded already must not be coded again.
TEST_F(WrongExpectation, OfKnownZerosIsRefused)
{
    t.account.rows[0].zeros = {0.5, 0.5};
    t.run(execute);
    EXPECT_EQ(t.status, MF_INVALID);
    EXPECT_NE(std::string(t.diag.message).find("layer stem_0: its zeros are in the account"),
              std::string::npos)
        << t.diag.message;
}

// What a layer finds in the buffer is what the one before left there.
TEST(KeptMaps, AreThoseThatWereLeft)
{
    Memory memory;
    Trial t(load_small(), "mult", shipped().accelerator, memory, &mf_dataflow_row_stationary,
            MF_SCHEDULE_RESIDENT);
    ASSERT_TRUE(t.account.rows[t.row_of(1)].keeps_input[0]);
    std::vector<int32_t> ifmap;
    t.tampered_layer = 1;
    t.tamper = [&](mf_layer_data &data) {
        ifmap.assign(data.ifmap, data.ifmap + mf_shape_ifmap(&data.shape));
        ifmap[7]++;
        data.ifmap = ifmap.data();
    };
    t.run(execute_tampered);
    EXPECT_EQ(t.status, MF_DIFFERENT);
    EXPECT_NE(std::string(t.diag.message).find("is not the one that stem_0 left there"),
              std::string::npos)
        << t.diag.message;
}

// Also where several layers lie between, and it is one of four maps that are put behind each other.
TEST(KeptMaps, MayBeSeveralOfFour)
{
    Memory memory;
    Trial t(load_inception(), "mult", shipped().accelerator, memory, &mf_dataflow_row_stationary,
            MF_SCHEDULE_RESIDENT);
    const mf_layer *reader = nullptr;
    for (size_t i = 0; i < t.account.n_rows; i++) {
        const mf_analytic_row &row = t.account.rows[i];
        if (row.layer->n_inputs == 4 && !reader) {
            reader = row.layer;
            EXPECT_TRUE(row.keeps_input[0] || row.keeps_input[1] || row.keeps_input[2]);
            ASSERT_TRUE(row.keeps_input[3]);
        }
    }
    ASSERT_NE(reader, nullptr);
    std::vector<int32_t> map;
    t.tampered_layer = static_cast<size_t>(reader - t.network->layers);
    t.tamper = [&](mf_layer_data &data) {
        ASSERT_EQ(data.n_others, 3u);
        map.assign(data.others[2].codes, data.others[2].codes + 4 * 8 * 8);
        map[7]++;
        data.others[2].codes = map.data();
    };
    t.run(execute_tampered);
    EXPECT_EQ(t.status, MF_DIFFERENT);
    EXPECT_NE(std::string(t.diag.message).find("is not the one that conv_6 left there"),
              std::string::npos)
        << t.diag.message;
}

// The chip counts what is in its buffer for itself.
TEST(KeptMaps, MustFitBesideTheTiles)
{
    Memory memory;
    Trial t(load_small(), "mult", shipped().accelerator, memory, &mf_dataflow_row_stationary,
            MF_SCHEDULE_RESIDENT);
    const mf_analytic_row &stem = t.account.rows[0];
    ASSERT_TRUE(stem.keeps_output);
    uint64_t needed = kept::kept_bits(stem) + kept::tile_bits(stem),
             words = needed / t.accelerator.word_bits;
    mf_accelerator small = t.accelerator;
    small.buffer_words = small.weight_prefetch_words + words - 1;
    t.basis.accelerator = &small;
    t.run(execute);
    EXPECT_EQ(t.status, MF_NO_MAPPING);
    EXPECT_NE(std::string(t.diag.message).find("what stays in the buffer takes"), std::string::npos)
        << t.diag.message;
}

// The chip computes with what it is given: other weights of one filter give other sums.
TEST_F(WrongExpectation, OfOtherWeightsIsFound)
{
    std::vector<int32_t> weights;
    t.tamper = [&](mf_layer_data &data) {
        weights.assign(data.weights, data.weights + mf_shape_weights(&data.shape));
        for (size_t i = 27; i < 2 * 27; i++)
            weights[i] = ~weights[i];
        data.weights = weights.data();
    };
    t.run(execute_tampered);
    EXPECT_EQ(t.status, MF_DIFFERENT);
    EXPECT_NE(std::string(t.diag.message).find("image 0, channel 1, row 0, column 0 "),
              std::string::npos)
        << t.diag.message;
}

TEST_F(WrongExpectation, OfFewerLayersIsFound)
{
    EXPECT_FAILS(MF_INVALID, "0 of 3 layers were run", mf_execution_finish(&t.execution, D));
}
