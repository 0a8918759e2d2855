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
 * added to r, whose mean and deviation are meant, and whether they are differentiated. */
#ifndef MF_TRAIN_REMAP_H
#define MF_TRAIN_REMAP_H

#include "base/arena.h"
#include "train/model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mf_remap_moments {
    MF_REMAP_OF_SLICE, /* of the weights that are mapped */
    MF_REMAP_OF_TENSOR /* of all that the store has of the layer */
} mf_remap_moments;

typedef struct mf_remap_options {
    double location, scale; /* u and b; scale 0: such that mean and deviation stay as they are */
    bool skip;              /* w + r(w) */
    mf_remap_moments moments;
    bool differentiates; /* mean and deviation, in the gradient: then no gradient moves or stretches
                            all weights alike */
} mf_remap_options;

/* Does an operator make its forward weights of one tensor of such weights? */
bool mf_remap_applies(mf_trained trained, const mf_model_options *options);

/* A map for each layer with weights whose operator is not multiplicative and for which one applies,
 * NULL for the others; into the arena, for mf_model_options.maps and mf_hybrid.maps. The
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
