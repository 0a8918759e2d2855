// Do tables at other nodes cost what CACTI says of memories and Stillmaker and Baas of logic; does nothing
// ever cost more at a smaller node; is DRAM left alone, what is a guess called one, and what makes no sense
// refused?
#include "energy_tables/energy_table_area.h"
#include "energy_tables/energy_table_node.h"
#include "tests/energy_tables/cacti_nodes.h"
#include "tests/energy_tables/tables.h"

#include <map>

namespace
{
void scale(Table &t, uint64_t node_nm)
{
    t.status = mf_energy_table_scale(t.table, node_nm, &t.diag);
}

const char *const scalable[] = {"consistent-45nm", "cacti-45nm-lstp", "cacti-45nm-lop",
                                "flat-45nm"};
const uint64_t nodes[] = {65, 45, 32, 28, 22, 16, 7}; // from large to small

// Everything that a table prices but DRAM, by name.
std::map<std::string, double> prices(const mf_energy_table *t)
{
    std::map<std::string, double> all;
    for (size_t i = 0; i < t->n_operations; i++)
        all[std::string("energy ") + t->operations[i].operation + t->operations[i].type] =
            t->operations[i].energy;
    for (size_t i = 0; i < t->n_areas; i++)
        all[std::string("area ") + t->areas[i].operation + t->areas[i].type] = t->areas[i].area_um2;
    for (size_t i = 0; i < t->n_accesses; i++) {
        const mf_access_cost &c = t->accesses[i];
        std::string level = c.level;
        if (level == "dram")
            continue;
        all[level + " read"] = c.read;
        all[level + " write"] = c.write;
        const mf_memory memory = {8 * 3000, 2, 32};
        for (size_t k = 0; c.law && k <= c.n_other_laws; k++) {
            double read, write;
            mf_memory_law_prices(k ? &c.other_laws[k - 1] : c.law, &memory, &read, &write);
            all[level + " law read" + std::to_string(k)] = read;
            all[level + " law write" + std::to_string(k)] = write;
        }
    }
    for (size_t i = 0; i < t->n_memory_areas; i++) {
        const mf_size_law &laws = t->memory_areas[i];
        const mf_memory memory = {8 * 3000, 2, 32};
        for (size_t k = 0; k <= laws.n_other_laws; k++)
            all[std::string("area ") + laws.level + std::to_string(k)] =
                mf_memory_law_whole(k ? &laws.other_laws[k - 1] : &laws.law, &memory);
    }
    for (int i = 0; i < MF_N_LOGIC_PARTS; i++)
        if (t->logic_areas[i].status)
            all[mf_logic_part_name(i)] = t->logic_areas[i].area_um2;
    return all;
}

const mf_table_node *node_of(const mf_energy_table *t, uint64_t nm)
{
    for (size_t i = 0; i < t->n_nodes; i++)
        if (t->nodes[i].node_nm == nm)
            return &t->nodes[i];
    return nullptr;
}

std::string one_node(const std::string &nm, const std::string &energy, const std::string &area)
{
    return R"({"node_nm": )" + nm + R"(, "logic": {"energy_ratio": )" + energy +
           R"(, "area_ratio": )" + area +
           R"(, "status": "found", "source": "s"}, "memory": {"energy_ratio": )" + energy +
           R"(, "area_ratio": )" + area +
           R"(, "leakage_ratio": 3, "status": "found", "source": "s"}})";
}

std::string with(const std::string &list, const std::string &unit = "pj",
                 const std::string &more = "")
{
    return R"({"name": "t", "about": "a", "technology_nm": 45, "unit": ")" + unit +
           R"(", "operations": [], "accesses": [], "nodes": [)" + list + "]" + more + "}";
}
} // namespace

TEST(Nodes, NothingCostsMoreAtASmallerNode)
{
    for (const char *name : scalable) {
        std::map<std::string, double> before;
        for (uint64_t nm : nodes) {
            Table t(shipped(name));
            scale(t, nm);
            ASSERT_EQ(t.status, MF_OK) << t.diag.message;
            EXPECT_EQ(t.table->technology_nm, nm);
            auto now = prices(t.table);
            EXPECT_GE(now.size(), 10u);
            for (const auto &[what, value] : now) {
                EXPECT_GT(value, 0) << what;
                if (!before.empty()) {
                    EXPECT_LT(value, before.at(what)) << name << " " << nm << " nm: " << what;
                }
            }
            before = now;
        }
    }
}

TEST(Nodes, ItsOwnIsTheTableAsItIs)
{
    for (const char *name : scalable) {
        Table plain(shipped(name)), scaled(shipped(name));
        scale(scaled, 45);
        EXPECT_EQ(prices(plain.table), prices(scaled.table)) << name;
        EXPECT_EQ(scaled.table->scaled_to, nullptr);
    }
}

