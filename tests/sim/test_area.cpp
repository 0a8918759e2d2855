// Is a chip the sum of its parts, each as the table has it; are chips of equal area equal to within a column,
// whatever operator; does silicon go where it saves most time; does power account for all energy?
#include "base/random.h"
#include "sim/iso_area.h"
#include "sim/power.h"
#include "tests/sim/analytic_fixture.h"

#include <cmath>

namespace
{
struct Chip {
    Account account;
    std::vector<mf_op_array> arrays;
    std::vector<mf_datapath> datapaths;
    mf_area area = {};
    mf_status status = MF_OK;
    mf_diag diag = {};

    explicit Chip(const std::string &chip, const Published::Changes &changes = {})
        : account(chip, changes)
    {
    }
    const mf_operator *op(size_t index) const
    {
        return mf_operators_at(account.base.operators, index);
    }
    // A variant of a network on the chip; nothing is searched.
    void plan(const char *name, const char *variant, uint64_t rows = 0)
    {
        mf_network_options size = {};
        size.rows = size.columns = rows;
        mf_network_destroy(account.network);
        account.network = nullptr;
        EXPECT_OK(mf_network_load(source_path(std::string("models/zoo/") + name + ".json").c_str(),
                                  &size, &account.network, D));
        size_t index = 0, n = 0;
        EXPECT_OK(mf_operators_find(account.base.operators, variant, &index, D));
        account.ops.assign(account.network->n_weight_layers, 0);
        EXPECT_OK(mf_operators_assign(account.base.operators, account.network, index, nullptr, 0,
                                      account.ops.data(), D));
        EXPECT_OK(
            mf_prices_make(&account.accelerator, account.table, MF_LAWS_OWN, &account.prices, D));
        mf_analytic_basis basis = {&account.accelerator, account.base.operators, &account.prices,
                                   account.options};
        mf_assignment assignment = {index, account.ops.data(), nullptr, nullptr};
        arrays.resize(64);
        status = mf_analytic_plan(&basis, account.network, &assignment, account.base.arena,
                                  arrays.data(), arrays.size(), &n, &diag);
        arrays.resize(n);
        if (status == MF_OK)
            measure_arrays(MF_LAWS_OWN);
    }
    // Of the account that ran last.
    void measure()
    {
        arrays.resize(64);
        arrays.resize(mf_analytic_arrays(&account.result, arrays.data(), arrays.size()));
        measure_arrays(MF_LAWS_OWN);
    }
    void measure_arrays(mf_laws laws)
    {
        uint64_t n_pes = 0;
        datapaths.clear();
        for (const mf_op_array &a : arrays) {
            datapaths.push_back({op(a.op), a.widths, a.pe_rows * a.pe_columns});
            n_pes = account.options.iso_area ? n_pes + a.pe_rows * a.pe_columns
                                             : mf_accelerator_pes(&account.accelerator);
        }
        status = mf_area_of(&account.accelerator, account.table, datapaths.data(), datapaths.size(),
                            n_pes, laws, account.base.arena, &area, &diag);
    }
    const mf_area_part *part(const std::string &name) const
    {
        for (size_t i = 0; i < area.n_parts; i++)
            if (area.parts[i].name == name)
                return &area.parts[i];
        return nullptr;
    }
};
} // namespace

