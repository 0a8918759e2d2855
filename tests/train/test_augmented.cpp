// Is a network that is trained inside a wider one its first channels: in what is drawn, in what is
// learnt, and after channels were put in order of importance?
#include "base/random.h"
#include "models/formats/network_json.h"
#include "tests/support/operators.h"
#include "train/augmented.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <vector>

namespace
{
constexpr uint64_t batch = 4, rows = 32, classes = 10;

struct Augmented {
    Augmented(const std::string &name, const std::string &target, const std::string &augment,
              mf_multiples width = {3, {1, 1.6, 2.2}}, mf_multiples expand = {3, {1, 1.6, 2.2}},
              mf_augmented_options how = {})
        : augment_op(augment), operators(load_all_operators()), options(how)
    {
        mf_network_options size = {};
        size.rows = size.columns = rows;
        size.classes = classes;
        EXPECT_OK(mf_network_load(source_path("models/zoo/" + name + ".json").c_str(), &size,
                                  &network, D));
        size_t op;
        EXPECT_OK(mf_operators_find(operators, target.c_str(), &op, D));
        op_of_layer.resize(network->n_weight_layers);
        EXPECT_OK(mf_operators_assign(operators, network, op, nullptr, 0, op_of_layer.data(), D));
        options.model = mf_model_defaults();
        options.model.batch = batch;
        options.op = augment_op.c_str();
        options.width = width;
        options.expand = expand;
        options.weight = 1;
        status = mf_augmented_create(network, operators, op_of_layer.data(), &options, &augmented,
                                     &diag);
        mf_random random = mf_random_seed(3);
        for (uint64_t i = 0; i < batch * rows * rows * network->input_channels; i++)
            images.push_back(static_cast<float>(2 * mf_random_real(&random) - 1));
        for (uint64_t i = 0; i < batch; i++)
            labels.push_back(static_cast<uint32_t>(i * 3 % classes));
    }

    ~Augmented()
    {
        mf_augmented_destroy(augmented);
        mf_network_destroy(network);
        mf_operators_destroy(operators);
    }

    Augmented(const Augmented &) = delete;
    Augmented &operator=(const Augmented &) = delete;

    mf_parameters *store() const
    {
        return mf_model_store(mf_augmented_target(augmented));
    }

    double step(uint64_t number, mf_augmented_mode mode = MF_AUGMENTED_RANDOM)
    {
        mf_model_score score = {};
        EXPECT_OK(mf_augmented_train(augmented, mode, images.data(), labels.data(), batch, number,
                                     &score, D));
        mf_model_update(mf_augmented_target(augmented), 0.01, 0.9, 4e-5);
        return score.loss;
    }

    // Logits of the network with so many channels, all of it on the augmenting operator.
    std::vector<float> widest_logits() const
    {
        const mf_network *wide = mf_augmented_widest(augmented);
        std::vector<size_t> ops(wide->n_weight_layers);
        size_t op;
        EXPECT_OK(mf_operators_find(operators, options.op, &op, D));
        EXPECT_OK(mf_operators_assign(operators, wide, op, nullptr, 0, ops.data(), D));
        mf_model *model = nullptr;
        EXPECT_OK(mf_model_create_over(mf_augmented_target(augmented), wide, operators, ops.data(),
                                       &options.model, &model, D));
        mf_model_score score = {};
        EXPECT_OK(mf_model_evaluate(model, images.data(), labels.data(), batch, &score, D));
        std::vector<float> logits(batch * classes);
        mf_model_output(model, wide->n_layers - 1, batch, logits.data());
        mf_model_destroy(model);
        return logits;
    }

    std::string augment_op;
    mf_operators *operators;
    mf_network *network = nullptr;
    std::vector<size_t> op_of_layer;
    mf_augmented_options options;
    mf_augmented *augmented = nullptr;
    mf_diag diag = {};
    mf_status status;
    std::vector<float> images;
    std::vector<uint32_t> labels;
};

// What a store holds, by name: values and momenta.
struct Copy {
    explicit Copy(mf_parameters *store)
    {
        size_t n;
        mf_parameter *all = mf_parameters_all(store, &n);
        for (size_t i = 0; i < n; i++) {
            size[all[i].name].assign(all[i].size, all[i].size + all[i].n_sizes);
            value[all[i].name].assign(all[i].value, all[i].value + all[i].n);
            if (all[i].momentum)
                momentum[all[i].name].assign(all[i].momentum, all[i].momentum + all[i].n);
        }
    }

