/* Where in the caller's scratch does what lie? One layout for all functions and builds: what all
 * threads share, then one equal part per thread. All distances are in floats and multiples of 16,
 * the widest vector. */
#ifndef MF_TRAIN_KERNELS_SCRATCH_H
#define MF_TRAIN_KERNELS_SCRATCH_H

#include "base/team.h"
#include "models/shape.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MF_BLOCK_ROWS = 168,
    MF_LEAST_BLOCK_ROWS = 24,
    MF_BLOCK_FLOATS = 50000,
    MF_CHUNK_FLOATS = 100000,
    MF_OUTER_ROWS = 168
};

typedef struct mf_scratch {
    size_t packed, column; /* shared: weights as tiles read them, at its beginning; one term per
                              column */
    size_t part;           /* from thread to thread */
    /* In a part: gathered rows, at its beginning; their results and inputs; one term per row;
     * doubles per channel; a gradient of weights; maps of a chunk, or the rows of a window on them;
     * tables of readers. */
    size_t panel, out, row, sums, dw, x, g, dx, tables;
    size_t total; /* for so many threads */
} mf_scratch;

static inline size_t mf_whole(size_t n)
{
    return (n + 15) / 16 * 16;
}

static inline size_t mf_most(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* So many rows of `depth` floats as fit, within bounds; most heights of tiles divide them. */
static inline size_t mf_rows_within(size_t floats, size_t depth)
{
    size_t rows = depth ? floats / depth / 12 * 12 : MF_BLOCK_ROWS;
    if (rows < MF_LEAST_BLOCK_ROWS)
        return MF_LEAST_BLOCK_ROWS;
    return rows < MF_BLOCK_ROWS ? rows : MF_BLOCK_ROWS;
}

/* Rows of a block of a product: it stays in the second cache while every tile of weights passes by.
 */
static inline size_t mf_block_rows(size_t depth)
{
    return mf_rows_within(MF_BLOCK_FLOATS, depth);
}

/* No fewer than mf_block_rows(d) * d for any d up to depth. */
static inline size_t mf_block_floats(size_t depth)
{
    size_t whole = MF_BLOCK_ROWS * depth;
    return mf_most(whole < MF_BLOCK_FLOATS ? whole : MF_BLOCK_FLOATS, MF_LEAST_BLOCK_ROWS * depth);
}

/* ---- what is read block by block (read.h) -------------------------------------------------------
 */

/* Floats of a row of a table: a whole number of the widest vectors, if a few repetitions of the
 * channels can be one; and of the memory for it. */
static inline size_t mf_row_length(size_t channels)
{
    enum { LONGEST = 1024, WANTED = 128 };
    size_t whole = channels;
    while (whole % 16 && whole <= LONGEST)
        whole += channels;
    if (!channels)
        return 0;
    return whole % 16 ? channels : whole * ((WANTED + whole - 1) / whole);
}

static inline size_t mf_row_floats(size_t channels)
{
    return mf_whole(mf_row_length(channels));
}

/* Rows of tables of one who reads a map or a gradient, and of one who sums for batch norm. */
enum { MF_READER_TABLES = 4, MF_SUMMER_TABLES = 5 };

/* The most at once: the input is read, and its gradient summed, beside a gradient of the output; a
 * map without a convolution (whole.c) counts as output, and two may be read, and a row. */
enum {
    MF_INPUT_TABLES = MF_READER_TABLES + MF_SUMMER_TABLES,
    MF_OUTPUT_TABLES = 2 * MF_READER_TABLES + 1
};

/* What chunks consist of: pixels where every output sees one, else images. */
typedef struct mf_unit {
    size_t n, in, out; /* units in the batch; pixels of one */
    size_t chunk;      /* units that are read at once: few enough to stay near; enough to be worth a
                          call, and that wide gradients of weights, which every chunk reads and
                          writes, are not what takes the time */
} mf_unit;

static inline mf_unit mf_unit_of(const mf_shape *p)
{
    bool pixels = p->r == 1 && p->s == 1 && p->stride == 1 && !p->pad_rows && !p->pad_columns;
    size_t most = mf_rows_within(MF_CHUNK_FLOATS, 2 * p->c + p->m);
    mf_unit u = {.n = p->n, .in = p->h * p->w, .out = p->e * p->f};
    if (pixels)
        return (mf_unit){.n = p->n * u.in, .in = 1, .out = 1, .chunk = most};
    u.chunk = u.in > 0 && most / u.in > 1 ? most / u.in : 1;
    return u;
}

/* Rows of maps of a depthwise layer that a window holds: those under a kernel, and some that are
 * read with them because short runs are slow. */
static inline size_t mf_rows_ahead(size_t row_floats)
{
    enum { FLOATS = 4096 };
    return 1 + FLOATS / (row_floats ? row_floats : 1);
}

static inline mf_scratch mf_scratch_of(const mf_shape *p, size_t n_threads)
{
    size_t g = p->g ? p->g : 1, c = p->c / g, m = p->m / g, taps = p->r * p->s, depth = taps * c,
           back = taps * m, in_row = p->w * p->c, out_row = p->f * p->m;
    mf_unit unit = mf_unit_of(p);
    mf_scratch s = {0};
    s.column = g * mf_most(depth * mf_whole(m), back * mf_whole(c));
    size_t shared = mf_whole(s.column + g * mf_whole(m));
    s.out = mf_whole(
        mf_most(mf_most(mf_block_floats(depth), mf_block_floats(back)), MF_OUTER_ROWS * depth));
    s.row = s.out + mf_whole(2 * MF_BLOCK_ROWS * p->c);
    s.sums = s.row + mf_whole(MF_BLOCK_ROWS);
    s.dw = s.sums + mf_whole(4 * (p->c + p->m));
    s.x = s.dw + mf_whole(p->m * depth);
    s.g = s.x + mf_whole(mf_most(unit.chunk * unit.in * p->c,
                                 (p->r + p->stride + mf_rows_ahead(in_row)) * in_row));
    s.dx = s.g + mf_whole(mf_most(unit.chunk * unit.out * p->m,
                                  (p->r + 1 + mf_rows_ahead(out_row)) * out_row));
    s.tables = s.dx + mf_whole(mf_most(unit.chunk * unit.in * p->c, in_row));
    s.part =
        s.tables + MF_INPUT_TABLES * mf_row_floats(p->c) + MF_OUTPUT_TABLES * mf_row_floats(p->m);
    s.total = 16 + shared + n_threads * s.part; /* 16: to align */
    return s;
}

/* The same with places instead of sizes. */
typedef struct mf_places {
    float *packed, *column, *parts;
    mf_scratch layout;
} mf_places;

static inline mf_places mf_places_of(const mf_shape *p, float *scratch)
{
    mf_scratch s = mf_scratch_of(p, 1);
    float *base = (float *)(((uintptr_t)scratch + 63) / 64 * 64);
    return (mf_places){base, base + s.column, base + (s.total - 16 - s.part), s};
}

static inline float *mf_part_of(const mf_places *places, size_t thread)
{
    return places->parts + thread * places->layout.part;
}

static inline double *mf_sums_of(const mf_places *places, size_t thread)
{
    return (double *)(void *)(mf_part_of(places, thread) + places->layout.sums);
}

/* Threads for so many operations: with little to do, starting others costs more than it gains. */
static inline size_t mf_team_for(uint64_t n_operations)
{
    return n_operations < 100000 ? 1 : mf_team_threads();
}

/* The part of n items that a thread takes, in whole steps. */
typedef struct mf_range {
    size_t begin, end;
} mf_range;

static inline mf_range mf_share(size_t n, size_t step)
{
    size_t threads = mf_team_size(), thread = mf_team_rank(), steps = (n + step - 1) / step,
           begin = steps * thread / threads * step, end = steps * (thread + 1) / threads * step;
    return (mf_range){begin < n ? begin : n, end < n ? end : n};
}

#endif
