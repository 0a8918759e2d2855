// Published fused schedules, from a network, a tile and a precision: do the closed forms of windows
// (sim/schedule_rows.h) and of what is held (sim/schedule_layout.h) say what the papers say? Most of
// them cut in two directions or hold columns: the same windows, put together as the paper does.
#include "models/formats/network_file.h"
#include "sim/schedule_layout.h"
#include "tests/support/support.h"

#include <algorithm>
#include <memory>

namespace
{
// A layer of a chain on square maps.
struct Layer {
    mf_axis axis;
    uint64_t in, out, groups, outputs; // channels; rows
    bool is_depthwise() const
    {
        return groups == in && groups > 1;
    }
    uint64_t macs(uint64_t positions) const
    {
        return positions * out * axis.kernel * axis.kernel * in / groups;
    }
    uint64_t in_words() const
    {
        return axis.extent * axis.extent * in;
    }
    uint64_t out_words() const
    {
        return outputs * outputs * out;
    }
};

struct Chain {
    uint64_t rows, channels;
    std::vector<Layer> layers;
    void add(uint64_t kernel, uint64_t stride, uint64_t out, uint64_t groups = 1,
             uint64_t pad = UINT64_MAX)
    {
        pad = pad == UINT64_MAX ? kernel / 2 : pad;
        uint64_t outputs = mf_shape_windows(rows, kernel, stride, pad, false);
        layers.push_back({{rows, kernel, stride, pad}, channels, out, groups, outputs});
        rows = outputs;
        channels = out;
    }
    void add_block(uint64_t expand, uint64_t out, uint64_t stride, bool expands)
    {
        if (expands)
            add(1, 1, channels * expand);
        add(3, stride, channels, channels);
        add(1, 1, out);
    }
    uint64_t macs() const
    {
        uint64_t n = 0;
        for (const Layer &l : layers)
            n += l.macs(l.outputs * l.outputs);
        return n;
    }
};

// MobileNetV2: expansion, repeats and stride of each group of blocks.
Chain mobilenetv2(uint64_t rows, const std::vector<uint64_t> &widths, bool first_expands)
{
    const uint64_t groups[][3] = {{1, 1, 1}, {6, 2, 2}, {6, 3, 2}, {6, 4, 2},
                                  {6, 3, 1}, {6, 3, 2}, {6, 1, 1}};
    Chain chain{rows, 3, {}};
    chain.add(3, 2, widths[0]);
    for (size_t g = 0; g < std::size(groups); g++)
        for (uint64_t i = 0; i < groups[g][1]; i++)
            chain.add_block(groups[g][0], widths[g + 1], i ? 1 : groups[g][2],
                            groups[g][0] > 1 || first_expands);
    chain.add(1, 1, widths[8]);
    return chain;
}

const double KIB = 1024;
} // namespace

