// Do the areas and leakages of the shipped tables say what CACTI says, within what their fits leave; does a
// larger memory never take or leak less; is a list that makes no sense refused, and half a list?
#include "energy_tables/energy_table_area.h"
#include "tests/energy_tables/cacti_nodes.h"
#include "tests/energy_tables/tables.h"

namespace
{
const char *const with_areas[] = {"consistent-45nm", "cacti-45nm-lstp", "cacti-45nm-lop"};

// Root of the mean square, and the most, of the logarithms of law over CACTI, over all runs at 45 nm that
// CACTI could make and the law was fitted to.
void hold_against_cacti(const mf_size_law *law, const char *cells, double NodeRun::*value,
                        double rms, double most)
{
    double squares = 0, worst = 0;
    size_t n = 0;
    for (const NodeRun &run : node_runs()) {
        if (run.cells != cells || run.node_nm != 45 || !mf_memory_law_holds(&law->law, &run.memory))
            continue;
        double error = std::log(mf_memory_law_whole(&law->law, &run.memory) / (run.*value));
        squares += error * error;
        worst = std::max(worst, std::fabs(error));
        n++;
    }
    EXPECT_GE(n, 21u);
    EXPECT_LT(std::sqrt(squares / static_cast<double>(n)), rms);
    EXPECT_LT(worst, most);
}

std::string entry(const std::string &level, const std::string &unit, const std::string &rest)
{
    return R"({"level": ")" + level + R"(", )" + unit +
           R"("bytes": 1024, "banks": 1, "port_bits": 16, "capacity_exponent": 1, "port_exponent": 0,
      "bank_exponent": 0, "least_bytes": 64, "most_bytes": 1024, "least_port_bits": 8,
      "most_port_bits": 32, "status": "found", "source": "s")" +
           rest + "}";
}

std::string part(const std::string &name)
{
    return R"({"part": ")" + name + R"(", "area_um2": 5, "status": "found", "source": "s"})";
}

const std::string area = "\"area_um2\": 3000, ", leakage = "\"leakage_mw\": 0.1, ";

std::string with(const std::string &members)
{
    return R"({"name": "t", "about": "a", "technology_nm": 45, "unit": "pj", "operations": [],
      "accesses": [])" +
           members + "}";
}

std::string memories(const std::string &entries)
{
    return R"(, "memory_areas": [)" + entries + "]";
}

std::string both()
{
    return entry("register", area, "") + ", " + entry("buffer", area, "");
}

std::string logic()
{
    return R"(, "logic_areas": [)" + part("pe_control") + ", " + part("network_port") + "]";
}
} // namespace

TEST(AreaLaw, SaysWhatCactiSays)
{
    for (const char *name : with_areas) {
        const Table t(shipped(name));
        ASSERT_EQ(t.status, MF_OK) << t.diag.message;
        bool lop = std::string(name) == "cacti-45nm-lop";
        for (const char *level : {"register", "buffer"}) {
            SCOPED_TRACE(std::string(name) + " " + level);
            const mf_size_law *areas = mf_energy_table_memory_area(t.table, level, "ifmap"),
                              *leaks = mf_energy_table_memory_leakage(t.table, level, "ifmap");
            ASSERT_NE(areas, nullptr);
            ASSERT_NE(leaks, nullptr);
            hold_against_cacti(areas, lop ? "lop" : "lstp", &NodeRun::area_um2, lop ? 0.14 : 0.08,
                               lop ? 0.4 : 0.21);
            hold_against_cacti(leaks, lop ? "lop" : "lstp", &NodeRun::leakage_mw, lop ? 0.19 : 0.09,
                               lop ? 0.54 : 0.26);
        }
    }
}

// In capacity, in the port and in banks; also far from where the law was made.
TEST(AreaLaw, NeverMakesLargerSmaller)
{
    for (const char *name : with_areas) {
        const Table t(shipped(name));
        for (const char *level : {"register", "buffer"})
            for (const mf_size_law *laws : {mf_energy_table_memory_area(t.table, level, ""),
                                            mf_energy_table_memory_leakage(t.table, level, "")})
                for (size_t i = 0; i <= laws->n_other_laws; i++) {
                    const mf_memory_law *law = i ? &laws->other_laws[i - 1] : &laws->law;
                    double before = 0;
                    for (uint64_t bits = 8; bits <= uint64_t{1} << 34; bits = bits * 3 / 2) {
                        const mf_memory one = {bits, 1, 16}, wide = {bits, 1, 64},
                                        banked = {bits, 8, 16};
                        double value = mf_memory_law_whole(law, &one);
                        EXPECT_GT(value, before) << name << " " << level << " " << bits;
                        EXPECT_GE(mf_memory_law_whole(law, &wide), value);
                        EXPECT_GE(mf_memory_law_whole(law, &banked), value);
                        before = value;
                    }
                }
    }
}

