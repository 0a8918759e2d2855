// Does the check find what breaks? Faults are put into scratchpads, networks and buses of the chip:
// sums must go wrong exactly where the broken words are used and nowhere else, and the chip must be
// sound again without them.
#include "tests/sim/systemc/chip_fixture.h"

#include <functional>
#include <memory>
#include <set>
#include <tuple>

using chip_fixture::Layer;

namespace
{
/* ---- one layer, one nest: every fault has outputs that can be told by hand ------------- */

enum { FILTERS = 4, CHANNELS = 3, OUT_ROWS = 5, OUT_COLUMNS = 6, KERNEL = 3 };

// A bit that no ifmap code of the layer has: a bus on which it is stuck spoils every word.
enum { UNUSED_IFMAP_BIT = 9 };

mf_work example_work()
{
    mf_work work = {};
    for (uint32_t &size : work.size)
        size = 1;
    work.size[MF_M] = FILTERS;
    work.size[MF_C] = CHANNELS;
    work.size[MF_E] = OUT_ROWS;
    work.size[MF_F] = OUT_COLUMNS;
    work.size[MF_R] = work.size[MF_S] = KERNEL;
    work.h = OUT_ROWS;
    work.w = OUT_COLUMNS;
    work.stride = work.pad_rows = work.pad_columns = 1;
    return work;
}

// Row stationary: PE row r has kernel row r, PE column e has output row e of two. A PE does two
// filters and a whole kernel row at one output column. Array steps run over filters, then channels,
// output rows, output columns, which are innermost: ifmap windows slide.
mf_mapping example_nest()
{
    const uint32_t all[MF_N_DIMENSIONS] = {1,        1,           FILTERS, CHANNELS,
                                           OUT_ROWS, OUT_COLUMNS, KERNEL,  KERNEL};
    mf_mapping nest = {};
    for (uint8_t d = 0; d < MF_N_DIMENSIONS; d++) {
        nest.tile[MF_BUFFER][d] = all[d];
        for (int level : {MF_REGISTER, MF_COLUMNS, MF_ROWS})
            nest.tile[level][d] = 1;
        for (auto &order : nest.order)
            order[d] = d;
    }
    for (int level : {MF_REGISTER, MF_COLUMNS, MF_ROWS}) {
        nest.tile[level][MF_M] = 2;
        nest.tile[level][MF_S] = KERNEL;
    }
    nest.tile[MF_COLUMNS][MF_E] = nest.tile[MF_ROWS][MF_E] = 2;
    nest.tile[MF_ROWS][MF_R] = KERNEL;
    return nest;
}

uint64_t example_step(uint64_t filters, uint64_t channel, uint64_t rows, uint64_t column)
{
    return ((filters * CHANNELS + channel) * 3 + rows) * OUT_COLUMNS + column;
}

// The PE of most tests works with kernel row 1 on the first output row of each pair, and breaks
// when filters 0 and 1 meet channel 1 at output row 2, column 2.
constexpr uint64_t broken_pe = 1 * chip_fixture::CHIP_COLUMNS + 0;

struct Output {
    int64_t m, e, f;
};

// A position, and the codes that are used there.
struct Position {
    int64_t m, c, e, f, r, s;
    bool padding;
    int32_t x, w;
};

using Break = std::function<void(Position &)>;
using Reaches = std::function<bool(const Output &)>;

Position position_of(const Layer &layer, const Output &o, int64_t c, int64_t r, int64_t s)
{
    int64_t row = o.e + r - 1, column = o.f + s - 1;
    Position p = {o.m, c, o.e, o.f, r, s, false, 0, 0};
    p.padding = row < 0 || row >= OUT_ROWS || column < 0 || column >= OUT_COLUMNS;
    if (!p.padding)
        p.x = layer.ifmap[static_cast<size_t>((c * OUT_ROWS + row) * OUT_COLUMNS + column)];
    p.w = layer.weights[static_cast<size_t>(((o.m * CHANNELS + c) * KERNEL + r) * KERNEL + s)];
    return p;
}

int64_t sum_with(const Layer &layer, const Output &output, const Break &broken)
{
    int64_t sum = 0;
    for (int64_t c = 0; c < CHANNELS; c++)
        for (int64_t r = 0; r < KERNEL; r++)
            for (int64_t s = 0; s < KERNEL; s++) {
                Position p = position_of(layer, output, c, r, s);
                broken(p);
                sum += mf_integer_product(&layer.format, p.x, p.w);
            }
    return sum;
}

template <typename With> void each_output(With with)
{
    size_t at = 0;
    for (int64_t m = 0; m < FILTERS; m++)
        for (int64_t e = 0; e < OUT_ROWS; e++)
            for (int64_t f = 0; f < OUT_COLUMNS; f++, at++)
                with(at, Output{m, e, f});
}

class Faults : public testing::TestWithParam<std::tuple<int, int>>
{
  protected:
    // Codes are odd, so that none is zero, with zeros where a bus may be stuck. Ifmap codes are
    // negative and weights positive: what a fault does to Add's distances cannot cancel out. Signs are
    // all plus, which a bus that is stuck spoils.
    Layer example() const
    {
        auto arithmetic = static_cast<mf_arithmetic>(std::get<0>(GetParam()));
        Layer layer(example_work(), example_nest(), chip_fixture::format_of(arithmetic), 5);
        for (int32_t &x : layer.ifmap)
            x = on_signs() ? 1 : ((x & 0x7fff & ~(1 << UNUSED_IFMAP_BIT)) | 1) - 0x8000;
        for (int32_t &w : layer.weights)
            w = layer.format.weight_bits == 1 ? w : (w & 0x7fff & ~(1 << weight_bit())) | 1;
        each_output([&](size_t at, const Output &output) {
            layer.expected[at] = sum_with(layer, output, [](Position &) {});
        });
        layer.machine.capacity.bits[MF_IFMAP] = layer.format.activation_bits;
        layer.machine.capacity.bits[MF_WEIGHT] = layer.format.weight_bits;
        layer.fidelity = static_cast<mf_fidelity>(std::get<1>(GetParam()));
        return layer;
    }

