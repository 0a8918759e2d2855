// The account of a scheduled network: does it count what a walk through rows says is loaded, read, written,
// made again and held; is nothing moved that need not be, nothing less than must be; is the search beaten by
// any schedule of its space?
#include "models/formats/network_json.h"
#include "tests/sim/analytic_fixture.h"
#include "tests/sim/kept.h"
#include "tests/sim/random_schedule.h"
#include "tests/sim/schedule_walk.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace
{
mf_network *network_of(const std::string &description)
{
    Doc doc(description);
    mf_network *network = nullptr;
    EXPECT_OK(mf_network_from_json(doc.doc, nullptr, &network, D));
    return network;
}

// A network that runs by one schedule after the other, searches remembered.
class Scheduled
{
  public:
    Scheduled(const std::string &chip, const Published::Changes &changes, const std::string &text,
              mf_objective objective, const char *op = "mult")
        : account_(chip, changes), network_(network_of(text))
    {
        account_.options.objective = objective;
        ops_.assign(network_->n_weight_layers, 0);
        EXPECT_OK(mf_operators_find(account_.base.operators, op, &variant_, D));
        EXPECT_OK(mf_operators_assign(account_.base.operators, network_, variant_, nullptr, 0,
                                      ops_.data(), D));
        EXPECT_OK(mf_prices_make(&account_.accelerator, account_.table, MF_LAWS_OWN, &prices_, D));
        EXPECT_OK(mf_analytic_memo_create(&memo_, D));
        arena.reset(mf_arena_create());
    }
    ~Scheduled()
    {
        mf_memo_destroy(memo_);
        mf_network_destroy(network_);
    }
    mf_status run(mf_schedule_kind kind, mf_diag *diag, const mf_json_doc *file = nullptr)
    {
        account_.options.schedule = kind;
        account_.options.schedule_file = file;
        mf_analytic_basis basis = {&account_.accelerator, account_.base.operators, &prices_,
                                   account_.options};
        mf_assignment assignment = {variant_, ops_.data(), nullptr, nullptr};
        return mf_analytic_run(&basis, network_, &assignment, memo_, arena.get(), &result, diag);
    }
    mf_status run(const mf_schedule &schedule, mf_diag *diag)
    {
        Doc doc(random_schedule::text_of(schedule));
        return run(MF_SCHEDULE_GIVEN, diag, doc.doc);
    }
    double value(const mf_analytic_result &r, const mf_analytic_result &plain) const
    {
        switch (account_.options.objective) {
        case MF_OBJECTIVE_ENERGY:
            return r.energy_mj;
        case MF_OBJECTIVE_LATENCY:
            return r.latency_ms;
        case MF_OBJECTIVE_BALANCED:
            return r.energy_mj / plain.energy_mj + r.latency_ms / plain.latency_ms;
        default:
            return r.energy_mj * r.latency_ms;
        }
    }
    Account account_;
    mf_network *network_;
    std::unique_ptr<mf_arena, void (*)(mf_arena *)> arena{nullptr, mf_arena_destroy};
    mf_analytic_result result = {};

  private:
    std::vector<size_t> ops_;
    size_t variant_ = 0;
    mf_prices prices_ = {};
    mf_memo *memo_ = nullptr;
};

const mf_analytic_row &row_of(const mf_analytic_result &r, const mf_layer *layer)
{
    size_t i = 0;
    while (r.rows[i].layer != layer)
        i++;
    return r.rows[i];
}

// What the walk says of a layer: bits at 16 for maps and weights.
struct Walked {
    double rows_made = 0, loaded = 0, weights_loaded = 0, written = 0;
    uint64_t held = 0; // regions, at most
};

uint64_t walked_held(const mf_schedule &s, const mf_segment &g, const walk::Walk &walk, size_t t)
{
    const mf_network *network = s.network;
    uint64_t words = 0;
    size_t end = g.first + g.n_layers;
    for (const auto &[map, region] : walk.regions_) {
        bool inside = map >= static_cast<int>(g.first), stays = map >= 0 && s.stays[map],
             read = false;
        for (const walk::Task &task : walk.tasks_)
            read |= task.reads.count(map) > 0;
        if (!stays && read && region.begin <= t && t < region.end)
            words += region.rows * mf_map_row_words(network, map);
        (void)inside;
    }
    for (size_t m = 0; m < end; m++) {
        size_t first = 0, last = walk.tasks_.size() - 1;
        if (m >= g.first) { // from the first row of it
            while (walk.tasks_[first].layer != m || walk.tasks_[first].makes.empty())
                first++;
            if (s.weights_stay[m]) {
                while (walk.tasks_[last].layer != m || walk.tasks_[last].makes.empty())
                    last--;
                if (first <= t && t <= last)
                    words += mf_shape_weights(&network->layers[m].shape);
                last = walk.tasks_.size() - 1;
            }
        }
        if (!s.stays[m] || s.last_reader[m] < g.first)
            continue;
        if (s.last_reader[m] < end) // to the last that is read of it
            while (!walk.tasks_[last].reads.count(static_cast<int>(m)) ||
                   walk.tasks_[last].makes.empty())
                last--;
        if (first <= t && t <= last)
            words += mf_shape_ofmap(&network->layers[m].shape);
    }
    return words;
}

Walked walked(const mf_schedule &s, const mf_segment &g, const walk::Walk &walk, size_t layer)
{
    const mf_network *network = s.network;
    Walked w;
    size_t end = g.first + g.n_layers;
    bool first = true;
    for (size_t t = 0; t < walk.tasks_.size(); t++) {
        if (walk.tasks_[t].layer != layer || walk.tasks_[t].makes.empty())
            continue;
        w.rows_made += static_cast<double>(walk.tasks_[t].makes.size());
        w.held = std::max(w.held, walked_held(s, g, walk, t));
        for (const auto &[map, loads] : walk.loads_)
            w.loaded += static_cast<double>(loads[t].size() * mf_map_row_words(network, map));
        if (first && s.weights_stay[layer])
            w.weights_loaded = static_cast<double>(mf_shape_weights(&network->layers[layer].shape));
        first = false;
    }
    if (!s.stays[layer] && (s.last_reader[layer] == layer || s.last_reader[layer] >= end))
        w.written = static_cast<double>(mf_shape_ofmap(&network->layers[layer].shape));
    return w;
}

// A layer's row against the walk, 16 bits throughout.
void expect_row(const mf_schedule &s, const mf_segment &g, const walk::Walk &walk, size_t layer,
                const mf_analytic_row &row)
{
    Walked w = walked(s, g, walk, layer);
    const mf_layer &l = s.network->layers[layer];
    SCOPED_TRACE(l.name);
    bool direct = false, all_in_buffer = true; // inputs from DRAM that no region holds
    for (size_t k = 0; k < l.n_inputs; k++) {
        int map = l.input[k];
        bool held = map >= static_cast<int>(g.first) || (map >= 0 && s.stays[map]) ||
                    walk.loads_.count(map) > 0;
        EXPECT_EQ(row.keeps_input[k], held);
        direct |= !held;
        all_in_buffer &= held;
    }
    EXPECT_EQ(row.held_bits, 16 * w.held);
    EXPECT_GE(row.peak_bits, row.held_bits);
    EXPECT_EQ(row.traffic.output_bits, 16 * w.written);
    if (all_in_buffer) {
        EXPECT_EQ(row.traffic.ifmap_bits, 16 * w.loaded);
    } else {
        EXPECT_GT(row.traffic.ifmap_bits, 16 * w.loaded);
    }
    EXPECT_EQ(direct, !all_in_buffer);
    if (row.vector)
        return;
    EXPECT_EQ(static_cast<double>(row.found.counts.n_macs),
              w.rows_made * static_cast<double>(mf_shape_macs(&l.shape)) /
                  static_cast<double>(l.shape.e));
    if (s.weights_stay[layer]) {
        EXPECT_EQ(row.traffic.weight_bits, 16 * w.weights_loaded);
    } else {
        EXPECT_GE(row.traffic.weight_bits,
                  16.0 * static_cast<double>(row.n_tasks * mf_shape_weights(&l.shape)));
    }
}

const Published::Changes sixteen_bits = {{"psum_bits", "48"}, {"weight_prefetch_words", "128"}};

Published::Changes changed(const char *key, const std::string &value)
{
    Published::Changes changes = sixteen_bits;
    changes.push_back({key, value});
    return changes;
}
} // namespace

