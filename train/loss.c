/* Softmax, cross entropy, label smoothing; in double, because classes are few. */
#include "train/model_state.h"

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

void mf_loss(const float *logits, const uint32_t *labels, uint64_t n, uint64_t classes,
             double smoothing, mf_model_score *score, float *gradient)
{
    double sum = 0, weight = 1 / (double)n;
    *score = (mf_model_score){.n = n};
    for (uint64_t i = 0; i < n; i++) {
        const float *row = logits + i * classes;
        uint64_t rank = rank_of(row, classes, labels[i]);
        sum += loss_of(row, classes, labels[i], smoothing, weight,
                       gradient ? gradient + i * classes : NULL);
        score->n_top1 += rank == 0;
        score->n_top5 += rank < 5;
    }
    score->loss = sum * weight;
}
