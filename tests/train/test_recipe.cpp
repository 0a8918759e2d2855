// Do recipes say what training understands, and does every network get those of its structure?
#include "models/formats/network_file.h"
#include "tests/support/support.h"
#include "train/recipe.h"

#include <filesystem>
#include <vector>

namespace
{
std::vector<std::string> files_of(const char *folder)
{
    std::vector<std::string> paths;
    for (const auto &entry : std::filesystem::directory_iterator(source_path(folder)))
        paths.push_back(entry.path().string());
    return paths;
}

class Recipe : public testing::Test
{
  protected:
    Recipe() : arena(mf_arena_create())
    {
        std::vector<std::string> paths = files_of("models/operators");
        std::vector<const char *> names;
        for (const std::string &path : paths)
            names.push_back(path.c_str());
        EXPECT_EQ(mf_operators_load(names.data(), names.size(), &operators, &diag), MF_OK)
            << diag.message;
    }

    ~Recipe() override
    {
        mf_operators_destroy(operators);
        mf_arena_destroy(arena);
    }

    mf_arena *arena;
    mf_operators *operators = nullptr;
    mf_diag diag = {};
};
} // namespace

TEST_F(Recipe, SetsKeysOfTheTrainingAndShowsThem)
{
    size_t n_set = 0;
    for (size_t i = 0; i < mf_operators_count(operators); i++) {
        const mf_operator *op = mf_operators_at(operators, i);
        for (size_t k = 0; k < op->n_recipes; k++) {
            mf_called_recipe called = {&op->recipes[k], op->name, nullptr, 1, 1};
            mf_training training = mf_training_defaults();
            mf_text text = {};
            ASSERT_EQ(mf_recipe_apply(&called, arena, &training, &diag), MF_OK) << diag.message;
            ASSERT_EQ(mf_recipe_show(&called, &training, arena, &text, &diag), MF_OK);
            std::string all;
            for (size_t j = 0; j < called.recipe->n_set; j++, n_set++)
                all += std::string(" ") + called.recipe->set[j];
            EXPECT_EQ(text.bytes ? text.bytes : "", all) << op->name;
            mf_text_free(&text);
        }
    }
    EXPECT_GT(n_set, 0u);
}

TEST_F(Recipe, ShowsOnlyWhatIsLeftOfIt)
{
    const char *set[] = {"add_eta=1", "residual_gamma=0"};
    mf_recipe recipe = {MF_STRUCTURE_NORM, set, 2, "", false};
    mf_called_recipe called = {&recipe, "add", nullptr, 1, 1};
    mf_training training = mf_training_defaults();
    mf_text text = {};
    ASSERT_EQ(mf_recipe_apply(&called, arena, &training, &diag), MF_OK);
    training.add_eta = 0.2;
    ASSERT_EQ(mf_recipe_show(&called, &training, arena, &text, &diag), MF_OK);
    EXPECT_STREQ(text.bytes, " residual_gamma=0");
    mf_text_free(&text);
}

// A layer that runs on Add either has a norm, and its recipe, or none, and its warning.
TEST_F(Recipe, EachNetworkOfTheZooGetsThoseOfItsLayers)
{
    size_t variant, n_warned = 0, n_started = 0;
    ASSERT_EQ(mf_operators_find(operators, "add", &variant, &diag), MF_OK);
    for (const std::string &path : files_of("models/zoo")) {
        mf_network_options options = {};
        mf_network *network;
        mf_called_recipe *called;
        size_t n;
        ASSERT_EQ(mf_network_load(path.c_str(), &options, &network, &diag), MF_OK) << diag.message;
        std::vector<size_t> ops(network->n_weight_layers);
        ASSERT_EQ(mf_operators_assign(operators, network, variant, nullptr, 0, ops.data(), &diag),
                  MF_OK);
        ASSERT_EQ(mf_recipes_of(operators, network, ops.data(), arena, &called, &n, &diag), MF_OK);
        size_t of[MF_N_STRUCTURES] = {}, found[MF_N_STRUCTURES] = {};
        for (size_t i = 0; i < network->n_weight_layers; i++)
            if (ops[i] == variant)
                of[mf_network_weight_layer(network, i)->norm ? MF_STRUCTURE_NORM
                                                             : MF_STRUCTURE_WITHOUT_NORM]++;
        for (size_t i = 0; i < n; i++) {
            found[called[i].recipe->where] = called[i].n_layers;
            EXPECT_EQ(called[i].n_all, of[0] + of[1]) << path;
            EXPECT_EQ(called[i].recipe->warns,
                      called[i].recipe->where == MF_STRUCTURE_WITHOUT_NORM);
        }
        for (int k = 0; k < MF_N_STRUCTURES; k++)
            EXPECT_EQ(of[k], found[k]) << path;
        n_started += of[MF_STRUCTURE_NORM] > 0;
        n_warned += of[MF_STRUCTURE_WITHOUT_NORM] > 0;
        mf_network_destroy(network);
    }
    EXPECT_GE(n_started, 13u);
    EXPECT_GE(n_warned, 3u); // AlexNet, VGG-16, MobileNetV3
}

// Where a filter reads one channel, all weights are what centring leaves of them: zero.
TEST_F(Recipe, BinaryWarnsOfFiltersOfOneChannel)
{
    size_t variant, n;
    mf_network *network;
    mf_called_recipe *called;
    mf_network_options options = {};
    const mf_op_rule rule = {"depthwise", "binary"};
    const std::string path = source_path("models/zoo/mobilenetv2-w0.35.json");
    ASSERT_EQ(mf_operators_find(operators, "binary", &variant, &diag), MF_OK);
    ASSERT_EQ(mf_network_load(path.c_str(), &options, &network, &diag), MF_OK) << diag.message;
    std::vector<size_t> ops(network->n_weight_layers);
    for (size_t n_rules : {0, 1}) {
        size_t n_layers = 0;
        ASSERT_EQ(
            mf_operators_assign(operators, network, variant, &rule, n_rules, ops.data(), &diag),
            MF_OK);
        ASSERT_EQ(mf_recipes_of(operators, network, ops.data(), arena, &called, &n, &diag), MF_OK);
        for (size_t i = 0; i < n; i++)
            if (called[i].recipe->where == MF_STRUCTURE_ONE_CHANNEL) {
                EXPECT_TRUE(called[i].recipe->warns);
                n_layers = called[i].n_layers;
            }
        EXPECT_EQ(n_layers, n_rules ? 17u : 0u);
    }
    mf_network_destroy(network);
}
