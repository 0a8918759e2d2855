/* Layers against what keys need. */
#include "cli/key_facts.h"

#include "cli/conditions.h"
#include "cli/execute.h"
#include "cli/set_keys.h"
#include "models/kinds/kind.h"

#include <stdlib.h>
#include <string.h>

static const mf_conditions told_by_layers =
    MF_IF_ONE_ARRAY | MF_IF_REGISTERS | MF_IF_LOCAL_REUSE | MF_IF_OTHER_PES | MF_IF_DEPTHWISE |
    MF_IF_MAPS | MF_IF_SEVERAL_LAYERS | MF_IF_NARROW_WEIGHTS | MF_IF_SEVERAL_EVENTS |
    MF_IF_INTEGERS | MF_IF_WINDOWS | MF_IF_VECTORS | MF_IF_WEIGHT_TILES | MF_IF_AREAS;

static bool keeps_words(const mf_dataflow *dataflow)
{
    for (int t = 0; t < MF_N_TENSORS; t++)
        if (!dataflow->bypass_register[t])
            return true;
    return false;
}

mf_status mf_key_facts_begin(mf_key_facts *facts, const mf_setup *setup, const mf_account *account,
                             mf_diag *diag)
{
    bool published = !account || mf_arguments_hold(setup->arguments, MF_IF_PUBLISHED),
         by_area = account && account->options.iso_area;
    *facts = (mf_key_facts){
        .accelerator = &setup->accelerator,
        .operators = setup->operators,
        .runs = MF_NEW_ARRAY(setup->arena, bool, mf_operators_count(setup->operators))};
    facts->banks = account && (account->executes || mf_prices_know_banks(account->table));
    facts->lengths = account && account->table->wire;
    if (by_area || facts->lengths)
        facts->hold |= MF_IF_AREAS;
    if (published || by_area || !setup->accelerator.n_pools)
        facts->hold |= MF_IF_ONE_ARRAY;
    if (!account || keeps_words(account->options.dataflow))
        facts->hold |= MF_IF_REGISTERS | MF_IF_LOCAL_REUSE;
    if (published)
        facts->hold |= MF_IF_REGISTERS;
    if (setup->accelerator.weights_in_buffer)
        facts->hold |= MF_IF_WEIGHT_TILES;
    if (account && account->options.area_um2 > 0) /* which PEs of any kind share */
        facts->hold |= MF_IF_OTHER_PES;
    return facts->runs ? MF_OK : mf_fail_memory(diag);
}

/* ---- layers ------------------------------------------------------------------------------------
 */

/* Rows or columns that one window and the next both read. */
static bool windows_overlap(const mf_shape *s)
{
    return (s->r > s->stride && s->e > 1) || (s->s > s->stride && s->f > 1);
}

static void note_operator(mf_key_facts *facts, const mf_operator *op)
{
    uint64_t n_events = 0;
    for (int event = 0; event < MF_N_EVENTS; event++)
        n_events += op->per_mac[event];
    if (n_events > 1)
        facts->hold |= MF_IF_SEVERAL_EVENTS;
    if (op->weight_bits < op->activation_bits)
        facts->hold |= MF_IF_NARROW_WEIGHTS;
}

/* Sums that a norm, a bias or an activation follows, or that become integers of the next layer. */
static bool has_vector_work(const mf_layer *layer, bool floating)
{
    if (mf_layer_has_weights(layer))
        return !floating || layer->norm || layer->bias || layer->activation != MF_ACTIVATION_NONE;
    return mf_layer_record_of(layer->kind)->work(&layer->shape, layer->maximum).n_passing > 0;
}

