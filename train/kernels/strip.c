/* Channels are the vector; several outputs at a time keep their sums in registers and share the
 * inputs that overlap. Kernels of the usual widths are expanded with constants, so that loops over
 * taps unroll and shared inputs are loaded once; others take the same code with loops. */
#include "train/kernels/strip.h"

#include "train/kernels/vector.h"

/* Outputs that share a tap's load. Rows of 8, 20, 32 and 80 pixels have a multiple of six inside
 * their edges. */
enum { AT_ONCE = 6 };

/* Outputs whose taps all lie inside. */
static void inside(const mf_strip *t, size_t *begin, size_t *end)
{
    ptrdiff_t stride = (ptrdiff_t)t->stride, n = (ptrdiff_t)t->n_out,
              room = (ptrdiff_t)t->columns - (ptrdiff_t)t->taps - t->first,
              low = t->first < 0 ? (stride - 1 - t->first) / stride : 0,
              high = room < 0 ? 0 : room / stride + 1;
    high = high > n ? n : high;
    low = low > high ? high : low;
    *begin = (size_t)low;
    *end = (size_t)high;
}

/* Of the taps over an output whose first lies at `column`, those inside the map. */
static size_t taps_begin(const mf_strip *t, ptrdiff_t column)
{
    return column >= 0 ? 0 : mf_least((size_t)-column, t->taps);
}
static size_t taps_end(const mf_strip *t, ptrdiff_t column)
{
    ptrdiff_t room = (ptrdiff_t)t->columns - column;
    return room <= 0 ? 0 : mf_least((size_t)room, t->taps);
}

/* ---- forward -----------------------------------------------------------------------------------
 */

/* `count` outputs from f on, one vector of channels from c on. */
MF_INLINE void outputs(const mf_strip *t, size_t taps, size_t stride, size_t count, int some,
                       vm mask, const float *w, vf start, size_t c, size_t f, float *out,
                       size_t pitch)
{
    size_t channels = t->channels, row_far = t->columns * channels;
    const float *in =
        t->in + ((ptrdiff_t)(f * stride) + t->first) * (ptrdiff_t)channels + (ptrdiff_t)c;
    vf sum[AT_ONCE];
    MF_UNROLL for (size_t o = 0; o < count; o++) sum[o] = start;
    for (size_t r = t->tap_begin; r < t->tap_end; r++) {
        const float *row = in + r * row_far, *weight = w + r * taps * channels + c;
        MF_UNROLL for (size_t s = 0; s < taps; s++)
        {
            vf tap = v_load_if(some, mask, weight + s * channels);
            MF_UNROLL for (size_t o = 0; o < count; o++) sum[o] =
                v_fma(v_load_if(some, mask, row + (o * stride + s) * channels), tap, sum[o]);
        }
    }
    MF_UNROLL for (size_t o = 0; o < count; o++)
        v_store_if(some, mask, out + (f + o) * pitch + c, sum[o]);
}

/* One output at the edge of the map. */
MF_INLINE void edge(const mf_strip *t, int some, vm mask, const float *w, vf start, size_t c,
                    size_t f, float *out, size_t pitch)
{
    size_t channels = t->channels;
    ptrdiff_t column = (ptrdiff_t)(f * t->stride) + t->first;
    size_t s0 = taps_begin(t, column), s1 = taps_end(t, column);
    vf sum = start;
    for (size_t r = t->tap_begin; r < t->tap_end; r++) {
        const float *in = t->in + ((ptrdiff_t)(r * t->columns) + column) * (ptrdiff_t)channels +
                          (ptrdiff_t)c,
                    *weight = w + r * t->taps * channels + c;
        for (size_t s = s0; s < s1; s++)
            sum = v_fma(v_load_if(some, mask, in + s * channels),
                        v_load_if(some, mask, weight + s * channels), sum);
    }
    v_store_if(some, mask, out + f * pitch + c, sum);
}

