// Do the shipped networks have the layers, shapes and counts of the independent tables, and is
// every contradiction in a description refused with its place?
#include "base/random.h"
#include "models/formats/network_json.h"
#include "models/network_builder.h"
#include "models/operation_counts.h"
#include "tests/support/support.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace
{
struct Free {
    void operator()(mf_network *n) const
    {
        mf_network_destroy(n);
    }
    void operator()(mf_operators *o) const
    {
        mf_operators_destroy(o);
    }
};
using Network = std::unique_ptr<mf_network, Free>;
using Operators = std::unique_ptr<mf_operators, Free>;

Network load(const std::string &name, const mf_network_options *options = nullptr)
{
    mf_network *network = nullptr;
    mf_diag diag = {};
    EXPECT_EQ(MF_OK, mf_network_load(source_path("models/zoo/" + name + ".json").c_str(), options,
                                     &network, &diag))
        << diag.message;
    return Network(network);
}

uint64_t number(const mf_json *object, const char *key)
{
    uint64_t n = 0;
    mf_diag diag = {};
    EXPECT_EQ(MF_OK, mf_json_count(object, key, 0, uint64_t{1} << 53, &n, &diag)) << diag.message;
    return n;
}

std::string word(const mf_json *object, const char *key)
{
    const char *text = "";
    mf_json_string(object, key, &text, nullptr);
    return text;
}

Operators load_operators()
{
    std::vector<std::string> paths;
    for (const char *name : {"mult", "shift", "add"})
        paths.push_back(source_path(std::string("models/operators/") + name + ".json"));
    const char *list[] = {paths[0].c_str(), paths[1].c_str(), paths[2].c_str()};
    mf_operators *operators = nullptr;
    mf_diag diag = {};
    EXPECT_EQ(MF_OK, mf_operators_load(list, 3, &operators, &diag)) << diag.message;
    return Operators(operators);
}

void expect_layer(const mf_layer *layer, const mf_json *oracle)
{
    const mf_shape *p = &layer->shape;
    std::string kind = word(oracle, "type");
    EXPECT_STREQ(layer->name, word(oracle, "name").c_str());
    EXPECT_STREQ(layer->role, word(oracle, "role").c_str());
    EXPECT_STREQ(mf_layer_kind_name(layer->kind), kind == "dwconv" ? "depthwise" : kind.c_str());
    EXPECT_EQ(p->c, number(oracle, "cin"));
    EXPECT_EQ(p->m, number(oracle, "cout"));
    EXPECT_EQ(p->r, number(oracle, "k"));
    EXPECT_EQ(p->s, number(oracle, "k"));
    EXPECT_EQ(p->stride, number(oracle, "stride"));
    EXPECT_EQ(p->pad_rows, number(oracle, "pad"));
    EXPECT_EQ(p->g, number(oracle, "groups"));
    EXPECT_EQ(p->h, number(oracle, "hin"));
    EXPECT_EQ(p->w, number(oracle, "win"));
    EXPECT_EQ(p->e, number(oracle, "hout"));
    EXPECT_EQ(p->f, number(oracle, "wout"));
    EXPECT_EQ(mf_shape_macs(p), number(oracle, "macs"));
    EXPECT_EQ(mf_layer_params(layer), number(oracle, "params") + number(oracle, "params_bn"));
}

void expect_counts(const mf_network *network, const mf_operators *operators, const char *op,
                   const mf_json *oracle)
{
    size_t variant = 0;
    std::vector<size_t> op_of_layer(network->n_weight_layers);
    mf_operation_counts counts;
    ASSERT_OK(mf_operators_find(operators, op, &variant, D));
    ASSERT_OK(mf_operators_assign(operators, network, variant, nullptr, 0, op_of_layer.data(), D));
    ASSERT_OK(mf_operation_counts_of(network, operators, variant, op_of_layer.data(), &counts, D));
    EXPECT_EQ(counts.n_events[MF_EVENT_MULT], number(oracle, "mult")) << op;
    EXPECT_EQ(counts.n_events[MF_EVENT_SHIFT], number(oracle, "shift")) << op;
    EXPECT_EQ(counts.n_events[MF_EVENT_ADD], number(oracle, "add")) << op;
}
} // namespace

