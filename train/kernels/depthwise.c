/* Depthwise convolution of the Mult family: memory-bound, so rows are outermost and every row of
 * the map comes from memory once. The gradient of the input is the same row operation with the
 * weights turned round, once per phase of the stride. */
#include "train/kernels/columns.h"
#include "train/kernels/internal.h"
#include "train/kernels/phase.h"
#include "train/kernels/strip.h"

#include <string.h>

enum { ROWS_OF_SUMS = 64 };

typedef struct rows_of {
    size_t begin, end;
} rows_of;

/* Rows of a kernel whose input row first + r lies in a map of `rows` rows. */
static rows_of rows_inside(ptrdiff_t first, size_t taps, size_t rows)
{
    ptrdiff_t n = (ptrdiff_t)taps, begin = first < 0 ? -first : 0, end = (ptrdiff_t)rows - first;
    end = end < 0 ? 0 : end > n ? n : end;
    begin = begin > end ? end : begin;
    return (rows_of){(size_t)begin, (size_t)end};
}

/* The strip of output row `row`, counted through all images. */
static mf_strip strip_of(const mf_shape *p, const float *x, size_t row)
{
    size_t image = row / p->e, e = row % p->e, far = p->w * p->c;
    ptrdiff_t first = (ptrdiff_t)(e * p->stride) - (ptrdiff_t)p->pad_rows;
    rows_of taps = rows_inside(first, p->r, p->h);
    const float *map = x + image * p->h * far;
    mf_strip t = {.in = map + first * (ptrdiff_t)far,
                  .columns = p->w,
                  .channels = p->c,
                  .tap_begin = taps.begin,
                  .tap_end = taps.end,
                  .taps = p->s,
                  .stride = p->stride,
                  .first = -(ptrdiff_t)p->pad_columns,
                  .n_out = p->f};
    size_t next = (size_t)(first + (ptrdiff_t)taps.end), more = p->h - next;
    if (next < p->h && taps.end) {
        t.next = map + next * far;
        t.n_next = (more < p->stride ? more : p->stride) * p->w;
    }
    return t;
}

static void forward_share(const mf_shape *p, const float *x, const float *w, const float *bias,
                          float *y, double *sums)
{
    mf_range share = mf_share(p->n * p->e, 1);
    size_t far = p->f * p->c, summed = share.begin;
    if (sums)
        memset(sums, 0, 2 * p->c * sizeof *sums);
    for (size_t row = share.begin; row < share.end; row++) {
        mf_strip t = strip_of(p, x, row);
        mf_strip_correlate(&t, w, bias, y + row * far, p->c);
        size_t n = (row + 1 - summed) * p->f;
        if (!sums || (n < ROWS_OF_SUMS && row + 1 < share.end))
            continue;
        mf_column_sums(n, p->c, y + summed * far, p->c, sums, sums + p->c);
        summed = row + 1;
    }
}

void mf_depthwise_forward(const mf_shape *p, const float *x, const float *w, const float *bias,
                          float *y, const mf_channel_sums *sums, float *scratch)
{
    mf_places places = mf_places_of(p, scratch);
    int n_threads = 1;
#pragma omp parallel num_threads(mf_team(mf_shape_macs(p)))
    {
#pragma omp single nowait
        n_threads = omp_get_num_threads();
        forward_share(p, x, w, bias, y,
                      sums ? mf_sums_of(&places, (size_t)omp_get_thread_num()) : NULL);
    }
    if (sums)
        mf_gather_sums(&places, n_threads, p->m, sums);
}

/* ---- gradient of the input ---------------------------------------------------------------------
 */

static mf_direction rows_of_phase(const mf_shape *p, size_t phase)
{
    return mf_direction_of(phase, p->h, p->r, p->pad_rows, p->stride);
}

static mf_direction columns_of_phase(const mf_shape *p, size_t phase)
{
    return mf_direction_of(phase, p->w, p->s, p->pad_columns, p->stride);
}

