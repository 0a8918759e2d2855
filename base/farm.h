/* How are many jobs that do not depend on each other done by all cores, or by all ranks (base/ranks.h)?
 * Jobs are handed out one at a time to whoever is free. A process that is alone has threads; of several
 * ranks each does one job at a time, and rank 0 hands them out beside its own. What a job came to is kept
 * on rank 0, so that only jobs in flight are lost with a rank. */
#ifndef MF_BASE_FARM_H
#define MF_BASE_FARM_H

#include "base/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mf_farm {
    size_t n_jobs, n_threads; /* threads: of a process that is alone; at least 1 */
    const size_t *order;      /* [n_jobs], which job is handed out first: the longest; NULL: 0, 1, ... */
    size_t n_bytes;           /* of a result: values, no pointers */
    void *user;

    /* Any rank, any thread (below n_threads) of it; `result` is all zero before. */
    void (*work)(void *user, size_t job, size_t thread, void *result);

    /* Of rank 0 alone, one call at a time: is a job to be done (NULL: all are)? Keep its result; false
     * ends. Should no more be begun (NULL: never)? */
    bool (*wanted)(void *user, size_t job);
    bool (*keep)(void *user, size_t job, const void *result);
    bool (*stop)(void);
} mf_farm;

/* All ranks, with the same jobs. `*finished`: nothing ended it early; on other ranks than 0, true. MF_IO
 * where a rank says nothing for longer than mf_ranks_patience, a job of its own included. */
mf_status mf_farm_run(const mf_farm *farm, bool *finished, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
