// Does the search find the best nest of a dataflow? On small layers against all nests there are,
// enumerated by brute force; on larger ones no nest found for another machine or objective, and
// none cut at random, may beat it, whatever the prices; and more buffer or registers never make it
// worse. MULFREE_SEARCH_SECONDS=600 tries new seeds for that long.
#include "dataflows/row_stationary.h"
#include "dataflows/search.h"
#include "tests/dataflows/random_nest.h"
#include "tests/support/support.h"

#include <algorithm>
#include <cfloat>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

namespace
{
using random_nest::between;

bool one_in(mf_random *random, uint32_t n)
{
    return between(random, 1, n) == 1;
}

// Prices and rates differ by tensor and level. Often most are nothing, or all but one, so that what
// little a nest gains in one count is not lost beside the others.
mf_machine random_machine(mf_random *random)
{
    mf_machine m{};
    const bool sparse = one_in(random, 2), single = sparse && one_in(random, 2);
    const uint32_t n_prices = MF_N_TENSORS * (2 * MF_N_LEVELS + 3) + std::size(m.bus_cycles) + 2;
    uint32_t until_the_one = between(random, 1, n_prices);
    auto real = [&](double most) {
        if (single)
            return --until_the_one == 0 ? most : 0.0;
        bool none = sparse ? !one_in(random, 6) : one_in(random, 8);
        return none ? 0 : mf_random_real(random) * most;
    };
    m.capacity.pe_rows = between(random, 1, 6);
    m.capacity.pe_columns = between(random, 1, 6);
    m.capacity.buffer_bits =
        16 * (one_in(random, 2) ? between(random, 20, 300) : between(random, 300, 1500));
    for (int t = 0; t < MF_N_TENSORS; t++) {
        m.capacity.bits[t] = one_in(random, 4) ? 8 : 16;
        m.capacity.register_bits[t] = 16 * between(random, 1, one_in(random, 2) ? 6 : 24);
        m.capacity.buffering[t] = static_cast<mf_buffering>(between(random, 0, 2));
        for (int level = 0; level < MF_N_LEVELS; level++) {
            m.read_pj[level][t] = real(level == MF_LEVEL_DRAM ? 200 : 6);
            m.write_pj[level][t] = real(level == MF_LEVEL_DRAM ? 200 : 6);
        }
        m.column_bus_pj[t] = real(6);
        m.row_bus_pj[t] = real(6);
        m.dram_cycles[t] = real(1);
    }
    for (double &cycles : m.bus_cycles)
        cycles = real(1);
    m.by_length = one_in(random, 2);
    m.output_pj = real(200);
    m.output_cycles = real(1);
    m.mac_pj = sparse ? 0 : 1;
    m.executed = one_in(random, 2) ? 1 : mf_random_real(random);
    m.position_cycles = 1;
    m.gates_padding = one_in(random, 2);
    m.counts_first_psum_read = one_in(random, 2);
    m.weights_overlap = one_in(random, 2);
    m.slide_buffer = one_in(random, 2);
    m.array_pes = 1;
    return m;
}

// What decides: the machine, the dataflow and what bypasses the buffer.
struct Setting {
    mf_work work;
    mf_machine machine;
    const mf_dataflow *dataflow;
    bool bypass[MF_N_TENSORS];