    std::map<std::string, std::vector<uint64_t>> size;
    std::map<std::string, std::vector<float>> value, momentum;
};

// Column k of the last axis, as a row of numbers.
std::vector<float> column(const std::vector<float> &x, uint64_t n, uint64_t k)
{
    std::vector<float> found;
    for (uint64_t i = k; i < x.size(); i += n)
        found.push_back(x[i]);
    return found;
}

// Row k of the axis before the last.
std::vector<float> row(const std::vector<float> &x, uint64_t n_rows, uint64_t n_columns, uint64_t k)
{
    std::vector<float> found;
    for (uint64_t i = 0; i < x.size(); i += n_rows * n_columns)
        found.insert(found.end(), x.begin() + static_cast<long>(i + k * n_columns),
                     x.begin() + static_cast<long>(i + (k + 1) * n_columns));
    return found;
}

// Every tensor's momentum is told apart from its values and from all others.
void make_momenta(mf_parameters *store)
{
    size_t n;
    mf_parameter *all = mf_parameters_all(store, &n);
    mf_random random = mf_random_seed(11);
    for (size_t i = 0; i < n; i++)
        for (uint64_t k = 0; k < all[i].n; k++) {
            if (all[i].momentum)
                all[i].momentum[k] = static_cast<float>(mf_random_real(&random));
            if (!all[i].decays)
                all[i].value[k] = 0.5f + static_cast<float>(k * 7919 % 4096) / 8192;
        }
}

// Averages that began as the values have gone where these went.
void expect_averages_at_their_values(mf_parameters *store)
{
    size_t n;
    const mf_parameter *all = mf_parameters_all(store, &n);
    for (size_t i = 0; i < n; i++)
        for (uint64_t k = 0; all[i].average && k < all[i].n; k++)
            ASSERT_EQ(all[i].average[k], all[i].value[k]) << all[i].name << " " << k;
}
} // namespace

// Every zoo network with blocks: the widest net computes what it did, to rounding.
TEST(Augmented, SortingLeavesTheWidestNetworkAsItIs)
{
    for (const std::string name :
         {"mobilenetv2-w0.35", "mobilenetv3-w0.35", "mcunet-in3", "proxylessnas-w0.35",
          "mobilenetv2-tiny", "resnet20-cifar", "resnet20-cifar-padshortcut", "resnet18-cifar",
          "resnet50", "mobilenetv2-w0.35-cifar"}) {
        SCOPED_TRACE(name);
        Augmented a(name, "mult", "mult", {1, {1}}, {2, {1, 1.3}});
        ASSERT_EQ(a.status, MF_OK) << a.diag.message;
        make_momenta(a.store());
        std::vector<float> before = a.widest_logits();
        Copy old(a.store());
        ASSERT_OK(mf_augmented_sort(a.augmented, true, D));
        std::vector<float> after = a.widest_logits();
        double size = 0, off = 0;
        for (size_t i = 0; i < before.size(); i++) {
            size = std::max(size, std::fabs(double{before[i]}));
            off = std::max(off, std::fabs(double{before[i]} - after[i]));
        }
        EXPECT_GT(size, 1e-3);
        EXPECT_LT(off, 1e-4 * size);
        EXPECT_NE(Copy(a.store()).value, old.value) << "something moved";
        ASSERT_OK(mf_augmented_sort(a.augmented, true, D));
        EXPECT_EQ(a.widest_logits(), after) << "what is sorted stays";
    }
}