/* Where the turned weights of phase (a, b) begin: all of phase (0, 0), then of (0, 1), ... */
static size_t turned_at(const mf_shape *p, size_t a, size_t b)
{
    size_t above = 0, left = 0;
    for (size_t i = 0; i < a; i++)
        above += rows_of_phase(p, i).n_taps;
    for (size_t i = 0; i < b; i++)
        left += columns_of_phase(p, i).n_taps;
    return (above * p->s + rows_of_phase(p, a).n_taps * left) * p->c;
}

static void turn(const mf_shape *p, const float *w, float *turned)
{
    for (size_t a = 0; a < p->stride; a++)
        for (size_t b = 0; b < p->stride; b++) {
            mf_direction rows = rows_of_phase(p, a), columns = columns_of_phase(p, b);
            float *to = turned + turned_at(p, a, b);
            for (size_t i = rows.n_taps; i-- > 0;)
                for (size_t j = columns.n_taps; j-- > 0; to += p->c) {
                    size_t r = rows.r0 + p->stride * i, s = columns.r0 + p->stride * j;
                    memcpy(to, w + (r * p->s + s) * p->c, p->c * sizeof *to);
                }
        }
}

/* Row `row` of the input, counted through all images: every stride-th pixel is of one phase. */
static void input_row(const mf_shape *p, const float *turned, const float *g, float *dx, size_t row)
{
    size_t image = row / p->h, h = row % p->h, a = h % p->stride, far = p->f * p->c;
    mf_direction rows = rows_of_phase(p, a);
    ptrdiff_t first = (ptrdiff_t)(h / p->stride) + rows.first;
    rows_of taps = rows_inside(first, rows.n_taps, p->e);
    const float *map = g + image * p->e * far;
    size_t next = (size_t)(first + (ptrdiff_t)taps.end);
    for (size_t b = 0; b < p->stride && b < p->w; b++) {
        mf_direction columns = columns_of_phase(p, b);
        mf_strip t = {.in = map + first * (ptrdiff_t)far,
                      .columns = p->f,
                      .channels = p->c,
                      .tap_begin = taps.begin,
                      .tap_end = taps.end,
                      .taps = columns.n_taps,
                      .stride = 1,
                      .first = columns.first,
                      .n_out = columns.n_out};
        if (!b && next < p->e && taps.end) {
            t.next = map + next * far;
            t.n_next = p->f;
        }
        mf_strip_correlate(&t, turned + turned_at(p, a, b), NULL, dx + (row * p->w + b) * p->c,
                           p->stride * p->c);
    }
}

void mf_depthwise_input(const mf_shape *p, const float *w, const float *g, float *dx,
                        float *scratch)
{
    float *turned = mf_places_of(p, scratch).packed;
    turn(p, w, turned);
#pragma omp parallel num_threads(mf_team(mf_shape_macs(p)))
    {
        mf_range share = mf_share(p->n * p->h, 1);
        for (size_t row = share.begin; row < share.end; row++)
            input_row(p, turned, g, dx, row);
    }
}

/* ---- gradient of the weights -------------------------------------------------------------------
 */

void mf_depthwise_weights(const mf_shape *p, const float *x, const float *g, float *dw,
                          float *scratch)
{
    mf_places places = mf_places_of(p, scratch);
    size_t n = p->r * p->s * p->c;
#pragma omp parallel num_threads(mf_team(mf_shape_macs(p)))
    {
        float *own = mf_part_of(&places, (size_t)omp_get_thread_num()) + places.layout.dw;
        mf_range share = mf_share(p->n * p->e, 1), all = mf_share(n, 16);
        memset(own, 0, n * sizeof *own);
        for (size_t row = share.begin; row < share.end; row++) {
            mf_strip t = strip_of(p, x, row);
            mf_strip_weights(&t, g + row * p->f * p->c, own);
        }
#pragma omp barrier
        for (size_t t = 0; t < (size_t)omp_get_num_threads(); t++) {
            const float *part = mf_part_of(&places, t) + places.layout.dw;
            for (size_t i = all.begin; i < all.end; i++)
                dw[i] = part[i] + (t ? dw[i] : 0);
        }
    }
}
