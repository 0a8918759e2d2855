/* The model that a checkpoint is of, as it was trained: with mapped weights, or as the first channels of
 * a wider network. */
#ifndef MF_TRAIN_CHECKPOINT_MODEL_H
#define MF_TRAIN_CHECKPOINT_MODEL_H

#include "base/arena.h"
#include "train/resumption.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mf_checkpoint_model {
    mf_arena *arena;
    mf_resumption resumption;
    mf_network *network;
    size_t *op_of_layer;
    mf_augmented *augmented; /* what the model is the target of, or NULL */
    mf_model *model;
} mf_checkpoint_model;

/* The model that a training asks for, over a network whose operators are assigned: alone, or the target
 * in *augmented, NULL otherwise. Everything is borrowed; maps of weights go into the arena. */
mf_status mf_training_create(const mf_training *training, const mf_network *network,
                             const mf_operators *operators, const size_t *op_of_layer,
                             const mf_model_options *options, mf_arena *arena,
                             mf_augmented **augmented, mf_model **model, mf_diag *diag);

/* Network and operators, from the file; then the model, for at most so many pictures at once. Operators
 * are borrowed. Close what was begun, whether it succeeded or not. */
mf_status mf_checkpoint_model_begin(const char *path, const mf_operators *operators,
                                    mf_checkpoint_model *checkpoint, mf_diag *diag);
mf_status mf_checkpoint_model_fill(const char *path, const mf_operators *operators, uint64_t batch,
                                   int n_threads, mf_checkpoint_model *checkpoint, mf_diag *diag);
void mf_checkpoint_model_close(mf_checkpoint_model *checkpoint);

#ifdef __cplusplus
}
#endif

#endif