TEST(Network, AgreesWithTheIndependentTablesLayerByLayer)
{
    Doc doc = Doc::load(source_path("tests/oracle/networks.json"));
    ASSERT_EQ(doc.status, MF_OK) << doc.diag.message;
    Operators operators = load_operators();
    mf_json root = doc.root(), networks, item = {};
    ASSERT_OK(mf_json_get(&root, "networks", &networks, D));
    size_t n_networks = 0;
    while (mf_json_next(&networks, &item)) {
        SCOPED_TRACE(item.key);
        Network network = load(item.key);
        mf_json layers, layer = {}, all_counts, counts;
        ASSERT_OK(mf_json_array(&item, "layers", &layers, D));
        ASSERT_EQ(network->n_weight_layers, mf_json_size(&layers));
        uint64_t params = 0;
        for (size_t i = 0; mf_json_next(&layers, &layer); i++) {
            const mf_layer *ours = mf_network_weight_layer(network.get(), i);
            SCOPED_TRACE(ours->name);
            expect_layer(ours, &layer);
            params += mf_layer_params(ours);
        }
        EXPECT_EQ(params, number(&item, "params_with_bn"));
        ASSERT_OK(mf_json_get(&item, "op_counts", &all_counts, D));
        const std::map<std::string, const char *> variants = {
            {"base", "mult"}, {"shift", "shift"}, {"add", "add"}};
        for (const auto &[key, op] : variants) {
            ASSERT_OK(mf_json_get(&all_counts, key.c_str(), &counts, D));
            expect_counts(network.get(), operators.get(), op, &counts);
        }
        n_networks++;
    }
    EXPECT_EQ(n_networks, 14u);
}

TEST(Network, EveryInputIsAnEarlierLayerOfTheRightShape)
{
    for (const auto &file : std::filesystem::directory_iterator(source_path("models/zoo"))) {
        Network network = load(file.path().stem());
        SCOPED_TRACE(network->name);
        for (size_t i = 0; i < network->n_layers; i++) {
            const mf_layer &layer = network->layers[i];
            SCOPED_TRACE(layer.name);
            for (size_t k = 0; k < layer.n_inputs; k++)
                ASSERT_LT(layer.input[k], static_cast<int>(i));
            if (layer.input[0] < 0)
                continue;
            const mf_shape &from = network->layers[layer.input[0]].shape;
            uint64_t flat = layer.kind == MF_LAYER_FC ? from.e * from.f : 1;
            for (size_t k = 0; k < layer.n_inputs; k++)
                if (layer.input[k] >= 0 && !mf_layer_has_weights(&layer)) {
                    // All of a map, or of a shortcut that is padded more than there is.
                    const uint64_t made = mf_shape_ofmap(&network->layers[layer.input[k]].shape);
                    EXPECT_TRUE(mf_layer_input_words(&layer, k) == made ||
                                (layer.kind == MF_LAYER_RESIDUAL_ADD && k == 1));
                }
            EXPECT_EQ(layer.shape.c, from.m * flat);
            if (layer.kind == MF_LAYER_SCALE) {
                const mf_shape &factors = network->layers[layer.input[1]].shape;
                EXPECT_EQ(factors.e, 1u);
                EXPECT_EQ(factors.m, from.m);
            }
            if (layer.kind != MF_LAYER_FC) {
                EXPECT_EQ(layer.shape.h, from.e);
            }
        }
    }
}

// The rule of the MobileNet family: nearest multiple of the divisor, at least one, never over 10 %
// down.
TEST(Network, RoundsChannels)
{
    const struct {
        double value;
        uint64_t divisor, rounded;
    } cases[] = {{3, 8, 8},     {8.8, 8, 8},   {9, 8, 16},    {11, 8, 16},   {12, 8, 16},
                 {20, 8, 24},   {56, 8, 56},   {67.2, 8, 64}, {33.6, 8, 32}, {35.4, 8, 32},
                 {35.6, 8, 40}, {100, 1, 100}, {0.4, 1, 1}};
    for (const auto &c : cases)
        EXPECT_EQ(mf_round_channels(c.value, c.divisor), c.rounded) << c.value;
}

