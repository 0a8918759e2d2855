/* Which options count? An option that would change nothing is refused: in a result it would look as
 * if it had been heard. What an option needs is written beside it (mf_option.needs); what there is
 * to need, and whether it holds, in conditions.def. */
#ifndef MF_CLI_CONDITIONS_H
#define MF_CLI_CONDITIONS_H

#include "cli/arguments.h"

/* The conditions that hold, for mf_arguments.holds. */
mf_conditions mf_arguments_find(const mf_arguments *arguments);

/* Refuse options that would change nothing: those whose conditions do not hold, and those given
 * again, where only the last would count. */
mf_status mf_arguments_judge(const mf_arguments *arguments, mf_diag *diag);

/* Do all of these conditions hold? */
bool mf_arguments_hold(const mf_arguments *arguments, mf_conditions conditions);

/* MF_USAGE for `what`, an option or a key, unless all conditions that it needs hold. */
mf_status mf_arguments_need(const mf_arguments *arguments, const char *what, mf_conditions conditions,
                            mf_diag *diag);

/* A file has told that `condition` does not hold: refuse the options given that need it. */
mf_status mf_arguments_lack(const mf_arguments *arguments, mf_conditions condition, mf_diag *diag);

/* "with --accounting consistent": what an option of a command needs and may lack there, "" for
 * nothing, into `text`. */
void mf_option_when(const mf_command *command, const mf_option *option, char *text, size_t size);

#endif
