// Is a deeper network the same with blocks behind its stages, which can be taken away again?
#include "models/formats/network_file.h"
#include "models/network_deepen.h"
#include "models/network_edit.h"
#include "tests/support/support.h"

#include <cstring>
#include <filesystem>
#include <set>
#include <string>

namespace
{
struct Deepened {
    Deepened(const char *name, uint64_t n_blocks)
    {
        std::string path = source_path("models/zoo/") + name + ".json";
        EXPECT_OK(mf_network_load(path.c_str(), nullptr, &network, D));
        status = mf_network_deepened(network, n_blocks, "mult", &deep, &diag);
    }

    ~Deepened()
    {
        mf_network_destroy(deep);
        mf_network_destroy(network);
    }

    Deepened(const Deepened &) = delete;
    Deepened &operator=(const Deepened &) = delete;

    mf_network *network = nullptr, *deep = nullptr;
    mf_status status;
    mf_diag diag = {};
};
} // namespace

// MobileNetV2 has five stages of several blocks, all but the first of which are sums.
TEST(NetworkDeepen, AddsBlocksBehindTheLastSumOfEachStage)
{
    Deepened d("mobilenetv2-w0.35", 2);
    ASSERT_EQ(d.status, MF_OK) << d.diag.message;
    EXPECT_EQ(d.deep->n_layers, d.network->n_layers + 5 * 2 * 4);
    size_t n_ends = 0;
    std::set<std::string> names, places;
    for (size_t i = 0, k = 0; i < d.deep->n_layers; i++) {
        const mf_layer *layer = &d.deep->layers[i];
        EXPECT_TRUE(names.insert(layer->name).second) << layer->name;
        n_ends += mf_layer_ends_deep_branch(d.deep, i);
        if (mf_layer_is_deep(layer)) {
            places.insert(layer->place);
            EXPECT_TRUE(!layer->op || strcmp(layer->op, "mult") == 0);
            continue;
        }
        const mf_layer *own = &d.network->layers[k++];
        EXPECT_STREQ(layer->name, own->name);
        EXPECT_STREQ(layer->id, own->id);
        EXPECT_EQ(layer->kind, own->kind);
        EXPECT_EQ(layer->shape.m, own->shape.m);
        EXPECT_EQ(layer->shape.c, own->shape.c);
        EXPECT_EQ(layer->shape.e, own->shape.e);
    }
    EXPECT_EQ(n_ends, 10u);
    EXPECT_EQ(places.size(), 10u);
}

// What reads what, too, in every network of the zoo that has such a block.
TEST(NetworkDeepen, WithoutTheNewBlocksItIsWhatItWas)
{
    size_t n_deepened = 0;
    for (const auto &file : std::filesystem::directory_iterator(source_path("models/zoo"))) {
        Deepened d(file.path().stem().c_str(), 1);
        SCOPED_TRACE(file.path().stem().string());
        if (d.status != MF_OK) {
            EXPECT_EQ(d.status, MF_INVALID);
            EXPECT_NE(strstr(d.diag.message, "nowhere can others come"), nullptr);
            continue;
        }
        n_deepened++;
        mf_network *again = nullptr;
        mf_network_edit how = {};
        how.removes = [](void *, const char *place) { return strstr(place, ".deep") != nullptr; };
        ASSERT_OK(mf_network_edited(d.deep, &how, &again, D));
        ASSERT_EQ(again->n_layers, d.network->n_layers);
        for (size_t i = 0; i < again->n_layers; i++) {
            const mf_layer *layer = &again->layers[i], *own = &d.network->layers[i];
            EXPECT_STREQ(layer->name, own->name);
            ASSERT_EQ(layer->n_inputs, own->n_inputs);
            for (size_t k = 0; k < own->n_inputs; k++)
                EXPECT_EQ(layer->input[k], own->input[k]);
            EXPECT_EQ(memcmp(&layer->shape, &own->shape, sizeof own->shape), 0);
            EXPECT_EQ(layer->activation, own->activation);
            EXPECT_EQ(layer->norm, own->norm);
        }
        mf_network_destroy(again);
    }
    EXPECT_GE(n_deepened, 5u);
}
