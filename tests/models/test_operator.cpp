// Are operators read strictly, and does each layer get the right one?
#include "models/formats/network_file.h"
#include "models/operator.h"
#include "tests/support/support.h"

#include <vector>

namespace
{
struct Fixture {
    mf_operators *operators = nullptr;
    mf_network *network = nullptr;
    Fixture()
    {
        std::vector<std::string> paths;
        for (const char *name : {"mult", "shift", "add", "xnor"})
            paths.push_back(source_path(std::string("models/operators/") + name + ".json"));
        const char *list[] = {paths[0].c_str(), paths[1].c_str(), paths[2].c_str(),
                              paths[3].c_str()};
        EXPECT_OK(mf_operators_load(list, 4, &operators, D));
        EXPECT_OK(mf_network_load(source_path("models/zoo/mobilenetv2-w0.35.json").c_str(), nullptr,
                                  &network, D));
    }
    ~Fixture()
    {
        mf_operators_destroy(operators);
        mf_network_destroy(network);
    }
    std::vector<std::string> assign(const char *variant, std::vector<mf_op_rule> rules,
                                    mf_diag *diag)
    {
        size_t index = 0;
        EXPECT_OK(mf_operators_find(operators, variant, &index, D));
        std::vector<size_t> ops(network->n_weight_layers);
        status = mf_operators_assign(operators, network, index, rules.data(), rules.size(),
                                     ops.data(), diag);
        std::vector<std::string> names;
        for (size_t op : ops)
            names.push_back(mf_operators_at(operators, op)->name);
        return names;
    }
    mf_status status = MF_OK;
};

mf_status load_one(const std::string &text, mf_diag *diag)
{
    Scratch scratch;
    std::string path = scratch.write("op.json", text);
    const char *list[] = {path.c_str()};
    mf_operators *operators = nullptr;
    mf_status status = mf_operators_load(list, 1, &operators, diag);
    mf_operators_destroy(status == MF_OK ? operators : nullptr);
    return status;
}

std::string text_of(const std::string &per_mac, const std::string &keeps = "[]")
{
    return R"({"name": "x", "about": "a", "source": "s", "per_mac": )" + per_mac +
           R"(, "per_norm_output": {}, "per_bias_output": {}, "weight_bits": 8,
              "activation_bits": 8, "number": "integer", "event_width": {"mult": "operands", "add": "psum", "shift": "psum"},
              "product": {"weight_bits": 1, "extra_bits": 0}, "keeps": )" +
           keeps + "}";
}
} // namespace

// Three additions of two widths: a word for all, or one for each.
TEST(Operator, AnOperationOfAPositionHasAWidthOfItsOwn)
{
    Scratch scratch;
    const auto with = [&](const std::string &widths) {
        std::string text = text_of(R"({"add": 3})");
        const std::string word = R"("add": "psum")";
        text.replace(text.find(word), word.size(), R"("add": )" + widths);
        return scratch.write("op.json", text);
    };
    std::string path = with(R"(["activation", "psum", "psum"])");
    const char *list[] = {path.c_str()};
    mf_operators *operators = nullptr;
    ASSERT_OK(mf_operators_load(list, 1, &operators, D));
    const mf_operator *op = mf_operators_at(operators, 0);
    EXPECT_EQ(op->of_width[MF_EVENT_ADD][MF_WIDTH_ACTIVATION], 1u);
    EXPECT_EQ(op->of_width[MF_EVENT_ADD][MF_WIDTH_PSUM], 2u);
    EXPECT_STREQ(op->arithmetic, "x");
    mf_operators_destroy(operators);
    path = with(R"("psum")");
    list[0] = path.c_str();
    ASSERT_OK(mf_operators_load(list, 1, &operators, D));
    EXPECT_EQ(mf_operators_at(operators, 0)->of_width[MF_EVENT_ADD][MF_WIDTH_PSUM], 3u);
    mf_operators_destroy(operators);
    path = with(R"(["psum"])");
    list[0] = path.c_str();
    EXPECT_FAILS(MF_INVALID, "as many widths as a MAC position has of this operation, 3, found 1",
                 mf_operators_load(list, 1, &operators, D));
}

TEST(Operator, AddKeepsDepthwiseAndClassifier)
{
    Fixture f;
    mf_diag diag = {};
    auto ops = f.assign("add", {}, &diag);
    for (size_t i = 0; i < ops.size(); i++) {
        const mf_layer *layer = mf_network_weight_layer(f.network, i);
        bool kept = layer->kind == MF_LAYER_DEPTHWISE || layer->kind == MF_LAYER_FC;
        EXPECT_EQ(ops[i], kept ? "mult" : "add") << layer->name;
    }
}