    bool on_signs() const
    {
        return mf_arithmetic_record_of(static_cast<mf_arithmetic>(std::get<0>(GetParam())))
            ->on_signs;
    }

    // A sign is one bit: flipped it is the other sign, and a bus that is stuck at 1 says minus.
    int32_t flipped(int32_t x) const
    {
        return on_signs() ? -x : x ^ 1 << 7;
    }

    int32_t stuck(int32_t x) const
    {
        return on_signs() ? -1 : x | 1 << UNUSED_IFMAP_BIT;
    }

    // One that no weight code has, either; codes of a single bit have it as drawn.
    unsigned weight_bit() const
    {
        auto arithmetic = static_cast<mf_arithmetic>(std::get<0>(GetParam()));
        return chip_fixture::format_of(arithmetic).weight_bits > 2 ? 2 : 0;
    }

    // The layer with a fault: all sums are those of plain loops that see codes as `broken` has
    // them; those that the fault reaches are wrong, and no other: all of them, where codes are so
    // many that one hardly takes the place of its like.
    void expect_shows(const mf_fault &fault, const Break &broken, const Reaches &reaches)
    {
        Layer layer = example();
        layer.faults = {fault};
        ASSERT_EQ(layer.run(), MF_OK) << layer.diag.message;
        size_t n_reached = 0, n_wrong = 0;
        each_output([&](size_t at, const Output &o) {
            SCOPED_TRACE("channel " + std::to_string(o.m) + ", row " + std::to_string(o.e) +
                         ", column " + std::to_string(o.f));
            bool wrong = layer.psums[at] != layer.expected[at];
            n_reached += reaches(o);
            n_wrong += wrong;
            EXPECT_EQ(layer.psums[at], sum_with(layer, o, broken));
            EXPECT_LE(wrong, reaches(o));
        });
        if (layer.format.weight_bits >= 5) {
            EXPECT_EQ(n_wrong, n_reached);
        }
        EXPECT_GE(2 * n_wrong, n_reached);
        expect_sound(layer);
    }

