// Do frozen layers stay as they are, to the last bit, and does the rest learn what its gradients say?
#include "tests/train/fixture.h"
#include "tests/train/gradients.h"
#include "train/training.h"

#include <map>

namespace
{
std::map<std::string, std::vector<float>> values_of(mf_model *model)
{
    std::map<std::string, std::vector<float>> all;
    size_t n;
    const mf_parameter *p = mf_model_parameters(model, &n);
    for (size_t i = 0; i < n; i++)
        all[p[i].name].assign(p[i].value, p[i].value + p[i].n);
    return all;
}

void freeze(mf_model *model, const std::string &layers)
{
    mf_training t = mf_training_defaults();
    mf_diag diag = {};
    t.freeze = layers.c_str();
    ASSERT_EQ(mf_training_freeze(&t, model, &diag), MF_OK) << diag.message;
}

// Weights as other trainings leave them: beyond what projections keep, and not centred.
void disturb(mf_model *model)
{
    size_t n;
    mf_random random = mf_random_seed(9);
    mf_parameter *p = mf_model_parameters(model, &n);
    for (size_t i = 0; i < n; i++)
        for (uint64_t k = 0; k < p[i].n; k++)
            if (p[i].decays)
                p[i].value[k] *= static_cast<float>(0.2 + 3 * mf_random_real(&random));
            else if (!p[i].learns)
                p[i].value[k] += static_cast<float>(mf_random_real(&random));
}

bool is_of(const std::string &name, const std::vector<std::string> &layers)
{
    for (const auto &layer : layers)
        if (name.compare(0, layer.size() + 1, layer + ".") == 0)
            return true;
    return false;
}
} // namespace

TEST(Freeze, FrozenLayersStayAsTheyAre)
{
    for (const std::string &op : executed_operators()) {
        SCOPED_TRACE(op);
        Fixture f(op);
        std::vector<std::string> layers;
        std::string words;
        for (size_t i : {0, 2, 3}) {
            layers.push_back(mf_network_weight_layer(f.network, i)->name);
            words += (i ? "," : "") + layers.back();
        }
        disturb(f.model);
        freeze(f.model, words);
        auto before = values_of(f.model);
        f.train(4);
        mf_model_statistics_begin(f.model);
        mf_model_statistics_show(f.model, f.images.data(), f.labels.size());
        mf_model_statistics_end(f.model);
        auto after = values_of(f.model);
        size_t n_frozen = 0, n_changed = 0;
        for (const auto &[name, values] : before)
            if (is_of(name, layers)) {
                EXPECT_EQ(after[name], values) << name;
                n_frozen++;
            } else {
                n_changed += after[name] != values;
            }
        EXPECT_GE(n_frozen, 9u);
        EXPECT_GE(n_changed, 9u);
    }
}

// Also through the norms of frozen layers, and where the layers before the first that learns have no
// backward pass.
TEST(Freeze, TheOthersLearnWhatTheirGradientsSay)
{
    for (const char *words : {"0,2,5", "4", "0,1,2,3"}) {
        SCOPED_TRACE(words);
        Fixture f("mult");
        disturb(f.model);
        freeze(f.model, words);
        EXPECT_GE(expect_gradients(f.model, [&] { return f.loss(); }), 8u);
    }
}

// A frozen layer's norm is that of evaluation: with all but the classifier frozen, training sees what
// evaluation sees.
TEST(Freeze, AFrozenNormIsThatOfEvaluation)
{
    Fixture f("shift");
    std::string words;
    for (size_t i = 0; i + 1 < f.network->n_weight_layers; i++)
        words += (i ? "," : "") + std::to_string(i);
    freeze(f.model, words);
    mf_model_score train, test = {};
    mf_diag diag = {};
    ASSERT_EQ(mf_model_train(f.model, f.images.data(), f.labels.data(), f.labels.size(), 0, &train,
                             &diag),
              MF_OK);
    std::vector<float> logits(f.labels.size() * 5), again(logits.size());
    mf_model_output(f.model, f.network->n_layers - 1, f.labels.size(), logits.data());
    ASSERT_EQ(
        mf_model_evaluate(f.model, f.images.data(), f.labels.data(), f.labels.size(), &test, &diag),
        MF_OK);
    mf_model_output(f.model, f.network->n_layers - 1, f.labels.size(), again.data());
    EXPECT_EQ(logits, again);
}

TEST(Freeze, WhatFreezesNothingOrAllIsRefused)
{
    Fixture f("mult");
    mf_training t = mf_training_defaults();
    mf_diag diag = {};
    t.freeze = "nosuch";
    EXPECT_EQ(mf_training_freeze(&t, f.model, &diag), MF_UNKNOWN_NAME);
    t.freeze = "stem,";
    EXPECT_EQ(mf_training_freeze(&t, f.model, &diag), MF_UNKNOWN_NAME);
    t.freeze = "conv,depthwise,fc";
    EXPECT_EQ(mf_training_freeze(&t, f.model, &diag), MF_INVALID);
    EXPECT_NE(std::string(diag.message).find("nothing is left to learn"), std::string::npos);
}