    bool admits(const mf_mapping &m) const
    {
        return mf_dataflow_admits(dataflow, &work, &machine.capacity, bypass, &m, nullptr) ==
                   MF_OK &&
               mf_mapping_check_capacity(&m, &work, &machine.capacity, nullptr) == MF_OK;
    }
    mf_cost cost(const mf_mapping &m) const
    {
        mf_counts counts;
        mf_cost c;
        mf_cost_of_mapping(&machine, &work, &m, &counts, &c);
        return c;
    }
    mf_status search(mf_objective objective, mf_found *found) const
    {
        return mf_search(&work, &machine, dataflow, bypass, objective, found, nullptr);
    }
    std::string text(const mf_mapping &m) const
    {
        const mf_capacity &c = machine.capacity;
        std::string s = std::string(dataflow->name) + " on " + std::to_string(c.pe_rows) +
                        " rows x " + std::to_string(c.pe_columns) + " columns, buffer " +
                        std::to_string(c.buffer_bits) + " bits\n" + random_nest::text(work, m);
        return s;
    }
};

// Usually weights bypass the buffer, and the rest does not.
void random_bypass(mf_random *random, bool *bypass)
{
    bool usual = one_in(random, 2);
    for (int t = 0; t < MF_N_TENSORS; t++)
        bypass[t] = usual ? t == MF_WEIGHT : one_in(random, 3);
}

// The four objectives; the balanced one relative to the least energy and the least time.
struct Least {
    double energy_pj = DBL_MAX, cycles = DBL_MAX;
};

double value(mf_objective objective, const Least &least, const mf_cost &c)
{
    return objective == MF_OBJECTIVE_ENERGY    ? c.energy_pj
           : objective == MF_OBJECTIVE_LATENCY ? c.cycles
           : objective == MF_OBJECTIVE_EDP
               ? c.energy_pj * c.cycles
               : c.energy_pj / least.energy_pj + c.cycles / least.cycles;
}

// The best nest for each objective. False if none fits.
bool search_all(const Setting &setting, mf_found *found, Least *least)
{
    for (int o = 0; o < MF_N_OBJECTIVES; o++)
        if (setting.search(static_cast<mf_objective>(o), &found[o]) != MF_OK)
            return false;
    *least = {found[MF_OBJECTIVE_ENERGY].cost.energy_pj, found[MF_OBJECTIVE_LATENCY].cost.cycles};
    return true;
}

// Energy and time may be nothing where prices are; then nothing can be balanced.
bool meaningful(const Least &least)
{
    return least.energy_pj > 0 && least.cycles > 0;
}

void expect_not_beaten(const Setting &setting, const mf_found *found, const Least &least,
                       const mf_mapping &m)
{
    mf_cost c = setting.cost(m);
    for (int o = 0; o < MF_N_OBJECTIVES; o++) {
        auto objective = static_cast<mf_objective>(o);
        if (objective == MF_OBJECTIVE_BALANCED && !meaningful(least))
            continue;
        EXPECT_GE(value(objective, least, c) * (1 + 1e-9), value(objective, least, found[o].cost))
            << mf_objective_name(o) << "\nfound " << setting.text(found[o].mapping)
            << "\nbeaten by\n"
            << setting.text(m);
    }
}

// ---- all nests ---------------------------------------------------------------------------------

// The tiles that one dimension may have. Whether it may does not depend on the others.
std::vector<std::array<uint32_t, MF_N_TILE_LEVELS>> tiles_of(const Setting &setting, int d)
{
    std::vector<std::array<uint32_t, MF_N_TILE_LEVELS>> list;
    Setting alone = setting;
    mf_mapping m{};
    for (int k = 0; k < MF_N_DIMENSIONS; k++) {
        alone.work.size[k] = k == d ? setting.work.size[d] : 1;
        for (auto &tile : m.tile)
            tile[k] = 1;
        for (auto &order : m.order)
            order[k] = static_cast<uint8_t>(k);
    }
    std::copy(setting.bypass, setting.bypass + MF_N_TENSORS, m.bypass_buffer);
    std::copy(setting.dataflow->bypass_register, setting.dataflow->bypass_register + MF_N_TENSORS,
              m.bypass_register);
    uint32_t size = setting.work.size[d];
    for (uint32_t reg = 1; reg <= size; reg++)
        for (uint32_t columns = reg; columns <= size; columns++)
            for (uint32_t rows = columns; rows <= size; rows++)
                for (uint32_t buffer = rows; buffer <= size; buffer++) {
                    const std::array<uint32_t, MF_N_TILE_LEVELS> tile{reg, columns, rows, buffer};
                    for (size_t level = 0; level < MF_N_TILE_LEVELS; level++)
                        m.tile[level][d] = tile[level];
                    if (mf_dataflow_admits(alone.dataflow, &alone.work, &alone.machine.capacity,
                                           alone.bypass, &m, nullptr) == MF_OK)
                        list.push_back(tile);
                }
    return list;
}

// All orders of the loops at `level` that take more than one step, the others outside.
void for_each_order(const Setting &setting, mf_mapping m, mf_loop_level level,
                    const std::function<void(const mf_mapping &)> &visit)
{
    std::vector<uint8_t> moving, still;
    for (uint8_t d = 0; d < MF_N_DIMENSIONS; d++) {
        bool moves = level == MF_DRAM_LOOPS ? setting.work.size[d] > m.tile[MF_BUFFER][d]
                                            : m.tile[MF_BUFFER][d] > m.tile[MF_ROWS][d];
        (moves ? moving : still).push_back(d);
    }
    do {
        std::copy(still.begin(), still.end(), m.order[level]);
        std::copy(moving.begin(), moving.end(), m.order[level] + still.size());
        visit(m);
    } while (std::next_permutation(moving.begin(), moving.end()));
}

// Every nest that is admitted and fits.
void for_each_nest(const Setting &setting, mf_mapping m, int d,
                   const std::vector<std::array<uint32_t, MF_N_TILE_LEVELS>> *tiles,
                   const std::function<void(const mf_mapping &)> &visit)
{
    if (d < MF_N_DIMENSIONS) {
        for (const auto &tile : tiles[d]) {
            for (size_t level = 0; level < MF_N_TILE_LEVELS; level++)
                m.tile[level][d] = tile[level];
            if (mf_mapping_pes(&m, MF_COLUMNS) <= setting.machine.capacity.pe_columns &&
                mf_mapping_pes(&m, MF_ROWS) <= setting.machine.capacity.pe_rows)
                for_each_nest(setting, m, d + 1, tiles, visit);
        }
        return;
    }
    if (mf_mapping_check_capacity(&m, &setting.work, &setting.machine.capacity, nullptr) != MF_OK)
        return;
    for_each_order(setting, m, MF_BUFFER_LOOPS, [&](const mf_mapping &inner) {
        if (setting.admits(inner))
            for_each_order(setting, inner, MF_DRAM_LOOPS, visit);
    });
}

mf_mapping empty_nest(const Setting &setting)
{
    mf_mapping m{};
    for (uint8_t d = 0; d < MF_N_DIMENSIONS; d++) {
        for (auto &tile : m.tile)
            tile[d] = 1;
        for (auto &order : m.order)
            order[d] = d;
    }
    std::copy(setting.bypass, setting.bypass + MF_N_TENSORS, m.bypass_buffer);
    std::copy(setting.dataflow->bypass_register, setting.dataflow->bypass_register + MF_N_TENSORS,
              m.bypass_register);
    return m;
}

// A layer with a few loops of a few steps, or with two of many: few enough nests that all can be
// tried.
mf_work small_work(mf_random *random, const std::function<bool(const mf_work &)> &small)
{
    for (;;) {
        random_nest::Sizes most{};
        bool few = one_in(random, 2);
        for (uint32_t &m : most)
            m = few ? 1 : one_in(random, 2) ? 1 : between(random, 2, 7);
        for (int i = 0; i < 2 && few; i++)
            most[between(random, 0, MF_N_DIMENSIONS - 1)] = between(random, 5, 20);
        most[MF_R] = std::min(most[MF_R], few ? 7u : 4u);
        most[MF_S] = std::min(most[MF_S], few ? 7u : 4u);
        mf_work w = random_nest::work(random, most);
        if (small(w))
            return w;
    }
}

// What is tried for one seed; how many nests it took.
uint64_t against_all_nests(uint64_t seed)
{
    mf_random random = mf_random_stream(44, seed);
    Setting setting{};
    setting.machine = random_machine(&random);
    if (one_in(&random, 2)) /* so small that it matters */
        setting.machine.capacity.buffer_bits = 16 * between(&random, 4, 60);
    random_bypass(&random, setting.bypass);
    setting.dataflow = mf_dataflows[between(&random, 0, 3)];
    std::vector<std::array<uint32_t, MF_N_TILE_LEVELS>> tiles[MF_N_DIMENSIONS];
    setting.work = small_work(&random, [&](const mf_work &w) {
        double n = 1;
        setting.work = w;
        for (int d = 0; d < MF_N_DIMENSIONS; d++) {
            tiles[d] = tiles_of(setting, d);
            n *= static_cast<double>(tiles[d].size());
        }
        return n < 6000;
    });
    SCOPED_TRACE("seed " + std::to_string(seed));
    mf_found found[MF_N_OBJECTIVES];
    Least least;
    bool any = search_all(setting, found, &least);
    uint64_t n = 0;
    for_each_nest(setting, empty_nest(setting), 0, tiles, [&](const mf_mapping &m) {
        n++;
        EXPECT_TRUE(any) << "the search finds none, but there is\n" << setting.text(m);
        if (any && !testing::Test::HasFailure())
            expect_not_beaten(setting, found, least, m);
    });
    EXPECT_EQ(any, n > 0);
    for (const mf_found &f : found)
        if (any) {
            EXPECT_TRUE(setting.admits(f.mapping)) << setting.text(f.mapping);
        }
    return n;
}

// One word is 16 bits; nothing has a price but what is set.
Setting plain_setting(const mf_dataflow *dataflow, const mf_work &work, uint64_t pe_rows,
                      uint64_t pe_columns, uint64_t register_words, uint64_t buffer_words)
{
    Setting s{};
    s.dataflow = dataflow;
    s.work = work;
    s.bypass[MF_WEIGHT] = true;
    s.machine.capacity.pe_rows = pe_rows;
    s.machine.capacity.pe_columns = pe_columns;
    s.machine.capacity.buffer_bits = 16 * buffer_words;
    for (int t = 0; t < MF_N_TENSORS; t++) {
        s.machine.capacity.bits[t] = 16;
        s.machine.capacity.register_bits[t] = 16 * register_words;
        s.machine.capacity.buffering[t] = MF_BUFFERING_FREED;
    }
    s.machine.executed = 1;
    s.machine.position_cycles = 1;
    s.machine.counts_first_psum_read = s.machine.weights_overlap = true;
    s.machine.array_pes = 1;
    return s;
}

// Nothing beats what is found, and that has this tile.
void expect_best(const char *why, const Setting &setting, mf_objective objective,
                 mf_tile_level level, int d, uint32_t tile)
{
    SCOPED_TRACE(why);
    std::vector<std::array<uint32_t, MF_N_TILE_LEVELS>> tiles[MF_N_DIMENSIONS];
    for (int k = 0; k < MF_N_DIMENSIONS; k++)
        tiles[k] = tiles_of(setting, k);
    mf_found found;
    ASSERT_EQ(setting.search(objective, &found), MF_OK);
    double least = DBL_MAX;
    for_each_nest(setting, empty_nest(setting), 0, tiles, [&](const mf_mapping &m) {
        least = std::min(least, value(objective, {}, setting.cost(m)));
    });
    EXPECT_DOUBLE_EQ(value(objective, {}, found.cost), least) << setting.text(found.mapping);
    EXPECT_EQ(found.mapping.tile[level][d], tile) << setting.text(found.mapping);
}

// ---- nests from elsewhere ----------------------------------------------------------------------

// A nest of the dataflow with any tiles that its rules allow.
mf_mapping random_follower(mf_random *random, const Setting &setting)
{
    const mf_dataflow &f = *setting.dataflow;
    mf_mapping m = empty_nest(setting);
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        const unsigned bit = MF_BIT(d);
        uint32_t size = setting.work.size[d], reg = 1, columns, rows, buffer;
        if (f.in_register & bit)
            reg = between(random, 1, size);
        columns = f.on_columns & bit ? std::min(size, reg * between(random, 1, 6)) : reg;
        rows =
            f.whole_on_rows & bit
                ? static_cast<uint32_t>(std::min<uint64_t>(setting.machine.capacity.pe_rows, size))
            : f.on_rows & bit ? std::min(size, columns * between(random, 1, 6))
                              : columns;
        buffer = d == MF_R || d == MF_S
                     ? size
                     : std::min(size, rows * between(random, 1, size / rows + 1));
        const uint32_t tile[] = {reg, columns, rows, buffer};
        for (int level = 0; level < MF_N_TILE_LEVELS; level++)
            m.tile[level][d] = tile[level];
        m.order[MF_BUFFER_LOOPS][d] = f.buffer_order[d];
    }
    for (uint32_t i = MF_N_DIMENSIONS - 1; i > 0; i--)
        std::swap(m.order[MF_DRAM_LOOPS][i], m.order[MF_DRAM_LOOPS][between(random, 0, i)]);
    return m;
}

