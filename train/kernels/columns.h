/* What do the columns of a block of rows add up to? For batch norm and for gradients of what is the
 * same for all pixels: floats within some tens of rows, doubles from there on. */
#ifndef MF_TRAIN_KERNELS_COLUMNS_H
#define MF_TRAIN_KERNELS_COLUMNS_H

#include "train/kernels/build.h"

#include <stddef.h>

/* sum[c] += sum over rows of x, squares[c] += of x * x. Squares are taken of the distance to
 * some value of each block, so that a variance far below the squared mean survives. */
void MF_OWN(column_sums)(size_t rows, size_t columns, const float *x, size_t pitch, double *sum,
                         double *squares);
#define mf_column_sums MF_OWN(column_sums)

/* Only the sums. */
void MF_OWN(column_sum)(size_t rows, size_t columns, const float *x, size_t pitch, double *sum);
#define mf_column_sum MF_OWN(column_sum)

/* sums[r] = sum of the r-th row. */
void MF_OWN(row_sums)(size_t rows, size_t columns, const float *x, size_t pitch, float *sums);
#define mf_row_sums MF_OWN(row_sums)

#endif
