/* Which known name did the user probably mean? */
#ifndef MF_BASE_NEAREST_H
#define MF_BASE_NEAREST_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The one of `n` names nearest to `word` by edits (insert, delete, replace, swap neighbours; case
 * is ignored), or whose beginning is; NULL when none is near enough to be worth suggesting.
 * The result is borrowed from `names`; ties go to the earlier name. */
const char *mf_nearest(const char *word, const char *const *names, size_t n);

#ifdef __cplusplus
}
#endif

#endif