// The same nest with some buffer tiles cut or grown, and other DRAM loops inside.
mf_mapping cut_at_random(mf_random *random, const Setting &setting, mf_mapping m)
{
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        if (d != MF_R && d != MF_S && one_in(random, 3)) {
            uint32_t rows = m.tile[MF_ROWS][d], size = setting.work.size[d];
            m.tile[MF_BUFFER][d] = std::min(size, rows * between(random, 1, size / rows + 1));
        }
    for (uint32_t i = 0; i < between(random, 0, 3); i++)
        std::swap(m.order[MF_DRAM_LOOPS][between(random, 0, MF_N_DIMENSIONS - 1)],
                  m.order[MF_DRAM_LOOPS][between(random, 0, MF_N_DIMENSIONS - 1)]);
    return m;
}

// The same machine with less or more of something.
Setting changed(mf_random *random, const Setting &setting)
{
    Setting other = setting;
    mf_capacity &c = other.machine.capacity;
    auto scale = [&](uint64_t &x) {
        static const double factors[] = {0.25, 0.5, 0.7, 1.5, 2, 4};
        x = std::max<uint64_t>(
            1, static_cast<uint64_t>(static_cast<double>(x) * factors[between(random, 0, 5)]));
    };
    switch (between(random, 0, 4)) {
    case 0:
    case 1:
        scale(c.buffer_bits);
        break;
    case 2:
        scale(c.register_bits[between(random, 0, 2)]);
        break;
    case 3:
        c.pe_rows = between(random, 1, 8);
        c.pe_columns = between(random, 1, 8);
        break;
    default: { /* other prices: another nest is best */
        mf_machine prices = random_machine(random);
        prices.capacity = c;
        other.machine = prices;
    }
    }
    return other;
}

