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

/* What all of them work on. */
typedef struct job {
    size_t n_pixels, channels;
    const mf_map *x, *z;
    const mf_gradient *gradient;
    const float *da;
    const mf_norm_sums *sums;
    float *to;
    mf_places places;
} job;

static size_t run(job *j, float *scratch, void (*work)(void *user))
{
    size_t n_threads = mf_team_for(j->n_pixels * j->channels * OPERATIONS);
    j->places = mf_places_of(&(mf_shape){.m = j->channels, .g = 1}, scratch);
    mf_team_run(n_threads, work, j);
    return n_threads;
}

static float *tables_of(const job *j)
{
    return mf_part_of(&j->places, mf_team_rank()) + j->places.layout.tables;
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

static void write_map(void *user)
{
    const job *j = user;
    mf_reader r = mf_reader_of_map(j->x, j->channels, tables_of(j));
    write(&r, mf_share(j->n_pixels, 16), j->to);
}

void mf_read_map(uint64_t n_pixels, uint64_t n_channels, const mf_map *map, float *a,
                 float *scratch)
{
    job j = {.n_pixels = n_pixels, .channels = n_channels, .x = map, .to = a};
    run(&j, scratch, write_map);
}

static void write_gradient(void *user)
{
    const job *j = user;
    mf_reader r = mf_reader_of_gradient(j->gradient, j->channels, tables_of(j));
    write(&r, mf_share(j->n_pixels, 16), j->to);
}

void mf_read_gradient(uint64_t n_pixels, uint64_t n_channels, const mf_gradient *gradient,
                      float *dy, float *scratch)
{
    job j = {.n_pixels = n_pixels, .channels = n_channels, .gradient = gradient, .to = dy};
    run(&j, scratch, write_gradient);
}

static void sum_share(void *user)
{
    const job *j = user;
    double *own = mf_sums_of(&j->places, mf_team_rank());
    memset(own, 0, 2 * j->channels * sizeof *own);
    mf_summer s = mf_summer_of(j->x, j->sums->mean, j->channels, tables_of(j), own);
    mf_range share = mf_share(j->n_pixels, 16);
    mf_summer_add(&s, share.begin, share.end - share.begin, j->da + share.begin * j->channels);
    mf_summer_end(&s);
}

void mf_norm_sums_of(uint64_t n_pixels, uint64_t n_channels, const mf_map *map, const float *da,
                     const mf_norm_sums *sums, float *scratch)
{
    job j = {.n_pixels = n_pixels, .channels = n_channels, .x = map, .da = da, .sums = sums};
    size_t n_threads = run(&j, scratch, sum_share);
    mf_gather_sums(&j.places, n_threads, n_channels, &(mf_channel_sums){sums->sum, sums->product});
}

/* x is read into its place, z beside it; `row` has room for a pixel that a block has not. */
static void add_blocks(const mf_reader *x, const mf_reader *z, mf_range share, float *row, float *y)
{
    float blocks[BLOCK_FLOATS], *buffer = x->channels > BLOCK_FLOATS ? row : blocks;
    size_t channels = x->channels, block = channels > BLOCK_FLOATS ? 1 : BLOCK_FLOATS / channels;
    for (size_t i = share.begin; i < share.end; i += block) {
        size_t n = mf_least(block, share.end - i);
        float *to = y + i * channels;
        const float *a = mf_read(x, i, n, to), *b = mf_read(z, i, n, buffer);
        v_add_arrays(n * channels, a, b, to);
    }
}

static void add_share(void *user)
{
    const job *j = user;
    size_t tables = MF_READER_TABLES * mf_row_floats(j->channels);
    float *begin = tables_of(j);
    mf_reader x = mf_reader_of_map(j->x, j->channels, begin),
              z = mf_reader_of_map(j->z, j->channels, begin + tables);
    add_blocks(&x, &z, mf_share(j->n_pixels, 16), begin + 2 * tables, j->to);
}

void mf_add_maps(uint64_t n_pixels, uint64_t n_channels, const mf_map *x, const mf_map *z, float *y,
                 float *scratch)
{
    job j = {.n_pixels = n_pixels, .channels = n_channels, .x = x, .z = z, .to = y};
    run(&j, scratch, add_share);
}
