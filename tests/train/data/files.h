// Files that the tests of pictures read: CIFAR records, IDX, and JPEG and PNG written through the
// libraries themselves.
#ifndef MF_TESTS_TRAIN_DATA_FILES_H
#define MF_TESTS_TRAIN_DATA_FILES_H

#include "base/file.h"
#include "base/random.h"
#include "tests/support/support.h"
#include "train/data/data.h"

#include <cstdio>
#include <cstring>

#include <jpeglib.h>
#include <png.h>

#include <memory>
#include <vector>

using Bytes = std::string;

struct PicturesEnd {
    void operator()(mf_pictures *p) const
    {
        mf_pictures_destroy(p);
    }
};
using Pictures = std::unique_ptr<mf_pictures, PicturesEnd>;

inline mf_status load_status(const std::string &spec, bool training, mf_diag *diag)
{
    mf_pictures *p = nullptr;
    mf_pictures_options options = {};
    options.training = training;
    mf_status status = mf_pictures_load(spec.c_str(), &options, &p, diag);
    mf_pictures_destroy(p);
    return status;
}

inline Pictures load_pictures(const std::string &spec, bool training, uint32_t side = 0)
{
    mf_pictures *p = nullptr;
    mf_diag diag = {};
    mf_pictures_options options = {training, side, side};
    EXPECT_EQ(MF_OK, mf_pictures_load(spec.c_str(), &options, &p, &diag)) << diag.message;
    return Pictures(p);
}

// Value of one pixel, different for every place.
inline uint8_t pattern(size_t picture, size_t y, size_t x, size_t channel)
{
    return static_cast<uint8_t>(picture * 31 + y * 7 + x * 3 + channel * 97);
}

inline Bytes cifar_record(const std::vector<int> &labels, size_t picture)
{
    Bytes record;
    for (int label : labels)
        record += static_cast<char>(label);
    for (size_t c = 0; c < 3; c++)
        for (size_t i = 0; i < 1024; i++)
            record += static_cast<char>(pattern(picture, i / 32, i % 32, c));
    return record;
}

// Magic, sizes, and as many values as they announce.
inline Bytes idx_header(const std::vector<uint32_t> &sizes, int type = 8)
{
    Bytes bytes = {0, 0, static_cast<char>(type), static_cast<char>(sizes.size())};
    for (uint32_t size : sizes)
        for (int shift = 24; shift >= 0; shift -= 8)
            bytes += static_cast<char>(size >> shift & 0xff);
    return bytes;
}

inline Bytes idx_pictures(uint32_t n, uint32_t rows, uint32_t columns, uint32_t channels = 1)
{
    Bytes bytes = idx_header(channels == 1 ? std::vector<uint32_t>{n, rows, columns}
                                           : std::vector<uint32_t>{n, rows, columns, channels});
    for (uint32_t i = 0; i < n * rows * columns; i++)
        for (uint32_t c = 0; c < channels; c++)
            bytes += static_cast<char>(
                pattern(i / (rows * columns), i / columns % rows, i % columns, c));
    return bytes;
}

inline Bytes idx_labels(const std::vector<int> &labels)
{
    Bytes bytes = idx_header({static_cast<uint32_t>(labels.size())});
    for (int label : labels)
        bytes += static_cast<char>(label);
    return bytes;
}

// ---- images -------------------------------------------------------------------------------------

// A smooth image, [rows][columns][channels], that JPEG keeps well.
inline std::vector<uint8_t> smooth_image(size_t rows, size_t columns, size_t channels)
{
    std::vector<uint8_t> pixels(rows * columns * channels);
    for (size_t y = 0; y < rows; y++)
        for (size_t x = 0; x < columns; x++)
            for (size_t c = 0; c < channels; c++)
                pixels[(y * columns + x) * channels + c] =
                    static_cast<uint8_t>(c == 0   ? 200 * y / rows
                                         : c == 1 ? 40 + 200 * x / columns
                                                  : 90);
    return pixels;
}

inline Bytes jpeg_bytes(const std::vector<uint8_t> &pixels, unsigned rows, unsigned columns,
                        int channels, bool progressive = false,
                        const std::vector<jpeg_scan_info> &scans = {})
{
    jpeg_compress_struct jpeg;
    jpeg_error_mgr errors;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    unsigned char *out = nullptr;
    unsigned long n = 0;
    jpeg_mem_dest(&jpeg, &out, &n);
    jpeg.image_width = columns;
    jpeg.image_height = rows;
    jpeg.input_components = channels;
    jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 100, TRUE);
    if (progressive)
        jpeg_simple_progression(&jpeg);
    if (!scans.empty()) {
        jpeg.scan_info = scans.data();
        jpeg.num_scans = static_cast<int>(scans.size());
    }
    jpeg_start_compress(&jpeg, TRUE);
    for (unsigned y = 0; y < rows; y++) {
        JSAMPROW row = const_cast<uint8_t *>(pixels.data()) +
                       static_cast<size_t>(y) * columns * static_cast<size_t>(channels);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    Bytes bytes(reinterpret_cast<char *>(out), n);
    free(out);
    return bytes;
}