uint64_t against_nests_from_elsewhere(uint64_t seed)
{
    mf_random random = mf_random_stream(41, seed);
    Setting setting{};
    setting.work = random_nest::work(&random, {3, 3, 24, 24, 20, 20, 5, 5});
    setting.machine = random_machine(&random);
    random_bypass(&random, setting.bypass);
    uint64_t n = 0;
    SCOPED_TRACE("seed " + std::to_string(seed));
    for (int f = 0; mf_dataflows[f]; f++) {
        setting.dataflow = mf_dataflows[f];
        mf_found found[MF_N_OBJECTIVES], elsewhere;
        Least least;
        if (!search_all(setting, found, &least))
            continue;
        auto compare = [&](const mf_mapping &m) {
            if (testing::Test::HasFailure() || !setting.admits(m))
                return;
            expect_not_beaten(setting, found, least, m);
            n++;
        };
        for (const mf_found &own : found) {
            mf_cost cost = setting.cost(own.mapping);
            EXPECT_TRUE(setting.admits(own.mapping)) << setting.text(own.mapping);
            EXPECT_EQ(cost.energy_pj, own.cost.energy_pj) << "what is printed is of the nest";
            EXPECT_EQ(cost.cycles, own.cost.cycles);
            compare(own.mapping);
            for (int i = 0; i < 40; i++)
                compare(cut_at_random(&random, setting, own.mapping));
        }
        for (int i = 0; i < 6; i++) {
            Setting other = changed(&random, setting);
            if (other.search(static_cast<mf_objective>(between(&random, 0, 3)), &elsewhere) !=
                MF_OK)
                continue;
            compare(elsewhere.mapping);
            for (int k = 0; k < 20; k++)
                compare(cut_at_random(&random, setting, elsewhere.mapping));
        }
        for (int i = 0; i < 100; i++)
            compare(random_follower(&random, setting));
    }
    return n;
}

// ---- more is never worse -----------------------------------------------------------------------

