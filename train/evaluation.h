/* What does a network make of pictures it does not learn from? Batches are divided among all ranks
 * (base/ranks.h), and what they find is added in the order of the batches: the same bits on any number of
 * them. */
#ifndef MF_TRAIN_EVALUATION_H
#define MF_TRAIN_EVALUATION_H

#include "train/data/data.h"
#include "train/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Re-estimate running statistics from the first n_batches of epoch 0; of none they stay as they are. */
mf_status mf_evaluation_norms(mf_model *model, mf_loader *loader, uint64_t n_batches,
                              mf_diag *diag);

/* The score of every batch of an epoch. */
mf_status mf_evaluation_score(mf_model *model, mf_loader *loader, mf_model_score *score,
                              mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