TEST(Scheduled, CountsAsAWalkThroughItsRows)
{
    size_t n = 0;
    for (uint64_t seed = 0; seed < n_cases(120); seed++) {
        mf_random random = mf_random_stream(18, seed);
        bool weights = seed % 3 == 0;
        std::string text = kept::random_network(seed + 1000);
        Scheduled run(seed % 2 ? "eyeriss-12x14" : "shiftaddaug-16x12",
                      changed("weights_in_buffer", weights ? "yes" : "no"), text,
                      static_cast<mf_objective>(seed % MF_N_OBJECTIVES));
        mf_schedule s;
        EXPECT_OK(mf_schedule_layer_by_layer(run.network_, run.arena.get(), &s, D));
        mf_diag why = {};
        SCOPED_TRACE("seed " + std::to_string(seed) + ": " + text);
        if (!random_schedule::choose(&s, &random, weights))
            continue;
        ASSERT_EQ(run.run(s, &why), MF_OK) << why.message << random_schedule::text_of(s);
        n++;
        for (size_t g = 0; g < s.n_segments; g++) {
            walk::Walk walk(s, s.segments[g]);
            for (size_t i = s.segments[g].first; i < s.segments[g].first + s.segments[g].n_layers;
                 i++)
                expect_row(s, s.segments[g], walk, i, row_of(run.result, &run.network_->layers[i]));
        }
        EXPECT_GE(mf_traffic_bits(&run.result.traffic) * (1 + 1e-12),
                  mf_analytic_compulsory_bits(run.network_, &run.result));
        if (testing::Test::HasFailure())
            return;
    }
    EXPECT_GT(n, n_cases(60));
}