// Eight banks are eight memories of an eighth each.
TEST(AreaLaw, BanksAreMemoriesOfTheirOwn)
{
    for (const char *name : with_areas) {
        const Table t(shipped(name));
        for (const mf_size_law *laws : {mf_energy_table_memory_area(t.table, "buffer", ""),
                                        mf_energy_table_memory_leakage(t.table, "buffer", "")}) {
            const mf_memory whole = {1 << 20, 8, 64}, bank = {1 << 17, 1, 64};
            EXPECT_NEAR(mf_memory_law_whole(&laws->law, &whole),
                        8 * mf_memory_law_whole(&laws->law, &bank),
                        1e-3 * mf_memory_law_whole(&laws->law, &whole))
                << name;
        }
    }
}

// 7,000 gates of Eyeriss' logic for each PE, less what else is in it: the entry's own arithmetic.
TEST(AreaLaw, ControlIsWhatIsLeftOfEyerissGates)
{
    const double nand2 = 0.798, flip_flop = 4.522;
    for (const char *name : with_areas) {
        const Table t(shipped(name));
        double mult = 0, add = 0;
        EXPECT_OK(mf_energy_table_area_um2(t.table, "mult", false, 16, 16, &mult, D));
        EXPECT_OK(mf_energy_table_area_um2(t.table, "add", false, 16, 16, &add, D));
        EXPECT_NEAR(t.table->logic_areas[MF_LOGIC_PE_CONTROL].area_um2,
                    1176000.0 / 168 * nand2 - mult - add - (12 + 24) * 16 * flip_flop -
                        4 * 16 * flip_flop,
                    0.5);
        EXPECT_EQ(t.table->logic_areas[MF_LOGIC_NETWORK_PORT].area_um2, flip_flop);
        EXPECT_STRNE(t.table->logic_areas[MF_LOGIC_PE_CONTROL].source, "");
    }
}

TEST(AreaLaw, TablesWithoutAreasHaveNone)
{
    for (const char *name : {"flat-45nm", "eyeriss-normalised", "published-predictor",
                             "horowitz-45nm", "paper-table1"}) {
        const Table t(shipped(name));
        ASSERT_EQ(t.status, MF_OK);
        EXPECT_FALSE(mf_energy_table_has_areas(t.table)) << name;
        EXPECT_EQ(mf_energy_table_memory_area(t.table, "buffer", "ifmap"), nullptr);
    }
}

TEST(AreaLaw, TensorsMayHaveTheirOwn)
{
    const Table t(
        with(memories(both() + ", " + entry("register_psum", "\"area_um2\": 7, ", "")) + logic()));
    ASSERT_EQ(t.status, MF_OK) << t.diag.message;
    EXPECT_EQ(mf_energy_table_memory_area(t.table, "register", "psum")->law.read, 7);
    EXPECT_EQ(mf_energy_table_memory_area(t.table, "register", "ifmap")->law.read, 3000);
}

TEST(AreaLaw, RefusesWhatMakesNoSense)
{
    const std::string other =
        R"(, "other_laws": [)" + entry("x", area, "").replace(0, 10, R"({"name": )") + "]";
    EXPECT_EQ(Table(with(memories(both()) + logic())).status, MF_OK);
    EXPECT_EQ(
        Table(with(memories(entry("register", area, other) + ", " + entry("buffer", area, "")) +
                   logic()))
            .status,
        MF_OK);
    const struct {
        std::string members, says;
    } bad[] = {
        {memories(both()), "lacks part pe_control"},
        {logic(), "\"memory_areas\" lacks level register"},
        {memories(entry("register", area, "")) + logic(), "\"memory_areas\" lacks level buffer"},
        {R"(, "memory_leakages": [)" + entry("buffer", leakage, "") + "]",
         "\"memory_leakages\" lacks level register"},
        {memories(both()) + R"(, "logic_areas": [)" + part("pe_control") + "]",
         "lacks part network_port"},
        {memories(both()) + R"(, "logic_areas": [)" + part("pe_control") + ", " +
             part("pe_control") + "]",
         "pe_control is given twice"},
        {memories(both()) + R"(, "logic_areas": [)" + part("wires") + "]", "part"},
        {memories(both() + ", " + entry("buffer", area, "")) + logic(), "buffer is given twice"},
        {memories(both() + ", " + entry("dram", area, "")) + logic(), "no size of level dram"},
        {memories(both() + ", " + entry("register_psum", "", "")) + logic(), "area_um2"},
        {memories(both() + ", " + entry("register_psum", "\"area_um2\": -3, ", "")) + logic(),
         "area_um2"},
        {memories(both() + ", " + entry("register_psum", "\"area_um2\": 0, ", "")) + logic(),
         "area_um2"},
        {memories(both() + ", " + entry("register_psum", leakage, "")) + logic(), "leakage_mw"},
        {memories(entry("register", area, R"(, "read_capacity_exponent": 1)") + ", " +
                  entry("buffer", area, "")) +
             logic(),
         "exponent"},
        {R"(, "memory_areas": {})" + logic(), "memory_areas"},
        {memories(both()) + R"(, "logic_areas": 5)", "logic_areas"}};
    for (const auto &b : bad) {
        Table t(with(b.members));
        EXPECT_EQ(t.status, MF_INVALID) << b.members;
        EXPECT_NE(std::string(t.diag.message).find(b.says), std::string::npos)
            << t.diag.message << "\n"
            << b.says;
    }
}
