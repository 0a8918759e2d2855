// Is each memory priced at its own size, where the table has a law and nowhere else; and does a designer
// who asks for the best size get an answer?
#include "tests/sim/analytic_fixture.h"

#include <cmath>

namespace
{
struct Priced {
    Account account;
    mf_energy_table *table = nullptr;
    mf_prices prices = {};
    mf_status status = MF_OK;
    mf_diag diag = {};

    explicit Priced(const std::string &name, const Published::Changes &changes = {},
                    const char *chip = "eyeriss-12x14", mf_laws laws = MF_LAWS_OWN)
        : account(chip, changes)
    {
        EXPECT_OK(mf_energy_table_load(source_path("energy_tables/" + name + ".json").c_str(),
                                       &table, D));
        status = mf_prices_make(&account.accelerator, table, laws, &prices, &diag);
        EXPECT_EQ(status, MF_OK) << diag.message;
    }
    Priced(const Priced &) = delete;
    ~Priced()
    {
        mf_energy_table_destroy(table);
    }
    double read(int level, int tensor) const
    {
        return mf_read_price(&prices.at[level][tensor], 16);
    }
    double write(int level, int tensor) const
    {
        return mf_write_price(&prices.at[level][tensor], 16);
    }
};

const char *const tables[] = {"consistent-45nm", "cacti-45nm-lstp", "cacti-45nm-lop"};

// What a network costs with so many words of buffer, mapped for least energy.
double energy_mj(const char *table, uint64_t buffer_words)
{
    Account a("eyeriss-12x14",
              {{"buffer_words", std::to_string(buffer_words)}, {"weight_prefetch_words", "0"}});
    mf_energy_table_destroy(a.table);
    EXPECT_OK(mf_energy_table_load(
        source_path(std::string("energy_tables/") + table + ".json").c_str(), &a.table, D));
    a.options.objective = MF_OBJECTIVE_ENERGY;
    const mf_analytic_result &r = a.run("mcunet-in3", "mult", 128);
    EXPECT_EQ(a.status, MF_OK) << a.diag.message;
    return r.energy_mj;
}
} // namespace

TEST(Prices, AreThoseOfEachMemorysOwnSize)
{
    Priced p("consistent-45nm");
    const double words[MF_N_TENSORS] = {12, 224, 24};
    for (int t = 0; t < MF_N_TENSORS; t++) {
        double expected = 0.8333 * std::pow(words[t] * 2 / 512, 0.484);
        EXPECT_NEAR(p.read(MF_LEVEL_REGISTERS, t), expected, 1e-12);
        EXPECT_EQ(p.read(MF_LEVEL_REGISTERS, t), p.write(MF_LEVEL_REGISTERS, t));
        EXPECT_EQ(p.read(MF_LEVEL_GLOBAL_BUFFER, t), 5.0) << "the anchor is Eyeriss' buffer";
    }
    EXPECT_EQ(p.read(MF_LEVEL_DRAM, MF_IFMAP), 166.67);
    EXPECT_EQ(p.prices.look_up.read, 0.8333) << "a table of the vector unit, not a scratchpad";
}

TEST(Prices, AWordSizeOrBankChangesNoOtherMemory)
{
    const struct {
        const char *key, *value;
        int level, tensor; // -1: all
        bool dearer;
    } changes[] = {{"ifmap_register_words", "24", MF_LEVEL_REGISTERS, MF_IFMAP, true},
                   {"weight_register_words", "448", MF_LEVEL_REGISTERS, MF_WEIGHT, true},
                   {"psum_register_words", "12", MF_LEVEL_REGISTERS, MF_PSUM, false},
                   {"buffer_words", "110592", MF_LEVEL_GLOBAL_BUFFER, -1, true},
                   {"buffer_banks", "50", MF_LEVEL_GLOBAL_BUFFER, -1, false},
                   {"buffer_bank_bits", "32", MF_LEVEL_GLOBAL_BUFFER, -1, true}};
    for (const char *table : tables)
        for (const auto &c : changes) {
            Priced before(table), after(table, {{c.key, c.value}});
            for (int level = 0; level < MF_N_LEVELS; level++)
                for (int t = 0; t < MF_N_TENSORS; t++) {
                    SCOPED_TRACE(std::string(table) + " " + c.key + " " + mf_level_name(level));
                    double r = after.read(level, t) / before.read(level, t),
                           w = after.write(level, t) / before.write(level, t);
                    if (level != c.level || (c.tensor >= 0 && t != c.tensor)) {
                        EXPECT_EQ(r, 1);
                        EXPECT_EQ(w, 1);
                    } else {
                        EXPECT_EQ(r > 1, c.dearer);
                        EXPECT_EQ(w > 1, c.dearer);
                        EXPECT_NE(r, 1);
                    }
                }
        }
}

