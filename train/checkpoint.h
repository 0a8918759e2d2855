/* Where is a training kept? In an .npz that numpy opens: `training.json`, which says what is
 * trained and how far it has come, and per parameter `<layer>.<role>.npy` and
 * `<layer>.<role>.momentum.npy`, float32, laid out as train/kernels/kernels.h says. Written beside
 * its name and renamed: a crash never leaves half of one. */
#ifndef MF_TRAIN_CHECKPOINT_H
#define MF_TRAIN_CHECKPOINT_H

#include "base/json.h"
#include "train/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Same model, same bytes. */
mf_status mf_checkpoint_save(const char *path, const char *training_json, mf_model *model,
                             mf_diag *diag);

/* Its training.json; owned by the caller. */
mf_status mf_checkpoint_describe(const char *path, mf_json_doc **doc, mf_diag *diag);

/* All parameters, and momentum if `momentum`, into a model of the same network. Every array must be
 * there, have its shape and hold finite numbers, or the model is left as it was: MF_INVALID,
 * MF_MALFORMED. */
mf_status mf_checkpoint_load(const char *path, bool momentum, mf_model *model, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
