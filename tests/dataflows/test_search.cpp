// Does the search find the best nest of a dataflow? No random nest that follows the same dataflow
// may beat it, whatever its tiles and its DRAM order; and what it finds is legal, deterministic and
// best by its own objective.
#include "dataflows/row_stationary.h"
#include "dataflows/search.h"
#include "tests/dataflows/random_nest.h"
#include "tests/support/support.h"

#include <algorithm>

namespace
{
mf_machine random_machine(mf_random *random)
{
    using random_nest::between;
    mf_machine m{};
    m.capacity.pe_rows = between(random, 3, 6);
    m.capacity.pe_columns = between(random, 1, 6);
    m.capacity.buffer_bits = 16 * between(random, 300, 1500);
    for (int t = 0; t < MF_N_TENSORS; t++) {
        m.capacity.bits[t] = 16;
        m.capacity.register_bits[t] = 16 * between(random, 3, 24);
        m.capacity.buffering[t] = static_cast<mf_buffering>(between(random, 0, 2));
        for (int level = 0; level < MF_N_LEVELS; level++)
            m.access_pj[level][t] = mf_random_real(random) * (level == MF_LEVEL_DRAM ? 200 : 6);
        m.dram_cycles[t] = mf_random_real(random);
    }
    for (double &cycles : m.bus_cycles)
        cycles = mf_random_real(random);
    m.output_pj = mf_random_real(random) * 200;
    m.output_cycles = mf_random_real(random);
    m.mac_pj = 1;
    m.executed = 1;
    m.position_cycles = 1;
    m.gates_padding = true;
    m.counts_first_psum_read = true;
    m.array_pes = 1;
    return m;
}

// A nest of the dataflow with any tiles that its rules allow.
mf_mapping random_follower(mf_random *random, const mf_work &w, const mf_dataflow &f,
                           const bool *bypass)
{
    using random_nest::between;
    mf_mapping m{};
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        const unsigned bit = MF_BIT(d);
        uint32_t size = w.size[d], reg = 1, columns, rows, buffer;
        if (f.whole_in_register & bit)
            reg = size;
        else if (f.in_register & bit)
            reg = between(random, 1, size);
        columns = f.on_columns & bit ? std::min(size, reg * between(random, 1, 6)) : reg;
        rows = f.whole_on_rows & bit ? size
               : f.on_rows & bit     ? std::min(size, columns * between(random, 1, 6))
                                     : columns;
        buffer = f.whole_in_buffer & bit ? size : between(random, rows, size);
        const uint32_t tile[] = {reg, columns, rows, buffer};
        for (int level = 0; level < MF_N_TILE_LEVELS; level++)
            m.tile[level][d] = tile[level];
        m.order[MF_DRAM_LOOPS][d] = static_cast<uint8_t>(d);
        m.order[MF_BUFFER_LOOPS][d] = f.buffer_order[d];
    }
    for (uint32_t i = MF_N_DIMENSIONS - 1; i > 0; i--)
        std::swap(m.order[MF_DRAM_LOOPS][i], m.order[MF_DRAM_LOOPS][between(random, 0, i)]);
    std::copy(bypass, bypass + MF_N_TENSORS, m.bypass_buffer);
    std::copy(f.bypass_register, f.bypass_register + MF_N_TENSORS, m.bypass_register);
    return m;
}

double value(mf_objective objective, const mf_cost &c)
{
    return objective == MF_OBJECTIVE_ENERGY    ? c.energy_pj
           : objective == MF_OBJECTIVE_LATENCY ? c.cycles
                                               : c.energy_pj * c.cycles;
}

const bool bypass_weights[] = {false, true, false};
} // namespace