TEST(Prices, WithoutALawKnowNoSize)
{
    Priced small("flat-45nm"), large("flat-45nm", {{"ifmap_register_words", "4096"},
                                                   {"weight_register_words", "4096"},
                                                   {"psum_register_words", "4096"},
                                                   {"buffer_words", "4194304"},
                                                   {"buffer_banks", "1"}});
    const double entries[MF_N_LEVELS] = {166.67, 5.0, 1.6667, 0.8333};
    for (int level = 0; level < MF_N_LEVELS; level++)
        for (int t = 0; t < MF_N_TENSORS; t++)
            for (const Priced *p : {&small, &large}) {
                EXPECT_EQ(p->read(level, t), entries[level]);
                EXPECT_EQ(p->write(level, t), entries[level]);
            }
    EXPECT_FALSE(mf_prices_know_banks(small.table));
    mf_sized_memory memories[MF_MOST_SIZED_MEMORIES];
    size_t n = 1;
    EXPECT_OK(mf_sized_memories(&small.account.accelerator, small.table, memories, &n, D));
    EXPECT_EQ(n, 0u);
}

TEST(Prices, AskForTheSizesThatTheyNeed)
{
    Priced p("consistent-45nm"), flat("flat-45nm");
    mf_prices prices;
    mf_accelerator without = p.account.accelerator;
    without.given[MF_KEY_buffer_banks] = false;
    EXPECT_FAILS(MF_INVALID, "buffer_banks is missing",
                 mf_prices_make(&without, p.table, MF_LAWS_OWN, &prices, D));
    EXPECT_OK(mf_prices_make(&without, flat.table, MF_LAWS_OWN, &prices, D));
    without = p.account.accelerator;
    without.given[MF_KEY_buffer_bank_bits] = false;
    EXPECT_FAILS(MF_INVALID, "buffer_bank_bits is missing",
                 mf_prices_make(&without, p.table, MF_LAWS_OWN, &prices, D));
    EXPECT_TRUE(mf_prices_know_banks(p.table));
}

TEST(Prices, KnowWhichMemoriesLieOutsideTheLaw)
{
    const std::vector<std::string> names = {"ifmap scratchpad", "weight scratchpad",
                                            "psum scratchpad", "buffer"};
    for (const char *table : tables) {
        Priced p(table);
        mf_sized_memory memories[MF_MOST_SIZED_MEMORIES];
        size_t n = 0;
        EXPECT_OK(mf_sized_memories(&p.account.accelerator, p.table, memories, &n, D));
        ASSERT_EQ(n, names.size());
        for (size_t i = 0; i < n; i++) {
            EXPECT_EQ(memories[i].name, names[i]);
            bool cacti = std::string(table) != "consistent-45nm";
            // CACTI has no array below 64 B: 24 and 48 B lie outside.
            EXPECT_EQ(mf_memory_law_holds(memories[i].cost->law, &memories[i].memory),
                      !cacti || i == 1 || i == 3)
                << table << " " << names[i];
        }
        EXPECT_EQ(memories[0].memory.bits, 24 * 8u);
        EXPECT_EQ(memories[3].memory.bits, 108 * 1024 * 8u);
        EXPECT_EQ(memories[3].memory.banks, 25u);
    }
}