mf_status mf_key_facts_layer(mf_key_facts *facts, const mf_account *account,
                             const mf_assignment *assignment, const mf_layer *layer, mf_diag *diag)
{
    enum { WIDE_ENOUGH = 64 };
    static const mf_analytic_options none = {0};
    mf_widths widths = {0};
    if (!mf_layer_has_weights(layer)) {
        facts->hold |= has_vector_work(layer, false) ? MF_IF_VECTORS : 0;
        return MF_OK;
    }
    size_t op = assignment->op_of_layer[layer->number];
    const mf_operator *o = mf_operators_at(facts->operators, op);
    mf_bits bits = mf_analytic_bits(facts->operators, account ? &account->options : &none,
                                    assignment, o, layer);
    MF_TRY(mf_operator_widths(o, bits, WIDE_ENOUGH, 1, &widths, diag));
    facts->runs[op] = true;
    if (strcmp(o->name, "mult") != 0) /* what the array is measured by */
        facts->hold |= MF_IF_OTHER_PES;
    note_operator(facts, o);
    if (mf_layer_record_of(layer->kind)->per_channel && layer->shape.g > 1)
        facts->hold |= MF_IF_DEPTHWISE;
    if (!mf_layer_is_pointlike(layer))
        facts->hold |= MF_IF_MAPS;
    if (windows_overlap(&layer->shape))
        facts->hold |= MF_IF_WINDOWS;
    if (!widths.floating)
        facts->hold |= MF_IF_INTEGERS;
    if (has_vector_work(layer, widths.floating))
        facts->hold |= MF_IF_VECTORS;
    return MF_OK;
}

mf_status mf_key_facts_variant(mf_key_facts *facts, const mf_account *account,
                               const mf_network *network, const mf_assignment *assignment,
                               mf_diag *diag)
{
    if (network->n_weight_layers > 1)
        facts->hold |= MF_IF_SEVERAL_LAYERS;
    for (size_t i = 0; i < network->n_layers; i++)
        MF_TRY(mf_key_facts_layer(facts, account, assignment, &network->layers[i], diag));
    return MF_OK;
}

/* ---- keys --------------------------------------------------------------------------------------
 */

/* The word behind `prefix` in a path, up to a point or bracket; "" for another path. */
static const char *member_of(const mf_arguments *arguments, const char *path, const char *prefix)
{
    size_t n = strlen(prefix);
    if (strncmp(path, prefix, n) != 0)
        return "";
    return mf_arena_string_n(arguments->arena, path + n, strcspn(path + n, ".[]="));
}

/* Keys that say something of one operator: does it run? */
static mf_status check_operator(const mf_key_facts *facts, const mf_arguments *arguments,
                                const char *set, mf_diag *diag)
{
    static const char *const prefixes[] = {"conventions.operation_type.",
                                           "conventions.free_levels."};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t op;
        const char *name = member_of(arguments, set, prefixes[i]);
        if (!name)
            return mf_fail_memory(diag);
        if (*name && mf_operators_find(facts->operators, name, &op, NULL) == MF_OK &&
            !facts->runs[op])
            return mf_fail(diag, MF_USAGE, "--set %s%s counts only where a layer runs on %s",
                           prefixes[i], name, name);
    }
    return MF_OK;
}

/* And those of one pool: does anything run there? */
static mf_status check_pool(const mf_key_facts *facts, const mf_arguments *arguments,
                            const char *set, mf_diag *diag)
{
    const char *word = member_of(arguments, set, "accelerator.pools["),
               *path = mf_arena_string_n(arguments->arena, set, strcspn(set, "="));
    if (!word || !path)
        return mf_fail_memory(diag);
    size_t index = *word ? (size_t)strtoull(word, NULL, 10) : SIZE_MAX;
    if (index >= facts->accelerator->n_pools)
        return MF_OK;
    const mf_pool *asked = &facts->accelerator->pools[index];
    for (size_t op = 0; op < mf_operators_count(facts->operators); op++) {
        mf_pool pool;
        const char *name = mf_operators_at(facts->operators, op)->name;
        if (facts->runs[op] &&
            (mf_accelerator_pool(facts->accelerator, name, &pool, NULL) != MF_OK ||
             pool.operators == asked->operators))
            return MF_OK;
    }
    return mf_fail(diag, MF_USAGE, "--set %s counts only where layers run in that pool", path);
}

