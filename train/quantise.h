/* What is a trained model on integer codes? Power-of-two scales from a few pictures, weights as
 * their operator's codes, batch norm and bias in the requantiser; then the integer forward pass of
 * models/forward.h, whose layers a trace keeps and the chip executes bit for bit. */
#ifndef MF_TRAIN_QUANTISE_H
#define MF_TRAIN_QUANTISE_H

#include "models/forward.h"
#include "train/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Borrows the model, whose weights must stay as they are. */
typedef struct mf_quantised mf_quantised;

/* Activations (and weights of Mult and Add) of `bits` bits, sums of `psum_bits`. The scales are the
 * finest with which no output of the calibration images[n] is clamped; x and w of an Add layer
 * share theirs. Owned by the caller; destroy accepts NULL. */
mf_status mf_quantise(mf_model *model, const mf_operators *operators, const size_t *op_of_layer,
                      const float *images, uint64_t n, uint64_t bits, uint64_t psum_bits,
                      mf_quantised **quantised, mf_diag *diag);
void mf_quantised_destroy(mf_quantised *quantised);

/* Weights that are exactly zero but have no code: Shift in Q mode has none; they become 2^-15. */
uint64_t mf_quantised_zeros(const mf_quantised *quantised);

/* Run images[network->batch] (NHWC) through it; `network` is the model's, with that batch. */
mf_status mf_quantised_run(mf_quantised *quantised, const mf_network *network, const float *images,
                           mf_forward_sink *sink, void *user, mf_diag *diag);

/* The same, for what the model's task makes of the last layer's codes: the targets of the batch;
 * added to `score`, without a loss. */
mf_status mf_quantised_score(mf_quantised *quantised, const mf_network *network,
                             const float *images, const uint32_t *targets, mf_model_score *score,
                             mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