// MCUNetV2 (arXiv 2110.15352, table 1 and figure 1): MobileNetV2 at 224 pixels in bytes, depthwise
// layers in place, the image not counted: 1372 KiB layer by layer; 172 with 4 x 4 patches up to
// block 4, which is what the first layer behind them takes; a tenth more MACs.
TEST(PublishedSchedules, PatchesOfMcunetv2)
{
    Chain chain = mobilenetv2(224, {32, 16, 24, 32, 64, 96, 160, 320, 1280}, false);
    uint64_t peak = 0;
    for (size_t i = 1; i < chain.layers.size(); i++) {
        const Layer &l = chain.layers[i];
        peak = std::max(peak, l.in_words() + (l.is_depthwise() ? 0 : l.out_words()));
    }
    EXPECT_EQ(static_cast<double>(peak) / KIB, 1372.0);

    const size_t n = 12; // stem, block 1 of two layers, blocks 2 to 4 of three
    const Layer &last = chain.layers[n - 1];
    ASSERT_EQ(last.outputs, 28u);
    ASSERT_EQ(last.out, 32u);
    uint64_t tile = last.outputs / 4, patch = tile;
    uint64_t inner = 0;
    for (size_t i = n; i-- > 0;) {
        uint64_t before = mf_axis_extent_of(&chain.layers[i].axis, patch);
        const Layer &l = chain.layers[i];
        uint64_t out = i + 1 == n || l.is_depthwise() ? 0 : patch * patch * l.out,
                 in = i ? before * before * l.in : 0;
        inner = std::max(inner, in + out);
        patch = before;
    }
    EXPECT_EQ(patch, 75u);
    const Layer &behind = chain.layers[n];
    EXPECT_EQ(static_cast<double>(behind.in_words() + behind.out_words()) / KIB, 171.5);
    EXPECT_LT(inner + last.out_words(), behind.in_words() + behind.out_words());
    EXPECT_NEAR(static_cast<double>(inner + last.out_words()) / KIB, 158.5, 0.1);

    uint64_t clipped = 0, nominal = 0; // positions of all patches, per layer and direction
    std::vector<uint64_t> made(n), unclipped(n);
    for (uint64_t p = 0; p < 4; p++) {
        mf_rows rows = {p * tile, (p + 1) * tile};
        uint64_t extent = tile;
        for (size_t i = n; i-- > 0;) {
            made[i] += mf_rows_count(rows);
            unclipped[i] += extent;
            rows = mf_axis_reads(&chain.layers[i].axis, rows);
            extent = mf_axis_extent_of(&chain.layers[i].axis, extent);
        }
    }
    for (size_t i = 0; i < n; i++) {
        const Layer &l = chain.layers[i];
        clipped += l.macs(made[i] * made[i]) - l.macs(l.outputs * l.outputs);
        nominal += l.macs(unclipped[i] * unclipped[i]) - l.macs(l.outputs * l.outputs);
    }
    double macs = static_cast<double>(chain.macs());
    EXPECT_NEAR(static_cast<double>(clipped) / macs, 0.093, 0.0005);
    EXPECT_NEAR(static_cast<double>(nominal) / macs, 0.128, 0.0005);
}

// mit-han-lab's table of maps ("Act"), in bytes: 303, 242 and 333 kB. Layer by layer with all maps in
// the buffer as long as somebody reads them; the image is not counted.
TEST(PublishedSchedules, MapsOfMcunet)
{
    const struct {
        const char *name;
        uint64_t rows;
        double width, kib;
    } networks[] = {{"mobilenetv2-w0.35", 144, 0, 303.75},
                    {"proxylessnas-w0.35", 176, 0.3, 242.00},
                    {"mcunet-in3", 176, 0, 332.75}};
    for (const auto &of : networks) {
        mf_network_options size = {};
        size.rows = size.columns = of.rows;
        size.width_multiplier = of.width;
        mf_network *network = nullptr;
        EXPECT_OK(
            mf_network_load(source_path("models/zoo/" + std::string(of.name) + ".json").c_str(),
                            &size, &network, D));
        std::unique_ptr<mf_arena, void (*)(mf_arena *)> arena{mf_arena_create(), mf_arena_destroy};
        mf_schedule schedule;
        EXPECT_OK(mf_schedule_layer_by_layer(network, arena.get(), &schedule, D));
        for (size_t i = 0; i < network->n_layers; i++)
            schedule.stays[i] = schedule.last_reader[i] > i;
        EXPECT_OK(mf_schedule_check(&schedule, D));
        uint64_t peak = 0;
        for (size_t g = 0; g < schedule.n_segments; g++) {
            mf_layout layout;
            EXPECT_OK(mf_layout_make(&schedule, &schedule.segments[g], arena.get(), &layout, D));
            peak = std::max(peak, mf_layout_peak_words(&layout));
        }
        EXPECT_EQ(static_cast<double>(peak) / KIB, of.kib) << of.name;
        mf_network_destroy(network);
    }
}