// Geometric means over four memories, and each run within the spread that these have.
TEST(Nodes, MemoriesCostWhatCactiSays)
{
    const std::vector<NodeRun> runs = node_runs();
    for (const char *name : {"cacti-45nm-lstp", "cacti-45nm-lop"}) {
        Table t(shipped(name));
        const std::string cells = std::string(name) == "cacti-45nm-lop" ? "lop" : "lstp";
        for (uint64_t nm : {65, 32, 22}) {
            double logs[3] = {};
            size_t n = 0;
            for (const NodeRun &run : runs)
                for (const NodeRun &at_45 : runs) {
                    if (run.cells != cells || at_45.cells != cells || at_45.node_nm != 45 ||
                        run.node_nm != static_cast<double>(nm) ||
                        run.memory.bits != at_45.memory.bits ||
                        run.memory.port_bits != at_45.memory.port_bits)
                        continue;
                    logs[0] +=
                        std::log((run.read_pj + run.write_pj) / (at_45.read_pj + at_45.write_pj));
                    logs[1] += std::log(run.area_um2 / at_45.area_um2);
                    logs[2] += std::log(run.leakage_mw / at_45.leakage_mw);
                    n++;
                }
            ASSERT_EQ(n, 4u);
            const mf_node_ratios &r = node_of(t.table, nm)->memory;
            EXPECT_NEAR(r.energy, std::exp(logs[0] / 4), 2e-3 * r.energy) << name << " " << nm;
            EXPECT_NEAR(r.area, std::exp(logs[1] / 4), 2e-3 * r.area) << name << " " << nm;
            EXPECT_NEAR(r.leakage, std::exp(logs[2] / 4), 2e-3 * r.leakage) << name << " " << nm;
        }
    }
}

// 28 nm lies on a power law between 32 and 22 nm; below 22 nm are Accelergy's rules, called a guess.
TEST(Nodes, WhatCactiHasNotFollowsFromWhatItHas)
{
    for (const char *name : scalable) {
        Table t(shipped(name));
        auto memory = [&](uint64_t nm) -> const mf_node_ratios & {
            return node_of(t.table, nm)->memory;
        };
        double at = std::log(28.0 / 32) / std::log(22.0 / 32);
        auto between = [&](double mf_node_ratios::*what) {
            return memory(32).*what * std::pow(memory(22).*what / (memory(32).*what), at);
        };
        EXPECT_NEAR(memory(28).energy, between(&mf_node_ratios::energy), 1e-3);
        EXPECT_NEAR(memory(28).area, between(&mf_node_ratios::area), 1e-3);
        EXPECT_NEAR(memory(28).leakage, between(&mf_node_ratios::leakage), 2e-3);
        for (uint64_t nm : {16, 7}) {
            double ratio = static_cast<double>(nm) / 22;
            EXPECT_NEAR(memory(nm).energy, memory(22).energy * std::sqrt(ratio), 1e-3);
            EXPECT_NEAR(memory(nm).area, memory(22).area * ratio, 1e-3);
            EXPECT_NEAR(memory(nm).leakage, memory(22).leakage * 0.79 * std::sqrt(ratio), 3e-3);
            EXPECT_STREQ(memory(nm).status, "assumed") << name;
        }
    }
}

// Stillmaker and Baas tabulate 65, 32, 20, 16 and 7 nm; 28 and 22 nm are on the line from 32 to 20.
TEST(Nodes, LogicCostsWhatStillmakerAndBaasSay)
{
    const double at_32[] = {0.64, 0.46}, at_20[] = {0.24, 0.21};
    for (const char *name : scalable) {
        Table t(shipped(name));
        for (uint64_t nm : {32, 28, 22}) {
            double share = (32 - static_cast<double>(nm)) / 12;
            const mf_node_ratios &r = node_of(t.table, nm)->logic;
            EXPECT_NEAR(r.energy, at_32[0] + share * (at_20[0] - at_32[0]), 1e-4);
            EXPECT_NEAR(r.area, at_32[1] + share * (at_20[1] - at_32[1]), 1e-4);
        }
        EXPECT_EQ(node_of(t.table, 65)->logic.energy, 1.25);
        EXPECT_EQ(node_of(t.table, 65)->logic.area, 1.5);
        EXPECT_EQ(node_of(t.table, 16)->logic.energy, 0.19);
        EXPECT_EQ(node_of(t.table, 16)->logic.area, 0.19);
        EXPECT_EQ(node_of(t.table, 7)->logic.energy, 0.1);
        EXPECT_EQ(node_of(t.table, 7)->logic.area, 0.059);
    }
}

