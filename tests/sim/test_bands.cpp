// Bands of rows on the chip: are all outputs those of plain loops, whatever the schedule; does the chip count what
// the account counts, word for word; has every cycle its reason; is a row that is not held missed?
#include "tests/sim/execution_fixture.h"
#include "tests/sim/kept.h"
#include "tests/sim/random_schedule.h"

#include <memory>

using namespace executing;

namespace
{
mf_network *network_of(const std::string &description)
{
    Doc doc(description);
    mf_network *network = nullptr;
    EXPECT_OK(mf_network_from_json(doc.doc, nullptr, &network, D));
    return network;
}

// What a task did, against the closed forms of its own nest.
struct Tasks {
    Trial *trial;
    uint64_t n = 0, n_bands = 0; // of the array; of these some of a layer's rows
    double furthest = 0; // of a task's cycles from the closed forms', pipelines and DRAM set aside

    static void done(void *user, const mf_analytic_task *task, const mf_chip_report *report)
    {
        auto *t = static_cast<Tasks *>(user);
        const mf_analytic_row &row = task->row;
        SCOPED_TRACE(row.layer->name);
        EXPECT_EQ(static_cast<double>(report->n_loaded_words[MF_IFMAP]),
                  row.load[MF_IFMAP].n_words);
        EXPECT_EQ(static_cast<double>(report->n_loaded_words[MF_WEIGHT]),
                  row.load[MF_WEIGHT].n_words);
        double sum = report->compute_cycles;
        for (double cycles : report->stall_cycles)
            sum += cycles;
        EXPECT_NEAR(sum, report->cycles, 1e-3 + 1e-9 * report->cycles);
        if (row.vector)
            return;
        mf_work work = mf_work_of(&row.shape);
        mf_counts counts;
        mf_reuse_count(&work, &row.found.mapping, row.machine.slide_buffer, &counts);
        expect_same_counts(report->counts, counts);
        t->n++;
        t->n_bands += mf_rows_count(task->place.made) < row.layer->shape.e;
        // Where DRAM is without limits the array waits there for no word, only for room that psums in
        // the pipelines still take, which closed forms do not know.
        double waiting = report->cycles - report->stall_cycles[MF_STALL_PIPELINE] -
                         report->stall_cycles[MF_STALL_DRAM];
        t->furthest = std::max(t->furthest, std::fabs(waiting / row.cycles - 1));
    }
};

// Row by row what the account foretold, but what depends on the numbers: zeros that are gated or coded.
void expect_as_foretold(const mf_analytic_row &row, const mf_analytic_row &told, bool same_energy)
{
    SCOPED_TRACE(told.layer->name);
    EXPECT_EQ(row.layer, told.layer);
    EXPECT_EQ(row.vector, told.vector);
    EXPECT_EQ(row.n_tasks, told.n_tasks);
    EXPECT_EQ(row.segment, told.segment);
    EXPECT_EQ(row.held_bits, told.held_bits);
    EXPECT_EQ(row.peak_bits, told.peak_bits);
    EXPECT_EQ(row.recomputed_rows, told.recomputed_rows);
    EXPECT_EQ(row.n_operations, told.n_operations);
    EXPECT_EQ(row.traffic.ifmap_bits, told.traffic.ifmap_bits);
    EXPECT_EQ(row.traffic.weight_bits, told.traffic.weight_bits);
    EXPECT_EQ(row.traffic.psum_bits, told.traffic.psum_bits);
    EXPECT_EQ(row.traffic.output_bits, told.traffic.output_bits);
    expect_same_counts(row.found.counts, told.found.counts);
    if (row.vector || same_energy) {
        EXPECT_NEAR(row.energy_pj, told.energy_pj, 1e-12 * told.energy_pj);
    }
}

mf_status execute_only(void *trial, size_t layer_index, const mf_layer_data *data, mf_diag *diag)
{
    return mf_execution_layer(&static_cast<Trial *>(trial)->execution, layer_index, data, diag);
}

// Execute a network by a schedule, and hold all of it against its account.
Tasks expect_executed(Trial &t, bool same_energy = false)
{
    std::vector<mf_analytic_row> told(t.account.rows, t.account.rows + t.account.n_rows);
    mf_traffic traffic = t.account.traffic;
    Tasks tasks = {&t};
    t.execution.options.task_done = Tasks::done;
    t.execution.options.layer_user = &tasks;
    t.run(execute_only);
    EXPECT_EQ(t.status, MF_OK) << t.diag.message;
    if (t.status != MF_OK)
        return tasks;
    for (size_t i = 0; i < t.account.n_rows; i++) {
        expect_as_foretold(t.account.rows[i], told[i], same_energy);
        if (t.rows[i].executed)
            expect_accounted(t.rows[i]);
    }
    EXPECT_EQ(mf_traffic_bits(&t.account.traffic), mf_traffic_bits(&traffic));
    uint64_t n_outputs = 0;
    for (size_t i = 0; i < t.network->n_layers; i++) {
        const mf_analytic_row &row = t.account.rows[t.row_of(i)];
        const mf_shape &s = t.network->layers[i].shape;
        n_outputs += mf_shape_ofmap(&s) / s.e * (s.e + row.recomputed_rows);
    }
    EXPECT_EQ(t.execution.n_checked, n_outputs);
    return tasks;
}

// One that codes and gates nothing, so that the account knows the chip's energy.
mf_accelerator without_zeros(mf_accelerator a)
{
    a.zero_gating = 0;
    a.run_length_bits = 0;
    return a;
}
} // namespace

