// Schedules: do bands, halos, regions and loads come out as in a walk through sets of rows, on random
// graphs; is what cannot be a schedule refused; are bands works that together are the layer?
#include "dataflows/reuse.h"
#include "models/formats/network_file.h"
#include "models/formats/network_json.h"
#include "sim/schedule_layout.h"
#include "tests/sim/kept.h"
#include "tests/sim/schedule_walk.h"

#include <memory>

namespace
{
struct Network {
    mf_network *network = nullptr;
    explicit Network(const std::string &description)
    {
        Doc doc(description);
        EXPECT_OK(mf_network_from_json(doc.doc, nullptr, &network, D));
    }
    ~Network()
    {
        mf_network_destroy(network);
    }
};

// Windows of all sizes and steps, and what is between them.
std::string random_windows(uint64_t seed)
{
    mf_random random = mf_random_stream(16, seed);
    auto pick = [&](uint64_t least, uint64_t most) {
        return mf_random_between(&random, least, most);
    };
    std::string parts;
    for (uint64_t n = pick(2, 6), i = 0; i < n; i++) {
        uint64_t kernel = pick(1, 5), stride = pick(1, 3), pad = pick(0, kernel - 1);
        std::string window = R"("kernel": )" + std::to_string(kernel) + R"(, "stride": )" +
                             std::to_string(stride) + R"(, "padding": )" + std::to_string(pad);
        switch (pick(0, 3)) {
        case 0:
            parts += R"({"type": "depthwise", )" + window + "}, ";
            break;
        case 1:
            parts += R"({"type": "upsample", "kind": ")" +
                     std::string(pick(0, 1) ? "nearest" : "bilinear") + R"(", "factor": 2}, )";
            break;
        default:
            parts += R"({"type": "conv", "channels": )" + std::to_string(pick(1, 4)) + ", " +
                     window + "}, ";
        }
    }
    return R"({"name": "windows", "about": "a", "source": "s", "batch": 1, "input": {"channels": 2, "rows": )" +
           std::to_string(pick(9, 40)) + R"(, "columns": 40}, "classes": 3, "parts": [)" + parts +
           R"({"type": "global_pool"}, {"type": "fc", "channels": "classes"}]})";
}

struct Plan {
    std::unique_ptr<mf_arena, void (*)(mf_arena *)> arena{mf_arena_create(), mf_arena_destroy};
    mf_schedule schedule = {};
    explicit Plan(const mf_network *network)
    {
        EXPECT_OK(mf_schedule_layer_by_layer(network, arena.get(), &schedule, D));
    }
    // The segments of which these are the first layers, in bands of so many rows.
    void cut(const std::vector<std::pair<size_t, uint64_t>> &segments)
    {
        schedule.n_segments = segments.size();
        for (size_t i = 0; i < segments.size(); i++) {
            size_t end =
                i + 1 < segments.size() ? segments[i + 1].first : schedule.network->n_layers;
            schedule.segments[i] = {segments[i].first, end - segments[i].first, segments[i].second,
                                    false};
        }
    }
    mf_layout layout(size_t segment)
    {
        mf_layout made;
        EXPECT_OK(mf_layout_make(&schedule, &schedule.segments[segment], arena.get(), &made, D));
        return made;
    }
    std::string refusal()
    {
        mf_diag diag = {};
        return mf_schedule_check(&schedule, &diag) == MF_OK ? "" : diag.message;
    }
};

// Cuts, bands, homes and halos at random; false where the graph does not allow them.
bool choose(Plan &plan, mf_random *random)
{
    mf_schedule &s = plan.schedule;
    const mf_network *network = s.network;
    std::vector<std::pair<size_t, uint64_t>> segments;
    for (size_t i = 0; i < network->n_layers;) {
        size_t n = std::min<size_t>(mf_random_between(random, 1, 6), network->n_layers - i);
        uint64_t rows = network->layers[i + n - 1].shape.e;
        segments.push_back({i, mf_random_between(random, 0, 3)
                                   ? mf_random_between(random, 1, std::min<uint64_t>(rows, 5))
                                   : rows});
        i += n;
    }
    plan.cut(segments);
    for (size_t g = 0; g < s.n_segments; g++) {
        size_t end = s.segments[g].first + s.segments[g].n_layers;
        s.segments[g].rereads = mf_random_between(random, 0, 1);
        for (size_t i = s.segments[g].first; i < end; i++) {
            size_t last = s.last_reader[i];
            s.stays[i] = last >= end && mf_random_between(random, 0, 1);
            s.recomputes[i] = last > i && last < end && mf_random_between(random, 0, 2) == 0;
            s.weights_stay[i] =
                mf_layer_has_weights(&network->layers[i]) && mf_random_between(random, 0, 1);
        }
    }
    return mf_schedule_check(&s, nullptr) == MF_OK;
}

