/* One template, expanded for every kind, height and width. Loops over the constants unroll and the
 * tile becomes registers; heights are such that accumulators, a row of B and temporaries just fill
 * the register file, and smaller ones for what is left at the edges. */
#include "train/kernels/tile.h"

#define UNROLL _Pragma("GCC unroll 16")

MF_INLINE void add_step(mf_tile_kind kind, size_t rows, size_t vectors, vf sum[14][4],
                        const float *a, size_t a_row, const vf *b, const mf_tile *t)
{
    UNROLL for (size_t r = 0; r < rows; r++)
    {
        vf one = v_all(a[r * a_row]);
        UNROLL for (size_t v = 0; v < vectors; v++)
        {
            if (kind == MF_TILE_MAXIMUM)
                sum[r][v] += v_max(one, b[v]);
            else if (kind == MF_TILE_CLIP)
                sum[r][v] = v_fma(v_clip(b[v] - v_load_if(v + 1 == vectors && t->some, t->last,
                                                          t->x + r * t->x_row + v * MF_LANES)),
                                  one, sum[r][v]);
            else
                sum[r][v] = v_fma(one, b[v], sum[r][v]);
        }
    }
}

MF_INLINE void sum_up(mf_tile_kind kind, size_t rows, size_t vectors, int some, vf sum[14][4],
                      const mf_tile *t)
{
    bool outer = kind == MF_TILE_OUTER;
    const float *a = t->a, *b = t->b;
    size_t a_row = outer ? 1 : t->a_far, a_step = outer ? t->a_far : 1,
           b_step = outer ? t->b_step : vectors * MF_LANES;
    _Pragma("GCC unroll 4") for (size_t k = 0; k < t->steps; k++, a += a_step, b += b_step)
    {
        vf row[4];
        UNROLL for (size_t v = 0; v < vectors; v++) row[v] =
            v_load_if(outer && some && v + 1 == vectors, t->last, b + v * MF_LANES);
        add_step(kind, rows, vectors, sum, a, a_row, row, t);
    }
}

/* The fields are copied first: stores to C might change them, for all the compiler knows. */
MF_INLINE void finish(mf_tile_kind kind, size_t rows, size_t vectors, int some, vf sum[14][4],
                      const mf_tile *t)
{
    const float *row = t->row, *column = t->column;
    float *c = t->c;
    size_t c_row = t->c_row;
    vm last = t->last;
    if (kind == MF_TILE_MAXIMUM)
        UNROLL for (size_t r = 0; r < rows; r++) UNROLL for (size_t v = 0; v < vectors; v++)
            sum[r][v] *= v_all(-2);
    if (row)
        UNROLL for (size_t r = 0; r < rows; r++) UNROLL for (size_t v = 0; v < vectors; v++)
            sum[r][v] += v_all(row[r]);
    if (column)
        UNROLL for (size_t v = 0; v < vectors; v++) UNROLL for (size_t r = 0; r < rows; r++)
            sum[r][v] += v_load(column + v * MF_LANES);
    if (t->adds)
        UNROLL for (size_t r = 0; r < rows; r++) UNROLL for (size_t v = 0; v < vectors; v++)
            sum[r][v] += v_load_if(some && v + 1 == vectors, last, c + r * c_row + v * MF_LANES);
    UNROLL for (size_t r = 0; r < rows; r++) UNROLL for (size_t v = 0; v < vectors; v++)
        v_store_if(some && v + 1 == vectors, last, c + r * c_row + v * MF_LANES, sum[r][v]);
}

MF_INLINE void run(mf_tile_kind kind, size_t rows, size_t vectors, int some, const mf_tile *t)
{
    vf sum[14][4];
    UNROLL for (size_t r = 0; r < rows; r++) UNROLL for (size_t v = 0; v < vectors; v++) sum[r][v] =
        v_zero();
    sum_up(kind, rows, vectors, some, sum, t);
    finish(kind, rows, vectors, some, sum, t);
}

#define KERNEL(kind, rows, vectors)                                                                \
    static void tile_##kind##_##rows##_##vectors(const mf_tile *t)                                 \
    {                                                                                              \
        if (t->some)                                                                               \
            run(MF_TILE_##kind, rows, vectors, 1, t);                                              \
        else                                                                                       \
            run(MF_TILE_##kind, rows, vectors, 0, t);                                              \
    }

/* Heights per width, tallest first. */
#if defined __AVX512F__ && defined __AVX512DQ__
#define EACH(X, kind)                                                                              \
    X(kind, 14, 1)                                                                                 \
    X(kind, 7, 1)                                                                                  \
    X(kind, 3, 1)                                                                                  \
    X(kind, 1, 1)                                                                                  \
    X(kind, 12, 2)                                                                                 \
    X(kind, 6, 2) X(kind, 3, 2) X(kind, 1, 2) X(kind, 8, 3) X(kind, 4, 3) X(kind, 2, 3)            \
        X(kind, 1, 3) X(kind, 6, 4) X(kind, 3, 4) X(kind, 2, 4) X(kind, 1, 4)
#else
#define EACH(X, kind)                                                                              \
    X(kind, 10, 1)                                                                                 \
    X(kind, 5, 1)                                                                                  \
    X(kind, 2, 1)                                                                                  \
    X(kind, 1, 1)                                                                                  \
    X(kind, 6, 2)                                                                                  \
    X(kind, 3, 2) X(kind, 2, 2) X(kind, 1, 2) X(kind, 4, 3) X(kind, 3, 3) X(kind, 2, 3)            \
        X(kind, 1, 3)
#endif
EACH(KERNEL, PRODUCT)
EACH(KERNEL, MAXIMUM)
EACH(KERNEL, CLIP)
EACH(KERNEL, OUTER)

enum { HEIGHTS = 4 };

typedef struct entry {
    size_t rows, vectors;
    mf_tile_kernel *kernel;
} entry;

#define ENTRY(kind, rows, vectors) {rows, vectors, tile_##kind##_##rows##_##vectors},
static const entry entries[MF_N_TILE_KINDS][HEIGHTS * MF_TILE_VECTORS] = {
    {EACH(ENTRY, PRODUCT)}, {EACH(ENTRY, MAXIMUM)}, {EACH(ENTRY, CLIP)}, {EACH(ENTRY, OUTER)}};

size_t mf_tile_rows(mf_tile_kind kind, size_t vectors)
{
    return entries[kind][(vectors - 1) * HEIGHTS].rows;
}

mf_tile_kernel *mf_tile_choose(mf_tile_kind kind, size_t vectors, size_t rows, size_t *taken)
{
    const entry *e = &entries[kind][(vectors - 1) * HEIGHTS];
    while (e->rows > rows)
        e++;
    *taken = e->rows;
    return e->kernel;
}
