/* Rows of depthwise convolutions of the Add family, in plain loops over channels: the networks of
 * the paper keep these layers multiplicative. */
#include "train/kernels/strip.h"

#include <string.h>

/* The pixel under column tap s of output f in a row; NULL outside. */
static const float *under(const mf_strip *t, size_t r, size_t f, size_t s)
{
    ptrdiff_t column = (ptrdiff_t)(f * t->stride + s) + t->first;
    if (column < 0 || column >= (ptrdiff_t)t->columns)
        return NULL;
    return t->in + (r * t->columns + (size_t)column) * t->channels;
}

/* y -= |x - w|. */
static void take_distance(size_t n, const float *x, const float *w, float *y)
{
    for (size_t c = 0; c < n; c++) {
        float d = (x ? x[c] : 0) - w[c];
        y[c] -= d < 0 ? -d : d;
    }
}

void mf_strip_distance(const mf_strip *t, size_t tap_rows, const float *w, const float *bias,
                       float *out)
{
    size_t channels = t->channels;
    for (size_t f = 0; f < t->n_out; f++, out += channels) {
        for (size_t c = 0; c < channels; c++)
            out[c] = bias ? bias[c] : 0;
        for (size_t r = 0; r < tap_rows; r++)
            for (size_t s = 0; s < t->taps; s++) {
                bool inside = r >= t->tap_begin && r < t->tap_end;
                take_distance(channels, inside ? under(t, r, f, s) : NULL,
                              w + (r * t->taps + s) * channels, out);
            }
    }
}

static void add_clipped(size_t n, const float *x, const float *w, const float *g, float *dx)
{
    for (size_t c = 0; c < n; c++) {
        float d = w[c] - x[c];
        d = d < -1 ? -1 : d > 1 ? 1 : d;
        dx[c] += d * g[c];
    }
}

void mf_strip_clip(const mf_strip *t, const float *w, const float *x, float *out, size_t pitch)
{
    size_t channels = t->channels;
    for (size_t f = 0; f < t->n_out; f++, out += pitch, x += pitch) {
        memset(out, 0, channels * sizeof *out);
        for (size_t r = t->tap_begin; r < t->tap_end; r++)
            for (size_t s = 0; s < t->taps; s++) {
                const float *g = under(t, r, f, s);
                if (g)
                    add_clipped(channels, x, w + (r * t->taps + s) * channels, g, out);
            }
    }
}
