// Are CIFAR and IDX files read as they are meant, and is everything that is wrong with them said?
#include "tests/train/data/files.h"

#include <cmath>

namespace
{
// Twenty records over five training files and one test file.
void write_cifar10(const Scratch &scratch)
{
    for (size_t file = 0; file < 5; file++) {
        Bytes bytes;
        for (size_t i = 0; i < 4; i++)
            bytes += cifar_record({static_cast<int>((file * 4 + i) % 10)}, file * 4 + i);
        scratch.write("data_batch_" + std::to_string(file + 1) + ".bin", bytes);
    }
    scratch.write("test_batch.bin", cifar_record({9}, 100) + cifar_record({3}, 101));
}

void write_mnist(const Scratch &scratch)
{
    scratch.write("train-images-idx3-ubyte", idx_pictures(4, 5, 6));
    scratch.write("train-labels-idx1-ubyte", idx_labels({2, 0, 1, 2}));
    scratch.write("t10k-images-idx3-ubyte", idx_pictures(2, 5, 6));
    scratch.write("t10k-labels-idx1-ubyte", idx_labels({0, 1}));
}

void expect_pattern(const mf_pictures *p, size_t index, size_t picture)
{
    for (size_t y = 0; y < p->rows; y++)
        for (size_t x = 0; x < p->columns; x++)
            for (size_t c = 0; c < p->channels; c++)
                ASSERT_EQ(mf_pictures_at(p, index)[(y * p->columns + x) * p->channels + c],
                          pattern(picture, y, x, c))
                    << "picture " << index << " at " << y << ", " << x << ", " << c;
}
} // namespace

TEST(Sources, Cifar10PlanesBecomePixels)
{
    Scratch scratch;
    write_cifar10(scratch);
    Pictures train = load_pictures("cifar10:" + scratch.file(""), true);
    ASSERT_TRUE(train);
    EXPECT_EQ(train->n, 20u);
    EXPECT_EQ(train->rows, 32u);
    EXPECT_EQ(train->columns, 32u);
    EXPECT_EQ(train->channels, 3u);
    EXPECT_EQ(train->n_classes, 10u);
    EXPECT_EQ(train->class_names, nullptr);
    for (size_t i = 0; i < 20; i++) {
        EXPECT_EQ(train->labels[i], i % 10);
        expect_pattern(train.get(), i, i);
    }
    Pictures test = load_pictures("cifar10:" + scratch.file(""), false);
    EXPECT_EQ(test->n, 2u);
    EXPECT_EQ(test->labels[0], 9u);
    expect_pattern(test.get(), 1, 101);
}

TEST(Sources, Cifar100TakesTheFineLabel)
{
    Scratch scratch;
    scratch.write("train.bin", cifar_record({19, 99}, 0) + cifar_record({3, 42}, 1));
    Bytes names;
    for (int i = 0; i < 100; i++)
        names += "class " + std::to_string(i) + "\r\n";
    scratch.write("fine_label_names.txt", names + "\n");
    Pictures train = load_pictures("cifar100:" + scratch.file(""), true);
    ASSERT_TRUE(train);
    EXPECT_EQ(train->n_classes, 100u);
    EXPECT_EQ(train->labels[0], 99u);
    EXPECT_EQ(train->labels[1], 42u);
    EXPECT_STREQ(train->class_names[42], "class 42");
    expect_pattern(train.get(), 1, 1);
}

TEST(Sources, CifarFaultsAreNamed)
{
    Scratch scratch;
    std::string spec = "cifar10:" + scratch.file("");
    EXPECT_FAILS(MF_UNKNOWN_NAME, "data_batch_1.bin: cannot be read", load_status(spec, true, D));
    EXPECT_FAILS(MF_UNKNOWN_NAME, "binary version, has data_batch_1.bin",
                 load_status(spec, true, D));
    write_cifar10(scratch);
    scratch.write("test_batch.bin", cifar_record({0}, 0) + "x");
    EXPECT_FAILS(MF_MALFORMED,
                 "test_batch.bin: 3074 bytes are no whole number of cifar10 records of 3073 bytes",
                 load_status(spec, false, D));
    scratch.write("test_batch.bin", "");
    EXPECT_FAILS(MF_MALFORMED, "test_batch.bin: 0 bytes", load_status(spec, false, D));
    scratch.write("test_batch.bin", cifar_record({0}, 0) + cifar_record({10}, 0));
    EXPECT_FAILS(MF_INVALID, "test_batch.bin: record 1: label 10; they go from 0 to 9",
                 load_status(spec, false, D));
    scratch.write("test_batch.bin", cifar_record({0}, 0));
    scratch.write("batches.meta.txt", "cat\ndog\n");
    EXPECT_FAILS(MF_INVALID, "batches.meta.txt: 2 class names for 10 classes",
                 load_status(spec, false, D));
    scratch.write("test.bin", cifar_record({20, 1}, 0));
    EXPECT_FAILS(MF_INVALID, "test.bin: record 0: coarse label 20; they go from 0 to 19",
                 load_status("cifar100:" + scratch.file(""), false, D));
    scratch.write("test.bin", cifar_record({19, 100}, 0));
    EXPECT_FAILS(MF_INVALID, "test.bin: record 0: label 100; they go from 0 to 99",
                 load_status("cifar100:" + scratch.file(""), false, D));
}