TEST(Network, OptionsChangeTheNetwork)
{
    mf_network_options options = {4, 10, 96, 64, 1.0};
    Network network = load("mobilenetv2-w0.35", &options);
    const mf_layer *stem = mf_network_weight_layer(network.get(), 0);
    EXPECT_EQ(stem->shape.n, 4u);
    EXPECT_EQ(stem->shape.h, 96u);
    EXPECT_EQ(stem->shape.w, 64u);
    EXPECT_EQ(stem->shape.m, 32u);
    EXPECT_EQ(network->layers[network->n_layers - 1].shape.m, 10u);
}

namespace
{
std::string describe(const std::string &parts, const std::string &head = "")
{
    return R"({"name": "t", "about": "a", "source": "s", "classes": 10, )" + head +
           R"("input": {"channels": 3, "rows": 8, "columns": 8}, "parts": [)" + parts + "]}";
}

mf_status build(const std::string &text, mf_diag *diag)
{
    Doc doc(text);
    if (doc.status != MF_OK) {
        *diag = doc.diag;
        return doc.status;
    }
    mf_network *network = nullptr;
    mf_status status = mf_network_from_json(doc.doc, nullptr, &network, diag);
    mf_network_destroy(network);
    return status;
}

const char *tail = R"(, {"type": "global_pool"}, {"type": "fc", "channels": "classes"})";
} // namespace

