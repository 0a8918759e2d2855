/* Is this file what it says it is, and is it right? Each kind of file_kinds.def that the program reads is
 * read by its own reader, with everything that it names. */
#ifndef MF_CLI_CHECK_FILE_H
#define MF_CLI_CHECK_FILE_H

#include "cli/arguments.h"
#include "cli/file_kind.h"

/* What kind the file is of, and a failure with all that is wrong with it. What only another file or a
 * layer could tell is left open: whether a mapping fits, whether a network has the layers that
 * statistics name. MF_INVALID for kinds that are written or drawn but never read, and for what is of no
 * kind. `arena` holds what is read. */
mf_status mf_check_file(mf_cli *cli, const mf_arguments *arguments, const char *path,
                        mf_arena *arena, mf_file_kind *kind, mf_diag *diag);

#endif
