/* Which outputs saw an input row? Row h was seen by output e = (h + pad - r) / stride for those
 * taps r that make it whole. They are the same for all rows of one phase h mod stride, and with i =
 * h / stride and the taps in reverse, e = i + first + tap: on each phase the gradient of the input
 * is a convolution of stride 1 over the gradient of the output. */
#ifndef MF_TRAIN_KERNELS_PHASE_H
#define MF_TRAIN_KERNELS_PHASE_H

#include <stddef.h>

/* One direction: taps r0 + stride * (n_taps - 1 - tap), n_out rows of the map. */
typedef struct mf_direction {
    size_t phase, n_taps, r0, n_out;
    ptrdiff_t first;
} mf_direction;

static inline mf_direction mf_direction_of(size_t phase, size_t size, size_t kernel, size_t pad,
                                           size_t stride)
{
    size_t r0 = (phase + pad) % stride, n = r0 < kernel ? (kernel - r0 + stride - 1) / stride : 0;
    return (mf_direction){.phase = phase,
                          .n_taps = n,
                          .r0 = r0,
                          .n_out = phase < size ? (size - phase + stride - 1) / stride : 0,
                          .first = (ptrdiff_t)((phase + pad - r0) / stride) - (ptrdiff_t)n + 1};
}

#endif
