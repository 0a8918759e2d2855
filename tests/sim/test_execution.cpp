// Does a whole network on the chip give what plain loops give, cost what the account says, and take
// the time that the closed forms say where nothing but the array limits it? And does an output that
// is not as expected come out as "different", with its place?
#include "base/arena.h"
#include "models/formats/network_json.h"
#include "models/forward.h"
#include "sim/execution.h"
#include "tests/sim/kept.h"
#include "tests/support/operators.h"

#include <cctype>
#include <cmath>
#include <cstdio>
#include <functional>
#include <tuple>
#include <vector>

namespace
{
constexpr uint64_t seed = 11, bits = 16;

// SystemC elaborates once per process.
mf_chip *chip()
{
    static mf_chip *made = [] {
        mf_chip *fresh = nullptr;
        EXPECT_OK(mf_chip_create(12, 14, nullptr, &fresh, D));
        return fresh;
    }();
    return made;
}

// What all tests read: the operators, one accelerator, one table.
struct Shipped {
    mf_arena *arena = mf_arena_create();
    mf_operators *operators = nullptr;
    mf_energy_table *table = nullptr;
    mf_accelerator accelerator = {};

    Shipped()
    {
        operators = load_all_operators();
        Doc chip = Doc::load(source_path("models/accelerators/eyeriss-12x14.json"));
        EXPECT_OK(mf_accelerator_from_json(chip.doc, arena, &accelerator, D));
        Doc costs = Doc::load(source_path("energy_tables/consistent-45nm.json"));
        EXPECT_OK(mf_energy_table_from_json(costs.doc, &table, D));
    }
    Shipped(const Shipped &) = delete;
    ~Shipped()
    {
        mf_energy_table_destroy(table);
        mf_operators_destroy(operators);
        mf_arena_destroy(arena);
    }
};

const Shipped &shipped()
{
    static const Shipped loaded;
    return loaded;
}

// The accelerator with nothing but its PEs to wait for.
mf_accelerator without_limits()
{
    mf_accelerator a = shipped().accelerator;
    a.ifmap_bus_bits = a.weight_bus_bits = a.psum_in_bus_bits = a.psum_out_bus_bits =
        a.dram_mb_per_s = INFINITY;
    a.dram_latency_cycles = 0;
    a.buffer_bank_bits = uint64_t{1} << 50;
    return a;
}

// Searches of one accelerator and dataflow, for all networks of a test.
struct Memory {
    mf_memo *memory = nullptr;

    Memory()
    {
        EXPECT_OK(mf_analytic_memo_create(&memory, D));
    }
    Memory(const Memory &) = delete;
    ~Memory()
    {
        mf_memo_destroy(memory);
    }
};

// A network with its account, ready to be executed.
struct Trial {
    const mf_accelerator accelerator;
    mf_prices prices = {};
    mf_analytic_basis basis = {};
    mf_network *network = nullptr;
    std::vector<size_t> op_of_layer;
    std::vector<mf_widths> widths;
    mf_analytic_result account = {};
    std::vector<mf_execution_row> rows;
    mf_execution execution = {};
    std::vector<uint64_t> digests;
    std::function<void(mf_layer_data &)> tamper; // for `execute_tampered`: with the numbers of
    size_t tampered_layer = 0;                   // this layer
    mf_status status = MF_OK;
    mf_diag diag = {};

    Trial(mf_network *loaded, const std::string &op, const mf_accelerator &a, const Memory &memory,
          const mf_dataflow *dataflow = &mf_dataflow_row_stationary,
          mf_schedule_kind kind = MF_SCHEDULE_LAYER)
        : accelerator(a), network(loaded), op_of_layer(loaded->n_weight_layers),
          widths(loaded->n_weight_layers)
    {
        const Shipped &s = shipped();
        size_t variant = 0;
        EXPECT_OK(mf_operators_find(s.operators, op.c_str(), &variant, D));
        EXPECT_OK(
            mf_operators_assign(s.operators, network, variant, nullptr, 0, op_of_layer.data(), D));
        EXPECT_OK(mf_prices_make(&accelerator, s.table, MF_LAWS_OWN, &prices, D));
        basis = {&accelerator,
                 s.operators,
                 &prices,
                 {dataflow, MF_OBJECTIVE_EDP, {bits, false}, kind, nullptr, false, false, 0}};
        mf_assignment assignment = {variant, op_of_layer.data(), nullptr, nullptr};
        EXPECT_OK(
            mf_analytic_run(&basis, network, &assignment, memory.memory, s.arena, &account, D));
        rows.resize(account.n_rows);
        digests.resize(network->n_layers);
        for (size_t i = 0; i < account.n_rows; i++)
            if (!account.rows[i].vector)
                widths[static_cast<size_t>(account.rows[i].layer->number)] = account.rows[i].widths;
        execution = {&basis, network, &account, chip(), {}, rows.data(), 0, 0, digests.data()};
    }
    Trial(const Trial &) = delete;
    ~Trial()
    {
        mf_network_destroy(network);
    }

