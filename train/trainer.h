/* How does a training run, and survive? Epoch after epoch: steps, batch norm re-estimated, an
 * evaluation, a line in the log, a checkpoint. It can be stopped between any two steps and goes on
 * bit by bit as if it had not been. */
#ifndef MF_TRAIN_TRAINER_H
#define MF_TRAIN_TRAINER_H

#include "train/checkpoint.h"
#include "train/inputs.h"
#include "train/resumption.h"
#include "train/teacher.h"

#ifdef __cplusplus
extern "C" {
#endif

/* After each step, and with `evaluated` after each epoch, when its log and checkpoint are written.
 */
typedef struct mf_trainer_report {
    uint64_t epoch, n_epochs, batch, n_batches;
    uint64_t n_steps;                   /* of this run so far */
    double rate, images_per_s, seconds; /* of this run */
    mf_model_score training;            /* mean over the epoch so far */
    bool evaluated;
    mf_model_score test;
} mf_trainer_report;

/* Everything is borrowed. */
typedef struct mf_trainer {
    mf_model *model;         /* with averages (mf_parameters_keep_averages) if `ema` wants them */
    mf_augmented *augmented; /* what the model is the target of, or NULL */
    const mf_training *training; /* with numbers for mean and deviation: mf_inputs_measure */
    mf_teacher *teacher;         /* or NULL */
    const mf_pictures *pictures, *held_out;
    mf_trained_so_far so_far;  /* zero at the beginning */
    const char *checkpoint;    /* file, or NULL */
    const char *log;           /* file of JSON lines (train/log.h), or NULL */
    const char *network;       /* its description, for checkpoints */
    const mf_subject *subject; /* what is trained, for checkpoints */
    bool (*stop)(void);        /* asked before each step: checkpoint and end? Or NULL */
    mf_status (*report)(void *user, const mf_trainer_report *report, mf_diag *diag); /* or NULL; a
                                                                             failure ends it */
    void *user;
} mf_trainer;

/* Train to the last epoch. MF_INTERRUPTED, after a checkpoint, when `stop` is set. */
mf_status mf_trainer_run(mf_trainer *trainer, mf_diag *diag);

/* What the model makes of pictures: no augmentation, running statistics. */
mf_status mf_trainer_evaluate(mf_model *model, const mf_training *training,
                              const mf_pictures *pictures, mf_model_score *score, mf_diag *diag);

/* The previous checkpoint of one, which is kept until the next is whole; into `path[size]`. */
void mf_trainer_previous(const char *checkpoint, char *path, size_t size);

#ifdef __cplusplus
}
#endif

#endif
