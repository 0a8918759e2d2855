/* What does one row of a depthwise convolution compute? out[f] = sum over taps (r, s) of in[r][f *
 * stride + first + s] * w[r][s], channel by channel: forward directly, the gradient of the input
 * with the weights turned round (depthwise.c); and the gradient of the weights of one row. */
#ifndef MF_TRAIN_KERNELS_STRIP_H
#define MF_TRAIN_KERNELS_STRIP_H

#include "train/kernels/build.h"

#include <stdbool.h>
#include <stddef.h>

/* Distances in floats; a pixel of `in` is `channels` wide. */
typedef struct mf_strip {
    const float *in; /* the row under tap row 0, which may lie outside the map */
    size_t columns, channels;
    size_t tap_begin, tap_end; /* rows of taps that lie inside */
    size_t taps;               /* in a row */
    size_t stride;
    ptrdiff_t first;
    size_t n_out;
} mf_strip;

/* w is [rows][taps][channels]; outputs lie out_pitch apart. bias may be NULL. */
void MF_OWN(strip_correlate)(const mf_strip *strip, const float *w, const float *bias, float *out,
                             size_t out_pitch);
#define mf_strip_correlate MF_OWN(strip_correlate)

/* dw[r][s] += sum over f of in[r][f * stride + first + s] * g[f], g without gaps. */
void MF_OWN(strip_weights)(const mf_strip *strip, const float *g, float *dw);
#define mf_strip_weights MF_OWN(strip_weights)

/* Add: out[f] = bias - sum over all taps of |in - w|, with 0 for what lies outside the map; and dx
 * of one row: with `in` the gradient of the output and w turned round, sum of clip(w - x[f]) * in,
 * x as far apart as out. tap_rows: those of w, inside or not. */
void MF_OWN(strip_distance)(const mf_strip *strip, size_t tap_rows, const float *w,
                            const float *bias, float *out);
#define mf_strip_distance MF_OWN(strip_distance)
void MF_OWN(strip_clip)(const mf_strip *strip, const float *w, const float *x, float *out,
                        size_t out_pitch);
#define mf_strip_clip MF_OWN(strip_clip)

#endif