TEST(Operator, LaterRulesWin)
{
    Fixture f;
    mf_diag diag = {};
    auto ops = f.assign(
        "shift",
        {{"conv", "add"}, {"stem", "mult"}, {"5", "mult"}, {"parts[2]", "shift"}, {"fc_52", "add"}},
        &diag);
    ASSERT_EQ(f.status, MF_OK) << diag.message;
    EXPECT_EQ(ops[0], "mult");
    EXPECT_EQ(ops[1], "shift");
    EXPECT_EQ(ops[2], "add");
    EXPECT_EQ(ops[5], "shift") << "parts[2] came later than the number";
    EXPECT_EQ(ops[52], "add");
}

TEST(Operator, RefusesSelectorsThatSelectNothing)
{
    Fixture f;
    mf_diag diag = {};
    f.assign("add", {{"stm", "mult"}}, &diag);
    EXPECT_EQ(f.status, MF_UNKNOWN_NAME);
    EXPECT_NE(std::string(diag.hint).find("stem"), std::string::npos) << diag.hint;
    f.assign("add", {{"stage2.block1.pw_projct", "mult"}}, &diag);
    EXPECT_NE(std::string(diag.hint).find("\"stage2.block1.pw_project\""), std::string::npos)
        << diag.hint;
    f.assign("add", {{"stem", "molt"}}, &diag);
    EXPECT_EQ(f.status, MF_UNKNOWN_NAME);
    EXPECT_NE(std::string(diag.hint).find("mult"), std::string::npos) << diag.hint;
}

TEST(Operator, IsReadStrictly)
{
    EXPECT_OK(load_one(text_of("{\"shift\": 2}"), D));
    EXPECT_FAILS(MF_INVALID, "at least one operation", load_one(text_of("{}"), D));
    EXPECT_FAILS(MF_INVALID, "did you mean \"shift\"", load_one(text_of("{\"shfit\": 1}"), D));
    EXPECT_FAILS(MF_INVALID, "per_mac.add", load_one(text_of("{\"add\": -1}"), D));
    EXPECT_FAILS(
        MF_UNKNOWN_NAME, "nothere",
        load_one(text_of("{\"add\": 1}", "[{\"layers\": \"fc\", \"op\": \"nothere\"}]"), D));
}

// What computes it must exist and have weights of so many bits; a word of a width is one of three,
// whether or not a position has such operations.
TEST(Operator, ContradictionsAreRefusedWhereItIsRead)
{
    const auto with = [](const char *what, const char *instead) {
        std::string text = text_of(R"({"add": 1})");
        return text.replace(text.find(what), std::string(what).size(), instead);
    };
    const char *const bits = R"("weight_bits": 8)";
    EXPECT_OK(load_one(with(bits, R"("weight_bits": 5, "arithmetic": "apot")"), D));
    EXPECT_FAILS(MF_INVALID,
                 "arithmetic: apot: weights of 7 bits cannot be executed, only of 3 to 5",
                 load_one(with(bits, R"("weight_bits": 7, "arithmetic": "apot")"), D));
    EXPECT_FAILS(MF_INVALID, "only of 1",
                 load_one(with(bits, R"("weight_bits": 2, "arithmetic": "binary")"), D));
    EXPECT_FAILS(MF_INVALID, "arithmetic: expected one of the known words, found \"apto\"",
                 load_one(with(bits, R"("weight_bits": 5, "arithmetic": "apto")"), D));
    EXPECT_FAILS(MF_INVALID, "arithmetic: expected",
                 load_one(with(bits, R"("weight_bits": 5, "arithmetic": "")"), D));
    EXPECT_FAILS(MF_INVALID,
                 "arithmetic: xnor: activations of 8 bits cannot be executed, only of 1",
                 load_one(with(bits, R"("weight_bits": 1, "arithmetic": "xnor")"), D));
    const char *const wide = R"("activation_bits": 8)";
    EXPECT_FAILS(MF_INVALID,
                 "\"kept_bits\" must say how wide the numbers are that its layers write",
                 load_one(with(wide, R"("activation_bits": 1)"), D));
    EXPECT_FAILS(
        MF_INVALID, "mult: activations of 1 bits cannot be executed, only of 2 and more",
        load_one(with(wide, R"("activation_bits": 1, "kept_bits": 8, "arithmetic": "mult")"), D));
    EXPECT_OK(load_one(with(wide, R"("activation_bits": 1, "kept_bits": 8)"), D));
    EXPECT_FAILS(MF_INVALID, "event_width.mult: expected one of the known words, found \"wide\"",
                 load_one(with(R"("mult": "operands")", R"("mult": "wide")"), D));
}

