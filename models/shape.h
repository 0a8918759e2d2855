/* What are the sizes of a convolution, and how many operations follow from them? The legend of
 * dimension letters for the whole project:
 *
 *   N  images in the batch                 R, S  kernel rows, columns
 *   M  output channels (filters)           E, F  output rows, columns
 *   C  input channels                      U     stride, the same in both directions
 *   H, W  input rows, columns              G     groups; each has C/G inputs and M/G outputs
 *
 * A fully connected layer has H = W = R = S = E = F = 1; a depthwise layer has G = C = M. */
#ifndef MF_MODELS_SHAPE_H
#define MF_MODELS_SHAPE_H

#include "base/status.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The largest single dimension a network may have; with it no product of three overflows 64 bits.
 */
#define MF_LARGEST_DIMENSION ((uint64_t)1 << 20)

/* Counts above this are not exact as doubles and are refused (MF_TOO_LARGE). */
#define MF_LARGEST_COUNT ((uint64_t)1 << 53)

/* Sizes in elements; `pad_rows` on the upper and lower, `pad_columns` on the left and right edge.
 */
typedef struct mf_shape {
    uint64_t n, m, c, g;
    uint64_t h, w;
    uint64_t r, s;
    uint64_t e, f;
    uint64_t stride;
    uint64_t pad_rows, pad_columns;
} mf_shape;

/* Number of windows of `kernel` over `size` elements padded by `pad` on both sides; 0 when the
 * kernel is larger than the padded input. With `ceil_mode` a last partial window counts, unless it
 * would start in the padding. Source: the usual definition of convolution arithmetic. */
uint64_t mf_shape_windows(uint64_t size, uint64_t kernel, uint64_t stride, uint64_t pad,
                          bool ceil_mode);

/* Elements and multiply-accumulate positions, for all N images:
 *   ifmap  N*C*H*W      weights  M*(C/G)*R*S      ofmap  N*M*E*F      macs  N*M*(C/G)*R*S*E*F */
uint64_t mf_shape_ifmap(const mf_shape *shape);
uint64_t mf_shape_weights(const mf_shape *shape);
uint64_t mf_shape_ofmap(const mf_shape *shape);
uint64_t mf_shape_macs(const mf_shape *shape);

/* MF_TOO_LARGE when one of the four counts is above MF_LARGEST_COUNT; MF_INVALID when padding is
 * wider than the kernel, so that windows see nothing but padding. Every layer of whatever kind and
 * origin passes here. */
mf_status mf_shape_check(const mf_shape *shape, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