// Strides, padding, shortcuts, squeeze-excite, depthwise layers, concat and pools, cut anywhere, in bands of any height,
// with maps that stay, halos made again, rows loaded once or again, weights that stay; two accelerators, one without limits.
TEST(Bands, OfRandomSchedulesAreExecuted)
{
    const char *ops[] = {"mult", "shift", "add"};
    Tasks all = {nullptr};
    size_t n_loads = 0, n_recomputed = 0, n_weights = 0, n_both = 0;
    for (uint64_t number = 0; number < n_cases(200); number++) {
        mf_random random = mf_random_stream(23, number);
        bool weights = number % 3 == 0, boundless = number % 4 == 1, plain = number % 2 == 0;
        std::string text = kept::random_network(number + 5000);
        SCOPED_TRACE("case " + std::to_string(number) + ": " + text);
        mf_network *network = network_of(text);
        mf_accelerator a = boundless ? without_limits() : shipped().accelerator;
        a = plain ? without_zeros(a) : a;
        a.weight_prefetch_words = 128;
        a.weights_in_buffer = weights;
        mf_schedule s;
        EXPECT_OK(mf_schedule_layer_by_layer(network, shipped().arena, &s, D));
        if (!random_schedule::choose(&s, &random, weights)) {
            mf_network_destroy(network);
            continue;
        }
        std::string file = random_schedule::text_of(s);
        Doc doc(file);
        Memory memory;
        const char *op = ops[number % std::size(ops)];
        Trial t(network, op, a, memory, &mf_dataflow_row_stationary, MF_SCHEDULE_GIVEN, doc.doc);
        SCOPED_TRACE(file);
        ASSERT_EQ(t.accounted, MF_OK) << t.diag.message;
        t.execution.options.fidelity = number % 5 ? MF_FIDELITY_ROW : MF_FIDELITY_CYCLE;
        Tasks tasks = expect_executed(t, plain);
        if (boundless) {
            EXPECT_LT(tasks.furthest, 1e-5);
        }
        if (testing::Test::HasFailure())
            return;
        all.n += tasks.n;
        all.n_bands += tasks.n_bands;
        for (size_t i = 0; i < t.account.n_rows; i++) {
            const mf_analytic_row &row = t.account.rows[i];
            n_loads += t.rows[i].report.n_loaded_words[MF_IFMAP] > 0;
            n_weights += t.rows[i].report.n_loaded_words[MF_WEIGHT] > 0;
            n_recomputed += row.recomputed_rows > 0;
            n_both += row.machine.keeps_output && !row.keeps_output;
        }
    }
    EXPECT_GT(all.n_bands, n_cases(500));
    EXPECT_GT(n_loads, n_cases(50));
    EXPECT_GT(n_weights, n_cases(50));
    EXPECT_GT(n_recomputed, n_cases(30));
    EXPECT_GT(n_both, n_cases(10)) << "maps that are read in their segment and by later ones";
}

