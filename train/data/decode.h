/* What does a JPEG or PNG file show? Bytes in, 8-bit red, green, blue out, row by row: most files
 * are decoded in the memory of a few rows however many pixels they have. */
#ifndef MF_TRAIN_DATA_DECODE_H
#define MF_TRAIN_DATA_DECODE_H

#include "base/arena.h"
#include "base/status.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a picture may take, known from its header before anything is decoded. A small file can ask
 * for much: a megapixel of one colour is a few kilobytes.
 *   n_bytes   interlaced PNG: its pixels; JPEG of several scans: its coefficients, 2 bytes each
 *   n_coded   PNG: bytes once inflated, twice if interlaced; JPEG: 32 for each block of each scan,
 *             which takes as long; 200 MB are a second */
enum { MF_MOST_MEGAPIXELS = 64, MF_MOST_IMAGE_MEGABYTES = 160, MF_MOST_CODED_MEGABYTES = 200 };

typedef struct mf_image_size {
    uint32_t rows, columns;
    uint64_t n_bytes; /* held while it is decoded, beside a few rows */
    uint64_t n_coded;
} mf_image_size;

/* Where an image goes: its size once, then its rows from the top, [columns][3]. */
typedef struct mf_image_sink {
    mf_status (*begin)(void *user, const mf_image_size *size, mf_diag *diag);
    void (*row)(void *user, const uint8_t *pixels);
    void *user;
} mf_image_sink;

/* Decode what the bytes are, whatever the file is called. Any damage is MF_MALFORMED with `path`
 * in front, more than the limits MF_TOO_LARGE. Samples are those of the file: no gamma, and what
 * is transparent shows its colour; 16 bits are rounded to 8. */
mf_status mf_decode(const char *path, const uint8_t *bytes, size_t n_bytes, mf_arena *arena,
                    const mf_image_sink *sink, mf_diag *diag);

/* The two formats, and what both do before decoding: hold the size against the limits, and tell
 * the sink. */
mf_status mf_decode_jpeg(const char *path, const uint8_t *bytes, size_t n_bytes, mf_arena *arena,
                         const mf_image_sink *sink, mf_diag *diag);
mf_status mf_decode_png(const char *path, const uint8_t *bytes, size_t n_bytes, mf_arena *arena,
                        const mf_image_sink *sink, mf_diag *diag);
mf_status mf_image_begin(const char *path, const mf_image_size *size, const mf_image_sink *sink,
                         mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
