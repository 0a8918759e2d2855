/* Axes against options. */
#include "cli/sweep_base.h"

#include "cli/key_facts.h"
#include "cli/set_keys.h"
#include "cli/sweep_run.h"

#include <string.h>

static bool replaced(const mf_sweep *sweep, const char *axis)
{
    for (size_t i = 0; i < sweep->n_axes; i++)
        if (strcmp(sweep->axes[i], axis) == 0)
            return sweep->n_set[i] == sweep->n_entries;
    return false;
}

/* What an axis that is no key needs. */
static mf_conditions needs_of(int which)
{
    static const mf_conditions needs[] = {
#define MF_SWEEP_AXIS(NAME, name, title, needs) needs,
#include "cli/sweep_axes.def"
#undef MF_SWEEP_AXIS
    };
    return which < MF_AXIS_FIRST_KEY ? needs[which] : 0;
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
        MF_TRY(mf_arguments_need(arguments, what, needs_of(mf_sweep_axis_find(axis)), diag));
        MF_TRY(facts ? mf_key_facts_check_axis(facts, arguments, what, axis, diag)
                     : mf_set_check_key(arguments, what, axis, diag));
    }
    return MF_OK;
}

/* Accelerators, tables, dataflows and widths that points have, beside those of the options. */
typedef struct seen {
    const mf_accelerator *accelerator;
    const mf_energy_table *table;
    const mf_dataflow *dataflow;
    const mf_bits *bits;
} seen;

static bool has_seen(const seen *all, size_t n, const seen *one)
{
    for (size_t i = 0; i < n; i++)
        if (all[i].accelerator == one->accelerator && all[i].table == one->table &&
            all[i].dataflow == one->dataflow && all[i].bits == one->bits)
            return true;
    return false;
}

/* What layers have for keys under one choice of these, added to `facts`. */
static mf_status add_facts(mf_key_facts *facts, const mf_setup *setup, const mf_account *account,
                           const mf_sweep *sweep, const seen *one, mf_diag *diag)
{
    mf_setup other = *setup;
    const mf_sweep_point there = {
        .table = one->table, .dataflow = one->dataflow, .bits = one->bits, .objective = -1};
    mf_account changed = account ? mf_sweep_account_at(account, &there) : (mf_account){0};
    mf_key_facts more;
    if (one->accelerator)
        other.accelerator = *one->accelerator;
    changed.setup = &other;
    const mf_account *with = account ? &changed : NULL;
    MF_TRY(mf_key_facts_begin(&more, &other, with, diag));
    for (size_t i = 0; i < sweep->n_networks; i++)
        for (size_t op = 0; op < mf_operators_count(setup->operators); op++) {
            const mf_sweep_network *n = &sweep->networks[i];
            if (n->assignments[op].op_of_layer)
                MF_TRY(mf_key_facts_variant(&more, with, n->network, &n->assignments[op], diag));
        }
    facts->hold |= more.hold;
    facts->banks = facts->banks || more.banks;
    facts->lengths = facts->lengths || more.lengths;
    for (size_t op = 0; op < mf_operators_count(setup->operators); op++)
        facts->runs[op] = facts->runs[op] || more.runs[op];
    return MF_OK;
}

/* Those that occur, by points: the axes of which they are values have few. */
static mf_status gather_facts(mf_key_facts *facts, const mf_setup *setup, const mf_account *account,
                              const mf_sweep *sweep, mf_diag *diag)
{
    enum { MOST_SEEN = 256 }; /* others change nothing that these do not */
    seen all[MOST_SEEN];
    size_t n = 0;
    bool fixed = true;
    static const char *const axes[] = {"accelerator", "table", "dataflow", "bits"};
    for (size_t i = 0; i < sizeof axes / sizeof axes[0]; i++)
        fixed = fixed && !mf_sweep_varies(sweep, axes[i]);
    for (size_t i = 0; i < (fixed ? 1 : sweep->n_points) && n < MOST_SEEN; i++) {
        mf_sweep_point p;
        mf_sweep_at(sweep, i, &p);
        seen one = {p.base, p.table, p.dataflow, p.bits};
        if (has_seen(all, n, &one))
            continue;
        all[n++] = one;
        MF_TRY(add_facts(facts, setup, account, sweep, &one, diag));
    }
    return MF_OK;
}