// Signs flow in bands, too: the buffer holds one bit of each.
TEST(Bands, OfSignsAreExecuted)
{
    mf_accelerator a = shipped().accelerator;
    a.weight_prefetch_words = 512;
    a.buffer_words = a.weight_prefetch_words + 1800;
    Memory memory;
    Trial t(load_zoo("resnet20-cifar", 32), "xnor", a, memory, &mf_dataflow_row_stationary,
            MF_SCHEDULE_FUSED);
    EXPECT_GT(expect_executed(t).n_bands, 20u);
}

/* ---- what is not as it should be ----------------------------------------------------------- */

namespace
{
const char *const chain = R"({"name": "chain", "about": "a", "source": "s", "batch": 1, "input":
    {"channels": 4, "rows": 16, "columns": 16}, "parts": [{"type": "conv", "channels": 8, "kernel": 3},
    {"type": "depthwise", "kernel": 3, "stride": 2}, {"type": "conv", "channels": 6, "kernel": 1}]})";

// The three layers as one segment in bands of two rows, the first map held between them.
struct Chain {
    Memory memory;
    std::unique_ptr<Trial> trial;

    explicit Chain(bool rereads)
    {
        mf_schedule s;
        mf_network *network = network_of(chain);
        EXPECT_OK(mf_schedule_layer_by_layer(network, shipped().arena, &s, D));
        s.segments[0] = {0, 3, 2, rereads};
        s.n_segments = 1;
        Doc doc(random_schedule::text_of(s));
        trial = std::make_unique<Trial>(network, "mult", shipped().accelerator, memory,
                                        &mf_dataflow_row_stationary, MF_SCHEDULE_GIVEN, doc.doc);
        EXPECT_EQ(trial->accounted, MF_OK) << trial->diag.message;
    }
    mf_region *region(int map)
    {
        return const_cast<mf_region *>(mf_layout_map(&trial->account.layouts[0], map));
    }
    std::string run()
    {
        trial->run(execute_only);
        return trial->diag.message;
    }
};
} // namespace

// Were a ring one row shorter than the account says, an older row would be overwritten that is still read.
TEST(Bands, NeedEveryRowThatIsHeld)
{
    for (int map : {0, 1}) {
        Chain good(true), bad(true);
        EXPECT_EQ(good.run(), "");
        bad.region(map)->rows--;
        const char *found[] = {"row 3 of conv_0 is not in the buffer, where it looks for it",
                               "code in the buffer of image 0, channel 0, row 0"};
        EXPECT_NE(bad.run().find(found[map]), std::string::npos) << bad.trial->diag.message;
        EXPECT_EQ(bad.trial->status, MF_DIFFERENT);
    }
}

// Rows of the input that bands share come once; were they not brought, they would be missed.
TEST(Bands, NeedEveryRowThatIsBrought)
{
    Chain good(false), bad(false);
    EXPECT_EQ(good.run(), "");
    const mf_execution_row &first = good.trial->rows[0];
    EXPECT_EQ(first.report.n_loaded_words[MF_IFMAP], 4u * 16 * 16);
    EXPECT_EQ(first.report.ifmap_dram_bits, 0u);
    bad.region(MF_NETWORK_INPUT)->loaded[1].begin++;
    EXPECT_NE(bad.run().find("of the network's input is not in the buffer"), std::string::npos)
        << bad.trial->diag.message;
}

// The layers of a segment come in their order, each once.
TEST(Bands, ComeInTheirOrder)
{
    Chain chained(true);
    mf_layer_data data = {};
    const int32_t none = 0;
    data.name = "later";
    data.weights = &none;
    mf_diag diag = {};
    EXPECT_EQ(mf_execution_layer(&chained.trial->execution, 1, &data, &diag), MF_INVALID);
    EXPECT_NE(std::string(diag.message).find("comes before it"), std::string::npos) << diag.message;
    EXPECT_EQ(chained.run(), "");
    EXPECT_EQ(mf_execution_layer(&chained.trial->execution, 0, &data, &diag), MF_INVALID);
    EXPECT_NE(std::string(diag.message).find("all layers have run"), std::string::npos);
}