// One block, tensor by tensor: whose channels went where is read off the first tensor, and all others
// must have gone there, with their momentum.
TEST(Augmented, SortingMovesAllTensorsOfASpaceAlike)
{
    for (bool with_momentum : {true, false}) {
        Augmented a("mobilenetv3-w0.35", "mult", "mult");
        ASSERT_EQ(a.status, MF_OK) << a.diag.message;
        make_momenta(a.store());
        ASSERT_OK(mf_parameters_keep_averages(a.store(), D));
        Copy old(a.store());
        ASSERT_OK(mf_augmented_sort(a.augmented, with_momentum, D));
        Copy now(a.store());
        expect_averages_at_their_values(a.store());
        size_t n_blocks = 0, n_squeezes = 0, n_moved = 0;
        for (size_t i = 0; i < a.network->n_weight_layers; i++) {
            const mf_layer *layer = a.network->weight_layers[i];
            bool expands = std::strcmp(layer->role, "pw_expand") == 0,
                 squeezes = std::strcmp(layer->role, "se_reduce") == 0;
            if (!expands && !squeezes)
                continue;
            // The layers of the block that this one begins, by role.
            std::map<std::string, std::string> of;
            for (size_t k = 0; k < a.network->n_weight_layers; k++)
                if (a.network->weight_layers[k]->place &&
                    std::strcmp(a.network->weight_layers[k]->place, layer->place) == 0)
                    of[a.network->weight_layers[k]->role] = a.network->weight_layers[k]->name;
            const std::string writer = layer->name,
                              reader = of[expands ? "pw_project" : "se_expand"];
            const std::string first = writer + ".weight";
            uint64_t n = old.size[first].back();
            std::vector<double> importance(n);
            const std::vector<uint64_t> &sizes = old.size[reader + ".weight"];
            for (uint64_t k = 0; k < n; k++)
                for (float w : row(now.value[reader + ".weight"], n, sizes.back(), k))
                    importance[k] += std::fabs(w);
            for (uint64_t k = 1; k < n; k++)
                EXPECT_GE(importance[k - 1], importance[k] - 1e-9) << reader << " " << k;
            // Biases are the writer's alone and all different: of expand layers gamma.
            const std::string mark = writer + (expands ? ".gamma" : ".bias");
            std::map<float, uint64_t> where;
            for (uint64_t k = 0; k < n; k++)
                where[old.value[mark][k]] = k;
            ASSERT_EQ(where.size(), n);
            auto same = [&](const std::string &tensor, bool by_row, bool momentum) {
                auto &was = momentum ? old.momentum[tensor] : old.value[tensor];
                auto &is = momentum ? now.momentum[tensor] : now.value[tensor];
                uint64_t columns = old.size[tensor].back();
                for (uint64_t k = 0; k < n; k++) {
                    uint64_t from = where[now.value[mark][k]];
                    if (momentum && !with_momentum)
                        from = k;
                    if (by_row) {
                        EXPECT_EQ(row(is, n, columns, k), row(was, n, columns, from))
                            << tensor << " " << k;
                    } else {
                        EXPECT_EQ(column(is, n, k), column(was, n, from)) << tensor << " " << k;
                    }
                }
            };
            for (uint64_t k = 0; k < n; k++)
                n_moved += where[now.value[mark][k]] != k;
            for (bool momentum : {false, true}) {
                same(mark, false, momentum);
                if (squeezes) {
                    n_squeezes += momentum;
                    continue; // its other axis is the block's middle
                }
                n_blocks += momentum;
                same(first, false, momentum);
                same(of["depthwise"] + ".weight", false, momentum);
                for (const char *role : {".gamma", ".beta"})
                    same(of["depthwise"] + role, false, momentum);
                same(reader + ".weight", true, momentum);
                if (of.count("se_expand"))
                    same(of["se_expand"] + ".bias", false, momentum);
            }
            if (expands)
                for (const char *role : {".running_mean", ".running_variance"})
                    same(of["depthwise"] + role, false, false);
        }
        EXPECT_EQ(n_blocks, 14u);
        EXPECT_EQ(n_squeezes, 8u);
        EXPECT_GT(n_moved, 500u);
    }
}

TEST(Augmented, DrawsWhatItsModeSays)
{
    Augmented a("mobilenetv2-tiny", "shift", "mult");
    ASSERT_EQ(a.status, MF_OK) << a.diag.message;
    const mf_channel_spaces *s = mf_augmented_spaces(a.augmented);
    std::vector<std::set<uint64_t>> seen[MF_N_AUGMENTED_MODES];
    for (int mode = 0; mode < MF_N_AUGMENTED_MODES; mode++) {
        seen[mode].resize(s->n);
        for (uint64_t step = 0; step < 200; step++) {
            std::vector<uint64_t> channels(s->n), again(s->n);
            mf_augmented_draw(a.augmented, static_cast<mf_augmented_mode>(mode), step,
                              channels.data());
            mf_augmented_draw(a.augmented, static_cast<mf_augmented_mode>(mode), step,
                              again.data());
            EXPECT_EQ(channels, again) << "the same step draws the same";
            for (size_t i = 0; i < s->n; i++)
                seen[mode][i].insert(channels[i]);
        }
    }
    for (size_t i = 0; i < s->n; i++) {
        bool fixed = s->all[i].role == MF_SPACE_FIXED, middle = s->all[i].role == MF_SPACE_MIDDLE;
        // Of a middle, 3 per width of the block's input.
        EXPECT_EQ(seen[MF_AUGMENTED_RANDOM][i].size() >= 3, !fixed);
        EXPECT_EQ(seen[MF_AUGMENTED_MIN_WIDTH][i].size(), middle ? 3u : 1u);
        EXPECT_EQ(seen[MF_AUGMENTED_MIN_EXPAND][i].size() >= 3, !fixed);
        EXPECT_EQ(seen[MF_AUGMENTED_NONE][i], std::set<uint64_t>{s->all[i].channels});
    }
}

