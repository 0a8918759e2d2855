// Does a checkpoint of an earlier version still load, say the same of the pictures held out, and
// come out again as it went in? Those in checkpoints/ are of 10 kB each and were written on
// 2026-11-29, before parameters had a store of their own:
//
//     mulfree train small.json --op OP --set epochs=5 --set threads=1 --set rate=0.1 --set seed=3
//
// of a network with a convolution, a depthwise and a grouped one without norm, and a classifier
// (network.json in each of them); shift with 4 bits on either side of the activations' point, add
// and shift_mode=ps with --op-of grouped=mult. What follows is what `mulfree eval` said of them.
#include "base/arena.h"
#include "base/zip.h"
#include "models/formats/network_json.h"
#include "tests/support/operators.h"
#include "train/trainer.h"

#include <cmath>
#include <utility>
#include <vector>

namespace
{
struct Old {
    const char *name;
    double loss, top1, top5;
};

const Old all[] = {{"mult", 1.7898488126431824, 0.297, 0.883},
                   {"shift-q", 1.7727969043379033, 0.3195, 0.885},
                   {"shift-ps", 2.3003874577818597, 0.1155, 0.517},
                   {"add", 1.8430211369488076, 0.302, 0.863},
                   {"apot", 1.6184942331409753, 0.3675, 0.916},
                   {"denseshift", 1.7123100974869343, 0.3585, 0.889}};

class OldCheckpoint : public testing::TestWithParam<Old>
{
  protected:
    OldCheckpoint()
        : arena(mf_arena_create()), operators(load_all_operators()),
          path(source_path(std::string("tests/train/checkpoints/") + GetParam().name + ".npz"))
    {
    }

    ~OldCheckpoint() override
    {
        mf_model_destroy(model);
        mf_network_destroy(network);
        mf_json_destroy(before.network);
        mf_operators_destroy(operators);
        mf_arena_destroy(arena);
    }

    void load()
    {
        size_t *op_of_layer;
        EXPECT_OK(mf_resumption_read(path.c_str(), arena, &before, D));
        EXPECT_OK(mf_network_from_json(before.network, &before.subject.options, &network, D));
        EXPECT_OK(mf_subject_assign(&before.subject, operators, network, arena, &op_of_layer, D));
        mf_model_options options = mf_training_model(&before.training);
        EXPECT_OK(mf_model_create(network, operators, op_of_layer, &options, &model, D));
        EXPECT_OK(mf_resumption_load(path.c_str(), true, model, D));
    }

    mf_arena *arena;
    mf_operators *operators;
    std::string path;
    mf_resumption before = {};
    mf_network *network = nullptr;
    mf_model *model = nullptr;
};

// Names and bytes, in order: how well they are packed is zlib's.
std::vector<std::pair<std::string, std::string>> entries_of(const std::string &path)
{
    std::vector<std::pair<std::string, std::string>> all_of_them;
    mf_zip_reader *reader = nullptr;
    EXPECT_OK(mf_zip_open(path.c_str(), &reader, D));
    for (size_t i = 0; reader && i < mf_zip_count(reader); i++) {
        const mf_zip_entry *entry = mf_zip_at(reader, i);
        std::string bytes(entry->n_bytes, '\0');
        EXPECT_OK(mf_zip_read(reader, entry, bytes.data(), D));
        all_of_them.emplace_back(entry->name, bytes);
    }
    mf_zip_close(reader);
    return all_of_them;
}
} // namespace

// Kernels of other processors round otherwise: that may change what is nearest for a few pictures.
TEST_P(OldCheckpoint, SaysTheSameOfPicturesHeldOut)
{
    mf_pictures *pictures = nullptr;
    mf_pictures_options options = {};
    mf_model_score score = {};
    load();
    EXPECT_OK(mf_pictures_load("shapes", &options, &pictures, D));
    EXPECT_OK(mf_trainer_evaluate(model, &before.training, pictures, &score, D));
    EXPECT_EQ(score.n, 2000u);
    EXPECT_NEAR(score.loss, GetParam().loss, 1e-4);
    EXPECT_NEAR(static_cast<double>(score.n_top1) / 2000, GetParam().top1, 0.002);
    EXPECT_NEAR(static_cast<double>(score.n_top5) / 2000, GetParam().top5, 0.002);
    mf_pictures_destroy(pictures);
}

TEST_P(OldCheckpoint, ComesOutAsItWentIn)
{
    Scratch scratch;
    std::string copy = scratch.file("copy.npz");
    mf_checkpoint_texts texts;
    load();
    EXPECT_OK(mf_checkpoint_read_texts(path.c_str(), arena, &texts, D));
    EXPECT_OK(mf_checkpoint_save(copy.c_str(), &texts, mf_model_store(model), D));
    EXPECT_EQ(entries_of(copy), entries_of(path));
}

INSTANTIATE_TEST_SUITE_P(All, OldCheckpoint, testing::ValuesIn(all), [](const auto &one) {
    std::string name = one.param.name;
    for (char &c : name)
        c = c == '-' ? '_' : c;
    return name;
});
