/* What does a network compute while it is trained? Parameters, a forward and a backward pass over a
 * batch, and one step of the optimiser; float32, NHWC.
 *
 * y = conv(x, w) of weights w that the operator makes of its parameters (train/operators/, a file
 * for each), or Add's y = -sum |x - w|.
 *
 * A model is a plan over a store of parameters (train/parameters.h): a network, the sources that
 * its layers' weights come from (train/source.h), and memory for its maps. Several may share one
 * store and one memory: networks of different width whose weights are slices of the widest one's.
 *
 * Deterministic for a seed and a number of threads. */
#ifndef MF_TRAIN_MODEL_H
#define MF_TRAIN_MODEL_H

#include "models/operator.h"
#include "train/source.h"
#include "train/task.h"
#include "train/training_uses.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mf_trained {
#define MF_TRAINED(name, NAME) MF_TRAINED_##NAME,
#include "train/operators/operators.def"
#undef MF_TRAINED
    MF_N_TRAINED
} mf_trained;

/* By the arithmetic that an operator names. MF_INVALID for one that cannot be trained. */
mf_status mf_trained_find(const char *arithmetic, mf_trained *trained, mf_diag *diag);

/* Its name; keys of the training to try where it diverges, each behind - or +, with blanks between;
 * which keys it alone reads. */
const char *mf_trained_name(mf_trained trained);
const char *mf_trained_advice(mf_trained trained);
mf_training_uses mf_trained_keys(mf_trained trained);

typedef enum mf_shift_mode {
    MF_SHIFT_Q,
    MF_SHIFT_PS,
    MF_SHIFT_FIXED,
    MF_N_SHIFT_MODES
} mf_shift_mode;

/* What of a model another network computes: the first channels of each layer, of those that it
 * reads and of those that it writes. From the ones to the others go the narrower network's
 * operators, everywhere else the model's own; where both write an output channel it is their sum
 * (equation 4 of ShiftAddAug). */
typedef struct mf_hybrid {
    const mf_network *network; /* layer by layer the model's, with at most as many channels */
    const size_t *op_of_layer;
    const mf_source_map *const *maps; /* as mf_model_options has them; of its weights */
    bool apart; /* its weights are tensors of their own: mf_model_options.apart */
    /* What its output channels get from other inputs than its own is multiplied by a factor for each,
     * "<layer>.mix", which is learnt and begins as this; 0: by none. Beside Add's sums, of hundreds,
     * products would be lost. */
    double mix;
    /* Where its part of a layer is a map of its own (Add beside products) and a norm follows: each of
     * both maps has a norm, and it is their sum that the activation reads. That of its own map is the
     * layer's, with its statistics; that of the rest has the factors "mix" (1 at first where mix is
     * 0), no offset, and the batch's statistics always: it is there only while training. */
    bool norms_apart;
} mf_hybrid;

typedef struct mf_model_options {
    uint64_t batch; /* the largest that will come */
    uint64_t seed;
    int n_threads;
    const mf_kernels *kernels; /* NULL: the best */
    const mf_task *task;       /* NULL: classification */
    mf_shift_mode shift_mode;
    uint64_t shift_bits;              /* of weights, 2 to 5 */
    uint64_t activation_integer_bits; /* of the grid that Shift's inputs are floored to */
    uint64_t activation_fraction_bits;
    double add_eta;
    double add_deviation;  /* of the normal distribution that Add weights are drawn from */
    double residual_gamma; /* initial factor of norms that end a residual branch */
    double norm_momentum, norm_epsilon; /* running = (1 - momentum) * running + momentum * batch */
    double dropout;                     /* before the classifier, 0 for none */
    double label_smoothing;
    /* By number of the layer with weights: what stands between its first tensor in the store and
     * its operator, or NULL. NULL: nothing anywhere. */
    const mf_source_map *const *maps;
    /* The same, of the factors and offsets of the norm behind it. */
    const mf_source_map *const *norm_maps;
    /* Weights come from tensors of their own, "<layer>.target_weight", not from those that models
     * of other width have. */
    bool apart;
    const mf_hybrid *hybrid; /* or NULL */
    double loss_weight;      /* what gradients are multiplied with */
} mf_model_options;

/* The defaults of section 4.1 of the paper and of the operators' own repositories, batch 128, one
 * thread. */
mf_model_options mf_model_defaults(void);

typedef struct mf_model mf_model;

/* Is the batch norm of this layer the last of a residual branch, which a sum then joins to its
 * shortcut? There residual_gamma says how it begins. */
bool mf_network_ends_branch(const mf_network *network, size_t index);

/* The network's batch does not matter. Everything is borrowed and must outlive the model; destroy
 * accepts NULL. */
mf_status mf_model_create(const mf_network *network, const mf_operators *operators,
                          const size_t *op_of_layer, const mf_model_options *options,
                          mf_model **model, mf_diag *diag);
void mf_model_destroy(mf_model *model);

/* The same over the store and the memory of another model, which must outlive it. Each of its
 * tensors is the first n of each axis of the store's tensor of that name: MF_INVALID, with both
 * sizes, where there is none or it is smaller, or has a kernel of another size. Running statistics
 * of batch norm are shared in the same way. Where projections keep parameters in a range, training
 * does so in the store. The memory grows if this model needs more; a pass of one model ends the
 * life of what the pass of another has left there (outputs, forward weights). */
