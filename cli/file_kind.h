/* What is this file, whatever its name says? People give a checkpoint where a network is wanted, a
 * sweep where an accelerator is: each loader asks here first, and the answer says what the file is
 * good for. */
#ifndef MF_CLI_FILE_KIND_H
#define MF_CLI_FILE_KIND_H

#include "base/status.h"

typedef enum mf_file_kind {
#define MF_FILE_KIND(NAME, what, use) MF_FILE_##NAME,
#include "cli/file_kinds.def"
#undef MF_FILE_KIND
    MF_N_FILE_KINDS,
    MF_FILE_UNKNOWN = MF_N_FILE_KINDS
} mf_file_kind;

/* By the first bytes, the entries of an archive, or the keys of a JSON object; MF_FILE_UNKNOWN for
 * what is none of the list, cannot be read, or is no regular file (a pipe can be read only once).
 * Little is read, whatever the file's size. */
mf_file_kind mf_file_kind_of(const char *path);

/* "a network", and what can be done with a file of that kind, in which FILE stands for its name. */
const char *mf_file_kind_what(mf_file_kind kind);
const char *mf_file_kind_use(mf_file_kind kind);

/* A set of kinds. */
#define MF_FILE_BIT(kind) (1u << (kind))
#define MF_FILES_WITH_LAYERS                                                                       \
    (MF_FILE_BIT(MF_FILE_NETWORK) | MF_FILE_BIT(MF_FILE_SCALESIM) | MF_FILE_BIT(MF_FILE_TRACE))

/* MF_INVALID if the file is known to be of a kind that is not `wanted`, the first of which gives
 * the message its name; what cannot be told passes, for its reader to complain about. */
mf_status mf_file_kind_check(const char *path, unsigned wanted, mf_diag *diag);

#endif
