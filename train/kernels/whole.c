/* Maps and gradients written down whole, for layers that are not convolutions: each thread reads
 * its pixels block by block (read.h). */
#include "train/kernels/internal.h"
#include "train/kernels/read.h"
#include "train/kernels/vector.h"

#include <string.h>

enum {
    OPERATIONS = 8,      /* that one number counts for when threads are chosen */
    BLOCK_FLOATS = 8192, /* that two maps are read in before they are added */
};

static mf_places places_for(size_t channels, float *scratch)
{
    return mf_places_of(&(mf_shape){.m = channels, .g = 1}, scratch);
}

static float *tables_of(const mf_places *places)
{
    return mf_part_of(places, (size_t)omp_get_thread_num()) + places->layout.tables;
}

/* What a plain reader points at has to be copied. */
static void write(const mf_reader *r, mf_range share, float *to)
{
    size_t n = share.end - share.begin, floats = n * r->channels;
    float *own = to + share.begin * r->channels;
    const float *from = n ? mf_read(r, share.begin, n, own) : own;
    if (from != own)
        memcpy(own, from, floats * sizeof *own);
}

void mf_read_map(uint64_t n_pixels, uint64_t n_channels, const mf_map *map, float *a,
                 float *scratch)
{
    mf_places places = places_for(n_channels, scratch);
#pragma omp parallel num_threads(mf_team(n_pixels *n_channels *OPERATIONS))
    {
        mf_reader r = mf_reader_of_map(map, n_channels, tables_of(&places));
        write(&r, mf_share(n_pixels, 16), a);
    }
}

void mf_read_gradient(uint64_t n_pixels, uint64_t n_channels, const mf_gradient *gradient,
                      float *dy, float *scratch)
{
    mf_places places = places_for(n_channels, scratch);
#pragma omp parallel num_threads(mf_team(n_pixels *n_channels *OPERATIONS))
    {
        mf_reader r = mf_reader_of_gradient(gradient, n_channels, tables_of(&places));
        write(&r, mf_share(n_pixels, 16), dy);
    }
}

void mf_norm_sums_of(uint64_t n_pixels, uint64_t n_channels, const mf_map *map, const float *da,
                     const mf_norm_sums *sums, float *scratch)
{
    mf_places places = places_for(n_channels, scratch);
    int n_threads = 1;
#pragma omp parallel num_threads(mf_team(n_pixels *n_channels *OPERATIONS))
    {
#pragma omp single nowait
        n_threads = omp_get_num_threads();
        double *own = mf_sums_of(&places, (size_t)omp_get_thread_num());
        memset(own, 0, 2 * n_channels * sizeof *own);
        mf_summer s = mf_summer_of(map, sums->mean, n_channels, tables_of(&places), own);
        mf_range share = mf_share(n_pixels, 16);
        mf_summer_add(&s, share.begin, share.end - share.begin, da + share.begin * n_channels);
        mf_summer_end(&s);
    }
    mf_gather_sums(&places, n_threads, n_channels, &(mf_channel_sums){sums->sum, sums->product});
}

/* x is read into its place, z beside it; `row` has room for a pixel that a block has not. */
static void add_share(const mf_reader *x, const mf_reader *z, mf_range share, float *row, float *y)
{
    float blocks[BLOCK_FLOATS], *buffer = x->channels > BLOCK_FLOATS ? row : blocks;
    size_t channels = x->channels, block = channels > BLOCK_FLOATS ? 1 : BLOCK_FLOATS / channels;
    for (size_t i = share.begin; i < share.end; i += block) {
        size_t n = mf_least(block, share.end - i), floats = n * channels, k = 0;
        float *to = y + i * channels;
        const float *a = mf_read(x, i, n, to), *b = mf_read(z, i, n, buffer);
        for (; k + MF_LANES <= floats; k += MF_LANES)
            v_store(to + k, v_load(a + k) + v_load(b + k));
        for (; k < floats; k++)
            to[k] = a[k] + b[k];
    }
}

void mf_add_maps(uint64_t n_pixels, uint64_t n_channels, const mf_map *x, const mf_map *z, float *y,
                 float *scratch)
{
    mf_places places = places_for(n_channels, scratch);
#pragma omp parallel num_threads(mf_team(n_pixels *n_channels *OPERATIONS))
    {
        size_t tables = MF_READER_TABLES * mf_row_floats(n_channels);
        float *begin = tables_of(&places);
        mf_reader a = mf_reader_of_map(x, n_channels, begin),
                  b = mf_reader_of_map(z, n_channels, begin + tables);
        add_share(&a, &b, mf_share(n_pixels, 16), begin + 2 * tables, y);
    }
}
