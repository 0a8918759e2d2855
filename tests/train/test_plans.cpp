// Several models over one store: is a narrow one computed with slices of the wide one's tensors, do
// its gradients go there and nowhere else, and is one of full extent the model it would be alone?
#include "base/random.h"
#include "tests/support/operators.h"
#include "tests/train/gradients.h"
#include "train/resumption.h"

#include <cmath>
#include <vector>

namespace
{
// Dense, depthwise and squeezing convolutions, a sum, a strided one, norms and biases.
const char *const network_text = R"({
  "name": "small", "about": "test", "source": "test",
  "input": {"channels": 3, "rows": 12, "columns": 12}, "classes": 5, "activation": "h_swish",
  "parts": [
    {"type": "conv", "name": "stem", "channels": 16, "kernel": 3, "stride": 1},
    {"type": "inverted_residual", "expand": 2, "channels": 16, "squeeze_excite": {"ratio": 0.5, "at_least": 2}},
    {"type": "inverted_residual", "expand": 2, "channels": 24, "kernel": 5, "stride": 2},
    {"type": "global_pool"},
    {"type": "fc", "channels": "classes"}
  ]
})";

// The classifier reads a map of 3 x 3 pixels.
const char *const flat_text = R"({
  "name": "flat", "about": "test", "source": "test",
  "input": {"channels": 3, "rows": 12, "columns": 12}, "classes": 5, "activation": "h_swish",
  "parts": [
    {"type": "conv", "name": "stem", "channels": 16, "kernel": 3, "stride": 4},
    {"type": "fc", "channels": "classes"}
  ]
})";

// Add layers without batch norm behind them drown in their own sums.
std::string text_for(const std::string &op)
{
    std::string text = network_text, part = R"(, "squeeze_excite": {"ratio": 0.5, "at_least": 2})";
    if (op.find("add") != std::string::npos)
        text.erase(text.find(part), part.size());
    return text;
}

mf_model_options options_of(uint64_t batch)
{
    mf_model_options options = mf_model_defaults();
    options.batch = batch;
    options.dropout = 0.25;
    return options;
}

// A network of some width, and a model of it, over another's store or its own.
struct Plan {
    Plan(const std::string &text, const std::string &op, double width, Plan *wide = nullptr,
         mf_model_options how = options_of(8))
        : options(how), operators(load_all_operators())
    {
        mf_network_options size = {};
        size.width_multiplier = width;
        Scratch scratch;
        EXPECT_OK(mf_network_load(scratch.write("network.json", text).c_str(), &size, &network, D));
        size_t variant;
        EXPECT_OK(mf_operators_find(operators, op.c_str(), &variant, D));
        op_of_layer.resize(network->n_weight_layers);
        EXPECT_OK(
            mf_operators_assign(operators, network, variant, nullptr, 0, op_of_layer.data(), D));
        status =
            wide ? mf_model_create_over(wide->model, network, operators, op_of_layer.data(),
                                        &options, &model, &diag)
                 : mf_model_create(network, operators, op_of_layer.data(), &options, &model, &diag);
        mf_random random = mf_random_seed(5);
        images.resize(options.batch * 12 * 12 * 3);
        for (float &x : images)
            x = static_cast<float>(2 * mf_random_real(&random) - 1);
        for (uint64_t i = 0; i < options.batch; i++)
            labels.push_back(static_cast<uint32_t>(i * 7 % 5));
    }

    ~Plan()
    {
        mf_model_destroy(model);
        mf_network_destroy(network);
        mf_operators_destroy(operators);
    }

    Plan(const Plan &) = delete;
    Plan &operator=(const Plan &) = delete;

    // Forward and backward; gradients replace those that are there, or join them.
    double pass(uint64_t step, bool also = false)
    {
        mf_model_score score = {};
        auto train = also ? mf_model_train_also : mf_model_train;
        EXPECT_OK(train(model, images.data(), labels.data(), labels.size(), step, &score, D));
        return score.loss;
    }

    void update() const
    {
        mf_model_update(model, 0.02, 0.9, 4e-5);
    }

    double evaluate()
    {
        mf_model_score score = {};
        EXPECT_OK(mf_model_evaluate(model, images.data(), labels.data(), labels.size(), &score, D));
        return score.loss;
    }

