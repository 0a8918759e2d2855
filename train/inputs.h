/* How do pictures become inputs of a network? Resized to its resolution, normalised as its
 * training set was, and augmented where it is trained. */
#ifndef MF_TRAIN_INPUTS_H
#define MF_TRAIN_INPUTS_H

#include "models/network.h"
#include "train/data/data.h"
#include "train/task.h"
#include "train/training.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Everything is borrowed. */
typedef struct mf_inputs {
    const mf_network *network;
    const mf_training *training; /* with numbers for mean and deviation */
    const mf_task *task;         /* says which targets pictures need; NULL: classification */
} mf_inputs;

/* Where mean or deviation are to be measured: those of the training set. */
void mf_inputs_measure(mf_training *training, const mf_pictures *pictures);

/* Do pictures, network, task and normalisation belong together? */
mf_status mf_inputs_check(const mf_inputs *inputs, const mf_pictures *pictures, mf_diag *diag);

typedef enum mf_use {
    MF_USE_TRAINING,   /* shuffled and augmented, whole batches only */
    MF_USE_STATISTICS, /* shuffled */
    MF_USE_TEST,       /* every picture, in order */
} mf_use;

/* Batches of `pictures`, of which [from, to) are made (0 and 0: all); the caller destroys the loader. MF_INVALID when they cannot be augmented
 * or are fewer than a batch. */
mf_status mf_inputs_loader(const mf_inputs *inputs, const mf_pictures *pictures, mf_use use,
                           uint64_t batch, size_t from, size_t to, mf_loader **loader,
                           mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
