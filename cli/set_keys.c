/* What each group of keys needs, in conditions. */
#include "cli/set_keys.h"

#include "models/accelerator.h"
#include "train/training.h"

#include <string.h>

static const mf_conditions of_group[] = {[MF_GROUP_MACHINE] = 0,
                                    [MF_GROUP_ACCOUNT] = MF_IF_CONSISTENT,
                                    [MF_GROUP_ZEROS] = MF_IF_CONSISTENT | MF_IF_ZEROS,
                                    [MF_GROUP_NESTS] = MF_IF_CONSISTENT | MF_IF_WEIGHT_TILES,
                                    [MF_GROUP_AREA] = MF_IF_CONSISTENT | MF_IF_BY_AREA,
                                    [MF_GROUP_CHIP] = MF_IF_SYSTEMC};

static const struct {
    unsigned use;
    mf_conditions needs;
} of_use[] = {{MF_LEARNING, MF_IF_LEARNING}, {MF_BEGINNING, MF_IF_LEARNING | MF_IF_DRAWN},
              {MF_OF_SHIFT, MF_IF_SHIFTS},   {MF_OF_ADD, MF_IF_ADDS},
              {MF_OF_NORM, MF_IF_NORMS},     {MF_OF_AVERAGES, MF_IF_AVERAGES},
              {MF_OF_WARM_UP, MF_IF_WARM_UP}};

/* ---- accelerators and conventions --------------------------------------------------------------
 */

static const char accelerator[] = "accelerator.", conventions[] = "conventions.";

/* Words about a machine change no number. */
static const char *const descriptions[] = {"name", "about", "source", "facts", NULL};

static bool listed(const char *word, const char *const *list)
{
    while (*list && strcmp(word, *list) != 0)
        list++;
    return *list != NULL;
}

mf_status mf_set_check_key(const mf_arguments *arguments, const char *what, const char *key,
                           mf_diag *diag)
{
    if (listed(key, descriptions))
        return mf_fail(diag, MF_USAGE, "%s: a description changes no number", what);
    mf_conditions needs = strcmp(key, "pools") == 0          ? MF_IF_CONSISTENT
                     : listed(key, mf_accelerator_keys) ? of_group[mf_accelerator_key_group(key)]
                                                        : 0;
    return mf_arguments_need(arguments, what, needs, diag);
}

/* "accelerator.facts.pe_rows.status=..." is about the member "facts". */
static mf_status check_one(const mf_arguments *a, const char *set, mf_diag *diag)
{
    size_t prefix = sizeof accelerator - 1, length = strcspn(set, "=");
    bool machine = strncmp(set, accelerator, prefix) == 0;
    if ((!machine && strncmp(set, conventions, prefix) != 0) || !set[length] || length <= prefix)
        return mf_fail(diag, MF_USAGE,
                       "--set: expected accelerator.KEY=VALUE or conventions.KEY=VALUE, found "
                       "\"%s\"",
                       set);
    const char *what = mf_arena_format(a->arena, "--set %.*s", (int)length, set),
               *key = mf_arena_string_n(a->arena, set + prefix, strcspn(set + prefix, ".[="));
    if (!what || !key)
        return mf_fail_memory(diag);
    return machine ? mf_set_check_key(a, what, key, diag)
                   : mf_arguments_need(a, what, MF_IF_PUBLISHED, diag);
}

mf_status mf_set_check(const mf_arguments *arguments, mf_diag *diag)
{
    for (size_t i = 0; i < arguments->n_given; i++)
        if (strcmp(arguments->given[i].option->name, "set") == 0)
            MF_TRY(check_one(arguments, arguments->given[i].value, diag));
    return MF_OK;
}

/* ---- training ----------------------------------------------------------------------------------
 */

mf_conditions mf_set_conditions_of(unsigned use)
{
    mf_conditions needs = 0;
    for (size_t i = 0; i < sizeof of_use / sizeof of_use[0]; i++)
        if (use & of_use[i].use)
            needs |= of_use[i].needs;
    return needs;
}

static mf_conditions needs_of(const char *set)
{
    size_t length = strcspn(set, "=");
    for (const mf_training_key *k = mf_training_keys; k->name; k++)
        if (strlen(k->name) == length && strncmp(k->name, set, length) == 0)
            return mf_set_conditions_of(k->use);
    return 0;
}

mf_status mf_set_check_training(const mf_arguments *arguments, mf_conditions lacks, mf_diag *diag)
{
    mf_arguments told = *arguments;
    told.holds &= ~lacks;
    for (size_t i = 0; i < told.n_given; i++) {
        const char *set = told.given[i].value;
        if (strcmp(told.given[i].option->name, "set") != 0)
            continue;
        const char *what = mf_arena_format(told.arena, "--set %.*s", (int)strcspn(set, "="), set);
        if (!what)
            return mf_fail_memory(diag);
        MF_TRY(mf_arguments_need(&told, what, needs_of(set), diag));
    }
    return MF_OK;
}