// Maps that stay, layer by layer: whatever nest a layer then has, it moves no word more than in the plain
// account of the same nests would, and all of them together at least what must be moved.
TEST(Scheduled, WhatStaysIsNotMoved)
{
    for (uint64_t seed = 0; seed < n_cases(40); seed++) {
        Scheduled run("eyeriss-12x14", sixteen_bits, kept::random_network(seed),
                      MF_OBJECTIVE_ENERGY);
        mf_schedule s;
        mf_random random = mf_random_stream(19, seed);
        EXPECT_OK(mf_schedule_layer_by_layer(run.network_, run.arena.get(), &s, D));
        ASSERT_EQ(run.run(MF_SCHEDULE_LAYER, nullptr), MF_OK);
        mf_analytic_result plain = run.result;
        for (size_t i = 0; i < run.network_->n_layers; i++)
            s.stays[i] = s.last_reader[i] > i && mf_random_between(&random, 0, 1);
        if (mf_schedule_check(&s, nullptr) != MF_OK)
            continue;
        ASSERT_EQ(run.run(s, nullptr), MF_OK);
        for (size_t i = 0; i < run.network_->n_layers; i++) {
            const mf_layer *layer = &run.network_->layers[i];
            const mf_analytic_row &row = row_of(run.result, layer), &before = row_of(plain, layer);
            if (row.vector) {
                EXPECT_LE(mf_traffic_bits(&row.traffic), mf_traffic_bits(&before.traffic));
            } else { // of the same nest: all that moves, less what stays
                const mf_flow *flow = row.found.counts.flow;
                EXPECT_LE(row.traffic.ifmap_bits,
                          16.0 * static_cast<double>(flow[MF_IFMAP].dram_reads));
                EXPECT_LE(row.traffic.output_bits,
                          16.0 * static_cast<double>(mf_flow_outputs(&flow[MF_PSUM])));
            }
        }
        EXPECT_GE(mf_traffic_bits(&run.result.traffic),
                  mf_analytic_compulsory_bits(run.network_, &run.result));
    }
}

namespace
{
const char *const chain = R"({"name": "chain", "about": "a", "source": "s", "batch": 1, "input":
    {"channels": 4, "rows": 16, "columns": 16}, "parts": [{"type": "conv", "channels": 8, "kernel": 3},
    {"type": "depthwise", "kernel": 3, "stride": 2}, {"type": "conv", "channels": 6, "kernel": 1}]})";