inline Bytes png_bytes(const std::vector<uint8_t> &pixels, unsigned rows, unsigned columns,
                       uint32_t format = PNG_FORMAT_RGB)
{
    png_image png = {};
    png.version = PNG_IMAGE_VERSION;
    png.width = columns;
    png.height = rows;
    png.format = format;
    png_alloc_size_t n = 0;
    EXPECT_TRUE(png_image_write_get_memory_size(png, n, 0, pixels.data(), 0, nullptr));
    Bytes bytes(n, '\0');
    EXPECT_TRUE(png_image_write_to_memory(&png, bytes.data(), &n, 0, pixels.data(), 0, nullptr));
    bytes.resize(n);
    return bytes;
}

// The same in one pass or seven, with a text that is there `n_texts` times, packed.
inline Bytes written_png(const std::vector<uint8_t> &pixels, unsigned rows, unsigned columns,
                         int interlace, size_t n_texts = 0, Bytes text = "")
{
    Bytes bytes;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(
        png, &bytes,
        [](png_structp p, png_bytep data, size_t n) {
            static_cast<Bytes *>(png_get_io_ptr(p))->append(reinterpret_cast<char *>(data), n);
        },
        nullptr);
    png_set_IHDR(png, info, columns, rows, 8, PNG_COLOR_TYPE_RGB, interlace,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    std::vector<png_bytep> at;
    for (unsigned i = 0; i < rows; i++)
        at.push_back(const_cast<uint8_t *>(pixels.data()) + size_t{i} * columns * 3);
    char key[] = "Comment";
    png_text packed = {};
    packed.compression = PNG_TEXT_COMPRESSION_zTXt;
    packed.key = key;
    packed.text = text.data();
    packed.text_length = text.size();
    for (size_t i = 0; i < n_texts; i++)
        png_set_text(png, info, &packed, 1);
    png_write_info(png, info);
    png_write_image(png, at.data());
    png_write_end(png, nullptr);
    png_destroy_write_struct(&png, &info);
    return bytes;
}

inline Bytes big_endian(uint32_t x)
{
    Bytes bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>(x >> shift & 255);
    return bytes;
}

inline Bytes png_chunk(const char *name, const Bytes &data)
{
    const Bytes body = name + data;
    uint32_t sum = 0xffffffff; // CRC-32, bit by bit
    for (char byte : body) {
        sum ^= static_cast<uint8_t>(byte);
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
    }
    return big_endian(static_cast<uint32_t>(data.size())) + body + big_endian(~sum);
}

// Up to 65535 bytes in one stored block of a zlib stream.
inline Bytes stored(const Bytes &data)
{
    const size_t n = data.size();
    uint32_t low = 1, high = 0; // Adler-32
    for (char byte : data) {
        low = (low + static_cast<uint8_t>(byte)) % 65521;
        high = (high + low) % 65521;
    }
    const Bytes header = {0x78,
                          1,
                          1,
                          static_cast<char>(n & 255),
                          static_cast<char>(n >> 8),
                          static_cast<char>(~n & 255),
                          static_cast<char>(~n >> 8 & 255)};
    return header + data + big_endian(high << 16 | low);
}

// A PNG made without libpng: `lines` are the bytes of its rows, `chunks` stand before them.
inline Bytes png_by_hand(unsigned rows, unsigned columns, int bits, int colour_type,
                         const Bytes &lines, const Bytes &chunks = "")
{
    const Bytes kind = {static_cast<char>(bits), static_cast<char>(colour_type), 0, 0, 0};
    const size_t n = lines.size() / rows;
    Bytes unfiltered;
    for (size_t i = 0; i < rows; i++)
        unfiltered += '\0' + lines.substr(i * n, n);
    return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", big_endian(columns) + big_endian(rows) + kind) +
           chunks + png_chunk("IDAT", stored(unfiltered)) + png_chunk("IEND", "");
}

// A few random changes: bytes replaced, a piece cut off or put in.
inline Bytes mutate(Bytes bytes, mf_random *random)
{
    uint64_t n_changes = mf_random_between(random, 1, 6);
    for (uint64_t i = 0; i < n_changes && !bytes.empty(); i++) {
        size_t at = mf_random_between(random, 0, bytes.size() - 1);
        // Half of the time where headers are.
        if (mf_random_bits(random) & 1)
            at = at % 64 % bytes.size();
        switch (mf_random_between(random, 0, 7)) {
        case 0:
            bytes.resize(at);
            break;
        case 1:
            bytes.insert(at, mf_random_between(random, 1, 9), '\xff');
            break;
        default:
            bytes[at] = static_cast<char>(mf_random_bits(random));
        }
    }
    return bytes;
}

#endif
