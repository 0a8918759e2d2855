// Is a hybrid what equation 4 of ShiftAddAug says: the narrower network's operators between the
// first channels, the others everywhere else, and their sum where both write?
#include "base/random.h"
#include "models/network_builder.h"
#include "tests/support/operators.h"
#include "tests/train/gradients.h"

#include <cmath>
#include <cstring>
#include <vector>

namespace
{
constexpr uint64_t rows = 7, images = 3, classes = 4;

// A dense layer, a depthwise one, a pointwise one with a stride, and a classifier that reads a map.
mf_network *chain(uint64_t first, uint64_t second, mf_activation activation, bool norm)
{
    mf_builder b;
    mf_network *network = nullptr;
    const mf_network_head head = {"chain", "", "", 1, classes, 3, rows, rows, 1};
    EXPECT_OK(mf_builder_begin(&b, &head, D));
    b.activation = activation;
    mf_conv_words words = mf_conv_same(&b, "dense", first, 3);
    words.norm = norm;
    words.bias = !norm;
    EXPECT_OK(mf_build_conv(&b, &words, D));
    words.role = "depthwise";
    words.groups = first;
    EXPECT_OK(mf_build_conv(&b, &words, D));
    words.groups = 1;
    words.role = "pointwise";
    words.kernel_rows = words.kernel_columns = 1;
    words.pad_rows = words.pad_columns = 0;
    words.stride = 3;
    words.channels = second;
    EXPECT_OK(mf_build_conv(&b, &words, D));
    words = mf_conv_same(&b, "fc", classes, 1);
    words.norm = false;
    words.bias = true;
    words.activation = MF_ACTIVATION_NONE;
    EXPECT_OK(mf_build_fc(&b, &words, D));
    EXPECT_OK(mf_builder_end(&b, &network, D));
    return network;
}

// A store of wide extent, the narrow network over it, and the hybrid of both.
struct Trio {
    Trio(const std::string &target, const std::string &augment, bool apart = false,
         const mf_source_map *map = nullptr, uint64_t more = 1,
         mf_activation activation = MF_ACTIVATION_NONE, bool norm = false, double factor = 0,
         bool norms_apart = false)
        : narrow(chain(4, 5, activation, norm)),
          wide(chain(4 + 3 * more, 5 + 4 * more, activation, norm)), operators(load_all_operators())
    {
        size_t op;
        EXPECT_OK(mf_operators_find(operators, target.c_str(), &op, D));
        ops_of_target.assign(narrow->n_weight_layers, op);
        EXPECT_OK(mf_operators_find(operators, augment.c_str(), &op, D));
        ops_of_augment.assign(wide->n_weight_layers, op);
        maps.assign(narrow->n_weight_layers, map);
        if (norms_apart) { // behind the last of them all that learns is differentiable
            EXPECT_OK(mf_operators_find(operators, "mult", &op, D));
            ops_of_target.back() = op;
        }
        how = {narrow, ops_of_target.data(), maps.data(), apart, factor, norms_apart};
        options = mf_model_defaults();
        options.batch = images;
        options.hybrid = &how;
        status = mf_model_create(wide, operators, ops_of_augment.data(), &options, &store, &diag);
        if (status != MF_OK)
            return;
        EXPECT_OK(mf_model_create_over(store, wide, operators, ops_of_augment.data(), &options,
                                       &hybrid, D));
        mf_model_options plain = options;
        plain.hybrid = nullptr;
        EXPECT_OK(mf_model_create_over(store, wide, operators, ops_of_augment.data(), &plain,
                                       &augmenting, D));
        plain.maps = maps.data();
        plain.apart = apart;
        EXPECT_OK(mf_model_create_over(store, narrow, operators, ops_of_target.data(), &plain,
                                       &alone, D));
        mf_random random = mf_random_seed(7);
        for (uint64_t i = 0; i < images * rows * rows * 3; i++)
            pictures.push_back(static_cast<float>(2 * mf_random_real(&random) - 1));
        labels = {1, 3, 0};
        // Where biases, factors and means are all alike, a wrong one would not be seen.
        size_t n;
        mf_parameter *p = mf_model_parameters(store, &n);
        for (size_t i = 0; i < n; i++)
            for (uint64_t k = 0; !p[i].decays && p[i].learns && k < p[i].n; k++)
                p[i].value[k] += static_cast<float>(0.2 * mf_random_real(&random));
    }

