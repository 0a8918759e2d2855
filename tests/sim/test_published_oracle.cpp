// Does every layer of every network and operator have the mapping, cycles and energy split of the
// independent Python formulation?
#include "tests/sim/published_fixture.h"

#include <cmath>
#include <map>

namespace
{
double real(const mf_json *object, const char *key)
{
    double x = NAN;
    mf_diag diag = {};
    EXPECT_EQ(MF_OK, mf_json_real(object, key, 0, 1e300, &x, &diag)) << diag.message;
    return x;
}

uint64_t count(const mf_json *object, const char *key)
{
    uint64_t n = 0;
    mf_diag diag = {};
    EXPECT_EQ(MF_OK, mf_json_count(object, key, 0, uint64_t{1} << 53, &n, &diag)) << diag.message;
    return n;
}

void expect_layer(const Published &engine, const mf_published_layer &ours, const mf_json *oracle)
{
    const char *op = "";
    mf_json tiling, parts;
    ASSERT_OK(mf_json_string(oracle, "op", &op, D));
    EXPECT_STREQ(mf_operators_at(engine.operators, ours.op)->name, op);
    EXPECT_EQ(ours.cost.n_cycles, count(oracle, "cycles"));
    EXPECT_EQ(ours.tally.n_legal, count(oracle, "mappings"));
    EXPECT_NEAR(ours.cost.energy_mj, real(oracle, "energy_mj"), 6e-10);
    EXPECT_NEAR(ours.cost.latency_ms, real(oracle, "latency_ms"), 6e-10);
    ASSERT_OK(mf_json_get(oracle, "tiling", &tiling, D));
    const mf_published_mapping &m = ours.cost.mapping;
    const std::map<const char *, uint64_t> factors = {{"M0", m.m0}, {"M1", m.m1}, {"M2", m.m2},
                                                      {"M3", m.m3}, {"C0", m.c0}, {"C1", m.c1},
                                                      {"C2", m.c2}, {"E1", m.e1}, {"E3", m.e3}};
    for (const auto &[key, factor] : factors)
        EXPECT_EQ(factor, count(&tiling, key)) << key;
    ASSERT_OK(mf_json_get(oracle, "parts_pj", &parts, D));
    const char *names[] = {"dram", "buf", "noc", "noc_psum", "rf", "rf_weight", "compute"};
    for (int i = 0; i < MF_PUBLISHED_PARTS; i++) {
        double theirs = real(&parts, names[i]);
        EXPECT_NEAR(ours.cost.parts_pj[i], theirs, 0.051 + 1e-12 * theirs) << names[i];
    }
}

size_t expect_all(const std::string &file, const Published::Changes &changes)
{
    Published engine(changes);
    Doc doc = Doc::load(source_path("tests/oracle/" + file));
    EXPECT_EQ(doc.status, MF_OK) << doc.diag.message;
    mf_json root = doc.root(), networks, network = {};
    EXPECT_OK(mf_json_get(&root, "networks", &networks, D));
    size_t n = 0;
    while (mf_json_next(&networks, &network)) {
        mf_json variant = {};
        while (mf_json_next(&network, &variant)) {
            std::string op = variant.key == std::string("base") ? "mult" : variant.key;
            SCOPED_TRACE(network.key + std::string(" ") + op);
            mf_json layers, layer = {};
            EXPECT_EQ(MF_OK, engine.run(network.key, op)) << engine.diag.message;
            EXPECT_NEAR(engine.result.energy_mj, real(&variant, "energy_mj"), 6e-7);
            EXPECT_NEAR(engine.result.latency_ms, real(&variant, "latency_ms"), 6e-7);
            EXPECT_OK(mf_json_array(&variant, "layers", &layers, D));
            EXPECT_EQ(engine.result.n_layers, mf_json_size(&layers));
            for (size_t i = 0; i < engine.result.n_layers && mf_json_next(&layers, &layer);
                 i++, n++) {
                SCOPED_TRACE(engine.result.layers[i].layer->name);
                expect_layer(engine, engine.result.layers[i], &layer);
            }
        }
    }
    return n;
}
} // namespace

TEST(PublishedOracle, Table3LayerByLayer)
{
    size_t n = expect_all("table3_energy.json", {{"classifier_billed_as_stem", "[\"shift\"]"}});
    EXPECT_EQ(n, 3u * 287) << "layers with weights of the five networks, three operators";
}

TEST(PublishedOracle, OtherNetworksLayerByLayer)
{
    EXPECT_EQ(expect_all("more_energy.json", {}), 3u * (8 + 16 + 21 + 54));
}
