#include "train/task.h"

void mf_model_score_add(mf_model_score *sum, const mf_model_score *batch)
{
    if (sum->n == 0) {
        *sum = *batch; /* to the last bit */
        return;
    }
    sum->loss =
        (sum->loss * (double)sum->n + batch->loss * (double)batch->n) / (double)(sum->n + batch->n);
    sum->n += batch->n;
    sum->n_top1 += batch->n_top1;
    sum->n_top5 += batch->n_top5;
}
