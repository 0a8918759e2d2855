// Is energy on the array network words times distance times energy per mm and bit, with distances that the
// areas of PEs give; do PEs hold the datapaths of all who share them; is a network priced by the word as
// it was?
#include "energy_tables/energy_table_node.h"
#include "sim/floorplan.h"
#include "tests/sim/analytic_fixture.h"

#include <cmath>
#include <map>

namespace
{
struct Wired : Account {
    explicit Wired(const std::string &chip, const Published::Changes &changes = {})
        : Account(chip, changes)
    {
        mf_energy_table_destroy(table);
        Doc costs = Doc::load(source_path("energy_tables/wires-45nm.json"));
        EXPECT_OK(mf_energy_table_from_json(costs.doc, &table, D));
    }
    // The area of a PE with these operators' datapaths, at the widths of their first layers in the result.
    double pe_um2(const std::vector<size_t> &operators) const
    {
        double um2 = 0, beside = 0;
        for (size_t op : operators)
            for (size_t i = 0; i < result.n_rows; i++)
                if (const mf_analytic_row &row = result.rows[i]; !row.vector && row.op == op) {
                    double own = 0;
                    const char *sure = nullptr;
                    EXPECT_OK(mf_machine_datapath(mf_operators_at(base.operators, op), &row.widths,
                                                  table, &own, &sure, D));
                    um2 += own;
                    beside = 0;
                    EXPECT_OK(mf_area_pe_um2(&accelerator, table,
                                             mf_operators_at(base.operators, op), &row.widths,
                                             &beside, D));
                    beside -= own;
                    break;
                }
        return um2 + beside;
    }
    std::vector<size_t> operators() const
    {
        std::vector<size_t> all;
        for (size_t i = 0; i < result.n_rows; i++)
            if (const mf_analytic_row &row = result.rows[i];
                !row.vector && std::find(all.begin(), all.end(), row.op) == all.end())
                all.push_back(row.op);
        return all;
    }
};

// From the counts of a row and the area of a PE, in pJ.
double network_pj(const mf_analytic_row &row, int tensor, double pe_um2, double pj_per_mm_bit)
{
    const mf_counts &c = row.found.counts;
    const mf_flow &flow = c.flow[tensor];
    const double pitch_mm = std::sqrt(pe_um2) / 1000,
                 word_pj = pj_per_mm_bit * static_cast<double>(row.machine.capacity.bits[tensor]);
    double mm =
        static_cast<double>(flow.bus_words) * pitch_mm * static_cast<double>(row.pe_rows) +
        static_cast<double>(flow.row_words) * pitch_mm * static_cast<double>(row.pe_columns);
    if (tensor == MF_PSUM)
        mm += static_cast<double>(c.psum_hops) * pitch_mm;
    return mm * word_pj;
}

void expect_priced_by_length(const Wired &a, const std::map<size_t, std::vector<size_t>> &sharing)
{
    uint64_t n = 0;
    for (size_t i = 0; i < a.result.n_rows; i++) {
        const mf_analytic_row &row = a.result.rows[i];
        if (row.vector)
            continue;
        SCOPED_TRACE(row.layer->name);
        const double um2 = a.pe_um2(sharing.at(row.op));
        EXPECT_NEAR(row.floorplan.pe_um2, um2, 1e-9 * um2);
        EXPECT_NEAR(row.floorplan.row_bus_mm,
                    std::sqrt(um2) * 1e-3 * static_cast<double>(row.pe_columns), 1e-9);
        double sum = row.found.cost.mac_pj;
        for (int t = 0; t < MF_N_TENSORS; t++) {
            const double expected = network_pj(row, t, um2, 0.325);
            EXPECT_NEAR(row.found.cost.access_pj[MF_LEVEL_NETWORK][t], expected, 1e-9 * expected);
            EXPECT_GT(expected, 0);
            for (int level = 0; level < MF_N_LEVELS; level++)
                sum += row.found.cost.access_pj[level][t];
        }
        EXPECT_NEAR(row.energy_pj, sum, 1e-12 * sum);
        n++;
    }
    EXPECT_GT(n, 20u);
}
} // namespace

// On one array PEs have all datapaths; by area, each operator has PEs of its own.
TEST(Floorplan, NetworkEnergyIsWordsTimesDistance)
{
    for (const char *op : {"mult", "shift", "add"})
        for (bool by_area : {false, true}) {
            Wired a("eyeriss-12x14");
            a.options.iso_area = by_area;
            a.run("mobilenetv2-w0.35", op, 32);
            ASSERT_EQ(a.status, MF_OK) << a.diag.message;
            std::map<size_t, std::vector<size_t>> sharing;
            for (size_t one : a.operators())
                sharing[one] = by_area ? std::vector<size_t>{one} : a.operators();
            SCOPED_TRACE(std::string(op) + (by_area ? " by area" : ""));
            EXPECT_EQ(sharing.size(), std::string(op) == "add" ? 2u : 1u);
            expect_priced_by_length(a, sharing);
        }
}

TEST(Floorplan, HoldsForEveryDataflow)
{
    for (int f = 0; mf_dataflows[f]; f++) {
        Wired a("shiftaddaug-16x12");
        a.options.dataflow = mf_dataflows[f];
        a.run("mobilenetv2-tiny", "shift", 32);
        ASSERT_EQ(a.status, MF_OK) << a.diag.message;
        SCOPED_TRACE(mf_dataflows[f]->name);
        expect_priced_by_length(a, {{a.operators()[0], a.operators()}});
    }
}