// A step is the target's gradient and that of what was drawn, over one store.
TEST(Augmented, AStepAddsTheGradientOfWhatWasDrawn)
{
    Augmented a("mobilenetv2-tiny", "shift", "mult");
    ASSERT_EQ(a.status, MF_OK) << a.diag.message;
    mf_parameter_runs runs = mf_parameters_runs(a.store());
    auto gradients = [&] {
        return std::vector<float>(runs.gradients, runs.gradients + runs.n_learn);
    };
    mf_model_score score = {};
    mf_model *target = mf_augmented_target(a.augmented);
    ASSERT_OK(mf_model_train(target, a.images.data(), a.labels.data(), batch, 5, &score, D));
    std::vector<float> first = gradients();
    std::vector<uint64_t> channels(mf_augmented_spaces(a.augmented)->n);
    mf_augmented_draw(a.augmented, MF_AUGMENTED_RANDOM, 5, channels.data());
    mf_augmented_plan plan;
    ASSERT_OK(mf_augmented_plan_create(a.augmented, channels.data(), &plan, D));
    ASSERT_OK(mf_model_train(plan.model, a.images.data(), a.labels.data(), batch, 5, &score, D));
    mf_augmented_plan_destroy(&plan);
    std::vector<float> second = gradients();
    ASSERT_OK(mf_augmented_train(a.augmented, MF_AUGMENTED_RANDOM, a.images.data(), a.labels.data(),
                                 batch, 5, &score, D));
    std::vector<float> both = gradients();
    double size = 0, off = 0, added = 0;
    for (size_t i = 0; i < both.size(); i++) {
        size = std::max(size, std::fabs(double{both[i]}));
        off = std::max(off, std::fabs(double{first[i]} + second[i] - both[i]));
        added = std::max(added, std::fabs(double{second[i]}));
    }
    EXPECT_GT(added, 1e-3);
    EXPECT_LT(off, 1e-5 * size);
}

TEST(Augmented, LearnsForEveryTarget)
{
    for (const std::string &target : executed_operators()) {
        SCOPED_TRACE(target);
        Augmented a("mobilenetv2-tiny", target, target == "xnor" ? "xnor" : "mult");
        ASSERT_EQ(a.status, MF_OK) << a.diag.message;
        for (uint64_t i = 0; i < 4; i++)
            EXPECT_TRUE(std::isfinite(a.step(i, static_cast<mf_augmented_mode>(i % 4))));
        ASSERT_OK(mf_augmented_sort(a.augmented, true, D));
        EXPECT_TRUE(std::isfinite(a.step(9)));
    }
}

TEST(Augmented, RefusesWhatAugmentsNothing)
{
    Augmented same("mobilenetv2-tiny", "shift", "mult", {1, {1}}, {1, {1}});
    EXPECT_EQ(same.status, MF_INVALID);
    EXPECT_NE(std::string(same.diag.message).find("no wider"), std::string::npos)
        << same.diag.message;
    Augmented narrower("mobilenetv2-tiny", "shift", "mult", {2, {1, 0.5}});
    EXPECT_EQ(narrower.status, MF_INVALID);
    EXPECT_NE(std::string(narrower.diag.message).find("0.5"), std::string::npos)
        << narrower.diag.message;
    Augmented empty("mobilenetv2-tiny", "shift", "mult", {0, {}});
    EXPECT_EQ(empty.status, MF_INVALID);
    Augmented unknown("mobilenetv2-tiny", "shift", "none");
    EXPECT_EQ(unknown.status, MF_UNKNOWN_NAME);
    Augmented adds("mobilenetv2-tiny", "shift", "add");
    EXPECT_EQ(adds.status, MF_INVALID);
}