mf_status mf_sweep_check_keys(const mf_setup *setup, const mf_account *account,
                              const mf_sweep *sweep, mf_diag *diag)
{
    mf_key_facts facts = {
        .accelerator = &setup->accelerator,
        .operators = setup->operators,
        .runs = MF_NEW_ARRAY(setup->arena, bool, mf_operators_count(setup->operators))};
    if (!facts.runs)
        return mf_fail_memory(diag);
    MF_TRY(gather_facts(&facts, setup, account, sweep, diag));
    if (replaced(sweep, "weights_in_buffer"))
        facts.hold |= MF_IF_WEIGHT_TILES;
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

/* The chip computes with integers. */
static mf_status check_execution(const mf_arguments *a, const mf_sweep *sweep, mf_diag *diag)
{
    if (!mf_arguments_hold(a, MF_IF_SYSTEMC) || !mf_sweep_varies(sweep, "bits"))
        return MF_OK;
    for (size_t i = 0; i < sweep->n_points; i++) {
        mf_sweep_point p;
        mf_sweep_at(sweep, i, &p);
        if (p.bits && p.bits->floating)
            return mf_fail(diag, MF_USAGE,
                           "axis bits: --engine systemc computes with integers, not %s",
                           p.text[MF_AXIS_BITS]);
    }
    return MF_OK;
}

/* Sizes in bytes need to be known where points are judged by them. */
static mf_status check_memory(const mf_sweep *sweep, mf_diag *diag)
{
    bool asked = mf_sweep_judges_by(sweep, MF_SWEEP_MEMORY);
    for (size_t i = 0; asked && i < sweep->n_points; i++) {
        mf_sweep_point p;
        mf_sweep_at(sweep, i, &p);
        if (!p.accelerator.given[MF_KEY_word_bits])
            return mf_fail(diag, MF_INVALID,
                           "%s: memory_bytes needs word_bits, which accelerator %s does not have",
                           sweep->name, p.accelerator.name);
    }
    return MF_OK;
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
    for (int which = 0; which < MF_AXIS_FIRST_KEY; which++) {
        const char *axis = mf_sweep_axis_name(which);
        if (which != MF_AXIS_NETWORK && which != MF_AXIS_OP && mf_arguments_has(a, axis) &&
            replaced(sweep, axis))
            return fail_replaced(axis, mf_arena_format(a->arena, "the axis %s replaces it", axis),
                                 diag);
    }
    if (mf_arguments_has(a, "accelerator") && replaces_accelerator(a, sweep))
        return fail_replaced("accelerator", "axes replace all that the account reads", diag);
    bool named = replaced(sweep, "network") && replaced(sweep, "op") &&
                 (mf_arguments_has(a, "accelerator") || replaced(sweep, "accelerator"));
    if (mf_arguments_has(a, "experiment") && named && !mf_arguments_hold(a, MF_IF_PUBLISHED))
        return fail_replaced("experiment",
                             "axes name networks and operators, and --accelerator the array", diag);
    MF_TRY(check_execution(a, sweep, diag));
    return check_memory(sweep, diag);
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
        unsigned set = outside(&point.accelerator, mf_sweep_account_at(account, &point).table);
        first[set] = n[set]++ ? first[set] : i;
    }
    for (unsigned set = 1; set < sizeof n / sizeof n[0]; set++) {
        if (!n[set])
            continue;
        mf_sweep_at(sweep, first[set], &point);
        mf_account as_there = mf_sweep_account_at(account, &point);
        mf_account_warn_of_sizes(&as_there, &point.accelerator,
                                 mf_arena_format(account->setup->arena,
                                                 " in point %zu and %zu others", first[set],
                                                 n[set] - 1));
    }
}