TEST(Prices, OtherLawsEncloseTheTablesOwn)
{
    for (const char *table : tables)
        for (const char *words : {"16384", "55296", "524288"}) {
            const Published::Changes sizes = {{"buffer_words", words}};
            Priced own(table, sizes), low(table, sizes, "eyeriss-12x14", MF_LAWS_CHEAPEST),
                high(table, sizes, "eyeriss-12x14", MF_LAWS_DEAREST);
            for (int level = 0; level < MF_N_LEVELS; level++)
                for (int t = 0; t < MF_N_TENSORS; t++) {
                    auto both = [&](const Priced &p) {
                        return p.read(level, t) + p.write(level, t);
                    };
                    EXPECT_LE(both(low), both(own)) << table << " " << mf_level_name(level);
                    EXPECT_GE(both(high), both(own)) << table << " " << mf_level_name(level);
                }
            EXPECT_LT(low.read(MF_LEVEL_REGISTERS, MF_IFMAP),
                      0.8 * high.read(MF_LEVEL_REGISTERS, MF_IFMAP));
        }
}

// Parts of an account sum up, whatever a read and a write cost.
TEST(Prices, PartsOfASizedAccountSumToItsTotals)
{
    for (const char *table : tables) {
        Account a("eyeriss-12x14");
        mf_energy_table_destroy(a.table);
        EXPECT_OK(mf_energy_table_load(
            source_path(std::string("energy_tables/") + table + ".json").c_str(), &a.table, D));
        a.options.schedule = MF_SCHEDULE_RESIDENT;
        const mf_analytic_result &r = a.run("mobilenetv2-w0.35", "shift", 64);
        ASSERT_EQ(a.status, MF_OK) << a.diag.message;
        double rows = 0, parts = r.mac_mj;
        for (size_t i = 0; i < r.n_rows; i++)
            rows += r.rows[i].energy_pj * 1e-9;
        for (const auto &level : r.access_mj)
            for (double mj : level)
                parts += mj;
        EXPECT_NEAR(rows + r.static_mj, r.energy_mj, 1e-9 * r.energy_mj) << table;
        EXPECT_NEAR(parts, r.array_mj, 1e-9 * r.energy_mj) << table;
    }
}

// So has each scratchpad, and no size of one makes another account worse without a law.
TEST(Prices, EachMemoryHasABestSize)
{
    const struct {
        const char *key;
        uint64_t small, best, large;
    } memories[] = {{"ifmap_register_words", 4, 12, 96},
                    {"weight_register_words", 8, 48, 960},
                    {"psum_register_words", 1, 8, 32},
                    {"buffer_words", 256, 2048, 262144}};
    for (const auto &m : memories) {
        double mj[3];
        const uint64_t words[] = {m.small, m.best, m.large};
        for (int i = 0; i < 3; i++) {
            Account a("shiftaddaug-16x12", {{m.key, std::to_string(words[i])}});
            a.options.objective = MF_OBJECTIVE_ENERGY;
            mj[i] = a.run("mobilenetv2-w0.35", "mult", 96).energy_mj;
            ASSERT_EQ(a.status, MF_OK) << a.diag.message;
        }
        EXPECT_LT(mj[1], mj[0] * 0.998) << m.key << ": too small";
        EXPECT_LT(mj[1], mj[2] * 0.998) << m.key << ": too large";
    }
}

// Bigger is never worse without a law; with one, some size in between is best.
TEST(Prices, ABufferHasABestSize)
{
    const uint64_t sizes[] = {256, 4096, 65536, 524288};
    double flat[4], sized[4];
    for (int i = 0; i < 4; i++) {
        flat[i] = energy_mj("flat-45nm", sizes[i]);
        sized[i] = energy_mj("consistent-45nm", sizes[i]);
        if (i > 0) {
            EXPECT_LE(flat[i], flat[i - 1] * (1 + 1e-9)) << sizes[i];
        }
    }
    EXPECT_LT(sized[1], 0.95 * sized[0]) << "too small: maps come twice";
    EXPECT_LT(sized[1], 0.95 * sized[3]) << "too large: every access pays for the size";
}