// msf-CNN (arXiv 2505.11483, result.json of TinyPART/msf-CNN): MobileNetV2 w0.35 at 144 pixels, runs of
// layers made one output row at a time, columns held, rows made again; the least MACs within a memory,
// the least memory within an overhead. MACs to the digit, memory within a hundredth.
namespace
{
struct Run {
    uint64_t bytes, macs;
    bool possible;
};

Run run_of(const Chain &chain, size_t first, size_t last)
{
    const Layer &l0 = chain.layers[first], &l1 = chain.layers[last];
    uint64_t in = first ? l0.in_words() : 0,
             out = last + 1 < chain.layers.size() ? l1.out_words() : 0, t = 1, step = 1;
    Run run = {in + out, 0, true};
    if (first == last)
        return {in + out, l0.macs(l0.outputs * l0.outputs), true};
    for (size_t i = last + 1; i-- > first;) {
        const Layer &l = chain.layers[i];
        const mf_axis &a = l.axis;
        t = mf_axis_extent_of(&a, t);
        step *= a.stride;
        if (t > a.extent + 2 * a.pad)
            return {0, 0, false};
        run.bytes += a.kernel * t * l.in;
        uint64_t tiles = mf_shape_windows(a.extent, t, step, a.pad, false),
                 inner = mf_shape_windows(t, a.kernel, a.stride, 0, false);
        run.macs += l.macs(tiles * inner * l.outputs);
    }
    return run;
}

struct Runs {
    size_t n;
    std::vector<std::vector<Run>> of;
    explicit Runs(const Chain &chain) : n(chain.layers.size()), of(n, std::vector<Run>(n))
    {
        for (size_t i = 0; i < n; i++)
            for (size_t k = i; k < n; k++)
                of[i][k] = run_of(chain, i, k);
    }
    // The least MACs within so many bytes, and the bytes that they take; 0: impossible.
    uint64_t macs(uint64_t bytes) const
    {
        std::vector<uint64_t> best(n + 1, UINT64_MAX);
        best[0] = 0;
        for (size_t end = 1; end <= n; end++)
            for (size_t i = 0; i < end; i++) {
                const Run &run = of[i][end - 1];
                if (run.possible && run.bytes <= bytes && best[i] != UINT64_MAX)
                    best[end] = std::min(best[end], best[i] + run.macs);
            }
        return best[n];
    }
    uint64_t least_bytes(uint64_t most_macs) const
    {
        std::vector<uint64_t> sizes;
        for (const auto &row : of)
            for (const Run &run : row)
                if (run.possible)
                    sizes.push_back(run.bytes);
        std::sort(sizes.begin(), sizes.end());
        for (uint64_t bytes : sizes)
            if (macs(bytes) <= most_macs)
                return bytes;
        return 0;
    }
};
} // namespace

TEST(PublishedSchedules, MsfCnn)
{
    Chain chain = mobilenetv2(144, {11, 5, 8, 11, 22, 33, 56, 112, 448}, true);
    ASSERT_EQ(chain.macs(), 18909490u);
    Runs runs(chain);
    const struct {
        uint64_t limit_bytes, ram, macs;
    } by_memory[] = {{256000, 181440, 18909490},
                     {128000, 83065, 19265890},
                     {64000, 63741, 23249938},
                     {32000, 25674, 23700946},
                     {16000, 15340, 26132080}};
    for (const auto &p : by_memory) {
        EXPECT_EQ(runs.macs(p.limit_bytes), p.macs);
        double ram = static_cast<double>(runs.least_bytes(p.macs));
        EXPECT_NEAR(ram / static_cast<double>(p.ram), 1, 0.01);
    }
    const struct {
        double overhead;
        uint64_t ram, macs;
    } by_overhead[] = {{1.1, 67905, 20751538},
                       {1.3, 21288, 24536110},
                       {1.4, 15340, 26132080},
                       {100, 7887, 31758160}};
    for (const auto &p : by_overhead) {
        auto most = static_cast<uint64_t>(p.overhead * static_cast<double>(chain.macs()));
        uint64_t bytes = runs.least_bytes(most);
        EXPECT_NEAR(static_cast<double>(bytes) / static_cast<double>(p.ram), 1, 0.01);
        EXPECT_EQ(runs.macs(bytes), p.macs);
    }
    uint64_t vanilla = 0; // every layer alone
    for (size_t i = 0; i < runs.n; i++)
        vanilla = std::max(vanilla, runs.of[i][i].bytes);
    EXPECT_EQ(vanilla, 194400u);
}