TEST(Network, RefusesContradictionsWithTheirPlace)
{
    const struct {
        std::string parts;
        const char *message;
    } cases[] = {
        {R"({"type": "conv", "channels": 8, "kernel": 11, "padding": 0})",
         "parts[0]: a 11x11 kernel"},
        {R"({"type": "conv", "channels": 8, "groups": 2})", "parts[0]: 2 groups"},
        {R"({"type": "conv", "channels": 8, "strid": 2})", "did you mean \"stride\""},
        {R"({"type": "conv", "channels": 0})", "parts[0].channels: expected a whole number"},
        {R"({"type": "conv", "channels": -8})", "found -8"},
        {R"({"type": "conv", "channels": 8, "kernel": "3by3"})",
         "parts[0].kernel: expected a kernel"},
        {R"({"type": "conv", "channels": 8, "kernel": [3, 3], "repeat": 3})",
         "parts[0].kernel: has 2 entries where the part repeats 3 times"},
        {R"({"type": "conv", "channels": 8, "kernel": []})", "has 0 entries"},
        {R"({"type": "convolution", "channels": 8})", "parts[0].type"},
        {R"({"channels": 8})", "the key \"type\" is missing"},
        {R"({"type": "inverted_residual", "channels": 8})", "either \"expand\" or"},
        {R"({"type": "inverted_residual", "channels": 8, "expand": 2, "hidden_channels": 9})",
         "not both"},
        {R"({"type": "inverted_residual", "channels": 8, "expand": 0.5})", "parts[0].expand"},
        {R"({"type": "inverted_residual", "channels": 8, "expand": 2, "squeeze_excite": {"ratio": 2}})",
         "parts[0].squeeze_excite.ratio"},
        {R"({"type": "pool", "kind": "max", "kernel": 9, "stride": 1})", "parts[0]: a 9x9 kernel"},
        {R"({"type": "basic_block", "channels": 8, "shortcut": "none"})", "parts[0].shortcut"},
        {R"({"type": "conv", "channels": 1000000, "kernel": 3, "activation": "swish"})",
         "parts[0].activation"},
        {R"({"type": "concat", "with": "stem"})",
         "parts[0].with: no earlier part has the label \"stem\""},
        {R"({"type": "conv", "channels": 8, "kernel": 3, "stride": 2, "label": "stem"}, {"type": "concat", "with": "input"})",
         "parts[1]: concat needs maps of the same rows and columns, found 8x4x4 (conv_0) and 3x8x8 (input)"},
        {R"({"type": "conv", "channels": 8, "label": "stem"}, {"type": "add", "with": "input"})",
         "parts[1]: add needs maps of one shape, found 8x8x8 (conv_0) and 3x8x8 (input)"},
        {R"({"type": "conv", "channels": 8, "label": "stem"}, {"type": "concat", "with": ["stem", "stme"]})",
         "parts[1].with[1]: no earlier part has the label \"stme\""},
        {R"({"type": "conv", "channels": 8, "stride": 2, "label": "stem"}, {"type": "concat", "with": ["stem", "input"]})",
         "parts[1]: concat needs maps of the same rows and columns, found 8x4x4 (conv_0) and 3x8x8 (input)"},
        {R"({"type": "concat", "with": []})", "parts[0].with: expected 1 to 31 labels, found 0"},
        {R"({"type": "concat", "with": [["input"]]})", "parts[0].with[0]: expected a string"},
        {R"({"type": "add", "with": ["input", "input"]})", "parts[0].with: expected a string"},
        {R"({"type": "conv", "channels": 8, "label": "stem"}, {"type": "concat", "with": "sten"})",
         "parts[1].with: no earlier part has the label \"sten\""},
        {R"({"type": "conv", "channels": 8, "label": "a"}, {"type": "conv", "channels": 8, "label": "a"})",
         "parts[1].label: an earlier part has the label \"a\""},
        {R"({"type": "conv", "channels": 8, "label": "input"})",
         "\"input\" is the network's input"},
        {R"({"type": "conv", "channels": 8}, {"type": "conv", "from": "input", "channels": 9})",
         "no layer reads conv_0, and the network ends in fc_2: it would have two outputs"},
        {R"({"type": "upsample", "factor": 1, "mode": "nearest"})", "parts[0].factor"},
        {R"({"type": "upsample", "factor": 2})", "\"mode\" is missing"},
    };
    for (const auto &c : cases) {
        SCOPED_TRACE(c.parts);
        EXPECT_FAILS(MF_INVALID, c.message, build(describe(c.parts + tail), D));
    }
    EXPECT_FAILS(MF_INVALID, "\"classes\" is 10",
                 build(describe(R"({"type": "conv", "channels": 8})"), D));
    EXPECT_FAILS(MF_INVALID, "no layer with weights", build(describe(""), D));
    EXPECT_FAILS(MF_INVALID, "unknown key \"resolution\"",
                 build(describe(R"({"type": "fc", "channels": 10})", "\"resolution\": 8, "), D));
}

// From C alone, without a description: a residual block between a stem and a classifier.
TEST(NetworkBuilder, MakesANetworkWithoutAFile)
{
    mf_network_head head = {};
    head.name = "made";
    head.batch = 2, head.classes = 5, head.channels = 3, head.rows = head.columns = 8;
    mf_builder b;
    ASSERT_OK(mf_builder_begin(&b, &head, D));
    b.activation = MF_ACTIVATION_RELU;
    mf_conv_words stem = mf_conv_same(&b, "stem", 6, 3);
    stem.stride = 2;
    ASSERT_OK(mf_build_conv(&b, &stem, D));
    mf_feature_map before = b.map;
    b.place = "body.block1";
    mf_conv_words words = mf_conv_same(&b, "conv", 6, 3);
    ASSERT_OK(mf_build_conv(&b, &words, D));
    ASSERT_OK(mf_build_conv(&b, &words, D));
    ASSERT_OK(mf_build_add(&b, &before, MF_ACTIVATION_RELU, D));
    b.place = nullptr;
    ASSERT_OK(mf_build_global_pool(&b, D));
    mf_conv_words classifier = {};
    classifier.role = "fc";
    classifier.channels = 5;
    classifier.bias = true;
    ASSERT_OK(mf_build_fc(&b, &classifier, D));
    mf_network *made = nullptr;
    ASSERT_OK(mf_builder_end(&b, &made, D));
    mf_builder_abandon(&b); // nothing is left to free
    Network network(made);
    const char *const ids[] = {
        "stem", "body.block1.conv", "body.block1.conv-2", "body.block1.residual_add", "global_pool",
        "fc"};
    ASSERT_EQ(network->n_layers, 6u);
    for (size_t i = 0; i < 6; i++)
        EXPECT_STREQ(network->layers[i].id, ids[i]);
    EXPECT_EQ(network->layers[3].input[0], 2);
    EXPECT_EQ(network->layers[3].input[1], 0);
    EXPECT_EQ(network->layers[1].shape.h, 4u);
    EXPECT_EQ(network->layers[5].shape.n, 2u);
}

