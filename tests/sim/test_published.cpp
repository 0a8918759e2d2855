// Does each convention do what its name says, and nothing else?
#include "models/formats/network_file.h"
#include "tests/sim/published_fixture.h"

#include <cmath>

namespace
{
struct Cost {
    double energy_mj, latency_ms;
};

Cost cost(const Published::Changes &changes, const std::string &op,
          const std::string &network = "mobilenetv2-w0.35", const Published::Changes &array = {})
{
    Published engine(changes, array);
    EXPECT_EQ(MF_OK, engine.run(network, op)) << engine.diag.message;
    return {engine.result.energy_mj, engine.result.latency_ms};
}

mf_status read(const std::string &key, const std::string &value, mf_diag *diag)
{
    Published engine;
    Doc experiment = Doc::load(source_path("bench/experiments/table3.json"));
    EXPECT_OK(mf_json_override(experiment.doc, ("conventions." + key).c_str(), value.c_str(), D));
    mf_json root = experiment.root(), object;
    EXPECT_OK(mf_json_get(&root, "conventions", &object, D));
    mf_published_conventions conventions;
    return mf_published_conventions_read(&object, engine.operators, engine.arena, &conventions,
                                         diag);
}
} // namespace

// Published beside Table 3's derivation (docs/ENERGY_MODEL.md): each Shift row billed once.
TEST(Published, ShiftRowsWithoutTheSlip)
{
    const struct {
        const char *network;
        double energy_mj, latency_ms;
    } rows[] = {{"mobilenetv2-w0.35", 0.7022, 0.2283},
                {"mobilenetv3-w0.35", 0.5205, 0.1515},
                {"mcunet-in3", 1.2700, 0.5257},
                {"proxylessnas-w0.35", 0.7366, 0.2758},
                {"mobilenetv2-tiny", 0.6473, 0.2094}};
    for (const auto &row : rows) {
        Cost c = cost({}, "shift", row.network);
        EXPECT_NEAR(c.energy_mj, row.energy_mj, 5e-5) << row.network;
        EXPECT_NEAR(c.latency_ms, row.latency_ms, 5e-5) << row.network;
    }
}

TEST(Published, TheSlipReplacesTheClassifierByTheStem)
{
    Published plain, slip(Published::Changes{{"classifier_billed_as_stem", "[\"shift\"]"}});
    ASSERT_EQ(MF_OK, plain.run("mobilenetv2-w0.35", "shift"));
    ASSERT_EQ(MF_OK, slip.run("mobilenetv2-w0.35", "shift"));
    size_t last = plain.result.n_layers - 1;
    double stem = plain.result.layers[0].cost.energy_mj;
    double classifier = plain.result.layers[last].cost.energy_mj;
    EXPECT_NEAR(slip.result.energy_mj, plain.result.energy_mj - classifier + stem, 1e-12);
    EXPECT_STREQ(slip.result.layers[last].billed_as->name, "stem_0");
    EXPECT_STREQ(slip.result.layers[last].layer->name, "fc_52");
    Cost mult = cost({{"classifier_billed_as_stem", "[\"shift\"]"}}, "mult");
    EXPECT_EQ(mult.energy_mj, cost({}, "mult").energy_mj) << "only the named operator slips";
}

// The figure that ShiftAddViT's treatment gives (shared hardware notes): 2.712 mJ, 0.956 ms.
TEST(Published, DepthwiseWithItsOwnInput)
{
    Cost c = cost({{"depthwise", "own_input"}}, "mult");
    EXPECT_NEAR(c.energy_mj, 2.712, 5e-4);
    EXPECT_NEAR(c.latency_ms, 0.956, 5e-4);
}

TEST(Published, AdditionsAtTable1sPrice)
{
    Published engine(Published::Changes{{"operation_energy", "paper-table1"}});
    Published plain;
    ASSERT_EQ(MF_OK, engine.run("mobilenetv2-w0.35", "add"));
    ASSERT_EQ(MF_OK, plain.run("mobilenetv2-w0.35", "add"));
    double macs = 0;
    for (size_t i = 0; i < plain.result.n_layers; i++)
        if (mf_operators_at(plain.operators, plain.result.layers[i].op)->name == std::string("add"))
            macs += static_cast<double>(mf_shape_macs(&plain.result.layers[i].layer->shape));
    EXPECT_NEAR(engine.result.energy_mj - plain.result.energy_mj, macs * 0.2 / 1e9, 1e-6);
}

TEST(Published, BillingAllOperationsAddsTheAccumulations)
{
    Published::Changes all = {{"operations_billed", "all"}, {"objective", "energy"}};
    double once = cost({{"objective", "energy"}}, "mult").energy_mj,
           both = cost(all, "mult").energy_mj;
    EXPECT_NEAR(both - once, 29.7228e6 * 0.9 / 1e9, 1e-6);
    Published engine(all);
    EXPECT_EQ(MF_INVALID, engine.run("mobilenetv2-w0.35", "shift"))
        << "the predictor's table has no INT32 addition, and none may be made up";
    EXPECT_NE(std::string(engine.diag.message).find("int32 add"), std::string::npos)
        << engine.diag.message;
}

