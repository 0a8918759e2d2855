/* How does a picture get another size? Each output value is a weighted sum of a few neighbouring
 * inputs, first along rows, then along columns; the weights (taps) are computed once per size.
 *
 * The filter is a triangle as wide as the coarser of the two grids: bilinear interpolation when
 * enlarging, an average over the covered area when reducing (Pillow's "bilinear"). */
#ifndef MF_TRAIN_DATA_RESIZE_H
#define MF_TRAIN_DATA_RESIZE_H

#include "base/arena.h"
#include "base/status.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Output o is the sum over k < width of weights[o * width + k] * input[first[o] + k]. */
typedef struct mf_taps {
    uint32_t n_in, n_out, width;
    uint32_t *first;
    float *weights;
} mf_taps;

/* Room for any input size up to `most_in`; false when memory is out. */
bool mf_taps_allocate(mf_taps *taps, mf_arena *arena, uint32_t most_in, uint32_t n_out);

/* The taps from n_in inputs; does nothing if they are in place already. */
void mf_taps_make(mf_taps *taps, uint32_t n_in);

/* One row of pixels: [n_in][channels] to [n_out][channels]. */
void mf_resize_row(const mf_taps *taps, uint32_t channels, const float *in, float *out);

/* Row `o` of the output: a sum of whole rows of `n` floats each, in[n_in][n]. */
void mf_resize_column(const mf_taps *taps, uint32_t o, size_t n, const float *in, float *out);

/* The largest central part of an image that has the proportions of the output, in that size: the
 * rows of the image come in from the top, one at a time. */
typedef struct mf_resize {
    mf_taps across, down;
    uint32_t top, left, at; /* first row and column of the part; the row that comes next */
    uint32_t open;          /* outputs before this one have all their inputs */
    float *row, *narrow;    /* a row of the part; the same as wide as the output */
    float *out;             /* [rows][columns][3] */
} mf_resize;

mf_status mf_resize_begin(mf_resize *resize, uint32_t image_rows, uint32_t image_columns,
                          uint32_t rows, uint32_t columns, mf_arena *arena, mf_diag *diag);
void mf_resize_add(mf_resize *resize, const uint8_t *pixels);

/* The result, out[rows][columns][3], once all rows are in. */
void mf_resize_end(const mf_resize *resize, uint8_t *out);

#ifdef __cplusplus
}
#endif

#endif