// Blocks take their own operators one by one, and a block's weights stay what they were.
TEST(Augmented, BlocksMutateFromTheFirstToTheLast)
{
    mf_augmented_options options = {};
    options.mutate_start = 0.2;
    options.mutate_stop = 0.6;
    Augmented a("mobilenetv2-tiny", "shift", "mult", {3, {1, 1.6, 2.2}}, {3, {1, 1.6, 2.2}},
                options);
    ASSERT_EQ(a.status, MF_OK) << a.diag.message;
    size_t n = mf_augmented_blocks(a.augmented);
    std::set<std::string> places;
    for (size_t i = 0; i < a.network->n_weight_layers; i++) {
        const mf_layer *l = a.network->weight_layers[i];
        places.insert(l->place ? l->place : l->name);
    }
    EXPECT_EQ(n, places.size());
    EXPECT_EQ(mf_augmented_mutated(a.augmented, 0.199), 0u);
    EXPECT_EQ(mf_augmented_mutated(a.augmented, 0.2), 1u);
    EXPECT_EQ(mf_augmented_mutated(a.augmented, 0.599), n - 1);
    EXPECT_EQ(mf_augmented_mutated(a.augmented, 0.6), n);
    EXPECT_EQ(mf_augmented_mutated(a.augmented, 1), n);
    auto is_power = [](float w) {
        int exponent;
        return w == 0 || std::fabs(std::frexp(w, &exponent)) == 0.5f;
    };
    for (size_t k : {size_t{0}, size_t{1}, n / 2, n}) {
        ASSERT_OK(mf_augmented_mutate(a.augmented, k, D));
        mf_model *target = mf_augmented_target(a.augmented);
        a.step(k);
        std::set<std::string> shifts;
        mf_model_score score = {};
        ASSERT_OK(mf_model_evaluate(target, a.images.data(), a.labels.data(), batch, &score, D));
        for (size_t i = 0; i < a.network->n_weight_layers; i++) {
            const mf_layer *l = a.network->weight_layers[i];
            const float *w = mf_model_forward_weights(target, i);
            if (std::all_of(w, w + mf_shape_weights(&l->shape), is_power))
                shifts.insert(l->place ? l->place : l->name);
            else
                EXPECT_EQ(shifts.count(l->place ? l->place : l->name), 0u) << "a block at once";
        }
        EXPECT_EQ(shifts.size(), k);
    }
    options.mutate_start = 0.7;
    Augmented backwards("mobilenetv2-tiny", "shift", "mult", {1, {2}}, {1, {2}}, options);
    EXPECT_EQ(backwards.status, MF_INVALID);
    EXPECT_NE(std::string(backwards.diag.message).find("0.7 to 0.6"), std::string::npos)
        << backwards.diag.message;
}

// ---- blocks that go away ------------------------------------------------------------------------

namespace
{
mf_augmented_options deeper()
{
    mf_augmented_options how = {};
    how.depth = 1;
    how.depth_start = 0.25;
    how.depth_stop = 0.75;
    return how;
}

std::vector<float> logits_of(const Augmented &a, mf_model *model)
{
    mf_model_project(model);
    mf_model_score score = {};
    EXPECT_OK(mf_model_evaluate(model, a.images.data(), a.labels.data(), batch, &score, D));
    std::vector<float> logits(batch * classes);
    mf_model_output(model, mf_model_network(model)->n_layers - 1, batch, logits.data());
    return logits;
}

// Factors and offsets of the norms that end the new branches.
std::vector<mf_parameter *> ends(const Augmented &a)
{
    std::vector<mf_parameter *> all;
    const mf_network *deep = mf_model_network(mf_augmented_learner(a.augmented));
    for (size_t i = 0; i < deep->n_layers; i++)
        if (deep->layers[i].number >= 0 &&
            strncmp(deep->layers[i].name, "deep_pw_project", 15) == 0)
            for (const char *role : {".gamma", ".beta"})
                all.push_back(mf_parameters_find(
                    a.store(), (deep->layers[i].name + std::string(role)).c_str()));
    return all;
}

double distance(const std::vector<float> &a, const std::vector<float> &b)
{
    double most = 0;
    for (size_t i = 0; i < a.size(); i++)
        most = std::max(most, std::fabs(static_cast<double>(a[i]) - b[i]));
    return most;
}
} // namespace

