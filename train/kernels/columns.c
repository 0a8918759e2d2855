/* Eight chains of additions at a time: several rows of a narrow block, several vectors of a wide
 * one. Within ROWS_IN_FLOAT rows floats are exact enough; from there on doubles. */
#include "train/kernels/columns.h"

#include "train/kernels/vector.h"

#include <string.h>

enum { ROWS_IN_FLOAT = 64, WIDEST = 4 };

/* With x = pivot + d: sum of x = n pivot + sum of d, of squares = n pivot^2 + 2 pivot sum of d +
 * sum of d^2. */
MF_INLINE void flush(size_t n_rows, int some, size_t lanes, vf pivot, vf sum, vf square,
                     double *sums, double *squares)
{
    vd p = V_DOUBLES(pivot), s = V_DOUBLES(sum), q = V_DOUBLES(square), old[2];
    vf rows = v_all((float)n_rows);
    vd added = p * V_DOUBLES(rows) + s, squared = p * (added + s) + q;
    if (!some) {
        memcpy(&old[0], sums, sizeof(vd));
        memcpy(&old[1], squares, sizeof(vd));
        old[0] += added;
        old[1] += squared;
        memcpy(sums, &old[0], sizeof(vd));
        memcpy(squares, &old[1], sizeof(vd));
        return;
    }
    for (size_t i = 0; i < lanes; i++) {
        sums[i] += added[i];
        squares[i] += squared[i];
    }
}

/* The mean of a few rows: one alone may lie far from all others. */
MF_INLINE vf pivot_of(int some, vm mask, size_t rows, const float *x, size_t pitch)
{
    vf first = v_load_if(some, mask, x), second = v_load_if(some, mask, x + rows / 3 * pitch),
       third = v_load_if(some, mask, x + rows * 2 / 3 * pitch),
       last = v_load_if(some, mask, x + (rows - 1) * pitch);
    return (first + second + (third + last)) * v_all(0.25f);
}

/* `at_once` rows of `vectors` vectors, the last of them perhaps not whole. */
MF_INLINE void add_rows(size_t vectors, size_t at_once, int some, vm mask, const float *x,
                        size_t pitch, const vf *pivot, vf *sum, vf *square)
{
    MF_UNROLL for (size_t r = 0; r < at_once; r++) MF_UNROLL for (size_t v = 0; v < vectors; v++)
    {
        int part = some && v + 1 == vectors;
        vf d = v_load_if(part, mask, x + r * pitch + v * MF_LANES) - pivot[v];
        sum[r * vectors + v] += d;
        square[r * vectors + v] = v_fma(d, d, square[r * vectors + v]);
    }
}

MF_INLINE void sums_of(size_t vectors, int some, size_t lanes, size_t rows, const float *x,
                       size_t pitch, double *sums, double *squares)
{
    enum { CHAINS = 4 };
    const size_t at_once = CHAINS / vectors;
    vm mask = v_first(lanes);
    vf pivot[WIDEST], sum[CHAINS], square[CHAINS];
    MF_UNROLL for (size_t v = 0; v < vectors; v++) pivot[v] =
        pivot_of(some && v + 1 == vectors, mask, rows, x + v * MF_LANES, pitch);
    MF_UNROLL for (size_t i = 0; i < at_once * vectors; i++) sum[i] = square[i] = v_zero();
    size_t r = 0;
    for (; r + at_once <= rows; r += at_once)
        add_rows(vectors, at_once, some, mask, x + r * pitch, pitch, pivot, sum, square);
    for (; r < rows; r++)
        add_rows(vectors, 1, some, mask, x + r * pitch, pitch, pivot, sum, square);
    MF_UNROLL for (size_t v = 0; v < vectors; v++)
    {
        MF_UNROLL for (size_t i = 1; i < at_once; i++)
        {
            sum[v] += sum[i * vectors + v];
            square[v] += square[i * vectors + v];
        }
        flush(rows, some && v + 1 == vectors, lanes, pivot[v], sum[v], square[v],
              sums + v * MF_LANES, squares + v * MF_LANES);
    }
}

/* At most WIDEST vectors of columns, the last with `lanes` lanes. */
static void sums_of_some(size_t vectors, size_t lanes, size_t rows, const float *x, size_t pitch,
                         double *sums, double *squares)
{
    bool some = lanes < MF_LANES;
    switch (vectors + (some ? WIDEST : 0)) {
#define CASE(vectors)                                                                              \
    case vectors:                                                                                  \
        sums_of(vectors, 0, MF_LANES, rows, x, pitch, sums, squares);                              \
        break;                                                                                     \
    case WIDEST + vectors:                                                                         \
        sums_of(vectors, 1, lanes, rows, x, pitch, sums, squares);                                 \
        break;
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
#undef CASE
    }
}

void mf_column_sums(size_t rows, size_t columns, const float *x, size_t pitch, double *sums,
                    double *squares)
{
    for (size_t i = 0; i < rows; i += ROWS_IN_FLOAT) {
        size_t n = mf_least(ROWS_IN_FLOAT, rows - i);
        for (size_t c = 0; c < columns; c += WIDEST * MF_LANES) {
            size_t width = mf_least(WIDEST * MF_LANES, columns - c), vectors = mf_vectors(width);
            sums_of_some(vectors, width - (vectors - 1) * MF_LANES, n, x + i * pitch + c, pitch,
                         sums + c, squares + c);
        }
    }
}

void mf_column_sum(size_t rows, size_t columns, const float *x, size_t pitch, double *sums)
{
    for (size_t c = 0; c < columns; c += MF_LANES) {
        size_t lanes = mf_least(MF_LANES, columns - c);
        int some = lanes < MF_LANES;
        vm mask = v_first(lanes);
        for (size_t i = 0; i < rows; i += ROWS_IN_FLOAT) {
            const float *at = x + i * pitch + c;
            size_t n = mf_least(ROWS_IN_FLOAT, rows - i), k = 0;
            vf even = v_zero(), odd = v_zero();
            for (; k + 2 <= n; k += 2, at += 2 * pitch) {
                even += v_load_if(some, mask, at);
                odd += v_load_if(some, mask, at + pitch);
            }
            if (k < n)
                even += v_load_if(some, mask, at);
            vd all = V_DOUBLES(even + odd);
            for (size_t lane = 0; lane < lanes; lane++)
                sums[c + lane] += all[lane];
        }
    }
}

void mf_row_sums(size_t rows, size_t columns, const float *x, size_t pitch, float *sums)
{
    size_t whole = columns / MF_LANES * MF_LANES;
    vm mask = v_first(columns - whole ? columns - whole : 1);
    for (size_t r = 0; r < rows; r++, x += pitch) {
        vf sum = whole < columns ? v_load_some(mask, x + whole) : v_zero();
        for (size_t c = 0; c < whole; c += MF_LANES)
            sum += v_load(x + c);
        sums[r] = v_sum(sum);
    }
}
