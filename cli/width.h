/* How many characters does a terminal show in a line, and where does text that is longer break? */
#ifndef MF_CLI_WIDTH_H
#define MF_CLI_WIDTH_H

#include "base/text.h"

/* Characters per line of the terminal that is open as `stream`: 80 where it does not say, never
 * fewer than 40; 0 where it is no terminal. */
size_t mf_width_of_terminal(int stream);

/* Lines of the terminal that is open as `stream`: 24 where it does not say. */
size_t mf_height_of_terminal(int stream);

/* Characters a terminal shows: bytes that do not continue a UTF-8 character. */
size_t mf_width(const char *text, size_t n_bytes);

/* The bytes of the first `width` characters, or of all. */
size_t mf_width_bytes(const char *text, size_t width);

/* The bytes of the next line of at most `width` characters: to the end, or to a blank, or where no
 * blank is behind a sign that joins words, or through a word. `*text` moves to the line after it. */
size_t mf_width_line(const char **text, size_t width);

/* Append `text` in such lines, or as it is for `width` 0, with a line end. */
void mf_width_put(mf_text *out, const char *text, size_t width);

/* Append lines of text; those that are longer than `width` go on below, under what stands behind
 * their first two blanks side by side (a column as a rule), else two characters further in. */
void mf_width_fold(mf_text *out, const char *text, size_t width);

#endif