TEST(Sources, IdxPairsPlainAndPacked)
{
    Scratch scratch;
    write_mnist(scratch);
    for (bool packed : {false, true}) {
        if (packed)
            for (const char *name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"}) {
                Bytes bytes = read_text(scratch.file(name));
                ASSERT_OK(mf_file_write((scratch.file(name) + ".gz").c_str(), bytes.data(),
                                        bytes.size(), D));
                std::filesystem::remove(scratch.file(name));
            }
        Pictures train = load_pictures("mnist:" + scratch.file(""), true);
        ASSERT_TRUE(train);
        EXPECT_EQ(train->n, 4u);
        EXPECT_EQ(train->rows, 5u);
        EXPECT_EQ(train->columns, 6u);
        EXPECT_EQ(train->channels, 1u);
        EXPECT_EQ(train->labels[3], 2u);
        expect_pattern(train.get(), 3, 3);
        // Class 2 is not in the test part, but counts.
        Pictures test = load_pictures("mnist:" + scratch.file(""), false);
        ASSERT_TRUE(test);
        EXPECT_EQ(test->n_classes, 3u);
        EXPECT_OK(mf_pictures_match(train.get(), test.get(), D));
    }
}

TEST(Sources, IdxOfFourDimensionsIsColour)
{
    Scratch scratch;
    scratch.write("my-test-images.idx4-ubyte", idx_pictures(3, 4, 4, 3));
    scratch.write("my-test-labels.idx1-ubyte", idx_labels({0, 1, 0}));
    Pictures test = load_pictures("mnist:" + scratch.file(""), false);
    ASSERT_TRUE(test);
    EXPECT_EQ(test->channels, 3u);
    expect_pattern(test.get(), 2, 2);
}

TEST(Sources, IdxFaultsAreNamed)
{
    Scratch scratch;
    std::string spec = "mnist:" + scratch.file("");
    EXPECT_FAILS(MF_UNKNOWN_NAME, "no IDX file of training pictures", load_status(spec, true, D));
    EXPECT_FAILS(MF_UNKNOWN_NAME, "cannot be read as a folder",
                 load_status("mnist:" + scratch.file("nowhere"), true, D));
    write_mnist(scratch);
    std::filesystem::remove(scratch.file("t10k-labels-idx1-ubyte"));
    EXPECT_FAILS(MF_UNKNOWN_NAME, "t10k-labels-idx1-ubyte: cannot be read",
                 load_status(spec, false, D));
    write_mnist(scratch);

    struct {
        const char *name;
        Bytes bytes;
        mf_status status;
        const char *text;
    } cases[] = {
        {"train-images-idx3-ubyte", "PK\x03\x04", MF_MALFORMED,
         "train-images-idx3-ubyte: does not begin as an IDX file"},
        {"train-images-idx3-ubyte", idx_header({1}, 13), MF_INVALID, "IDX values of type 13"},
        {"train-images-idx3-ubyte", idx_labels({2, 0, 1, 2}), MF_INVALID,
         "IDX of 1 dimensions where pictures have 3"},
        {"train-images-idx3-ubyte", idx_header({4, 5, 6}).substr(0, 11), MF_MALFORMED,
         "ends within its header"},
        {"train-images-idx3-ubyte", idx_pictures(4, 5, 6).substr(0, 100), MF_MALFORMED,
         "its header announces 4 items and their size, but 84 bytes of values follow it"},
        {"train-images-idx3-ubyte", idx_header({0xffffffff, 0xffffffff, 0xffffffff}), MF_MALFORMED,
         "announces 4294967295 items"},
        {"train-images-idx3-ubyte", idx_pictures(3, 5, 6), MF_INVALID,
         "train-images-idx3-ubyte: 3 pictures, but"},
        {"train-images-idx3-ubyte", idx_pictures(4, 5, 6, 2), MF_INVALID, "pictures of 2 channels"},
        {"train-images-idx3-ubyte", idx_pictures(4, 1, 3000), MF_INVALID, "1 x 3000 pixels"},
        {"train-images-idx3-ubyte", idx_header({4, 0, 6}), MF_INVALID, "0 x 6 pixels"},
        {"train-labels-idx1-ubyte", idx_pictures(4, 5, 6), MF_INVALID,
         "IDX of 3 dimensions where labels have 1"},
        {"train-labels-idx1-ubyte", idx_labels({2, 0, 0, 2}), MF_INVALID,
         "no picture of class 1, though labels reach 2"},
        {"train-other-images-idx3-ubyte", idx_pictures(4, 5, 6), MF_INVALID,
         "both train-images-idx3-ubyte and train-other-images-idx3-ubyte could be"},
    };
    for (const auto &c : cases) {
        scratch.write(c.name, c.bytes);
        EXPECT_FAILS(c.status, c.text, load_status(spec, true, D));
        std::filesystem::remove(scratch.file(c.name));
        write_mnist(scratch);
    }
    scratch.write("train-images-idx3-ubyte", idx_header({0, 5, 6}));
    scratch.write("train-labels-idx1-ubyte", idx_header({0}));
    scratch.write("t10k-labels-idx1-ubyte", idx_header({0}));
    EXPECT_FAILS(MF_INVALID, "no picture", load_status(spec, true, D));
}