TEST(Published, FreeLevelsAreFree)
{
    Published engine;
    ASSERT_EQ(MF_OK, engine.run("resnet20-cifar", "add"));
    for (size_t i = 0; i < engine.result.n_layers; i++) {
        const mf_published_layer &l = engine.result.layers[i];
        bool add = mf_operators_at(engine.operators, l.op)->name == std::string("add");
        EXPECT_EQ(l.cost.parts_pj[MF_PUBLISHED_DRAM] == 0, add) << l.layer->name;
        EXPECT_GT(l.cost.parts_pj[MF_PUBLISHED_COMPUTE], 0);
    }
}

TEST(Published, LatencyFollowsTheClockAndEnergyDoesNot)
{
    Cost fast = cost({}, "mult"),
         slow = cost({}, "mult", "mobilenetv2-w0.35", {{"clock_mhz", "125"}});
    EXPECT_NEAR(slow.latency_ms, 2 * fast.latency_ms, 1e-12);
    EXPECT_EQ(slow.energy_mj, fast.energy_mj);
}

TEST(Published, AGroupedLayerIsThatManyLayers)
{
    Published engine;
    ASSERT_EQ(MF_OK, engine.run("alexnet", "mult"));
    const mf_published_layer &conv2 = engine.result.layers[1];
    EXPECT_EQ(conv2.n_groups, 2u);
    const mf_published_mapping &m = conv2.cost.mapping;
    EXPECT_EQ(m.m0 * m.m1 * m.m2 * m.m3, 128u);
    EXPECT_EQ(m.c0 * m.c1 * m.c2, 48u);
    EXPECT_NEAR(conv2.cost.parts_pj[MF_PUBLISHED_COMPUTE],
                3.7 * static_cast<double>(mf_shape_macs(&conv2.layer->shape)), 1);
}

TEST(Published, PartsSumToTheEnergyAndCyclesToTheMacs)
{
    for (const char *op : {"mult", "shift", "add"})
        for (const char *name : {"mobilenetv3-w0.35", "alexnet", "resnet50"}) {
            Published engine;
            ASSERT_EQ(MF_OK, engine.run(name, op)) << engine.diag.message;
            for (size_t i = 0; i < engine.result.n_layers; i++) {
                const mf_published_layer &l = engine.result.layers[i];
                double sum = 0;
                for (double pj : l.cost.parts_pj)
                    sum += pj;
                EXPECT_NEAR(sum / 1e9, l.cost.energy_mj, 1e-12 + 1e-12 * sum) << l.layer->name;
                double macs = static_cast<double>(mf_shape_macs(&l.layer->shape));
                if (l.layer->kind != MF_LAYER_DEPTHWISE) {
                    EXPECT_EQ(static_cast<double>(l.cost.n_cycles * l.cost.n_active_pes), macs)
                        << l.layer->name;
                }
                EXPECT_GT(l.utilisation, 0);
                EXPECT_LE(l.utilisation, 1);
            }
        }
}

TEST(Published, BatchCostsAtMostThatManyImages)
{
    mf_network_options four = {4, 0, 0, 0, 0};
    Published engine;
    ASSERT_EQ(MF_OK, engine.run("mobilenetv2-w0.35", "mult"));
    double one = engine.result.energy_mj, one_ms = engine.result.latency_ms;
    ASSERT_EQ(MF_OK, engine.run("mobilenetv2-w0.35", "mult", &four));
    EXPECT_LE(engine.result.energy_mj, 4 * one * (1 + 1e-12));
    EXPECT_GE(engine.result.energy_mj, one);
    EXPECT_GE(engine.result.latency_ms, 3 * one_ms);
}

TEST(Published, AnArrayThatIsTooSmallNamesLayerAndLimit)
{
    Published engine({}, {{"pe_rows", "2"}, {"pe_columns", "3"}});
    EXPECT_EQ(MF_NO_MAPPING, engine.run("mobilenetv2-w0.35", "mult"));
    std::string message = engine.diag.message;
    for (const char *word :
         {"mobilenetv2-w0.35", "shiftaddaug-16x12", "stem_0", "needs 6 PEs", "5 may"})
        EXPECT_NE(message.find(word), std::string::npos) << message;
}

TEST(Published, IdenticalLayersAreSearchedOnce)
{
    Published engine;
    ASSERT_EQ(MF_OK, engine.run("resnet20-cifar", "mult"));
    mf_published_tally once = mf_published_total(engine.simulator);
    ASSERT_EQ(MF_OK, engine.run("resnet20-cifar", "shift"));
    EXPECT_EQ(mf_published_total(engine.simulator).n_legal, once.n_legal);
    uint64_t all = 0;
    for (size_t i = 0; i < engine.result.n_layers; i++)
        all += engine.result.layers[i].tally.n_legal;
    EXPECT_LT(once.n_legal, all);
}

TEST(Published, ConventionsAreReadStrictly)
{
    EXPECT_FAILS(MF_INVALID, "conventions.depthwise", read("depthwise", "shared", D));
    EXPECT_FAILS(MF_INVALID, "unknown operator \"ad\"",
                 read("free_levels", "{\"ad\": [\"dram\"]}", D));
    EXPECT_FAILS(MF_INVALID, "conventions.free_levels.add[0]",
                 read("free_levels", "{\"add\": [\"drum\"]}", D));
    EXPECT_FAILS(MF_INVALID, "limits.pes", read("limits.pes", "above", D));
    EXPECT_FAILS(MF_INVALID, "unknown key \"objectiv\"", read("objectiv", "energy", D));
    EXPECT_FAILS(MF_INVALID, "latency_reference_bits", read("latency_reference_bits", "0", D));
}
