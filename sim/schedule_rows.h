/* Which rows of a map does a layer read for some rows of its own, and what is left of a layer that
 * makes only those? Closed forms, of one direction at a time: of columns they say the same.
 *
 * A window of K over an extent, padded by P, in steps of U: outputs [a, b) read
 *
 *     [max(0, a U - P), min(extent, (b - 1) U - P + K))
 *
 * and the next outputs read max(0, K - U) of these again. Rows outside the map are padding: never
 * made, held or moved. Sources: Alwani et al., MICRO 2016 (pyramids, backwards through the layers);
 * Cocco, ASPLOS 2024 (several readers). */
#ifndef MF_SIM_SCHEDULE_ROWS_H
#define MF_SIM_SCHEDULE_ROWS_H

#include "models/network.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Rows [begin, end) of a map; none where both are equal. */
typedef struct mf_rows {
    uint64_t begin, end;
} mf_rows;

static inline uint64_t mf_rows_count(mf_rows rows)
{
    return rows.end - rows.begin;
}

/* Windows along one direction. */
typedef struct mf_axis {
    uint64_t extent, kernel, stride, pad;
} mf_axis;

/* What some outputs read, never outside of the map; at least one output. */
mf_rows mf_axis_reads(const mf_axis *axis, mf_rows outputs);

/* Positions that neighbouring outputs share: what is held between two bands. */
uint64_t mf_axis_overlap(const mf_axis *axis);

/* Positions that so many outputs read where no padding is near: backwards through layers this is
 * the size of a tile. */
uint64_t mf_axis_extent_of(const mf_axis *axis, uint64_t n_outputs);

mf_axis mf_axis_rows(const mf_shape *shape);
mf_axis mf_axis_columns(const mf_shape *shape);

/* Rows of map `map` (a layer index, or MF_NETWORK_INPUT), and words of one row, of all images. */
uint64_t mf_map_rows(const mf_network *network, int map);
uint64_t mf_map_row_words(const mf_network *network, int map);

/* Rows of its input `k` that layer `i` reads for rows `made` of its own; where the layer takes the map
 * as something else (fully connected layers as one column, factors of a scaling, smaller shortcuts):
 * all. None where none are made. */
mf_rows mf_layer_reads_rows(const mf_network *network, size_t i, size_t k, mf_rows made);

/* The shape of a layer that makes some of its rows, at least one: fewer outputs, the input rows that
 * these read, and of the upper padding what they see of it; the lower follows from the input rows. A
 * layer that makes all has its own shape. */
mf_shape mf_layer_band_shape(const mf_network *network, size_t i, mf_rows made);

#ifdef __cplusplus
}
#endif

#endif
