/* What is a network to say of a picture? A task: which targets pictures need, what outputs that
 * miss them cost, and how well they do. A model asks its task and knows neither labels nor ranks.
 */
#ifndef MF_TRAIN_TASK_H
#define MF_TRAIN_TASK_H

#include "models/network.h"
#include "train/data/data.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How well outputs do, of one batch or of several. */
typedef struct mf_model_score {
    double loss; /* mean, with label smoothing and teacher in training and without in evaluation */
    uint64_t n, n_top1, n_top5; /* targets, and those that the output puts first, and among five */
} mf_model_score;

/* A batch of n >= 1 joins the others: counts add up, the loss is the mean over all. */
void mf_model_score_add(mf_model_score *sum, const mf_model_score *batch);

/* What a teacher says of the same batch, and how much that counts: a share `weight`, 0 to 1, of the
 * loss. */
typedef struct mf_lesson {
    const float *outputs; /* as those of the answers; NULL: there is no teacher */
    double temperature, weight;
} mf_lesson;

/* What the last layer says of a batch, NHWC, and what it should. */
typedef struct mf_answers {
    mf_shape shape; /* of the last layer; n images */
    const float *outputs;
    const uint32_t *targets; /* as the task has them */
    mf_lesson lesson;        /* none in evaluation */
} mf_answers;

typedef struct mf_task {
    const char *name;
    /* Do pictures have targets for this network? MF_INVALID where they do not. */
    mf_status (*targets)(const mf_network *network, const mf_pictures *pictures, mf_diag *diag);
    /* The mean over the batch, and d loss / d outputs unless NULL. */
    double (*loss)(const mf_answers *answers, double smoothing, float *gradient);
    /* Adds the counts of a batch to those of `score`. */
    void (*score)(const mf_answers *answers, mf_model_score *score);
} mf_task;

/* One target per picture, the number of its class; outputs are logits. A teacher's share of the loss is
 * the divergence of softened softmaxes, T^2 KL(softmax(teacher / T) || softmax(student / T)), whose
 * gradient does not fade with T (Hinton, Vinyals and Dean, 2015). */
extern const mf_task mf_task_classification;

#ifdef __cplusplus
}
#endif

#endif
