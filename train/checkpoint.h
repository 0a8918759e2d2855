/* Where is a training kept? In an .npz that numpy opens: `training.json`, which says what is
 * trained and how far it has come; `network.json`, the network's description, so that a later
 * change of its file cannot turn the weights into those of another network; and per parameter
 * `<layer>.<role>.npy` and
 * `<layer>.<role>.momentum.npy`, float32, laid out as train/kernels/kernels.h says. Where averages of
 * what learns are kept, these are in the first, and what goes on learning in
 * `<layer>.<role>.raw.npy`. Written beside its name and renamed: a crash never leaves half of one. */
#ifndef MF_TRAIN_CHECKPOINT_H
#define MF_TRAIN_CHECKPOINT_H

#include "base/arena.h"
#include "train/parameters.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Same texts and store, same bytes. */
typedef struct mf_checkpoint_texts {
    const char *training, *network; /* the two .json */
} mf_checkpoint_texts;
mf_status mf_checkpoint_save(const char *path, const mf_checkpoint_texts *texts,
                             mf_parameters *store, mf_diag *diag);

/* Both texts, in the arena. */
mf_status mf_checkpoint_read_texts(const char *path, mf_arena *arena, mf_checkpoint_texts *texts,
                                   mf_diag *diag);

/* Values of all parameters but those of the layer `but` (NULL: of all), of which the file may have any
 * arrays or none. Otherwise as below. */
mf_status mf_checkpoint_load_but(const char *path, const char *but, mf_parameters *store,
                                 mf_diag *diag);

/* All parameters, and if `momentum`, to go on learning, momenta and values behind averages, into a store of the same tensors, found by name.
 * Every array must be there, have its shape and hold finite numbers, and none may be there that the
 * store does not have, or it is left as it was: MF_INVALID, MF_MALFORMED. */
mf_status mf_checkpoint_load(const char *path, bool momentum, mf_parameters *store, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