    void expect_sound(Layer &layer)
    {
        layer.faults.clear();
        ASSERT_EQ(layer.run(), MF_OK) << layer.diag.message;
        EXPECT_EQ(layer.psums, layer.expected) << "without the fault";
    }
};

std::string name_of(const testing::TestParamInfo<std::tuple<int, int>> &info)
{
    return std::string(
               mf_arithmetic_record_of(static_cast<mf_arithmetic>(std::get<0>(info.param)))->name) +
           (std::get<1>(info.param) == MF_FIDELITY_ROW ? "ByRow" : "ByCycle");
}
} // namespace

INSTANTIATE_TEST_SUITE_P(Operators, Faults,
                         testing::Combine(testing::Range<int>(0, MF_N_ARITHMETICS),
                                          testing::Values(MF_FIDELITY_ROW, MF_FIDELITY_CYCLE)),
                         name_of);

// Word 3 of the scratchpad, of (kernel column, filter), is kernel column 1 of filter 1. It stays
// broken until weights of the next channel come: for the rest of output row 2, and for row 4.
TEST_P(Faults, AFlippedWeightBitSpoilsOneFilterUntilTheNextWeights)
{
    mf_fault fault = {MF_FAULT_FLIP, MF_WEIGHT, broken_pe, example_step(0, 1, 1, 2), 3,
                      weight_bit()};
    auto reaches = [](const Output &o) { return o.m == 1 && ((o.e == 2 && o.f >= 2) || o.e == 4); };
    auto broken = [&](Position &p) {
        if (reaches({p.m, p.e, p.f}) && p.c == 1 && p.r == 1 && p.s == 1)
            p.w ^= 1 << weight_bit();
    };
    expect_shows(fault, broken, reaches);
}

// Word 2 is the last input column of the window; it slides through three output columns, and both
// filters of the PE use it.
TEST_P(Faults, AFlippedIfmapBitSpoilsTheWindowsThatItSlidesThrough)
{
    mf_fault fault = {MF_FAULT_FLIP, MF_IFMAP, broken_pe, example_step(0, 1, 1, 2), 2, 7};
    auto reaches = [](const Output &o) { return o.m <= 1 && o.e == 2 && o.f >= 2 && o.f <= 4; };
    auto broken = [&](Position &p) {
        if (reaches({p.m, p.e, p.f}) && p.c == 1 && p.r == 1 && p.f + p.s - 1 == 3)
            p.x = flipped(p.x);
    };
    expect_shows(fault, broken, reaches);
}

// One sum, by one power of two.
TEST_P(Faults, AFlippedPsumBitSpoilsOneOutput)
{
    Layer layer = example();
    layer.faults = {
        {MF_FAULT_FLIP, MF_PSUM, broken_pe, example_step(0, 1, 1, 2), 1, 20}}; // word 1: filter 1
    ASSERT_EQ(layer.run(), MF_OK) << layer.diag.message;
    each_output([&](size_t at, const Output &o) {
        bool reached = o.m == 1 && o.e == 2 && o.f == 2;
        EXPECT_EQ(std::abs(layer.psums[at] - layer.expected[at]), reached ? 1 << 20 : 0)
            << "channel " << o.m << ", row " << o.e << ", column " << o.f;
    });
    expect_sound(layer);
}

// The window slides: only its new column is on the network. What does not arrive is zero.
TEST_P(Faults, ADroppedIfmapDeliveryLeavesItsWordsZero)
{
    mf_fault fault = {MF_FAULT_DROP, MF_IFMAP, broken_pe, example_step(0, 1, 1, 2), 0, 0};
    auto reaches = [](const Output &o) { return o.m <= 1 && o.e == 2 && o.f >= 2 && o.f <= 4; };
    auto broken = [&](Position &p) {
        if (reaches({p.m, p.e, p.f}) && p.c == 1 && p.r == 1 && p.f + p.s - 1 == 3)
            p.x = 0;
    };
    expect_shows(fault, broken, reaches);
}