// The three layers as one segment, in bands of so many rows.
mf_status run_chain(uint64_t words, uint64_t rows, mf_diag *diag, mf_analytic_result *result)
{
    Scheduled run("eyeriss-12x14", changed("buffer_words", std::to_string(words)), chain,
                  MF_OBJECTIVE_ENERGY);
    mf_schedule s;
    EXPECT_OK(mf_schedule_layer_by_layer(run.network_, run.arena.get(), &s, D));
    s.segments[0] = {0, 3, rows, true};
    s.n_segments = 1;
    mf_status status = run.run(s, diag);
    *result = run.result;
    return status;
}
} // namespace

// By hand: bands of two rows; three rows of 16 x 8 behind the first convolution are held when a band has read
// its window (one is kept, four are new: five at once), two of 8 x 8 behind the second. At that many words the
// regions fit, at one less they do not; with the smallest tiles beside them the whole does.
TEST(Scheduled, ABufferOneWordTooSmallIsRefused)
{
    const uint64_t prefetch = 128, regions = 5 * 16 * 8 + 2 * 8 * 8;
    mf_analytic_result result;
    mf_diag why = {};
    uint64_t least = prefetch + regions;
    EXPECT_EQ(run_chain(least - 1, 2, &why, &result), MF_NO_MAPPING);
    EXPECT_NE(std::string(why.message).find("what stays in the buffer takes"), std::string::npos)
        << why.message;
    while (run_chain(least, 2, &why, &result) != MF_OK) // room for tiles
        least++;
    EXPECT_GT(least, prefetch + regions);
    EXPECT_LT(least, prefetch + regions + 64);
    EXPECT_EQ(run_chain(least - 1, 2, &why, &result), MF_NO_MAPPING);
    EXPECT_EQ(run_chain(least + 1, 2, &why, &result), MF_OK);
    EXPECT_EQ(run_chain(least, 1, &why, &result), MF_OK); // and lower bands need less
}

// The search cuts where the buffer is too small, and says why; where it is large enough nothing moves twice.
TEST(Scheduled, TheSearchCutsWhereTheBufferIsTooSmall)
{
    double before = HUGE_VAL;
    for (uint64_t words : {300u, 600u, 1000u, 1500u, 54000u}) {
        SCOPED_TRACE(words);
        Scheduled run("eyeriss-12x14", changed("buffer_words", std::to_string(words)), chain,
                      MF_OBJECTIVE_ENERGY);
        run.account_.options.explains = true;
        mf_diag why = {};
        ASSERT_EQ(run.run(MF_SCHEDULE_FUSED, &why), MF_OK) << why.message;
        EXPECT_LE(run.result.peak_bits, 16 * (words - 128));
        for (size_t g = 0; g + 1 < run.result.schedule.n_segments; g++) {
            const mf_stop &stop = run.result.stops[g];
            EXPECT_TRUE(stop.kind == MF_STOP_COST || stop.kind == MF_STOP_REGIONS ||
                        stop.kind == MF_STOP_TILES);
            EXPECT_EQ(stop.kind == MF_STOP_REGIONS, stop.held_bits > 16 * (words - 128));
            if (stop.kind == MF_STOP_COST) {
                EXPECT_GE(stop.value, 1 - 1e-9);
            }
        }
        double bits = mf_traffic_bits(&run.result.traffic),
               least = mf_analytic_compulsory_bits(run.network_, &run.result);
        EXPECT_LE(bits, before);
        EXPECT_EQ(bits == least, words == 54000);
        before = bits;
    }
}

// More freedom is never worse by the objective.
TEST(Scheduled, FusedIsNoWorseThanResidentThanLayerByLayer)
{
    for (uint64_t seed = 0; seed < n_cases(24); seed++) {
        mf_random random = mf_random_stream(20, seed);
        std::string words = std::to_string(mf_random_between(&random, 900, 9000));
        Scheduled run(seed % 2 ? "eyeriss-12x14" : "shiftaddaug-16x12",
                      changed("buffer_words", words), kept::random_network(seed),
                      static_cast<mf_objective>(seed % MF_N_OBJECTIVES));
        SCOPED_TRACE(seed);
        ASSERT_EQ(run.run(MF_SCHEDULE_LAYER, nullptr), MF_OK);
        mf_analytic_result plain = run.result;
        ASSERT_EQ(run.run(MF_SCHEDULE_RESIDENT, nullptr), MF_OK);
        double resident = run.value(run.result, plain);
        EXPECT_LE(resident, run.value(plain, plain) * (1 + 1e-9));
        ASSERT_EQ(run.run(MF_SCHEDULE_FUSED, nullptr), MF_OK);
        EXPECT_LE(run.value(run.result, plain), resident * (1 + 1e-9));
        // and what was found, given back, costs the same
        mf_analytic_result found = run.result;
        ASSERT_EQ(run.run(found.schedule, nullptr), MF_OK);
        EXPECT_DOUBLE_EQ(run.result.energy_mj, found.energy_mj);
        EXPECT_DOUBLE_EQ(run.result.latency_ms, found.latency_ms);
    }
}

