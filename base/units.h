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

/* Of "108 KB" for a key whose value is in the unit that `name` ends in: the number of that unit. A key
 * that ends in words takes sizes, too, where `word_bits` says how wide its words are (0: unknown).
 * False, and `why` says what is wrong, for text that is no number with a unit that such keys have. */
bool mf_units_value(const char *name, const char *text, double word_bits, double *value, char *why,
                    size_t size);

/* Is `end` a unit that names end in: "mhz"? */
bool mf_units_is_end(const char *end);

#ifdef __cplusplus
}
#endif

#endif
