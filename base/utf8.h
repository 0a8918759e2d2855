/* Where does a character of UTF-8 end, and which one is it? */
#ifndef MF_BASE_UTF8_H
#define MF_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of the character at `bytes`, of which `left` may be read; 0 where there is none: a stray or
 * missing byte, a longer writing than needed, a surrogate, more than U+10FFFF. */
size_t mf_utf8_length(const char *bytes, size_t left);

/* The code point of a character of `n` bytes, as mf_utf8_length found it. */
uint32_t mf_utf8_point(const char *bytes, size_t n);

/* Is all of a string UTF-8? */
bool mf_utf8_is_text(const char *string);

#ifdef __cplusplus
}
#endif

#endif
