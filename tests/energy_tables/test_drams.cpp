// Is DRAM of another kind priced by the bit, and nothing else; is a kind that is not there refused with those
// that are?
#include "energy_tables/energy_table_dram.h"
#include "tests/energy_tables/tables.h"

namespace
{
std::string with(const std::string &list, const std::string &unit)
{
    return R"({"name": "t", "about": "a", "technology_nm": 45, "unit": ")" + unit +
           R"(", "operations": [], "accesses": [], "drams": [)" + list + "]}";
}
} // namespace

TEST(Drams, ArePricedByTheBitAndNothingElseIs)
{
    const struct {
        const char *kind;
        double pj_per_bit;
    } kinds[] = {{"lpddr4", 8}, {"lpddr", 40}, {"ddr3", 70},
                 {"gddr5", 14}, {"hbm2", 3.9}, {"hmc", 4.2}};
    for (const char *name : {"consistent-45nm", "cacti-45nm-lstp", "cacti-45nm-lop", "flat-45nm"}) {
        const Table plain(shipped(name));
        ASSERT_EQ(plain.table->n_drams, std::size(kinds)) << name;
        for (const auto &k : kinds) {
            Table t(shipped(name));
            EXPECT_OK(mf_energy_table_choose_dram(t.table, k.kind, D));
            EXPECT_STREQ(t.table->dram->kind, k.kind);
            size_t n_changed = 0;
            for (size_t i = 0; i < t.table->n_accesses; i++) {
                const mf_access_cost &was = plain.table->accesses[i], &is = t.table->accesses[i];
                if (std::string(is.level) == "dram") {
                    EXPECT_EQ(is.read, k.pj_per_bit * static_cast<double>(is.word_bits));
                    EXPECT_EQ(is.write, is.read);
                    EXPECT_STRNE(is.source, was.source);
                    n_changed++;
                } else {
                    EXPECT_EQ(is.read, was.read);
                    EXPECT_EQ(is.write, was.write);
                }
            }
            EXPECT_EQ(n_changed, 1u);
        }
    }
}

TEST(Drams, RefusesWhatMakesNoSense)
{
    Table t(shipped("consistent-45nm")), none(shipped("horowitz-45nm")),
        relative(shipped("eyeriss-normalised"));
    EXPECT_FAILS(MF_UNKNOWN_NAME, "it has lpddr4, lpddr, ddr3, gddr5, hbm2, hmc",
                 mf_energy_table_choose_dram(t.table, "lpddr5", D));
    EXPECT_FAILS(MF_UNKNOWN_NAME, "nor any other kind",
                 mf_energy_table_choose_dram(none.table, "ddr3", D));
    EXPECT_FAILS(MF_INVALID, "relative", mf_energy_table_choose_dram(relative.table, "ddr3", D));
    const std::string good =
        R"({"kind": "x", "energy_pj_per_bit": 3, "status": "found", "source": "s"})";
    EXPECT_EQ(Table(with(good, "pj")).status, MF_OK);
    const struct {
        std::string list, unit;
        const char *says;
    } bad[] = {{good, "macs", "relative costs"},
               {good + ", " + good, "pj", "kind x is given twice"},
               {R"({"kind": "x", "energy_pj_per_bit": 0, "status": "found", "source": "s"})", "pj",
                "energy_pj_per_bit"},
               {R"({"kind": "x", "energy_pj_per_bit": -8, "status": "found", "source": "s"})", "pj",
                "energy_pj_per_bit"},
               {R"({"kind": "x", "energy_pj_per_bit": 8, "source": "s"})", "pj", "status"},
               {R"({"energy_pj_per_bit": 8, "status": "found", "source": "s"})", "pj", "kind"}};
    for (const auto &b : bad) {
        Table made(with(b.list, b.unit));
        EXPECT_EQ(made.status, MF_INVALID) << b.list;
        EXPECT_NE(std::string(made.diag.message).find(b.says), std::string::npos)
            << made.diag.message;
    }
}
