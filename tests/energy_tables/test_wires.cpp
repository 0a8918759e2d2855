// Are wires read as they are written, kept by every node but for how sure they are; is a network that is
// priced twice, without lengths or in multiples of a MAC refused?
#include "energy_tables/energy_table_node.h"
#include "tests/energy_tables/tables.h"

#include <cstring>
#include <regex>

namespace
{
std::string text_of(const char *name)
{
    return read_text(source_path(std::string("energy_tables/") + name + ".json"));
}

std::string replaced(const std::string &text, const std::string &from, const std::string &to)
{
    size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return std::string(text).replace(at, from.size(), to);
}
} // namespace

// The shipped table is consistent-45nm but for the network: every other entry is the same.
TEST(Wires, AreTheOnlyDifference)
{
    const Table plain(shipped("consistent-45nm")), t(shipped("wires-45nm"));
    ASSERT_NE(t.table->wire, nullptr);
    EXPECT_EQ(plain.table->wire, nullptr);
    EXPECT_EQ(t.table->wire->energy_pj_per_mm_bit, 0.325) << "1.627 fF per um x 0.2 x 1 V^2";
    EXPECT_NEAR(1.627 * 0.2, t.table->wire->energy_pj_per_mm_bit, 5e-4);
    EXPECT_EQ(t.table->n_other_wires, 2u);
    const std::regex heads("\"(name|about)\": \"[^\"]*\""),
        network("[^\n]*\"level\": \"network\"[^\n]*\n"), wires("  \"wires\": [^]*?\\]\\},\n");
    auto without = [&](std::string text) {
        for (int i = 0; i < 2; i++) /* name and about of the table */
            text = std::regex_replace(text, heads, "", std::regex_constants::format_first_only);
        return std::regex_replace(std::regex_replace(text, network, ""), wires, "");
    };
    EXPECT_EQ(without(text_of("consistent-45nm")), without(text_of("wires-45nm")));
}

TEST(Wires, StayAtEveryNodeAndAreAssumedThere)
{
    for (uint64_t node_nm : {65, 32, 28, 22, 16, 7}) {
        Table t(shipped("wires-45nm"));
        const double own = t.table->wire->energy_pj_per_mm_bit;
        EXPECT_OK(mf_energy_table_scale(t.table, node_nm, D));
        EXPECT_EQ(t.table->wire->energy_pj_per_mm_bit, own);
        EXPECT_STREQ(t.table->wire->status, "assumed");
        EXPECT_EQ(t.table->n_other_wires, 2u);
        EXPECT_EQ(t.table->other_wires[1].energy_pj_per_mm_bit, 0.72);
        EXPECT_STREQ(t.table->other_wires[1].status, "assumed");
    }
}

TEST(Wires, RefuseWhatMakesNoSense)
{
    const std::string good = text_of("wires-45nm"), list = R"("accesses": [
    {"level": "network_psum", "word_bits": 16, "energy_pj": 1, "status": "found", "source": "s"},)";
    EXPECT_EQ(Table(good).status, MF_OK);
    const struct {
        std::string text;
        const char *says;
    } bad[] = {
        {replaced(good, "\"accesses\": [", list), "priced twice"},
        {replaced(good, "\"energy_pj_per_mm_bit\": 0.325", "\"energy_pj_per_mm_bit\": 0"),
         "energy_pj_per_mm_bit"},
        {replaced(good, "\"energy_pj_per_mm_bit\": 0.325", "\"energy_pj_per_mm_bit\": -1"),
         "energy_pj_per_mm_bit"},
        {replaced(good, "\"energy_pj_per_mm_bit\": 0.325", "\"pj\": 1"), "pj"},
        {replaced(good, "{\"name\": \"CACTI, slower wires\", ", "{"), "name"},
        {R"({"name": "t", "about": "a", "technology_nm": 45, "unit": "pj", "operations": [],
             "accesses": [], "wires": {"energy_pj_per_mm_bit": 1, "status": "found", "source": "s"}})",
         "no wire has a length"},
        {R"({"name": "t", "about": "a", "technology_nm": 45, "unit": "macs", "operations": [],
             "accesses": [], "wires": {"energy_pj_per_mm_bit": 1, "status": "found", "source": "s"}})",
         "relative costs"}};
    for (const auto &b : bad) {
        Table t(b.text);
        EXPECT_EQ(t.status, MF_INVALID) << b.says;
        EXPECT_NE(std::string(t.diag.message).find(b.says), std::string::npos) << t.diag.message;
    }
}
