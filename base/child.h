/* Run a function in a process of its own and get its result back: SystemC elaborates once per
 * process, so every chip but the first needs another one. And workers, for programs with threads,
 * which must not fork: they are processes that are made before. */
#ifndef MF_BASE_CHILD_H
#define MF_BASE_CHILD_H

#include "base/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Call `work(user, result, diag)` in a child, which may fill `result[n_bytes]` (values, no
 * pointers); both the status and the result come back. MF_NO_MEMORY where no child can be made,
 * MF_IO where it ends without a word. */
mf_status mf_child_run(mf_status (*work)(void *user, void *result, mf_diag *diag), void *user,
                       void *result, size_t n_bytes, mf_diag *diag);

/* Processes that do `work` when they are asked, and may make children of their own. */
typedef struct mf_workers mf_workers;

/* Make `n`; each has its own copy of `user`, as it is now. As for mf_child_run, results are
 * `n_bytes` bytes of values. Not while other threads run. */
mf_status mf_workers_create(size_t n,
                            mf_status (*work)(void *user, size_t item, void *result, mf_diag *diag),
                            void *user, size_t n_bytes, mf_workers **workers, mf_diag *diag);

/* Ask one, and wait: by several threads, but one worker by one thread at a time. MF_IO where it is
 * no longer there. */
mf_status mf_workers_run(const mf_workers *workers, size_t worker, size_t item, void *result,
                         mf_diag *diag);

/* Let them end, and wait for it. NULL is none. */
void mf_workers_destroy(mf_workers *workers);

#ifdef __cplusplus
}
#endif

#endif