// How often the balanced objective rises, of its own.
uint64_t expect_no_worse_with_more(uint64_t seed)
{
    mf_random random = mf_random_stream(45, seed);
    Setting setting{};
    setting.work = random_nest::work(&random, {3, 3, 24, 24, 20, 20, 5, 5});
    setting.machine = random_machine(&random);
    random_bypass(&random, setting.bypass);
    setting.dataflow = mf_dataflows[between(&random, 0, 3)];
    uint64_t *grows = between(&random, 0, 1) == 0
                          ? &setting.machine.capacity.buffer_bits
                          : &setting.machine.capacity.register_bits[between(&random, 0, 2)];
    double before[MF_N_OBJECTIVES] = {DBL_MAX, DBL_MAX, DBL_MAX, DBL_MAX};
    double before_balanced = DBL_MAX;
    std::vector<mf_cost> costs;
    uint64_t n_rises = 0;
    Least least;
    bool fitted = false;
    for (int step = 0; step < 8; step++) {
        for (auto objective : {MF_OBJECTIVE_ENERGY, MF_OBJECTIVE_LATENCY, MF_OBJECTIVE_EDP}) {
            mf_found found;
            mf_status status = setting.search(objective, &found);
            EXPECT_TRUE(status == MF_OK || !fitted) << "seed " << seed << ": fitted with less";
            if (status != MF_OK)
                continue;
            fitted = true;
            double now = value(objective, {}, found.cost);
            EXPECT_LE(now, before[objective] * (1 + 1e-9))
                << "seed " << seed << " " << mf_objective_name(objective) << " "
                << setting.text(found.mapping);
            before[objective] = now;
            least.energy_pj = objective == MF_OBJECTIVE_ENERGY ? now : least.energy_pj;
            least.cycles = objective == MF_OBJECTIVE_LATENCY ? now : least.cycles;
        }
        // What is balanced is relative to the least energy and the least time, and these get less,
        // too: the number itself may rise. By the same measure no nest found with less is better.
        mf_found balanced;
        if (fitted && meaningful(least) &&
            setting.search(MF_OBJECTIVE_BALANCED, &balanced) == MF_OK) {
            double now = value(MF_OBJECTIVE_BALANCED, least, balanced.cost);
            n_rises += now > before_balanced * (1 + 1e-9);
            before_balanced = now;
            for (const mf_cost &earlier : costs)
                EXPECT_LE(now, value(MF_OBJECTIVE_BALANCED, least, earlier) * (1 + 1e-9))
                    << "seed " << seed << " balanced " << setting.text(balanced.mapping);
            costs.push_back(balanced.cost);
        }
        *grows += *grows / between(&random, 1, 6) + 1;
    }
    return n_rises;
}

// Seeds of a test: the given number, or new ones for as long as the environment says.
uint64_t for_seeds(uint64_t usual, const std::function<uint64_t(uint64_t)> &one)
{
    const char *seconds = std::getenv("MULFREE_SEARCH_SECONDS");
    auto end =
        std::chrono::steady_clock::now() + std::chrono::seconds(seconds ? std::atoi(seconds) : 0);
    uint64_t n = 0, seed = 0;
    usual = n_cases(usual);
    while (!testing::Test::HasFailure() && (seed < usual || std::chrono::steady_clock::now() < end))
        n += one(seed++);
    std::printf("%llu seeds, %llu nests\n", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(n));
    return n;
}
} // namespace

TEST(Search, FindsTheBestOfAllNests)
{
    EXPECT_GT(for_seeds(600, against_all_nests), n_cases(50000));
}

