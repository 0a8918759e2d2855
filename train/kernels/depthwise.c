/* Depthwise convolution: memory-bound, so rows are outermost, and every row of the maps comes from
 * memory once, is made what it is read as, and stays while the kernel stands on it (rows.h). The
 * gradient of the input is the same row operation with the weights turned round, once per phase of
 * the stride. */
#include "train/kernels/backward.h"
#include "train/kernels/columns.h"
#include "train/kernels/phase.h"
#include "train/kernels/rows.h"
#include "train/kernels/strip.h"
#include "train/kernels/vector.h"

#include <string.h>

enum { ROWS_OF_SUMS = 64 };

/* Taps of a kernel that lie inside: rows of a map from first + begin to first + end. */
typedef struct inside {
    size_t begin, end;
} inside;

static inside inside_of(ptrdiff_t first, size_t taps, size_t rows)
{
    ptrdiff_t n = (ptrdiff_t)taps, begin = first < 0 ? -first : 0, end = (ptrdiff_t)rows - first;
    end = end < 0 ? 0 : end > n ? n : end;
    begin = begin > end ? end : begin;
    return (inside){(size_t)begin, (size_t)end};
}

/* The row under tap row 0, if the taps inside are to stand on rows of this image. */
static const float *rows_under(mf_rows *rows, size_t image_begin, ptrdiff_t first, inside taps)
{
    if (taps.begin == taps.end)
        return rows->buffer;
    size_t begin = image_begin + (size_t)(first + (ptrdiff_t)taps.begin);
    const float *at = mf_rows_get(rows, begin, begin + taps.end - taps.begin);
    return at - taps.begin * rows->floats;
}

/* The strip of output row e of an image. */
static mf_strip strip_of(const mf_shape *p, mf_rows *x, size_t image, size_t e)
{
    ptrdiff_t first = (ptrdiff_t)(e * p->stride) - (ptrdiff_t)p->pad_rows;
    inside taps = inside_of(first, p->r, p->h);
    return (mf_strip){.in = rows_under(x, image * p->h, first, taps),
                      .columns = p->w,
                      .channels = p->c,
                      .tap_begin = taps.begin,
                      .tap_end = taps.end,
                      .taps = p->s,
                      .stride = p->stride,
                      .first = -(ptrdiff_t)p->pad_columns,
                      .n_out = p->f};
}

/* ---- forward -----------------------------------------------------------------------------------
 */

typedef struct forward {
    const mf_shape *p;
    mf_family family;
    const mf_map *x;
    const float *w, *bias;
    float *y;
    bool sums;
    mf_places places;
} forward;

static void forward_work(void *user)
{
    const forward *j = user;
    double *sums = j->sums ? mf_sums_of(&j->places, mf_team_rank()) : NULL;
    const mf_shape *p = j->p;
    float *part = mf_part_of(&j->places, mf_team_rank());
    mf_range share = mf_share(p->n * p->e, 1);
    size_t far = p->f * p->c, summed = share.begin;
    mf_reader reader = mf_reader_of_map(j->x, p->c, part + j->places.layout.tables);
    mf_rows x = mf_rows_of(&reader, p->w, p->n * p->h, p->r, part + j->places.layout.x);
    if (sums)
        memset(sums, 0, 2 * p->c * sizeof *sums);
    for (size_t row = share.begin; row < share.end; row++) {
        mf_strip t = strip_of(p, &x, row / p->e, row % p->e);
        if (j->family == MF_FAMILY_MULT)
            mf_strip_correlate(&t, j->w, j->bias, j->y + row * far, p->c);
        else
            mf_strip_distance(&t, p->r, j->w, j->bias, j->y + row * far);
        size_t n = (row + 1 - summed) * p->f;
        if (!sums || (n < ROWS_OF_SUMS && row + 1 < share.end))
            continue;
        mf_column_sums(n, p->c, j->y + summed * far, p->c, sums, sums + p->c);
        summed = row + 1;
    }
}

void mf_depthwise_forward(const mf_shape *p, mf_family family, const mf_map *x, const float *w,
                          const float *bias, float *y, const mf_channel_sums *sums, float *scratch)
{
    forward j = {p, family, x, w, bias, y, sums != NULL, mf_places_of(p, scratch)};
    size_t n_threads = mf_team_for(mf_shape_macs(p));
    mf_team_run(n_threads, forward_work, &j);
    if (sums)
        mf_gather_sums(&j.places, n_threads, p->m, sums);
}

/* ---- weights turned round ----------------------------------------------------------------------
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

/* ---- backward ----------------------------------------------------------------------------------
 */

/* What a thread does its images with. */
typedef struct work {
    const mf_conv_gradients *b;
    const mf_shape *p;
    const float *turned;
    mf_gradient_pass pass;
    mf_rows x, g;
    float *dw;
} work;

