/* What do layers compute on float32, forward and backward? One table of functions per instruction
 * set, built from the same source; mf_kernels_best picks one at run time. They never allocate;
 * scratch memory is the caller's.
 *
 * Layouts: maps are NHWC; weights of a convolution are [G][R][S][C/G][M/G], so that the reduction
 * is a contiguous K x M matrix with K = R*S*C/G; of a depthwise one [R][S][C]; of a fully connected
 * layer (H = W = R = S = 1) [C][M].
 *
 * Families: MULT sums x * w (Shift is MULT on rounded weights). ADD sums -|x - w|; padding counts
 * as x = 0. Its gradients are AdderNet's (Chen et al., CVPR 2020): dW = sum of (x - w) * g, dX =
 * sum of clip(w - x, -1, 1) * g.
 *
 * Threads: every function splits its work over the OpenMP threads of the caller's
 * omp_set_num_threads in a fixed way and adds partial sums in a fixed order: same threads, same
 * bits. */
#ifndef MF_TRAIN_KERNELS_KERNELS_H
#define MF_TRAIN_KERNELS_KERNELS_H

#include "models/network.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mf_family { MF_FAMILY_MULT, MF_FAMILY_ADD, MF_N_FAMILIES } mf_family;

/* Per-channel sums of an output map over N*E*F, for batch norm: sum and sum of squares, each [M].
 */
typedef struct mf_channel_sums {
    double *sum, *squares;
} mf_channel_sums;

typedef struct mf_kernels {
    const char *name; /* "avx512", "avx2", "portable" */

    /* y = conv(x, w). `bias` [M] or NULL is added. `sums` or NULL: of y, as they are written. */
    void (*conv_forward)(const mf_shape *shape, mf_family family, const float *x, const float *w,
                         const float *bias, float *y, const mf_channel_sums *sums, float *scratch);
    /* dx = gradient of the input from g = gradient of y; overwritten, not added to. */
    void (*conv_backward_input)(const mf_shape *shape, mf_family family, const float *x,
                                const float *w, const float *g, float *dx, float *scratch);
    /* dw = gradient of the weights; overwritten. */
    void (*conv_backward_weights)(const mf_shape *shape, mf_family family, const float *x,
                                  const float *w, const float *g, float *dw, float *scratch);

    /* a = activation(y * scale[c] + shift[c]) over n_pixels x n_channels; a may be y. */
    void (*normalise)(uint64_t n_pixels, uint64_t n_channels, const float *y, const float *scale,
                      const float *shift, mf_activation activation, float *a);
    /* Backward of batch norm and activation, two passes. With xhat = (y - mean) *
     * inverse_deviation, z = gamma * xhat + beta and dz = da * activation'(z): sums[0..C) = sum of
     * dz, sums[C..2C) = sum of dz * xhat ... */
    void (*normalise_backward_sums)(uint64_t n_pixels, uint64_t n_channels, const float *y,
                                    const float *mean, const float *inverse_deviation,
                                    const float *gamma, const float *beta, mf_activation activation,
                                    const float *da, double *sums, float *scratch);
    /* ... and then dy = gamma * inverse_deviation * (dz - sums[c] / n - xhat * sums[C + c] / n); dy
     * may be da. */
    void (*normalise_backward)(uint64_t n_pixels, uint64_t n_channels, const float *y,
                               const float *mean, const float *inverse_deviation,
                               const float *gamma, const float *beta, mf_activation activation,
                               const double *sums, const float *da, float *dy);

    /* Activation alone, in place allowed: a = f(z); dz = da * f'(z). */
    void (*activate)(uint64_t n, const float *z, mf_activation activation, float *a);
    void (*activate_backward)(uint64_t n, const float *z, mf_activation activation, const float *da,
                              float *dz);

    /* y += x; y = x + z. */
    void (*add_to)(uint64_t n, const float *x, float *y);
    void (*add)(uint64_t n, const float *x, const float *z, float *y);

    /* SGD with Nesterov momentum: d = g + decay * w; v = momentum * v + d; w -= rate * (d +
     * momentum * v). */
    void (*sgd)(uint64_t n, float rate, float momentum, float decay, const float *g, float *v,
                float *w);
} mf_kernels;

/* The best that this processor runs; one by name (NULL if it cannot run or does not exist). */
const mf_kernels *mf_kernels_best(void);
const mf_kernels *mf_kernels_named(const char *name);

/* Floats of scratch that any of the functions may use on a layer of this shape with so many
 * threads. */
uint64_t mf_kernels_scratch(const mf_shape *shape, int n_threads);

#ifdef __cplusplus
}
#endif

#endif