/* ---- networks of the zoo ------------------------------------------------------------------ */

namespace
{
// At so many pixels; fused as the search finds best in a buffer that is small enough for bands, or, where
// weights are too many for bands to pay, by a schedule at random.
struct Case {
    const char *name;
    uint64_t pixels;
    bool searched;
};

class BandsOfTheZoo : public testing::TestWithParam<Case>
{
};

// The first random schedule of the network that fits.
std::unique_ptr<Trial> at_random(const Case &c, const char *op, const Memory &memory)
{
    for (uint64_t number = 0; number < 50; number++) {
        mf_random random = mf_random_stream(24, number);
        mf_network *network = load_zoo(c.name, c.pixels);
        mf_schedule s;
        EXPECT_OK(mf_schedule_layer_by_layer(network, shipped().arena, &s, D));
        bool sound = random_schedule::choose(&s, &random, false);
        Doc doc(random_schedule::text_of(s));
        if (!sound) {
            mf_network_destroy(network);
            continue;
        }
        auto trial =
            std::make_unique<Trial>(network, op, shipped().accelerator, memory,
                                    &mf_dataflow_row_stationary, MF_SCHEDULE_GIVEN, doc.doc);
        if (trial->accounted == MF_OK)
            return trial;
    }
    return nullptr;
}

std::unique_ptr<Trial> as_searched(const Case &c, const char *op, const Memory &memory)
{
    mf_accelerator a = shipped().accelerator;
    a.weight_prefetch_words = 1024;
    a.buffer_words = a.weight_prefetch_words + 4000;
    return std::make_unique<Trial>(load_zoo(c.name, c.pixels), op, a, memory,
                                   &mf_dataflow_row_stationary, MF_SCHEDULE_FUSED);
}
} // namespace

INSTANTIATE_TEST_SUITE_P(
    All, BandsOfTheZoo,
    testing::Values(Case{"alexnet", 99, false}, Case{"mcunet-in3", 48, true},
                    Case{"mobilenetv2-tiny", 48, true}, Case{"mobilenetv2-w0.35-cifar", 32, false},
                    Case{"mobilenetv2-w0.35", 48, true}, Case{"mobilenetv3-w0.35", 48, true},
                    Case{"proxylessnas-w0.35", 48, true}, Case{"resnet18-cifar", 16, false},
                    Case{"resnet18", 48, false}, Case{"resnet20-cifar", 32, true},
                    Case{"resnet20-cifar-padshortcut", 32, false},
                    Case{"resnet20-shiftaddnet", 32, false}, Case{"resnet32-cifar", 32, false},
                    Case{"resnet50", 32, false}, Case{"vgg16", 32, false},
                    Case{"vgg19-small-cifar", 32, false},
                    Case{"vgg19-small-shiftaddnet", 32, false}),
    [](const testing::TestParamInfo<Case> &test) {
        std::string name = test.param.name;
        for (char &c : name)
            c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
        return name;
    });

TEST_P(BandsOfTheZoo, AreExecuted)
{
    std::vector<const char *> ops = {"mult", "shift", "add"};
    if (n_cases(24) < 24) // one of them takes long enough
        ops = {ops[std::string(GetParam().name).size() % 3]};
    if (std::string(GetParam().name).find("shiftaddnet") != std::string::npos)
        ops = {"mult"}; // its operators are its own
    Memory memory;
    for (const char *op : ops) {
        SCOPED_TRACE(op);
        std::unique_ptr<Trial> t = GetParam().searched ? as_searched(GetParam(), op, memory)
                                                       : at_random(GetParam(), op, memory);
        ASSERT_NE(t, nullptr) << "no schedule fits";
        EXPECT_GT(expect_executed(*t).n_bands, 10u);
    }
}
