/* How did a training go? A file of JSON lines, one per epoch, appended whole or not at all. Whoever
 * goes on from a checkpoint first cuts off what was written after it. */
#ifndef MF_TRAIN_LOG_H
#define MF_TRAIN_LOG_H

#include "base/arena.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One epoch; shares are 0 to 1. MF_LOGGED(member, what it is). */
#define MF_EACH_LOGGED(MF_LOGGED)                                                                  \
    MF_LOGGED(rate, "learning rate of the last step")                                              \
    MF_LOGGED(loss, "of training, mean over the epoch")                                            \
    MF_LOGGED(top1, "of training")                                                                 \
    MF_LOGGED(test_loss, "of the pictures held out, without label smoothing")                      \
    MF_LOGGED(test_top1, "")                                                                       \
    MF_LOGGED(test_top5, "")                                                                       \
    MF_LOGGED(images_per_s, "of this run so far")                                                  \
    MF_LOGGED(seconds, "of this run so far")

typedef struct mf_logged {
    uint64_t epoch; /* from 1 */
#define MF_LOGGED(member, text) double member;
    MF_EACH_LOGGED(MF_LOGGED)
#undef MF_LOGGED
} mf_logged;

mf_status mf_log_append(const char *path, const mf_logged *line, mf_diag *diag);

/* All lines, in the arena. A line that is none of ours is an error, but for an unfinished last one,
 * which a crash may leave and which does not count. */
mf_status mf_log_read(const char *path, mf_arena *arena, mf_logged **lines, size_t *n,
                      mf_diag *diag);

/* The same for the bytes of a log; `name` is what messages begin with. */
mf_status mf_log_parse(const char *name, const char *bytes, size_t n_bytes, mf_arena *arena,
                       mf_logged **lines, size_t *n, mf_diag *diag);

/* Leave epochs 1 to `last`, of which the best reached `best_top1`, or it is another training's log:
 * MF_INVALID. Nothing happens where there is no file. */
mf_status mf_log_cut(const char *path, uint64_t last, double best_top1, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