    std::vector<float> values() const
    {
        mf_parameter_runs runs = mf_parameters_runs(mf_model_store(model));
        return {runs.values, runs.values + runs.n_values};
    }

    std::vector<float> gradients() const
    {
        mf_parameter_runs runs = mf_parameters_runs(mf_model_store(model));
        return {runs.gradients, runs.gradients + runs.n_learn};
    }

    mf_model_options options;
    mf_operators *operators;
    mf_network *network = nullptr;
    std::vector<size_t> op_of_layer;
    mf_model *model = nullptr;
    mf_diag diag = {};
    mf_status status = MF_OK;
    std::vector<float> images;
    std::vector<uint32_t> labels;
};

// Is number `i` of a stored tensor one of the narrow tensor's?
bool in_slice(const mf_parameter &stored, const mf_parameter &narrow, uint64_t i)
{
    for (size_t axis = stored.n_sizes; axis-- > 0;) {
        if (i % stored.size[axis] >= narrow.size[axis])
            return false;
        i /= stored.size[axis];
    }
    return true;
}
} // namespace

TEST(Plans, OneOfFullExtentIsTheModelAlone)
{
    for (const std::string &op : executed_operators()) {
        Plan alone(text_for(op), op, 1), owner(text_for(op), op, 1),
            plan(text_for(op), op, 1, &owner), narrow(text_for(op), op, 0.5, &owner);
        ASSERT_EQ(plan.status, MF_OK) << plan.diag.message;
        ASSERT_EQ(narrow.status, MF_OK) << narrow.diag.message;
        for (uint64_t step = 0; step < 4; step++) {
            EXPECT_EQ(plan.pass(step), alone.pass(step)) << op;
            EXPECT_EQ(plan.gradients(), alone.gradients()) << op;
            plan.update();
            alone.update();
            EXPECT_EQ(plan.values(), alone.values()) << op;
            std::vector<float> before = plan.values();
            EXPECT_TRUE(std::isfinite(narrow.evaluate())); // leaves its numbers in the memory
            EXPECT_EQ(plan.values(), before) << op << ": evaluated, not trained";
        }
        EXPECT_EQ(plan.evaluate(), alone.evaluate()) << op;
        EXPECT_EQ(owner.evaluate(), alone.evaluate()) << op;
    }
}

TEST(Plans, ANarrowOneGivesGradientsToItsSliceAlone)
{
    for (const std::string &text : {text_for("mult"), std::string(flat_text)}) {
        Plan wide(text, "mult", 1), narrow(text, "mult", 0.5, &wide), like(text, "mult", 0.5);
        ASSERT_EQ(narrow.status, MF_OK) << narrow.diag.message;
        wide.pass(0);
        narrow.pass(1);
        size_t n, n_like;
        mf_parameter *p = mf_model_parameters(wide.model, &n),
                     *l = mf_model_parameters(like.model, &n_like);
        ASSERT_EQ(n, n_like);
        uint64_t n_outside = 0, n_inside = 0;
        for (size_t i = 0; i < n; i++)
            for (uint64_t k = 0; p[i].gradient && k < p[i].n; k++) {
                // Rows of a classifier behind a map are pixels, each with all channels.
                bool flat = text == flat_text && p[i].n_sizes == 2;
                bool inside = flat ? k / p[i].size[1] % 16 < 8 : in_slice(p[i], l[i], k);
                EXPECT_TRUE(inside || p[i].gradient[k] == 0) << p[i].name << " " << k;
                n_outside += !inside;
                n_inside += inside && p[i].gradient[k] != 0;
            }
        EXPECT_GT(n_outside, 100u);
        EXPECT_GT(n_inside, 100u);
    }
}

