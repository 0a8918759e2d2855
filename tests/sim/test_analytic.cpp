// Does the consistent account keep its books: sums, gating, coding, areas, bandwidth; and does it
// agree with the published predictor about cycles when it is given the predictor's mappings?
#include "base/random.h"
#include "sim/area.h"
#include "tests/sim/analytic_fixture.h"

#include <cmath>
#include <set>

// The predictor's mapping as a nest: exact factors, a depthwise layer as C = 1 and M = channels.
// Its cycles are N*M3*M2*M0*C2*C0*E3*F*S; ours are counted by the nest.
TEST(Analytic, GivesThePublishedCyclesForThePublishedMappings)
{
    size_t n = 0;
    for (const char *name : {"mobilenetv2-w0.35", "mobilenetv3-w0.35", "mcunet-in3",
                             "proxylessnas-w0.35", "mobilenetv2-tiny", "alexnet", "resnet18"}) {
        Published p;
        p.run(name, "mult");
        for (size_t i = 0; i < p.result.n_layers; i++, n++) {
            const mf_published_layer &l = p.result.layers[i];
            const mf_published_mapping &f = l.cost.mapping;
            const mf_shape &s = l.layer->shape;
            bool depthwise = l.layer->kind == MF_LAYER_DEPTHWISE;
            auto u = [](uint64_t x) { return static_cast<uint32_t>(x); };
            mf_work w{};
            const uint64_t sizes[] = {
                s.n, 1, f.m0 * f.m1 * f.m2 * f.m3, f.c0 * f.c1 * f.c2, f.e1 * f.e3, s.f, s.r, s.s};
            for (int d = 0; d < MF_N_DIMENSIONS; d++)
                w.size[d] = u(sizes[d]);
            w.h = u(s.h), w.w = u(s.w), w.stride = u(s.stride);
            EXPECT_EQ(w.size[MF_C], depthwise ? 1 : s.c / s.g);
            mf_mapping m{};
            const uint64_t reg[] = {1, 1, f.m0, f.c0, 1, 1, 1, s.s},
                           array[] = {1, 1, f.m0 * f.m1, f.c0 * f.c1, f.e1, 1, s.r, s.s},
                           buffer[] = {f.n0, 1,  f.m0 * f.m1 * f.m2, f.c0 * f.c1 * f.c2, f.e1, s.f,
                                       s.r,  s.s};
            for (int d = 0; d < MF_N_DIMENSIONS; d++) {
                m.tile[MF_REGISTER][d] = u(reg[d]);
                m.tile[MF_COLUMNS][d] = m.tile[MF_ROWS][d] = u(array[d]);
                m.tile[MF_BUFFER][d] = u(buffer[d]);
                m.order[0][d] = m.order[1][d] = static_cast<uint8_t>(d);
            }
            EXPECT_OK(mf_mapping_check_nest(&m, &w, D));
            mf_counts counts;
            mf_reuse_count(&w, &m, false, &counts);
            EXPECT_EQ(counts.n_compute_cycles * l.n_groups, l.cost.n_cycles)
                << name << " " << l.layer->name;
            mf_split split[MF_N_DIMENSIONS];
            mf_splits_of(&w, &m, split);
            uint64_t pes = 1;
            for (const mf_split &x : split)
                pes *= x.pes[0];
            EXPECT_EQ(pes, l.cost.n_active_pes) << name << " " << l.layer->name;
        }
    }
    EXPECT_GT(n, 300u);
}

