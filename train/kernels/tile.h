/* What is the innermost product? The microkernel of the GEMM (train/kernels/product.h): a tile of C, at most 14 rows and 4 vectors wide, stays in
 * registers while the sum over `steps` runs; what one step adds is the kind:
 *
 *   MF_TILE_PRODUCT  a * b            rows of A lie apart, steps are neighbours (forward, dX)
 *   MF_TILE_MAXIMUM  max(a, b)        the same (Add forward: -|x - w| = x + w - 2 max(x, w))
 *   MF_TILE_CLIP     clip(b - x) * a  the same, x lies like C (Add dX)
 *   MF_TILE_OUTER    a * b            rows of A are neighbours, steps lie apart (dW)
 *
 * B of the first three is packed: vectors of one step follow each other, padded to whole vectors;
 * B of the last lies anywhere. */
#ifndef MF_TRAIN_KERNELS_TILE_H
#define MF_TRAIN_KERNELS_TILE_H

#include "train/kernels/build.h"
#include "train/kernels/vector.h"

#include <stdbool.h>

typedef enum mf_tile_kind {
    MF_TILE_PRODUCT,
    MF_TILE_MAXIMUM,
    MF_TILE_CLIP,
    MF_TILE_OUTER,
    MF_N_TILE_KINDS
} mf_tile_kind;

/* C = sum (-2 sum for the maximum), plus C where `adds`, plus row[] and column[] where they are
 * given. Distances in floats. */
typedef struct mf_tile {
    const float *a, *b, *x;
    float *c;
    size_t a_far; /* from row to row, or from step to step, whichever is not 1 */
    size_t b_step, c_row, x_row;
    size_t steps;    /* at least 1 */
    bool adds, some; /* some: the last vector has only the lanes of `last` */
    vm last;
    const float *column, *row;
    const float *ahead; /* lines to ask for, one per step; anything but NULL, see ahead.h */
} mf_tile;

typedef void mf_tile_kernel(const mf_tile *tile);

/* Widest tile; rows of the tallest one for a width in vectors (1 ..); the tallest kernel for at
 * most `rows` rows, and how many it takes. */
#if defined __AVX512F__ && defined __AVX512DQ__
enum { MF_TILE_VECTORS = 4 };
#else
enum { MF_TILE_VECTORS = 3 };
#endif
#define mf_tile_rows MF_OWN(tile_rows)
size_t mf_tile_rows(mf_tile_kind kind, size_t vectors);
#define mf_tile_choose MF_OWN(tile_choose)
mf_tile_kernel *mf_tile_choose(mf_tile_kind kind, size_t vectors, size_t rows, size_t *taken);

#endif
