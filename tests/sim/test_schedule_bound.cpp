// How far is a fused network from the least that any schedule of this kind could move (schedule_bound.h)? What the chip moves
// lies between that and a tenth more.
#include "tests/sim/execution_fixture.h"
#include "tests/sim/kept.h"
#include "tests/sim/schedule_bound.h"

using namespace executing;

namespace
{
mf_accelerator load_accelerator(const std::string &name)
{
    mf_accelerator a = {};
    Doc doc = Doc::load(source_path("models/accelerators/" + name + ".json"));
    EXPECT_OK(mf_accelerator_from_json(doc.doc, shipped().arena, &a, D));
    return a;
}

uint64_t bound_of(const mf_network *network, uint64_t buffer_words)
{
    schedule_bound::Graph graph(network);
    return schedule_bound::Bound(graph, buffer_words).words();
}

mf_network *network_of(const std::string &description)
{
    Doc doc(description);
    mf_network *network = nullptr;
    EXPECT_OK(mf_network_from_json(doc.doc, nullptr, &network, D));
    return network;
}

// Words of 16 bits that the chip moves in all.
uint64_t executed_words(Trial &t)
{
    t.run([](void *trial, size_t i, const mf_layer_data *data, mf_diag *diag) {
        return mf_execution_layer(&static_cast<Trial *>(trial)->execution, i, data, diag);
    });
    EXPECT_EQ(t.status, MF_OK) << t.diag.message;
    return static_cast<uint64_t>(mf_traffic_bits(&t.account.traffic)) / bits;
}
} // namespace

// By hand: 4 maps of 8 x 8 become 8, then 2, without windows. Bands of h rows hold h rows of the second map and bring
// both layers' weights 8 / h times; with room for all of it each comes once.
TEST(Bound, IsWhatItIsByHand)
{
    mf_network *chain =
        network_of(R"({"name": "chain", "about": "a", "source": "s", "batch": 1, "input":
        {"channels": 4, "rows": 8, "columns": 8}, "parts": [{"type": "conv", "channels": 8, "kernel": 1},
        {"type": "conv", "channels": 2, "kernel": 1}]})");
    const uint64_t weights = 4 * 8 + 8 * 2, ends = 4 * 64 + 2 * 64, between = 8 * 64, row = 8 * 8;
    EXPECT_EQ(bound_of(chain, 0), weights + ends + 2 * between);
    EXPECT_EQ(bound_of(chain, row - 1), weights + ends + 2 * between);
    EXPECT_EQ(bound_of(chain, row), 8 * weights + ends);
    EXPECT_EQ(bound_of(chain, 2 * row), 4 * weights + ends);
    EXPECT_EQ(bound_of(chain, 3 * row), 3 * weights + ends);
    EXPECT_EQ(bound_of(chain, 4 * row), 2 * weights + ends);
    EXPECT_EQ(bound_of(chain, 8 * row - 1), 2 * weights + ends);
    EXPECT_EQ(bound_of(chain, 8 * row), weights + ends);
    mf_network_destroy(chain);
}

TEST(Bound, IsNeverAboveWhatMoves)
{
    for (uint64_t number = 0; number < n_cases(40); number++) {
        std::string description = kept::random_network(number + 9000);
        SCOPED_TRACE(description);
        mf_accelerator a = shipped().accelerator;
        a.weight_prefetch_words = 128;
        a.buffer_words = a.weight_prefetch_words + 300 + 250 * (number % 9);
        Memory memory;
        Trial t(network_of(description), "mult", a, memory, &mf_dataflow_row_stationary,
                MF_SCHEDULE_FUSED, nullptr, MF_OBJECTIVE_ENERGY);
        EXPECT_LE(bound_of(t.network, a.buffer_words - a.weight_prefetch_words), executed_words(t));
        mf_compulsory least = mf_schedule_compulsory(t.network);
        EXPECT_GE(bound_of(t.network, uint64_t{1} << 40),
                  least.weight_words + least.input_words + least.output_words);
    }
}

TEST(Bound, IsWithinATenthOfWhatTheChipMoves)
{
    const std::pair<const char *, const char *> cases[] = {
        {"shiftaddaug-16x12", "mobilenetv2-tiny"}, {"eyeriss-12x14", "mcunet-in3"}};
    for (uint64_t i = 0; i < n_cases(std::size(cases)); i++) {
        SCOPED_TRACE(std::string(cases[i].first) + ", " + cases[i].second);
        mf_accelerator a = load_accelerator(cases[i].first);
        Memory memory;
        Trial t(load_zoo(cases[i].second, 160), "mult", a, memory, &mf_dataflow_row_stationary,
                MF_SCHEDULE_FUSED, nullptr, MF_OBJECTIVE_ENERGY);
        uint64_t bound = bound_of(t.network, mf_machine_buffer_bits(&a) / bits),
                 moved = executed_words(t);
        EXPECT_LE(bound, moved);
        EXPECT_LE(static_cast<double>(moved), 1.1 * static_cast<double>(bound));
    }
}