TEST(Analytic, PartsSumToTotals)
{
    for (const char *op : {"mult", "shift", "add"}) {
        Account a("shiftaddaug-16x12");
        const mf_analytic_result &r = a.run("mobilenetv3-w0.35", op, 64);
        ASSERT_EQ(a.status, MF_OK) << a.diag.message;
        double energy = 0, cycles = 0, parts = r.mac_mj;
        uint64_t macs = 0, searched = 0;
        for (size_t i = 0; i < r.n_rows; i++) {
            const mf_analytic_row &row = r.rows[i];
            energy += row.energy_pj * 1e-9;
            cycles += row.cycles;
            if (row.vector) {
                EXPECT_GT(row.n_operations, 0u);
                EXPECT_GT(row.energy_pj, 0);
                continue;
            }
            macs += row.found.counts.n_macs;
            searched += row.known ? 0 : 1;
            EXPECT_EQ(row.found.counts.n_macs, mf_shape_macs(&row.layer->shape));
            EXPECT_GT(row.utilisation, 0);
            EXPECT_LE(row.utilisation, 1);
            EXPECT_EQ(row.cycles, row.found.cost.cycles);
        }
        for (const auto &level : r.access_mj)
            for (double mj : level)
                parts += mj;
        EXPECT_NEAR(r.energy_mj, energy, 1e-12 + energy * 1e-12);
        EXPECT_NEAR(r.array_mj, parts, parts * 1e-12);
        EXPECT_NEAR(r.latency_ms, cycles / 250e3, cycles * 1e-15);
        EXPECT_LT(searched, a.network->n_weight_layers) << "identical layers are searched once";
        EXPECT_GT(macs, 0u);
    }
}

// Maps that are put behind each other, however many: each word is read from DRAM through the buffer
// and written back, and none is computed with.
TEST(Analytic, ManyMapsThatMeetPayForEachOfThem)
{
    Account a("shiftaddaug-16x12");
    mf_network *network = nullptr;
    ASSERT_OK(
        mf_network_load(source_path("tests/models/inception.json").c_str(), nullptr, &network, D));
    const mf_analytic_result &r = a.run(network, "mult");
    ASSERT_EQ(a.status, MF_OK) << a.diag.message;
    const mf_access_price *dram = &a.prices.at[MF_LEVEL_DRAM][MF_IFMAP],
                          *buffer = &a.prices.at[MF_LEVEL_GLOBAL_BUFFER][MF_IFMAP];
    ASSERT_EQ(dram->read, dram->write);
    const double word_pj =
        mf_read_price(dram, 16) + mf_read_price(buffer, 16) + mf_write_price(buffer, 16);
    std::vector<double> words;
    for (size_t i = 0; i < r.n_rows; i++) {
        const mf_analytic_row &row = r.rows[i];
        if (row.layer->kind != MF_LAYER_CONCAT)
            continue;
        words.push_back(row.energy_pj / word_pj);
        const double bits_per_cycle = a.accelerator.dram_mb_per_s * 8 / a.accelerator.clock_mhz;
        EXPECT_NEAR(row.cycles, words.back() * 16 / bits_per_cycle, 1e-9 * row.cycles);
        EXPECT_EQ(row.n_operations, 0u);
    }
    ASSERT_EQ(words.size(), 2u); // of 8 x 8 pixels
    EXPECT_NEAR(words[0], 64 * 2 * (4 + 5 + 3 + 4), 1e-6);
    EXPECT_NEAR(words[1], 64 * 2 * (7 + 16 + 3 + 16), 1e-6);
}

TEST(Analytic, BoundsAreWhatTheyAreCalled)
{
    const Published::Changes unlimited = {{"ifmap_bus_bits", "unlimited"},
                                          {"weight_bus_bits", "unlimited"},
                                          {"psum_in_bus_bits", "unlimited"},
                                          {"psum_out_bus_bits", "unlimited"},
                                          {"dram_mb_per_s", "unlimited"}};
    Account free("eyeriss-12x14", unlimited);
    const mf_analytic_result &r = free.run("mobilenetv2-w0.35", "mult", 64);
    ASSERT_EQ(free.status, MF_OK) << free.diag.message;
    for (size_t i = 0; i < r.n_rows; i++)
        if (!r.rows[i].vector) {
            EXPECT_EQ(r.rows[i].found.cost.bound, MF_BOUND_COMPUTE);
            EXPECT_EQ(r.rows[i].cycles,
                      static_cast<double>(r.rows[i].found.counts.n_compute_cycles));
        }
    Published::Changes slow = unlimited;
    slow.back().second = "1";
    Account dram("eyeriss-12x14", slow);
    const mf_analytic_result &s = dram.run("mobilenetv2-w0.35", "mult", 64);
    ASSERT_EQ(dram.status, MF_OK) << dram.diag.message;
    for (size_t i = 0; i < s.n_rows; i++)
        if (!s.rows[i].vector) {
            // 200 MHz and 1 MB/s: 25 cycles per bit, and nothing else matters.
            const mf_flow *flow = s.rows[i].found.counts.flow;
            double words = static_cast<double>(flow[0].dram_reads + flow[1].dram_reads +
                                               flow[2].dram_reads + flow[2].dram_writes);
            EXPECT_EQ(s.rows[i].found.cost.bound, MF_BOUND_DRAM);
            EXPECT_GE(s.rows[i].cycles, words * 16 * 25 * (1 - 1e-9));
            EXPECT_LE(s.rows[i].cycles,
                      words * 16 * 25 * (1 + 1e-9) + s.rows[i].found.cost.array_cycles);
        }
}