void expect_tasks(const mf_layout &layout, const walk::Walk &walk)
{
    ASSERT_EQ(layout.n_tasks, walk.tasks_.size());
    for (size_t t = 0; t < layout.n_tasks; t++) {
        walk::Rows rows;
        for (uint64_t row = layout.tasks[t].made.begin; row < layout.tasks[t].made.end; row++)
            rows.insert(row);
        EXPECT_EQ(rows, walk.tasks_[t].makes) << "task " << t;
    }
    EXPECT_EQ(walk.n_missing_, 0u);
}

void expect_loads(const mf_region &region, const mf_layout &layout, const walk::Walk &walk)
{
    std::vector<walk::Rows> loads(layout.n_tasks);
    for (uint64_t b = 0; b < layout.n_bands; b++)
        for (uint64_t row = region.loaded[b].begin; row < region.loaded[b].end; row++)
            loads[region.loader[b]].insert(row);
    EXPECT_EQ(loads, walk.loads_.at(region.layer));
}

// Everything about a segment that the walk knows.
void expect_as_walked(Plan &plan, size_t segment)
{
    const mf_network *network = plan.schedule.network;
    mf_layout layout = plan.layout(segment);
    walk::Walk walk(plan.schedule, plan.schedule.segments[segment]);
    expect_tasks(layout, walk);
    for (size_t r = 0; r < layout.n_regions; r++) {
        const mf_region &region = layout.regions[r];
        SCOPED_TRACE("kind " + std::to_string(region.kind) + " of " +
                     (region.layer < 0 ? "input" : network->layers[region.layer].name));
        EXPECT_LT(region.begin, region.end);
        EXPECT_LE(region.end, layout.n_tasks);
        if (region.kind != MF_REGION_RING && region.kind != MF_REGION_LOADED)
            continue;
        const walk::Region &walked = walk.regions_.at(region.layer);
        EXPECT_EQ(region.rows, walked.rows);
        EXPECT_EQ(region.begin, walked.begin);
        EXPECT_EQ(region.end, walked.end);
        if (region.kind == MF_REGION_LOADED)
            expect_loads(region, layout, walk);
    }
}

// Positions of kernel rows that fall on the map, of a layer and of its bands.
uint64_t inside(const mf_shape &shape)
{
    uint64_t n = 0;
    for (uint64_t e = 0; e < shape.e; e++)
        for (uint64_t r = 0; r < shape.r; r++)
            n += e * shape.stride + r >= shape.pad_rows &&
                 e * shape.stride + r < shape.pad_rows + shape.h;
    return n;
}
} // namespace

TEST(Schedule, CountsAsAWalkThroughItsRows)
{
    size_t n = 0, n_rings = 0, n_again = 0;
    for (uint64_t seed = 0; seed < n_cases(1500); seed++) {
        mf_random random = mf_random_stream(17, seed);
        std::string description = seed % 2 ? kept::random_network(seed) : random_windows(seed);
        Doc doc(description);
        mf_network *network = nullptr;
        if (mf_network_from_json(doc.doc, nullptr, &network, nullptr) != MF_OK)
            continue; // windows that have shrunk a map to nothing
        Plan plan(network);
        SCOPED_TRACE("seed " + std::to_string(seed) + ": " + description);
        bool chosen = choose(plan, &random);
        for (size_t g = 0; chosen && g < plan.schedule.n_segments; g++) {
            expect_as_walked(plan, g);
            mf_layout layout = plan.layout(g);
            for (size_t r = 0; r < layout.n_regions; r++)
                n_rings += layout.regions[r].kind == MF_REGION_RING && layout.n_bands > 1;
            for (size_t i = 0; i < layout.segment->n_layers; i++)
                n_again +=
                    mf_layout_recomputed_rows(&plan.schedule, &layout, layout.segment->first + i);
        }
        n += chosen;
        mf_network_destroy(network);
        if (testing::Test::HasFailure())
            return;
    }
    EXPECT_GT(n, n_cases(700));
    EXPECT_GT(n_rings, n_cases(1500));
    EXPECT_GT(n_again, n_cases(500));
}