/* Row h of an image: every stride-th pixel is of one phase. */
static void input_row(work *k, size_t image, size_t h, float *dx)
{
    const mf_shape *p = k->p;
    size_t a = h % p->stride;
    mf_direction rows = rows_of_phase(p, a);
    ptrdiff_t first = (ptrdiff_t)(h / p->stride) + rows.first;
    inside taps = inside_of(first, rows.n_taps, p->e);
    const float *g = rows_under(&k->g, image * p->e, first, taps), *x = NULL;
    if (k->b->family == MF_FAMILY_ADD)
        x = mf_rows_get(&k->x, image * p->h + h, image * p->h + h + 1);
    for (size_t b = 0; b < p->stride && b < p->w; b++) {
        mf_direction columns = columns_of_phase(p, b);
        const float *w = k->turned + turned_at(p, a, b);
        mf_strip t = {.in = g,
                      .columns = p->f,
                      .channels = p->c,
                      .tap_begin = taps.begin,
                      .tap_end = taps.end,
                      .taps = columns.n_taps,
                      .stride = 1,
                      .first = columns.first,
                      .n_out = columns.n_out};
        if (k->b->family == MF_FAMILY_MULT)
            mf_strip_correlate(&t, w, NULL, dx + b * p->c, p->stride * p->c);
        else
            mf_strip_clip(&t, w, x + b * p->c, dx + b * p->c, p->stride * p->c);
    }
}

/* Output row e gives its part of dw. It stays in the window for as long as rows of the input need
 * it: those up to (e + 1) * stride - pad have then met all their outputs. */
static void weights_row(work *k, size_t image, size_t e)
{
    const mf_shape *p = k->p;
    size_t back = (p->r - 1) / p->stride, from = e > back ? e - back : 0, row = image * p->e;
    const float *g = mf_rows_get(&k->g, row + from, row + e + 1) + (e - from) * p->f * p->c;
    mf_strip t = strip_of(p, &k->x, image, e);
    mf_strip_weights(&t, g, k->dw);
    mf_gradient_pass_sum(&k->pass, p->f, g);
}

static void backward_image(work *k, size_t image)
{
    const mf_shape *p = k->p;
    for (size_t e = 0, h = 0; e < p->e; e++) {
        size_t reach = (e + 1) * p->stride, end = reach > p->pad_rows ? reach - p->pad_rows : 0;
        end = end > p->h || e + 1 == p->e ? p->h : end;
        weights_row(k, image, e);
        for (; h < end && k->b->dx; h++) {
            size_t first = (image * p->h + h) * p->w;
            float *dx = mf_gradient_pass_dx(&k->pass, first);
            input_row(k, image, h, dx);
            mf_gradient_pass_done(&k->pass, first, p->w, dx);
        }
    }
}

static void backward_share(const mf_conv_gradients *b, const mf_places *places, const float *turned)
{
    const mf_shape *p = b->shape;
    work k = {.b = b, .p = p, .turned = turned, .pass = mf_gradient_pass_begin(b, places)};
    mf_range share = mf_share(p->n, 1);
    k.dw = k.pass.part + places->layout.dw;
    k.x = mf_rows_of(&k.pass.x, p->w, share.end * p->h, p->r, k.pass.part + places->layout.x);
    k.g = mf_rows_of(&k.pass.g, p->f, share.end * p->e, p->r, k.pass.part + places->layout.g);
    memset(k.dw, 0, p->r * p->s * p->c * sizeof *k.dw);
    for (size_t image = share.begin; image < share.end; image++)
        backward_image(&k, image);
    mf_gradient_pass_end(&k.pass);
}

typedef struct backward {
    const mf_conv_gradients *b;
    mf_places places;
    const double *g_sums;
} backward;

/* Add: sum of (x - w) * g = the product less w * sum of g. */
static void finish_share(const backward *j)
{
    const mf_conv_gradients *b = j->b;
    size_t c = b->shape->c, n = b->shape->r * b->shape->s * c;
    mf_range all = mf_share(n, 16);
    for (size_t t = 0; t < mf_team_size(); t++) {
        const float *part = mf_part_of(&j->places, t) + j->places.layout.dw;
        for (size_t i = all.begin; i < all.end; i++)
            b->dw[i] = part[i] + (t ? b->dw[i] : 0);
    }
    for (size_t i = all.begin; i < all.end && b->family == MF_FAMILY_ADD; i++)
        b->dw[i] = (float)((double)b->dw[i] - (double)b->w[i] * j->g_sums[i % c]);
}

static void backward_work(void *user)
{
    backward *j = user;
    backward_share(j->b, &j->places, j->places.packed);
    mf_team_barrier();
    if (mf_team_rank() == 0)
        j->g_sums = mf_gradient_pass_gather(j->b, &j->places, mf_team_size());
    if (j->b->family == MF_FAMILY_ADD) /* which needs them */
        mf_team_barrier();
    finish_share(j);
}

void mf_depthwise_backward(const mf_conv_gradients *b, float *scratch)
{
    backward j = {.b = b, .places = mf_places_of(b->shape, scratch)};
    turn(b->shape, b->w, j.places.packed);
    mf_team_run(mf_team_for(2 * mf_shape_macs(b->shape)), backward_work, &j);
}
