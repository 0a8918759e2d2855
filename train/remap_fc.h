/* FC of equation 5: what stands before the map of a layer's weights, and brings them to a standard
 * normal distribution. Fitted beforehand (train/remap_fit.h), then frozen.
 *
 * Its shape must commute with taking the first channels and with sorting channels, so it may know a
 * weight's layer and place in the kernel, but not its channels:
 *
 *   affine   z = gain w + offset
 *   taps     z = T w + offset, of the R S weights of a kernel; for 1x1 a gain and an offset
 *   mlp      z = gain w + offset + sum over j of a(j) h((w - c(j)) / s), h(t) = t / (1 + |t|): one hidden
 *            layer and a skip */
#ifndef MF_TRAIN_REMAP_FC_H
#define MF_TRAIN_REMAP_FC_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mf_fc { MF_FC_NO, MF_FC_AFFINE, MF_FC_TAPS, MF_FC_MLP, MF_N_FCS } mf_fc;

enum { MF_MOST_TAPS = 256, MF_FC_HIDDEN = 8 };

/* Weights lie as [n_outer][n_taps][n_inner]. */
typedef struct mf_taps {
    uint64_t n_outer, n_taps, n_inner;
} mf_taps;

/* Its numbers: gain, offset; T[n_taps][n_taps], offset; gain, offset, s, c[], a[]. */
uint64_t mf_fc_size(mf_fc fc, uint64_t n_taps);

/* Numbers with which z = w. */
void mf_fc_begin(mf_fc fc, uint64_t n_taps, float *numbers);

/* z of w, in place allowed; gradient of z, in place, to that of w. */
void mf_fc_apply(mf_fc fc, const float *numbers, const mf_taps *taps, const float *w, float *z);
void mf_fc_pull_back(mf_fc fc, const float *numbers, const mf_taps *taps, const float *w,
                     float *gradient);

/* dz / dw in the middle of the distribution; for taps, of a kernel as a whole. */
double mf_fc_slope(mf_fc fc, const float *numbers, uint64_t n_taps);

#ifdef __cplusplus
}
#endif

#endif