// The PE goes on with the weights of the channel before, for every output that it works on.
TEST_P(Faults, ADroppedWeightDeliveryLeavesTheWeightsBefore)
{
    Layer sound = example();
    mf_fault fault = {MF_FAULT_DROP, MF_WEIGHT, broken_pe, example_step(0, 1, 0, 0), 0, 0};
    auto reaches = [](const Output &o) { return o.m <= 1 && o.e % 2 == 0; };
    auto broken = [&](Position &p) {
        if (reaches({p.m, p.e, p.f}) && p.c == 1 && p.r == 1)
            p.w = position_of(sound, {p.m, p.e, p.f}, 0, p.r, p.s).w;
    };
    expect_shows(fault, broken, reaches);
}

// A step in which no words of the tensor come has none to lose.
TEST_P(Faults, NothingIsLostWhereNothingIsDelivered)
{
    mf_fault fault = {MF_FAULT_DROP, MF_WEIGHT, broken_pe, example_step(0, 1, 1, 2), 0, 0};
    expect_shows(
        fault, [](Position &) {}, [](const Output &) { return false; });
}

// From the last channel of the last filters on, the bus spoils what it carries: in output row 2 and
// 3 new columns only, in row 4 all; for all PEs.
TEST_P(Faults, AStuckIfmapBusSpoilsWhatComesAfterwards)
{
    mf_fault fault = {MF_FAULT_STUCK, MF_IFMAP, 0, example_step(1, 2, 1, 2), 0, UNUSED_IFMAP_BIT};
    auto reaches = [](const Output &o) {
        return o.m >= 2 && ((o.e / 2 == 1 && o.f >= 2) || o.e == 4);
    };
    auto broken = [&](Position &p) {
        bool after = p.e == 4 || p.f + p.s - 1 >= 3;
        if (reaches({p.m, p.e, p.f}) && p.c == 2 && after && !p.padding)
            p.x = stuck(p.x);
    };
    expect_shows(fault, broken, reaches);
}

// Weights come next with the last channel of the last filters, to all PEs.
TEST_P(Faults, AStuckWeightBusSpoilsWhatComesAfterwards)
{
    mf_fault fault = {MF_FAULT_STUCK, MF_WEIGHT, 0, example_step(1, 1, 1, 2), 0, weight_bit()};
    auto reaches = [](const Output &o) { return o.m >= 2; };
    auto broken = [&](Position &p) {
        if (p.m >= 2 && p.c == 2)
            p.w |= 1 << weight_bit();
    };
    expect_shows(fault, broken, reaches);
}

// A PE that the mapping does not use, and a step that never comes.
TEST_P(Faults, ElsewhereTheyDoNothing)
{
    for (mf_tensor tensor : {MF_IFMAP, MF_WEIGHT, MF_PSUM})
        for (mf_fault_kind kind : {MF_FAULT_FLIP, MF_FAULT_DROP}) {
            if (kind == MF_FAULT_DROP && tensor == MF_PSUM)
                continue; // refused, see below
            uint64_t step = example_step(0, 1, 0, 0), last = example_step(1, 2, 2, 5);
            Layer layer = example();
            layer.faults = {{kind, tensor, broken_pe + 2, step, 0, 0},
                            {kind, tensor, broken_pe, last + 1, 0, 0}};
            ASSERT_EQ(layer.run(), MF_OK) << layer.diag.message;
            EXPECT_EQ(layer.psums, layer.expected) << kind << " " << mf_tensor_name(tensor);
        }
}

TEST(BrokenChip, OnlyTheNetworksOfOperandsCanBeBroken)
{
    for (mf_fault_kind kind : {MF_FAULT_DROP, MF_FAULT_STUCK}) {
        Layer layer(example_work(), example_nest(), chip_fixture::format_of(MF_ARITHMETIC_MULT), 5);
        layer.faults = {{kind, MF_PSUM, 0, 0, 0, 0}};
        EXPECT_EQ(layer.run(), MF_INVALID);
        EXPECT_EQ(layer.psums.front(), INT64_MIN) << "nothing may have run";
    }
}