// By hand, 16-bit multipliers: 924.6 + 69.67 um2 on the table's lines; CACTI's fit at 24, 448, 48 B and
// 108 KB in 25 banks; 4 ports of 16 bits.
TEST(Area, IsWhatTheTableSaysOfEachPart)
{
    Chip c("eyeriss-12x14");
    c.plan("alexnet", "mult");
    ASSERT_EQ(c.status, MF_OK) << c.diag.message;
    const struct {
        const char *name;
        uint64_t count;
        double each_um2;
        const char *status;
    } expected[] = {
        {"mult datapath", 168, 282 + 3213.0 * (256 - 64) / (1024 - 64) + 36 + 101.0 / 3, "assumed"},
        {"ifmap scratchpad", 168, 3683.9 * std::pow(24 / 1024.0, 0.897), "derived"},
        {"weight scratchpad", 168, 3683.9 * std::pow(448 / 1024.0, 0.897), "derived"},
        {"psum scratchpad", 168, 3683.9 * std::pow(48 / 1024.0, 0.897), "derived"},
        {"array network", 168, 64 * 4.522, "assumed"},
        {"control", 168, 1698, "derived"},
        {"buffer", 1, 3559.9 * std::pow(108, 0.983) * std::pow(4, 0.003) * std::pow(25, 0.017),
         "derived"},
        {"vector unit", 4,
         282 + 3213.0 * (256 - 64) / (1024 - 64) + 36 + 101.0 / 3 + 73 /* a 16-bit shifter */,
         "assumed"}};
    ASSERT_EQ(c.area.n_parts, std::size(expected));
    double um2 = 0, leakage_mw = 0;
    for (size_t i = 0; i < std::size(expected); i++) {
        const mf_area_part &p = c.area.parts[i];
        EXPECT_STREQ(p.name, expected[i].name);
        EXPECT_EQ(p.count, expected[i].count);
        EXPECT_NEAR(p.each_um2, expected[i].each_um2, 1e-9 * expected[i].each_um2) << p.name;
        EXPECT_STREQ(p.status, expected[i].status) << p.name;
        EXPECT_EQ(p.um2, static_cast<double>(p.count) * p.each_um2);
        um2 += p.um2;
        leakage_mw += p.leakage_mw;
    }
    EXPECT_EQ(um2, c.area.um2) << "exactly";
    EXPECT_EQ(leakage_mw, c.area.leakage_mw) << "exactly";
    EXPECT_NEAR(c.part("weight scratchpad")->leakage_mw,
                168 * 3.906e-05 * std::pow(448 / 1024.0, 0.896), 1e-9);
}

TEST(Area, GrowsWithEverythingThatGrows)
{
    Chip plain("shiftaddaug-16x12");
    plain.plan("resnet20-cifar", "mult");
    for (const char *key : {"pe_rows", "pe_columns", "ifmap_register_words",
                            "weight_register_words", "psum_register_words", "buffer_words",
                            "word_bits", "psum_bits", "vector_lanes", "buffer_banks"}) {
        int index = 0;
        while (std::string(mf_accelerator_keys[index]) != key)
            index++;
        double value = 0;
        ASSERT_TRUE(mf_accelerator_number(&plain.account.accelerator, index, &value));
        Chip more("shiftaddaug-16x12",
                  {{key, std::to_string(static_cast<uint64_t>(value) * 3 / 2)}});
        more.plan("resnet20-cifar", "mult");
        ASSERT_EQ(more.status, MF_OK) << more.diag.message;
        EXPECT_GT(more.area.um2, plain.area.um2) << key;
    }
}

TEST(Area, OverheadTakesThePlaceOfWhatItHolds)
{
    Chip c("eyeriss-12x14", {{"pe_overhead_um2", "5000"}});
    c.plan("alexnet", "mult");
    ASSERT_EQ(c.status, MF_OK) << c.diag.message;
    EXPECT_EQ(c.part("control"), nullptr);
    ASSERT_NE(c.part("PE overhead"), nullptr);
    EXPECT_EQ(c.part("PE overhead")->um2, 168 * 5000.0);
    for (const char *name : {"ifmap scratchpad", "weight scratchpad", "array network"}) {
        EXPECT_TRUE(c.part(name)->in_overhead) << name;
        EXPECT_EQ(c.part(name)->um2, 0) << name;
    }
    EXPECT_GT(c.part("weight scratchpad")->leakage_mw, 0) << "it leaks wherever it is";
    EXPECT_GT(c.part("buffer")->um2, 0);
    double pe_um2 = 0;
    EXPECT_OK(mf_area_pe_um2(&c.account.accelerator, c.account.table, c.op(c.arrays[0].op),
                             &c.arrays[0].widths, &pe_um2, D));
    EXPECT_EQ(pe_um2, c.part("mult datapath")->each_um2 + 5000);
}

