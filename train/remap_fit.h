/* How is FC fitted? Between the weights of a layer in a plainly trained multiplicative network and
 * those of the same layer in a plainly trained network of the target's operator. The two say nothing
 * of each other weight by weight, so what is compared is their distributions: the i-th smallest weight
 * of one stands for the i-th smallest of the other (distance of Wasserstein). Targets are brought to
 * the scale of a normal distribution first, by the inverse of the map of train/remap.h. */
#ifndef MF_TRAIN_REMAP_FIT_H
#define MF_TRAIN_REMAP_FIT_H

#include "base/arena.h"
#include "base/status.h"
#include "train/remap_fc.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The number whose map with u and b is t: |z| at most MF_LAPLACE_MOST. */
double mf_laplace_to_gaussian(double t, double u, double b);

typedef struct mf_remap_fit {
    float linear[2]; /* gain and offset straight to the target's weights, for MF_REMAP_LINEAR */
    uint64_t n_taps;
    float *fc[MF_N_FCS]; /* numbers of train/remap_fc.h; none of MF_FC_NO */
} mf_remap_fit;

/* From `from` to `to`, n each, as they lie in a layer; into the arena.
 *
 *   linear, affine  least squares over pairs of equal rank
 *   taps            the symmetric T that gives a kernel's weights the covariances that the target's
 *                   have (optimal transport between normal distributions):
 *                   T = A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2
 *   mlp             least squares over pairs of equal rank, hidden units at octiles of `from`, with as
 *                   much regularisation as makes it rise over the range of `from` and a fifth beyond
 *
 * MF_INVALID for weights that are all the same. */
mf_status mf_remap_fit_of(const float *from, const float *to, uint64_t n, const mf_taps *taps,
                          double u, double b, mf_arena *arena, mf_remap_fit *fit, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