MF_INLINE void channels_of(const mf_strip *t, size_t taps, size_t stride, int some, vm mask,
                           const float *w, vf start, size_t c, float *out, size_t pitch)
{
    size_t begin, end, f = 0;
    inside(t, &begin, &end);
    for (; f < begin; f++)
        edge(t, some, mask, w, start, c, f, out, pitch);
    for (; f + AT_ONCE <= end; f += AT_ONCE)
        outputs(t, taps, stride, AT_ONCE, some, mask, w, start, c, f, out, pitch);
    for (; f < end; f++)
        outputs(t, taps, stride, 1, some, mask, w, start, c, f, out, pitch);
    for (; f < t->n_out; f++)
        edge(t, some, mask, w, start, c, f, out, pitch);
}

MF_INLINE void correlate(const mf_strip *t, size_t taps, size_t stride, const float *w,
                         const float *bias, float *out, size_t pitch)
{
    for (size_t c = 0; c < t->channels; c += MF_LANES) {
        size_t lanes = mf_least(MF_LANES, t->channels - c);
        vm mask = v_first(lanes);
        int some = lanes < MF_LANES;
        vf start = bias ? v_load_if(some, mask, bias + c) : v_zero();
        if (some)
            channels_of(t, taps, stride, 1, mask, w, start, c, out, pitch);
        else
            channels_of(t, taps, stride, 0, mask, w, start, c, out, pitch);
    }
}

/* ---- gradient of the weights -------------------------------------------------------------------
 */

/* `rows` rows of taps from r on: their sums stay in registers along the whole strip. */
MF_INLINE void gradients(const mf_strip *t, size_t taps, size_t stride, size_t rows, int some,
                         vm mask, size_t r, size_t c, const float *g, float *dw)
{
    size_t channels = t->channels, row_far = t->columns * channels, begin, end;
    inside(t, &begin, &end);
    vf sum[16];
    MF_UNROLL for (size_t i = 0; i < rows * taps; i++) sum[i] = v_zero();
    const float *in = t->in + r * row_far + (ptrdiff_t)c +
                      ((ptrdiff_t)(begin * stride) + t->first) * (ptrdiff_t)channels;
    for (size_t f = begin; f < end; f++, in += stride * channels) {
        vf one = v_load_if(some, mask, g + f * channels + c);
        MF_UNROLL for (size_t i = 0; i < rows; i++) MF_UNROLL for (size_t s = 0; s < taps;
                                                                   s++) sum[i * taps + s] =
            v_fma(v_load_if(some, mask, in + i * row_far + s * channels), one, sum[i * taps + s]);
    }
    MF_UNROLL for (size_t i = 0; i < rows * taps; i++)
    {
        float *to = dw + (r * taps + i) * channels + c;
        v_store_if(some, mask, to, v_load_if(some, mask, to) + sum[i]);
    }
}

/* Widths without an expansion of their own: one tap at a time. */
static void gradients_of_any(const mf_strip *t, size_t r, size_t c, const float *g, float *dw)
{
    size_t channels = t->channels, begin, end, lanes = mf_least(MF_LANES, channels - c);
    vm mask = v_first(lanes);
    int some = lanes < MF_LANES;
    inside(t, &begin, &end);
    for (size_t s = 0; s < t->taps; s++) {
        float *to = dw + (r * t->taps + s) * channels + c;
        vf sum = v_load_if(some, mask, to);
        for (size_t f = begin; f < end; f++) {
            ptrdiff_t at = (ptrdiff_t)(f * t->stride + s) + t->first;
            sum = v_fma(v_load_if(some, mask, t->in + (r * t->columns + (size_t)at) * channels + c),
                        v_load_if(some, mask, g + f * channels + c), sum);
        }
        v_store_if(some, mask, to, sum);
    }
}

