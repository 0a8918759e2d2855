/* The line on a terminal, or a few, that says what is under way. Whoever writes anything else to
 * the terminal wipes it first, so that nothing is written into it. Safe to call from several
 * threads. */
#ifndef MF_CLI_LINE_H
#define MF_CLI_LINE_H

#include <stddef.h>

/* Draw it on standard error, in the place of the one before: for a terminal only. */
void mf_line_draw(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Several, of which each is cut where the terminal ends. There must be room for them. */
void mf_line_draw_several(const char *const *lines, size_t n);

/* Nothing happens where there is none. */
void mf_line_wipe(void);

#endif