TEST(Search, IsNotBeatenByAnyNestOfItsDataflow)
{
    int compared = 0, searched = 0;
    for (uint64_t seed = 0; seed < 250 && !HasFailure(); seed++) {
        mf_random random = mf_random_stream(41, seed);
        mf_work w = random_nest::work(&random, {3, 3, 12, 12, 9, 9, 3, 3});
        mf_machine machine = random_machine(&random);
        for (int f = 0; mf_dataflows[f]; f++)
            for (mf_objective objective :
                 {MF_OBJECTIVE_ENERGY, MF_OBJECTIVE_LATENCY, MF_OBJECTIVE_EDP}) {
                mf_found found;
                mf_diag diag = {};
                if (mf_search(&w, &machine, mf_dataflows[f], bypass_weights, objective, &found,
                              &diag) != MF_OK)
                    continue;
                searched++;
                SCOPED_TRACE("seed " + std::to_string(seed) + " " + mf_dataflows[f]->name + " " +
                             mf_objective_name(objective) + "\nfound\n" +
                             random_nest::text(w, found.mapping));
                EXPECT_OK(mf_mapping_check_nest(&found.mapping, &w, D));
                EXPECT_OK(mf_mapping_check_capacity(&found.mapping, &w, &machine.capacity, D));
                mf_counts counts;
                mf_cost cost;
                mf_cost_of_mapping(&machine, &w, &found.mapping, &counts, &cost);
                EXPECT_EQ(cost.energy_pj, found.cost.energy_pj) << "what is printed is of the nest";
                EXPECT_EQ(cost.cycles, found.cost.cycles);
                for (int i = 0; i < 200 && !HasFailure(); i++) {
                    mf_mapping m = random_follower(&random, w, *mf_dataflows[f], bypass_weights);
                    if (mf_mapping_check_nest(&m, &w, nullptr) != MF_OK ||
                        mf_mapping_check_capacity(&m, &w, &machine.capacity, nullptr) != MF_OK)
                        continue;
                    mf_cost_of_mapping(&machine, &w, &m, &counts, &cost);
                    EXPECT_GE(value(objective, cost) * (1 + 1e-9), value(objective, found.cost))
                        << "beaten by\n"
                        << random_nest::text(w, m);
                    compared++;
                }
            }
    }
    EXPECT_GT(searched, 1500);
    EXPECT_GT(compared, 20000) << "too few random nests were legal for this to mean anything";
}

TEST(Search, BalancedLiesBetweenItsExtremes)
{
    for (uint64_t seed = 0; seed < 40; seed++) {
        mf_random random = mf_random_stream(42, seed);
        mf_work w = random_nest::work(&random, {2, 2, 12, 12, 9, 9, 3, 3});
        mf_machine machine = random_machine(&random);
        mf_found found[MF_N_OBJECTIVES];
        bool all = true;
        for (int o = 0; o < MF_N_OBJECTIVES; o++)
            all = all && mf_search(&w, &machine, &mf_dataflow_row_stationary, bypass_weights,
                                   static_cast<mf_objective>(o), &found[o], nullptr) == MF_OK;
        if (!all)
            continue;
        const mf_cost &e = found[MF_OBJECTIVE_ENERGY].cost, &l = found[MF_OBJECTIVE_LATENCY].cost;
        auto sum = [&](const mf_cost &c) {
            return c.energy_pj / e.energy_pj + c.cycles / l.cycles;
        };
        for (const mf_found &other : found)
            EXPECT_LE(sum(found[MF_OBJECTIVE_BALANCED].cost), sum(other.cost) * (1 + 1e-9)) << seed;
    }
}

TEST(Search, SaysWhyNothingFits)
{
    mf_random random = mf_random_stream(43, 0);
    mf_machine machine = random_machine(&random);
    mf_work w{{1, 1, 4, 4, 6, 6, 3, 3}, 8, 8, 1, 0, 0};
    mf_found found;
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
        EXPECT_OK(mf_row_stationary_nest(&p.work, &p.terms, 12, 14, &m, D));
        EXPECT_OK(mf_mapping_check_nest(&m, &p.work, D));
        mf_split split[MF_N_DIMENSIONS];
        uint64_t pes = 1;
        mf_splits_of(&p.work, &m, split);
        for (const mf_split &s : split)
            pes *= s.pes[0];
        EXPECT_EQ(pes, p.pes);
        mf_halo rows = mf_halo_of(&p.work, &m, true), columns = mf_halo_of(&p.work, &m, false);
        auto kib = [&](int t) {
            return static_cast<double>(mf_tile_words(&m, MF_BUFFER, t, &rows, &columns)) * 2 / 1024;
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
    EXPECT_FAILS(MF_NO_MAPPING, "24 PE rows", mf_row_stationary_nest(&w, &t, 12, 14, &m, D));
    t = {4, 1, 13, 4, 2, 1, 2};
    EXPECT_FAILS(MF_INVALID, "less than p*t = 8", mf_row_stationary_nest(&w, &t, 12, 14, &m, D));
    t = {4, 1, 14, 4, 2, 1, 1};
    EXPECT_FAILS(MF_INVALID, "e is 14", mf_row_stationary_nest(&w, &t, 12, 14, &m, D));
}
