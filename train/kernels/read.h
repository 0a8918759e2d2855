/* How is a map read whose numbers nobody wrote down? A reader makes any run of pixels in a buffer:
 * batch norm, activation and grid of a map, or all that lies between a gradient and the one before
 * it (kernels.h). Where there is nothing to do it points at the map itself. A summer adds up what
 * batch norm needs while a gradient is still in the cache.
 *
 * What belongs to a channel is expanded into tables as long as a row, and a row is a whole number
 * of vectors whenever that is possible: 8 or 24 channels repeat until they are. */
#ifndef MF_TRAIN_KERNELS_READ_H
#define MF_TRAIN_KERNELS_READ_H

#include "train/kernels/build.h"
#include "train/kernels/kernels.h"

typedef struct mf_reader {
    const float *y, *da; /* da NULL: a map is read, else a gradient */
    bool plain;          /* what is asked for lies there */
    size_t channels, length;
    mf_activation activation;
    mf_grid grid;
    bool signs;
    float *scale, *shift, *slope, *offset; /* tables; slope and offset of a gradient */
} mf_reader;

/* Tables take MF_READER_TABLES * mf_row_floats(channels) floats (scratch.h); a summer's,
 * MF_SUMMER_TABLES of them. */
#define mf_reader_of_map      MF_OWN(reader_of_map)
#define mf_reader_of_gradient MF_OWN(reader_of_gradient)
#define mf_read               MF_OWN(read)
mf_reader mf_reader_of_map(const mf_map *map, size_t channels, float *tables);
mf_reader mf_reader_of_gradient(const mf_gradient *gradient, size_t channels, float *tables);

/* Of a map of which signs are read: dx of pixels [first, first + n) passes where the map is from -1 to
 * 1, and is 0 elsewhere. Source of the window: Hubara et al., Binarized Neural Networks, NeurIPS 2016. */
#define mf_pass_signs MF_OWN(pass_signs)
void mf_pass_signs(const mf_reader *reader, size_t first, size_t n, float *dx);

/* Pixels [first, first + n): where they lie, or in `buffer`. */
const float *mf_read(const mf_reader *reader, size_t first, size_t n, float *buffer);

typedef struct mf_summer {
    const float *y;
    size_t channels, length, rows; /* rows that are in the floats */
    mf_activation activation;
    float *scale, *shift, *mean, *dz, *product;
    double *sums; /* [2 C], the caller's, begun with zeros */
} mf_summer;

#define mf_summer_of  MF_OWN(summer_of)
#define mf_summer_add MF_OWN(summer_add)
#define mf_summer_end MF_OWN(summer_end)
mf_summer mf_summer_of(const mf_map *map, const float *mean, size_t channels, float *tables,
                       double *sums);
/* da of pixels [first, first + n). */
void mf_summer_add(mf_summer *summer, size_t first, size_t n, const float *da);
/* What is still in floats joins the sums. */
void mf_summer_end(mf_summer *summer);

#endif
