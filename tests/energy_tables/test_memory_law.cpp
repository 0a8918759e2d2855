// Do the laws of the shipped tables say what CACTI says, within what their fits leave; does an access
// never become cheaper in a larger memory or through a wider port; is a law that makes no sense
// refused?
#include "energy_tables/energy_table.h"
#include "tests/energy_tables/tables.h"

#include <cmath>

namespace
{
const mf_access_cost *access_at(const Table &t, const char *level)
{
    const mf_access_cost *cost = nullptr;
    EXPECT_OK(mf_energy_table_find_access(t.table, level, "ifmap", &cost, D));
    return cost;
}

const char *const sized_tables[] = {"consistent-45nm", "cacti-45nm-lstp", "cacti-45nm-lop"};

// An access of the whole port, pJ.
double port_price(const mf_access_cost *cost, double word_price, const mf_memory &memory)
{
    return word_price * static_cast<double>(memory.port_bits) /
           static_cast<double>(cost->word_bits);
}

struct CactiRun {
    std::string table;
    mf_memory memory;
    double read_pj, write_pj;
};

std::vector<CactiRun> cacti_runs()
{
    std::vector<CactiRun> runs;
    Doc doc = Doc::load(source_path("tests/energy_tables/cacti_45nm.json"));
    mf_json root = mf_json_root(doc.doc), list, item = {};
    EXPECT_OK(mf_json_array(&root, "runs", &list, D));
    while (mf_json_next(&list, &item)) {
        CactiRun run;
        mf_json value = {};
        const char *table = nullptr;
        double numbers[5];
        EXPECT_TRUE(mf_json_next(&item, &value));
        EXPECT_OK(mf_json_read_string(&value, &table, D));
        for (double &number : numbers) {
            EXPECT_TRUE(mf_json_next(&item, &value));
            EXPECT_OK(mf_json_read_real(&value, 0, 1e9, &number, D));
        }
        run.table = table;
        run.memory = {static_cast<uint64_t>(numbers[0]) * 8, static_cast<uint64_t>(numbers[1]),
                      static_cast<uint64_t>(numbers[2])};
        run.read_pj = numbers[3];
        run.write_pj = numbers[4];
        runs.push_back(run);
    }
    return runs;
}

// Root of the mean square, and the most, of the logarithms of model over CACTI.
struct Errors {
    double squares = 0, most = 0;
    size_t n = 0;
    void add(double model, double cacti)
    {
        double error = std::log(model / cacti);
        squares += error * error;
        most = std::max(most, std::fabs(error));
        n++;
    }
    double rms() const
    {
        return std::sqrt(squares / static_cast<double>(n));
    }
};

std::string with_law(const std::string &level, const std::string &prices, const std::string &law)
{
    return R"({"name": "t", "about": "a", "technology_nm": 45, "unit": "pj", "operations": [],
      "accesses": [{"level": ")" +
           level + R"(", "word_bits": 16, )" + prices +
           R"("status": "found", "source": "s", "law": {)" + law + "}}]}";
}

std::string law(const std::string &key, const std::string &value)
{
    std::vector<std::pair<std::string, std::string>> members = {
        {"bytes", "512"},         {"banks", "1"},
        {"port_bits", "16"},      {"capacity_exponent", "0.5"},
        {"port_exponent", "0.5"}, {"bank_exponent", "0"},
        {"least_bytes", "64"},    {"most_bytes", "1024"},
        {"least_port_bits", "8"}, {"most_port_bits", "32"},
        {"status", "\"found\""},  {"source", "\"s\""}};
    std::string text;
    for (auto &[name, written] : members) {
        if (name == key)
            written = value;
        if (written.empty())
            continue;
        text += (text.empty() ? "\"" : ", \"") + name + "\": " + written;
    }
    return text;
}
} // namespace

// Bands of the fits: mean of a read and a write within 8 % rms and 28 % at most over one bank, as
// measured when they were made; a read or a write alone strays further.
TEST(MemoryLaw, SaysWhatCactiSays)
{
    std::vector<CactiRun> runs = cacti_runs();
    for (const char *name : {"cacti-45nm-lstp", "cacti-45nm-lop"}) {
        Table t(shipped(name));
        for (const char *level : {"register", "buffer"}) {
            const mf_access_cost *cost = access_at(t, level);
            Errors means, reads, writes;
            for (const CactiRun &run : runs) {
                if (run.table != name || run.memory.banks > 1 ||
                    !mf_memory_law_holds(cost->law, &run.memory))
                    continue;
                double read, write;
                mf_memory_law_prices(cost->law, &run.memory, &read, &write);
                read = port_price(cost, read, run.memory);
                write = port_price(cost, write, run.memory);
                means.add(read + write, run.read_pj + run.write_pj);
                reads.add(read, run.read_pj);
                writes.add(write, run.write_pj);
            }
            SCOPED_TRACE(std::string(name) + " " + level);
            EXPECT_GE(means.n, 21u);
            EXPECT_LT(means.rms(), 0.09);
            EXPECT_LT(means.most, 0.28);
            EXPECT_LT(reads.rms(), 0.18);
            EXPECT_LT(writes.rms(), 0.14);
        }
    }
}

// Banks: over 1 to 32 of them, relative to one.
TEST(MemoryLaw, KnowsWhatBanksDo)
{
    std::vector<CactiRun> runs = cacti_runs();
    for (const char *name : {"cacti-45nm-lstp", "cacti-45nm-lop"}) {
        Table t(shipped(name));
        const mf_access_cost *cost = access_at(t, "buffer");
        Errors together;
        for (const CactiRun &run : runs) {
            double read, write;
            if (run.table != name || run.memory.banks == 1)
                continue;
            mf_memory_law_prices(cost->law, &run.memory, &read, &write);
            together.add(port_price(cost, read + write, run.memory), run.read_pj + run.write_pj);
        }
        SCOPED_TRACE(name);
        EXPECT_GE(together.n, 18u);
        EXPECT_LT(together.rms(), 0.2);
        EXPECT_LT(cost->law->bank_exponent, 0) << "a bank is smaller than the whole";
    }
}

TEST(MemoryLaw, NeverMakesLargerOrWiderCheaper)
{
    for (const char *name : sized_tables) {
        Table t(shipped(name));
        for (const char *level : {"register", "buffer"}) {
            const mf_access_cost *cost = access_at(t, level);
            for (size_t i = 0; i <= cost->n_other_laws; i++) {
                const mf_memory_law *law = i ? &cost->other_laws[i - 1] : cost->law;
                double before_read = 0, before_write = 0;
                for (uint64_t bits = 64; bits <= uint64_t{1} << 34; bits = bits * 3 / 2) {
                    mf_memory memory = {bits, 1, 16}, wide = {bits, 1, 32};
                    double read, write, wide_read, wide_write;
                    mf_memory_law_prices(law, &memory, &read, &write);
                    mf_memory_law_prices(law, &wide, &wide_read, &wide_write);
                    EXPECT_GT(read, before_read) << name << " " << level << " " << bits;
                    EXPECT_GT(write, before_write) << name << " " << level << " " << bits;
                    EXPECT_GT(port_price(cost, wide_read, wide), port_price(cost, read, memory));
                    EXPECT_GT(port_price(cost, wide_write, wide), port_price(cost, write, memory));
                    EXPECT_LE(wide_read, read) << "per bit, a wide port is no dearer";
                    before_read = read;
                    before_write = write;
                }
            }
        }
    }
}

TEST(MemoryLaw, IsTheEntrysPriceAtItsAnchor)
{
    for (const char *name : sized_tables) {
        Table t(shipped(name));
        for (const char *level : {"register", "buffer"}) {
            const mf_access_cost *cost = access_at(t, level);
            double read, write;
            mf_memory_law_prices(cost->law, &cost->law->anchor, &read, &write);
            EXPECT_EQ(read, cost->read) << name << " " << level;
            EXPECT_EQ(write, cost->write) << name << " " << level;
        }
    }
    Table t(shipped("consistent-45nm"));
    EXPECT_EQ(access_at(t, "register")->law->anchor.bits, 512 * 8u);
    EXPECT_EQ(access_at(t, "buffer")->law->anchor.bits, 108 * 1024 * 8u) << "1 KB is 1,024 B";
}

TEST(MemoryLaw, EveryShippedLawHasASourceAndSomethingToBeHeldAgainst)
{
    for (const char *name : sized_tables) {
        Table t(shipped(name));
        for (const char *level : {"register", "buffer"}) {
            const mf_access_cost *cost = access_at(t, level);
            ASSERT_NE(cost->law, nullptr);
            EXPECT_STRNE(cost->law->source, "");
            EXPECT_GE(cost->n_other_laws, 3u);
            for (size_t i = 0; i < cost->n_other_laws; i++) {
                EXPECT_STRNE(cost->other_laws[i].name, "");
                EXPECT_STRNE(cost->other_laws[i].source, "");
            }
        }
    }
    for (const char *name :
         {"flat-45nm", "published-predictor", "eyeriss-65nm", "eyeriss-normalised"}) {
        Table t(shipped(name));
        for (size_t i = 0; i < t.table->n_accesses; i++)
            EXPECT_EQ(t.table->accesses[i].law, nullptr) << name;
    }
}

TEST(MemoryLaw, RefusesWhatMakesNoSense)
{
    const std::string price = "\"energy_pj\": 1, ";
    EXPECT_EQ(Table(with_law("register", price, law("", ""))).status, MF_OK);
    EXPECT_EQ(
        Table(with_law("buffer_ifmap", "\"read_pj\": 1, \"write_pj\": 2, ", law("", ""))).status,
        MF_OK);
    const struct {
        const char *key, *value, *says;
    } bad[] = {{"bytes", "0", "bytes"},
               {"bytes", "-5", "bytes"},
               {"bytes", "", "bytes"},
               {"banks", "0", "banks"},
               {"port_bits", "0", "port_bits"},
               {"port_bits", "1.5", "port_bits"},
               {"capacity_exponent", "-0.1", "capacity_exponent"},
               {"capacity_exponent", "2.1", "capacity_exponent"},
               {"port_exponent", "\"half\"", "port_exponent"},
               {"bank_exponent", "-2", "bank_exponent"},
               {"least_bytes", "2048", "least_bytes 2048 is more than most_bytes 1024"},
               {"least_port_bits", "64", "least_port_bits 64 is more than most_port_bits 32"},
               {"status", "\"guessed\"", "status"},
               {"source", "", "source"}};
    for (const auto &b : bad) {
        Table t(with_law("register", price, law(b.key, b.value)));
        EXPECT_EQ(t.status, MF_INVALID) << b.key << " " << b.value;
        EXPECT_NE(std::string(t.diag.message).find(b.says), std::string::npos) << t.diag.message;
    }
    EXPECT_EQ(Table(with_law("dram", price, law("", ""))).status, MF_INVALID) << "of what size?";
    EXPECT_EQ(Table(with_law("register", price + "\"read_pj\": 1, ", law("", ""))).status,
              MF_INVALID)
        << "which of them?";
    EXPECT_EQ(Table(with_law("register", "\"read_pj\": 1, ", law("", ""))).status, MF_INVALID)
        << "and to write?";
    EXPECT_EQ(
        Table(with_law("register", price, law("", "") + ", \"read_capacity_exponent\": 1")).status,
        MF_INVALID);
}

// The account that knows no sizes does not take the price of one size for all.
TEST(MemoryLaw, IsRefusedWhereSizesAreUnknown)
{
    Table t(shipped("consistent-45nm"));
    double pj = 0;
    EXPECT_OK(mf_energy_table_access_pj(t.table, "dram", 16, &pj, D));
    EXPECT_FAILS(MF_INVALID, "flat-45nm", mf_energy_table_access_pj(t.table, "buffer", 16, &pj, D));
}