TEST(Area, OtherLawsSurroundTheTablesOwn)
{
    Chip own("eyeriss-12x14"), least("eyeriss-12x14"), most("eyeriss-12x14");
    for (Chip *c : {&own, &least, &most})
        c->plan("alexnet", "mult");
    least.measure_arrays(MF_LAWS_CHEAPEST);
    most.measure_arrays(MF_LAWS_DEAREST);
    EXPECT_LE(least.area.um2, own.area.um2);
    EXPECT_GT(most.area.um2, own.area.um2);
    // 24 B and 48 B of flip-flops, 5.98 um2 a bit: as on the chip
    EXPECT_NEAR(most.part("ifmap scratchpad")->each_um2, 24 * 8 * 5.98, 1);
    EXPECT_NEAR(most.part("psum scratchpad")->each_um2, 48 * 8 * 5.98, 2);
}

// A wide bus brings no PE more than a word in a cycle.
TEST(Area, PortsAreNoWiderThanWords)
{
    Chip a("eyeriss-12x14"),
        b("eyeriss-12x14", {{"ifmap_bus_bits", "\"unlimited\""}, {"weight_bus_bits", "16"}}),
        narrow("eyeriss-12x14", {{"ifmap_bus_bits", "8"}});
    for (Chip *c : {&a, &b, &narrow})
        c->plan("alexnet", "mult");
    EXPECT_EQ(a.part("array network")->each_um2, b.part("array network")->each_um2);
    EXPECT_NEAR(narrow.part("array network")->each_um2, 56 * 4.522, 1e-9);
}

TEST(Area, IsAskedForWhereNothingIsKnown)
{
    Chip c("eyeriss-12x14");
    Doc costs = Doc::load(source_path("energy_tables/flat-45nm.json"));
    mf_energy_table_destroy(c.account.table);
    EXPECT_OK(mf_energy_table_from_json(costs.doc, &c.account.table, D));
    c.account.options.iso_area = true;
    c.account.run("resnet20-cifar", "shift");
    EXPECT_EQ(c.account.status, MF_INVALID);
    EXPECT_NE(std::string(c.account.diag.message).find("pe_overhead_um2 is missing"),
              std::string::npos)
        << c.account.diag.message;
    EXPECT_NE(std::string(c.account.diag.hint).find("consistent-45nm"), std::string::npos);
    mf_datapath none = {c.op(0), {}, 1};
    EXPECT_FAILS(MF_INVALID, "has no areas of memories",
                 mf_area_of(&c.account.accelerator, c.account.table, &none, 1, 1, MF_LAWS_OWN,
                            c.account.base.arena, &c.area, D));
}

// ---- equal areas ---------------------------------------------------------------------------------

