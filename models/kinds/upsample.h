/* Which shapes may an enlarged map have? E = factor * H and F = factor * W, a whole factor of at
 * least 2. */
#ifndef MF_MODELS_KINDS_UPSAMPLE_H
#define MF_MODELS_KINDS_UPSAMPLE_H

#include "models/shape.h"

bool mf_upsample_fits(const mf_shape *shape);
const char *mf_upsample_fault(const mf_shape *shape);

/* Where bilinear interpolation takes output `index` from along an axis of `size` positions: pixels
 * are squares whose centres lie at half positions, as in PyTorch with align_corners = False. The
 * value is (x[near] * (2 factor - weight) + x[far] * weight) / (2 factor); beyond the first and
 * last centres both are the same. */
typedef struct mf_upsample_tap {
    uint64_t near, far, weight;
} mf_upsample_tap;

static inline mf_upsample_tap mf_upsample_tap_of(uint64_t index, uint64_t size, uint64_t factor)
{
    /* In units of 1 / (2 factor), from the first centre. */
    uint64_t centre = 2 * index + 1;
    if (centre < factor)
        return (mf_upsample_tap){0, 0, 0};
    uint64_t at = centre - factor, near = at / (2 * factor), last = size - 1;
    return (mf_upsample_tap){near, near < last ? near + 1 : last, at % (2 * factor)};
}

#endif