// The price of one operator is not that of another's numbers.
TEST(Operator, NumbersThatExistAreComputedAsTheyWere)
{
    Fixture f;
    mf_diag diag = {};
    f.network->layers[0].arithmetic = "shift";
    f.assign("shift", {}, &diag);
    EXPECT_EQ(f.status, MF_OK) << diag.message;
    f.assign("mult", {}, &diag);
    EXPECT_EQ(f.status, MF_INVALID);
    EXPECT_NE(
        std::string(diag.message)
            .find(
                "layer stem_0: its numbers are computed by shift, but operator mult computes by mult"),
        std::string::npos)
        << diag.message;
}

TEST(Operator, HasTheWidthsOfItsNumbers)
{
    Fixture f;
    auto widths = [&](const char *name, const char *bits, uint64_t psum_bits, uint64_t n) {
        size_t index = 0;
        mf_bits asked = {};
        mf_widths w = {};
        EXPECT_OK(mf_operators_find(f.operators, name, &index, D));
        if (*bits)
            EXPECT_OK(mf_bits_parse(bits, &asked, D));
        EXPECT_OK(
            mf_operator_widths(mf_operators_at(f.operators, index), asked, psum_bits, n, &w, D));
        return w;
    };
    mf_widths w = widths("mult", "", 32, 100);
    EXPECT_TRUE(w.floating);
    EXPECT_EQ(w.psum_bits, 32u);
    w = widths("mult", "16", 32, 9); // 16 + 16 + 4 bits for a sum of up to 16
    EXPECT_FALSE(w.floating);
    EXPECT_EQ(w.exact_bits, 36u);
    EXPECT_EQ(w.product_shift, 4u);
    w = widths("shift", "", 32, 1); // sign and exponent of 4 bits: a product has 15 bits more, and
    // one for the least activation with its sign turned
    EXPECT_EQ(w.weight_bits, 5u);
    EXPECT_EQ(w.activation_bits, 16u);
    EXPECT_EQ(w.exact_bits, 32u);
    EXPECT_EQ(w.product_shift, 0u);
    w = widths("shift", "8", 32, 512);
    EXPECT_EQ(w.weight_bits, 5u);
    EXPECT_EQ(w.exact_bits, 8u + 16 + 9);
    w = widths("add", "8", 16, 513); // |x - w| takes a bit more than x; 513 of them ten
    EXPECT_EQ(w.exact_bits, 19u);
    EXPECT_EQ(w.product_shift, 3u);
    w = widths("shift", "fp32", 32, 4);
    EXPECT_FALSE(w.floating) << "a shift is of integers";
    EXPECT_EQ(w.activation_bits, 32u);
    EXPECT_EQ(w.ofmap_bits, 32u);
    EXPECT_EQ(w.written_bits, 32u);
    for (const char *asked : {"", "8"}) { // signs, whatever is asked for: that is what it writes
        w = widths("xnor", asked, 16, 576);
        EXPECT_EQ(w.activation_bits, 1u);
        EXPECT_EQ(w.weight_bits, 1u);
        EXPECT_EQ(w.exact_bits, 2u + 10) << "-1 and 1, 576 times";
        EXPECT_EQ(w.product_shift, 0u);
        EXPECT_EQ(w.ofmap_bits, *asked ? 8u : 16u);
    }
}

TEST(Operator, RefusesWidthsThatCannotBe)
{
    Fixture f;
    mf_bits bits;
    for (const char *text : {"0", "1", "33", "fp8", "x", "16x", "", "-4", " 8"})
        EXPECT_FAILS(MF_USAGE, "fp16", mf_bits_parse(text, &bits, D));
    mf_widths w;
    const mf_operator *add = mf_operators_at(f.operators, 0);
    EXPECT_OK(mf_operator_widths(add, {8, false}, 10, 256, &w, D));
    EXPECT_FAILS(MF_INVALID, "at least 10 bits (17 to lose nothing)",
                 mf_operator_widths(add, {8, false}, 9, 256, &w, D));
}
