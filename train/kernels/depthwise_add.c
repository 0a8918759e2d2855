/* Depthwise convolution of the Add family, in plain loops over channels: the networks of the paper
 * keep these layers multiplicative. Taps in the padding see x = 0 and count. */
#include "train/kernels/columns.h"
#include "train/kernels/internal.h"
#include "train/kernels/vector.h"

#include <string.h>

/* The input under tap (r, s) of output (e, f); NULL in the padding. */
static const float *under(const mf_shape *p, const float *image, size_t e, size_t f, size_t r,
                          size_t s)
{
    size_t row = e * p->stride + r - p->pad_rows, column = f * p->stride + s - p->pad_columns;
    return row < p->h && column < p->w ? image + (row * p->w + column) * p->c : NULL;
}

/* y -= |x - w|. */
static void take_distance(size_t n, const float *x, const float *w, float *y)
{
    for (size_t c = 0; c < n; c++) {
        float d = (x ? x[c] : 0) - w[c];
        y[c] -= d < 0 ? -d : d;
    }
}

static void forward_pixel(const mf_shape *p, const float *image, const float *w, const float *bias,
                          size_t e, size_t f, float *y)
{
    for (size_t c = 0; c < p->c; c++)
        y[c] = bias ? bias[c] : 0;
    for (size_t r = 0; r < p->r; r++)
        for (size_t s = 0; s < p->s; s++)
            take_distance(p->c, under(p, image, e, f, r, s), w + (r * p->s + s) * p->c, y);
}

void mf_depthwise_add_forward(const mf_shape *p, const float *x, const float *w, const float *bias,
                              float *y, const mf_channel_sums *sums, float *scratch)
{
    mf_places places = mf_places_of(p, scratch);
    size_t image = p->h * p->w * p->c, far = p->f * p->c;
    int n_threads = 1;
#pragma omp parallel num_threads(mf_team(mf_shape_macs(p)))
    {
#pragma omp single nowait
        n_threads = omp_get_num_threads();
        double *own = mf_sums_of(&places, (size_t)omp_get_thread_num());
        mf_range share = mf_share(p->n * p->e, 1);
        memset(own, 0, 2 * p->c * sizeof *own);
        for (size_t row = share.begin; row < share.end; row++) {
            for (size_t f = 0; f < p->f; f++)
                forward_pixel(p, x + row / p->e * image, w, bias, row % p->e, f,
                              y + row * far + f * p->c);
            if (sums)
                mf_column_sums(p->f, p->c, y + row * far, p->c, own, own + p->c);
        }
    }
    if (sums)
        mf_gather_sums(&places, n_threads, p->m, sums);
}

static void add_clipped(size_t n, const float *x, const float *w, const float *g, float *dx)
{
    for (size_t c = 0; c < n; c++) {
        float d = w[c] - x[c];
        d = d < -1 ? -1 : d > 1 ? 1 : d;
        dx[c] += d * g[c];
    }
}

static void input_image(const mf_shape *p, const float *x, const float *w, const float *g,
                        float *dx)
{
    memset(dx, 0, p->h * p->w * p->c * sizeof *dx);
    for (size_t e = 0; e < p->e; e++)
        for (size_t f = 0; f < p->f; f++, g += p->c)
            for (size_t r = 0; r < p->r; r++)
                for (size_t s = 0; s < p->s; s++) {
                    const float *from = under(p, x, e, f, r, s);
                    if (from)
                        add_clipped(p->c, from, w + (r * p->s + s) * p->c, g, dx + (from - x));
                }
}

void mf_depthwise_add_input(const mf_shape *p, const float *x, const float *w, const float *g,
                            float *dx)
{
    size_t image = p->h * p->w * p->c;
#pragma omp parallel for schedule(static) num_threads(mf_team(mf_shape_macs(p)))
    for (size_t n = 0; n < p->n; n++)
        input_image(p, x + n * image, w, g + n * p->e * p->f * p->c, dx + n * image);
}

static void add_difference(size_t n, const float *x, const float *w, const float *g, float *dw)
{
    for (size_t c = 0; c < n; c++)
        dw[c] += ((x ? x[c] : 0) - w[c]) * g[c];
}

static void weights_tap(const mf_shape *p, const float *x, const float *w, const float *g, size_t r,
                        size_t s, float *dw)
{
    memset(dw, 0, p->c * sizeof *dw);
    for (size_t n = 0; n < p->n; n++)
        for (size_t e = 0; e < p->e; e++)
            for (size_t f = 0; f < p->f; f++, g += p->c)
                add_difference(p->c, under(p, x + n * p->h * p->w * p->c, e, f, r, s), w, g, dw);
}

void mf_depthwise_add_weights(const mf_shape *p, const float *x, const float *w, const float *g,
                              float *dw)
{
#pragma omp parallel for schedule(static) num_threads(mf_team(mf_shape_macs(p)))
    for (size_t tap = 0; tap < p->r * p->s; tap++)
        weights_tap(p, x, w + tap * p->c, g, tap / p->s, tap % p->s, dw + tap * p->c);
}