// Seven lines of search_choices.c keep a tile that is worse in all but one thing. In each of these
// settings that one thing decides: without the line the search finds a worse nest. Random layers
// hardly get there: most often another tile makes good for the one that is left out.
TEST(Search, KeepsTilesThatAreBetterInOneThingOnly)
{
    // Channels come one by one from DRAM, so that psums stay in the buffer; it has room for eight
    // of nine filters. Each buffer tile of filters has the ifmap delivered to the PEs of its first
    // array tile. Two columns: filters 8 + 1 take 2 + 1 PEs, 6 + 3 take 2 + 2.
    const mf_work filters_channels{{1, 1, 9, 2, 1, 1, 1, 1}, 1, 1, 1, 0, 0};
    for (uint32_t columns : {2u, 4u}) {
        Setting s =
            plain_setting(&mf_dataflow_weight_stationary, filters_channels, 1, columns, 1, 9);
        s.machine.read_pj[MF_LEVEL_NETWORK][MF_IFMAP] = 1;
        s.machine.read_pj[MF_LEVEL_DRAM][MF_PSUM] = s.machine.output_pj = 1;
        s.machine.write_pj[MF_LEVEL_DRAM][MF_PSUM] = 1;
        if (columns == 2)
            expect_best("last trip of a buffer tile", s, MF_OBJECTIVE_EDP, MF_BUFFER, MF_M, 8);
        else // 4 + 1 PEs, though three columns take as many steps and visits: 3 + 3
            expect_best("PEs of the last tile", s, MF_OBJECTIVE_EDP, MF_ROWS, MF_M, 4);
    }
    // Ten filters on three columns, a PE holds three: 9 + 1 visit four PEs, 6 + 4 five. Nine on
    // two, a PE holds four: 8 + 1 take 4 + 1 steps, 6 + 3 take 3 + 3.
    const mf_work ten{{1, 1, 10, 1, 1, 2, 1, 1}, 1, 2, 1, 0, 0},
        nine{{1, 1, 9, 1, 1, 2, 1, 1}, 1, 2, 1, 0, 0};
    Setting s = plain_setting(&mf_dataflow_row_stationary, ten, 1, 3, 3, 99);
    s.machine.read_pj[MF_LEVEL_NETWORK][MF_IFMAP] = 1;
    s.machine.read_pj[MF_LEVEL_DRAM][MF_WEIGHT] = 1;
    expect_best("visits", s, MF_OBJECTIVE_EDP, MF_ROWS, MF_M, 9);
    Setting busy = plain_setting(&mf_dataflow_row_stationary, nine, 1, 2, 4, 99);
    memcpy(busy.machine.read_pj, s.machine.read_pj, sizeof busy.machine.read_pj);
    expect_best("the busiest PE", busy, MF_OBJECTIVE_EDP, MF_ROWS, MF_M, 8);
    // Fourteen filters on two rows of six: 10 + 4 visit three rows of PEs and 8 + 6 four, though
    // four columns are fewer than five.
    const mf_work fourteen{{1, 1, 14, 2, 1, 1, 1, 1}, 1, 1, 1, 0, 0};
    Setting rows = plain_setting(&mf_dataflow_output_stationary, fourteen, 2, 6, 1, 99);
    rows.machine.by_length = true;
    rows.machine.row_bus_pj[MF_IFMAP] = 1;
    for (int level : {MF_LEVEL_GLOBAL_BUFFER, MF_LEVEL_DRAM}) // sums stay: channels are innermost
        rows.machine.read_pj[level][MF_PSUM] = rows.machine.write_pj[level][MF_PSUM] = 1;
    expect_best("visits of rows", rows, MF_OBJECTIVE_EDP, MF_ROWS, MF_M, 10);
    // Three rows padded by two on both sides, five output rows: tiles of 4 + 1 touch 3 + 1 rows,
    // tiles of 3 + 2 touch 3 + 2.
    const mf_work padded{{1, 1, 1, 1, 5, 1, 3, 1}, 3, 1, 1, 2, 0};
    Setting edge = plain_setting(&mf_dataflow_row_stationary, padded, 3, 4, 1, 99);
    edge.machine.read_pj[MF_LEVEL_GLOBAL_BUFFER][MF_IFMAP] = 1;
    edge.machine.write_pj[MF_LEVEL_GLOBAL_BUFFER][MF_IFMAP] = 1;
    expect_best("array tiles at the edge", edge, MF_OBJECTIVE_ENERGY, MF_ROWS, MF_E, 4);
    edge = plain_setting(&mf_dataflow_weight_stationary, padded, 1, 1, 1, 7);
    edge.machine.read_pj[MF_LEVEL_DRAM][MF_IFMAP] = 1;
    expect_best("buffer tiles at the edge", edge, MF_OBJECTIVE_ENERGY, MF_BUFFER, MF_E, 4);
}

TEST(Search, IsNotBeatenByNestsFromElsewhere)
{
    EXPECT_GT(for_seeds(60, against_nests_from_elsewhere), n_cases(5000))
        << "too few nests were admitted for this to mean anything";
}

// Nests from elsewhere make it sooner, and nothing else: byte for byte the nest that is found without.
TEST(Search, FindsTheSameWithNestsFromElsewhere)
{
    uint64_t n_like = 0, n_less = 0;
    const auto one = [&](uint64_t seed) -> uint64_t {
        mf_random random = mf_random_stream(43, seed);
        Setting setting{};
        setting.work = random_nest::work(&random, {2, 2, 24, 24, 12, 12, 3, 3});
        setting.machine = random_machine(&random);
        random_bypass(&random, setting.bypass);
        SCOPED_TRACE("seed " + std::to_string(seed));
        for (int f = 0; mf_dataflows[f]; f++) {
            setting.dataflow = mf_dataflows[f];
            std::vector<mf_mapping> like;
            for (int i = 0; i < 3; i++) {
                Setting other = changed(&random, setting);
                mf_found found;
                if (other.search(static_cast<mf_objective>(between(&random, 0, 3)), &found) ==
                    MF_OK)
                    like.push_back(found.mapping);
            }
            for (int o = 0; o < MF_N_OBJECTIVES; o++) {
                auto objective = static_cast<mf_objective>(o);
                mf_found alone, hinted;
                mf_status status = setting.search(objective, &alone);
                for (int own = 0; own < 2; own++) {
                    if (own && status == MF_OK) /* the best of hints */
                        like.push_back(alone.mapping);
                    EXPECT_EQ(mf_search_like(&setting.work, &setting.machine, setting.dataflow,
                                             setting.bypass, objective, like.data(), like.size(),
                                             &hinted, nullptr),
                              status);
                    if (status != MF_OK)
                        continue;
                    EXPECT_EQ(
                        memcmp(hinted.mapping.tile, alone.mapping.tile, sizeof alone.mapping.tile),
                        0)
                        << setting.text(alone.mapping) << "\nand\n"
                        << setting.text(hinted.mapping);
                    EXPECT_EQ(memcmp(hinted.mapping.order, alone.mapping.order,
                                     sizeof alone.mapping.order),
                              0);
                    EXPECT_EQ(hinted.cost.energy_pj, alone.cost.energy_pj);
                    EXPECT_EQ(hinted.cost.cycles, alone.cost.cycles);
                    n_less += hinted.tally.n_tried < alone.tally.n_tried;
                }
                if (status == MF_OK)
                    like.pop_back();
            }
            n_like += like.size();
        }
        return 1;
    };
    EXPECT_GT(for_seeds(200, one), 0u);
    EXPECT_GT(n_like, n_cases(200)) << "too few hints for this to mean anything";
    EXPECT_GT(n_less, n_cases(100)) << "hints that never spare a nest";
}

