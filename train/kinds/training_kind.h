/* What does training add to a kind of layer? One record each, joined to models/kinds by name: where
 * its weights lie if it has some, else what it computes forward and backward. Private to train/.
 */
#ifndef MF_TRAIN_KINDS_TRAINING_KIND_H
#define MF_TRAIN_KINDS_TRAINING_KIND_H

#include "train/model_state.h"

/* The layout of a layer's weights, as train/kernels read them. */
typedef struct mf_weight_layout {
    /* Sizes, outermost first; the rest stays zero. */
    void (*sizes)(const mf_shape *shape, uint64_t size[5]);
    unsigned kernel_axes; /* which of them are a kernel's rows and columns, as bits */
    int input_axis, output_axis; /* which are channels; one and the same, or two */
    /* Where weight (m, c, r, s) lies; c counts within its group. */
    uint64_t (*at)(const mf_shape *shape, uint64_t m, uint64_t c, uint64_t r, uint64_t s);
    /* Reads a map of rows and columns as one long vector: in training H, W, C, in codes C, H, W. */
    bool flattens;
    /* DeepShift brings biases of convolutions to the grid of their inputs, those of its
     * fully connected layers not. */
    bool bias_on_grid;
} mf_weight_layout;

typedef struct mf_training_kind {
    const mf_weight_layout *weights; /* NULL: it has none, and what follows is there */

    /* y from the inputs. `shape` has as many images as the pass. */
    void (*forward)(mf_model *model, const mf_batch_pass *batch, mf_state *state,
                    const mf_shape *shape);
    /* The inputs' gradients from state->gradient, which is already that of y. */
    void (*backward)(mf_model *model, const mf_batch_pass *batch, mf_state *state,
                     const mf_shape *shape);
    /* Does it read inputs that are not written down (mf_map), or only numbers? NULL: numbers. */
    bool (*reads_maps)(const mf_model *model, size_t index);
    /* A sum: its gradient is that of its inputs, which may share its place. */
    bool is_sum;
} mf_training_kind;

/* The record of a kind; static. */
const mf_training_kind *mf_training_kind_of(mf_layer_kind kind);

#define MF_LAYER_KIND(name, NAME) extern const mf_training_kind mf_training_##name;
#include "models/kinds/kinds.def"
#undef MF_LAYER_KIND

#endif