// The whole chip of every operator, as wide as it wants to be or as all are: no larger than that of the
// multipliers, and smaller by less than its narrowest column.
TEST(IsoArea, ChipsOfAllOperatorsAreEqualToWithinAColumn)
{
    for (const char *chip : {"eyeriss-12x14", "shiftaddaug-16x12"})
        for (mf_bits bits : {mf_bits{16, false}, mf_bits{8, false}, mf_bits{}}) {
            Chip mult(chip), kept(chip);
            mult.account.options.bits = bits;
            mult.account.options.iso_area = kept.account.options.iso_area = true;
            mult.plan("mobilenetv2-w0.35", "mult", 32);
            kept.plan("mobilenetv2-w0.35", "mult", 32); // 16 bits: of variants that say so
            EXPECT_EQ(mult.arrays[0].pe_columns, mult.account.accelerator.pe_columns);
            for (size_t i = 0; i < mf_operators_count(mult.account.base.operators); i++) {
                Chip c(chip);
                std::string name = mult.op(i)->name;
                c.account.options.bits = bits;
                c.account.options.iso_area = true;
                c.plan("mobilenetv2-w0.35", name.c_str(), 32);
                ASSERT_EQ(c.status, MF_OK) << name << ": " << c.diag.message;
                double column_um2 = 1e300;
                for (const mf_op_array &a : c.arrays) {
                    double pe_um2 = 0;
                    EXPECT_OK(mf_area_pe_um2(&c.account.accelerator, c.account.table, c.op(a.op),
                                             &a.widths, &pe_um2, D));
                    column_um2 = std::min(column_um2, pe_um2 * static_cast<double>(a.pe_rows));
                }
                const bool own = bits.activation_bits == 0 && mult.op(i)->kept_bits == 16;
                const double um2 = own ? kept.area.um2 : mult.area.um2;
                EXPECT_LE(c.area.um2, um2 * (1 + 1e-9)) << chip << " " << name;
                EXPECT_GT(c.area.um2, um2 - column_um2) << chip << " " << name;
            }
        }
}

// Against all ways of dividing columns between two operators: never slower than the best that fits by more
// than the rounding of sqrt shares leaves, and full to within a column; each gets one where one fits.
TEST(IsoArea, DividesWhereItSavesTime)
{
    mf_random random = mf_random_seed(5);
    double worst = 1;
    for (int round = 0; round < 500; round++) {
        const uint64_t rows = mf_random_between(&random, 1, 16);
        mf_area_share s[2] = {};
        for (mf_area_share &share : s)
            share = {50 + 5000 * mf_random_real(&random), std::exp(20 * mf_random_real(&random)),
                     0};
        double both_um2 = (s[0].pe_um2 + s[1].pe_um2) * static_cast<double>(rows),
               area_um2 = both_um2 * (0.8 + 12 * mf_random_real(&random)), needed_um2 = 0;
        bool fits = mf_iso_area_divide(area_um2, rows, s, 2, &needed_um2);
        EXPECT_EQ(fits, both_um2 <= area_um2);
        EXPECT_NEAR(needed_um2, both_um2, 1e-6);
        if (!fits)
            continue;
        double used_um2 = 0, narrowest = 1e300;
        for (const mf_area_share &share : s) {
            EXPECT_GE(share.columns, 1u);
            double each = share.pe_um2 * static_cast<double>(rows);
            used_um2 += each * static_cast<double>(share.columns);
            narrowest = std::min(narrowest, each);
        }
        EXPECT_LE(used_um2, area_um2 * (1 + 1e-9));
        EXPECT_GT(used_um2, area_um2 - narrowest);
        auto time = [&](uint64_t a, uint64_t b) {
            return s[0].macs / static_cast<double>(a) + s[1].macs / static_cast<double>(b);
        };
        double best = 1e300;
        for (uint64_t a = 1; s[0].pe_um2 * static_cast<double>(a * rows) < area_um2; a++) {
            double left =
                area_um2 / static_cast<double>(rows) - s[0].pe_um2 * static_cast<double>(a);
            auto b = static_cast<uint64_t>(left / s[1].pe_um2);
            if (b >= 1)
                best = std::min(best, time(a, b));
        }
        worst = std::max(worst, time(s[0].columns, s[1].columns) / best);
    }
    EXPECT_LT(worst, 1.35) << "a greedy share of whole columns";
}

TEST(IsoArea, OneColumnLessThanFitsIsRefused)
{
    mf_area_share s = {100, 1, 0};
    double needed_um2 = 0;
    EXPECT_TRUE(mf_iso_area_divide(1200, 12, &s, 1, &needed_um2));
    EXPECT_EQ(s.columns, 1u);
    EXPECT_FALSE(mf_iso_area_divide(1199.9, 12, &s, 1, &needed_um2));
    EXPECT_EQ(needed_um2, 1200);
    EXPECT_TRUE(mf_iso_area_divide(1e15, 1, &s, 1, &needed_um2));
    EXPECT_EQ(s.columns, 65536u) << "no accelerator has more";
}

