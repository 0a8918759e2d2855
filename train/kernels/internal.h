/* Which functions fill the table of one build? */
#ifndef MF_TRAIN_KERNELS_INTERNAL_H
#define MF_TRAIN_KERNELS_INTERNAL_H

#include "train/kernels/build.h"
#include "train/kernels/kernels.h"
#include "train/kernels/scratch.h"

#define mf_conv_forward       MF_OWN(conv_forward)
#define mf_conv_backward      MF_OWN(conv_backward)
#define mf_depthwise_forward  MF_OWN(depthwise_forward)
#define mf_depthwise_backward MF_OWN(depthwise_backward)
#define mf_read_map           MF_OWN(read_map)
#define mf_read_gradient      MF_OWN(read_gradient)
#define mf_norm_sums_of       MF_OWN(norm_sums_of)
#define mf_add_to             MF_OWN(add_to)
#define mf_add_maps           MF_OWN(add_maps)
#define mf_take_channels      MF_OWN(take_channels)
#define mf_add_channels       MF_OWN(add_channels)
#define mf_laplace_map        MF_OWN(laplace_map)
#define mf_laplace_slope      MF_OWN(laplace_slope)
#define mf_sgd                MF_OWN(sgd)

/* As in mf_kernels. */
void mf_conv_forward(const mf_shape *shape, mf_family family, const mf_map *x, const float *w,
                     const float *bias, float *y, const mf_channel_sums *sums, float *scratch);
void mf_conv_backward(const mf_conv_gradients *job, float *scratch);
void mf_read_map(uint64_t n_pixels, uint64_t n_channels, const mf_map *map, float *a,
                 float *scratch);
void mf_read_gradient(uint64_t n_pixels, uint64_t n_channels, const mf_gradient *gradient,
                      float *dy, float *scratch);
void mf_norm_sums_of(uint64_t n_pixels, uint64_t n_channels, const mf_map *map, const float *da,
                     const mf_norm_sums *sums, float *scratch);
void mf_add_to(uint64_t n, const float *x, float *y);
void mf_add_maps(uint64_t n_pixels, uint64_t n_channels, const mf_map *x, const mf_map *z, float *y,
                 float *scratch);
void mf_take_channels(uint64_t n_pixels, uint64_t n_whole, uint64_t n_part, const float *whole,
                      float *part);
void mf_add_channels(uint64_t n_pixels, uint64_t n_part, uint64_t n_whole, const float *part,
                     float *whole, const mf_channel_sums *sums);
void mf_laplace_map(uint64_t n, const mf_laplace *map, const float *x, float *y);
void mf_laplace_slope(uint64_t n, const mf_laplace *map, const float *x, float *gradient);
void mf_sgd(uint64_t n, float rate, float momentum, float decay, const float *g, float *v,
            float *w);

/* The same for g == c == m, one filter per channel. */
void mf_depthwise_forward(const mf_shape *shape, mf_family family, const mf_map *x, const float *w,
                          const float *bias, float *y, const mf_channel_sums *sums, float *scratch);
void mf_depthwise_backward(const mf_conv_gradients *job, float *scratch);

/* sums = the threads' sums, added in their order. */
#define mf_gather_sums MF_OWN(gather_sums)
void mf_gather_sums(const mf_places *places, size_t n_threads, size_t channels,
                    const mf_channel_sums *sums);

static inline bool mf_is_depthwise(const mf_shape *p)
{
    return p->g == p->c && p->c == p->m && p->g > 1;
}

#endif