    ~Trio()
    {
        mf_model_destroy(alone);
        mf_model_destroy(augmenting);
        mf_model_destroy(hybrid);
        mf_model_destroy(store);
        mf_network_destroy(narrow);
        mf_network_destroy(wide);
        mf_operators_destroy(operators);
    }

    Trio(const Trio &) = delete;
    Trio &operator=(const Trio &) = delete;

    double evaluate(mf_model *model) const
    {
        mf_model_score score = {};
        EXPECT_OK(mf_model_evaluate(model, pictures.data(), labels.data(), images, &score, D));
        return score.loss;
    }

    double train(mf_model *model) const
    {
        mf_model_score score = {};
        EXPECT_OK(mf_model_train(model, pictures.data(), labels.data(), images, 0, &score, D));
        return score.loss;
    }

    std::vector<float> weights(mf_model *model, size_t number) const
    {
        const mf_layer *l = mf_network_weight_layer(mf_model_network(model), number);
        const float *w = mf_model_forward_weights(model, number);
        return {w, w + mf_shape_weights(&l->shape)};
    }

    std::vector<float> output(mf_model *model, size_t layer) const
    {
        const mf_shape &s = mf_model_network(model)->layers[layer].shape;
        std::vector<float> y(images * s.e * s.f * s.m);
        mf_model_output(model, layer, images, y.data());
        return y;
    }

    std::vector<float> gradients() const
    {
        mf_parameter_runs runs = mf_parameters_runs(mf_model_store(store));
        return {runs.gradients, runs.gradients + runs.n_learn};
    }

    mf_network *narrow, *wide;
    mf_operators *operators;
    std::vector<size_t> ops_of_target, ops_of_augment;
    std::vector<const mf_source_map *> maps;
    mf_hybrid how;
    mf_model_options options;
    mf_diag diag = {};
    mf_status status;
    mf_model *store = nullptr, *hybrid = nullptr, *augmenting = nullptr, *alone = nullptr;
    std::vector<float> pictures;
    std::vector<uint32_t> labels;
};

// What one weight makes of one input.
double product(const std::string &op, double x, double w)
{
    return op == "add" ? -std::fabs(x - w) : x * w;
}

double on_grid(bool is, double x)
{
    return is ? std::floor(x * 65536) / 65536 : x;
}

// One layer of the hybrid by equation 4, term by term, from the weights of both.
void expect_equation_4(const Trio &t, const std::string &target, const std::string &augment,
                       size_t number, const std::vector<float> &x, const std::vector<float> &y,
                       const std::vector<float> &w_target, const std::vector<float> &w_augment)
{
    const mf_layer &layer = t.wide->layers[number], &part = t.narrow->layers[number];
    const mf_shape &s = layer.shape, &p = part.shape;
    bool depthwise = layer.kind == MF_LAYER_DEPTHWISE, fc = layer.kind == MF_LAYER_FC;
    bool grid = target == "shift" || augment == "shift";
    uint64_t pixels = fc ? s.c / t.wide->layers[number - 1].shape.m : 1, c_all = s.c / pixels,
             c_part = p.c / pixels;
    const mf_parameter *bias = nullptr;
    size_t n;
    mf_parameter *all = mf_model_parameters(t.store, &n);
    for (size_t i = 0; i < n; i++)
        if (all[i].name == std::string(layer.name) + ".bias")
            bias = &all[i];
    ASSERT_NE(bias, nullptr);
    // Weight (m, pixel, c, r, q) of a layer with `c_of` channels per pixel and `m_of` filters.
    auto at = [&](uint64_t m, uint64_t pixel, uint64_t c, uint64_t r, uint64_t q, uint64_t c_of,
                  uint64_t m_of) {
        if (depthwise)
            return (r * s.s + q) * c_of + m;
        if (fc)
            return (pixel * c_of + c) * m_of + m;
        return ((r * s.s + q) * c_of + c) * m_of + m;
    };
    for (uint64_t i = 0; i < images; i++)
        for (uint64_t e = 0; e < s.e; e++)
            for (uint64_t f = 0; f < s.f; f++)
                for (uint64_t m = 0; m < s.m; m++) {
                    bool rounds = grid && !fc && (augment == "shift" || m < p.m);
                    double sum = on_grid(rounds, bias->value[m]), size = std::fabs(sum);
                    for (uint64_t r = 0; r < s.r; r++)
                        for (uint64_t q = 0; q < s.s; q++)
                            for (uint64_t pixel = 0; pixel < pixels; pixel++)
                                for (uint64_t k = 0; k < (depthwise ? 1 : c_all); k++) {
                                    uint64_t c = depthwise ? m : k;
                                    bool first = c < c_part && m < p.m;
                                    auto row = static_cast<int64_t>(e * s.stride + r - s.pad_rows),
                                         column =
                                             static_cast<int64_t>(f * s.stride + q - s.pad_columns);
                                    bool inside = row >= 0 && row < static_cast<int64_t>(s.h) &&
                                                  column >= 0 && column < static_cast<int64_t>(s.w);
                                    uint64_t place =
                                        fc ? (i * pixels + pixel) * c_all + c
                                           : ((i * s.h + static_cast<uint64_t>(row)) * s.w +
                                              static_cast<uint64_t>(column)) *
                                                     c_all +
                                                 c;
                                    double value = inside || fc ? on_grid(grid, x[place]) : 0;
                                    double term =
                                        first ? product(target, value,
                                                        w_target[at(m, pixel, c, r, q, c_part,
                                                                    depthwise ? c_part : p.m)])
                                              : product(augment, value,
                                                        w_augment[at(m, pixel, c, r, q, c_all,
                                                                     depthwise ? c_all : s.m)]);
                                    sum += term;
                                    size += std::fabs(term);
                                }
                    double is = y[((i * s.e + e) * s.f + f) * s.m + m];
                    ASSERT_NEAR(is, sum, 2e-6 * size + 1e-6)
                        << layer.name << " image " << i << " row " << e << " column " << f
                        << " channel " << m;
                }
}

bool on_signs(const Trio &t, const std::string &op)
{
    size_t index = 0;
    EXPECT_OK(mf_operators_find(t.operators, op.c_str(), &index, D));
    return mf_operator_on_signs(mf_operators_at(t.operators, index));
}

std::vector<std::string> products()
{
    std::vector<std::string> names = executed_operators();
    names.erase(std::remove(names.begin(), names.end(), "add"), names.end());
    return names;
}
} // namespace