// The top bit of a two's complement code is its sign.
TEST(BrokenChip, ASignCanStick)
{
    Layer layer(example_work(), example_nest(), chip_fixture::format_of(MF_ARITHMETIC_MULT), 5);
    layer.faults = {{MF_FAULT_STUCK, MF_IFMAP, 0, 0, 0, 15}};
    for (int32_t &code : layer.ifmap)
        code |= ~0x7fff; // what a stuck sign makes of it
    Layer broken(example_work(), example_nest(), chip_fixture::format_of(MF_ARITHMETIC_MULT), 5);
    broken.faults = layer.faults;
    layer.faults.clear();
    ASSERT_EQ(layer.run(), MF_OK) << layer.diag.message;
    ASSERT_EQ(broken.run(), MF_OK) << broken.diag.message;
    EXPECT_EQ(layer.psums, broken.psums);
}

/* ---- any layer, any nest: faults stay within what they can reach ----------------------- */

namespace
{
using Range = std::array<int64_t, 2>; // from, up to but not including
using Tile = std::array<Range, MF_N_DIMENSIONS>;

// Array tiles in the order of a nest: all its loops, one inside the other.
class Steps
{
  public:
    Steps(const mf_work &work, const mf_mapping &mapping) : mapping_(mapping)
    {
        Tile all;
        for (size_t d = 0; d < MF_N_DIMENSIONS; d++)
            all[d] = {0, work.size[d]};
        loop(all, 0);
    }

    std::vector<Tile> tiles;

  private:
    void loop(const Tile &outer, size_t depth)
    {
        if (depth == 2 * MF_N_DIMENSIONS) {
            tiles.push_back(outer);
            return;
        }
        bool dram = depth < MF_N_DIMENSIONS;
        size_t d = mapping_.order[dram ? MF_DRAM_LOOPS : MF_BUFFER_LOOPS][depth % MF_N_DIMENSIONS];
        int64_t step = mapping_.tile[dram ? MF_BUFFER : MF_ROWS][d];
        for (int64_t i = outer[d][0]; i < outer[d][1]; i += step) {
            Tile inner = outer;
            inner[d] = {i, std::min(i + step, outer[d][1])};
            loop(inner, depth + 1);
        }
    }

    const mf_mapping &mapping_;
};

int64_t parts(uint32_t whole, uint32_t part)
{
    return (int64_t{whole} + part - 1) / part;
}

// What PE `pe` works on in a tile: its column and its row are numbers whose digits, the last
// dimension's fastest, say which part of each dimension it has. False if it has none.
bool share_of(const mf_mapping &m, const Tile &tile, uint64_t pe, Tile *share)
{
    auto column = static_cast<int64_t>(pe % chip_fixture::CHIP_COLUMNS),
         row = static_cast<int64_t>(pe / chip_fixture::CHIP_COLUMNS);
    for (size_t d = MF_N_DIMENSIONS; d-- > 0;) {
        int64_t across = parts(m.tile[MF_COLUMNS][d], m.tile[MF_REGISTER][d]),
                down = parts(m.tile[MF_ROWS][d], m.tile[MF_COLUMNS][d]);
        int64_t begin = tile[d][0] + row % down * m.tile[MF_COLUMNS][d] +
                        column % across * m.tile[MF_REGISTER][d];
        (*share)[d] = {begin, std::min(begin + m.tile[MF_REGISTER][d], tile[d][1])};
        if (begin >= tile[d][1])
            return false;
        column /= across;
        row /= down;
    }
    return column == 0 && row == 0;
}

// May words of `tensor` that a PE had for one tile still be there for the next? A window that
// moves on along a dimension that no other PE shares keeps its overlap.
bool may_keep(const mf_mapping &m, int tensor, const Tile &tile, const Tile &next)
{
    auto spread = [&](size_t d) { return m.tile[MF_ROWS][d] > m.tile[MF_REGISTER][d]; };
    for (size_t d = 0; d < MF_N_DIMENSIONS; d++) {
        if (!(mf_tensor_dimensions(tensor) & MF_BIT(static_cast<unsigned>(d))) ||
            tile[d] == next[d])
            continue;
        bool window = (d == MF_E && !spread(MF_R)) || (d == MF_F && !spread(MF_S));
        if (tensor != MF_IFMAP || !window || spread(d) || next[d][0] < tile[d][0])
            return false;
    }
    return true;
}

// Outputs, by their place in psums[N][G*M][E][F].
class Reach
{
  public:
    explicit Reach(const mf_work &work) : work_(work) {}