namespace
{
// Every schedule of the space that the search goes through, one after the other.
class Space
{
  public:
    Space(Scheduled &run, const mf_analytic_result &plain, bool weights)
        : run_(run), plain_(plain), weights_(weights)
    {
        EXPECT_OK(mf_schedule_layer_by_layer(run.network_, run.arena.get(), &s_, D));
        s_.n_segments = 0;
        cut(0);
    }
    double best = HUGE_VAL;
    size_t n = 0;

  private:
    Scheduled &run_;
    const mf_analytic_result &plain_;
    mf_schedule s_ = {};
    bool weights_;

    void cut(size_t first)
    {
        size_t n_layers = run_.network_->n_layers;
        if (first == n_layers) {
            price();
            return;
        }
        for (size_t end = first + 1; end <= n_layers; end++) {
            uint64_t rows = run_.network_->layers[end - 1].shape.e;
            if (end == first + 1)
                home(first, end, rows, true, first);
            else
                for (uint64_t r = 1; r < rows; r *= 2)
                    for (bool rereads : {false, true})
                        for (int stay = 0; stay <= weights_; stay++) {
                            for (size_t i = first; i < end; i++)
                                s_.weights_stay[i] =
                                    stay && mf_layer_has_weights(&run_.network_->layers[i]);
                            home(first, end, r, rereads, first);
                            std::fill(s_.weights_stay + first, s_.weights_stay + end, false);
                        }
        }
    }
    void home(size_t first, size_t end, uint64_t rows, bool rereads, size_t map)
    {
        if (map == end) {
            s_.segments[s_.n_segments++] = {first, end - first, rows, rereads};
            cut(end);
            s_.n_segments--;
            return;
        }
        s_.stays[map] = false;
        home(first, end, rows, rereads, map + 1);
        if (s_.last_reader[map] < end)
            return;
        s_.stays[map] = true;
        home(first, end, rows, rereads, map + 1);
        s_.stays[map] = false;
    }
    void price()
    {
        if (mf_schedule_check(&s_, nullptr) != MF_OK || run_.run(s_, nullptr) != MF_OK)
            return;
        n++;
        best = std::min(best, run_.value(run_.result, plain_));
    }
};

const char *const small_networks[] = {
    R"({"name": "n", "about": "a", "source": "s", "batch": 1, "input": {"channels": 3, "rows": 8,
        "columns": 8}, "parts": [{"type": "conv", "channels": 6, "kernel": 3},
        {"type": "inverted_residual", "channels": 6, "expand": 2}]})",
    R"({"name": "n", "about": "a", "source": "s", "batch": 1, "input": {"channels": 3, "rows": 8,
        "columns": 8}, "classes": 4, "parts": [{"type": "conv", "channels": 4, "kernel": 5, "stride": 2},
        {"type": "depthwise"}, {"type": "conv", "channels": 12, "kernel": 1}, {"type": "global_pool"},
        {"type": "fc", "channels": "classes"}]})",
    R"({"name": "n", "about": "a", "source": "s", "batch": 1, "input": {"channels": 3, "rows": 8,
        "columns": 6}, "parts": [{"type": "conv", "channels": 4, "kernel": 3, "label": "one"},
        {"type": "conv", "channels": 4, "kernel": 3}, {"type": "concat", "with": ["one"]},
        {"type": "conv", "channels": 2, "kernel": 1}]})",
};
} // namespace

