// Is an edited network what a description of it would have built: unchanged without a change,
// wider, on other operators, without a block, with layers between; and is what no longer fits
// refused?
#include "models/formats/network_json.h"
#include "models/network_edit.h"
#include "tests/support/support.h"

#include <cstring>
#include <functional>
#include <memory>
#include <vector>

namespace
{
struct Free {
    void operator()(mf_network *n) const
    {
        mf_network_destroy(n);
    }
};
using Network = std::unique_ptr<mf_network, Free>;

Network load(const std::string &path, const mf_network_options *options = nullptr)
{
    mf_network *network = nullptr;
    EXPECT_OK(mf_network_load(path.c_str(), options, &network, D));
    return Network(network);
}

Network parse(const std::string &parts)
{
    Doc doc(R"({"name": "x", "activation": "relu", "classes": 4, "divisor": 1,
                "input": {"channels": 3, "rows": 16, "columns": 16}, "parts": [)" +
            parts + "]}");
    mf_network *network = nullptr;
    EXPECT_OK(mf_network_from_json(doc.doc, nullptr, &network, D));
    return Network(network);
}

std::string text(const char *words)
{
    return words ? words : "-";
}

// All that a layer is, but the part that made it.
std::string line(const mf_layer &l)
{
    std::ostringstream out;
    const mf_shape &s = l.shape;
    out << l.name << ' ' << l.role << ' ' << text(l.id) << ' ' << text(l.place) << ' ' << l.kind
        << " n" << s.n << " m" << s.m << " c" << s.c << " g" << s.g << " h" << s.h << " w" << s.w
        << " r" << s.r << " s" << s.s << " e" << s.e << " f" << s.f << " u" << s.stride << " p"
        << s.pad_rows << ' ' << s.pad_columns << " #" << l.number << " i";
    for (size_t k = 0; k < l.n_inputs; k++)
        out << l.input[k] << ':' << l.input_channels[k] << ' ';
    out << l.bias << l.norm << l.maximum << ' ' << l.activation << ' ' << text(l.op);
    return out.str();
}

void expect_same(const mf_network &a, const mf_network &b)
{
    ASSERT_EQ(a.n_layers, b.n_layers);
    EXPECT_EQ(a.n_weight_layers, b.n_weight_layers);
    EXPECT_STREQ(a.name, b.name);
    EXPECT_EQ(a.width_multiplier, b.width_multiplier);
    for (size_t i = 0; i < a.n_layers; i++)
        EXPECT_EQ(line(a.layers[i]), line(b.layers[i]));
}

mf_status edit(const Network &network, const mf_network_edit &how, Network *edited, mf_diag *diag)
{
    mf_network *made = nullptr;
    mf_status status = mf_network_edited(network.get(), &how, &made, diag);
    edited->reset(made);
    return status;
}

const char *const plain_tail =
    R"(, {"type": "global_pool"}, {"type": "fc", "channels": "classes"})";
} // namespace

TEST(NetworkEdit, WithoutAChangeEveryNetworkStaysAsItIs)
{
    std::vector<std::string> paths = {source_path("tests/models/joins.json"),
                                      source_path("tests/models/inception.json")};
    for (const auto &file : std::filesystem::directory_iterator(source_path("models/zoo")))
        paths.push_back(file.path());
    for (const std::string &path : paths) {
        SCOPED_TRACE(path);
        mf_network_options options = {};
        options.batch = 3;
        Network network = load(path, &options), same;
        ASSERT_OK(edit(network, {}, &same, D));
        expect_same(*network, *same);
    }
}

TEST(NetworkEdit, WidensAsAWiderDescriptionDoes)
{
    auto block = [](int hidden) {
        return R"({"type": "conv", "name": "stem", "channels": 8, "kernel": 3},
                  {"type": "inverted_residual", "channels": 8, "hidden_channels": )" +
               std::to_string(hidden) + R"(, "squeeze_excite": {"ratio": 0.25}, "repeat": 2})" +
               plain_tail;
    };
    Network narrow = parse(block(16)), wide = parse(block(40)), widened;
    mf_network_edit how = {};
    how.channels = [](void *, const mf_layer *layer) -> uint64_t {
        std::string role = layer->role;
        return role == "pw_expand" || role == "se_expand" ? 40
               : role == "se_reduce"                      ? 10
                                                          : layer->shape.m;
    };
    ASSERT_OK(edit(narrow, how, &widened, D));
    expect_same(*wide, *widened);
    how.channels = [](void *, const mf_layer *layer) -> uint64_t {
        return strcmp(layer->role, "pw_project") == 0 ? 7 : layer->shape.m;
    };
    EXPECT_FAILS(MF_INVALID, "stage1.block1.residual_add: a sum needs maps of one shape",
                 edit(narrow, how, &widened, D));
    how.channels = [](void *, const mf_layer *layer) -> uint64_t { return layer->shape.m + 1; };
    EXPECT_FAILS(MF_INVALID, "\"classes\" is 4",
                 edit(parse(std::string(R"({"type": "conv",
                 "channels": 8})") +
                            plain_tail),
                      how, &widened, D));
}

