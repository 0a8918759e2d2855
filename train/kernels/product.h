/* How does a block of rows times a packed matrix become register tiles? The blocked GEMM behind
 * convolutions, whose microkernel is train/kernels/tile.h. The matrix B (depth x
 * columns) is packed once per call: its columns are cut into tiles of at most MF_TILE_VECTORS
 * vectors, and each tile is stored contiguously, step after step, padded with zeros. */
#ifndef MF_TRAIN_KERNELS_PRODUCT_H
#define MF_TRAIN_KERNELS_PRODUCT_H

#include "train/kernels/ahead.h"
#include "train/kernels/tile.h"

/* B as it is: floats from step to step and from column to column. */
typedef struct mf_matrix {
    const float *from;
    size_t step, column;
} mf_matrix;

/* Floats that `columns` x `depth` take when packed. */
size_t MF_OWN(packed_size)(size_t columns, size_t depth);
#define mf_packed_size MF_OWN(packed_size)

/* Pack steps [first, first + n) of a B of `depth` steps; from.from is at step `first`. */
void MF_OWN(pack)(float *packed, size_t columns, size_t depth, size_t first, size_t n,
                  mf_matrix from);
#define mf_pack MF_OWN(pack)

/* C (rows x columns) of one product; which pointers are read depends on the kind, see tile.h. For
 * the outer product `b` is not packed but lies b_step apart. */
typedef struct mf_product {
    mf_tile_kind kind;
    size_t rows, columns, depth;
    const float *a, *b, *x;
    float *c;
    size_t a_far, b_step, c_row, x_row;
    bool adds;
    const float *column; /* padded to whole vectors, or NULL */
    const float *row;
    double *sums, *squares; /* of the columns of C, to be added to; or NULL */
    mf_ahead *ahead;        /* what to ask for on the way, never NULL */
} mf_product;

void MF_OWN(product)(const mf_product *p);
#define mf_product_run MF_OWN(product)

#endif
