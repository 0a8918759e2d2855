/* How is a tiny network trained inside a larger one? In every step twice, on the same batch: as it
 * is, and as the first channels of a wider network that is drawn anew, whose loss adds its gradient
 * (equation 3 of ShiftAddAug). All weights lie in one store of the largest extent; the tiny network,
 * the target, is a slice of it, and alone is evaluated and exported.
 *
 * With target and augmented part on one operator this is NetAug (Cai et al., ICLR 2022); with
 * another operator for what is added, hybrid computing (train/model.h, mf_hybrid). */
#ifndef MF_TRAIN_AUGMENTED_H
#define MF_TRAIN_AUGMENTED_H

#include "models/channel_spaces.h"
#include "train/model.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { MF_MOST_MULTIPLES = 8 };

/* Multiples of what the target has, each >= 1, from which every space of channels draws one. */
typedef struct mf_multiples {
    size_t n;
    double x[MF_MOST_MULTIPLES];
} mf_multiples;

typedef struct mf_augmented_options {
    mf_model_options model;     /* of the target; its maps too */
    const char *op;             /* of what is added */
    mf_multiples width, expand; /* of maps between blocks, and in their middle */
    double weight;              /* alpha: of the augmented network's loss */
    /* Block mutation: the target begins on the operator of what is added, and its blocks take their
     * own one by one, from the first to the last, between these shares of the training. Stop 0:
     * all have it from the beginning. */
    double mutate_start, mutate_stop;
    /* Depth: so many blocks behind the last one of each stage that ends in a sum (models/network_deepen.h),
     * of `op`, whose branches count a(t) times: 1 until depth_start of the training, 0 from depth_stop
     * on, a line between. The target and what is drawn are trained with them; evaluated and exported
     * is the target without. 0: none. */
    uint64_t depth;
    double depth_start, depth_stop;
    bool apart; /* the target shares no weights */
    double mix; /* mf_hybrid.mix */
    bool norms_apart;
} mf_augmented_options;

/* What is drawn in a step. */
typedef enum mf_augmented_mode {
    MF_AUGMENTED_RANDOM,    /* both */
    MF_AUGMENTED_MIN_WIDTH, /* width as the target's */
    MF_AUGMENTED_MIN_EXPAND,
    MF_AUGMENTED_NONE, /* the target is trained alone */
    MF_N_AUGMENTED_MODES
} mf_augmented_mode;

typedef struct mf_augmented mf_augmented;

/* Everything is borrowed. MF_INVALID where lists say no more than that the target is trained twice,
 * for multiples below 1, and for networks that cannot be widened. Destroy accepts NULL. */
mf_status mf_augmented_create(const mf_network *target, const mf_operators *operators,
                              const size_t *op_of_layer, const mf_augmented_options *options,
                              mf_augmented **augmented, mf_diag *diag);
void mf_augmented_destroy(mf_augmented *augmented);

/* The target, as a model over the store; another one after a block has mutated. */
mf_model *mf_augmented_target(mf_augmented *augmented);

/* What a step trains for it: the same, or a model with the blocks that go away. */
mf_model *mf_augmented_learner(mf_augmented *augmented);

/* The blocks of the target, and how many of them have their own operators when a share of the
 * training, 0 to 1, is over. A block is the layers of one place, or one layer that has none. */
size_t mf_augmented_blocks(const mf_augmented *augmented);
size_t mf_augmented_mutated(const mf_augmented *augmented, double share);

/* Let so many blocks have their own operators; all at first. What a block was trained with stays: its
 * weights are read by another operator, and norms have to learn what comes of it. */
mf_status mf_augmented_mutate(mf_augmented *augmented, size_t n_blocks, mf_diag *diag);

/* a(t) after a share of the training, and what it is from now on; 1 at first, or 0 without blocks
 * that go away. */
double mf_augmented_gain(const mf_augmented *augmented, double share);
mf_status mf_augmented_fade(mf_augmented *augmented, double gain, mf_diag *diag);

/* The widest network, and the largest channels of its spaces. */
const mf_network *mf_augmented_widest(const mf_augmented *augmented);

/* Channels by space of the network that step `step` draws; into channels[spaces->n]. */
const mf_channel_spaces *mf_augmented_spaces(const mf_augmented *augmented);
void mf_augmented_draw(const mf_augmented *augmented, mf_augmented_mode mode, uint64_t step,
                       uint64_t *channels);

/* A model over the store with so many channels; of a network that it owns. */
typedef struct mf_augmented_plan {
    mf_network *network;
    mf_model *model;
} mf_augmented_plan;
mf_status mf_augmented_plan_create(mf_augmented *augmented, const uint64_t *channels,
                                   mf_augmented_plan *plan, mf_diag *diag);
void mf_augmented_plan_destroy(mf_augmented_plan *plan);

/* Gradients of one step in the store, of the target's pass (with the blocks that go away) and, unless mode is NONE, of that of a
 * network drawn by `step`; the score is the target's (mf_model_train). */
mf_status mf_augmented_train(mf_augmented *augmented, mf_augmented_mode mode, const float *images,
                             const uint32_t *targets, uint64_t n, uint64_t step,
                             mf_model_score *score, mf_diag *diag);

/* Bytes that all of it holds between steps. */
uint64_t mf_augmented_bytes(const mf_augmented *augmented);

/* Put the channels in the middle of blocks in order of importance (train/channel_order.h). */
mf_status mf_augmented_sort(mf_augmented *augmented, bool with_momentum, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