mf_status mf_model_create_over(mf_model *over, const mf_network *network,
                               const mf_operators *operators, const size_t *op_of_layer,
                               const mf_model_options *options, mf_model **model, mf_diag *diag);

/* The values of another model of the same network, whose store has no more than its own tensors, go
 * to where this one takes its own from. MF_INVALID where a map stands between, which has no way
 * back. */
mf_status mf_model_begin_with(mf_model *model, mf_model *alone, mf_diag *diag);

/* The other way: tensors of a network of the same layers alone, by name, become what this model computes
 * with, slices of wider ones and mapped weights as they come out; but not those of layer `but`, unless
 * NULL. MF_INVALID where `alone` wants something else. */
mf_status mf_model_extract(mf_model *model, const char *but, mf_parameters *alone, mf_diag *diag);

const mf_network *mf_model_network(const mf_model *model);
const mf_task *mf_model_task(const mf_model *model);

/* The operator that says most about its training: of those its layers have, the last in
 * operators.def. */
mf_trained mf_model_trained(const mf_model *model);

/* What it learns: the store, and its tensors. */
mf_parameters *mf_model_store(mf_model *model);
mf_parameter *mf_model_parameters(mf_model *model, size_t *n);

/* Forward and backward: images[n][rows][columns][channels], and the task's targets of each;
 * gradients are overwritten, with 0 for what other models of the store have and this one does not.
 * `step` numbers the batches of the run, for dropout. MF_DIVERGED when a number is no longer
 * finite, with the first layer that made one. */
mf_status mf_model_train(mf_model *model, const float *images, const uint32_t *targets, uint64_t n,
                         uint64_t step, mf_model_score *score, mf_diag *diag);

/* What passes of training learn from beside their targets, until another one: outputs of a teacher for
 * the batch that comes next. NULL: from targets alone. */
void mf_model_teach(mf_model *model, const mf_lesson *lesson);

/* The same, but gradients are added to those that are there: for the second of several models over
 * one store, with one update for all. Not for the model that the store was made with, whose layers
 * write gradients where they lie in the store. */
mf_status mf_model_train_also(mf_model *model, const float *images, const uint32_t *targets,
                              uint64_t n, uint64_t step, mf_model_score *score, mf_diag *diag);

/* Layers that stay as they are, frozen[n_weight_layers], from now on: fixed functions, which no
 * gradient, decay or projection changes and whose batch norm normalises by its running statistics in
 * training, too; neither passes nor re-estimation touch these. MF_INVALID where none is left to
 * learn. */
mf_status mf_model_freeze(mf_model *model, const bool *frozen, mf_diag *diag);

/* Is every parameter finite? MF_DIVERGED with the first that is not: nothing to keep. */
mf_status mf_model_check(mf_model *model, mf_diag *diag);

/* One step of SGD with Nesterov momentum on the gradients that are there. */
void mf_model_update(mf_model *model, double rate, double momentum, double decay);

/* Forward with running statistics. The batch joins `score`. */
mf_status mf_model_evaluate(mf_model *model, const float *images, const uint32_t *targets,
                            uint64_t n, mf_model_score *score, mf_diag *diag);

/* What the last layer says of images, with running statistics, until the next pass over this
 * memory. */
mf_status mf_model_answer(mf_model *model, const float *images, uint64_t n, const float **outputs,
                          mf_diag *diag);

/* Re-estimate the running statistics of batch norm: the plain average over batches of each batch's
 * mean and (biased) variance. Begin, show some batches, end. */
void mf_model_statistics_begin(mf_model *model);
void mf_model_statistics_show(mf_model *model, const float *images, uint64_t n);
void mf_model_statistics_end(mf_model *model);

/* The sums that are behind it, `size` doubles: of a model that showed one batch they are what that batch
 * adds, so that several ranks may show some each. Write: sums over n batches. */
size_t mf_model_statistics_size(const mf_model *model);
void mf_model_statistics_read(const mf_model *model, double *sums);
void mf_model_statistics_write(mf_model *model, const double *sums, uint64_t n);

/* The output of layer `index` of the last pass, NHWC of its n images, for those who look inside: it
 * is not written down while a network runs. */
void mf_model_output(const mf_model *model, size_t index, uint64_t n, float *output);

/* The weights a layer computes with in the forward pass (rounded for Shift), as train/kernels lays
 * them out. */
const float *mf_model_forward_weights(mf_model *model, size_t weight_layer);

/* Make them of the parameters as they are now. Every pass does so itself. */
void mf_model_project(mf_model *model);

/* The tensors of a layer that its operator makes them of, a number per weight each, into stored[4]:
 * how many. The only one is what is computed with, where nothing is projected. */
size_t mf_model_learnt_weights(const mf_model *model, size_t weight_layer,
                               const mf_parameter *stored[4]);

/* Bytes that the model holds; store and memory count with the model that they were made with. */
uint64_t mf_model_bytes(const mf_model *model);

#ifdef __cplusplus
}
#endif

#endif