// Each kind of price by its own ratio, exactly; DRAM by none.
TEST(Nodes, LogicMemoriesAndDramGoTheirOwnWays)
{
    Table plain(shipped("consistent-45nm")), t(shipped("consistent-45nm"));
    scale(t, 16);
    ASSERT_EQ(t.status, MF_OK);
    const mf_table_node *node = node_of(plain.table, 16);
    auto was = prices(plain.table), now = prices(t.table);
    EXPECT_EQ(now.at("energy multfp32"), was.at("energy multfp32") * node->logic.energy);
    EXPECT_EQ(now.at("area multfp32"), was.at("area multfp32") * node->logic.area);
    EXPECT_EQ(now.at("network read"), was.at("network read") * node->logic.energy);
    EXPECT_EQ(now.at("pe_control"), was.at("pe_control") * node->logic.area);
    EXPECT_EQ(now.at("buffer write"), was.at("buffer write") * node->memory.energy);
    EXPECT_NEAR(now.at("buffer law read0"), was.at("buffer law read0") * node->memory.energy,
                1e-12);
    EXPECT_NEAR(now.at("area register0"), was.at("area register0") * node->memory.area, 1e-9);
    const mf_access_cost *dram = nullptr, *buffer = nullptr;
    EXPECT_OK(mf_energy_table_find_access(t.table, "dram", "ifmap", &dram, D));
    EXPECT_EQ(dram->read, 166.67);
    EXPECT_OK(mf_energy_table_find_access(t.table, "buffer", "ifmap", &buffer, D));
    EXPECT_STREQ(buffer->status, "assumed") << "SRAM below 22 nm";
    EXPECT_STREQ(buffer->law->status, "assumed");
    EXPECT_STREQ(t.table->operations[0].status, "derived") << "found at 45 nm, not at 16";
    EXPECT_STREQ(mf_energy_table_memory_area(t.table, "buffer", "")->law.status, "assumed");
    const mf_size_law *leaked = mf_energy_table_memory_leakage(plain.table, "buffer", ""),
                      *leaks = mf_energy_table_memory_leakage(t.table, "buffer", "");
    EXPECT_EQ(leaks->law.read, leaked->law.read * node->memory.leakage);
}

TEST(Nodes, RefusesWhatMakesNoSense)
{
    const auto says = [](const Table &t, const char *text) {
        return std::string(t.diag.message).find(text) != std::string::npos;
    };
    Table normalised(shipped("eyeriss-normalised")), chip(shipped("eyeriss-65nm")),
        none(shipped("horowitz-45nm")), unknown(shipped("consistent-45nm"));
    scale(normalised, 32);
    EXPECT_EQ(normalised.status, MF_INVALID);
    EXPECT_TRUE(says(normalised, "relative")) << normalised.diag.message;
    normalised.diag = {};
    scale(normalised, 65);
    EXPECT_EQ(normalised.status, MF_INVALID) << "even at its own";
    scale(chip, 32);
    EXPECT_EQ(chip.status, MF_INVALID);
    scale(none, 32);
    EXPECT_TRUE(says(none, "does not say what other nodes cost")) << none.diag.message;
    scale(unknown, 40);
    EXPECT_TRUE(says(unknown, "knows no node of 40 nm: 45, 65, 32, 28, 22, 16, 7"))
        << unknown.diag.message;
    Table with_static(with(one_node("32", "0.5", "0.5"), "pj", R"(, "static_mw": 3)"));
    scale(with_static, 32);
    EXPECT_EQ(with_static.status, MF_INVALID);
    EXPECT_TRUE(says(with_static, "3 mW")) << with_static.diag.message;

    EXPECT_EQ(Table(with(one_node("32", "0.5", "0.5") + ", " + one_node("65", "2", "2"))).status,
              MF_OK);
    const struct {
        std::string list;
        const char *text;
    } bad[] = {{one_node("32", "1.1", "0.5"), "32 nm would cost more than 45 nm"},
               {one_node("65", "2", "0.9"), "45 nm would cost more than 65 nm"},
               {one_node("32", "0.5", "0.5") + ", " + one_node("22", "0.3", "0.6"),
                "22 nm would cost more than 32 nm"},
               {one_node("22", "0.5", "0.5") + ", " + one_node("32", "0.3", "0.6"),
                "22 nm would cost more than 32 nm"},
               {one_node("32", "0.5", "0.5") + ", " + one_node("32", "0.5", "0.5"), "given twice"},
               {one_node("45", "1", "1"), "45 nm is given twice"},
               {one_node("32", "0", "0.5"), "energy_ratio"},
               {one_node("32", "-1", "0.5"), "energy_ratio"},
               {one_node("0", "0.5", "0.5"), "node_nm"},
               {R"({"node_nm": 32})", "logic"}};
    for (const auto &b : bad) {
        Table t(with(b.list));
        EXPECT_EQ(t.status, MF_INVALID) << b.list;
        EXPECT_TRUE(says(t, b.text)) << t.diag.message;
    }
}
