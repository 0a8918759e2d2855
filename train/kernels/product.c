/* Columns outermost, so that one tile of B is used for all rows of a block before the next. */
#include "train/kernels/product.h"

#include "train/kernels/columns.h"

#include <string.h>

enum { STEPS = 128 }; /* of a portion: 32 KiB with the widest tile */

/* The n-th of the tiles over so many vectors: widths differ by at most one. */
static size_t tile_begin(size_t vectors, size_t n_tiles, size_t n)
{
    return vectors * n / n_tiles;
}

static size_t n_tiles_of(size_t vectors)
{
    return (vectors + MF_TILE_VECTORS - 1) / MF_TILE_VECTORS;
}

size_t mf_packed_size(size_t columns, size_t depth)
{
    return mf_vectors(columns) * MF_LANES * depth;
}

static void pack_tile(float *to, size_t width, size_t columns, size_t n, mf_matrix from)
{
    if (from.column == 1) {
        for (size_t k = 0; k < n; k++)
            for (size_t c = 0; c < width; c++)
                to[k * width + c] = c < columns ? from.from[k * from.step + c] : 0;
        return;
    }
    for (size_t c = 0; c < width; c++)
        for (size_t k = 0; k < n; k++)
            to[k * width + c] = c < columns ? from.from[k * from.step + c * from.column] : 0;
}

void mf_pack(float *packed, size_t columns, size_t depth, size_t first, size_t n, mf_matrix from)
{
    size_t vectors = mf_vectors(columns), n_tiles = n_tiles_of(vectors);
    for (size_t t = 0; t < n_tiles; t++) {
        size_t begin = tile_begin(vectors, n_tiles, t) * MF_LANES,
               end = tile_begin(vectors, n_tiles, t + 1) * MF_LANES, width = end - begin;
        mf_matrix part = {from.from + begin * from.column, from.step, from.column};
        pack_tile(packed + begin * depth + first * width, width, mf_least(columns, end) - begin, n,
                  part);
    }
}

/* All rows of one tile of columns. */
static void run_rows(const mf_product *p, mf_tile tile, size_t vectors)
{
    size_t a_row = p->kind == MF_TILE_OUTER ? 1 : p->a_far, done = 0;
    while (done < p->rows) {
        size_t taken;
        mf_tile_kernel *kernel = mf_tile_choose(p->kind, vectors, p->rows - done, &taken);
        for (; done + taken <= p->rows; done += taken) {
            tile.ahead = mf_ahead_take(p->ahead, tile.steps, tile.b);
            kernel(&tile);
            tile.a += taken * a_row;
            tile.c += taken * p->c_row;
            if (tile.x)
                tile.x += taken * p->x_row;
            if (tile.row)
                tile.row += taken;
        }
    }
}

/* Steps in portions, so that the tile of B stays in the first cache for all rows; terms of rows and
 * columns join the last portion. */
static void run_steps(const mf_product *p, mf_tile tile, size_t vectors)
{
    bool outer = p->kind == MF_TILE_OUTER;
    size_t n = (p->depth + STEPS - 1) / STEPS;
    for (size_t i = 0; i < n; i++) {
        size_t begin = p->depth * i / n, end = p->depth * (i + 1) / n;
        bool last = i + 1 == n;
        mf_tile part = tile;
        part.a += begin * (outer ? p->a_far : 1);
        part.b += begin * (outer ? p->b_step : vectors * MF_LANES);
        part.steps = end - begin;
        part.adds = tile.adds || i;
        part.row = last ? tile.row : NULL;
        part.column = last ? tile.column : NULL;
        run_rows(p, part, vectors);
    }
}

void mf_product_run(const mf_product *p)
{
    size_t vectors = mf_vectors(p->columns), n_tiles = n_tiles_of(vectors);
    bool outer = p->kind == MF_TILE_OUTER;
    for (size_t r = 0; r < p->rows && !p->depth; r++)
        memset(p->c + r * p->c_row, 0, p->columns * sizeof *p->c);
    for (size_t t = 0; t < n_tiles && p->depth; t++) {
        size_t begin = tile_begin(vectors, n_tiles, t), end = tile_begin(vectors, n_tiles, t + 1),
               first = begin * MF_LANES;
        mf_tile tile = {.a = p->a,
                        .b = p->b + (outer ? first : first * p->depth),
                        .x = p->x ? p->x + first : NULL,
                        .c = p->c + first,
                        .a_far = p->a_far,
                        .b_step = p->b_step,
                        .c_row = p->c_row,
                        .x_row = p->x_row,
                        .adds = p->adds,
                        .some = end * MF_LANES > p->columns,
                        .last = mf_last_mask(p->columns),
                        .column = p->column ? p->column + first : NULL,
                        .row = p->row};
        run_steps(p, tile, end - begin);
        if (p->sums) /* while the columns are in the first cache */
            mf_column_sums(p->rows, mf_least(p->columns, end * MF_LANES) - first, tile.c, p->c_row,
                           p->sums + first, p->squares + first);
    }
}
