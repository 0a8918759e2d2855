/* Axes against options. */
#include "cli/sweep_base.h"

#include "cli/key_facts.h"
#include "cli/set_keys.h"

#include <string.h>

static bool replaced(const mf_sweep *sweep, const char *axis)
{
    for (size_t i = 0; i < sweep->n_axes; i++)
        if (strcmp(sweep->axes[i], axis) == 0)
            return sweep->n_set[i] == sweep->n_entries;
    return false;
}

/* An axis that the account does not read would vary nothing; so would one, of `facts` unless NULL,
 * for which no network has anything. */
static mf_status check_axes(const mf_arguments *arguments, const mf_sweep *sweep,
                            const mf_key_facts *facts, mf_diag *diag)
{
    for (size_t i = 0; i < sweep->n_axes; i++) {
        const char *axis = sweep->axes[i],
                   *what = mf_arena_format(arguments->arena, "axis %s", axis);
        if (!what)
            return mf_fail_memory(diag);
        MF_TRY(facts ? mf_key_facts_check_axis(facts, arguments, what, axis, diag)
                     : mf_set_check_key(arguments, what, axis, diag));
    }
    return MF_OK;
}

mf_status mf_sweep_check_keys(const mf_setup *setup, const mf_account *account,
                              const mf_sweep *sweep, mf_diag *diag)
{
    mf_key_facts facts;
    MF_TRY(mf_key_facts_begin(&facts, setup, account, diag));
    if (replaced(sweep, "weights_in_buffer"))
        facts.hold |= MF_IF_WEIGHT_TILES;
    for (size_t i = 0; i < sweep->n_networks; i++)
        for (size_t op = 0; op < mf_operators_count(setup->operators); op++) {
            const mf_sweep_network *n = &sweep->networks[i];
            if (n->assignments[op].op_of_layer)
                MF_TRY(
                    mf_key_facts_variant(&facts, account, n->network, &n->assignments[op], diag));
        }
    MF_TRY(check_axes(setup->arguments, sweep, &facts, diag));
    return mf_key_facts_check(&facts, setup->arguments, diag);
}

mf_status mf_sweep_check_zeros(const mf_arguments *arguments, const mf_sweep *sweep,
                               mf_conditions zeros, mf_diag *diag)
{
    mf_arguments told = *arguments;
    told.holds &= zeros | ~(mf_conditions)(MF_IF_ZEROS_GATED | MF_IF_ZEROS_CODED);
    MF_TRY(check_axes(&told, sweep, NULL, diag));
    return mf_set_check(&told, diag);
}

static mf_status check_set(const mf_sweep *sweep, const char *set, mf_diag *diag)
{
    for (const char *const *key = mf_accelerator_keys; *key; key++) {
        size_t n = strlen(*key);
        if (strncmp(set, "accelerator.", 12) == 0 && strncmp(set + 12, *key, n) == 0 &&
            set[12 + n] == '=' && replaced(sweep, *key))
            return mf_fail(diag, MF_USAGE, "--set accelerator.%s: the axis %s replaces it", *key,
                           *key);
    }
    return MF_OK;
}

/* Is there nothing that the account would take from the accelerator? Pools are no axis. */
static bool replaces_accelerator(const mf_arguments *arguments, const mf_sweep *sweep)
{
    for (const char *const *key = mf_accelerator_keys; *key; key++)
        if (mf_set_check_key(arguments, *key, *key, NULL) == MF_OK && !replaced(sweep, *key))
            return false;
    return !mf_arguments_hold(arguments, MF_IF_CONSISTENT);
}

static mf_status fail_replaced(const char *option, const char *by, mf_diag *diag)
{
    return mf_fail(diag, MF_USAGE, "--%s changes nothing here: %s", option, by);
}

mf_status mf_sweep_check_base(const mf_arguments *a, const mf_sweep *sweep, mf_diag *diag)
{
    size_t n;
    const char **sets = mf_arguments_values(a, "set", &n);
    if (!sets)
        return mf_fail_memory(diag);
    MF_TRY(check_axes(a, sweep, NULL, diag));
    for (size_t i = 0; i < n; i++)
        MF_TRY(check_set(sweep, sets[i], diag));
    if (mf_arguments_has(a, "resolution") && replaced(sweep, "resolution"))
        return fail_replaced("resolution", "the axis resolution replaces it", diag);
    if (mf_arguments_has(a, "accelerator") && replaces_accelerator(a, sweep))
        return fail_replaced("accelerator", "axes replace all that the account reads", diag);
    bool named =
        replaced(sweep, "network") && replaced(sweep, "op") && mf_arguments_has(a, "accelerator");
    if (mf_arguments_has(a, "experiment") && named && !mf_arguments_hold(a, MF_IF_PUBLISHED))
        return fail_replaced("experiment",
                             "axes name networks and operators, and --accelerator the array", diag);
    return MF_OK;
}

/* Which of the accelerator's memories lie outside, as bits of their place in the list. */
static unsigned outside(const mf_accelerator *accelerator, const mf_energy_table *table)
{
    mf_sized_memory memories[MF_MOST_SIZED_MEMORIES];
    size_t n = 0;
    unsigned found = 0;
    if (mf_sized_memories(accelerator, table, memories, &n, NULL) != MF_OK)
        return 0; /* which the point will say */
    for (size_t i = 0; i < n; i++)
        if (!mf_memory_law_holds(memories[i].cost->law, &memories[i].memory))
            found |= 1u << i;
    return found;
}

void mf_sweep_warn_of_sizes(const mf_account *account, const mf_sweep *sweep)
{
    size_t n[1 << MF_MOST_SIZED_MEMORIES] = {0}, first[1 << MF_MOST_SIZED_MEMORIES] = {0};
    mf_sweep_point point;
    for (size_t i = 0; i < sweep->n_points; i++) {
        mf_sweep_at(sweep, i, &point);
        unsigned set = outside(&point.accelerator, account->table);
        first[set] = n[set]++ ? first[set] : i;
    }
    for (unsigned set = 1; set < sizeof n / sizeof n[0]; set++) {
        if (!n[set])
            continue;
        mf_sweep_at(sweep, first[set], &point);
        mf_account_warn_of_sizes(account, &point.accelerator,
                                 mf_arena_format(account->setup->arena,
                                                 " in point %zu and %zu others", first[set],
                                                 n[set] - 1));
    }
}