// Halo held: rows add up to the map, positions and padding to those of the layer.
TEST(Schedule, BandsTogetherAreTheLayer)
{
    for (uint64_t seed = 0; seed < n_cases(400); seed++) {
        Doc doc(random_windows(seed));
        mf_network *network = nullptr;
        if (mf_network_from_json(doc.doc, nullptr, &network, nullptr) != MF_OK)
            continue;
        for (size_t i = 0; i < network->n_layers; i++) {
            const mf_shape &whole = network->layers[i].shape;
            for (uint64_t rows = 1; rows <= whole.e; rows++) {
                uint64_t n_inside = 0, n_rows = 0;
                std::set<std::array<uint64_t, 3>> kinds;
                for (uint64_t begin = 0; begin < whole.e; begin += rows) {
                    mf_rows made = {begin, std::min(begin + rows, whole.e)};
                    mf_shape band = mf_layer_band_shape(network, i, made);
                    n_inside += inside(band);
                    n_rows += band.e;
                    kinds.insert({band.e, band.h, band.pad_rows});
                    EXPECT_OK(mf_shape_check(&band, D));
                }
                EXPECT_EQ(n_rows, whole.e);
                EXPECT_EQ(n_inside, inside(whole)) << network->layers[i].name << " rows " << rows;
                if (rows * whole.stride >= whole.pad_rows && rows > whole.pad_rows) {
                    EXPECT_LE(kinds.size(), 4u); // first, middle, last, and clipped before the last
                }
            }
        }
        mf_network_destroy(network);
    }
}

// By hand: block 2 of MobileNetV2 w0.35, 80 x 80 x 8 > 48 > 48 / 2 > 40 x 40 x 8, one row at a time:
// three rows of the expanded map, but bands of a row need two new ones: 4 rows; a row of 40 x 48; and
// of the input what a band reads of it, no row twice.
TEST(Schedule, OneRowOfAnInvertedResidual)
{
    Network n(R"({"name": "b2", "about": "a", "source": "s", "batch": 1, "input": {"channels": 8,
        "rows": 80, "columns": 80}, "parts": [
        {"type": "conv", "channels": 48, "kernel": 1}, {"type": "depthwise", "kernel": 3, "stride": 2},
        {"type": "conv", "channels": 8, "kernel": 1}]})");
    Plan plan(n.network);
    plan.cut({{0, 1}});
    EXPECT_EQ(plan.refusal(), "");
    mf_layout layout = plan.layout(0);
    EXPECT_EQ(layout.n_bands, 40u);
    EXPECT_EQ(mf_layout_map(&layout, 0)->rows, 3u);
    EXPECT_EQ(mf_layout_map(&layout, 1)->rows, 1u);
    EXPECT_EQ(mf_layout_map(&layout, MF_NETWORK_INPUT)->rows, 2u);
    EXPECT_EQ(mf_layout_map(&layout, 2), nullptr);
    EXPECT_EQ(mf_layout_peak_words(&layout), 3u * 80 * 48 + 40 * 48 + 2 * 80 * 8);
    // A last row of 80 is read in the last band alone: with padding of one row above, rows 2 b + 1
    // end a band.
    EXPECT_EQ(mf_layout_task(&layout, 0, 0)->made.end, 2u);
    EXPECT_EQ(mf_layout_task(&layout, 38, 0)->made.end, 78u);
    EXPECT_EQ(mf_layout_task(&layout, 39, 0)->made.end, 80u);
    EXPECT_EQ(mf_layout_recomputed_rows(&plan.schedule, &layout, 0), 0u);
    plan.schedule.recomputes[0] = true; // one row again for all bands but the first
    layout = plan.layout(0);
    EXPECT_EQ(mf_layout_recomputed_rows(&plan.schedule, &layout, 0), 39u);
}

// The shortcut is read when the sum is made, two rows behind the first convolution.
TEST(Schedule, AShortcutIsHeldForItsSum)
{
    Network n(R"({"name": "res", "about": "a", "source": "s", "batch": 1, "input": {"channels": 4,
        "rows": 20, "columns": 10}, "parts": [{"type": "conv", "channels": 8, "kernel": 1},
        {"type": "inverted_residual", "channels": 8, "expand": 6}]})");
    Plan plan(n.network);
    size_t end = n.network->n_layers; // stem, expand, depthwise, project, sum
    ASSERT_EQ(end, 5u);
    plan.cut({{0, 1}});
    EXPECT_EQ(plan.refusal(), "");
    mf_layout layout = plan.layout(0);
    EXPECT_EQ(mf_layout_map(&layout, 0)->rows, 2u);
    EXPECT_EQ(mf_layout_map(&layout, 1)->rows, 3u);
    // Cut in the middle of the block: the shortcut goes through DRAM, or stays whole.
    plan.cut({{0, 20}, {2, 20}});
    EXPECT_EQ(plan.refusal(), "");
    layout = plan.layout(1);
    EXPECT_EQ(mf_layout_map(&layout, 0), nullptr);
    plan.schedule.stays[0] = true;
    layout = plan.layout(1);
    EXPECT_EQ(mf_layout_map(&layout, 0)->words, 20u * 10 * 8);
    EXPECT_EQ(mf_layout_map(&layout, 0)->end, layout.n_tasks);
}