TEST(NetworkBuilder, RefusesWhatDoesNotFitAndKeepsNothing)
{
    mf_network_head head = {};
    head.name = "bad";
    head.batch = 1, head.classes = 5, head.channels = 3, head.rows = head.columns = 8;
    mf_builder b;
    mf_network *made = nullptr;
    ASSERT_OK(mf_builder_begin(&b, &head, D));
    EXPECT_FAILS(MF_INVALID, "the network has no layer with weights", mf_builder_end(&b, &made, D));
    mf_conv_words words = mf_conv_same(&b, "conv", 4, 3);
    ASSERT_OK(mf_build_conv(&b, &words, D));
    mf_feature_map first = b.map;
    words.stride = 2;
    ASSERT_OK(mf_build_conv(&b, &words, D));
    EXPECT_FAILS(MF_INVALID, "add needs maps of one shape, found 4x4x4 (conv_1) and 4x8x8 (conv_0)",
                 mf_build_add(&b, &first, MF_ACTIVATION_NONE, D));
    EXPECT_FAILS(MF_INVALID, "concat needs maps of the same rows and columns",
                 mf_build_concat(&b, &first, 1, D));
    const std::vector<mf_feature_map> many(MF_MOST_INPUTS, b.map);
    EXPECT_FAILS(MF_INVALID, "concat puts 2 to 32 maps behind each other, found 33",
                 mf_build_concat(&b, many.data(), many.size(), D));
    EXPECT_FAILS(MF_INVALID, "found 1", mf_build_concat(&b, many.data(), 0, D));
    EXPECT_FAILS(MF_INVALID, "ends in a 4x4x4 map, but \"classes\" is 5",
                 mf_builder_end(&b, &made, D));
    ASSERT_OK(mf_builder_label(&b, "end", D));
    EXPECT_FAILS(MF_INVALID, "an earlier part has the label \"end\"",
                 mf_builder_label(&b, "end", D));
    mf_feature_map map;
    EXPECT_FAILS(MF_INVALID, "did you mean \"end\"?", mf_builder_labelled(&b, "emd", &map, D));
    b.map = first;
    ASSERT_OK(mf_build_global_pool(&b, D));
    EXPECT_FAILS(MF_INVALID, "no layer reads conv_1", mf_builder_end(&b, &made, D));
    EXPECT_EQ(made, nullptr);
    mf_builder_abandon(&b);
}