TEST(Hybrid, IsEquation4ForEveryPair)
{
    for (const std::string &target : executed_operators())
        for (const std::string &augment : products()) {
            SCOPED_TRACE(target + " in " + augment);
            Trio t(target, augment);
            if (on_signs(t, target) != on_signs(t, augment)) {
                EXPECT_EQ(t.status, MF_INVALID);
                EXPECT_NE(
                    std::string(t.diag.message).find("one of them reads signs, the other numbers"),
                    std::string::npos)
                    << t.diag.message;
                continue;
            }
            ASSERT_EQ(t.status, MF_OK) << t.diag.message;
            if (target == augment) { // nothing to tell apart, also where a layer is scaled as one
                EXPECT_EQ(t.evaluate(t.hybrid), t.evaluate(t.augmenting));
                continue;
            }
            std::vector<std::vector<float>> of_target, of_augment, maps = {t.pictures};
            t.evaluate(t.alone);
            for (size_t i = 0; i < t.narrow->n_layers; i++)
                of_target.push_back(t.weights(t.alone, i));
            t.evaluate(t.augmenting);
            for (size_t i = 0; i < t.wide->n_layers; i++)
                of_augment.push_back(t.weights(t.augmenting, i));
            t.evaluate(t.hybrid);
            for (size_t i = 0; i < t.wide->n_layers; i++) {
                maps.push_back(t.output(t.hybrid, i));
                expect_equation_4(t, target, augment, i, maps[i], maps[i + 1], of_target[i],
                                  of_augment[i]);
            }
        }
}

// Nothing is added: what is left is the narrower network, in what it says and in what it learns.
TEST(Hybrid, WithoutMoreChannelsIsTheNarrowerNetwork)
{
    for (const std::string &target : executed_operators())
        for (bool apart : {false, true}) {
            SCOPED_TRACE(target + (apart ? " apart" : ""));
            // With norms, for the sums of Add saturate every gradient but the classifier's.
            Trio t(target, target == "mult" ? "shift" : "mult", apart, nullptr, 0,
                   MF_ACTIVATION_NONE, true);
            if (on_signs(t, target))
                continue; // it has no part on numbers, nor may it be one
            ASSERT_EQ(t.status, MF_OK) << t.diag.message;
            double loss = t.train(t.alone), scale = 0, off = 0;
            std::vector<float> alone = t.gradients();
            EXPECT_NEAR(t.train(t.hybrid), loss, 1e-5 * loss);
            std::vector<float> hybrid = t.gradients();
            for (size_t i = 0; i < alone.size(); i++) {
                scale = std::max(scale, std::fabs(double{alone[i]}));
                off = std::max(off, std::fabs(double{alone[i]} - hybrid[i]));
            }
            EXPECT_GT(scale, 0.01);
            // Where inputs of products lie on no grid in the one and on a grid in the other.
            EXPECT_LT(off, (target == "mult" ? 1e-3 : 2e-5) * scale);
        }
}

