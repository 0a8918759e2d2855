/* How does a training go on from a checkpoint? By what its `training.json` says: what is trained,
 * with which keys, and how far it has come. Written and read here, so that both stay one. */
#ifndef MF_TRAIN_RESUMPTION_H
#define MF_TRAIN_RESUMPTION_H

#include "base/text.h"
#include "models/formats/network_file.h"
#include "models/operator.h"
#include "train/model.h"
#include "train/training.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is trained, in the words that it was asked for with. */
typedef struct mf_subject {
    const char *network, *op;
    const char **op_of; /* LAYERS=OP */
    size_t n_op_of;
    mf_network_options options;
} mf_subject;

/* How far a training has come. */
typedef struct mf_trained_so_far {
    uint64_t epoch, batch;   /* the next batch: of this epoch, this one */
    mf_model_score training; /* of the epoch so far */
    double best_top1;        /* of evaluations, 0 to 1 */
    uint64_t teacher_digest; /* of the teacher's bytes (base/hash.h); 0: none, or before it was kept */
} mf_trained_so_far;

/* What a checkpoint says; strings live in the arena it was read with. */
typedef struct mf_resumption {
    mf_subject subject;
    mf_training training;
    mf_trained_so_far so_far;
    const char *network_text; /* the network's description as it was then */
    mf_json_doc *network;     /* the same, read; whoever reads the checkpoint destroys it */
} mf_resumption;

/* The operator of each layer, into the arena. MF_USAGE for a rule that is no rule. */
mf_status mf_subject_assign(const mf_subject *subject, const mf_operators *operators,
                            const mf_network *network, mf_arena *arena, size_t **op_of_layer,
                            mf_diag *diag);

/* `training.json`, the whole of it. */
void mf_resumption_write(const mf_subject *subject, const mf_training *training,
                         const mf_trained_so_far *so_far, mf_text *text);

/* What of it determines a training: the subject, and keys that differ from their defaults. */
void mf_resumption_digest(const mf_subject *subject, const mf_training *training, mf_text *text);

/* All that a checkpoint says, but its weights. A failure names the checkpoint before it, if there
 * is one. */
mf_status mf_resumption_read(const char *path, mf_arena *arena, mf_resumption *resumption,
                             mf_diag *diag);

/* May a training go on with keys that were changed? MF_INVALID for what the checkpoint's numbers
 * were made with and, where it `goes_on`, for what is left of its epoch. */
mf_status mf_resumption_check(const mf_resumption *resumption, const mf_training *now, bool goes_on,
                              mf_diag *diag);

/* mf_checkpoint_load, with the same hint as above. */
mf_status mf_resumption_load(const char *path, bool momentum, mf_model *model, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