TEST(Scheduled, TheSearchIsNotBeaten)
{
    size_t n_fused = 0;
    for (size_t seed = 0; seed < n_cases(24); seed++) {
        mf_random random = mf_random_stream(21, seed);
        bool weights = seed % 4 == 3;
        Published::Changes changes =
            changed("buffer_words", std::to_string(mf_random_between(&random, 250, 1100)));
        changes.push_back({"weights_in_buffer", weights ? "yes" : "no"});
        Scheduled run(seed % 2 ? "eyeriss-12x14" : "shiftaddaug-16x12", changes,
                      small_networks[seed % std::size(small_networks)],
                      static_cast<mf_objective>(seed / 3 % MF_N_OBJECTIVES));
        SCOPED_TRACE(seed);
        if (run.run(MF_SCHEDULE_LAYER, nullptr) != MF_OK)
            continue;
        mf_analytic_result plain = run.result;
        ASSERT_EQ(run.run(MF_SCHEDULE_FUSED, nullptr), MF_OK);
        double found = run.value(run.result, plain);
        n_fused += run.result.schedule.n_segments < run.network_->n_layers;
        std::string text = random_schedule::text_of(run.result.schedule);
        Space space(run, plain, weights);
        EXPECT_GT(space.n, 20u);
        EXPECT_NEAR(found, space.best, 1e-9 * space.best) << text;
    }
    EXPECT_GT(n_fused, n_cases(8));
}

// What a file may say wrongly: one line with the layer.
TEST(Scheduled, WhatCannotBeIsRefused)
{
    Scheduled run("eyeriss-12x14", sixteen_bits, small_networks[0], MF_OBJECTIVE_ENERGY);
    mf_schedule s;
    EXPECT_OK(mf_schedule_layer_by_layer(run.network_, run.arena.get(), &s, D));
    std::string names[5];
    for (size_t i = 0; i < 5; i++)
        names[i] = R"(")" + std::string(run.network_->layers[i].name) + R"(")";
    auto refused = [&](const std::string &segments, const std::string &network = "n") {
        Doc doc(R"({"network": ")" + network + R"(", "segments": [)" + segments + "]}");
        mf_diag diag = {};
        EXPECT_NE(run.run(MF_SCHEDULE_GIVEN, &diag, doc.doc), MF_OK) << segments;
        return std::string(diag.message);
    };
    auto all = [&](const std::string &first, const std::string &second) {
        return R"({"layers": [)" + names[0] + ", " + names[1] + "]" + first + R"(}, {"layers": [)" +
               names[2] + ", " + names[3] + ", " + names[4] + "]" + second + "}";
    };
    const std::pair<std::string, std::string> wrong[] = {
        {refused(all("", ""), "other"), "a schedule of other, and the network is n"},
        {refused(all("", R"(, "finds": [)" + names[0] + "]")), "no segment keeps it"},
        {refused(all(R"(, "keeps": [)" + names[0] + "]", "")), "has to be among \"finds\""},
        {refused(all(R"(, "keeps": [)" + names[3] + "]", "")), "is not of this segment"},
        {refused(all("", R"(, "keeps": [)" + names[3] + "]")), "no later segment reads it"},
        {refused(all(R"(, "rows": 0)", "")), "rows"},
        {refused(all(R"(, "rows": 9)", "")), "rows"},
        {refused(all(R"(, "recomputes": [)" + names[0] + "]", "")),
         "a later segment reads the map"},
        {refused(all(R"(, "weights_stay": [)" + names[0] + "]", "")), "none in its buffer"},
        {refused(all("", R"(, "weights_stay": [)" + names[4] + "]")), "no weights"},
        {refused(R"({"layers": [)" + names[0] + "]}"), "is in no segment"},
        {refused(R"({"layers": [)" + names[1] + "]}"), "comes before"},
        {refused(all("", "") + R"(, {"layers": [)" + names[4] + "]}"), "already"},
        {refused(R"({"layers": [)" + names[0] + ", " + names[0] + "]}"), "already"},
        {refused(R"({"layers": ["conv_9"]})"), "has no layer \"conv_9\""},
        {refused(all(R"(, "input": "kept")", "")), "input"},
        {refused(all(R"(, "wors": 2)", "")), "wors"},
    };
    for (const auto &[said, expected] : wrong)
        EXPECT_NE(said.find(expected), std::string::npos) << said << " / " << expected;
}
