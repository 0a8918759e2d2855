/* Is a text JSON to the letter? cJSON is generous: it takes "01", "1.", raw control characters and
 * broken UTF-8. This check runs before it. Private to base/. */
#ifndef MF_BASE_JSON_TEXT_H
#define MF_BASE_JSON_TEXT_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* NULL when strings and numbers follow RFC 8259, else what is wrong, with its byte in `*offset`.
 * Nesting and punctuation are left to the parser. */
const char *mf_json_text_fault(const char *text, size_t n_bytes, size_t *offset);

#ifdef __cplusplus
}
#endif

#endif
