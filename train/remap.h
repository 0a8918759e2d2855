/* How do networks of different operators share weights? The store has a Gaussian's; where an operator
 * wants others, a map stands between (equation 5 of ShiftAddAug): the Gaussian's cumulative
 * probability of a weight, and the number that has the same with a Laplace distribution,
 *
 *   r(w) = u - b sign(z) ln erfc(|z| / sqrt 2),   z = (w - mean) / deviation,
 *
 * whose slope is b / deviation times the inverse Mills ratio of |z|, which is never zero and grows
 * like |z|. The form that the paper prints, 1 - 2 |Phi - 1/2|, cancels in float from |z| = 5.4 on; this
 * one does not, and |z| is clamped to MF_LAPLACE_MOST. Mean and deviation are measured.
 *
 * What the paper leaves open is an option here, and a reconstruction: u and b, whether the weight is
 * added to r, whose mean and deviation are meant, and whether they are differentiated; and FC, which
 * brings the weights to a standard normal distribution before r (train/remap_fc.h).
 *
 * The other forms are those that the paper's Table 8 compares it with. Parameters of a map are a tensor
 * of the store, "<layer>.map": learnt, or of a file of fits (train/remap_fit.h) and frozen. */
#ifndef MF_TRAIN_REMAP_H
#define MF_TRAIN_REMAP_H

#include "base/arena.h"
#include "train/model.h"
#include "train/remap_fc.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mf_remap_form {
    MF_REMAP_LAPLACE, /* r(FC(w)) */
    MF_REMAP_LINEAR,  /* a gain and an offset per layer, learnt or fitted */
    MF_REMAP_KERNEL, /* ShiftAddNAS: a learnt factor for each hundredth of the range of the weights */
    MF_REMAP_PLAIN, /* as they are, for a penalty */
    MF_N_REMAP_FORMS
} mf_remap_form;

typedef enum mf_remap_moments {
    MF_REMAP_OF_SLICE, /* of the weights that are mapped */
    MF_REMAP_OF_TENSOR /* of all that the store has of the layer */
} mf_remap_moments;

typedef struct mf_remap_options {
    mf_remap_form form;
    bool fitted; /* parameters are those of fits */
    mf_fc fc;    /* of MF_REMAP_LAPLACE, fitted */
    double location,
        scale; /* u and b, unless fitted; scale 0: such that mean and deviation stay as they are */
    bool skip; /* w + r(w) */
    mf_remap_moments moments;
    bool differentiates; /* mean and deviation, in the gradient: then no gradient moves or stretches
                            all weights alike */
    /* ShiftAddNAS adds KL(samples || weights) to the loss, both as softmaxes over a layer's numbers,
     * of the stored weights with samples of a normal distribution and of the mapped ones with samples
     * of a Laplace distribution. Samples say nothing of which weight is which: in the mean over them
     * the gradient of either is softmax(w) - 1 / n, and that is what counts so many times here. */
    double kl;
} mf_remap_options;

/* Does an operator make its forward weights of one tensor of such weights? */
bool mf_remap_applies(mf_trained trained, const mf_model_options *options);

/* Where the weights of a kernel lie among a layer's. */
mf_taps mf_remap_taps(const mf_layer *layer);

/* A map for each layer with weights whose operator is not multiplicative and for which one applies,
 * NULL for the others; into the arena, for mf_model_options.maps and mf_hybrid.maps. MF_INVALID for
 * kernels of more than MF_MOST_TAPS weights. The
 * slope of a map would undo that an operator brings its gradient to a root mean square of its own (Add,
 * add_eta): that of the stored weights is then brought to one with which the mapped weights, in the
 * middle of their distribution, move so far. */
mf_status mf_remaps_create(const mf_network *network, const mf_operators *operators,
                           const size_t *op_of_layer, const mf_model_options *options,
                           const mf_remap_options *how, mf_arena *arena,
                           const mf_source_map *const **maps, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
