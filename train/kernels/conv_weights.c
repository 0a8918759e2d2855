/* dw: each thread adds up its pixels in an array of its own; then the arrays are added, thread
 * after thread. Vectors run along outputs or along the taps, whichever fills them better: 48 taps x
 * 8 outputs leave no lane empty one way, half of them the other.
 *
 * Add: sum of (x - w) * g = the product less w * sum of g. */
#include "train/kernels/columns.h"
#include "train/kernels/internal.h"
#include "train/kernels/product.h"
#include "train/kernels/windows.h"

#include <string.h>

typedef struct job {
    const mf_shape *p;
    mf_family family;
    const float *x, *w, *g;
    float *dw;
    mf_windows windows;
    size_t columns, depth; /* of one group */
    bool along_taps;       /* arrays are columns x depth */
    mf_places places;
} job;

/* Share of the lanes that n floats fill. */
static double filling(size_t n)
{
    return (double)n / (double)(mf_vectors(n) * MF_LANES);
}

/* One group, n pixels from `begin`. */
static void run_block(const job *j, float *part, size_t group, size_t begin, size_t n, bool adds)
{
    mf_windows windows = j->windows;
    windows.map += group * windows.depth;
    const float *x = windows.map + begin * windows.pitch,
                *g = j->g + begin * j->p->m + group * j->columns;
    size_t x_step = windows.pitch;
    if (!mf_windows_direct(&windows)) {
        mf_windows_gather(&windows, begin, n, part + j->places.layout.panel);
        x = part + j->places.layout.panel;
        x_step = j->depth;
    }
    mf_product product = {.kind = MF_TILE_OUTER,
                          .rows = j->along_taps ? j->columns : j->depth,
                          .columns = j->along_taps ? j->depth : j->columns,
                          .depth = n,
                          .a = j->along_taps ? g : x,
                          .a_far = j->along_taps ? j->p->m : x_step,
                          .b = j->along_taps ? x : g,
                          .b_step = j->along_taps ? x_step : j->p->m,
                          .c = part + j->places.layout.dw + group * j->depth * j->columns,
                          .adds = adds};
    product.c_row = product.columns;
    mf_product_run(&product);
}

static void run_share(const job *j)
{
    const mf_shape *p = j->p;
    size_t thread = (size_t)omp_get_thread_num();
    float *part = mf_part_of(&j->places, thread);
    double *sums = mf_sums_of(&j->places, thread);
    mf_range share = mf_share(p->n * p->e * p->f, 1);
    memset(sums, 0, p->m * sizeof *sums);
    if (share.begin == share.end)
        memset(part + j->places.layout.dw, 0, p->m * j->depth * sizeof *part);
    for (size_t i = share.begin; i < share.end; i += MF_OUTER_ROWS) {
        size_t n = share.end - i < MF_OUTER_ROWS ? share.end - i : MF_OUTER_ROWS;
        for (size_t g = 0; g < p->g; g++)
            run_block(j, part, g, i, n, i > share.begin);
        if (j->family == MF_FAMILY_ADD)
            mf_column_sum(n, p->m, j->g + i * p->m, p->m, sums);
    }
}

/* Row k of one group: all threads' parts, and the correction of Add. */
static void finish_row(const job *j, size_t group, size_t k, size_t n_threads)
{
    size_t offset = group * j->depth * j->columns, step = j->along_taps ? j->depth : 1;
    float *dw = j->dw + offset + k * j->columns;
    const float *w = j->w + offset + k * j->columns;
    for (size_t t = 0; t < n_threads; t++) {
        const float *part = mf_part_of(&j->places, t) + j->places.layout.dw + offset +
                            (j->along_taps ? k : k * j->columns);
        for (size_t m = 0; m < j->columns; m++)
            dw[m] = part[m * step] + (t ? dw[m] : 0);
    }
    if (j->family == MF_FAMILY_MULT)
        return;
    for (size_t m = 0; m < j->columns; m++) {
        double sum = 0;
        for (size_t t = 0; t < n_threads; t++)
            sum += mf_sums_of(&j->places, t)[group * j->columns + m];
        dw[m] = (float)((double)dw[m] - (double)w[m] * sum);
    }
}

static void finish_share(const job *j)
{
    mf_range share = mf_share(j->p->g * j->depth, 1);
    for (size_t i = share.begin; i < share.end; i++)
        finish_row(j, i / j->depth, i % j->depth, (size_t)omp_get_num_threads());
}

void mf_conv_backward_weights(const mf_shape *p, mf_family family, const float *x, const float *w,
                              const float *g, float *dw, float *scratch)
{
    if (mf_is_depthwise(p)) {
        if (family == MF_FAMILY_MULT)
            mf_depthwise_weights(p, x, g, dw, scratch);
        else
            mf_depthwise_add_weights(p, x, w, g, dw);
        return;
    }
    job j = {.p = p,
             .family = family,
             .x = x,
             .w = w,
             .g = g,
             .dw = dw,
             .windows = mf_windows_of_input(p, x),
             .columns = p->m / p->g,
             .depth = p->r * p->s * (p->c / p->g),
             .places = mf_places_of(p, scratch)};
    j.along_taps = filling(j.depth) > filling(j.columns);
#pragma omp parallel num_threads(mf_team(mf_shape_macs(p)))
    {
        run_share(&j);
#pragma omp barrier
        finish_share(&j);
    }
}
