/* Which of some classes is it? Softmax, cross entropy, label smoothing; in double, because classes
 * are few. */
#include "train/task.h"

#include <inttypes.h>
#include <math.h>

/* Classes with a larger logit, or an equal one and a smaller number, than the label's. */
static uint64_t rank_of(const float *logits, uint64_t classes, uint32_t label)
{
    uint64_t rank = 0;
    for (uint64_t k = 0; k < classes; k++)
        rank += logits[k] > logits[label] || (logits[k] == logits[label] && k < label);
    return rank;
}

/* The target is 1 - smoothing on the label and smoothing / classes everywhere. */
static double loss_of(const float *logits, uint64_t classes, uint32_t label, double smoothing,
                      double weight, float *gradient)
{
    double most = logits[0], sum = 0, mean = 0;
    for (uint64_t k = 1; k < classes; k++)
        most = logits[k] > most ? logits[k] : most;
    for (uint64_t k = 0; k < classes; k++) {
        sum += exp(logits[k] - most);
        mean += logits[k];
    }
    double log_sum = log(sum) + most;
    mean /= (double)classes;
    for (uint64_t k = 0; gradient && k < classes; k++) {
        double target = smoothing / (double)classes + (k == label ? 1 - smoothing : 0);
        gradient[k] = (float)(weight * (exp(logits[k] - log_sum) - target));
    }
    return log_sum - (1 - smoothing) * logits[label] - smoothing * mean;
}

static double loss(const mf_answers *a, double smoothing, float *gradient)
{
    uint64_t classes = a->shape.m;
    double sum = 0, weight = 1 / (double)a->shape.n;
    for (uint64_t i = 0; i < a->shape.n; i++)
        sum += loss_of(a->outputs + i * classes, classes, a->targets[i], smoothing, weight,
                       gradient ? gradient + i * classes : NULL);
    return sum * weight;
}

static void score(const mf_answers *a, mf_model_score *sum)
{
    uint64_t classes = a->shape.m;
    sum->n += a->shape.n;
    for (uint64_t i = 0; i < a->shape.n; i++) {
        uint64_t rank = rank_of(a->outputs + i * classes, classes, a->targets[i]);
        sum->n_top1 += rank == 0;
        sum->n_top5 += rank < 5;
    }
}

static mf_status targets(const mf_network *network, const mf_pictures *pictures, mf_diag *diag)
{
    if (network->classes == 0)
        return mf_fail(diag, MF_INVALID,
                       "%s has no \"classes\": layers alone can be costed, not trained",
                       network->name);
    if (pictures->n_classes != network->classes) {
        mf_fail(diag, MF_INVALID,
                "%s: %" PRIu32 " classes, but the network tells %" PRIu64 " apart", pictures->name,
                pictures->n_classes, network->classes);
        mf_hint(diag, "`mulfree train --classes %" PRIu32 "` makes one that fits",
                pictures->n_classes);
        return MF_INVALID;
    }
    return MF_OK;
}

const mf_task mf_task_classification = {
    .name = "classification", .targets = targets, .loss = loss, .score = score};
