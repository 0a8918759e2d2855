/* One loop over all cores: items are handed out in order, one at a time, to a fixed set of threads.
 */
#ifndef MF_BASE_PARALLEL_H
#define MF_BASE_PARALLEL_H

#include "base/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The number of processors this process may run on; at least 1. */
size_t mf_parallel_cores(void);

/* Call `work(user, item, worker)` for every item in [0, n_items) on `n_workers` threads (`worker`
 * in [0, n_workers)); with one worker on the caller's own thread. Work stops being handed out as
 * soon as a call returns false. False is returned to the caller's `*finished`, too. MF_NO_MEMORY
 * when threads cannot be made. */
mf_status mf_parallel_for(size_t n_items, size_t n_workers,
                          bool (*work)(void *user, size_t item, size_t worker), void *user,
                          bool *finished, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
