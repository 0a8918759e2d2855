/* Help texts, written from the commands' descriptions, to standard output. */
#ifndef MF_CLI_HELP_H
#define MF_CLI_HELP_H

#include "base/text.h"
#include "cli/command.h"

mf_status mf_help_program(mf_diag *diag);
mf_status mf_help_version(mf_diag *diag);
mf_status mf_help_command(const mf_command *command, mf_diag *diag);

/* The version, and the paragraph that says what the program is. */
const char *mf_help_version_text(void);
const char *mf_help_about_text(void);

/* Append `text` broken into lines of at most 80 columns, each behind `indent` blanks; the first
 * line continues at column `column`. */
void mf_help_wrap(mf_text *out, const char *text, size_t indent, size_t column);

#endif
