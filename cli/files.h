/* Which files would a command line read, and which would it write? Every option says so in its
 * `words` (cli/command.h), so that no output replaces what is read, another output, or the
 * program's own data. */
#ifndef MF_CLI_FILES_H
#define MF_CLI_FILES_H

#include "cli/arguments.h"

/* MF_USAGE where two of the files named are one, MF_IO where one that is to be written cannot be:
 * before long work. Files are the same under whatever names, links and folders in between included.
 */
mf_status mf_files_check(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag);

#endif