// A narrow plan computes what a narrow model with the slices for weights does.
TEST(Plans, ANarrowOneIsANarrowModelOfTheSlices)
{
    for (const std::string &op : executed_operators()) {
        Plan wide(text_for(op), op, 1), narrow(text_for(op), op, 0.5, &wide),
            alone(text_for(op), op, 0.5);
        wide.pass(0);
        wide.update();
        size_t n, n_alone;
        mf_parameter *p = mf_model_parameters(wide.model, &n),
                     *a = mf_model_parameters(alone.model, &n_alone);
        ASSERT_EQ(n, n_alone);
        for (bool trains : {false, true}) {
            for (size_t i = 0; i < n; i++)
                for (uint64_t k = 0, at = 0; k < p[i].n; k++)
                    if (in_slice(p[i], a[i], k))
                        a[i].value[at++] = p[i].value[k];
            EXPECT_EQ(trains ? narrow.pass(1) : narrow.evaluate(),
                      trains ? alone.pass(1) : alone.evaluate())
                << op;
        }
        for (size_t i = 0; i < n; i++)
            for (uint64_t k = 0, at = 0; k < p[i].n; k++)
                if (in_slice(p[i], a[i], k)) {
                    EXPECT_EQ(p[i].value[k], a[i].value[at]) << op << " " << p[i].name;
                    if (p[i].gradient) {
                        EXPECT_EQ(p[i].gradient[k], a[i].gradient[at]) << op << " " << p[i].name;
                    }
                    at++;
                }
    }
}

TEST(Plans, TrainingTheWideOneChangesTheNarrowOne)
{
    Plan wide(text_for("mult"), "mult", 1), narrow(text_for("mult"), "mult", 0.5, &wide);
    double before = narrow.evaluate();
    wide.pass(0);
    wide.update();
    EXPECT_NE(narrow.evaluate(), before);
}

TEST(Plans, GradientsOfSeveralAddUp)
{
    Plan wide(text_for("mult"), "mult", 1), narrow(text_for("mult"), "mult", 0.5, &wide);
    wide.pass(3);
    std::vector<float> first = wide.gradients();
    narrow.pass(3);
    std::vector<float> second = wide.gradients();
    wide.pass(3);
    narrow.pass(3, true);
    std::vector<float> both = wide.gradients();
    for (size_t i = 0; i < both.size(); i++)
        EXPECT_EQ(both[i], first[i] + second[i]);
}

TEST(Plans, ShareTheMemoryOfTheLargest)
{
    Plan wide(text_for("mult"), "mult", 1);
    uint64_t alone = mf_model_bytes(wide.model);
    Plan narrow(text_for("mult"), "mult", 0.5, &wide);
    EXPECT_EQ(mf_model_bytes(wide.model), alone);
    EXPECT_LT(mf_model_bytes(narrow.model), alone / 4); // what is no map: layers and their names
    double before = wide.evaluate();
    std::vector<float> logits(8 * 5), still = logits;
    mf_model_output(wide.model, wide.network->n_layers - 1, 8, logits.data());
    Plan larger(text_for("mult"), "mult", 0.5, &wide, options_of(64));
    EXPECT_GT(mf_model_bytes(wide.model), alone); // moved, and all with it
    mf_model_output(wide.model, wide.network->n_layers - 1, 8, still.data());
    EXPECT_EQ(still, logits);
    EXPECT_EQ(wide.evaluate(), before);
    EXPECT_TRUE(std::isfinite(narrow.pass(0)));
}

TEST(Plans, RefuseWhatTheStoreHasNot)
{
    Plan store(text_for("mult"), "mult", 0.5);
    Plan wider(text_for("mult"), "mult", 1, &store);
    EXPECT_EQ(wider.status, MF_INVALID);
    EXPECT_EQ(wider.model, nullptr);
    std::string message = wider.diag.message;
    EXPECT_NE(message.find("stem_0.weight"), std::string::npos) << message;
    EXPECT_NE(message.find("1 x 3 x 3 x 3 x 16"), std::string::npos) << message;
    EXPECT_NE(message.find("1 x 3 x 3 x 3 x 8"), std::string::npos) << message;

    mf_model_options ps = options_of(8);
    ps.shift_mode = MF_SHIFT_PS;
    Plan other(text_for("mult"), "shift", 0.5, &store, ps);
    EXPECT_EQ(other.status, MF_INVALID);
    message = other.diag.message;
    EXPECT_NE(message.find("stem_0.exponent"), std::string::npos) << message;
    EXPECT_NE(message.find("the store has none"), std::string::npos) << message;

    std::string five = text_for("mult");
    five.replace(five.find("\"kernel\": 3"), 11, "\"kernel\": 1");
    Plan kernel(five, "mult", 0.5, &store);
    EXPECT_EQ(kernel.status, MF_INVALID) << "a kernel is not cut";
    EXPECT_TRUE(std::isfinite(store.pass(0))) << "and the store is as it was";
}

