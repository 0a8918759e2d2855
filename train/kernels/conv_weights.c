/* dw: each thread adds up its chunks in an array of its own; then the arrays are added, thread
 * after thread. Vectors run along outputs or along the taps, whichever fills them better: 48 taps x
 * 8 outputs leave no lane empty one way, half of them the other.
 *
 * Add: sum of (x - w) * g = the product less w * sum of g. */
#include "train/kernels/conv_parts.h"
#include "train/kernels/product.h"
#include "train/kernels/windows.h"

/* Share of the lanes that n floats fill. */
static double filling(size_t n)
{
    return (double)n / (double)(mf_vectors(n) * MF_LANES);
}

bool mf_weights_lie(size_t depth, size_t columns)
{
    return filling(depth) > filling(columns);
}

/* One group, n output pixels of the chunk from `begin`. */
static void run_block(const mf_dense *d, const mf_chunk *chunk, size_t group, size_t begin,
                      size_t n, bool joins)
{
    float *part = chunk->part;
    mf_windows windows = mf_windows_of_input(d->p, chunk->x);
    windows.map += group * windows.depth;
    const float *inputs = windows.map + begin * windows.pitch,
                *gradients = chunk->g + begin * d->p->m + group * d->m;
    size_t step = windows.pitch;
    if (!mf_windows_direct(&windows)) {
        mf_windows_gather(&windows, begin, n, part + d->places.layout.panel);
        inputs = part + d->places.layout.panel;
        step = d->depth;
    }
    mf_product product = {.kind = MF_TILE_OUTER,
                          .rows = d->along_taps ? d->m : d->depth,
                          .columns = d->along_taps ? d->depth : d->m,
                          .depth = n,
                          .a = d->along_taps ? gradients : inputs,
                          .a_far = d->along_taps ? d->p->m : step,
                          .b = d->along_taps ? inputs : gradients,
                          .b_step = d->along_taps ? step : d->p->m,
                          .c = part + d->places.layout.dw + group * d->depth * d->m,
                          .adds = joins,
                          .ahead = chunk->ahead};
    product.c_row = product.columns;
    mf_product_run(&product);
}

void mf_weights_chunk(const mf_dense *d, const mf_chunk *chunk, bool joins)
{
    size_t n_pixels = chunk->units * d->unit.out;
    for (size_t i = 0; i < n_pixels; i += MF_OUTER_ROWS)
        for (size_t group = 0; group < d->p->g; group++)
            run_block(d, chunk, group, i, mf_least(MF_OUTER_ROWS, n_pixels - i), joins || i);
}

/* Row k of one group: all threads' parts, and the correction of Add. */
static void finish_row(const mf_dense *d, size_t group, size_t k, size_t n_threads)
{
    size_t offset = group * d->depth * d->m, step = d->along_taps ? d->depth : 1;
    float *dw = d->b->dw + offset + k * d->m;
    const float *w = d->b->w + offset + k * d->m;
    for (size_t t = 0; t < n_threads; t++) {
        const float *part = mf_part_of(&d->places, t) + d->places.layout.dw + offset +
                            (d->along_taps ? k : k * d->m);
        for (size_t m = 0; m < d->m; m++)
            dw[m] = part[m * step] + (t ? dw[m] : 0);
    }
    for (size_t m = 0; m < d->m && d->b->family == MF_FAMILY_ADD; m++)
        dw[m] = (float)((double)dw[m] - (double)w[m] * d->g_sums[group * d->m + m]);
}

void mf_weights_finish(const mf_dense *d)
{
    mf_range share = mf_share(d->p->g * d->depth, 1);
    for (size_t i = share.begin; i < share.end; i++)
        finish_row(d, i / d->depth, i % d->depth, mf_team_size());
}
