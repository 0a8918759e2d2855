/* Which known name did the user probably mean? */
#ifndef MF_BASE_NEAREST_H
#define MF_BASE_NEAREST_H

#include "base/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The one of `n` names nearest to `word` by edits (insert, delete, replace, swap neighbours; case
 * is ignored), or whose beginning is; NULL when none is near enough to be worth suggesting.
 * The result is borrowed from `names`; ties go to the earlier name. */
const char *mf_nearest(const char *word, const char *const *names, size_t n);

/* A word that people bring from elsewhere, such as "lr": the name it has here, or, where there is
 * none, what there is instead. Lists end in one without word. */
typedef struct mf_other_word {
    const char *word;
    const char *name;    /* NULL: there is no such thing ... */
    const char *instead; /* ... and this says why not, or how else; may be NULL beside a name */
} mf_other_word;

/* Hint at what `others` (may be NULL) says about `word`; false, and no hint, where it does not. */
bool mf_other_word_hint(const char *word, const mf_other_word *others, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