// The search relies on it (docs/DATAFLOWS.md, "Families").
TEST(Dataflow, OrdersGroupsFirstAndFamiliesTogether)
{
    const unsigned families[] = {MF_BIT(MF_N) | MF_BIT(MF_E) | MF_BIT(MF_F), MF_BIT(MF_M),
                                 MF_BIT(MF_C) | MF_BIT(MF_R) | MF_BIT(MF_S)};
    for (int f = 0; mf_dataflows[f]; f++) {
        const uint8_t *order = mf_dataflows[f]->buffer_order;
        unsigned seen = MF_BIT(MF_G);
        EXPECT_EQ(order[0], MF_G) << mf_dataflows[f]->name;
        for (int i = 1; i < MF_N_DIMENSIONS; i++) {
            for (unsigned family : families)
                if (family & MF_BIT(order[i]) && !(family & MF_BIT(order[i - 1]))) {
                    EXPECT_FALSE(family & seen) << mf_dataflows[f]->name << " comes back to "
                                                << mf_dimension_name(order[i]);
                }
            seen |= MF_BIT(order[i]);
        }
        EXPECT_EQ(seen, MF_BIT(MF_N_DIMENSIONS) - 1);
    }
}

// One nest that each dataflow admits, and one change to it per rule that none admits.
TEST(Dataflow, SaysWhichRuleIsBroken)
{
    Setting s{};
    s.work = {{2, 1, 8, 8, 12, 12, 3, 3}, 14, 14, 1, 0, 0};
    s.machine.capacity.pe_rows = 3;
    s.bypass[MF_WEIGHT] = true;
    for (int f = 0; mf_dataflows[f]; f++) {
        s.dataflow = mf_dataflows[f];
        SCOPED_TRACE(s.dataflow->name);
        mf_mapping nest = empty_nest(s);
        for (int d = 0; d < MF_N_DIMENSIONS; d++)
            nest.order[MF_BUFFER_LOOPS][d] = s.dataflow->buffer_order[d];
        for (int d : {MF_R, MF_S})
            nest.tile[MF_BUFFER][d] = 3;
        if (s.dataflow->whole_on_rows & MF_BIT(MF_R))
            nest.tile[MF_ROWS][MF_R] = 3;
        nest.tile[MF_BUFFER][MF_M] = nest.tile[MF_BUFFER][MF_N] = 2;
        auto admits = [&](const mf_mapping &m, mf_diag *diag) {
            return mf_dataflow_admits(s.dataflow, &s.work, &s.machine.capacity, s.bypass, &m, diag);
        };
        EXPECT_OK(admits(nest, D));
        mf_mapping m = nest;
        m.tile[MF_BUFFER][MF_E] = 13;
        EXPECT_FAILS(MF_INVALID, "tiles of E", admits(m, D));
        m = nest;
        m.tile[MF_COLUMNS][MF_M] = m.tile[MF_ROWS][MF_M] = 2;
        m.tile[MF_BUFFER][MF_M] = 5;
        EXPECT_FAILS(MF_INVALID, "neither a whole number of rows tiles of 2 nor all 8",
                     admits(m, D));
        m = nest;
        for (int level = MF_REGISTER; level <= MF_ROWS; level++)
            m.tile[level][MF_N] = 2;
        EXPECT_FAILS(MF_INVALID, "no N (image) steps within a PE", admits(m, D));
        m = nest;
        for (int level = MF_COLUMNS; level <= MF_ROWS; level++)
            m.tile[level][MF_N] = 2;
        EXPECT_FAILS(MF_INVALID, "no N (image) over PE columns", admits(m, D));
        m = nest;
        m.tile[MF_ROWS][MF_N] = 2;
        EXPECT_FAILS(MF_INVALID, "no N (image) over PE rows", admits(m, D));
        m = nest;
        m.tile[MF_BUFFER][MF_S] = 1;
        EXPECT_FAILS(MF_INVALID, "whole kernel windows", admits(m, D));
        m = nest;
        std::reverse(m.order[MF_BUFFER_LOOPS], m.order[MF_BUFFER_LOOPS] + MF_N_DIMENSIONS);
        EXPECT_FAILS(MF_INVALID, "is inside that over", admits(m, D));
        m = nest;
        m.bypass_register[MF_PSUM] = !m.bypass_register[MF_PSUM];
        EXPECT_FAILS(MF_INVALID, "the registers", admits(m, D));
        m = nest;
        m.bypass_buffer[MF_IFMAP] = true;
        EXPECT_FAILS(MF_INVALID, "the buffer of this accelerator", admits(m, D));
        if (!s.dataflow->whole_on_rows)
            continue;
        m = nest;
        m.tile[MF_ROWS][MF_R] = 1;
        EXPECT_FAILS(MF_INVALID, "goes over 3 PE rows", admits(m, D));
    }
}

