/* The line on a terminal that says what is under way. Whoever writes anything else to the terminal
 * wipes it first, so that nothing is written into it. Safe to call from several threads. */
#ifndef MF_CLI_LINE_H
#define MF_CLI_LINE_H

/* Draw it on standard error, in the place of the one before: for a terminal only. */
void mf_line_draw(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Nothing happens where there is none. */
void mf_line_wipe(void);

#endif