TEST(Analytic, ZerosGateWhatTheyCan)
{
    for (const char *op : {"mult", "shift", "add"}) {
        mf_zeros zeros[64];
        for (mf_zeros &z : zeros)
            z = {0.5, -1};
        Account dense("eyeriss-12x14"), sparse("eyeriss-12x14");
        dense.options.objective = sparse.options.objective = MF_OBJECTIVE_LATENCY;
        const mf_analytic_result &d = dense.run("resnet20-cifar", op),
                                 &s = sparse.run("resnet20-cifar", op, 0, zeros);
        double gated = 0, all = 0;
        for (size_t i = 0; i < d.n_rows; i++) {
            if (d.rows[i].vector)
                continue;
            bool gates =
                std::string(mf_operators_at(dense.base.operators, d.rows[i].op)->name) != "add";
            const mf_cost &x = d.rows[i].found.cost, &y = s.rows[i].found.cost;
            EXPECT_NEAR(y.n_executed, x.n_executed * (gates ? 0.5 : 1), 1e-6);
            EXPECT_NEAR(y.mac_pj, x.mac_pj * (gates ? 0.5 : 1), x.mac_pj * 1e-12);
            if (!gates) {
                EXPECT_EQ(x.n_executed, static_cast<double>(d.rows[i].found.counts.n_macs))
                    << "Add computes |0 - w| on padding, too";
            }
            gated += y.access_pj[MF_LEVEL_DRAM][MF_IFMAP];
            all += x.access_pj[MF_LEVEL_DRAM][MF_IFMAP];
        }
        EXPECT_LT(gated, all) << "coded ifmaps";
    }
}

// The expectation against a coder at work on random words: 5-bit runs, 16-bit words, three pairs to
// 64 bits.
TEST(Machine, RunLengthRatioIsThatOfACoder)
{
    mf_random random = mf_random_seed(7);
    for (double zeros : {0.0, 0.1, 0.387, 0.6, 0.793, 0.95, 0.99}) {
        const int n = 400000;
        int pairs = 0, run = 0;
        for (int i = 0; i < n; i++) {
            bool zero = mf_random_real(&random) < zeros;
            if (zero && run < 31) {
                run++;
                continue;
            }
            pairs++;
            run = 0;
        }
        double measured = pairs / 3.0 * 64 / (16.0 * n);
        double expected = mf_run_length_ratio(5, 16, zeros);
        EXPECT_NEAR(expected, std::min(1.0, measured), 0.01 * measured) << zeros;
    }
    EXPECT_EQ(mf_run_length_ratio(0, 16, 0.9), 1);
    EXPECT_EQ(mf_run_length_ratio(5, 16, -1), 1);
    EXPECT_EQ(mf_run_length_ratio(5, 60, 0.9), 1) << "no pair fits";
    EXPECT_NEAR(mf_run_length_ratio(5, 16, 1), 64 / 3.0 / 16 / 32, 1e-12);
}