TEST(Search, IsNoWorseWithMoreBufferOrRegisters)
{
    uint64_t n_rises = 0;
    for_seeds(100, [&](uint64_t seed) {
        n_rises += expect_no_worse_with_more(seed);
        return uint64_t{0};
    });
    std::printf("the balanced objective rose %llu times\n",
                static_cast<unsigned long long>(n_rises));
}

TEST(Search, SaysWhyNothingFits)
{
    const bool bypass_weights[] = {false, true, false};
    mf_random random = mf_random_stream(43, 0);
    mf_machine machine = random_machine(&random);
    mf_work w{{1, 1, 4, 4, 6, 6, 3, 3}, 8, 8, 1, 0, 0};
    mf_found found;
    machine.capacity.bits[MF_PSUM] = 16;
    machine.capacity.register_bits[MF_PSUM] = 15;
    EXPECT_FAILS(MF_NO_MAPPING, "overfill the registers",
                 mf_search(&w, &machine, &mf_dataflow_row_stationary, bypass_weights,
                           MF_OBJECTIVE_EDP, &found, D));
    machine.capacity.register_bits[MF_PSUM] = 16;
    machine.capacity.buffer_bits = 40;
    EXPECT_FAILS(MF_NO_MAPPING, "overfill the buffer",
                 mf_search(&w, &machine, &mf_dataflow_row_stationary, bypass_weights,
                           MF_OBJECTIVE_EDP, &found, D));
}

// The five mappings published for the chip: PEs at work and words in the buffer as printed with
// them.
namespace
{
const bool bypass_weights[] = {false, true, false};
}

TEST(RowStationary, LaysOutThePublishedMappings)
{
    const struct {
        mf_work work;
        mf_row_stationary_terms terms;
        uint64_t pes;
        double ifmap_kib, psum_kib;
    } published[] = {
        {{{4, 1, 96, 3, 55, 55, 11, 11}, 227, 227, 4, 0, 0},
         {96, 1, 7, 16, 1, 1, 2},
         154,
         15.5,
         72.2},
        {{{4, 2, 128, 48, 27, 27, 5, 5}, 31, 31, 1, 0, 0},
         {64, 1, 27, 16, 2, 1, 1},
         135,
         3.8,
         91.1},
        {{{4, 1, 384, 256, 13, 13, 3, 3}, 15, 15, 1, 0, 0},
         {64, 4, 13, 16, 4, 1, 4},
         156,
         7.0,
         84.5},
        {{{4, 2, 192, 192, 13, 13, 3, 3}, 15, 15, 1, 0, 0},
         {64, 4, 13, 16, 3, 2, 2},
         156,
         10.5,
         84.5},
        {{{4, 2, 128, 192, 13, 13, 3, 3}, 15, 15, 1, 0, 0},
         {64, 4, 13, 16, 3, 2, 2},
         156,
         10.5,
         84.5},
    };
    for (const auto &p : published) {
        mf_mapping m;
        EXPECT_OK(mf_row_stationary_nest(&p.work, &p.terms, 12, 14, bypass_weights, &m, D));
        const mf_capacity chip = {.pe_rows = 12, .pe_columns = 14};
        EXPECT_OK(
            mf_dataflow_admits(&mf_dataflow_row_stationary, &p.work, &chip, bypass_weights, &m, D));
        mf_split split[MF_N_DIMENSIONS];
        uint64_t pes = 1;
        mf_splits_of(&p.work, &m, split);
        for (const mf_split &s : split)
            pes *= s.pes[0];
        EXPECT_EQ(pes, p.pes);
        mf_contributions contributions = mf_contributions_of(&p.work, &m);
        auto kib = [&](int t) {
            return static_cast<double>(mf_tile_words(&m, MF_BUFFER, t, &contributions)) * 2 / 1024;
        };
        EXPECT_NEAR(kib(MF_IFMAP), p.ifmap_kib, 0.06);
        EXPECT_NEAR(kib(MF_PSUM), p.psum_kib, 0.06);
        mf_row_stationary_terms t = mf_row_stationary_terms_of(&m);
        EXPECT_EQ(memcmp(&t, &p.terms, sizeof t), 0);
    }
}

TEST(RowStationary, RefusesTermsThatDoNotFit)
{
    mf_work w{{1, 1, 16, 16, 13, 13, 3, 3}, 15, 15, 1, 0, 0};
    mf_mapping m;
    mf_row_stationary_terms t = {16, 1, 13, 4, 2, 4, 2};
    EXPECT_FAILS(MF_NO_MAPPING, "24 PE rows",
                 mf_row_stationary_nest(&w, &t, 12, 14, bypass_weights, &m, D));
    t = {4, 1, 13, 4, 2, 1, 2};
    EXPECT_FAILS(MF_INVALID, "less than p*t = 8",
                 mf_row_stationary_nest(&w, &t, 12, 14, bypass_weights, &m, D));
    t = {4, 1, 14, 4, 2, 1, 1};
    EXPECT_FAILS(MF_INVALID, "e is 14",
                 mf_row_stationary_nest(&w, &t, 12, 14, bypass_weights, &m, D));
}
