/* What do layers without weights compute on integer codes? The reference for the vector unit, plain
 * loops.
 *
 *   pool          maximum, or sum / number of positions inside the map, over each window
 *   global pool   sum / (H * W) per channel
 *   residual add  a + b, both brought to the finer of their two scales first
 *   scale         a * factor of the channel
 *   concat        the channels of all maps
 *   upsample      the nearest position, or between the four around it
 *
 * (models/kinds/ has one file each), each brought to the scale of the output with one rounding (to
 * nearest, ties up), clamped to the width of activations, put through the layer's activation
 * function as in models/requantise.h, and clamped again. */
#ifndef MF_MODELS_VECTOR_H
#define MF_MODELS_VECTOR_H

#include "models/layer_data.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All outputs of a layer without weights, [N][M][E][F], into `ofmap` of the caller. Pools read r,
 * s, stride and padding of the shape, the others only its sizes. MF_INVALID for a kind with
 * weights, for a shape or a missing map that contradicts the kind, for scales that differ by more
 * than 31 bits, and for codes outside activation_bits, with the place. */
mf_status mf_vector_compute(const mf_layer_data *data, int32_t *ofmap, mf_diag *diag);

/* Rows [begin, end) of them alone, at the same places of `ofmap`. Of its inputs only the rows that these
 * look at have to be there; codes are not checked. */
mf_status mf_vector_compute_rows(const mf_layer_data *data, uint64_t begin, uint64_t end,
                                 int32_t *ofmap, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
