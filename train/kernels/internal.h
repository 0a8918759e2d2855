/* Which functions fill the table of one build? */
#ifndef MF_TRAIN_KERNELS_INTERNAL_H
#define MF_TRAIN_KERNELS_INTERNAL_H

#include "train/kernels/build.h"
#include "train/kernels/kernels.h"
#include "train/kernels/scratch.h"

#define mf_conv_forward            MF_OWN(conv_forward)
#define mf_conv_backward_input     MF_OWN(conv_backward_input)
#define mf_conv_backward_weights   MF_OWN(conv_backward_weights)
#define mf_depthwise_forward       MF_OWN(depthwise_forward)
#define mf_depthwise_input         MF_OWN(depthwise_input)
#define mf_depthwise_weights       MF_OWN(depthwise_weights)
#define mf_depthwise_add_forward   MF_OWN(depthwise_add_forward)
#define mf_depthwise_add_input     MF_OWN(depthwise_add_input)
#define mf_depthwise_add_weights   MF_OWN(depthwise_add_weights)
#define mf_normalise               MF_OWN(normalise)
#define mf_normalise_backward_sums MF_OWN(normalise_backward_sums)
#define mf_normalise_backward      MF_OWN(normalise_backward)
#define mf_activate                MF_OWN(activate)
#define mf_activate_backward       MF_OWN(activate_backward)
#define mf_add_to                  MF_OWN(add_to)
#define mf_add                     MF_OWN(add)
#define mf_sgd                     MF_OWN(sgd)

/* As in mf_kernels. */
void mf_conv_forward(const mf_shape *shape, mf_family family, const float *x, const float *w,
                     const float *bias, float *y, const mf_channel_sums *sums, float *scratch);
void mf_conv_backward_input(const mf_shape *shape, mf_family family, const float *x, const float *w,
                            const float *g, float *dx, float *scratch);
void mf_conv_backward_weights(const mf_shape *shape, mf_family family, const float *x,
                              const float *w, const float *g, float *dw, float *scratch);
void mf_normalise(uint64_t n_pixels, uint64_t n_channels, const float *y, const float *scale,
                  const float *shift, mf_activation activation, float *a);
void mf_normalise_backward_sums(uint64_t n_pixels, uint64_t n_channels, const float *y,
                                const float *mean, const float *inverse_deviation,
                                const float *gamma, const float *beta, mf_activation activation,
                                const float *da, double *sums, float *scratch);
void mf_normalise_backward(uint64_t n_pixels, uint64_t n_channels, const float *y,
                           const float *mean, const float *inverse_deviation, const float *gamma,
                           const float *beta, mf_activation activation, const double *sums,
                           const float *da, float *dy);
void mf_activate(uint64_t n, const float *z, mf_activation activation, float *a);
void mf_activate_backward(uint64_t n, const float *z, mf_activation activation, const float *da,
                          float *dz);
void mf_add_to(uint64_t n, const float *x, float *y);
void mf_add(uint64_t n, const float *x, const float *z, float *y);
void mf_sgd(uint64_t n, float rate, float momentum, float decay, const float *g, float *v,
            float *w);

/* The same for g == c == m, one filter per channel. */
void mf_depthwise_forward(const mf_shape *shape, const float *x, const float *w, const float *bias,
                          float *y, const mf_channel_sums *sums, float *scratch);
void mf_depthwise_input(const mf_shape *shape, const float *w, const float *g, float *dx,
                        float *scratch);
void mf_depthwise_weights(const mf_shape *shape, const float *x, const float *g, float *dw,
                          float *scratch);
void mf_depthwise_add_forward(const mf_shape *shape, const float *x, const float *w,
                              const float *bias, float *y, const mf_channel_sums *sums,
                              float *scratch);
void mf_depthwise_add_input(const mf_shape *shape, const float *x, const float *w, const float *g,
                            float *dx);
void mf_depthwise_add_weights(const mf_shape *shape, const float *x, const float *w, const float *g,
                              float *dw);

/* sums = the threads' sums, added in their order. */
#define mf_gather_sums MF_OWN(gather_sums)
void mf_gather_sums(const mf_places *places, int n_threads, size_t channels,
                    const mf_channel_sums *sums);

static inline bool mf_is_depthwise(const mf_shape *p)
{
    return p->g == p->c && p->c == p->m && p->g > 1;
}

#endif
