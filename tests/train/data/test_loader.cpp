// Do batches hold every picture once per epoch, and are they the same bits whatever the threads do
// and wherever a run is resumed?
#include "tests/train/data/files.h"
#include "train/data/source.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>

namespace
{
// A batch that outlives the loader.
struct Copy {
    std::vector<float> images;
    std::vector<uint32_t> labels, indices;
    uint64_t epoch;
    size_t batch;

    bool operator==(const Copy &o) const
    {
        return images.size() == o.images.size() &&
               std::memcmp(images.data(), o.images.data(), images.size() * sizeof(float)) == 0 &&
               labels == o.labels && indices == o.indices && epoch == o.epoch && batch == o.batch;
    }
};

class Loader : public testing::Test
{
  protected:
    mf_pictures *pictures = nullptr;
    mf_loader_options options = {};

    void SetUp() override
    {
        mf_diag diag = {};
        ASSERT_EQ(MF_OK, mf_pictures_create("noise", 103, 10, 12, 3, 7, &pictures, &diag));
        mf_random random = mf_random_seed(1);
        for (size_t i = 0; i < 103 * 10 * 12 * 3; i++)
            pictures->pixels[i] = static_cast<uint8_t>(mf_random_bits(&random));
        for (size_t i = 0; i < 103; i++)
            pictures->labels[i] = static_cast<uint32_t>(i % 7);
        options.batch_size = 20;
        options.rows = 15;
        options.columns = 9;
        options.seed = 5;
        options.shuffle = true;
        options.augmentation.scale[0] = 0.3;
        options.augmentation.scale[1] = 1;
        options.augmentation.flip = true;
        options.augmentation.brightness = 0.2;
        options.augmentation.saturation = 0.5;
        std::fill_n(options.augmentation.deviation, 3, 1.0f);
    }
    void TearDown() override
    {
        mf_pictures_destroy(pictures);
    }

    mf_loader *create(size_t n_threads)
    {
        mf_loader *loader = nullptr;
        mf_diag diag = {};
        options.n_threads = n_threads;
        EXPECT_EQ(MF_OK, mf_loader_create(pictures, &options, &loader, &diag)) << diag.message;
        return loader;
    }
    Copy next(mf_loader *loader)
    {
        mf_position before = mf_loader_position(loader);
        mf_batch b = mf_loader_next(loader);
        EXPECT_EQ(b.position.epoch, before.epoch);
        EXPECT_EQ(b.position.batch, before.batch);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(b.images) % 64, 0u);
        return {std::vector<float>(b.images, b.images + b.n * 15 * 9 * 3),
                std::vector<uint32_t>(b.labels, b.labels + b.n),
                std::vector<uint32_t>(b.indices, b.indices + b.n), b.position.epoch,
                b.position.batch};
    }
    std::vector<Copy> run(size_t n_threads, size_t n)
    {
        mf_loader *loader = create(n_threads);
        std::vector<Copy> batches;
        for (size_t i = 0; i < n; i++)
            batches.push_back(next(loader));
        mf_loader_destroy(loader);
        return batches;
    }
};
} // namespace

TEST_F(Loader, EveryPictureOncePerEpoch)
{
    for (bool shuffle : {true, false}) {
        options.shuffle = shuffle;
        mf_loader *loader = create(2);
        ASSERT_EQ(mf_loader_n_batches(loader), 6u);
        std::vector<std::vector<uint32_t>> orders;
        for (size_t epoch = 0; epoch < 3; epoch++) {
            std::vector<uint32_t> order;
            for (size_t b = 0; b < 6; b++) {
                Copy batch = next(loader);
                EXPECT_EQ(batch.epoch, epoch);
                EXPECT_EQ(batch.batch, b);
                EXPECT_EQ(batch.labels.size(), b < 5 ? 20u : 3u);
                for (size_t i = 0; i < batch.labels.size(); i++)
                    EXPECT_EQ(batch.labels[i], batch.indices[i] % 7);
                order.insert(order.end(), batch.indices.begin(), batch.indices.end());
            }
            orders.push_back(order);
            std::vector<uint32_t> all(103);
            std::iota(all.begin(), all.end(), 0u);
            EXPECT_EQ(order == all, !shuffle);
            std::sort(order.begin(), order.end());
            EXPECT_EQ(order, all);
        }
        EXPECT_EQ(orders[0] == orders[1], !shuffle);
        mf_loader_destroy(loader);
    }
}

TEST_F(Loader, ThreadsDoNotMatter)
{
    std::vector<Copy> alone = run(0, 20);
    for (size_t n_threads : {1u, 2u, 4u})
        EXPECT_TRUE(run(n_threads, 20) == alone) << n_threads << " threads";
    // The same pictures look different in the next epoch, and under another seed.
    options.shuffle = false;
    std::vector<Copy> in_order = run(1, 7);
    EXPECT_FALSE(in_order[0].images == in_order[6].images);
    EXPECT_TRUE(in_order[0].indices == in_order[6].indices);
    options.seed++;
    EXPECT_FALSE(run(1, 1)[0] == in_order[0]);
}

