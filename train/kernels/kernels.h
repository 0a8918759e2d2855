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
 * Threads: every function splits its work over the team (base/team.h, mf_team_set) in a fixed way
 * and adds partial sums in a fixed order: same threads, same bits. */
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

/* What lies between the numbers that a layer wrote, y, and those that others read: batch norm as a
 * factor and a term per channel, z = y * scale + shift, then an activation. */
typedef struct mf_norm {
    const float *scale, *shift; /* [C]; NULL: z = y */
    mf_activation activation;
} mf_norm;

/* A fixed-point grid: floor(x * per_unit) / per_unit, between least and most. per_unit 0: none. */
typedef struct mf_grid {
    float per_unit, least, most;
} mf_grid;

/* A map as it is read: activation(z), on the grid. Nobody writes it down: it is made block by
 * block, in the cache, for the one who reads it. */
typedef struct mf_map {
    const float *y; /* NHWC */
    mf_norm norm;
    mf_grid grid;
    bool signs; /* not activation(z) but its sign: 1 above 0, else -1. Not together with a grid */
} mf_map;

/* The gradient of y from da, that of activation(z): with dz = da * activation'(z),
 *
 *     dy = dz * scale + y * slope + offset
 *
 * where slope and offset are what batch norm's own statistics add, [C], or NULL for nothing. */
typedef struct mf_gradient {
    const float *da;
    const float *y; /* NULL: da is dy, and the rest is not looked at */
    mf_norm norm;
    const float *slope, *offset;
} mf_gradient;

/* What batch norm needs of its output's gradient: sum of dz and sum of dz * (y - mean), each [C].
 */
typedef struct mf_norm_sums {
    const float *mean;
    double *sum, *product;
} mf_norm_sums;

/* Both gradients of a convolution, in one pass over its maps. */
typedef struct mf_conv_gradients {
    const mf_shape *shape;
    mf_family family;
    mf_map x;
    const float *w;
    mf_gradient g;
    float *dw; /* overwritten */
    float *db; /* [M], the gradient of the bias, or NULL */
    /* Of what is read, activation(z) of x; straight through the grid, and through signs where it is
     * from -1 to 1. NULL: not wanted. */
    float *dx;
    bool adds;         /* dx is added to, not overwritten */
    mf_norm_sums norm; /* of x, from dx as it is then; norm.sum NULL: not wanted */
} mf_conv_gradients;

/* A polynomial by its coefficients, that of the highest power last. */
enum { MF_MOST_DEGREE = 17, MF_LAPLACE_MOST = 6 };
typedef struct mf_polynomial {
    int degree;
    float c[MF_MOST_DEGREE + 1];
} mf_polynomial;

/* What a Gaussian's numbers are in a Laplace distribution (train/remap.h): with z = (x - mean) *
 * inverse_deviation and t = |z|, at most MF_LAPLACE_MOST,
 *
 *   y = location + scale sign(z) t value(s) [+ x],   dy/dx = scale inverse_deviation slope(s) [+ 1]
 *
 * of s = 2 t / MF_LAPLACE_MOST - 1, the slope 0 where t is clamped; the brackets with `skip`. */
typedef struct mf_laplace {
    float mean, inverse_deviation, location, scale;
    bool skip;
    mf_polynomial value, slope;
} mf_laplace;

typedef struct mf_kernels {
    const char *name; /* "avx512", "avx2", "portable" */

    /* y = conv(x, w). `bias` [M] or NULL is added. `sums` or NULL: of y, as they are written. */
    void (*conv_forward)(const mf_shape *shape, mf_family family, const mf_map *x, const float *w,
                         const float *bias, float *y, const mf_channel_sums *sums, float *scratch);
    void (*conv_backward)(const mf_conv_gradients *job, float *scratch);

    /* Write down what is read of a map or a gradient of n_pixels x n_channels; in place allowed.
     * Scratch as for a layer with so many outputs. */
    void (*read_map)(uint64_t n_pixels, uint64_t n_channels, const mf_map *map, float *a,
                     float *scratch);
    void (*read_gradient)(uint64_t n_pixels, uint64_t n_channels, const mf_gradient *gradient,
                          float *dy, float *scratch);
    /* Batch norm's sums of a gradient da that is written down. */
    void (*norm_sums)(uint64_t n_pixels, uint64_t n_channels, const mf_map *map, const float *da,
                      const mf_norm_sums *sums, float *scratch);

    /* y += x; y = x + z, both as they are read. */
    void (*add_to)(uint64_t n, const float *x, float *y);
    void (*add_maps)(uint64_t n_pixels, uint64_t n_channels, const mf_map *x, const mf_map *z,
                     float *y, float *scratch);

    /* The first n_part channels of each pixel of a map that is written down: part = those of whole;
     * whole += part, with `sums` or NULL of the first n_part channels as they are then. */
    void (*take_channels)(uint64_t n_pixels, uint64_t n_whole, uint64_t n_part, const float *whole,
                          float *part);
    void (*add_channels)(uint64_t n_pixels, uint64_t n_part, uint64_t n_whole, const float *part,
                         float *whole, const mf_channel_sums *sums);

    /* y of x; gradient *= dy/dx. */
    void (*laplace_map)(uint64_t n, const mf_laplace *map, const float *x, float *y);
    void (*laplace_slope)(uint64_t n, const mf_laplace *map, const float *x, float *gradient);

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
