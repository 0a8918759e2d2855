/* Options to a running account, and the zeros of each layer. */
#include "cli/account.h"

#include "base/file.h"
#include "cli/conditions.h"
#include "cli/file_kind.h"
#include "cli/set_keys.h"
#include "energy_tables/energy_table_dram.h"
#include "energy_tables/energy_table_node.h"
#include "sim/zeros.h"

#include <inttypes.h>
#include <string.h>

/* One of the words, or the name of a file. */
static mf_status read_schedule(mf_account *account, const char *which, mf_diag *diag)
{
    mf_analytic_options *o = &account->options;
    if (!which)
        return MF_OK;
    for (int kind = 0; kind < MF_SCHEDULE_GIVEN; kind++)
        if (strcmp(which, mf_schedule_kind_name(kind)) == 0) {
            o->schedule = (mf_schedule_kind)kind;
            return MF_OK;
        }
    if (!mf_catalog_is_path(which))
        return mf_fail(diag, MF_USAGE,
                       "--schedule: expected layer, resident, fused or the name of a file, found "
                       "\"%s\"",
                       which);
    MF_TRY(mf_file_kind_check(which, MF_FILE_BIT(MF_FILE_SCHEDULE), diag));
    MF_TRY(mf_json_load(which, &account->schedule, diag));
    o->schedule = MF_SCHEDULE_GIVEN;
    o->schedule_file = account->schedule;
    return MF_OK;
}

static mf_status read_options(mf_account *account, const mf_arguments *arguments, mf_diag *diag)
{
    mf_analytic_options *o = &account->options;
    const char *dataflow = mf_arguments_value(arguments, "dataflow"),
               *objective = mf_arguments_value(arguments, "objective"),
               *bits = mf_arguments_value(arguments, "bits");
    *o = (mf_analytic_options){.objective = MF_OBJECTIVE_EDP};
    MF_TRY(mf_dataflow_find(dataflow ? dataflow : mf_dataflows[0]->name, &o->dataflow, diag));
    if (bits)
        MF_TRY(mf_bits_parse(bits, &o->bits, diag));
    if (objective) {
        int i = 0;
        while (i < MF_N_OBJECTIVES && strcmp(objective, mf_objective_name(i)) != 0)
            i++;
        if (i == MF_N_OBJECTIVES)
            return mf_fail(diag, MF_USAGE,
                           "--objective: expected energy, latency, edp or balanced, found \"%s\"",
                           objective);
        o->objective = (mf_objective)i;
    }
    MF_TRY(mf_arguments_real(arguments, "area-um2", 1, 1e15, &o->area_um2, diag));
    MF_TRY(read_schedule(account, mf_arguments_value(arguments, "schedule"), diag));
    o->explains = o->schedule != MF_SCHEDULE_LAYER && mf_arguments_has(arguments, "why") &&
                  !mf_arguments_value(arguments, "layer");
    o->iso_area = mf_arguments_has(arguments, "iso-area") || o->area_um2 > 0;
    return MF_OK;
}

/* What the chip asks of an account: integers, of 16 bits where nothing is said. */
static mf_status read_execution(mf_account *account, mf_diag *diag)
{
    const mf_arguments *arguments = account->setup->arguments;
    const char *fidelity = mf_arguments_value(arguments, "fidelity");
    mf_analytic_options *options = &account->options;
    account->seed = 1;
    if (fidelity && strcmp(fidelity, "cycle") != 0 && strcmp(fidelity, "row") != 0)
        return mf_fail(diag, MF_USAGE, "--fidelity: expected row or cycle, found \"%s\"", fidelity);
    account->fidelity =
        fidelity && strcmp(fidelity, "cycle") == 0 ? MF_FIDELITY_CYCLE : MF_FIDELITY_ROW;
    account->executes = mf_arguments_hold(arguments, MF_IF_SYSTEMC);
    if (!account->executes)
        return MF_OK;
    MF_TRY(mf_arguments_count(arguments, "seed", 0, UINT64_MAX, &account->seed, diag));
    MF_TRY(mf_chip_check(diag));
    if (options->bits.activation_bits == 0)
        options->bits = (mf_bits){16, false};
    if (options->bits.floating)
        return mf_fail(diag, MF_USAGE,
                       "--engine systemc computes with integers: --bits 16, not fp%u",
                       (unsigned)options->bits.activation_bits);
    return mf_accelerator_demand(&account->setup->accelerator, MF_GROUP_CHIP, diag);
}

mf_pricer_basis mf_account_basis(const mf_account *account)
{
    mf_pricer_basis basis = mf_setup_basis(account->setup);
    basis.table = account->table;
    basis.options = account->options;
    basis.seed = account->seed;
    basis.fidelity = account->fidelity;
    return basis;
}