// What is known before the search is what the search had.
TEST(IsoArea, PlanIsWhatRuns)
{
    for (bool by_area : {false, true}) {
        Chip ran("eyeriss-12x14"), planned("eyeriss-12x14");
        ran.account.options.iso_area = planned.account.options.iso_area = by_area;
        ran.account.run("mobilenetv2-tiny", "add", 32);
        ASSERT_EQ(ran.account.status, MF_OK);
        ran.measure();
        planned.plan("mobilenetv2-tiny", "add", 32);
        ASSERT_EQ(ran.arrays.size(), planned.arrays.size());
        EXPECT_EQ(ran.area.um2, planned.area.um2);
        for (size_t i = 0; i < ran.arrays.size(); i++) {
            EXPECT_EQ(planned.arrays[i].op, ran.arrays[i].op);
            EXPECT_EQ(planned.arrays[i].pe_rows, ran.arrays[i].pe_rows);
            EXPECT_EQ(planned.arrays[i].pe_columns, ran.arrays[i].pe_columns);
            EXPECT_EQ(planned.arrays[i].widths.psum_bits, ran.arrays[i].widths.psum_bits);
        }
    }
}

// ---- power -----------------------------------------------------------------------------------------

// Parts and DRAM are all of the account's energy, and what leaks beside it.
TEST(Power, PartsAreTheWholeAccount)
{
    for (const char *op : {"mult", "shift", "add", "xnor"})
        for (auto kind : {MF_SCHEDULE_LAYER, MF_SCHEDULE_RESIDENT, MF_SCHEDULE_FUSED}) {
            Chip c("eyeriss-12x14");
            c.account.options.schedule = kind;
            const mf_analytic_result &r = c.account.run("mobilenetv2-tiny", op, 32);
            ASSERT_EQ(c.account.status, MF_OK) << c.account.diag.message;
            c.measure();
            mf_power p;
            EXPECT_OK(mf_power_of(&c.area, c.account.table, &r, c.arrays.data(), 1,
                                  c.account.base.arena, &p, D));
            double energy_mj = 0, power_mw = 0, leakage_mj = 0;
            for (size_t i = 0; i < p.n_parts; i++) {
                EXPECT_GE(p.parts[i].energy_mj, 0) << p.parts[i].name;
                energy_mj += p.parts[i].energy_mj;
                power_mw += p.parts[i].power_mw;
                leakage_mj += p.parts[i].leakage_mj;
            }
            EXPECT_EQ(energy_mj, p.chip.energy_mj) << "exactly";
            EXPECT_EQ(power_mw, p.chip.power_mw) << "exactly";
            EXPECT_EQ(p.system.energy_mj, p.chip.energy_mj + p.dram.energy_mj);
            EXPECT_NEAR(p.system.energy_mj - leakage_mj, r.energy_mj, 1e-9 * r.energy_mj) << op;
            EXPECT_NEAR(leakage_mj, c.area.leakage_mw * r.latency_ms * 1e-3, 1e-12);
            EXPECT_NEAR(p.chip.power_mw, p.chip.energy_mj / r.latency_ms * 1e3, 1e-9);
            uint64_t macs = 0;
            for (size_t i = 0; i < c.account.network->n_weight_layers; i++)
                macs += mf_shape_macs(&mf_network_weight_layer(c.account.network, i)->shape);
            EXPECT_EQ(p.n_macs, macs);
            // operations per second over watts
            EXPECT_NEAR(p.system_tops_per_w,
                        2.0 * static_cast<double>(macs) / (r.latency_ms * 1e-3) /
                            (p.system.power_mw * 1e-3) * 1e-12,
                        1e-9);
            EXPECT_NEAR(p.frames_per_s, 1e3 / r.latency_ms, 1e-9);
        }
}
