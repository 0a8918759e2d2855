/* Which options and words did the user give? Parsed once by getopt_long against a command's list.
 */
#ifndef MF_CLI_ARGUMENTS_H
#define MF_CLI_ARGUMENTS_H

#include "base/arena.h"
#include "cli/command.h"

#include <stdint.h>

/* Borrowed from argv; lives in the arena it was parsed with. */
typedef struct mf_arguments {
    const mf_command *command;
    const char **words; /* the positional arguments */
    size_t n_words;
    struct mf_given *given;
    size_t n_given;
    mf_arena *arena;
} mf_arguments;

/* Options that every command has. */
#define MF_COMMON_OPTIONS                                                                          \
    {"help", 'h', NULL, "say what the command does, and stop", NULL},                              \
    {                                                                                              \
        "verbose", 'v', NULL, "say on standard error what is being done", NULL                     \
    }

/* Options of every command that prints rows. */
#define MF_OUTPUT_OPTIONS MF_OUTPUT_OPTIONS_BESIDE("")

/* The same where more is written beside the file. */
#define MF_OUTPUT_OPTIONS_BESIDE(beside)                                                           \
    {"format", 'f', "FORMAT", "text (default), csv, json or markdown", "=text csv json markdown"}, \
    {                                                                                              \
        "output", 'o', "FILE", "write to FILE in one step, gzipped if it ends in .gz",             \
            ">files" beside                                                                        \
    }

/* Options that change a network. */
#define MF_NETWORK_OPTIONS                                                                         \
    {"resolution", 'r', "N|HxW", "input rows and columns instead of the network's own", NULL},     \
        {"batch", 'b', "N", "images in the batch; counts, energy and latency are for all of them", \
         NULL},                                                                                    \
        {"classes", 0, "N", "outputs of the classifier", NULL},                                    \
        {"width", 'w', "X", "width multiplier instead of the network's own", NULL},                \
    {                                                                                              \
        "op-of", 0, "LAYERS=OP",                                                                   \
            "run layers on another operator; LAYERS is a name, number, role, kind or parts[n]",    \
            NULL                                                                                   \
    }

/* Options that change the simulation. */
#define MF_SIMULATION_OPTIONS                                                                      \
    {"accelerator", 'a', "NAME", "the array to run on, instead of the experiment's",               \
     "accelerators"},                                                                              \
        {"experiment", 'e', "NAME", "whose conventions to follow (default table3)",                \
         "experiments"},                                                                           \
    {                                                                                              \
        "set", 's', "KEY=VALUE",                                                                   \
            "change accelerator.KEY or conventions.KEY, for example accelerator.clock_mhz=200",    \
            NULL                                                                                   \
    }

#define MF_END_OF_OPTIONS                                                                          \
    {                                                                                              \
        NULL, 0, NULL, NULL, NULL                                                                  \
    }

/* Parse what follows the command's name. */
mf_status mf_arguments_parse(const mf_command *command, int argc, char **argv, mf_arena *arena,
                             mf_arguments *arguments, mf_diag *diag);

/* True when a switch was given; the last value of an option, or NULL; all its values in order. */
bool mf_arguments_has(const mf_arguments *arguments, const char *name);
const char *mf_arguments_value(const mf_arguments *arguments, const char *name);
const char **mf_arguments_values(const mf_arguments *arguments, const char *name, size_t *n);

/* Typed values, with the option's name in the message; `*out` is left alone when it was not given.
 */
mf_status mf_arguments_count(const mf_arguments *arguments, const char *name, uint64_t low,
                             uint64_t high, uint64_t *out, mf_diag *diag);
mf_status mf_arguments_real(const mf_arguments *arguments, const char *name, double low,
                            double high, double *out, mf_diag *diag);

/* A value that lists words separated by commas; empty words are errors. */
mf_status mf_arguments_list(const mf_arguments *arguments, const char *name, const char ***words,
                            size_t *n, mf_diag *diag);

/* MF_USAGE for the first option given that is one of `names` (ending in NULL), with the reason:
 * what would change nothing is not passed over. */
mf_status mf_arguments_refuse(const mf_arguments *arguments, const char *const *names,
                              const char *why, mf_diag *diag);

/* Between `low` and `high` words must have been given; the message shows the usage line. */
mf_status mf_arguments_expect(const mf_arguments *arguments, size_t low, size_t high,
                              mf_diag *diag);

#endif
