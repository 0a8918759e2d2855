/* What is a command? A name, its words of help, its options, and a function. Help, shell completion
 * and the manual page are all written from this description, so they cannot disagree with it. */
#ifndef MF_CLI_COMMAND_H
#define MF_CLI_COMMAND_H

#include "base/log.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* MF_IF_CONSISTENT ...: bits, one for each condition on which options count. (Enumerators wider than
 * int are of C23; compilers had them long before.) */
typedef uint64_t mf_conditions;
enum {
#define MF_CONDITION(NAME, option, holds, when) MF_AT_##NAME,
#include "cli/conditions.def"
#undef MF_CONDITION
    MF_N_CONDITIONS
};
enum {
#define MF_CONDITION(NAME, option, holds, when) MF_IF_##NAME = 1ull << MF_AT_##NAME,
#include "cli/conditions.def"
#undef MF_CONDITION
};

/* One option. `value` is the placeholder of its value in help, NULL for a switch. `words` says what
 * it names, for completion and for cli/files.h: "files" that are read, ">files" that are written,
 * names of catalog kinds ("networks accelerators"), or "=" and the words themselves, separated by
 * blanks; NULL for nothing. Behind "files" may stand what is read or written beside it: ".lock"
 * behind its name,
 * "*.old.npz" instead of its ".npz", "/a.yaml" in it (which makes it a folder; "/" alone: whatever
 * stands in it); and "--OPTION" whose file it may be. `needs`: where
 * not all of these conditions hold, the option would change nothing and is refused. A `list` may be
 * given several times, each time as KEY=VALUE for another key. */
typedef struct mf_option {
    const char *name;
    char letter;
    const char *value;
    const char *about;
    const char *words;
    mf_conditions needs;
    bool list;
} mf_option;

typedef struct mf_example {
    const char *line, *about;
} mf_example;

struct mf_arguments;

/* What a command may use of the outside. */
typedef struct mf_cli {
    const char *data_root; /* the folder that holds models/zoo and the rest; NULL until asked for */
    bool colour;           /* standard output is a terminal that shows colours */
    bool terminal;         /* standard output is one, and tables are to fit so many characters */
    size_t width;
    bool progress;         /* standard error is one */
    mf_log log;
} mf_cli;

typedef struct mf_command {
    const char *name;
    const char *summary;        /* one line, no full stop */
    const char *arguments;      /* what follows the name in the usage line */
    const char *about;          /* paragraphs of help */
    const char *words;          /* completion of the positional arguments, as in mf_option */
    mf_conditions always;       /* conditions that hold whatever is given */
    const mf_option *options;   /* up to one without a name */
    const mf_example *examples; /* up to one without a line */
    mf_status (*run)(mf_cli *cli, const struct mf_arguments *arguments, mf_diag *diag);
    bool on_ranks; /* several processes may run it together (base/ranks.h) */
} mf_command;

#define MF_COMMAND(name) extern const mf_command mf_command_##name;
#include "cli/commands.def"
#undef MF_COMMAND

/* All commands in the order of commands.def, ending in NULL. */
extern const mf_command *const mf_commands[];

#endif