// Smooth operators: both halves of the weights, their mixture, and all behind them, against differences.
TEST(Hybrid, GradientsAreThoseOfTheLoss)
{
    for (bool norm : {false, true})
        for (double factor : {0.0, 0.7}) {
            Trio t("mult", "mult", true, nullptr, 1, MF_ACTIVATION_H_SWISH, norm, factor);
            ASSERT_EQ(t.status, MF_OK) << t.diag.message;
            size_t n = expect_gradients(t.hybrid, [&] { return t.train(t.hybrid); });
            EXPECT_GE(n, factor > 0 ? 14u : 12u)
                << "four layers: weights of both, biases or norms, and of two a mixture";
        }
}

// With a factor of 1 everything is as without one; with another only what the target's outputs get from
// added inputs is multiplied: for a target beside which nothing is added, nothing.
TEST(Hybrid, FactorsAreOfWhatAddedInputsGive)
{
    for (const std::string target : {"shift", "add"}) {
        Trio none(target, "mult"),
            one(target, "mult", false, nullptr, 1, MF_ACTIVATION_NONE, false, 1),
            half(target, "mult", false, nullptr, 1, MF_ACTIVATION_NONE, false, 0.5);
        for (Trio *t : {&none, &one, &half})
            ASSERT_EQ(t->status, MF_OK) << t->diag.message;
        // The same biases, whichever tensors stand between them.
        for (Trio *t : {&one, &half})
            for (const char *name : {"dense_0.bias", "depthwise_1.bias", "pointwise_2.bias"}) {
                const mf_parameter *from = mf_parameters_find(mf_model_store(none.store), name),
                                   *to = mf_parameters_find(mf_model_store(t->store), name);
                std::copy(from->value, from->value + from->n, to->value);
            }
        for (Trio *t : {&none, &one, &half}) {
            size_t n;
            mf_parameter *p = mf_model_parameters(t->store, &n);
            for (size_t i = 0; i < n; i++)
                if (std::string(p[i].name).find(".mix") != std::string::npos)
                    std::fill(p[i].value, p[i].value + p[i].n, t == &one ? 1.0f : 0.5f);
            t->evaluate(t->hybrid);
        }
        EXPECT_EQ(none.output(none.hybrid, 1), one.output(one.hybrid, 1));
        std::vector<float> y = none.output(none.hybrid, 2), z = half.output(half.hybrid, 2);
        EXPECT_EQ(y, one.output(one.hybrid, 2));
        EXPECT_EQ(none.output(none.hybrid, 1), half.output(half.hybrid, 1)) << "inputs are alike";
        size_t n_same = 0, n_other = 0;
        for (size_t i = 0; i < y.size(); i++)
            (i % 9 < 5 ? n_other : n_same) += (i % 9 < 5) == (y[i] != z[i]);
        EXPECT_EQ(n_other, y.size() * 5 / 9) << "the target's five outputs change";
        EXPECT_EQ(n_same, y.size() * 4 / 9) << "the four others do not";
    }
}

// ---- norms of both parts -----------------------------------------------------------------------

void fill(const Trio &t, const std::string &name, float value)
{
    const mf_parameter *p = mf_parameters_find(mf_model_store(t.store), name.c_str());
    ASSERT_NE(p, nullptr) << name;
    std::fill(p->value, p->value + p->n, value);
}

std::vector<double> normalised(const std::vector<double> &x, uint64_t channels)
{
    std::vector<double> y(x.size());
    double n = static_cast<double>(x.size() / channels);
    for (uint64_t c = 0; c < channels; c++) {
        double sum = 0, squares = 0;
        for (uint64_t i = c; i < x.size(); i += channels)
            sum += x[i];
        for (uint64_t i = c; i < x.size(); i += channels)
            squares += (x[i] - sum / n) * (x[i] - sum / n);
        for (uint64_t i = c; i < x.size(); i += channels)
            y[i] = (x[i] - sum / n) / std::sqrt(squares / n + 1e-5);
    }
    return y;
}

