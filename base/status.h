/* How does a function say that it failed, and why? Every fallible function returns `mf_status` and
 * takes a `mf_diag` last, which receives one clear line with the offending values and, where one
 * helps, a hint. Nothing here prints or exits. */
#ifndef MF_BASE_STATUS_H
#define MF_BASE_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mf_status {
#define MF_STATUS(name, exit_code, text) MF_##name,
#include "base/status.def"
#undef MF_STATUS
    MF_N_STATUS
} mf_status;

/* One failure. Owned by the caller, who sets it to zero; may be passed as NULL. `message` and
 * `hint` are single lines without a final newline; `hint` is empty when there is nothing to
 * suggest. */
typedef struct mf_diag {
    mf_status status;
    size_t n_things; /* how many the message lists, where mf_faults_end wrote it; else 0 */
    char message[2048];
    char hint[512];
} mf_diag;

/* The name ("NO_MAPPING"), meaning and process exit code of a status. */
const char *mf_status_name(mf_status status);
const char *mf_status_text(mf_status status);
int mf_status_exit_code(mf_status status);

/* Fill `diag` (unless NULL) and return `status`. An overlong text is cut and ends in "...". What
 * came in through user input stands in it as it is: who shows a message escapes it (base/escape.h).
 */
mf_status mf_fail(mf_diag *diag, mf_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Add a hint to a failure already in `diag`; does nothing for NULL. */
void mf_hint(mf_diag *diag, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Say where the failure in `diag` was, before what it says, as in "layer conv_1: ...": nothing where `status`
 * is MF_OK. Returns `status`. */
mf_status mf_fail_at(mf_diag *diag, mf_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The caller ran out of memory. */
mf_status mf_fail_memory(mf_diag *diag);

/* Forward a failure. */
#define MF_TRY(call)                                                                               \
    do {                                                                                           \
        mf_status try_status = (call);                                                             \
        if (try_status != MF_OK)                                                                   \
            return try_status;                                                                     \
    } while (0)

/* Forward a failure through the function's `done:` label; needs a local `mf_status status`. */
#define MF_TRY_DONE(call)                                                                          \
    do {                                                                                           \
        status = (call);                                                                           \
        if (status != MF_OK)                                                                       \
            goto done;                                                                             \
    } while (0)

#ifdef __cplusplus
}
#endif

#endif