    void add(const Tile &tile)
    {
        for (int64_t n = tile[MF_N][0]; n < tile[MF_N][1]; n++)
            for (int64_t g = tile[MF_G][0]; g < tile[MF_G][1]; g++)
                for (int64_t m = tile[MF_M][0]; m < tile[MF_M][1]; m++)
                    add_plane(tile, (n * work_.size[MF_G] + g) * work_.size[MF_M] + m);
    }

    bool has(size_t at) const
    {
        return outputs_.count(at) > 0;
    }

    size_t size() const
    {
        return outputs_.size();
    }

  private:
    void add_plane(const Tile &tile, int64_t plane)
    {
        for (int64_t e = tile[MF_E][0]; e < tile[MF_E][1]; e++)
            for (int64_t f = tile[MF_F][0]; f < tile[MF_F][1]; f++)
                outputs_.insert(
                    static_cast<size_t>((plane * work_.size[MF_E] + e) * work_.size[MF_F] + f));
    }

    const mf_work &work_;
    std::set<size_t> outputs_;
};

// All outputs that a fault can reach.
Reach reach_of(const Layer &layer, const std::vector<Tile> &tiles, const mf_fault &fault)
{
    Reach reach(layer.work);
    for (size_t step = fault.step; step < tiles.size(); step++) {
        Tile share;
        if (fault.kind == MF_FAULT_STUCK)
            reach.add(tiles[step]);
        else if (step > fault.step &&
                 !may_keep(layer.mapping, fault.tensor, tiles[step - 1], tiles[step]))
            break;
        else if (share_of(layer.mapping, tiles[step], fault.pe, &share))
            reach.add(share);
        if (fault.tensor == MF_PSUM)
            break;
    }
    return reach;
}

// One that happens, in a PE that is at work then.
mf_fault random_fault(const Layer &layer, const std::vector<Tile> &tiles, mf_random *random)
{
    auto below = [&](uint64_t n) { return mf_random_between(random, 0, n - 1); };
    mf_fault fault = {};
    fault.tensor = static_cast<mf_tensor>(below(MF_N_TENSORS));
    fault.kind = fault.tensor == MF_PSUM ? MF_FAULT_FLIP
                                         : static_cast<mf_fault_kind>(below(MF_N_FAULT_KINDS));
    fault.step = below(tiles.size());
    fault.word = below(1000);
    fault.bit = static_cast<unsigned>(below(64));
    Tile share;
    do {
        fault.pe = below(mf_mapping_pes(&layer.mapping, MF_ROWS)) * chip_fixture::CHIP_COLUMNS +
                   below(mf_mapping_pes(&layer.mapping, MF_COLUMNS));
    } while (!share_of(layer.mapping, tiles[fault.step], fault.pe, &share));
    return fault;
}

struct Tally {
    uint64_t n_masked = 0, n_shown = 0, n_shown_and_confined = 0, n_refused = 0;
};

// The result of a broken run against what the fault can reach.
void expect_confined(const Layer &layer, const mf_fault &fault, const Reach &reach, Tally *tally)
{
    uint64_t n_wrong = 0;
    for (size_t at = 0; at < layer.psums.size(); at++) {
        int64_t off = std::abs(layer.psums[at] - layer.expected[at]);
        n_wrong += off != 0;
        EXPECT_TRUE(off == 0 || reach.has(at)) << "output " << at << " is out of reach";
        if (fault.tensor == MF_PSUM) {
            EXPECT_EQ(off & (off - 1), 0) << "output " << at << " is off by " << off;
        }
    }
    if (fault.tensor == MF_PSUM) {
        EXPECT_EQ(n_wrong, 1u) << "a sum cannot hide a flipped bit";
    }
    tally->n_masked += n_wrong == 0;
    tally->n_shown += n_wrong > 0;
    tally->n_shown_and_confined += n_wrong > 0 && reach.size() < layer.psums.size();
}

// What breaks changes numbers, and neither which words move nor when.
void expect_same_traffic(const Layer &layer)
{
    mf_counts counts;
    mf_reuse_count(&layer.work, &layer.mapping, layer.machine.slide_buffer, &counts);
    chip_fixture::expect_equal(layer.report.counts, counts);
    EXPECT_EQ(layer.report.cycles, static_cast<double>(counts.n_compute_cycles));
}

std::string text_of(const mf_fault &fault)
{
    const char *const kinds[] = {"flip", "drop", "stuck"};
    return std::string(kinds[fault.kind]) + " of " + mf_tensor_name(fault.tensor) + " in PE " +
           std::to_string(fault.pe) + ", step " + std::to_string(fault.step) + ", word " +
           std::to_string(fault.word) + ", bit " + std::to_string(fault.bit);
}

// A random layer on a random nest that the chip has enough PEs for.
std::unique_ptr<Layer> random_layer(uint64_t seed, mf_random *random)
{
    mf_work work = random_nest::work(random, {2, 2, 4, 4, 5, 5, 3, 3});
    mf_mapping mapping = random_nest::mapping(random, work);
    if (!chip_fixture::fits_chip(mapping))
        return nullptr;
    auto arithmetic = static_cast<mf_arithmetic>(seed % MF_N_ARITHMETICS);
    auto layer =
        std::make_unique<Layer>(work, mapping, chip_fixture::format_of(arithmetic, seed % 5), seed);
    layer->machine.capacity.bits[MF_IFMAP] = layer->format.activation_bits;
    layer->machine.capacity.bits[MF_WEIGHT] = layer->format.weight_bits;
    layer->machine.slide_buffer = seed % 2;
    layer->fidelity = seed % 4 == 0 ? MF_FIDELITY_CYCLE : MF_FIDELITY_ROW;
    return layer;
}
} // namespace