// A block more in one stage, and a part more without blocks, leave all other ids as they were.
TEST(Network, IdsStayWhenABlockIsAdded)
{
    const auto ids_of = [](const std::string &parts) {
        Doc doc(R"({"name": "x", "activation": "relu", "classes": 4,
                    "input": {"channels": 3, "rows": 16, "columns": 16}, "parts": [)" +
                parts + R"(, {"type": "global_pool"}, {"type": "fc", "channels": "classes"}]})");
        std::vector<std::string> ids;
        mf_network *made = nullptr;
        EXPECT_OK(mf_network_from_json(doc.doc, nullptr, &made, D));
        Network network(made);
        for (size_t i = 0; i < network->n_layers; i++)
            ids.push_back(network->layers[i].id);
        std::set<std::string> different(ids.begin(), ids.end());
        EXPECT_EQ(different.size(), ids.size());
        return ids;
    };
    const std::string stem = R"({"type": "conv", "name": "stem", "channels": 8, "kernel": 3})",
                      one = R"(, {"type": "basic_block", "channels": 8, "repeat": 2})",
                      more = R"(, {"type": "basic_block", "channels": 8, "repeat": 3})",
                      two = R"(, {"type": "inverted_residual", "channels": 8, "expand": 2,
                                  "squeeze_excite": {"ratio": 0.5}, "label": "last"})";
    std::vector<std::string> before = ids_of(stem + one + two),
                             after =
                                 ids_of(stem + more + R"(, {"type": "conv", "channels": 8})" + two);
    EXPECT_NE(std::find(before.begin(), before.end(), "stage1.block2.conv-2"), before.end());
    EXPECT_NE(std::find(before.begin(), before.end(), "last.block1.se_reduce"), before.end());
    size_t at = 0;
    for (const std::string &id : before) {
        while (at < after.size() && after[at] != id)
            at++;
        EXPECT_LT(at, after.size()) << id;
    }
}

// Whatever parts are called: no two layers have one id, no two parts one place.
TEST(Network, IdsAreUniqueWhateverPartsAreCalled)
{
    const auto with = [](const std::string &parts) {
        return R"({"name": "x", "activation": "relu", "classes": 4,
                   "input": {"channels": 3, "rows": 8, "columns": 8}, "parts": [)" +
               parts + R"(, {"type": "global_pool"}, {"type": "fc", "channels": "classes"}]})";
    };
    const std::string a_dot = R"({"type": "conv", "channels": 4, "name": "b.c", "label": "a"})",
                      dot_a = R"({"type": "conv", "channels": 4, "name": "c", "label": "a.b"})",
                      plain = R"({"type": "conv", "channels": 4})",
                      hyphen = R"({"type": "conv", "channels": 4, "name": "conv-2"})",
                      dotted = R"({"type": "conv", "channels": 4, "name": "a.b.c"})",
                      block = R"({"type": "basic_block", "channels": 4, "repeat": 2})",
                      second = R"({"type": "basic_block", "channels": 4, "label": "stage2"})",
                      first = R"({"type": "basic_block", "channels": 4, "label": "stage1"})";
    for (const std::string &parts :
         {a_dot + "," + dot_a + "," + dotted, plain + "," + plain + "," + hyphen + "," + plain,
          block + "," + second + "," + block + "," + block, first + "," + block + "," + block}) {
        SCOPED_TRACE(parts);
        Doc doc(with(parts));
        mf_network *made = nullptr;
        ASSERT_OK(mf_network_from_json(doc.doc, nullptr, &made, D));
        Network network(made);
        std::set<std::string> ids;
        std::map<std::string, int> part_of_place;
        for (size_t i = 0; i < network->n_layers; i++) {
            const mf_layer &layer = network->layers[i];
            EXPECT_TRUE(ids.insert(layer.id).second) << layer.id;
            if (layer.place) {
                auto known = part_of_place.insert({layer.place, layer.part});
                EXPECT_EQ(known.first->second, layer.part) << layer.place;
            }
        }
    }
    Doc bad(with(block + "," + first));
    mf_network *made = nullptr;
    EXPECT_FAILS(MF_INVALID,
                 "parts[1].label: the ids of an earlier part's layers begin with \"stage1\"",
                 mf_network_from_json(bad.doc, nullptr, &made, D));
}