// A picture's look depends on its index, not on the batch it comes in.
TEST_F(Loader, BatchSizeDoesNotMatterToAPicture)
{
    auto by_index = [&](size_t batch_size) {
        options.batch_size = batch_size;
        std::vector<std::vector<float>> looks(103);
        for (const Copy &b : run(1, (103 + batch_size - 1) / batch_size))
            for (size_t i = 0; i < b.indices.size(); i++)
                looks[b.indices[i]].assign(b.images.data() + i * 405,
                                           b.images.data() + (i + 1) * 405);
        return looks;
    };
    EXPECT_TRUE(by_index(20) == by_index(7));
    options.shuffle = false;
    EXPECT_TRUE(by_index(200) == by_index(1));
}

TEST_F(Loader, ResumesFromAnyPosition)
{
    std::vector<Copy> whole = run(0, 24);
    for (size_t n_threads : {0u, 2u})
        for (size_t from = 0; from < 20; from++) {
            mf_loader *loader = create(n_threads);
            mf_position position = {from / 6, from % 6};
            ASSERT_OK(mf_loader_seek(loader, position, D));
            for (size_t i = from; i < from + 4; i++)
                EXPECT_TRUE(next(loader) == whole[i]) << "from " << from << ", batch " << i;
            mf_loader_destroy(loader);
        }
}

TEST_F(Loader, SeeksWhileBatchesAreUnderWay)
{
    std::vector<Copy> whole = run(0, 24);
    mf_loader *loader = create(3);
    mf_random random = mf_random_seed(9);
    for (int i = 0; i < 200; i++) {
        size_t at = mf_random_between(&random, 0, 19);
        ASSERT_OK(mf_loader_seek(loader, {at / 6, at % 6}, D));
        for (size_t n = mf_random_between(&random, 0, 4); n > 0; n--, at++)
            ASSERT_TRUE(next(loader) == whole[at]) << "batch " << at;
    }
    EXPECT_FAILS(MF_INVALID, "position: batch 6 of an epoch of 6 batches of noise",
                 mf_loader_seek(loader, {0, 6}, D));
    mf_loader_destroy(loader);
}

TEST_F(Loader, CanLeaveOutTheLastPartOfAnEpoch)
{
    options.drop_last = true;
    mf_loader *loader = create(1);
    EXPECT_EQ(mf_loader_n_batches(loader), 5u);
    for (size_t i = 0; i < 11; i++) {
        Copy batch = next(loader);
        EXPECT_EQ(batch.labels.size(), 20u);
        EXPECT_EQ(batch.epoch, i / 5);
    }
    mf_loader_destroy(loader);
}

TEST_F(Loader, ABatchStaysUntilTheNextCall)
{
    mf_loader *loader = create(4);
    for (int i = 0; i < 50; i++) {
        mf_batch batch = mf_loader_next(loader);
        std::vector<float> then(batch.images, batch.images + batch.n * 405);
        std::this_thread::sleep_for(std::chrono::microseconds(300));
        EXPECT_EQ(std::memcmp(then.data(), batch.images, then.size() * sizeof(float)), 0);
    }
    mf_loader_destroy(loader);
}

TEST_F(Loader, EndsAtAnyMoment)
{
    for (size_t n_threads : {0u, 1u, 4u}) {
        mf_loader_destroy(create(n_threads));
        mf_loader *loader = create(n_threads);
        mf_loader_next(loader);
        mf_loader_destroy(loader);
    }
    mf_loader_destroy(nullptr);
}

TEST_F(Loader, OptionsAreChecked)
{
    auto fails = [&](const mf_loader_options &o, mf_diag *diag) {
        mf_loader *loader = nullptr;
        return mf_loader_create(pictures, &o, &loader, diag);
    };
    mf_loader_options o = options;
    o.batch_size = 0;
    EXPECT_FAILS(MF_INVALID, "batches of 0 pictures", fails(o, D));
    o = options;
    o.batch_size = 104;
    o.drop_last = true;
    EXPECT_FAILS(MF_INVALID, "batches of 104, but noise has only 103 pictures", fails(o, D));
    o = options;
    o.rows = 0;
    EXPECT_FAILS(MF_INVALID, "images of 0 x 9 pixels", fails(o, D));
    o.rows = 3000;
    EXPECT_FAILS(MF_INVALID, "images of 3000 x 9 pixels", fails(o, D));
    o = options;
    o.n_threads = 10000;
    EXPECT_FAILS(MF_INVALID, "10000 threads; at most 256", fails(o, D));
    o = options;
    o.augmentation.pad_pixels = 3;
    EXPECT_FAILS(MF_INVALID, "choose one crop", fails(o, D));
}
