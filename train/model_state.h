/* What a model consists of, layer by layer. Private to train/. */
#ifndef MF_TRAIN_MODEL_STATE_H
#define MF_TRAIN_MODEL_STATE_H

#include "base/arena.h"
#include "train/memory.h"
#include "train/model.h"
#include "train/source.h"

enum { MF_MOST_WEIGHT_PARAMETERS = 4, MF_SUM_INPUTS = 2 /* models/kinds/residual_add.c */ };

/* One layer of the network in training. Pointers into the model's block of memory. */
typedef struct mf_state {
    const mf_layer *layer;
    mf_trained trained; /* of layers with weights, as what follows */
    const struct mf_training_operator *op;
    const struct mf_weight_form *form;
    struct mf_state *part; /* of a hybrid: the layer of the narrower network, which has weights and
                              their forward values alone; NULL where there is nothing to tell apart */
    mf_slice part_slice;   /* of the forward weights, what it computes with */
    mf_parameter *mix;     /* factors of what its outputs get from other inputs, or NULL */
    bool part_alone;       /* it computes on a map of its own, not in the layer's product */
    struct mf_part_norm *part_norm; /* where that map has a norm of its own, or NULL */
    bool last;                      /* the classifier: dropout goes before it */
    bool frozen;                    /* it stays as it is, and so do its running statistics */
    bool written;                   /* what others read is written down, in `out` */
    mf_activation activation;       /* as it is computed (find_activations in train/model.c) */
    int first_reader;               /* layer, or -1; the last to add to the gradient */
    bool shares[MF_SUM_INPUTS];     /* of a residual addition: the input's gradient is its own */
    uint64_t weight_bits;           /* of its operator's codes */
    mf_parameter *weights[MF_MOST_WEIGHT_PARAMETERS]; /* as the form has them
                                                         (train/operators/training_operator.h) */
    mf_parameter *bias, *gamma, *beta, *mean, *variance;
    float *projected;          /* the weights of the forward pass, where they are not a parameter */
    float *projected_gradient; /* theirs, where it needs a place of its own */
    float *grid_bias;          /* the bias on the grid of the inputs, where the operator has one */
    float *y;                  /* before norm and activation */
    float *out;                /* after both, where that is written; y where there is neither */
    mf_map map;                /* the output as others read it */
    float *gradient;           /* of what others read */
    float *batch_mean, *batch_inverse; /* of the last batch, [M] */
    float *scale, *shift;              /* what both, or the running statistics, come to, [M] */
    float *slope, *offset;             /* what they come to in the gradient (mf_gradient), [M] */
    double *sums;                      /* [2 M]: forward of y, backward those of mf_norm_sums */
    bool summed;                       /* backward: they are there */
    double *mean_sum, *variance_sum;   /* re-estimation, [M] */
    uint32_t *arg;                     /* max pool: which element won */
} mf_state;

/* Memory that models take in turns: as large as the largest of them wants. */
typedef struct mf_activations {
    float *block;
    uint64_t n;      /* floats */
    mf_model *users; /* a list of them: pointers of all move with the block */
} mf_activations;

struct mf_model {
    const mf_network *network;
    mf_model_options options;
    const mf_kernels *kernels;
    mf_arena *arena;
    mf_state *states; /* [network->n_layers] */
    bool owns;        /* the store and the activations, or they are another model's */
    mf_parameters *store;
    mf_source *sources; /* of all layers' tensors from the store */
    size_t n_sources;
    mf_activations *activations, own_activations; /* all numbers that are not in the store */
    mf_claims claims;                             /* to them */
    mf_model *next_user;
    float *scratch,
        *spare; /* of kernels; a gradient that a layer without weights adds to another */
    float *part_x, *part_y, *part_dx, /* maps of a part that computes alone */
        *part_stretch,                /* some pixels of the layer's, on their way there */
        *part_dy;                     /* the gradient of a layer with two norms, written down */
    float *mask, *dropped; /* dropout: factors, and what they leave of the classifier's input */
    bool *has_gradient;    /* [n_layers], in the backward pass */
    mf_lesson lesson;      /* that training passes learn from, or none */
    uint64_t n_shown;      /* batches of re-estimation */
    size_t first_learning; /* no layer before it learns: none gets a gradient */
    float *unprojected;    /* parameters of a frozen layer, while they are projected */
};

/* The shape of a layer with n images. */
mf_shape mf_state_shape(const mf_state *state, uint64_t n);

/* Floats of a layer's output with the largest batch. */
uint64_t mf_model_map_size(const mf_model *model, size_t layer);

/* Where each layer's gradient lies in a stretch of *n_floats floats; says which sums share theirs
 * (train/model_gradients.c). */
mf_status mf_model_place_gradients(mf_model *model, uint64_t *offsets, uint64_t *n_floats,
                                   mf_diag *diag);

/* Does it, or a part of it, read inputs on a grid? */
bool mf_state_is_on_grid(const mf_state *state);

/* Does it change what it computes, by norm or activation? */
bool mf_state_changes(const mf_state *state);