TEST(Sources, SpecificationsAreChecked)
{
    EXPECT_FAILS(MF_UNKNOWN_NAME, "did you mean \"cifar10\"", load_status("cifr10:/x", true, D));
    EXPECT_FAILS(MF_UNKNOWN_NAME, "sources are cifar10:DIR, cifar100:DIR, mnist:DIR, folder:DIR",
                 load_status("/some/path", true, D));
    EXPECT_FAILS(MF_UNKNOWN_NAME, "no such picture source", load_status("", true, D));
    EXPECT_FAILS(MF_UNKNOWN_NAME, "no such picture source",
                 load_status(std::string(5000, 'x'), true, D));
    EXPECT_FAILS(MF_INVALID, "write it as mnist:DIR", load_status("mnist", true, D));
    EXPECT_FAILS(MF_INVALID, "write it as shapes", load_status("shapes:/x", true, D));
    const char *usage, *about;
    size_t n = 0;
    while (mf_pictures_source(n, &usage, &about))
        n++;
    EXPECT_EQ(n, 5u);
}

TEST(Sources, SetsThatDoNotBelongTogetherAreTold)
{
    Scratch scratch;
    write_mnist(scratch);
    scratch.write("train.bin", cifar_record({0, 0}, 0));
    write_cifar10(scratch);
    std::string where = scratch.file("");
    Pictures grey = load_pictures("mnist:" + where, true);
    Pictures ten = load_pictures("cifar10:" + where, true);
    Pictures hundred = load_pictures("cifar100:" + where, true);
    Pictures shapes = load_pictures("shapes", false);
    Bytes names;
    for (int i = 0; i < 10; i++)
        names += "animal " + std::to_string(i) + "\n";
    scratch.write("batches.meta.txt", names);
    Pictures animals = load_pictures("cifar10:" + where, true);
    EXPECT_FAILS(MF_INVALID, "channels", mf_pictures_match(ten.get(), grey.get(), D));
    EXPECT_FAILS(MF_INVALID, "classes", mf_pictures_match(ten.get(), hundred.get(), D));
    EXPECT_FAILS(MF_INVALID, "class 0 is \"animal 0\" in cifar10:",
                 mf_pictures_match(animals.get(), shapes.get(), D));
    EXPECT_OK(mf_pictures_match(ten.get(), shapes.get(), D));
}

TEST(Sources, MeasuresMeanAndDeviation)
{
    Scratch scratch;
    write_cifar10(scratch);
    Pictures p = load_pictures("cifar10:" + scratch.file(""), true);
    float mean[3], deviation[3];
    mf_pictures_measure(p.get(), mean, deviation);
    for (size_t c = 0; c < 3; c++) {
        double sum = 0, squares = 0, n = 0;
        for (size_t i = c; i < p->n * 32 * 32 * 3; i += 3, n++)
            sum += p->pixels[i] / 255.0;
        for (size_t i = c; i < p->n * 32 * 32 * 3; i += 3)
            squares += std::pow(p->pixels[i] / 255.0 - sum / n, 2);
        EXPECT_NEAR(mean[c], sum / n, 1e-6);
        EXPECT_NEAR(deviation[c], std::sqrt(squares / n), 1e-6);
    }
}

// Any bytes give a set or a message, never a crash (run under the sanitizers).
TEST(Sources, ChangedBytesNeverCrash)
{
    for (uint64_t seed = 0; seed < 400; seed++) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        mf_random random = mf_random_seed(seed);
        Scratch scratch;
        write_mnist(scratch);
        scratch.write("test.bin", cifar_record({1, 2}, 0));
        const char *names[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                               "t10k-labels-idx1-ubyte", "test.bin"};
        std::string name = names[seed % 4];
        Bytes bytes = read_text(scratch.file(name));
        std::filesystem::remove(scratch.file(name));
        name += seed % 3 ? "" : ".gz";
        mf_diag diag = {};
        ASSERT_EQ(MF_OK,
                  mf_file_write(scratch.file(name).c_str(), bytes.data(), bytes.size(), &diag));
        scratch.write(name, mutate(read_text(scratch.file(name)), &random));
        std::string spec = (seed % 4 == 3 ? "cifar100:" : "mnist:") + scratch.file("");
        mf_status status = load_status(spec, seed % 4 < 2, &diag);
        EXPECT_EQ(status == MF_OK, diag.message[0] == '\0') << diag.message;
    }
}