// ShiftAddNet: each convolution is a chain; only its last layer has a norm and an activation.
TEST(Network, LowersConvolutionsToSeveralOperators)
{
    const auto with = [](const std::string &part) {
        return R"({"name": "x", "about": "a", "source": "s", "activation": "relu", "classes": 4,
                   "input": {"channels": 3, "rows": 9, "columns": 9}, "parts": [)" +
               part + R"(, {"type": "global_pool"}, {"type": "fc", "channels": "classes"}]})";
    };
    Doc doc(
        with(R"({"type": "conv", "channels": 8, "kernel": "5x3", "stride": 2, "padding": "valid",
                     "op": ["shift", "add", "mult"]})"));
    mf_network *made = nullptr;
    ASSERT_OK(mf_network_from_json(doc.doc, nullptr, &made, D));
    Network network(made);
    ASSERT_EQ(network->n_layers, 5u);
    const char *const ops[] = {"shift", "add", "mult"};
    for (size_t i = 0; i < 3; i++) {
        const mf_layer &layer = network->layers[i];
        EXPECT_STREQ(layer.op, ops[i]);
        EXPECT_EQ(layer.input[0], static_cast<int>(i) - 1);
        EXPECT_EQ(layer.shape.c, i ? 8u : 3u);
        EXPECT_EQ(layer.shape.m, 8u);
        EXPECT_EQ(layer.shape.stride, i ? 1u : 2u);
        EXPECT_EQ(layer.shape.e, 3u);
        EXPECT_EQ(layer.shape.f, 4u);
        EXPECT_EQ(layer.norm, i == 2);
        EXPECT_FALSE(layer.bias);
        EXPECT_EQ(layer.activation, i == 2 ? MF_ACTIVATION_RELU : MF_ACTIVATION_NONE);
    }
    EXPECT_EQ(network->layers[4].op, nullptr);
    const struct {
        const char *part, *text;
    } refused[] = {
        {R"({"type": "conv", "channels": 8, "kernel": 3, "op": ["shift"]})",
         "parts[0].op: a convolution is lowered to 2 to 4 operators, found 1"},
        {R"({"type": "conv", "channels": 8, "kernel": 3, "op": ["a", "b", "c", "d", "e"]})",
         "found 5"},
        {R"({"type": "conv", "channels": 8, "kernel": 3, "op": ["shift", 3]})", "parts[0].op[1]"},
        {R"({"type": "conv", "channels": 8, "kernel": 2, "op": ["shift", "add"]})",
         "parts[0]: a 2x2 convolution cannot be lowered to several: only odd kernels"},
        {R"({"type": "fc", "channels": 8, "op": ["shift", "add"]})",
         "parts[0]: op: only convolutions are lowered"},
    };
    for (const auto &r : refused) {
        Doc bad(with(r.part));
        EXPECT_FAILS(MF_INVALID, r.text, mf_network_from_json(bad.doc, nullptr, &made, D));
    }
}

TEST(Network, MayBeLayersAloneThatEndInAnyMap)
{
    const std::string conv = R"({"type": "conv", "channels": 8, "kernel": 3, "padding": "valid"})";
    const std::string head =
        R"({"name": "t", "input": {"channels": 3, "rows": 8, "columns": 8}, "parts": [)";
    Doc doc(head + conv + "]}");
    ASSERT_EQ(MF_OK, doc.status);
    mf_diag diag = {};
    mf_network *network = nullptr;
    ASSERT_EQ(MF_OK, mf_network_from_json(doc.doc, nullptr, &network, &diag)) << diag.message;
    EXPECT_EQ(0u, network->classes);
    EXPECT_EQ(6u, network->layers[0].shape.e);
    mf_network_destroy(network);
    EXPECT_FAILS(MF_INVALID, "\"classes\" is not given", build(head + conv + tail + "]}", D));
}

