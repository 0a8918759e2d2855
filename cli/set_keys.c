/* What each group of keys needs, in conditions. */
#include "cli/set_keys.h"

#include "models/accelerator.h"
#include "sim/published.h"

#include <string.h>

static const mf_conditions of_group[] = {[MF_GROUP_MACHINE] = 0,
                                         [MF_GROUP_ACCOUNT] = MF_IF_CONSISTENT,
                                         [MF_GROUP_ZEROS] = MF_IF_CONSISTENT | MF_IF_ZEROS,
                                         [MF_GROUP_NESTS] = MF_IF_CONSISTENT | MF_IF_WEIGHT_TILES,
                                         [MF_GROUP_AREA] = MF_IF_CONSISTENT | MF_IF_AREAS,
                                         [MF_GROUP_BANKS] = MF_IF_CONSISTENT, /* key_facts.c */
                                         [MF_GROUP_CHIP] = MF_IF_SYSTEMC};

typedef struct key_needs {
    const char *key;
    mf_conditions needs;
} key_needs;

/* What a key needs beside what its group does. */
static const key_needs of_key[] = {{"pe_rows", MF_IF_ONE_ARRAY},
                                   {"pe_columns", MF_IF_ONE_ARRAY | MF_IF_COLUMNS},
                                   {"pools", MF_IF_CONSISTENT},
                                   {"ifmap_register_words", MF_IF_REGISTERS},
                                   {"weight_register_words", MF_IF_REGISTERS},
                                   {"psum_register_words", MF_IF_REGISTERS},
                                   {"weight_loading", MF_IF_LOCAL_REUSE},
                                   {"first_psum_read", MF_IF_LOCAL_REUSE},
                                   {"pe_overhead_um2", MF_IF_OTHER_PES},
                                   {"psum_bits", MF_IF_INTEGERS},
                                   {"buffer_halo", MF_IF_WINDOWS},
                                   {"zero_gating", MF_IF_ZEROS_GATED},
                                   {"run_length_bits", MF_IF_ZEROS_CODED},
                                   {"vector_lanes", MF_IF_VECTORS},
                                   {NULL, 0}};
static const key_needs of_convention[] = {{"depthwise", MF_IF_DEPTHWISE},
                                          {"single_row_tiles", MF_IF_MAPS},
                                          {"data_bits", MF_IF_NARROW_WEIGHTS},
                                          {"operations_billed", MF_IF_SEVERAL_EVENTS},
                                          {"classifier_billed_as_stem", MF_IF_SEVERAL_LAYERS},
                                          {NULL, 0}};

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

static mf_conditions needs_in(const key_needs *list, const char *key)
{
    while (list->key && strcmp(list->key, key) != 0)
        list++;
    return list->needs;
}

mf_status mf_set_check_key(const mf_arguments *arguments, const char *what, const char *key,
                           mf_diag *diag)
{
    if (strcmp(key, "based_on") == 0)
        return mf_fail(
            diag, MF_USAGE,
            "%s counts only in a file: here --accelerator says which file the others are of", what);
    if (listed(key, descriptions))
        return mf_fail(diag, MF_USAGE, "%s: a description changes no number", what);
    mf_conditions group =
        listed(key, mf_accelerator_keys) ? of_group[mf_accelerator_key_group(key)] : 0;
    return mf_arguments_need(arguments, what, group | needs_in(of_key, key), diag);
}

static mf_status check_convention(const mf_arguments *arguments, const char *what, const char *key,
                                  mf_diag *diag)
{
    MF_TRY(mf_arguments_need(arguments, what, MF_IF_PUBLISHED, diag));
    const char *only = mf_published_convention_fixed(key);
    if (only)
        return mf_fail(diag, MF_USAGE, "%s changes no number: its only value is %s", what, only);
    return mf_arguments_need(arguments, what, needs_in(of_convention, key), diag);
}

/* Of pools[0].name=..., what stands behind the brackets. */
static mf_status check_pool(const mf_arguments *arguments, const char *what, mf_diag *diag)
{
    const char *member = strstr(what, "].");
    if (!member)
        return MF_OK;
    member += 2;
    if (strcmp(member, "name") == 0)
        return mf_fail(diag, MF_USAGE, "%s: a description changes no number", what);
    bool size = strcmp(member, "pe_rows") == 0 || strcmp(member, "pe_columns") == 0;
    return mf_arguments_need(arguments, what, size ? MF_IF_OWN_PES : 0, diag);
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
    if (!machine)
        return check_convention(a, what, key, diag);
    MF_TRY(mf_set_check_key(a, what, key, diag));
    return strcmp(key, "pools") == 0 ? check_pool(a, what, diag) : MF_OK;
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

const mf_training_key *mf_set_training_key(const char *set)
{
    size_t length = strcspn(set, "=");
    for (const mf_training_key *k = mf_training_keys; k->name; k++)
        if (strlen(k->name) == length && strncmp(k->name, set, length) == 0)
            return k;
    return NULL;
}

mf_conditions mf_set_conditions_of(const mf_training_key *key)
{
    return (key->use & (MF_LEARNING | MF_BEGINNING) ? MF_IF_LEARNING : 0) |
           (key->use & MF_BEGINNING ? MF_IF_DRAWN : 0);
}

mf_status mf_set_check_training(const mf_arguments *arguments, mf_training_uses missing,
                                mf_diag *diag)
{
    for (size_t i = 0; i < arguments->n_given; i++) {
        const char *set = arguments->given[i].value;
        if (strcmp(arguments->given[i].option->name, "set") != 0)
            continue;
        const mf_training_key *key = mf_set_training_key(set);
        const char *what =
            mf_arena_format(arguments->arena, "--set %.*s", (int)strcspn(set, "="), set);
        if (!what)
            return mf_fail_memory(diag);
        if (!key) /* whoever sets it says so */
            continue;
        MF_TRY(mf_arguments_need(arguments, what, mf_set_conditions_of(key), diag));
        mf_training_uses any = strcmp(key->name, "epochs") == 0 ? 0 : MF_OF_EPOCHS;
        MF_TRY(mf_training_need(what, key->use | any, missing, diag));
    }
    return MF_OK;
}