// The sum of the input and a(t) times the branch, forward and backward: as if the branch's last norm
// had its parameters times a(t).
TEST(Augmented, AddedBlocksCountAsTheGainSays)
{
    Augmented a("mobilenetv2-tiny", "shift", "mult", {1, {1}}, {2, {1, 2}}, deeper());
    ASSERT_EQ(a.status, MF_OK) << a.diag.message;
    for (uint64_t i = 0; i < 2; i++) // norms and branches that say something
        a.step(i);
    ASSERT_OK(mf_augmented_fade(a.augmented, 0.3, D));
    a.step(2, MF_AUGMENTED_NONE);
    std::vector<mf_parameter *> all = ends(a);
    ASSERT_GE(all.size(), 8u);
    mf_model_score score = {};
    auto gradients = [&] {
        std::vector<float> g;
        EXPECT_OK(mf_augmented_train(a.augmented, MF_AUGMENTED_NONE, a.images.data(),
                                     a.labels.data(), batch, 7, &score, D));
        for (const mf_parameter *p : all)
            g.insert(g.end(), p->gradient, p->gradient + p->n);
        return g;
    };
    std::vector<float> slow = gradients(), // a pass moves the running statistics
        faded = logits_of(a, mf_augmented_learner(a.augmented));
    for (mf_parameter *p : all)
        for (uint64_t i = 0; i < p->n; i++)
            p->value[i] *= 0.3f;
    ASSERT_OK(mf_augmented_fade(a.augmented, 1, D));
    EXPECT_LT(distance(faded, logits_of(a, mf_augmented_learner(a.augmented))), 1e-4);
    std::vector<float> plain = gradients();
    double most = 0;
    for (size_t i = 0; i < plain.size(); i++) {
        EXPECT_NEAR(slow[i], 0.3 * plain[i], 1e-5 + 1e-3 * std::fabs(plain[i]));
        most = std::max(most, std::fabs(static_cast<double>(plain[i])));
    }
    EXPECT_GT(most, 1e-3);
}

// When they are gone, what learns is the target, and nothing has jumped.
TEST(Augmented, AddedBlocksGoAway)
{
    Augmented a("mobilenetv2-tiny", "shift", "mult", {2, {1, 2}}, {2, {1, 2}}, deeper());
    ASSERT_EQ(a.status, MF_OK) << a.diag.message;
    EXPECT_EQ(mf_augmented_gain(a.augmented, 0), 1);
    EXPECT_EQ(mf_augmented_gain(a.augmented, 0.25), 1);
    EXPECT_NEAR(mf_augmented_gain(a.augmented, 0.5), 0.5, 1e-12);
    EXPECT_EQ(mf_augmented_gain(a.augmented, 0.75), 0);
    for (uint64_t i = 0; i < 3; i++)
        a.step(i);
    mf_model *target = mf_augmented_target(a.augmented);
    EXPECT_NE(mf_augmented_learner(a.augmented), target);
    EXPECT_EQ(mf_model_network(target)->n_layers, a.network->n_layers);
    ASSERT_OK(mf_augmented_fade(a.augmented, 1e-9, D));
    std::vector<float> last = logits_of(a, mf_augmented_learner(a.augmented));
    ASSERT_OK(mf_augmented_fade(a.augmented, 0, D));
    EXPECT_EQ(mf_augmented_learner(a.augmented), target);
    EXPECT_LT(distance(last, logits_of(a, target)), 1e-4);
    for (uint64_t i = 3; i < 6; i++)
        a.step(i);
    ASSERT_OK(mf_augmented_sort(a.augmented, true, D));
}

TEST(Augmented, RefusesBlocksThatGoAwayBeforeTheyDo)
{
    mf_augmented_options how = deeper();
    how.depth_stop = 0.2;
    Augmented a("mobilenetv2-tiny", "shift", "mult", {1, {1}}, {2, {1, 2}}, how);
    EXPECT_EQ(a.status, MF_INVALID);
    EXPECT_NE(strstr(a.diag.message, "ends before it begins"), nullptr) << a.diag.message;
    how = deeper();
    Augmented b("vgg19-small-cifar", "shift", "mult", {1, {1}}, {2, {1, 2}}, how);
    EXPECT_EQ(b.status, MF_INVALID);
}
