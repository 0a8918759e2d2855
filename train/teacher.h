/* What does a network that has learnt already say of a batch? A student learns from that beside its
 * labels (mf_lesson in train/task.h). Any network and operators, from a checkpoint: it runs forward,
 * with its running statistics, and keeps no gradients. */
#ifndef MF_TRAIN_TEACHER_H
#define MF_TRAIN_TEACHER_H

#include "models/operator.h"
#include "train/training.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mf_teacher mf_teacher;

/* For a student and its training: batches and threads are theirs. MF_INVALID where the teacher reads
 * other inputs or tells other classes apart. Student, training and operators are borrowed; destroy
 * accepts NULL. */
mf_status mf_teacher_open(const char *path, const mf_operators *operators,
                          const mf_network *student, const mf_training *training, int n_threads,
                          mf_teacher **teacher, mf_diag *diag);
void mf_teacher_destroy(mf_teacher *teacher);

/* Of its file's bytes, never 0: has somebody put another file there since? */
uint64_t mf_teacher_digest(const mf_teacher *teacher);

/* The teacher's outputs for images as the student reads them, until its next answer: brought to the
 * mean and deviation of the teacher's pictures first, where those are others. */
mf_status mf_teacher_answer(mf_teacher *teacher, const float *images, uint64_t n,
                            const float **outputs, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
