/* One template, expanded for every kind, height and width. Loops over the constants unroll and the
 * tile becomes registers; heights are such that accumulators, a row of B and temporaries just fill
 * the register file, and smaller ones for what is left at the edges. */
#include "train/kernels/tile.h"

#include "train/kernels/ahead.h"

/* What one step adds for row r and vector v. */
MF_INLINE vf add_term(mf_tile_kind kind, bool first, vf a, vf b, const float *x, int some, vm last,
                      vf sum)
{
    if (kind == MF_TILE_CLIP)
        b = v_clip(b - v_load_if(some, last, x));
    if (kind == MF_TILE_MAXIMUM && first)
        return v_max(a, b);
    if (kind == MF_TILE_MAXIMUM)
        return sum + v_max(a, b);
    if (first)
        return a * b;
    return v_fma(a, b, sum);
}

/* The rows of A through one pointer for every three of them, or there would not be enough registers
 * for addresses; the compiler must not know that the pointers belong together. */
typedef struct rows_of_a {
    const float *at[5];
    size_t far;
} rows_of_a;

MF_INLINE rows_of_a rows_from(const float *a, size_t rows, size_t far)
{
    rows_of_a all = {.far = far};
    MF_UNROLL for (size_t i = 0; i < (rows + 2) / 3; i++)
    {
        all.at[i] = a + 3 * i * far;
        __asm__("" : "+r"(all.at[i]));
    }
    return all;
}

MF_INLINE void add_step(mf_tile_kind kind, bool first, size_t rows, size_t vectors, int some,
                        vf sum[14][4], const rows_of_a *a, const float *b, const mf_tile *t)
{
    bool outer = kind == MF_TILE_OUTER;
    vf row[4];
    MF_UNROLL for (size_t v = 0; v < vectors; v++) row[v] =
        v_load_if(outer && some && v + 1 == vectors, t->last, b + v * MF_LANES);
    MF_UNROLL for (size_t r = 0; r < rows; r++)
    {
        vf one = v_all(outer ? a->at[0][r] : a->at[r / 3][r % 3 * a->far]);
        MF_UNROLL for (size_t v = 0; v < vectors; v++) sum[r][v] =
            add_term(kind, first, one, row[v], t->x + r * t->x_row + v * MF_LANES,
                     some && v + 1 == vectors, t->last, sum[r][v]);
    }
}

/* The first step makes the sums, so that they need not be cleared. Every step asks for a line that
 * somebody will read later, for the second cache. */
MF_INLINE void sum_up(mf_tile_kind kind, size_t rows, size_t vectors, int some, vf sum[14][4],
                      const mf_tile *t)
{
    bool outer = kind == MF_TILE_OUTER;
    const float *b = t->b;
    size_t pointers = outer ? 1 : (rows + 2) / 3, a_step = outer ? t->a_far : 1,
           b_step = outer ? t->b_step : vectors * MF_LANES, steps = t->steps;
    const float *ahead = t->ahead;
    rows_of_a a = rows_from(t->a, outer ? 1 : rows, t->a_far);
    __builtin_prefetch(ahead, 0, 2);
    add_step(kind, true, rows, vectors, some, sum, &a, b, t);
    MF_UNROLL_STEPS for (size_t k = 1; k < steps; k++)
    {
        MF_UNROLL for (size_t i = 0; i < pointers; i++) a.at[i] += a_step;
        b += b_step;
        ahead += MF_LINE_FLOATS;
        __builtin_prefetch(ahead, 0, 2);
        add_step(kind, false, rows, vectors, some, sum, &a, b, t);
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
        MF_UNROLL for (size_t r = 0; r < rows; r++) MF_UNROLL for (size_t v = 0; v < vectors; v++)
            sum[r][v] *= v_all(-2);
    if (row)
        MF_UNROLL for (size_t r = 0; r < rows; r++) MF_UNROLL for (size_t v = 0; v < vectors; v++)
            sum[r][v] += v_all(row[r]);
    if (column)
        MF_UNROLL for (size_t v = 0; v < vectors; v++) MF_UNROLL for (size_t r = 0; r < rows; r++)
            sum[r][v] += v_load(column + v * MF_LANES);
    if (t->adds)
        MF_UNROLL for (size_t r = 0; r < rows; r++) MF_UNROLL for (size_t v = 0; v < vectors; v++)
            sum[r][v] += v_load_if(some && v + 1 == vectors, last, c + r * c_row + v * MF_LANES);
    MF_UNROLL for (size_t r = 0; r < rows; r++) MF_UNROLL for (size_t v = 0; v < vectors; v++)
        v_store_if(some && v + 1 == vectors, last, c + r * c_row + v * MF_LANES, sum[r][v]);
}

MF_INLINE void run(mf_tile_kind kind, size_t rows, size_t vectors, int some, const mf_tile *t)
{
    vf sum[14][4];
    MF_UNROLL for (size_t r = 0; r < rows; r++) MF_UNROLL for (size_t v = 0; v < vectors; v++)
        sum[r][v] = v_zero();
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
    X(kind, 6, 2)                                                                                  \
    X(kind, 3, 2)                                                                                  \
    X(kind, 1, 2)                                                                                  \
    X(kind, 8, 3)                                                                                  \
    X(kind, 4, 3)                                                                                  \
    X(kind, 2, 3) X(kind, 1, 3) X(kind, 6, 4) X(kind, 3, 4) X(kind, 2, 4) X(kind, 1, 4)
#else
#define EACH(X, kind)                                                                              \
    X(kind, 10, 1)                                                                                 \
    X(kind, 5, 1)                                                                                  \
    X(kind, 2, 1)                                                                                  \
    X(kind, 1, 1)                                                                                  \
    X(kind, 6, 2)                                                                                  \
    X(kind, 3, 2)                                                                                  \
    X(kind, 2, 2) X(kind, 1, 2) X(kind, 4, 3) X(kind, 3, 3) X(kind, 2, 3) X(kind, 1, 3)
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