/* One output at the edge of the map. */
static void gradient_edge(const mf_strip *t, size_t c, size_t f, const float *g, float *dw)
{
    size_t channels = t->channels, lanes = mf_least(MF_LANES, channels - c);
    vm mask = v_first(lanes);
    int some = lanes < MF_LANES;
    ptrdiff_t column = (ptrdiff_t)(f * t->stride) + t->first;
    size_t s0 = taps_begin(t, column), s1 = taps_end(t, column);
    vf one = v_load_if(some, mask, g + f * channels + c);
    for (size_t r = t->tap_begin; r < t->tap_end; r++) {
        const float *in =
            t->in + ((ptrdiff_t)(r * t->columns) + column) * (ptrdiff_t)channels + (ptrdiff_t)c;
        float *to = dw + r * t->taps * channels + c;
        for (size_t s = s0; s < s1; s++)
            v_store_if(some, mask, to + s * channels,
                       v_fma(v_load_if(some, mask, in + s * channels), one,
                             v_load_if(some, mask, to + s * channels)));
    }
}

MF_INLINE void gradients_of(const mf_strip *t, size_t taps, size_t stride, size_t rows,
                            const float *g, float *dw)
{
    size_t begin, end;
    inside(t, &begin, &end);
    for (size_t c = 0; c < t->channels; c += MF_LANES) {
        size_t lanes = mf_least(MF_LANES, t->channels - c), r = t->tap_begin;
        vm mask = v_first(lanes);
        for (; rows && r + rows <= t->tap_end; r += rows) {
            if (lanes < MF_LANES)
                gradients(t, taps, stride, rows, 1, mask, r, c, g, dw);
            else
                gradients(t, taps, stride, rows, 0, mask, r, c, g, dw);
        }
        for (; rows && r < t->tap_end; r++) { /* above or below the map the others are missing */
            if (lanes < MF_LANES)
                gradients(t, taps, stride, 1, 1, mask, r, c, g, dw);
            else
                gradients(t, taps, stride, 1, 0, mask, r, c, g, dw);
        }
        for (; r < t->tap_end; r++)
            gradients_of_any(t, r, c, g, dw);
        for (size_t f = 0; f < begin; f++)
            gradient_edge(t, c, f, g, dw);
        for (size_t f = end; f < t->n_out; f++)
            gradient_edge(t, c, f, g, dw);
    }
}

/* ---- widths of kernels -------------------------------------------------------------------------
 */

#define CASE_CORRELATE(taps, stride)                                                               \
    case 8 * (taps) + (stride):                                                                    \
        correlate(t, taps, stride, w, bias, out, pitch);                                           \
        break;

void mf_strip_correlate(const mf_strip *t, const float *w, const float *bias, float *out,
                        size_t pitch)
{
    switch (t->taps < 8 && t->stride < 3 ? 8 * t->taps + t->stride : 0) {
        CASE_CORRELATE(1, 1)
        CASE_CORRELATE(2, 1)
        CASE_CORRELATE(3, 1)
        CASE_CORRELATE(4, 1)
        CASE_CORRELATE(5, 1)
        CASE_CORRELATE(7, 1)
        CASE_CORRELATE(3, 2)
        CASE_CORRELATE(5, 2)
        CASE_CORRELATE(7, 2)
    default:
        correlate(t, t->taps, t->stride, w, bias, out, pitch);
    }
}

#define CASE_WEIGHTS(taps, stride, rows)                                                           \
    case 8 * (taps) + (stride):                                                                    \
        gradients_of(t, taps, stride, rows, g, dw);                                                \
        break;

void mf_strip_weights(const mf_strip *t, const float *g, float *dw)
{
    switch (t->taps < 8 && t->stride < 3 ? 8 * t->taps + t->stride : 0) {
        CASE_WEIGHTS(3, 1, 3)
        CASE_WEIGHTS(5, 1, 2)
        CASE_WEIGHTS(7, 1, 1)
        CASE_WEIGHTS(3, 2, 3)
        CASE_WEIGHTS(5, 2, 2)
        CASE_WEIGHTS(7, 2, 1)
    default:
        gradients_of(t, 0, 0, 0, g, dw);
    }
}
