/* Register accumulators for one vector of columns at a time. */
#include "train/kernels/columns.h"

#include "train/kernels/vector.h"

enum { ROWS_IN_FLOAT = 64 };

/* With x = pivot + d: sum of x = n pivot + sum of d, of squares = n pivot^2 + 2 pivot sum of d +
 * sum of d^2. */
static void flush(size_t n_rows, size_t lanes, vf pivot, vf sum, vf square, double *sums,
                  double *squares)
{
    float p[MF_LANES], s[MF_LANES], q[MF_LANES];
    double n = (double)n_rows;
    v_store(p, pivot);
    v_store(s, sum);
    v_store(q, square);
    for (size_t i = 0; i < lanes; i++) {
        double at = (double)p[i], d = (double)s[i];
        sums[i] += n * at + d;
        squares[i] += at * (n * at + 2 * d) + (double)q[i];
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

MF_INLINE void sums_of_vector(int some, vm mask, size_t rows, const float *x, size_t pitch,
                              vf pivot, vf *sum, vf *square)
{
    vf s0 = v_zero(), q0 = v_zero(), s1 = v_zero(), q1 = v_zero();
    size_t i = 0;
    for (; i + 2 <= rows; i += 2, x += 2 * pitch) {
        vf d0 = v_load_if(some, mask, x) - pivot, d1 = v_load_if(some, mask, x + pitch) - pivot;
        s0 += d0;
        q0 = v_fma(d0, d0, q0);
        s1 += d1;
        q1 = v_fma(d1, d1, q1);
    }
    if (i < rows) {
        vf d = v_load_if(some, mask, x) - pivot;
        s0 += d;
        q0 = v_fma(d, d, q0);
    }
    *sum = s0 + s1;
    *square = q0 + q1;
}

void mf_column_sums(size_t rows, size_t columns, const float *x, size_t pitch, double *sum,
                    double *squares)
{
    for (size_t c = 0; c < columns; c += MF_LANES) {
        size_t lanes = mf_least(MF_LANES, columns - c);
        vm mask = v_first(lanes);
        for (size_t i = 0; i < rows; i += ROWS_IN_FLOAT) {
            const float *at = x + i * pitch + c;
            size_t n = mf_least(ROWS_IN_FLOAT, rows - i);
            vf s, q, pivot = pivot_of(lanes < MF_LANES, mask, n, at, pitch);
            if (lanes < MF_LANES)
                sums_of_vector(1, mask, n, at, pitch, pivot, &s, &q);
            else
                sums_of_vector(0, mask, n, at, pitch, pivot, &s, &q);
            flush(n, lanes, pivot, s, q, sum + c, squares + c);
        }
    }
}

void mf_column_sum(size_t rows, size_t columns, const float *x, size_t pitch, double *sum)
{
    for (size_t c = 0; c < columns; c += MF_LANES) {
        size_t lanes = mf_least(MF_LANES, columns - c);
        int some = lanes < MF_LANES;
        vm mask = v_first(lanes);
        for (size_t i = 0; i < rows; i += ROWS_IN_FLOAT) {
            const float *at = x + i * pitch + c;
            size_t n = mf_least(ROWS_IN_FLOAT, rows - i);
            vf s = v_zero();
            float all[MF_LANES];
            for (size_t k = 0; k < n; k++, at += pitch)
                s += v_load_if(some, mask, at);
            v_store(all, s);
            for (size_t k = 0; k < lanes; k++)
                sum[c + k] += (double)all[k];
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