namespace
{
void try_fault(Layer &layer, mf_random *random, Tally *tally)
{
    std::vector<Tile> tiles = Steps(layer.work, layer.mapping).tiles;
    mf_fault fault = random_fault(layer, tiles, random);
    SCOPED_TRACE(text_of(fault) + " of " + std::to_string(tiles.size()) + " steps\n" +
                 layer.text());
    layer.faults = {fault};
    mf_status status = layer.run();
    if (status == MF_TOO_LARGE) {
        tally->n_refused++;
    } else {
        ASSERT_EQ(status, MF_OK) << layer.diag.message;
        expect_confined(layer, fault, reach_of(layer, tiles, fault), tally);
        expect_same_traffic(layer);
    }
    layer.faults.clear();
    ASSERT_EQ(layer.run(), MF_OK) << layer.diag.message;
    EXPECT_EQ(layer.psums, layer.expected) << "without the fault";
}
} // namespace

// Masked faults exist: a word of padding or zero, a bit that was set already, a word that is not
// used again. A sum too large for its scratchpad is refused.
TEST(RandomFaults, AreMaskedOrStayWithinReach)
{
    Tally tally;
    for (uint64_t seed = 0; seed < n_cases(3000) && !HasFailure(); seed++) {
        mf_random random = mf_random_stream(51, seed);
        SCOPED_TRACE("seed " + std::to_string(seed));
        if (std::unique_ptr<Layer> layer = random_layer(seed, &random))
            try_fault(*layer, &random, &tally);
    }
    EXPECT_GT(tally.n_masked, n_cases(100));
    EXPECT_GT(tally.n_shown, n_cases(1000));
    EXPECT_GT(tally.n_shown_and_confined, n_cases(1000)) << "some outputs were out of reach";
    EXPECT_GT(tally.n_refused, 0u);
}
