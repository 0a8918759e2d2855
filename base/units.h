/* What does "200MHz" mean where a number of megahertz is wanted? Units stand in the names of keys
 * and options; someone who writes one behind the number is told the number. */
#ifndef MF_BASE_UNITS_H
#define MF_BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Is `text` a number with something behind it? Then `hint` says what to write for a key or option
 * called `name`. */
bool mf_units_hint(const char *name, const char *text, char *hint, size_t size);

/* Is `end` a unit that names end in: "mhz"? */
bool mf_units_is_end(const char *end);

#ifdef __cplusplus
}
#endif

#endif