/* A batch on its way forward and backward. */
typedef enum mf_pass { MF_PASS_TRAIN, MF_PASS_EVALUATE, MF_PASS_SHOW } mf_pass;
typedef struct mf_batch_pass {
    const float *images;
    uint64_t n;
    mf_pass pass;  /* is batch norm fed with the batch's own statistics? */
    uint64_t step; /* for dropout */
} mf_batch_pass;

/* What a layer reads: the images, or another layer's output; as numbers, where they are written. */
mf_map mf_model_map(const mf_model *model, const mf_batch_pass *batch, const mf_state *state,
                    size_t which);
const float *mf_model_input(const mf_model *model, const mf_batch_pass *batch,
                            const mf_state *state, size_t which);
/* A layer with weights has its own way of reading: Shift on a grid, DeepShift's fixed point (floor,
 * clamped to whole numbers). */
mf_map mf_model_weights_input(const mf_model *model, const mf_batch_pass *batch,
                              const mf_state *state);

/* Does dropout stand before this layer? */
bool mf_model_drops(const mf_model *model, const mf_batch_pass *batch, const mf_state *state);
mf_grid mf_model_grid(const mf_model *model);
/* How many pixels of a map a layer with weights reads as one long vector, each with all channels: 1
 * for those that read maps as such. */
uint64_t mf_model_pixels_before(const mf_model *model, const mf_state *state);
uint64_t mf_model_input_size(const mf_model *model, const mf_state *state, size_t which,
                             uint64_t n);

/* What the tensors of a layer come from (train/model_sources.c). Add says so for one layer, before
 * there is memory; initialise brings random values behind a map to the store. Take fetches all
 * before a pass; put_weights and put_statistics bring into the store what a pass rounds and
 * measures; give brings gradients there, or adds them. */
mf_status mf_sources_add(mf_model *model, mf_state *state, mf_diag *diag);
mf_status mf_sources_add_part(mf_model *model, mf_state *state, mf_diag *diag);
void mf_sources_initialise(mf_model *model);
void mf_sources_take(mf_model *model);
void mf_sources_put_weights(mf_model *model);
void mf_sources_put_statistics(mf_model *model);
void mf_sources_give(mf_model *model, bool adds);

/* The narrower network's layer in a hybrid's (train/hybrid.c). Begin finds its slice, once both have
 * their operators; round puts its forward weights into the model's; gradient takes its gradients
 * out of the model's and pulls them back. */
mf_status mf_part_begin(mf_model *model, mf_state *state, mf_diag *diag);
void mf_part_round(const mf_model *model, mf_state *state);
void mf_part_gradient(const mf_model *model, mf_state *state, float *dw);
/* Where it computes alone: claims memory for maps; adds its output to the layer's, whose sums follow;
 * adds its input's gradient to dx (NULL: not wanted), from that of the layer's output. With a norm of
 * its own the sums of its channels are those of its map alone, which join adds later, and the
 * gradient is in part_y already. */
void mf_part_claim(mf_model *model, mf_claims *claims);
void mf_part_forward(mf_model *model, const mf_batch_pass *batch, mf_state *state,
                     const mf_channel_sums *sums);
void mf_part_backward(mf_model *model, const mf_batch_pass *batch, mf_state *state,
                      const mf_gradient *g, float *dx);

/* The norms of both maps of such a layer (train/part_norm.c). Is one wanted? Begin makes it, with its
 * claims. Take moves what the layer made of added inputs away, with its sums, and leaves the layer's
 * channels and sums to the part; join writes the sum of both maps behind their norms into y, where
 * nothing is left to do for the layer's norm. Part parts the gradient behind the layer's activation,
 * g: that of the part's map goes to part_y, and what is returned is that of the layer's own. */
bool mf_part_norm_is_wanted(const mf_model *model, const mf_state *state);
float *mf_part_norm_map(const mf_state *state); /* where the part's map goes */
mf_status mf_part_norm_begin(mf_model *model, mf_state *state, mf_diag *diag);
void mf_part_norm_take(mf_model *model, mf_state *state, uint64_t n_pixels);
void mf_part_norm_join(mf_state *state, uint64_t n_pixels);
mf_gradient mf_part_norm_part(mf_model *model, mf_state *state, uint64_t n_pixels, mf_gradient g);

/* Random initial values; the weights of the forward pass from the parameters, and back
 * (train/weights.c). */
void mf_weights_initialise(mf_model *model);
void mf_weights_round(mf_model *model);
void mf_weights_gradient(mf_model *model, mf_state *state, float *dw);

/* Fills `projected`; parameters of a frozen layer stay as they are (train/freeze.c). */
void mf_state_project(const mf_model *model, mf_state *state);

/* The weights of the forward pass. */
const float *mf_state_forward_weights(const mf_state *state);

void mf_model_forward(mf_model *model, const mf_batch_pass *batch);

/* A layer without weights gives the gradient of an input: it writes where begin says, straight into
 * its place if it is the first there, else into `spare`, from where end adds it. NULL for the
 * images, of which there is none; end may then be called or not. */
float *mf_model_begin_gradient(mf_model *model, const mf_state *state, size_t which);
void mf_model_end_gradient(mf_model *model, const mf_state *state, size_t which, uint64_t n);

/* Gradients of everything from that of the last layer's output, which is in its state. */
void mf_model_backward(mf_model *model, const mf_batch_pass *batch);

#endif