// The pointwise layer, its two maps, their norms, and the sum, in double precision from the layer's input.
TEST(NormsApart, AreOfTheSumsOfAddAndOfTheProducts)
{
    Trio t("add", "mult", true, nullptr, 1, MF_ACTIVATION_NONE, true, 0.3, true);
    ASSERT_EQ(t.status, MF_OK) << t.diag.message;
    t.train(t.hybrid); // with the statistics of this batch
    auto value = [&](const char *name, uint64_t at) {
        return double{mf_parameters_find(mf_model_store(t.store), name)->value[at]};
    };
    std::vector<float> x = t.output(t.hybrid, 1), y = t.output(t.hybrid, 2);
    std::vector<double> own, added;
    for (uint64_t i = 0; i < images; i++)
        for (uint64_t e = 0; e < rows; e += 3)
            for (uint64_t f = 0; f < rows; f += 3)
                for (uint64_t m = 0; m < 5; m++) {
                    const float *in = x.data() + ((i * rows + e) * rows + f) * 7;
                    double a = 0, p = 0;
                    for (uint64_t c = 0; c < 7; c++)
                        if (c < 4)
                            a -= std::fabs(in[c] - value("pointwise_2.target_weight", c * 5 + m));
                        else
                            p += in[c] * value("pointwise_2.weight", c * 9 + m);
                    own.push_back(a);
                    added.push_back(p);
                }
    ASSERT_EQ(own.size(), y.size() / 9 * 5);
    own = normalised(own, 5);
    added = normalised(added, 5);
    for (size_t i = 0; i < own.size(); i++) {
        uint64_t m = i % 5;
        EXPECT_NEAR(y[i / 5 * 9 + m],
                    value("pointwise_2.gamma", m) * own[i] + value("pointwise_2.beta", m) +
                        value("pointwise_2.mix", m) * added[i],
                    2e-5)
            << i;
    }
}

// With factors of zero the added channels are not seen: what the target says, measures and learns is
// what it does alone, through three layers of Add.
TEST(NormsApart, WithoutFactorsTheTargetIsAlone)
{
    Trio t("add", "mult", true, nullptr, 1, MF_ACTIVATION_RELU, true, 0.3, true);
    ASSERT_EQ(t.status, MF_OK) << t.diag.message;
    for (const char *name : {"dense_0.mix", "pointwise_2.mix"})
        if (mf_parameters_find(mf_model_store(t.store),
                               name)) // the first has no inputs but its own
            fill(t, name, 0);
    mf_parameter *fc =
        const_cast<mf_parameter *>(mf_parameters_find(mf_model_store(t.store), "fc_3.weight"));
    ASSERT_NE(fc, nullptr); // [pixels][9][classes]
    for (uint64_t i = 0; i < fc->n; i++)
        if (i / classes % 9 >= 5)
            fc->value[i] = 0;
    double alone = t.train(t.alone);
    std::vector<float> wanted = t.gradients();
    std::vector<float> statistics;
    auto measured = [&] {
        std::vector<float> all;
        for (const char *name : {"dense_0", "depthwise_1", "pointwise_2"})
            for (const char *role : {".running_mean", ".running_variance"}) {
                const mf_parameter *p =
                    mf_parameters_find(mf_model_store(t.store), (name + std::string(role)).c_str());
                all.insert(all.end(), p->value, p->value + (name[0] == 'p' ? 5 : 4));
            }
        return all;
    };
    std::vector<float> before = measured();
    EXPECT_NEAR(t.train(t.hybrid), alone, 1e-5 * alone);
    // Running statistics moved twice, towards the same.
    std::vector<float> after = measured();
    t.train(t.alone);
    std::vector<float> third = measured();
    for (size_t i = 0; i < after.size(); i++)
        EXPECT_NEAR(third[i] - after[i], 0.9 * (after[i] - before[i]),
                    2e-4 * std::fabs(after[i]) + 1e-5);
    t.train(t.hybrid);
    std::vector<float> is = t.gradients();
    size_t n_compared = 0;
    double scale = 0;
    for (float g : wanted)
        scale = std::max(scale, std::fabs(double{g}));
    EXPECT_GT(scale, 0.01);
    for (size_t i = 0; i < wanted.size(); i++)
        if (wanted[i] != 0) { // the target's
            EXPECT_NEAR(is[i], wanted[i], 3e-5 * scale) << i;
            n_compared++;
        }
    EXPECT_GT(n_compared, 150u);
}