// By hand: a PE of Eyeriss as multiplier of 16 bits takes what test_area.cpp has of its parts.
TEST(Floorplan, IsThatOfTheAreas)
{
    const double um2 = 282 + 3213.0 * (256 - 64) / (1024 - 64) + 36 + 101.0 / 3 +
                       3683.9 * (std::pow(24 / 1024.0, 0.897) + std::pow(448 / 1024.0, 0.897) +
                                 std::pow(48 / 1024.0, 0.897)) +
                       64 * 4.522 + 1698;
    Wired a("eyeriss-12x14");
    a.run("resnet20-cifar", "mult", 32);
    ASSERT_EQ(a.status, MF_OK) << a.diag.message;
    const mf_floorplan &plan = a.result.rows[0].floorplan;
    EXPECT_NEAR(plan.pe_um2, um2, 1e-9 * um2);
    EXPECT_NEAR(plan.pitch_um, std::sqrt(um2), 1e-9);
    EXPECT_NEAR(plan.column_bus_mm, 12 * std::sqrt(um2) / 1000, 1e-9);
    EXPECT_NEAR(plan.row_bus_mm, 14 * std::sqrt(um2) / 1000, 1e-9);
    EXPECT_NEAR(plan.hop_mm, std::sqrt(um2) / 1000, 1e-9);
}

// Twice the weights' scratchpad, by hand; and the other way round.
TEST(Floorplan, StretchesWithItsMemories)
{
    Wired a("eyeriss-12x14");
    a.run("resnet20-cifar", "mult", 32);
    ASSERT_EQ(a.status, MF_OK) << a.diag.message;
    mf_accelerator twice = a.accelerator;
    twice.weight_register_words *= 2;
    mf_floorplan plan = a.result.rows[0].floorplan;
    const double own = plan.pe_um2;
    EXPECT_OK(mf_floorplan_resize(&a.accelerator, &twice, a.table, 12, 28, &plan, D));
    EXPECT_NEAR(plan.pe_um2 - own,
                3683.9 * (std::pow(896 / 1024.0, 0.897) - std::pow(448 / 1024.0, 0.897)), 1e-6);
    EXPECT_NEAR(plan.row_bus_mm, 28 * plan.hop_mm, 1e-12);
    EXPECT_OK(mf_floorplan_resize(&twice, &a.accelerator, a.table, 12, 14, &plan, D));
    EXPECT_NEAR(plan.pe_um2, own, 1e-6);
}

// Least and most of the table's wires; nothing else of the price depends on laws.
TEST(Floorplan, OtherWiresSurroundTheTablesOwn)
{
    Wired a("eyeriss-12x14");
    const struct {
        mf_laws laws;
        double pj;
    } all[] = {{MF_LAWS_OWN, 0.325}, {MF_LAWS_CHEAPEST, 0.325}, {MF_LAWS_DEAREST, 0.72}};
    for (const auto &one : all) {
        mf_prices prices = {};
        EXPECT_OK(mf_prices_make(&a.accelerator, a.table, one.laws, &prices, D));
        EXPECT_EQ(prices.wire_pj_per_mm_bit, one.pj);
    }
}

TEST(Floorplan, ShrinksWithTheNode)
{
    double pitch_um = 1e9, energy_mj = 1e9;
    for (uint64_t node_nm : {65, 45, 28, 7}) {
        Wired a("eyeriss-12x14");
        EXPECT_OK(mf_energy_table_scale(a.table, node_nm, D));
        a.run("resnet20-cifar", "mult", 32);
        ASSERT_EQ(a.status, MF_OK) << a.diag.message;
        double mj = 0;
        for (int t = 0; t < MF_N_TENSORS; t++)
            mj += a.result.access_mj[MF_LEVEL_NETWORK][t];
        EXPECT_LT(a.result.rows[0].floorplan.pitch_um, pitch_um) << node_nm;
        EXPECT_LT(mj, energy_mj) << node_nm;
        pitch_um = a.result.rows[0].floorplan.pitch_um;
        energy_mj = mj;
    }
}

// What other tables price by the word has no floorplan: deliveries, hops and words on the way.
TEST(Floorplan, IsNotLookedAtWhereWordsAreThePrice)
{
    Account a("eyeriss-12x14");
    a.run("mobilenetv2-tiny", "add", 32);
    ASSERT_EQ(a.status, MF_OK) << a.diag.message;
    for (size_t i = 0; i < a.result.n_rows; i++) {
        const mf_analytic_row &row = a.result.rows[i];
        if (row.vector)
            continue;
        EXPECT_FALSE(row.machine.by_length);
        EXPECT_EQ(row.floorplan.pe_um2, 0);
        const mf_counts &c = row.found.counts;
        for (int t = 0; t < MF_N_TENSORS; t++) {
            const uint64_t n =
                t == MF_PSUM ? c.psum_hops + c.flow[t].bus_words : c.flow[t].deliveries;
            const double pj = 1.6667 * static_cast<double>(row.machine.capacity.bits[t]) / 16;
            EXPECT_EQ(row.found.cost.access_pj[MF_LEVEL_NETWORK][t], static_cast<double>(n) * pj);
        }
    }
}