/* Banks are those of the buffer. */
static mf_status check_banks(const mf_key_facts *facts, const char *what, const char *key,
                             mf_diag *diag)
{
    if (facts->banks || strncmp(key, "buffer_bank", 11) != 0)
        return MF_OK;
    return mf_fail(diag, MF_USAGE,
                   "%s counts only with --engine systemc, or a table whose prices know sizes: "
                   "consistent-45nm",
                   what);
}

static mf_arguments told(const mf_key_facts *facts, const mf_arguments *arguments)
{
    mf_arguments less = *arguments;
    mf_conditions hold = facts->hold | (facts->lengths ? MF_IF_OTHER_PES : 0);
    less.holds &= ~(told_by_layers & ~hold);
    return less;
}

mf_status mf_key_facts_check(const mf_key_facts *facts, const mf_arguments *arguments,
                             mf_diag *diag)
{
    const mf_arguments less = told(facts, arguments);
    size_t n;
    const char **sets = mf_arguments_values(arguments, "set", &n);
    if (!sets)
        return mf_fail_memory(diag);
    if (!(facts->hold & MF_IF_OTHER_PES))
        MF_TRY(mf_arguments_lack(arguments, MF_IF_OTHER_PES, diag));
    MF_TRY(mf_set_check(&less, diag));
    for (size_t i = 0; i < n; i++) {
        const char *key = member_of(arguments, sets[i], "accelerator."),
                   *what =
                       mf_arena_format(arguments->arena, "--set accelerator.%s", key ? key : "");
        if (!key || !what)
            return mf_fail_memory(diag);
        MF_TRY(check_banks(facts, what, key, diag));
        MF_TRY(check_operator(facts, arguments, sets[i], diag));
        MF_TRY(check_pool(facts, arguments, sets[i], diag));
    }
    return MF_OK;
}

mf_status mf_key_facts_check_axis(const mf_key_facts *facts, const mf_arguments *arguments,
                                  const char *what, const char *key, mf_diag *diag)
{
    const mf_arguments less = told(facts, arguments);
    MF_TRY(check_banks(facts, what, key, diag));
    return mf_set_check_key(&less, what, key, diag);
}

/* ---- all networks ------------------------------------------------------------------------------
 */

static mf_status add_network(mf_key_facts *facts, const mf_setup *setup, const mf_account *account,
                             const mf_network *network, const char *const *ops, size_t n_ops,
                             mf_diag *diag)
{
    for (size_t k = 0; k < n_ops; k++) {
        mf_assignment assignment;
        const char *op = ops[k] ? ops[k] : mf_execute_op(setup->arguments, network);
        MF_TRY(mf_setup_assign(setup->operators, setup->arguments, network, op, &assignment, diag));
        if (account)
            MF_TRY(mf_account_bits_of(account, network, &assignment.bits_of_layer, diag));
        MF_TRY(mf_key_facts_variant(facts, account, network, &assignment, diag));
    }
    return MF_OK;
}

mf_status mf_key_facts_check_all(const mf_setup *setup, const mf_account *account,
                                 const char *const *networks, size_t n_networks,
                                 const char *const *ops, size_t n_ops, mf_diag *diag)
{
    mf_key_facts facts;
    if (!mf_arguments_has(setup->arguments, "set") &&
        !mf_arguments_has(setup->arguments, "iso-area"))
        return MF_OK;
    MF_TRY(mf_key_facts_begin(&facts, setup, account, diag));
    for (size_t i = 0; i < n_networks; i++) {
        mf_network *network;
        MF_TRY(mf_setup_network(setup->cli, setup->arguments, networks[i], &network, diag));
        mf_status status = add_network(&facts, setup, account, network, ops, n_ops, diag);
        mf_network_destroy(network);
        MF_TRY(status);
    }
    return mf_key_facts_check(&facts, setup->arguments, diag);
}