// Alwani et al., MICRO 2016: the first five convolutions of VGG-E, 224 pixels in 4-byte words: 77.14 MB
// layer by layer, pooling when read, 3.64 fused, 362 KB of rows and columns that are kept.
TEST(PublishedSchedules, PyramidsOfFusedLayerCnns)
{
    Chain chain{224, 3, {}};
    chain.add(3, 1, 64);
    chain.add(3, 1, 64);
    chain.add(2, 2, 64, 64, 0);
    chain.add(3, 1, 128);
    chain.add(3, 1, 128);
    chain.add(2, 2, 128, 128, 0);
    chain.add(3, 1, 256);
    uint64_t bytes = 4 * chain.layers[0].in_words(), fused = bytes, held = 0, tile = 1;
    for (size_t i = 0; i < chain.layers.size(); i++) {
        const Layer &l = chain.layers[i];
        bool is_pool = l.axis.kernel == 2, is_last = i + 1 == chain.layers.size();
        bytes += is_pool ? 0 : (is_last ? 4 : 8) * l.out_words();
    }
    fused += 4 * chain.layers.back().out_words();
    for (size_t i = chain.layers.size(); i-- > 0;) {
        const Layer &l = chain.layers[i];
        uint64_t overlap = mf_axis_overlap(&l.axis);
        tile = mf_axis_extent_of(&l.axis, tile);
        // padded map: rows along the whole width, and columns of the tile's other rows
        held += 4 * overlap * l.in * (l.axis.extent + (tile - overlap));
    }
    EXPECT_EQ(tile, 24u);
    EXPECT_NEAR(static_cast<double>(bytes) / KIB / KIB, 77.14, 0.005);
    EXPECT_NEAR(static_cast<double>(fused) / KIB / KIB, 3.64, 0.005);
    EXPECT_NEAR(static_cast<double>(held) / KIB, 362, 362 * 0.02);
    EXPECT_EQ(held, 371472u); // 362.77 KiB
}

// DeFiNES (HPCA 2023), FSRCNN at 960 x 540: about 18 M cycles at best in its figure, 1,024 MACs of
// which a layer uses the channels that it has: unrolled over 32 outputs, 2 inputs, 4 x 4 positions.
TEST(PublishedSchedules, CyclesOfFsrcnn)
{
    const struct {
        uint64_t in, out, kernel, columns, rows;
    } layers[] = {{1, 56, 5, 970, 550},  {56, 12, 1, 970, 550}, {12, 12, 3, 968, 548},
                  {12, 12, 3, 966, 546}, {12, 12, 3, 964, 544}, {12, 12, 3, 962, 542},
                  {12, 56, 1, 962, 542}, {56, 16, 3, 960, 540}};
    mf_rows rows = {0, 540}, columns = {0, 960};
    uint64_t macs = 0, cycles = 0;
    auto times = [](uint64_t n, uint64_t of) { return (n + of - 1) / of; };
    for (size_t i = std::size(layers); i-- > 0;) {
        const auto &l = layers[i];
        EXPECT_EQ(mf_rows_count(rows), l.rows);
        EXPECT_EQ(mf_rows_count(columns), l.columns);
        macs += l.rows * l.columns * l.in * l.out * l.kernel * l.kernel;
        cycles += times(l.out, 32) * times(l.in, 2) * times(l.columns, 4) * times(l.rows, 4) *
                  l.kernel * l.kernel;
        mf_axis down = {2000, l.kernel, 1, 0};
        rows = mf_axis_reads(&down, rows);
        columns = mf_axis_reads(&down, columns);
    }
    EXPECT_EQ(mf_rows_count(columns), 974u);
    EXPECT_EQ(mf_rows_count(rows), 554u);
    EXPECT_NEAR(static_cast<double>(macs) * 1e-9, 8.363, 0.001);
    EXPECT_NEAR(static_cast<double>(cycles) * 1e-6, 18.29, 0.37);
}