namespace
{
// w' = 2 w + a w^2, number by number.
struct Bend {
    mf_source_map map;
    float a;
};

void bend(const mf_source_map *map, const mf_source *s)
{
    const float *x = s->sliced;
    float *y = s->own->value;
    float a = reinterpret_cast<const Bend *>(map)->a;
    for (uint64_t i = 0; i < s->own->n; i++)
        y[i] = 2 * x[i] + a * x[i] * x[i];
}

void straighten(const mf_source_map *map, const mf_source *s, float *gradient)
{
    const float *x = s->sliced;
    float a = reinterpret_cast<const Bend *>(map)->a;
    for (uint64_t i = 0; i < s->own->n; i++)
        gradient[i] *= 2 + 2 * a * x[i];
}

void expect_gradients_of_the_loss(Plan &plan)
{
    EXPECT_GT(expect_gradients(plan.model, [&] { return plan.pass(0); }), 4u);
}
} // namespace

TEST(Plans, GradientsAreThoseOfTheLossByTheStore)
{
    Bend half = {{.forward = bend, .pull_back = straighten}, 0.5f};
    std::vector<const mf_source_map *> maps(16, &half.map);
    maps[1] = nullptr;
    mf_model_options bent = options_of(8);
    bent.maps = maps.data();
    Plan wide(text_for("mult"), "mult", 1), narrow(text_for("mult"), "mult", 0.5, &wide),
        mapped(text_for("mult"), "mult", 0.75, &wide, bent),
        alone(text_for("mult"), "mult", 0.5, nullptr, bent);
    for (uint64_t step = 0; step < 3; step++)
        for (Plan *plan : {&wide, &alone}) {
            plan->pass(step);
            plan->update();
        }
    EXPECT_NE(narrow.evaluate(), mapped.evaluate());
    expect_gradients_of_the_loss(narrow);
    expect_gradients_of_the_loss(mapped);
    expect_gradients_of_the_loss(alone);
}

// Rows, columns, channels of the map before it, norm and activation applied, as one long vector.
TEST(Classifier, ReadsPixelsOfAMap)
{
    mf_model_options none = options_of(8);
    none.dropout = 0;
    Plan flat(flat_text, "mult", 1, nullptr, none);
    for (uint64_t step = 0; step < 3; step++) {
        flat.pass(step);
        flat.update();
    }
    flat.evaluate();
    std::vector<float> map(8 * 9 * 16), logits(8 * 5);
    mf_model_output(flat.model, 0, 8, map.data());
    mf_model_output(flat.model, 1, 8, logits.data());
    const float *w = mf_model_forward_weights(flat.model, 1),
                *bias = mf_parameters_find(mf_model_store(flat.model), "fc_1.bias")->value;
    for (size_t i = 0; i < 8; i++)
        for (size_t m = 0; m < 5; m++) {
            double sum = bias[m];
            for (size_t c = 0; c < 9 * 16; c++)
                sum += double{map[i * 9 * 16 + c]} * w[c * 5 + m];
            EXPECT_NEAR(logits[i * 5 + m], sum, 1e-5);
        }
    expect_gradients_of_the_loss(flat);
}

// Dropout leaves out what the classifier reads, not what the layer before it says.
TEST(Dropout, LeavesTheMapBeforeItAsItIs)
{
    mf_model_options none = options_of(8);
    none.dropout = 0;
    for (const std::string &text : {text_for("mult"), std::string(flat_text)}) {
        Plan drops(text, "mult", 1), keeps(text, "mult", 1, nullptr, none);
        const size_t last = drops.network->n_layers - 1;
        EXPECT_NE(drops.pass(0), keeps.pass(0));
        for (size_t i = 0; i <= last; i++) {
            mf_shape shape = drops.network->layers[i].shape;
            shape.n = 8;
            std::vector<float> with(mf_shape_ofmap(&shape)), without = with;
            mf_model_output(drops.model, i, 8, with.data());
            mf_model_output(keeps.model, i, 8, without.data());
            EXPECT_EQ(with == without, i < last) << drops.network->layers[i].name;
        }
        EXPECT_EQ(drops.evaluate(), keeps.evaluate());
    }
}
