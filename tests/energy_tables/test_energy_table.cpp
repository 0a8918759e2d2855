// Is every cost that is asked for either in the table or an error?
#include "energy_tables/energy_table.h"
#include "tests/energy_tables/tables.h"

#include <cmath>

namespace
{
std::string with_cost(const std::string &cost)
{
    return R"({"name": "t", "about": "a", "technology_nm": 45, "unit": "pj", "accesses": [],
      "operations": [{"operation": "add", "type": "fp32", )" +
           cost + R"("status": "found", "source": "s"}]})";
}
} // namespace

// Table 1 as the paper prints it, copied from its text.
TEST(EnergyTable, Table1IsAsPrinted)
{
    Table t(shipped("paper-table1"));
    const struct {
        const char *operation, *type;
        double pj;
    } printed[] = {{"mult", "fp32", 3.7},   {"mult", "fp16", 0.9}, {"mult", "int32", 3.1},
                   {"mult", "int8", 0.2},   {"add", "fp32", 1.1},  {"add", "fp16", 0.4},
                   {"add", "int32", 0.1},   {"add", "int8", 0.03}, {"shift", "int32", 0.13},
                   {"shift", "int8", 0.024}};
    for (const auto &p : printed) {
        double pj = 0;
        EXPECT_OK(mf_energy_table_operation_pj(t.table, p.operation, p.type, &pj, D));
        EXPECT_EQ(pj, p.pj) << p.operation << " " << p.type;
    }
    EXPECT_EQ(t.table->n_operations, 10u);
}

TEST(EnergyTable, AccessesScaleWithBits)
{
    Table t(shipped("published-predictor"));
    double pj = 0;
    EXPECT_OK(mf_energy_table_access_pj(t.table, "dram", 16, &pj, D));
    EXPECT_EQ(pj, 200);
    EXPECT_OK(mf_energy_table_access_pj(t.table, "dram", 10, &pj, D));
    EXPECT_EQ(pj, 125);
    EXPECT_OK(mf_energy_table_access_pj(t.table, "register_weight", 32, &pj, D));
    EXPECT_DOUBLE_EQ(pj, 14.8);
}

TEST(EnergyTable, AMissingCostIsAnError)
{
    Table t(shipped("paper-table1")), relative(shipped("eyeriss-normalised"));
    double pj = 1;
    EXPECT_FAILS(MF_INVALID, "paper-table1 has no cost of a fp32 shift",
                 mf_energy_table_operation_pj(t.table, "shift", "fp32", &pj, D));
    EXPECT_FAILS(MF_INVALID, "dram", mf_energy_table_access_pj(t.table, "dram", 16, &pj, D));
    EXPECT_FAILS(MF_INVALID, "relative",
                 mf_energy_table_access_pj(relative.table, "dram", 16, &pj, D));
    EXPECT_EQ(pj, 1);
}

TEST(EnergyTable, RefusesZeroNegativeAndUnitlessCosts)
{
    EXPECT_EQ(Table(with_cost("\"energy_pj\": 0.9, ")).status, MF_OK);
    for (const char *cost : {"\"energy_pj\": 0, ", "\"energy_pj\": -1, ", "", "\"energy\": 1, ",
                             "\"energy_nj\": 1, ", "\"energy_pj\": \"1\", "})
        EXPECT_EQ(Table(with_cost(cost)).status, MF_INVALID) << cost;
    EXPECT_NE(
        std::string(Table(with_cost("\"energy_nj\": 1, ")).diag.message).find("mind the unit"),
        std::string::npos);
}

TEST(EnergyTable, EveryShippedEntryHasASource)
{
    size_t n = 0;
    for (const auto &file : std::filesystem::directory_iterator(source_path("energy_tables"))) {
        if (file.path().extension() != ".json")
            continue;
        Table t(read_text(file.path()));
        ASSERT_EQ(t.status, MF_OK) << t.diag.message;
        for (size_t i = 0; i < t.table->n_operations; i++)
            EXPECT_STRNE(t.table->operations[i].source, "");
        for (size_t i = 0; i < t.table->n_accesses; i++)
            EXPECT_STRNE(t.table->accesses[i].source, "");
        if (t.table->wire) {
            EXPECT_STRNE(t.table->wire->source, "");
        }
        for (size_t i = 0; i < t.table->n_other_wires; i++)
            EXPECT_STRNE(t.table->other_wires[i].source, "");
        n++;
    }
    EXPECT_EQ(n, 10u);
}

// Between two entries a straight line in bits, or in the product of bits, when the table says so;
// else an error.
TEST(EnergyTable, InterpolatesOnlyByItsOwnRule)
{
    Table t(shipped("consistent-45nm"));
    double pj = 0, um2 = 0;
    auto energy = [&](const char *operation, bool floating, uint64_t a, uint64_t b) {
        EXPECT_OK(mf_energy_table_energy(t.table, operation, floating, a, b, &pj, D));
        return pj;
    };
    EXPECT_EQ(energy("mult", true, 32, 32), 3.7);
    EXPECT_EQ(energy("mult", false, 32, 32), 3.1);
    EXPECT_EQ(energy("add", false, 8, 8), 0.03);
    EXPECT_NEAR(energy("add", false, 20, 20), (0.03 + 0.1) / 2, 1e-12);
    // 16 x 16 = 256 of 64 ... 1024; 8 x 5 = 40 below the first.
    EXPECT_NEAR(energy("mult", false, 16, 16), 0.2 + 2.9 * (256 - 64) / (1024 - 64), 1e-12);
    EXPECT_NEAR(energy("mult", false, 8, 5), 0.2 + 2.9 * (40 - 64) / (1024 - 64), 1e-12);
    EXPECT_NEAR(energy("add", false, 44, 44), 0.1 + 0.07 / 2, 1e-12) << "the line goes on";
    EXPECT_OK(mf_energy_table_area_um2(t.table, "shift", false, 16, 16, &um2, D));
    EXPECT_EQ(um2, 73);
    EXPECT_OK(mf_energy_table_area_um2(t.table, "shift", false, 12, 12, &um2, D));
    EXPECT_NEAR(um2, (34 + 73) / 2.0, 1e-12);
    EXPECT_FAILS(MF_INVALID, "fp24", mf_energy_table_energy(t.table, "add", true, 24, 24, &pj, D));
    EXPECT_FAILS(MF_INVALID, "fp32 shift",
                 mf_energy_table_energy(t.table, "shift", true, 32, 32, &pj, D));
    Table strict(shipped("horowitz-45nm"));
    EXPECT_FAILS(MF_INVALID, "no rule",
                 mf_energy_table_energy(strict.table, "add", false, 16, 16, &pj, D));
    EXPECT_OK(mf_energy_table_energy(strict.table, "add", false, 32, 32, &pj, D));
}

// A level's own entry for a tensor comes before the level's.
TEST(EnergyTable, KnowsLevelsAndTensors)
{
    Table t(shipped("published-predictor"));
    const mf_access_cost *cost = nullptr;
    EXPECT_OK(mf_energy_table_find_access(t.table, "register", "weight", &cost, D));
    EXPECT_EQ(cost->read, 7.4);
    EXPECT_OK(mf_energy_table_find_access(t.table, "register", "ifmap", &cost, D));
    EXPECT_EQ(cost->read, 3.7);
    EXPECT_EQ(cost->word_bits, 16u);
    EXPECT_FAILS(MF_INVALID, "sram",
                 mf_energy_table_find_access(t.table, "sram", "ifmap", &cost, D));
}

// The consistent table's levels are Eyeriss' ratios times its own 16-bit MAC, as their source says.
TEST(EnergyTable, DerivedLevelsFollowFromTheirSource)
{
    Table t(shipped("consistent-45nm"));
    double mult = 0, add = 0;
    EXPECT_OK(mf_energy_table_energy(t.table, "mult", false, 16, 16, &mult, D));
    EXPECT_OK(mf_energy_table_energy(t.table, "add", false, 16, 16, &add, D));
    const struct {
        const char *level;
        double ratio;
    } levels[] = {{"register", 1}, {"network", 2}, {"buffer", 6}, {"dram", 200}};
    for (const auto &l : levels) {
        const mf_access_cost *cost = nullptr;
        EXPECT_OK(mf_energy_table_find_access(t.table, l.level, "psum", &cost, D));
        EXPECT_EQ(cost->word_bits, 16u);
        EXPECT_NEAR(cost->read / (mult + add), l.ratio, l.ratio * 1e-4) << l.level;
    }
}
