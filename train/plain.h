/* What do layers without weights compute, forward and backward? Pools, scaling, shortcuts without
 * weights; float32, NHWC, image by image on all threads of the team. `arg` of a maximum pool is
 * where each output's winner lay, row * W + column; NULL of an average pool. */
#ifndef MF_TRAIN_PLAIN_H
#define MF_TRAIN_PLAIN_H

#include "models/shape.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The shape's window over each channel; an average is over the part of it inside the map. */
void mf_plain_pool(const mf_shape *shape, const float *x, float *y, uint32_t *arg);
void mf_plain_pool_backward(const mf_shape *shape, const float *g, const uint32_t *arg, float *dx);

void mf_plain_global_pool(const mf_shape *shape, const float *x, float *y);
void mf_plain_global_pool_backward(const mf_shape *shape, const float *g, float *dx);

/* y = x * factors[n][c]; backward the gradient of either. */
void mf_plain_scale(const mf_shape *shape, const float *factors, const float *x, float *y);
void mf_plain_scale_factors(const mf_shape *shape, const float *x, const float *g, float *dfactors);

/* y = x + shortcut, of which every stride-th pixel is taken, and channels of zeros around it. */
void mf_plain_padded(const mf_shape *shape, const mf_shape *from, const float *x,
                     const float *shortcut, float *y);
void mf_plain_padded_backward(const mf_shape *shape, const mf_shape *from, const float *g,
                              float *dshortcut);

#ifdef __cplusplus
}
#endif

#endif
