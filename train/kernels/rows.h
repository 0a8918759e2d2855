/* Which rows of a map are in the cache? A window on the rows of all images, one after the other,
 * that moves forward: rows are read once, a few at a time, and stay while a kernel stands on them.
 * Of a plain map it points at the rows themselves. */
#ifndef MF_TRAIN_KERNELS_ROWS_H
#define MF_TRAIN_KERNELS_ROWS_H

#include "train/kernels/read.h"

typedef struct mf_rows {
    const mf_reader *reader;
    size_t pixels, floats;       /* of a row */
    size_t n_rows;               /* of the map up to where it will be read */
    float *buffer;               /* of capacity rows */
    size_t capacity, begin, end; /* rows that are there */
} mf_rows;

/* `most` rows will be asked for at once; the buffer holds most + mf_rows_ahead of them. */
#define mf_rows_of MF_OWN(rows_of)
mf_rows mf_rows_of(const mf_reader *reader, size_t row_pixels, size_t n_rows, size_t most,
                   float *buffer);

/* Rows [begin, end), without gaps. */
#define mf_rows_get MF_OWN(rows_get)
const float *mf_rows_get(mf_rows *rows, size_t begin, size_t end);

#endif
