/* What does a JPEG or PNG file show? Bytes in, 8-bit red, green, blue out. */
#ifndef MF_TRAIN_DATA_DECODE_H
#define MF_TRAIN_DATA_DECODE_H

#include "base/arena.h"
#include "base/status.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { MF_MOST_MEGAPIXELS = 64 };

/* A decoded image; pixels [rows][columns][3] belong to the arena. */
typedef struct mf_image {
    uint8_t *pixels;
    uint32_t rows, columns;
} mf_image;

/* Decode what the bytes are, whatever the file is called. Any damage is MF_MALFORMED with `path`
 * in front, more than 64 megapixels MF_TOO_LARGE. Samples are those of the file: no gamma, and what
 * is transparent shows its colour; 16 bits are rounded to 8. */
mf_status mf_decode(const char *path, const uint8_t *bytes, size_t n_bytes, mf_arena *arena,
                    mf_image *image, mf_diag *diag);

/* The two formats, and the check and allocation that both make before decoding. */
mf_status mf_decode_jpeg(const char *path, const uint8_t *bytes, size_t n_bytes, mf_arena *arena,
                         mf_image *image, mf_diag *diag);
mf_status mf_decode_png(const char *path, const uint8_t *bytes, size_t n_bytes, mf_arena *arena,
                        mf_image *image, mf_diag *diag);
mf_status mf_image_allocate(const char *path, uint32_t rows, uint32_t columns, mf_arena *arena,
                            mf_image *image, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
