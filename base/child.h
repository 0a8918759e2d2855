/* Run a function in a process of its own and get its result back: SystemC elaborates once per
 * process, so every chip but the first needs another one. */
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

#ifdef __cplusplus
}
#endif

#endif
