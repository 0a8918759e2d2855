// A small model of every kind of layer, a batch that it learns, and steps.
#ifndef MF_TESTS_TRAIN_FIXTURE_H
#define MF_TESTS_TRAIN_FIXTURE_H

#include "base/random.h"
#include "models/formats/network_json.h"
#include "tests/support/operators.h"
#include "train/model.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

// Every kind of layer, small; smooth where it can be, so that differences say something.
inline const char *const network_text = R"({
  "name": "small", "about": "test", "source": "test",
  "input": {"channels": 3, "rows": 12, "columns": 12}, "classes": 5, "activation": "h_swish",
  "parts": [
    {"type": "conv", "name": "stem", "channels": 8, "kernel": 3, "stride": 1},
    {"type": "inverted_residual", "expand": 2, "channels": 8, "squeeze_excite": {"ratio": 0.5, "at_least": 2}},
    {"type": "inverted_residual", "expand": 2, "channels": 12, "kernel": 5, "stride": 2},
    {"type": "conv", "name": "grouped", "channels": 12, "kernel": 3, "groups": 4},
    {"type": "global_pool"},
    {"type": "fc", "channels": "classes"}
  ]
})";

// Add layers without batch norm behind them (as in squeeze-excite) drown in their own sums: what
// follows is constant, and comparing it says nothing.
inline std::string text_for(const std::string &op)
{
    std::string text = network_text, part = R"(, "squeeze_excite": {"ratio": 0.5, "at_least": 2})";
    if (op == "add")
        text.erase(text.find(part), part.size());
    return text;
}

// Maps that meet: "joins" has concat, upsample and sums of maps that several layers read,
// "inception" four maps concatenated at once.
inline std::string joins_text(const char *name = "joins")
{
    std::ifstream file(std::string(MF_SOURCE_DIR "/tests/models/") + name + ".json");
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_FALSE(text.str().empty());
    return text.str();
}

class Fixture
{
  public:
    explicit Fixture(const std::string &op, mf_model_options options = small_options())
        : Fixture(op, text_for(op), options)
    {
    }

    Fixture(const std::string &op, const std::string &text,
            mf_model_options options = small_options())
    {
        mf_diag diag = {};
        network = parse(text, 0);
        operators = load_all_operators();
        size_t variant;
        EXPECT_EQ(mf_operators_find(operators, op.c_str(), &variant, &diag), MF_OK);
        op_of_layer.resize(network->n_weight_layers);
        EXPECT_EQ(
            mf_operators_assign(operators, network, variant, nullptr, 0, op_of_layer.data(), &diag),
            MF_OK);
        EXPECT_EQ(mf_model_create(network, operators, op_of_layer.data(), &options, &model, &diag),
                  MF_OK)
            << diag.message;
        mf_random random = mf_random_seed(5);
        images.resize(options.batch * network->input_rows * network->input_columns * 3);
        for (float &x : images)
            x = static_cast<float>(2 * mf_random_real(&random) - 1);
        for (uint64_t i = 0; i < options.batch; i++)
            labels.push_back(static_cast<uint32_t>(i * 7 % 5));
    }

    ~Fixture()
    {
        mf_model_destroy(model);
        mf_network_destroy(network);
        mf_operators_destroy(operators);
    }

    Fixture(const Fixture &) = delete;
    Fixture &operator=(const Fixture &) = delete;

    static mf_model_options small_options()
    {
        mf_model_options options = mf_model_defaults();
        options.batch = 16;
        return options;
    }

    static mf_network *load(const std::string &op, uint64_t batch)
    {
        return parse(text_for(op), batch);
    }

    static mf_network *parse(const std::string &text, uint64_t batch)
    {
        mf_diag diag = {};
        mf_json_doc *doc = nullptr;
        mf_network *made = nullptr;
        mf_network_options options = {};
        options.batch = batch;
        EXPECT_EQ(mf_json_parse(text.c_str(), text.size(), "test", &doc, &diag), MF_OK)
            << diag.message;
        EXPECT_EQ(mf_network_from_json(doc, &options, &made, &diag), MF_OK) << diag.message;
        mf_json_destroy(doc);
        return made;
    }

    double loss()
    {
        mf_diag diag = {};
        mf_model_score score;
        EXPECT_EQ(
            mf_model_train(model, images.data(), labels.data(), labels.size(), step, &score, &diag),
            MF_OK)
            << diag.message;
        return score.loss;
    }

    void train(int n)
    {
        for (int i = 0; i < n; i++, step++) {
            loss();
            mf_model_update(model, 0.02, 0.9, 4e-5);
        }
    }

    std::vector<float> everything() const
    {
        size_t n;
        std::vector<float> all;
        const mf_parameter *p = mf_model_parameters(model, &n);
        for (size_t i = 0; i < n; i++) {
            all.insert(all.end(), p[i].value, p[i].value + p[i].n);
            if (p[i].momentum)
                all.insert(all.end(), p[i].momentum, p[i].momentum + p[i].n);
        }
        return all;
    }

    mf_network *network = nullptr;
    mf_operators *operators = nullptr;
    std::vector<size_t> op_of_layer;
    mf_model *model = nullptr;
    std::vector<float> images;
    std::vector<uint32_t> labels;
    uint64_t step = 0;
};

#endif
