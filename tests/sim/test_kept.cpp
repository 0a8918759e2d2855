// --schedule resident: does what is not written to DRAM agree with what is not read from there, for
// every network of the zoo and every operator, on accelerators and for objectives that take turns,
// for widths that differ from layer to layer, and for networks at random?
#include "models/formats/network_json.h"
#include "tests/sim/analytic_fixture.h"
#include "tests/sim/kept.h"

#include <algorithm>

namespace
{
// Every network of the zoo, by name.
std::vector<std::string> zoo()
{
    std::vector<std::string> names;
    for (const auto &entry : std::filesystem::directory_iterator(source_path("models/zoo")))
        if (entry.path().extension() == ".json")
            names.push_back(entry.path().stem().string());
    std::sort(names.begin(), names.end());
    return names;
}

// As small as the network can be: shapes differ, and searches are short.
mf_network *load_small(const std::string &name)
{
    for (uint64_t rows : {32, 64, 0}) {
        mf_network_options size = {};
        mf_network *network = nullptr;
        mf_diag why;
        size.rows = size.columns = rows;
        if (mf_network_load(source_path("models/zoo/" + name + ".json").c_str(), &size, &network,
                            &why) == MF_OK)
            return network;
    }
    ADD_FAILURE() << name;
    return nullptr;
}

// A network with and without maps that stay; the number of these.
struct Both {
    Account plain, kept;
    mf_objective objective;

    Both(const std::string &chip, const Published::Changes &changes, mf_objective wanted)
        : plain(chip, changes), kept(chip, changes), objective(wanted)
    {
        plain.options.objective = kept.options.objective = wanted;
        kept.options.schedule = MF_SCHEDULE_RESIDENT;
    }
    size_t run(mf_network *network, mf_network *again, const char *op)
    {
        const mf_analytic_result &p = plain.run(network, op), &k = kept.run(again, op);
        EXPECT_EQ(plain.status, MF_OK) << plain.diag.message;
        EXPECT_EQ(kept.status, MF_OK) << kept.diag.message;
        // The two runs have networks of their own.
        for (size_t i = 0; i < p.n_rows; i++)
            p.rows[i].layer = again->layers + (p.rows[i].layer - network->layers);
        if (plain.status != MF_OK || kept.status != MF_OK)
            return 0;
        return kept::expect_kept(kept.accelerator, &kept.prices, again, objective, p, k);
    }
};

const struct {
    const char *name;
    Published::Changes changes;
} accelerators[] = {
    {"shiftaddaug-16x12", {}},
    {"eyeriss-12x14", {}},
    {"shiftaddaug-16x12", {{"buffer_words", "6000"}}}, // hardly more than tiles need
};

class Kept : public testing::TestWithParam<std::string>
{
};
} // namespace

INSTANTIATE_TEST_SUITE_P(Zoo, Kept, testing::ValuesIn(zoo()),
                         [](const testing::TestParamInfo<std::string> &test) {
                             std::string name = test.param;
                             for (char &c : name)
                                 c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
                             return name;
                         });

TEST_P(Kept, MapsAreReadAsTheyAreWritten)
{
    const std::vector<std::string> names = zoo();
    size_t n_kept = 0, turn = static_cast<size_t>(
                           std::find(names.begin(), names.end(), GetParam()) - names.begin());
    const char *ops[] = {"mult", "shift", "add"};
    const size_t begin = turn;
    while (turn < begin + n_cases(std::size(ops))) { // each network with other pairings
        const char *op = ops[turn % std::size(ops)];
        const auto &accelerator = accelerators[turn % n_cases(std::size(accelerators))];
        auto objective = static_cast<mf_objective>(turn++ % MF_N_OBJECTIVES);
        SCOPED_TRACE(std::string(accelerator.name) + " " + op + " " + mf_objective_name(objective));
        Both both(accelerator.name, accelerator.changes, objective);
        n_kept += both.run(load_small(GetParam()), load_small(GetParam()), op);
    }
    EXPECT_GT(n_kept, 0u);
}

// Widths from 4 to 32 bits at random: a map stays only where its reader has the width of its
// writer.
TEST(KeptAtRandom, MapsAreReadAsTheyAreWritten)
{
    size_t n_kept = 0, n_moved = 0;
    for (uint64_t seed = 0; seed < n_cases(40); seed++) {
        mf_random random = mf_random_stream(15, seed);
        std::string description = kept::random_network(seed),
                    words = std::to_string(mf_random_between(&random, 900, 9000));
        auto objective = static_cast<mf_objective>(seed % MF_N_OBJECTIVES);
        SCOPED_TRACE("seed " + std::to_string(seed) + ", buffer of " + words + " words, best " +
                     mf_objective_name(objective) + ": " + description);
        Doc doc(description);
        mf_network *network = nullptr, *again = nullptr;
        EXPECT_OK(mf_network_from_json(doc.doc, nullptr, &network, D));
        EXPECT_OK(mf_network_from_json(doc.doc, nullptr, &again, D));
        std::vector<mf_bits> bits(network->n_weight_layers);
        for (mf_bits &b : bits)
            b.activation_bits = mf_random_between(&random, 0, 2) ? 8 : 4 << (seed % 4);
        Both both(seed % 2 ? "eyeriss-12x14" : "shiftaddaug-16x12",
                  {{"psum_bits", "48"}, {"weight_prefetch_words", "128"}, {"buffer_words", words}},
                  objective);
        both.plain.options.bits = both.kept.options.bits = {8, false};
        both.plain.bits_of_layer = both.kept.bits_of_layer = bits.data();
        const char *ops[] = {"mult", "shift", "add"};
        size_t n = both.run(network, again, ops[seed % 3]);
        n_kept += n;
        n_moved += again->n_layers - n;
    }
    EXPECT_GT(n_kept, n_cases(40));
    EXPECT_GT(n_moved, n_cases(40));
}

// Layers that only have shapes: nobody knows what a map is for.
TEST(KeptShapes, AreRefusedWhereNoLayerReadsAnother)
{
    Scratch scratch;
    std::string path = scratch.write("two.csv", "Layer, H, W, R, S, C, M, U\n"
                                                "a, 8, 8, 3, 3, 4, 4, 1\nb, 6, 6, 3, 3, 4, 4, 1\n");
    Account account("shiftaddaug-16x12");
    mf_network *network = nullptr;
    EXPECT_OK(mf_network_load(path.c_str(), nullptr, &network, D));
    account.options.schedule = MF_SCHEDULE_RESIDENT;
    account.run(network, "mult");
    EXPECT_EQ(account.status, MF_INVALID);
    EXPECT_NE(std::string(account.diag.message).find("which layer reads which"), std::string::npos)
        << account.diag.message;
}