TEST(Schedule, WhatIsNoneIsRefused)
{
    Network n(R"({"name": "res", "about": "a", "source": "s", "batch": 1, "input": {"channels": 4,
        "rows": 20, "columns": 10}, "parts": [{"type": "conv", "channels": 8, "kernel": 1},
        {"type": "inverted_residual", "channels": 8, "expand": 6}]})");
    const char *stem = n.network->layers[0].name;
    auto refused = [&](auto change) {
        Plan plan(n.network);
        plan.cut({{0, 2}, {2, 4}});
        EXPECT_EQ(plan.refusal(), "");
        change(plan);
        return plan.refusal();
    };
    auto has = [](const std::string &text, const std::string &part) {
        return text.find(part) != std::string::npos;
    };
    EXPECT_TRUE(has(refused([](Plan &p) { p.schedule.segments[1].first = 1; }), "already"));
    EXPECT_TRUE(has(refused([](Plan &p) { p.schedule.segments[1].first = 3; }), "comes next"));
    EXPECT_TRUE(has(refused([](Plan &p) { p.schedule.segments[1].n_layers = 4; }), "no segment"));
    EXPECT_TRUE(has(refused([](Plan &p) { p.schedule.n_segments = 1; }), "in no segment"));
    EXPECT_TRUE(has(refused([](Plan &p) { p.schedule.segments[1].rows = 0; }), "band of 0 rows"));
    EXPECT_TRUE(has(refused([](Plan &p) { p.schedule.segments[1].rows = 21; }), "band of 21 rows"));
    EXPECT_TRUE(has(refused([](Plan &p) { p.schedule.stays[3] = true; }), "no later segment"));
    EXPECT_TRUE(has(refused([](Plan &p) { p.schedule.recomputes[0] = true; }), stem));
    EXPECT_TRUE(has(refused([](Plan &p) { p.schedule.weights_stay[4] = true; }), "no weights"));
}

// What every account must move: by hand for two layers, the first of which leaves out every other
// row and column; and the words that all five networks are compared by.
TEST(Schedule, CompulsoryWords)
{
    Network n(R"({"name": "two", "about": "a", "source": "s", "batch": 2, "input": {"channels": 4,
        "rows": 9, "columns": 8}, "parts": [{"type": "conv", "channels": 8, "kernel": 1, "stride": 2},
        {"type": "conv", "channels": 3, "kernel": 3, "padding": 1}]})");
    mf_compulsory c = mf_schedule_compulsory(n.network);
    EXPECT_EQ(c.weight_words, 4u * 8 + 8 * 3 * 9);
    EXPECT_EQ(c.input_words, 2u * 4 * 5 * 4);
    EXPECT_EQ(c.output_words, 2u * 3 * 5 * 4);
}

TEST(Schedule, CompulsoryWordsOfTheNetworks)
{
    const struct {
        const char *name;
        uint64_t words; // with biases, which no account moves
    } networks[] = {{"mobilenetv2-w0.35", 587048},
                    {"mobilenetv3-w0.35", 1025264},
                    {"mcunet-in3", 654032},
                    {"proxylessnas-w0.35", 691376},
                    {"mobilenetv2-tiny", 410664}};
    for (const auto &of : networks) {
        mf_network *network = nullptr;
        EXPECT_OK(
            mf_network_load(source_path("models/zoo/" + std::string(of.name) + ".json").c_str(),
                            nullptr, &network, D));
        uint64_t biases = 0;
        for (size_t i = 0; i < network->n_layers; i++)
            if (network->layers[i].bias)
                biases += network->layers[i].shape.m;
        mf_compulsory c = mf_schedule_compulsory(network);
        EXPECT_EQ(c.weight_words + c.input_words + c.output_words + biases, of.words) << of.name;
        mf_network_destroy(network);
    }
}
