/* Which of some classes is it? Softmax, cross entropy, label smoothing, distillation; in double,
 * because classes are few. */
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

/* ln of the sum of exp(logits / temperature). */
static double log_sum_of(const float *logits, uint64_t classes, double temperature)
{
    double most = logits[0], sum = 0;
    for (uint64_t k = 1; k < classes; k++)
        most = logits[k] > most ? logits[k] : most;
    for (uint64_t k = 0; k < classes; k++)
        sum += exp((logits[k] - most) / temperature);
    return log(sum) + most / temperature;
}

/* T^2 KL of a picture; its gradient, times `weight`, is added. */
static double divergence_of(const float *student, const float *teacher, uint64_t classes,
                            double temperature, double weight, float *gradient)
{
    double own_sum = log_sum_of(student, classes, temperature),
           taught_sum = log_sum_of(teacher, classes, temperature), sum = 0;
    for (uint64_t k = 0; k < classes; k++) {
        double own = student[k] / temperature - own_sum,
               taught = teacher[k] / temperature - taught_sum;
        sum += exp(taught) * (taught - own);
        if (gradient)
            gradient[k] += (float)(weight * temperature * (exp(own) - exp(taught)));
    }
    return temperature * temperature * sum;
}

static double loss(const mf_answers *a, double smoothing, float *gradient)
{
    uint64_t classes = a->shape.m;
    double sum = 0, taught = a->lesson.outputs ? a->lesson.weight : 0,
           weight = 1 / (double)a->shape.n;
    for (uint64_t i = 0; i < a->shape.n; i++) {
        const float *logits = a->outputs + i * classes;
        float *own = gradient ? gradient + i * classes : NULL;
        sum += (1 - taught) *
               loss_of(logits, classes, a->targets[i], smoothing, (1 - taught) * weight, own);
        if (taught > 0)
            sum += taught * divergence_of(logits, a->lesson.outputs + i * classes, classes,
                                          a->lesson.temperature, taught * weight, own);
    }
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