    // Run all layers through `sink`, which gets this Trial.
    void run(mf_forward_sink *sink)
    {
        mf_forward_options options = {seed, widths.data(), bits, false};
        status = mf_forward_random(network, shipped().operators, op_of_layer.data(), &options, sink,
                                   this, &diag);
        if (status == MF_OK)
            status = mf_execution_finish(&execution, &diag);
    }

    // The row of a layer on the array.
    size_t row_of(size_t layer_index) const
    {
        size_t i = 0;
        while (account.rows[i].layer != &network->layers[layer_index])
            i++;
        return i;
    }
};

mf_network *load_inception()
{
    mf_network *network = nullptr;
    EXPECT_OK(
        mf_network_load(source_path("tests/models/inception.json").c_str(), nullptr, &network, D));
    return network;
}

mf_network *load_zoo(const std::string &name, uint64_t size)
{
    mf_network_options options = {};
    options.rows = options.columns = size;
    mf_network *network = nullptr;
    EXPECT_OK(mf_network_load(source_path("models/zoo/" + name + ".json").c_str(), &options,
                              &network, D));
    return network;
}

/* ---- what one executed layer must be --------------------------------------------------- */

void expect_same_counts(const mf_counts &found, const mf_counts &counted)
{
    EXPECT_EQ(found.n_macs, counted.n_macs);
    EXPECT_EQ(found.n_padded_macs, counted.n_padded_macs);
    EXPECT_EQ(found.n_steps, counted.n_steps);
    EXPECT_EQ(found.n_compute_cycles, counted.n_compute_cycles);
    EXPECT_EQ(found.psum_hops, counted.psum_hops);
    for (int t = 0; t < MF_N_TENSORS; t++) {
        const mf_flow &a = found.flow[t], &b = counted.flow[t];
        SCOPED_TRACE(mf_tensor_name(t));
        EXPECT_EQ(a.loads, b.loads);
        EXPECT_EQ(a.dram_reads, b.dram_reads);
        EXPECT_EQ(a.dram_writes, b.dram_writes);
        EXPECT_EQ(a.buffer_reads, b.buffer_reads);
        EXPECT_EQ(a.buffer_writes, b.buffer_writes);
        EXPECT_EQ(a.bus_words, b.bus_words);
        EXPECT_EQ(a.deliveries, b.deliveries);
    }
}

// Windows of one kernel position, times the filters that use it, in which one ifmap word is not
// zero.
uint64_t nonzero_windows(const mf_layer_data &data, uint64_t n, uint64_t c, uint64_t r, uint64_t s)
{
    const mf_shape &l = data.shape;
    uint64_t found = 0;
    for (uint64_t e = 0; e < l.e; e++)
        for (uint64_t f = 0; f < l.f; f++) {
            uint64_t row = e * l.stride + r, column = f * l.stride + s; // of the padded map
            if (row < l.pad_rows || row >= l.h + l.pad_rows || column < l.pad_columns ||
                column >= l.w + l.pad_columns)
                continue;
            uint64_t at = ((n * l.c + c) * l.h + row - l.pad_rows) * l.w + column - l.pad_columns;
            found += data.ifmap[at] != 0;
        }
    return found * l.m / l.g;
}

// Add does all positions; the others gate padding and zeros.
uint64_t count_executed(const mf_layer_data &data)
{
    const mf_shape &l = data.shape;
    if (data.format.arithmetic == MF_ARITHMETIC_ADD)
        return mf_shape_macs(&l);
    uint64_t executed = 0;
    for (uint64_t n = 0; n < l.n; n++)
        for (uint64_t c = 0; c < l.c; c++)
            for (uint64_t r = 0; r < l.r; r++)
                for (uint64_t s = 0; s < l.s; s++)
                    executed += nonzero_windows(data, n, c, r, s);
    return executed;
}

// Every cycle has a reason, and no part of the chip did more than its rate allows.
void expect_accounted(const mf_execution_row &measured)
{
    const mf_chip_report &report = measured.report;
    double sum = report.compute_cycles;
    for (double cycles : report.stall_cycles)
        sum += cycles;
    EXPECT_NEAR(sum, report.cycles, 1e-3 + 1e-9 * report.cycles);
    for (int bound = 0; bound < MF_N_BOUNDS; bound++)
        EXPECT_GE(report.cycles * (1 + 1e-9) + 1e-3, measured.analytic.bound_cycles[bound])
            << mf_bound_text(bound);
}

// A bit that passes the DRAM channel costs what it costs, coded or not: once, whatever the account
// thought of it before.
void expect_dram_priced_once(const Trial &t, const mf_analytic_row &row,
                             const mf_chip_report &report)
{
    mf_machine plain;
    const mf_flow *flow = report.counts.flow;
    const mf_operator *op = mf_operators_at(t.basis.operators, row.op);
    EXPECT_OK(mf_machine_make(&t.accelerator, op, &row.widths, t.basis.prices, MF_ZEROS_UNKNOWN,
                              &plain, D));
    auto expect = [&](double word_pj, double n_words, double plain_pj, uint64_t bits_of_word,
                      uint64_t dram_bits) {
        const auto word_bits = static_cast<double>(bits_of_word);
        if (dram_bits) { // not a map that stays
            EXPECT_NEAR(word_pj * n_words, plain_pj / word_bits * static_cast<double>(dram_bits),
                        1e-12 * word_pj * n_words);
        }
    };
    expect(row.machine.read_pj[MF_LEVEL_DRAM][MF_IFMAP],
           static_cast<double>(flow[MF_IFMAP].dram_reads), plain.read_pj[MF_LEVEL_DRAM][MF_IFMAP],
           row.widths.activation_bits, report.ifmap_dram_bits);
    expect(row.machine.output_pj,
           static_cast<double>(flow[MF_PSUM].dram_writes - flow[MF_PSUM].dram_reads),
           plain.output_pj, row.widths.written_bits, report.output_dram_bits);
}

// Energy is the same function of counts as ever, on the machine with what was measured.
void expect_priced(const mf_analytic_row &row, const mf_chip_report &report)
{
    mf_work work = mf_work_of(&row.layer->shape);
    mf_counts counts;
    mf_cost cost;
    mf_cost_of_mapping(&row.machine, &work, &row.found.mapping, &counts, &cost);
    EXPECT_EQ(row.energy_pj, cost.energy_pj);
    EXPECT_NEAR(cost.n_executed, static_cast<double>(report.n_executed),
                1e-9 * static_cast<double>(report.n_executed));
    EXPECT_EQ(row.cycles, report.cycles);
}

void expect_measured(const Trial &t, size_t layer_index, const mf_layer_data &data)
{
    const mf_analytic_row &row = t.account.rows[t.row_of(layer_index)];
    const mf_execution_row &measured = t.rows[t.row_of(layer_index)];
    SCOPED_TRACE(std::string("layer ") + data.name + ", seed " + std::to_string(seed));
    mf_work work = mf_work_of(&data.shape);
    mf_counts counts;
    mf_reuse_count(&work, &row.found.mapping, row.machine.slide_buffer, &counts);
    expect_same_counts(measured.report.counts, counts);
    EXPECT_EQ(measured.report.n_executed, count_executed(data));
    EXPECT_EQ(measured.n_checked, mf_shape_ofmap(&data.shape));
    expect_accounted(measured);
    expect_priced(row, measured.report);
    expect_dram_priced_once(t, row, measured.report);
}

// The sink of most tests: execute a layer, and look at what was measured.
mf_status execute(void *trial, size_t layer_index, const mf_layer_data *data, mf_diag *diag)
{
    auto *t = static_cast<Trial *>(trial);
    MF_TRY(mf_execution_layer(&t->execution, layer_index, data, diag));
    if (mf_layer_data_has_weights(data))
        expect_measured(*t, layer_index, *data);
    return MF_OK;
}

// The books of the whole network, after the last layer.
void expect_summed(const Trial &t)
{
    double energy_mj = 0, cycles = 0;
    uint64_t n_checked = 0;
    for (size_t i = 0; i < t.account.n_rows; i++) {
        energy_mj += t.account.rows[i].energy_pj * 1e-9;
        cycles += t.account.rows[i].cycles;
    }
    for (size_t i = 0; i < t.network->n_layers; i++)
        n_checked += mf_shape_ofmap(&t.network->layers[i].shape);
    EXPECT_EQ(t.execution.n_checked, n_checked) << "outputs of all layers, with weights or without";
    EXPECT_NEAR(t.account.energy_mj, energy_mj, 1e-12 * energy_mj);
    EXPECT_NEAR(t.account.latency_ms, cycles / (t.accelerator.clock_mhz * 1e3),
                1e-12 * t.account.latency_ms);
}

/* ---- networks of the paper, with each operator ----------------------------------------- */

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
    EXPECT_NE(std::string(t.diag.message).find("maps that stay take"), std::string::npos)
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
