// Are folders of JPEG and PNG read, brought to one size and split as promised, and is every damaged
// file named?
#include "tests/train/data/files.h"
#include "train/data/decode.h"
#include "train/data/resize.h"

#include <sys/resource.h>

#include <cmath>
#include <map>
#include <set>

namespace
{
struct Arena {
    mf_arena *arena = mf_arena_create();
    ~Arena()
    {
        mf_arena_destroy(arena);
    }
};

// All rows of an image, and the size that was announced.
struct Image {
    mf_image_size size = {};
    std::vector<uint8_t> pixels;
    mf_image_sink sink = {begin, row, this};

    static mf_status begin(void *user, const mf_image_size *size, mf_diag *)
    {
        static_cast<Image *>(user)->size = *size;
        return MF_OK;
    }

    static void row(void *user, const uint8_t *pixels)
    {
        Image *image = static_cast<Image *>(user);
        image->pixels.insert(image->pixels.end(), pixels, pixels + image->size.columns * size_t{3});
    }
};

mf_status decode(const Bytes &bytes, Image *image, mf_diag *diag)
{
    Arena arena;
    return mf_decode("x.jpg", reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size(),
                     arena.arena, &image->sink, diag);
}

mf_status decode(const Bytes &bytes, std::vector<uint8_t> *pixels, mf_diag *diag)
{
    Image image;
    mf_status status = decode(bytes, &image, diag);
    if (status == MF_OK && pixels)
        *pixels = image.pixels;
    return status;
}

mf_status decode(const Bytes &bytes, std::nullptr_t, mf_diag *diag)
{
    Image image;
    return decode(bytes, &image, diag);
}

// What the header alone announces: the file is taken or refused before anything is decoded.
mf_status decode_header(const Bytes &bytes, mf_image_size *size, mf_diag *diag)
{
    Image image;
    mf_status status = decode(bytes, &image, diag);
    *size = image.size;
    return image.size.rows ? MF_OK : status;
}

// The same file, said to have `rows` x `columns` pixels.
Bytes resized_jpeg(Bytes jpeg, bool progressive, uint32_t rows, uint32_t columns)
{
    const size_t frame = jpeg.find(progressive ? "\xff\xc2" : "\xff\xc0");
    EXPECT_NE(frame, Bytes::npos); // marker, length 2, precision 1, rows 2, columns 2
    return jpeg.replace(frame + 5, 4, big_endian(rows).substr(2) + big_endian(columns).substr(2));
}

// A PNG that ends where its pixels should begin.
Bytes png_header(uint32_t rows, uint32_t columns, int bits, int colour_type, bool interlaced)
{
    const Bytes kind = {static_cast<char>(bits), static_cast<char>(colour_type), 0, 0,
                        static_cast<char>(interlaced)};
    return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", big_endian(columns) + big_endian(rows) + kind) +
           png_chunk("IDAT", "");
}

int largest_difference(const std::vector<uint8_t> &a, const std::vector<uint8_t> &b)
{
    EXPECT_EQ(a.size(), b.size());
    int largest = 0;
    for (size_t i = 0; i < a.size() && i < b.size(); i++)
        largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

std::vector<uint8_t> flat(size_t n, uint8_t value)
{
    return std::vector<uint8_t>(n * 3, value);
}

// A folder with `n` flat images in each of the classes a, b, c; greys tell the files apart.
void write_class(const Scratch &scratch, const std::string &folder, size_t n, uint8_t first)
{
    std::filesystem::create_directories(scratch.file(folder));
    for (size_t i = 0; i < n; i++)
        scratch.write(folder + "/image" + std::to_string(i) + ".png",
                      png_bytes(flat(12, static_cast<uint8_t>(first + i)), 3, 4));
}

// What a folder test sees of its set: label and grey of each picture.
std::multiset<std::pair<uint32_t, int>> contents(const mf_pictures *p)
{
    std::multiset<std::pair<uint32_t, int>> all;
    for (size_t i = 0; i < p->n; i++)
        all.insert({p->labels[i], mf_pictures_at(p, i)[0]});
    return all;
}
} // namespace

TEST(Decode, JpegOfOneThreeAndFourComponents)
{
    std::vector<uint8_t> colour = smooth_image(40, 50, 3), pixels;
    for (bool progressive : {false, true}) {
        ASSERT_OK(decode(jpeg_bytes(colour, 40, 50, 3, progressive), &pixels, D));
        EXPECT_LE(largest_difference(colour, pixels), 6);
    }
    std::vector<uint8_t> grey = smooth_image(40, 50, 1), tripled;
    for (uint8_t g : grey)
        tripled.insert(tripled.end(), 3, g);
    ASSERT_OK(decode(jpeg_bytes(grey, 40, 50, 1), &pixels, D));
    EXPECT_LE(largest_difference(tripled, pixels), 3);
    // The library writes an Adobe marker, which says that inks are stored inverted: black ink 255
    // is none, and ink 200 is light of 200.
    std::vector<uint8_t> inks, light;
    for (size_t i = 0; i < 40 * 50; i++) {
        inks.insert(inks.end(), {200, 100, 50, 255});
        light.insert(light.end(), {200, 100, 50});
    }
    ASSERT_OK(decode(jpeg_bytes(inks, 40, 50, 4), &pixels, D));
    EXPECT_LE(largest_difference(light, pixels), 3);
}

TEST(Decode, PngOfEveryKindBecomesRgb)
{
    std::vector<uint8_t> colour = smooth_image(9, 11, 3), pixels;
    ASSERT_OK(decode(png_bytes(colour, 9, 11), &pixels, D));
    EXPECT_EQ(colour, pixels);
    ASSERT_OK(decode(png_bytes(smooth_image(9, 11, 1), 9, 11, PNG_FORMAT_GRAY), &pixels, D));
    EXPECT_EQ(pixels[3 * 98], smooth_image(9, 11, 1)[98]);
    EXPECT_EQ(pixels[3 * 98 + 2], smooth_image(9, 11, 1)[98]);
    // What is transparent shows its colour.
    std::vector<uint8_t> clear = {200, 100, 50, 10, 200, 100, 50, 255};
    ASSERT_OK(decode(png_bytes(clear, 1, 2, PNG_FORMAT_RGBA), &pixels, D));
    EXPECT_EQ(pixels, (std::vector<uint8_t>{200, 100, 50, 200, 100, 50}));
    // A palette of four colours, one of them transparent; four pixels to a byte.
    const Bytes colours = "abcdefghijkl";
    const Bytes chunks = png_chunk("PLTE", colours) + png_chunk("tRNS", Bytes(1, '\0'));
    ASSERT_OK(decode(png_by_hand(1, 4, 2, 3, "\x1b", chunks), &pixels, D));
    EXPECT_EQ(Bytes(pixels.begin(), pixels.end()), colours);
}

// Samples are numbers, not light: neither 16 bits nor a gamma may change them.
TEST(Decode, PngSamplesAreThoseOfTheFile)
{
    const std::vector<uint8_t> small = smooth_image(9, 11, 3);
    std::vector<uint8_t> pixels;
    Bytes once(small.begin(), small.end()), twice;
    for (char sample : once)
        twice += Bytes(2, sample); // 257 times the sample
    enum { GREY = 0, RGB = 2 };
    ASSERT_OK(decode(png_by_hand(9, 11, 16, RGB, twice), &pixels, D));
    EXPECT_EQ(pixels, small);
    ASSERT_OK(decode(png_by_hand(9, 33, 16, GREY, twice), &pixels, D));
    for (size_t i = 0; i < small.size(); i++)
        EXPECT_EQ(pixels[3 * i + 1], small[i]);
    const Bytes gamma_of_1 = png_chunk("gAMA", big_endian(100000));
    ASSERT_OK(decode(png_by_hand(9, 11, 8, RGB, once, gamma_of_1), &pixels, D));
    EXPECT_EQ(pixels, small);
}

TEST(Decode, DamageIsNamedAndNothingIsPrinted)
{
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    Bytes jpeg = jpeg_bytes(smooth_image(64, 64, 3), 64, 64, 3);
    Bytes png = png_bytes(smooth_image(64, 64, 3), 64, 64);
    EXPECT_FAILS(MF_MALFORMED, "x.jpg: damaged JPEG: Premature end of JPEG file",
                 decode(jpeg.substr(0, jpeg.size() / 2), nullptr, D));
    EXPECT_FAILS(MF_MALFORMED, "x.jpg: damaged JPEG: ", decode(jpeg.substr(0, 30), nullptr, D));
    EXPECT_FAILS(MF_MALFORMED,
                 "x.jpg: damaged PNG: ", decode(png.substr(0, png.size() / 2), nullptr, D));
    EXPECT_FAILS(MF_MALFORMED, "x.jpg: damaged PNG: ", decode(png.substr(0, 20), nullptr, D));
    Bytes wrong_sum = png;
    wrong_sum[60] = static_cast<char>(wrong_sum[60] ^ 1);
    EXPECT_FAILS(MF_MALFORMED, "x.jpg: damaged PNG: ", decode(wrong_sum, nullptr, D));
    EXPECT_FAILS(MF_MALFORMED, "x.jpg: neither JPEG nor PNG: begins with bytes 47 49 46 38",
                 decode("GIF89a...", nullptr, D));
    EXPECT_FAILS(MF_MALFORMED, "x.jpg: only 0 bytes", decode("", nullptr, D));
    EXPECT_EQ(testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr(), "");
}

TEST(Decode, MoreThan64MegapixelsAreRefused)
{
    const Bytes jpeg = jpeg_bytes(smooth_image(8, 8, 3), 8, 8, 3);
    mf_image_size size;
    EXPECT_OK(decode_header(resized_jpeg(jpeg, false, 8000, 8000), &size, D));
    EXPECT_EQ(size.n_bytes, 0u);
    EXPECT_FAILS(MF_TOO_LARGE, "x.jpg: 8000 x 8001 pixels, above 64 megapixels",
                 decode_header(resized_jpeg(jpeg, false, 8000, 8001), &size, D));
    EXPECT_OK(decode_header(png_header(8000, 8000, 8, PNG_COLOR_TYPE_RGB, false), &size, D));
    EXPECT_EQ(size.n_bytes, 0u);
    EXPECT_FAILS(MF_TOO_LARGE, "x.jpg: 8001 x 8000 pixels, above 64 megapixels",
                 decode_header(png_header(8001, 8000, 8, PNG_COLOR_TYPE_GRAY, false), &size, D));
}

// Coefficients of 4:4:4 are 6 bytes per pixel, of 4:2:0 (which the library writes) 3.
TEST(Decode, ProgressiveJpegThatTakesTooMuchMemoryIsRefused)
{
    const Bytes jpeg = jpeg_bytes(smooth_image(8, 8, 3), 8, 8, 3, true);
    Bytes full = jpeg;
    const size_t frame = full.find("\xff\xc2");
    ASSERT_EQ(full[frame + 11], 0x22); // sampling of the first component
    full[frame + 11] = 0x11;
    mf_image_size size;
    for (const Bytes &photo : {jpeg, full}) // 24 megapixels
        EXPECT_OK(decode_header(resized_jpeg(photo, true, 4000, 6000), &size, D));
    EXPECT_EQ(size.n_bytes, 4000u * 6000 * 6);
    EXPECT_OK(decode_header(resized_jpeg(full, true, 8000, 3328), &size, D));
    EXPECT_FAILS(MF_TOO_LARGE,
                 "x.jpg: 8000 x 3336 pixels, progressive or interlaced: 160 MB to hold, above 160",
                 decode_header(resized_jpeg(full, true, 8000, 3336), &size, D));
}

TEST(Decode, InterlacedPngIsHeldWhole)
{
    mf_image_size size;
    EXPECT_OK(decode_header(png_header(4000, 6000, 8, PNG_COLOR_TYPE_RGB_ALPHA, true), &size, D));
    EXPECT_EQ(size.n_bytes, 4000u * 6000 * 3);
    EXPECT_EQ(size.n_coded, 4000u * 6000 * 4 * 2);
    EXPECT_FAILS(
        MF_TOO_LARGE,
        "x.jpg: 4000 x 6000 pixels that take as long as 384 MB of plain PNG, above 200",
        decode_header(png_header(4000, 6000, 16, PNG_COLOR_TYPE_RGB_ALPHA, true), &size, D));
    EXPECT_OK(decode_header(png_header(4000, 6000, 16, PNG_COLOR_TYPE_RGB_ALPHA, false), &size, D));
    EXPECT_EQ(size.n_bytes, 0u);
    EXPECT_FAILS(MF_TOO_LARGE, "progressive or interlaced: 160 MB to hold, above 160",
                 decode_header(png_header(8000, 6667, 1, PNG_COLOR_TYPE_GRAY, true), &size, D));
    // Adam7 by hand would be long: libpng writes one, and it reads as its plain twin.
    const std::vector<uint8_t> colour = smooth_image(19, 13, 3);
    std::vector<uint8_t> pixels;
    ASSERT_OK(decode(written_png(colour, 19, 13, PNG_INTERLACE_ADAM7), &pixels, D));
    EXPECT_EQ(pixels, colour);
}

// A scan for each bit of each coefficient is a legal JPEG, and takes long for what it shows: a scan
// costs by the blocks it visits.
TEST(Decode, WorkOfManyScansIsRefused)
{
    std::vector<jpeg_scan_info> scans = {{1, {0}, 0, 0, 0, 0}};
    for (int k = 1; k < 64; k++)
        scans.push_back({1, {0}, k, k, 0, 0});
    const Bytes jpeg = jpeg_bytes(std::vector<uint8_t>(64 * 64, 90), 64, 64, 1, false, scans);
    std::vector<uint8_t> pixels;
    ASSERT_OK(decode(jpeg, &pixels, D)); // few blocks: as many scans as it likes
    mf_image_size size;
    EXPECT_OK(decode_header(resized_jpeg(jpeg, true, 1024, 1024), &size, D));
    EXPECT_EQ(size.n_coded, 32u * 1024 * 1024);
    const uint32_t rows = MF_MOST_CODED_MEGABYTES * 1000000u / (32 * 1024) / 8 * 8;
    EXPECT_OK(decode_header(resized_jpeg(jpeg, true, rows, 1024), &size, D));
    EXPECT_FAILS(MF_TOO_LARGE, "x 1024 pixels that take as long as 200 MB of plain PNG, above 200",
                 decode_header(resized_jpeg(jpeg, true, rows + 8, 1024), &size, D));
    // What programs write stays far below: 10 scans, of one component each but the first.
    const Bytes photo = jpeg_bytes(smooth_image(8, 8, 3), 8, 8, 3, true);
    EXPECT_OK(decode_header(resized_jpeg(photo, true, 4000, 6000), &size, D));
    EXPECT_LT(size.n_coded, MF_MOST_CODED_MEGABYTES * 750000u);
}

// Megabytes of blanks in a few thousand bytes, again and again: nobody asks for texts.
TEST(Decode, TextsOfPngAreNotUnpacked)
{
    const auto peak_kilobytes = [] {
        rusage usage = {};
        getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss;
    };
    const Bytes png = written_png({97, 98, 99}, 1, 1, PNG_INTERLACE_NONE, 20, Bytes(4000000, ' '));
    EXPECT_LT(png.size(), 1000000u);
    const long before = peak_kilobytes();
    std::vector<uint8_t> pixels;
    ASSERT_OK(decode(png, &pixels, D));
    EXPECT_EQ(Bytes(pixels.begin(), pixels.end()), "abc");
    EXPECT_LT(peak_kilobytes() - before, 30000);
}

TEST(Decode, ChangedBytesNeverCrash)
{
    const Bytes originals[] = {jpeg_bytes(smooth_image(24, 17, 3), 24, 17, 3),
                               jpeg_bytes(smooth_image(24, 17, 3), 24, 17, 3, true),
                               jpeg_bytes(smooth_image(9, 9, 4), 9, 9, 4),
                               png_bytes(smooth_image(24, 17, 3), 24, 17),
                               png_bytes(smooth_image(9, 9, 4), 9, 9, PNG_FORMAT_RGBA)};
    testing::internal::CaptureStderr();
    for (uint64_t seed = 0; seed < 1500; seed++) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        mf_random random = mf_random_seed(seed);
        mf_diag diag = {};
        mf_status status = decode(mutate(originals[seed % 5], &random), nullptr, &diag);
        EXPECT_EQ(status == MF_OK, diag.message[0] == '\0') << diag.message;
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

// ---- bringing to one size -------------------------------------------------------------------

static mf_status resize(const uint8_t *pixels, uint32_t rows, uint32_t columns, uint32_t to_rows,
                        uint32_t to_columns, uint8_t *out, mf_diag *diag)
{
    Arena arena;
    mf_resize r;
    MF_TRY(mf_resize_begin(&r, rows, columns, to_rows, to_columns, arena.arena, diag));
    for (uint32_t i = 0; i < rows; i++)
        mf_resize_add(&r, pixels + size_t{i} * columns * 3);
    mf_resize_end(&r, out);
    return MF_OK;
}

TEST(ResizeImage, KeepsTheCentreAndTheMean)
{
    // 12 x 6, resized to 3 x 3: rows 3 to 8 of it are seen, each output averages about 2 x 2.
    std::vector<uint8_t> pixels(12 * 6 * 3, 0), out(27);
    for (size_t y = 3; y < 9; y++)
        for (size_t i = 0; i < 18; i++)
            pixels[y * 18 + i] = 77;
    ASSERT_OK(resize(pixels.data(), 12, 6, 3, 3, out.data(), D));
    EXPECT_EQ(out, std::vector<uint8_t>(27, 77));
    // The same size leaves every byte alone.
    std::vector<uint8_t> noise(7 * 5 * 3), same(noise.size());
    mf_random random = mf_random_seed(1);
    for (uint8_t &x : noise)
        x = static_cast<uint8_t>(mf_random_bits(&random));
    ASSERT_OK(resize(noise.data(), 7, 5, 7, 5, same.data(), D));
    EXPECT_EQ(noise, same);
    // Extreme proportions: one column becomes a square, and the other way round.
    std::vector<uint8_t> square(64 * 64 * 3);
    ASSERT_OK(resize(noise.data(), 35, 1, 64, 64, square.data(), D));
    EXPECT_EQ(square[0], noise[17 * 3]);
    ASSERT_OK(resize(noise.data(), 1, 35, 64, 1, square.data(), D));
    EXPECT_EQ(square[0], noise[17 * 3]);
}

// ---- folders ----------------------------------------------------------------------------------

TEST(Folder, TakesTrainAndValAsTheyAre)
{
    Scratch scratch;
    for (const char *held_out : {"val", "test"}) {
        std::filesystem::remove_all(scratch.file("val"));
        write_class(scratch, "train/zebra", 3, 10);
        write_class(scratch, "train/ant", 2, 20);
        write_class(scratch, std::string(held_out) + "/zebra", 1, 30);
        write_class(scratch, std::string(held_out) + "/ant", 1, 40);
        scratch.write("train/ant/notes.txt", "no image");
        scratch.write("train/.hidden", "");
        scratch.write("train/README", "");
        Pictures train = load_pictures("folder:" + scratch.file(""), true, 2);
        Pictures test = load_pictures("folder:" + scratch.file(""), false);
        ASSERT_TRUE(train && test);
        EXPECT_STREQ(train->class_names[0], "ant");
        EXPECT_STREQ(train->class_names[1], "zebra");
        EXPECT_EQ(contents(train.get()), (std::multiset<std::pair<uint32_t, int>>{
                                             {0, 20}, {0, 21}, {1, 10}, {1, 11}, {1, 12}}));
        EXPECT_EQ(contents(test.get()),
                  (std::multiset<std::pair<uint32_t, int>>{{0, 40}, {1, 30}}));
        EXPECT_EQ(train->rows, 2u);
        EXPECT_EQ(test->rows, 64u);
        EXPECT_EQ(test->channels, 3u);
    }
}

TEST(Folder, HoldsOutAFifthOfEachClass)
{
    for (const char *below : {"", "train/"}) {
        Scratch scratch;
        write_class(scratch, below + std::string("a"), 20, 0);
        write_class(scratch, below + std::string("b"), 2, 100);
        write_class(scratch, below + std::string("c"), 11, 200);
        Pictures train = load_pictures("folder:" + scratch.file(""), true, 4);
        Pictures test = load_pictures("folder:" + scratch.file(""), false, 4);
        ASSERT_TRUE(train && test);
        auto all = contents(train.get()), held_out = contents(test.get());
        EXPECT_EQ(held_out.size(), 4u + 1u + 2u);
        all.insert(held_out.begin(), held_out.end());
        EXPECT_EQ(all.size(), 33u);
        EXPECT_EQ((std::set<std::pair<uint32_t, int>>(all.begin(), all.end())).size(), 33u);
        // The same again, and not simply the first ones.
        Pictures again = load_pictures("folder:" + scratch.file(""), false, 4);
        EXPECT_EQ(contents(again.get()), held_out);
        EXPECT_NE(held_out.count({0, 0}) + held_out.count({0, 1}) + held_out.count({0, 2}) +
                      held_out.count({0, 3}),
                  4u);
    }
}

TEST(Folder, FaultsAreNamed)
{
    Scratch scratch;
    std::string spec = "folder:" + scratch.file("set");
    EXPECT_FAILS(MF_UNKNOWN_NAME, "set: cannot be read as a folder", load_status(spec, true, D));
    write_class(scratch, "set/a", 2, 0);
    EXPECT_FAILS(MF_INVALID, "set: 1 class folders; at least 2 are needed",
                 load_status(spec, true, D));
    write_class(scratch, "set/b", 1, 0);
    EXPECT_FAILS(MF_INVALID, "set/b: 1 image; holding some out needs at least 2",
                 load_status(spec, true, D));
    std::filesystem::remove(scratch.file("set/b/image0.png"));
    scratch.write("set/b/film.mp4", "");
    EXPECT_FAILS(MF_INVALID, "set/b: no .jpg, .jpeg or .png among its 1 files",
                 load_status(spec, true, D));
    write_class(scratch, "set/b", 9, 0);
    scratch.write("set/b/broken1.jpg", "\xff\xd8\xff\xe0 and nothing more");
    EXPECT_FAILS(MF_MALFORMED, "set/b/broken1.jpg: damaged JPEG", load_status(spec, true, D));
    scratch.write("set/b/broken1.jpg", "BM..........");
    EXPECT_FAILS(MF_MALFORMED, "set/b/broken1.jpg: neither JPEG nor PNG",
                 load_status(spec, true, D));
    std::filesystem::remove(scratch.file("set/b/broken1.jpg"));
    std::filesystem::create_directories(scratch.file("set/b/folder.jpg"));
    EXPECT_FAILS(MF_IO, "set/b/folder.jpg", load_status(spec, true, D));

    Scratch parts;
    spec = "folder:" + parts.file("");
    write_class(parts, "train/a", 1, 0);
    write_class(parts, "train/b", 1, 0);
    write_class(parts, "val/a", 1, 0);
    write_class(parts, "val/d", 1, 0);
    EXPECT_FAILS(MF_INVALID, "val/d: there is no such class to train on",
                 load_status(spec, false, D));
    std::filesystem::remove_all(parts.file("val/d"));
    write_class(parts, "val/b", 0, 0);
    EXPECT_FAILS(MF_INVALID, "val/b: no .jpg, .jpeg or .png among its 0 files",
                 load_status(spec, false, D));
    mf_pictures_options large = {true, 5000, 5000};
    mf_pictures *p = nullptr;
    EXPECT_FAILS(MF_INVALID, "5000 x 5000 pixels; 1 to 2048 a side are taken",
                 mf_pictures_load(spec.c_str(), &large, &p, D));
}

// The first damaged file in order is the one reported, whatever the threads do.
TEST(Folder, ReportsTheFirstDamagedFile)
{
    Scratch scratch;
    write_class(scratch, "train/a", 60, 0);
    write_class(scratch, "train/b", 60, 60);
    for (int i = 20; i < 60; i += 3)
        scratch.write("train/a/image" + std::to_string(i) + ".png", "broken");
    // Found late: another thread comes to a later one meanwhile.
    Bytes large = png_bytes(smooth_image(1500, 1500, 3), 1500, 1500);
    scratch.write("train/a/image20.png", large.substr(0, large.size() - 100));
    write_class(scratch, "val/a", 1, 0);
    write_class(scratch, "val/b", 1, 0);
    for (int run = 0; run < 20; run++)
        EXPECT_FAILS(MF_MALFORMED, "train/a/image20.png",
                     load_status("folder:" + scratch.file(""), true, D));
}