// Of what stands behind the last Add: factors of both norms, offsets, and the weights of the products.
TEST(NormsApart, GradientsAreThoseOfTheLoss)
{
    Trio t("add", "mult", true, nullptr, 1, MF_ACTIVATION_H_SWISH, true, 0.3, true);
    ASSERT_EQ(t.status, MF_OK) << t.diag.message;
    t.train(t.hybrid);
    for (const char *name : {"pointwise_2.mix", "pointwise_2.gamma", "pointwise_2.beta",
                             "pointwise_2.weight", "fc_3.weight", "fc_3.bias"}) {
        const mf_parameter *p = mf_parameters_find(mf_model_store(t.store), name);
        ASSERT_NE(p, nullptr) << name;
        std::vector<float> gradient(p->gradient, p->gradient + p->n),
            before(p->value, p->value + p->n);
        double squares = 0, losses[2];
        for (float g : gradient)
            squares += double{g} * g;
        ASSERT_GT(squares, 1e-8) << name;
        double length = 4e-3 / std::sqrt(squares);
        for (int side = 0; side < 2; side++) {
            for (uint64_t k = 0; k < p->n; k++)
                p->value[k] =
                    static_cast<float>(before[k] + (side ? 1 : -1) * length * gradient[k]);
            losses[side] = t.train(t.hybrid);
        }
        std::copy(before.begin(), before.end(), p->value);
        EXPECT_NEAR((losses[1] - losses[0]) / (2 * length), squares, 0.05 * squares + 1e-5) << name;
        t.train(t.hybrid);
    }
    // A norm takes the size of its map out again: no product that it reads wants to grow.
    const mf_parameter *w = mf_parameters_find(mf_model_store(t.store), "pointwise_2.weight");
    for (uint64_t m = 0; m < 5; m++) {
        double along = 0, gradients = 0, weights = 0;
        for (uint64_t c = 4; c < 7; c++) {
            double g = w->gradient[c * 9 + m], value = w->value[c * 9 + m];
            along += g * value;
            gradients += g * g;
            weights += value * value;
        }
        EXPECT_LT(std::fabs(along), 2e-3 * std::sqrt(gradients * weights)) << m;
    }
}

// ---- weights apart -----------------------------------------------------------------------------

// What is cut out of the wider layer's weights by the narrower one's has no gradient there.
TEST(Hybrid, WeightsApartLeaveTheOthersWhereTheyAre)
{
    for (const std::string target : {"mult", "shift", "add"}) {
        Trio t(target, "mult", true);
        ASSERT_EQ(t.status, MF_OK) << t.diag.message;
        t.train(t.hybrid);
        mf_parameters *store = mf_model_store(t.store);
        const mf_parameter *whole = mf_parameters_find(store, "pointwise_2.weight"),
                           *own = mf_parameters_find(store, "pointwise_2.target_weight");
        ASSERT_TRUE(whole && own);
        EXPECT_EQ(own->n, 4u * 5);
        double inside = 0, outside = 0, apart = 0;
        for (uint64_t c = 0; c < 7; c++)
            for (uint64_t m = 0; m < 9; m++)
                (c < 4 && m < 5 ? inside : outside) += std::fabs(whole->gradient[c * 9 + m]);
        for (uint64_t i = 0; i < own->n; i++)
            apart += std::fabs(own->gradient[i]);
        EXPECT_EQ(inside, 0);
        EXPECT_GT(outside, 0);
        EXPECT_GT(apart, 0);
    }
}

TEST(Hybrid, RefusesWhatDoesNotFitIn)
{
    Trio t("shift", "add");
    EXPECT_EQ(t.status, MF_INVALID);
    EXPECT_NE(std::string(t.diag.message).find("add cannot add channels to shift"),
              std::string::npos)
        << t.diag.message;

    Trio good("shift", "mult");
    mf_hybrid swapped = {good.wide, good.ops_of_augment.data(), nullptr, false, 0, false};
    mf_model_options options = good.options;
    options.hybrid = &swapped;
    mf_model *model = nullptr;
    mf_diag diag = {};
    EXPECT_EQ(mf_model_create(good.narrow, good.operators, good.ops_of_target.data(), &options,
                              &model, &diag),
              MF_INVALID);
    EXPECT_EQ(model, nullptr);
    EXPECT_NE(std::string(diag.message).find("dense_0"), std::string::npos) << diag.message;
}