TEST(NetworkEdit, ReplacesOperators)
{
    Network network = parse(std::string(R"({"type": "conv", "channels": 8, "op": "shift"},
                                           {"type": "conv", "channels": 8})") +
                            plain_tail),
            edited;
    mf_network_edit how = {};
    how.op = [](void *, const mf_layer *layer) -> const char * {
        return layer->number == 1 ? "add" : nullptr;
    };
    ASSERT_OK(edit(network, how, &edited, D));
    EXPECT_EQ(text(edited->layers[0].op), "-");
    EXPECT_EQ(text(edited->layers[1].op), "add");
    EXPECT_EQ(text(network->layers[0].op), "shift");
}

TEST(NetworkEdit, RemovesBlocks)
{
    auto with = [](int repeat) {
        return parse(R"({"type": "conv", "name": "stem", "channels": 8, "kernel": 3},
                        {"type": "basic_block", "channels": 8, "repeat": )" +
                     std::to_string(repeat) + "}" + plain_tail);
    };
    Network three = with(3), two = with(2), edited;
    mf_network_edit how = {};
    how.removes = [](void *, const char *place) { return strcmp(place, "stage1.block3") == 0; };
    ASSERT_OK(edit(three, how, &edited, D));
    EXPECT_STREQ(edited->layers[edited->n_layers - 1].name, "fc_7"); // as it was, not fc_5
    for (size_t i = 0; i < edited->n_layers; i++)
        edited->layers[i].name = two->layers[i].name;
    expect_same(*two, *edited);
    // The first one's readers read the stem; ids of the others stay.
    how.removes = [](void *, const char *place) { return strcmp(place, "stage1.block1") == 0; };
    ASSERT_OK(edit(three, how, &edited, D));
    EXPECT_STREQ(edited->layers[1].id, "stage1.block2.conv");
    EXPECT_EQ(edited->layers[1].input[0], 0);
    // All of them.
    how.removes = [](void *, const char *) { return true; };
    ASSERT_OK(edit(three, how, &edited, D));
    EXPECT_EQ(edited->n_layers, 3u);
}

TEST(NetworkEdit, InsertsLayers)
{
    Network network =
                parse(std::string(R"({"type": "conv", "channels": 8, "kernel": 3})") + plain_tail),
            edited;
    mf_network_edit how = {};
    how.insert = [](void *, const mf_layer *layer, mf_builder *builder, mf_diag *diag) {
        if (layer->kind != MF_LAYER_CONV)
            return MF_OK;
        mf_conv_words words = mf_conv_same(builder, "more", 8, 5);
        return mf_build_conv(builder, &words, diag);
    };
    ASSERT_OK(edit(network, how, &edited, D));
    ASSERT_EQ(edited->n_layers, 4u);
    EXPECT_STREQ(edited->layers[1].id, "more");
    EXPECT_EQ(edited->layers[2].input[0], 1);
}

// Branches of other widths meet in as many channels as they have; one of another size does not.
TEST(NetworkEdit, WidensOneOfFourMapsThatMeet)
{
    Network network = load(source_path("tests/models/inception.json")), edited;
    mf_network_edit how = {};
    how.channels = [](void *, const mf_layer *layer) -> uint64_t {
        return layer->shape.r == 5 ? 11 : layer->shape.m;
    };
    ASSERT_OK(edit(network, how, &edited, D));
    size_t n_wider = 0;
    for (size_t i = 0; i < edited->n_layers; i++) {
        const mf_layer &layer = edited->layers[i];
        if (layer.n_inputs < 3)
            continue;
        uint64_t sum = 0;
        for (size_t k = 0; k < layer.n_inputs; k++) {
            const int from = layer.input[k];
            EXPECT_EQ(from, network->layers[i].input[k]);
            EXPECT_EQ(layer.input_channels[k], from < 0 ? 3 : edited->layers[from].shape.m);
            sum += layer.input_channels[k];
        }
        EXPECT_EQ(layer.shape.m, sum);
        n_wider += layer.shape.m > network->layers[i].shape.m;
    }
    EXPECT_EQ(n_wider, 2u);
    how = {};
    how.insert = [](void *, const mf_layer *layer, mf_builder *builder, mf_diag *diag) {
        return layer->shape.r == 5 ? mf_build_upsample(builder, MF_LAYER_UPSAMPLE_NEAREST, 2, diag)
                                   : MF_OK;
    };
    EXPECT_FAILS(MF_INVALID,
                 "mixed.concat: concat needs maps of the same rows and columns, found 4x8x8 "
                 "(conv_1) and 3x16x16 (upsample_",
                 edit(network, how, &edited, D));
}

TEST(NetworkEdit, RefusesLayersThatStandAlone)
{
    Scratch scratch;
    Network network = load(scratch.write("t.csv", "name,h,w,r,s,c,m,u\na,9,9,3,3,2,4,1\n")), edited;
    EXPECT_FAILS(MF_INVALID, "stand alone", edit(network, {}, &edited, D));
}

TEST(NetworkEdit, RefusesInputsThatDangle)
{
    mf_network_head head = {};
    head.name = "x";
    head.batch = 1, head.channels = 3, head.rows = head.columns = 4;
    mf_builder b;
    ASSERT_OK(mf_builder_begin(&b, &head, D));
    mf_conv_words words = mf_conv_same(&b, "conv", 3, 1);
    ASSERT_OK(mf_build_conv(&b, &words, D));
    mf_feature_map later = b.map;
    later.layer = 7; // a cycle, or nothing at all
    EXPECT_FAILS(MF_INVALID, "residual_add reads layer 7 of 1",
                 mf_build_residual_add(&b, &later, MF_ACTIVATION_NONE, D));
    mf_builder_abandon(&b);
}