/* As --node and --dram say. */
mf_status mf_account_change_table(const mf_arguments *arguments, mf_energy_table *table,
                                  mf_diag *diag)
{
    const char *dram = mf_arguments_value(arguments, "dram");
    uint64_t node_nm = table->technology_nm;
    MF_TRY(mf_arguments_count(arguments, "node", 1, 10000, &node_nm, diag));
    MF_TRY(mf_energy_table_scale(table, node_nm, diag));
    return dram ? mf_energy_table_choose_dram(table, dram, diag) : MF_OK;
}

mf_status mf_account_open(mf_account *account, mf_setup *setup, mf_diag *diag)
{
    const mf_arguments *arguments = setup->arguments;
    const char *name = mf_arguments_value(arguments, "table"), *path,
               *statistics = mf_arguments_value(arguments, "statistics");
    *account = (mf_account){.setup = setup};
    MF_TRY(read_options(account, arguments, diag));
    MF_TRY(mf_catalog_path(setup->cli, MF_KIND_ENERGY_TABLE, name ? name : "consistent-45nm",
                           setup->arena, &path, diag));
    MF_TRY(mf_energy_table_load(path, &account->table, diag));
    if (account->table->relative)
        return mf_fail(diag, MF_INVALID,
                       "energy table %s has relative costs (multiples of a MAC), not pJ",
                       account->table->name);
    MF_TRY(mf_account_change_table(arguments, account->table, diag));
    MF_TRY(mf_accelerator_demand(&setup->accelerator, MF_GROUP_ACCOUNT, diag));
    if (statistics)
        MF_TRY(mf_file_kind_check(statistics, MF_FILE_BIT(MF_FILE_STATISTICS), diag));
    if (statistics)
        MF_TRY(mf_json_load(statistics, &account->statistics, diag));
    MF_TRY(read_execution(account, diag));
    mf_pricer_basis basis = mf_account_basis(account);
    return mf_pricer_create(&basis, &account->pricer, diag);
}

void mf_account_close(mf_account *account)
{
    mf_energy_table_destroy(account->table);
    mf_pricer_destroy(account->pricer);
    mf_json_destroy(account->statistics);
    mf_json_destroy(account->schedule);
}

/* ---- how a network runs ------------------------------------------------------------------------
 */

static mf_status zeros_of(const mf_account *account, const mf_network *network,
                          const mf_zeros **zeros, mf_diag *diag)
{
    mf_arena *arena = account->setup->arena;
    *zeros = NULL;
    if (account->executes)
        return MF_OK;
    if (mf_file_has_ending(network->source, ".npz"))
        return mf_zeros_of_trace(network, arena, zeros, diag);
    return account->statistics ? mf_zeros_read(account->statistics, network, arena, zeros, diag)
                               : MF_OK;
}

/* Zeros save something where they are known, and gated or coded. */
static void note_zeros(mf_account *account, const mf_operator *op, const mf_zeros *z)
{
    const mf_accelerator *a = &account->setup->accelerator;
    bool gates = op->gates_zero && a->zero_gating == 1, codes = a->run_length_bits > 0;
    if ((z->ifmap >= 0 && (gates || codes)) || (z->ofmap >= 0 && codes))
        account->uses_zeros = true;
}

void mf_account_note_zeros(mf_account *account, const mf_analytic_result *result)
{
    account->zeros |= (result->zeros_may_gate ? MF_IF_ZEROS_GATED : 0) |
                      (result->zeros_may_code ? MF_IF_ZEROS_CODED : 0);
}

mf_status mf_account_check_zeros(const mf_account *account, mf_diag *diag)
{
    mf_arguments told = *account->setup->arguments;
    if (account->statistics && !account->uses_zeros)
        return mf_fail(diag, MF_USAGE,
                       "--statistics changes nothing here: no zeros that it tells of are gated or "
                       "coded on %s",
                       account->setup->accelerator.name);
    told.holds &= account->zeros | ~(mf_conditions)(MF_IF_ZEROS_GATED | MF_IF_ZEROS_CODED);
    return mf_set_check(&told, diag);
}

