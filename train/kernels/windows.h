/* Which inputs does an output pixel see? im2col: a convolution as rows of a matrix: row p holds, tap after
 * tap, the `depth` channels under output pixel p, zeros outside the map. The gradient of the input
 * is the same thing on the gradient of the output, once per phase of the stride (conv_input.c). */
#ifndef MF_TRAIN_KERNELS_WINDOWS_H
#define MF_TRAIN_KERNELS_WINDOWS_H

#include "models/shape.h"
#include "train/kernels/build.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct mf_windows {
    const float *map;
    size_t rows, columns, pitch; /* of the map; floats from pixel to pixel */
    size_t depth;                /* channels that are read */
    size_t tap_rows, tap_columns, stride;
    ptrdiff_t first_row, first_column; /* of the window of output (0, 0); may be negative */
    size_t out_rows, out_columns;
} mf_windows;

/* What the outputs of the first group of a layer see of its input x. */
mf_windows MF_OWN(windows_of_input)(const mf_shape *shape, const float *x);
#define mf_windows_of_input MF_OWN(windows_of_input)

/* Floats of one row of the matrix. */
size_t MF_OWN(windows_length)(const mf_windows *w);
#define mf_windows_length MF_OWN(windows_length)

/* Whether the map itself is the matrix, its rows `pitch` apart: 1x1 kernels of stride 1. */
bool MF_OWN(windows_direct)(const mf_windows *w);
#define mf_windows_direct MF_OWN(windows_direct)

/* Rows [first, first + n) into `panel`, without gaps; pixels count on through all images. */
void MF_OWN(windows_gather)(const mf_windows *w, size_t first, size_t n, float *panel);
#define mf_windows_gather MF_OWN(windows_gather)

#endif
