/* getopt_long does the parsing; this file turns a command's list into its table and words its
 * errors. */
#include "cli/arguments.h"

#include "base/nearest.h"
#include "base/units.h"
#include "cli/conditions.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_OPTIONS = 40, LONG_ONLY = 1000 };

static mf_status fail_option(const mf_command *command, const char *word, mf_diag *diag)
{
    const char *names[MOST_OPTIONS];
    size_t n = 0;
    for (const mf_option *o = command->options; o->name && n < MOST_OPTIONS; o++)
        names[n++] = o->name;
    mf_fail(diag, MF_USAGE, "%s: unknown option %s", command->name, word);
    const char *near = strncmp(word, "--", 2) == 0 ? mf_nearest(word + 2, names, n) : NULL;
    if (near)
        mf_hint(diag, "did you mean --%s?", near);
    else
        mf_hint(diag, "`mulfree %s --help` lists the options", command->name);
    return MF_USAGE;
}

/* The option that getopt_long returned `code` for. */
static const mf_option *option_of(const mf_command *command, int code)
{
    for (const mf_option *o = command->options; o->name; o++)
        if ((o->letter && o->letter == code) || code == LONG_ONLY + (int)(o - command->options))
            return o;
    return NULL;
}

static mf_status fail_getopt(const mf_command *command, int code, char **argv, mf_diag *diag)
{
    const mf_option *o = option_of(command, optopt);
    if (code == ':' && o)
        return mf_fail(diag, MF_USAGE, "%s: option --%s needs a value, %s", command->name, o->name,
                       o->value);
    if (o)
        return mf_fail(diag, MF_USAGE, "%s: option --%s takes no value", command->name, o->name);
    if (optopt) {
        const char letter[] = {'-', (char)optopt, '\0'};
        return fail_option(command, letter, diag);
    }
    return fail_option(command, argv[optind - 1], diag);
}

/* A word may hold as many options as it has letters: -vvv. */
static size_t most_given(int argc, char **argv)
{
    size_t n = 1;
    for (int i = 0; i < argc; i++)
        n += strlen(argv[i]);
    return n;
}

mf_status mf_arguments_parse(const mf_command *command, int argc, char **argv, mf_arena *arena,
                             mf_arguments *arguments, mf_diag *diag)
{
    struct option table[MOST_OPTIONS + 1] = {0};
    char letters[3 * MOST_OPTIONS + 2] = ":";
    size_t n_letters = 1;
    for (const mf_option *o = command->options; o->name; o++) {
        size_t i = (size_t)(o - command->options);
        int code = o->letter ? o->letter : LONG_ONLY + (int)i;
        table[i] = (struct option){o->name, o->value ? required_argument : no_argument, NULL, code};
        if (o->letter)
            letters[n_letters++] = o->letter;
        if (o->letter && o->value)
            letters[n_letters++] = ':';
    }
    *arguments = (mf_arguments){.command = command, .arena = arena};
    arguments->given = MF_NEW_ARRAY(arena, mf_given, most_given(argc, argv));
    arguments->words = MF_NEW_ARRAY(arena, const char *, (size_t)argc);
    if (!arguments->given || !arguments->words)
        return mf_fail_memory(diag);
    optind = 0;
    opterr = 0;
    for (int code; (code = getopt_long(argc, argv, letters, table, NULL)) != -1;) {
        if (code == '?' || code == ':')
            return fail_getopt(command, code, argv, diag);
        arguments->given[arguments->n_given++] = (mf_given){option_of(command, code), optarg};
    }
    while (optind < argc)
        arguments->words[arguments->n_words++] = argv[optind++];
    arguments->holds = mf_arguments_find(arguments);
    return MF_OK;
}

bool mf_arguments_has(const mf_arguments *arguments, const char *name)
{
    for (size_t i = 0; i < arguments->n_given; i++)
        if (strcmp(arguments->given[i].option->name, name) == 0)
            return true;
    return false;
}

const char *mf_arguments_value(const mf_arguments *arguments, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < arguments->n_given; i++)
        if (strcmp(arguments->given[i].option->name, name) == 0)
            value = arguments->given[i].value;
    return value;
}

const char **mf_arguments_values(const mf_arguments *arguments, const char *name, size_t *n)
{
    const char **values = MF_NEW_ARRAY(arguments->arena, const char *, arguments->n_given + 1);
    *n = 0;
    for (size_t i = 0; values && i < arguments->n_given; i++)
        if (strcmp(arguments->given[i].option->name, name) == 0)
            values[(*n)++] = arguments->given[i].value;
    return values;
}

/* "1mm2" behind --area-um2. */
static mf_status hint_unit(const char *name, const char *value, mf_diag *diag)
{
    char hint[256];
    if (mf_units_hint(name, value, hint, sizeof hint))
        mf_hint(diag, "%s", hint);
    return MF_USAGE;
}

mf_status mf_arguments_count(const mf_arguments *arguments, const char *name, uint64_t low,
                             uint64_t high, uint64_t *out, mf_diag *diag)
{
    const char *value = mf_arguments_value(arguments, name);
    if (!value)
        return MF_OK;
    char *end;
    errno = 0;
    uint64_t number = strtoull(value, &end, 10);
    bool digits = *value >= '0' && *value <= '9' && *end == '\0';
    if (!digits || errno == ERANGE || number < low || number > high) {
        mf_fail(diag, MF_USAGE,
                "--%s: expected a whole number from %" PRIu64 " to %" PRIu64 ", found \"%s\"", name,
                low, high, value);
        return hint_unit(name, value, diag);
    }
    *out = number;
    return MF_OK;
}

mf_status mf_arguments_real(const mf_arguments *arguments, const char *name, double low,
                            double high, double *out, mf_diag *diag)
{
    const char *value = mf_arguments_value(arguments, name);
    if (!value)
        return MF_OK;
    char *end;
    double number = strtod(value, &end);
    if (end == value || *end || !(number >= low && number <= high)) {
        mf_fail(diag, MF_USAGE, "--%s: expected a number from %g to %g, found \"%s\"", name, low,
                high, value);
        return hint_unit(name, value, diag);
    }
    *out = number;
    return MF_OK;
}

mf_status mf_arguments_list(const mf_arguments *arguments, const char *name, const char ***words,
                            size_t *n, mf_diag *diag)
{
    const char *value = mf_arguments_value(arguments, name);
    *n = 0;
    *words = NULL;
    if (!value)
        return MF_OK;
    *words = MF_NEW_ARRAY(arguments->arena, const char *, strlen(value) + 1);
    if (!*words)
        return mf_fail_memory(diag);
    for (const char *p = value;; p++) {
        size_t length = strcspn(p, ",");
        if (length == 0)
            return mf_fail(diag, MF_USAGE, "--%s: an empty word in \"%s\"", name, value);
        (*words)[*n] = mf_arena_string_n(arguments->arena, p, length);
        if (!(*words)[(*n)++])
            return mf_fail_memory(diag);
        p += length;
        if (!*p)
            return MF_OK;
    }
}

mf_status mf_arguments_expect(const mf_arguments *arguments, size_t low, size_t high, mf_diag *diag)
{
    const mf_command *command = arguments->command;
    if (arguments->n_words >= low && arguments->n_words <= high)
        return MF_OK;
    if (arguments->n_words > high)
        return mf_fail(diag, MF_USAGE, "%s: one word too many, \"%s\"; usage: mulfree %s %s",
                       command->name, arguments->words[high], command->name, command->arguments);
    return mf_fail(diag, MF_USAGE, "%s: a word is missing; usage: mulfree %s %s", command->name,
                   command->name, command->arguments);
}
