/* Which options and words did the user give? Parsed once by getopt_long against a command's list.
 */
#ifndef MF_CLI_ARGUMENTS_H
#define MF_CLI_ARGUMENTS_H

#include "base/arena.h"
#include "cli/command.h"

#include <stdint.h>

/* An option that was given; its value, NULL for a switch. */
typedef struct mf_given {
    const mf_option *option;
    const char *value;
} mf_given;

/* Borrowed from argv; lives in the arena it was parsed with. */
typedef struct mf_arguments {
    const mf_command *command;
    const char **words; /* the positional arguments */
    size_t n_words;
    mf_given *given;
    size_t n_given;
    mf_conditions holds;
    mf_arena *arena;
} mf_arguments;

/* Options that every command has. */
#define MF_COMMON_OPTIONS                                                                          \
    {"help", 'h', NULL, .about = "say what the command does, and stop"},                           \
    {                                                                                              \
        "verbose", 'v', NULL, .about = "say on standard error what is being done"                  \
    }

/* Options of every command that prints rows. */
#define MF_OUTPUT_OPTIONS MF_FORMAT_OPTION(0), MF_OUTPUT_OPTION(""), MF_WIDE_OPTION(0)
#define MF_FORMAT_OPTION(condition)                                                                \
    {                                                                                              \
        "format", 'f', "FORMAT", .about = "text (default), csv, json or markdown",                 \
                                 .words = "=text csv json markdown", .needs = (condition)          \
    }
#define MF_OUTPUT_OPTION(beside)                                                                   \
    {                                                                                              \
        "output", 'o', "FILE", .about = "write to FILE in one step, gzipped if it ends in .gz",    \
                               .words = ">files" beside                                            \
    }

#define MF_WIDE_OPTION(condition)                                                                  \
    {                                                                                              \
        "wide", 0, NULL, .about = "print tables in one piece, however narrow the terminal",        \
                         .needs = (condition) | MF_IF_ON_TERMINAL                                  \
    }

/* Options that change a network, and what they need in the command. */
#define MF_NETWORK_OPTIONS(condition)                                                               \
    {"resolution", 'r', "N|HxW", .about = "input rows and columns instead of the network's own",    \
     .needs = (condition) | MF_IF_DESCRIBED},                                                       \
        {"classes", 0, "N", .about = "outputs of the classifier",                                   \
         .needs = (condition) | MF_IF_DESCRIBED},                                                   \
        {"width", 'w', "X", .about = "width multiplier instead of the network's own",               \
         .needs = (condition) | MF_IF_DESCRIBED},                                                   \
    {                                                                                               \
        "op-of", 0, "LAYERS=OP",                                                                    \
            .about =                                                                                \
                "run layers on another operator; LAYERS is a name, number, role, kind or parts[n]", \
            .needs = (condition), .list = true                                                      \
    }
#define MF_BATCH_OPTION(condition)                                                                 \
    {                                                                                              \
        "batch", 'b', "N",                                                                         \
            .about = "images in the batch; counts, energy and latency are for all of them",        \
            .needs = (condition)                                                                   \
    }

/* Options that change the simulation, and what they need in the command. */
#define MF_SIMULATION_OPTIONS(condition)                                                            \
    {"accelerator",                                                                                 \
     'a',                                                                                           \
     "NAME",                                                                                        \
     .about = "the array to run on, instead of the experiment's",                                   \
     .words = "accelerators",                                                                       \
     .needs = (condition)},                                                                         \
        {"experiment",                                                                              \
         'e',                                                                                       \
         "NAME",                                                                                    \
         .about = "whose conventions to follow (default table3)",                                   \
         .words = "experiments",                                                                    \
         .needs = (condition) | MF_IF_EXPERIMENT},                                                  \
    {                                                                                               \
        "set", 's', "KEY=VALUE",                                                                    \
            .about =                                                                                \
                "change accelerator.KEY or conventions.KEY, for example accelerator.clock_mhz=200", \
            .needs = (condition), .list = true                                                      \
    }

#define MF_END_OF_OPTIONS                                                                          \
    {                                                                                              \
        NULL, 0, NULL, .about = NULL                                                               \
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

/* Between `low` and `high` words must have been given; the message shows the usage line. */
mf_status mf_arguments_expect(const mf_arguments *arguments, size_t low, size_t high,
                              mf_diag *diag);

#endif