// By hand: PEs of 32-bit integer multipliers 3495 + 137 + 1000, of shifts 157 + 137 + 1000; 12
// rows.
TEST(Analytic, IsoAreaFillsTheSiliconOfTheMultipliers)
{
    Account a("eyeriss-12x14", {{"pe_overhead_um2", "1000"}, {"psum_bits", "32"}});
    a.options.bits = {32, false};
    a.options.iso_area = true;
    auto columns = [&](const char *op) {
        const mf_analytic_result &r = a.run("resnet20-cifar", op);
        EXPECT_EQ(a.status, MF_OK) << a.diag.message;
        return r.rows[0].pe_columns;
    };
    EXPECT_EQ(columns("mult"), 14u);
    EXPECT_EQ(columns("shift"), static_cast<uint64_t>(14 * 4632.0 / (157 + 137 + 1000)));
    a.options.area_um2 = 12 * 4632.0;
    EXPECT_EQ(columns("mult"), 1u);
    a.options.area_um2 -= 1;
    a.run("resnet20-cifar", "mult");
    EXPECT_EQ(a.status, MF_NO_MAPPING);
    EXPECT_NE(std::string(a.diag.message).find("too few"), std::string::npos) << a.diag.message;
}

// Add keeps its depthwise layers on multipliers: both have PEs, and together no more area than
// there is.
TEST(Analytic, IsoAreaDividesAmongOperators)
{
    Account a("eyeriss-12x14", {{"pe_overhead_um2", "2000"}});
    a.options.iso_area = true;
    a.options.area_um2 = 1e6;
    const mf_analytic_result &r = a.run("mobilenetv2-w0.35", "add", 64);
    ASSERT_EQ(a.status, MF_OK) << a.diag.message;
    double used = 0, mult_add = 0.0;
    std::vector<bool> seen(3);
    for (size_t i = 0; i < r.n_rows; i++) {
        const mf_analytic_row &row = r.rows[i];
        if (row.vector || seen[row.op])
            continue;
        seen[row.op] = true;
        double pe = 0;
        EXPECT_OK(mf_area_pe_um2(&a.accelerator, a.table, mf_operators_at(a.base.operators, row.op),
                                 &row.widths, &pe, D));
        used += pe * static_cast<double>(row.pe_rows * row.pe_columns);
        mult_add++;
    }
    EXPECT_EQ(mult_add, 2);
    EXPECT_LE(used, 1e6);
    EXPECT_GT(used, 0.9e6);
}

// What an output takes in DRAM, on the array and on the vector unit: one bit where only its sign is
// read, its number where that is, both where both are.
TEST(Analytic, MapsAreWrittenAsTheirReadersTakeThem)
{
    Account a("eyeriss-12x14");
    const mf_analytic_result &r = a.run("resnet20-cifar", "xnor");
    ASSERT_EQ(a.status, MF_OK) << a.diag.message;
    double dram = mf_write_price(&a.prices.at[MF_LEVEL_DRAM][MF_PSUM], 1),
           buffer = mf_write_price(&a.prices.at[MF_LEVEL_GLOBAL_BUFFER][MF_PSUM], 1), add;
    EXPECT_OK(mf_machine_event(a.table, MF_EVENT_ADD, false, 16, 16, &add, D));
    size_t mult = 0;
    EXPECT_OK(mf_operators_find(a.base.operators, "mult", &mult, D));
    std::set<uint64_t> seen;
    for (size_t i = 0; i < r.n_rows; i++) {
        const mf_analytic_row &row = r.rows[i];
        if (row.vector && row.layer->number >= 0)
            continue; // what follows the array
        SCOPED_TRACE(row.layer->name);
        auto at = static_cast<int>(row.layer - a.network->layers);
        bool numbers = at + 1 == static_cast<int>(a.network->n_layers), signs = false;
        for (size_t k = 0; k < a.network->n_layers; k++)
            for (size_t in = 0; in < a.network->layers[k].n_inputs; in++) {
                const mf_layer &reader = a.network->layers[k];
                if (reader.input[in] == at)
                    (reader.number < 0 || a.ops[static_cast<size_t>(reader.number)] == mult
                         ? numbers
                         : signs) = true;
            }
        uint64_t bits = (numbers ? 16 : 0) + (signs ? 1 : 0);
        seen.insert(bits);
        EXPECT_EQ(row.widths.written_bits, bits);
        auto outputs = static_cast<double>(mf_shape_ofmap(&row.layer->shape));
        if (!row.vector) {
            EXPECT_EQ(row.widths.activation_bits, row.op == mult ? 16u : 1u);
            EXPECT_NEAR(row.machine.output_pj, dram * static_cast<double>(bits), 1e-9);
        } else if (row.layer->kind == MF_LAYER_RESIDUAL_ADD) {
            double moved = outputs * static_cast<double>(2 * 16 + bits);
            EXPECT_NEAR(row.energy_pj, moved * (dram + 2 * buffer) + 2 * outputs * add,
                        1e-9 * row.energy_pj);
        }
    }
    EXPECT_EQ(seen, (std::set<uint64_t>{1, 16, 17}));
}