// Whatever comes first in a network, however large what it reads: a layer is refused or has sizes
// that can be counted.
TEST(Network, ChecksTheSizesOfEveryKindOfLayer)
{
    const std::vector<std::string> parts = {
        R"({"type": "conv", "channels": 9, "kernel": 3, "padding": 1, "stride": 2})",
        R"({"type": "depthwise"})",
        R"({"type": "pool", "kind": "max", "kernel": 1000, "stride": 1, "padding": 500})",
        R"({"type": "pool", "kind": "average", "kernel": 131072, "stride": 1, "padding": 65536})",
        R"({"type": "inverted_residual", "channels": 9, "expand": 7, "squeeze_excite": {"ratio": 0.5}})",
        R"({"type": "basic_block", "channels": 9})",
        R"({"type": "bottleneck", "channels": 9})",
        R"({"type": "global_pool"})",
        R"({"type": "fc", "channels": 9})",
        R"({"type": "concat", "with": "input"})",
        R"({"type": "upsample", "factor": 2, "mode": "nearest"})",
        R"({"type": "upsample", "factor": 1000, "mode": "bilinear"})",
    };
    size_t n_layers[MF_N_LAYER_KINDS] = {}, n_refused = 0;
    for (uint64_t seed = 0; seed < 4000; seed++) {
        mf_random random = mf_random_stream(9, seed);
        auto size = [&](uint64_t most_bits) {
            return std::to_string(uint64_t{1} << mf_random_between(&random, 0, most_bits));
        };
        std::string text =
            R"({"name": "t", "about": "a", "source": "s", "classes": 10, "batch": )" + size(20) +
            R"(, "input": {"channels": )" + size(20) + R"(, "rows": )" + size(20) +
            R"(, "columns": )" + size(20) + R"(}, "parts": [)" +
            parts[mf_random_between(&random, 0, parts.size() - 1)] + tail + "]}";
        SCOPED_TRACE(text);
        Doc doc(text);
        mf_network *network = nullptr;
        mf_diag diag = {};
        ASSERT_EQ(MF_OK, doc.status);
        if (mf_network_from_json(doc.doc, nullptr, &network, &diag) != MF_OK) {
            n_refused++;
            continue;
        }
        for (size_t i = 0; i < network->n_layers; i++) {
            const mf_layer &layer = network->layers[i];
            EXPECT_OK(mf_shape_check(&layer.shape, D));
            n_layers[layer.kind]++;
        }
        mf_network_destroy(network);
    }
    EXPECT_GT(n_refused, 100u);
    for (size_t n : n_layers)
        EXPECT_GT(n, 10u);
}

// A few bytes that ask for more than any network has.
TEST(Network, RefusesMoreLayersThanAnyNetworkHas)
{
    std::string parts;
    for (int i = 0; i < 9; i++)
        parts += R"({"type": "conv", "channels": 8, "repeat": 1000}, )";
    EXPECT_FAILS(MF_TOO_LARGE, "parts[8]: more than 8192 layers",
                 build(describe(parts + R"({"type": "conv", "channels": 8})" + tail), D));
    std::string topology = "name, H, W, R, S, C, M, U\n";
    for (int i = 0; i <= MF_MOST_LAYERS; i++)
        topology += "a, 4, 4, 3, 3, 2, 2, 1\n";
    Scratch scratch;
    std::string path = scratch.write("deep.csv", topology + std::string(1 << 20, '\n'));
    mf_network *network = nullptr;
    EXPECT_FAILS(MF_TOO_LARGE, "deep.csv: line 8194: more than 8192 layers",
                 mf_network_load(path.c_str(), nullptr, &network, D));
}

TEST(Network, RefusesPaddingWiderThanTheKernel)
{
    EXPECT_FAILS(MF_INVALID,
                 "parts[0]: a padding of 1048576 by 1048576 is wider than the 1x1 kernel",
                 build(describe(R"({"type": "conv", "channels": 8, "padding": 1048576})" +
                                std::string(tail)),
                       D));
    EXPECT_OK(
        build(describe(R"({"type": "conv", "channels": 8, "padding": 1})" + std::string(tail)), D));
}

TEST(Network, RefusesWhatIsTooLarge)
{
    std::string wide = R"({"type": "conv", "channels": 1000000, "kernel": 1})";
    EXPECT_FAILS(MF_TOO_LARGE, "parts[2]",
                 build(describe(wide + "," + wide + "," + R"({"type": "conv", "channels": 1000000,
                  "kernel": "101x101"})" +
                                tail),
                       D));
}

TEST(Network, AcceptsRectangularKernelsAndPins)
{
    EXPECT_OK(build(describe(R"({"type": "conv", "channels": 8, "kernel": "1x7", "op": "mult"})" +
                             std::string(tail)),
                    D));
}