/* The widths that --bits-of gives to layers; what is named later wins. */
mf_status mf_account_bits_of(const mf_account *account, const mf_network *network,
                             const mf_bits **of_layer, mf_diag *diag)
{
    const mf_arguments *arguments = account->setup->arguments;
    size_t n;
    const char **words = mf_arguments_values(arguments, "bits-of", &n);
    mf_bits *bits = MF_NEW_ARRAY(arguments->arena, mf_bits, network->n_weight_layers);
    if (!words || !bits)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n; i++) {
        const char *equals = strrchr(words[i], '=');
        bool used = false;
        mf_bits wanted;
        if (!equals || equals == words[i] || !equals[1])
            return mf_fail(diag, MF_USAGE,
                           "--bits-of: expected LAYERS=BITS such as stem=8, found \"%s\"",
                           words[i]);
        char *selector = mf_arena_string_n(arguments->arena, words[i], (size_t)(equals - words[i]));
        if (!selector)
            return mf_fail_memory(diag);
        MF_TRY(mf_bits_parse(equals + 1, &wanted, diag));
        for (size_t k = 0; k < network->n_weight_layers; k++)
            if (mf_layer_is_selected(mf_network_weight_layer(network, k), selector)) {
                bits[k] = wanted;
                used = true;
            }
        if (!used)
            return mf_fail(diag, MF_INVALID, "--bits-of %s: %s has no such layers with weights",
                           words[i], network->name);
    }
    *of_layer = bits;
    return MF_OK;
}

mf_status mf_account_assign(mf_account *account, const mf_network *network, const char *op,
                            mf_assignment *assignment, mf_diag *diag)
{
    mf_setup *setup = account->setup;
    MF_TRY(mf_setup_assign(setup->operators, setup->arguments, network, op, assignment, diag));
    MF_TRY(zeros_of(account, network, &assignment->zeros, diag));
    return mf_account_bits_of(account, network, &assignment->bits_of_layer, diag);
}

mf_status mf_account_price(mf_account *account, const mf_network *network, const char *op,
                           mf_engine engine, mf_report *report, mf_diag *diag)
{
    mf_setup *setup = account->setup;
    mf_assignment assignment;
    MF_TRY(mf_account_assign(account, network, op, &assignment, diag));
    for (size_t i = 0; assignment.zeros && i < network->n_weight_layers; i++)
        note_zeros(account, mf_operators_at(setup->operators, assignment.op_of_layer[i]),
                   &assignment.zeros[i]);
    MF_TRY(
        mf_pricer_price(account->pricer, network, &assignment, engine, setup->arena, report, diag));
    mf_account_note_zeros(account, &report->account);
    return MF_OK;
}

mf_status mf_account_row(mf_account *account, const mf_network *network, const char *op,
                         const mf_layer *layer, mf_analytic_row *row, mf_diag *diag)
{
    mf_setup *setup = account->setup;
    mf_assignment assignment;
    MF_TRY(mf_account_assign(account, network, op, &assignment, diag));
    if (assignment.zeros)
        note_zeros(account,
                   mf_operators_at(setup->operators, assignment.op_of_layer[layer->number]),
                   &assignment.zeros[layer->number]);
    MF_TRY(
        mf_pricer_prepare(account->pricer, network, &assignment, layer, setup->arena, row, diag));
    mf_analytic_result alone = {0};
    mf_analytic_note_zeros(row, &alone);
    mf_account_note_zeros(account, &alone);
    return MF_OK;
}

/* ---- which PEs ---------------------------------------------------------------------------------
 */

const char *mf_account_arrays_text(const mf_account *account, const mf_op_array *arrays, size_t n,
                                   mf_arena *arena)
{
    const mf_setup *setup = account->setup;
    const mf_accelerator *a = &setup->accelerator;
    const char *text = "";
    if (!account->options.iso_area && !a->n_pools)
        return mf_arena_format(arena, "%" PRIu64 "x%" PRIu64, a->pe_rows, a->pe_columns);
    for (size_t i = 0; text && i < n; i++)
        text = mf_arena_format(arena, "%s%s%s %" PRIu64 "x%" PRIu64, text, i ? " + " : "",
                               mf_operators_at(setup->operators, arrays[i].op)->name,
                               arrays[i].pe_rows, arrays[i].pe_columns);
    return text;
}

const char *mf_account_arrays(const mf_account *account, const mf_analytic_result *result)
{
    const mf_setup *setup = account->setup;
    size_t most = mf_operators_count(setup->operators);
    mf_op_array *arrays = MF_NEW_ARRAY(setup->arena, mf_op_array, most);
    return arrays ? mf_account_arrays_text(account, arrays,
                                           mf_analytic_arrays(result, arrays, most), setup->arena)
                  : NULL;
}

const char *mf_account_table_text(const mf_account *account)
{
    const mf_energy_table *table = account->table;
    const char *text = table->name;
    if (table->scaled_to)
        text = mf_arena_format(account->setup->arena, "%s at %" PRIu64 " nm", table->name,
                               table->technology_nm);
    if (table->dram)
        text = mf_arena_format(account->setup->arena, "%s with %s", text ? text : table->name,
                               table->dram->kind);
    return text ? text : table->name;
}
