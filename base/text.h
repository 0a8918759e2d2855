/* A growing text buffer: reports are composed in memory and then written in one piece. */
#ifndef MF_BASE_TEXT_H
#define MF_BASE_TEXT_H

#include "base/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Set to zero before use. `bytes` is terminated and owned by the buffer until mf_text_free. Once
 * memory ran out `failed` stays true and later additions do nothing: check it once at the end. */
typedef struct mf_text {
    char *bytes;
    size_t length;
    size_t capacity;
    bool failed;
} mf_text;

void mf_text_free(mf_text *text);
void mf_text_add(mf_text *text, const char *bytes, size_t length);
void mf_text_puts(mf_text *text, const char *string);
void mf_text_printf(mf_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A number in the fewest digits that read back as the same double. `value` must be finite. Strings
 * go through base/escape.h. */
void mf_text_json_real(mf_text *text, double value);

#ifdef __cplusplus
}
#endif

#endif
