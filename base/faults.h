/* What is wrong with one object, all of it at once? A reader tries one member after the other,
 * keeps each failure and goes on; at the end they are one failure of one line.
 *
 *     mf_faults faults = {0};
 *     MF_ALSO(mf_json_count(object, "rows", 1, 99, &rows, &faults.latest));
 *     MF_ALSO(mf_json_real(object, "width", 0, 1, &width, &faults.latest));
 *     return mf_faults_end(&faults, diag);
 *
 * Values that could not be read keep what they had: nothing that depends on them may run before the
 * end. */
#ifndef MF_BASE_FAULTS_H
#define MF_BASE_FAULTS_H

#include "base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Set to zero before use. `latest` is the diagnostic of the call at hand. */
typedef struct mf_faults {
    mf_diag latest, first;
    size_t n, n_shown;
    char list[sizeof(((mf_diag *)0)->message)]; /* those shown, with their hints, but the name */
} mf_faults;

/* Keep `faults->latest`, which a call that returned `status` left, and clear it; nothing for MF_OK.
 * What is wrong beside a lack of memory does not matter. */
void mf_faults_add(mf_faults *faults, mf_status status);

/* MF_OK if nothing failed; one failure as it was; several as the status of the first, with the name
 * of its document in front and as many of them as the line holds, the others as a number. */
mf_status mf_faults_end(const mf_faults *faults, mf_diag *diag);

/* Try a call and go on; needs a local `mf_faults faults`. */
#define MF_ALSO(call) mf_faults_add(&faults, (call))

#ifdef __cplusplus
}
#endif

#endif