// No sign is zero, and signs alone are not coded, whatever shares of zeros are said of the layer.
TEST(Analytic, SignsAreNeitherGatedNorCoded)
{
    Account a("eyeriss-12x14");
    const double plain = a.run("resnet20-cifar", "xnor").energy_mj;
    ASSERT_EQ(a.status, MF_OK) << a.diag.message;
    std::vector<mf_zeros> zeros(a.network->n_weight_layers, MF_ZEROS_UNKNOWN);
    zeros[1] = {0.9, 0.9}; // reads signs, and its map is read as signs alone
    zeros[2].ifmap = 0.9;
    size_t first = 0;
    while (a.network->layers[first].number != 1)
        first++;
    EXPECT_EQ(a.network->layers[first + 1].input[0], static_cast<int>(first));
    EXPECT_EQ(a.run("resnet20-cifar", "xnor", 0, zeros.data()).energy_mj, plain);
    zeros[0].ofmap = 0.9; // numbers beside signs: those are coded
    EXPECT_LT(a.run("resnet20-cifar", "xnor", 0, zeros.data()).energy_mj, plain);
}

TEST(Machine, EveryTensorPaysItsOwnWidth)
{
    Account a("eyeriss-12x14");
    mf_widths w;
    mf_machine wide, narrow;
    EXPECT_OK(mf_prices_make(&a.accelerator, a.table, MF_LAWS_OWN, &a.prices, D));
    size_t shift = 0, mult = 0;
    EXPECT_OK(mf_operators_find(a.base.operators, "shift", &shift, D));
    EXPECT_OK(mf_operators_find(a.base.operators, "mult", &mult, D));
    EXPECT_OK(
        mf_operator_widths(mf_operators_at(a.base.operators, mult), {16, false}, 16, 9, &w, D));
    EXPECT_OK(mf_machine_make(&a.accelerator, mf_operators_at(a.base.operators, mult), &w,
                              &a.prices, MF_ZEROS_UNKNOWN, &wide, D));
    EXPECT_OK(
        mf_operator_widths(mf_operators_at(a.base.operators, shift), {16, false}, 16, 9, &w, D));
    EXPECT_OK(mf_machine_make(&a.accelerator, mf_operators_at(a.base.operators, shift), &w,
                              &a.prices, MF_ZEROS_UNKNOWN, &narrow, D));
    for (int level = 0; level < MF_N_LEVELS; level++) {
        EXPECT_NEAR(narrow.read_pj[level][MF_WEIGHT], wide.read_pj[level][MF_WEIGHT] * 5 / 16,
                    1e-12);
        EXPECT_NEAR(narrow.write_pj[level][MF_WEIGHT], wide.write_pj[level][MF_WEIGHT] * 5 / 16,
                    1e-12);
        for (int t : {MF_IFMAP, MF_PSUM}) {
            EXPECT_EQ(narrow.read_pj[level][t], wide.read_pj[level][t]);
            EXPECT_EQ(narrow.write_pj[level][t], wide.write_pj[level][t]);
        }
    }
    EXPECT_NEAR(narrow.dram_cycles[MF_WEIGHT], wide.dram_cycles[MF_WEIGHT] * 5 / 16, 1e-12);
    // 16-bit shift on the line from 8 to 32 bits, 16-bit addition likewise.
    EXPECT_NEAR(narrow.mac_pj, 0.024 + (0.13 - 0.024) / 3 + 0.03 + 0.07 / 3, 1e-12);
}
