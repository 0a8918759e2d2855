/* `mulfree chip`: what does an accelerator take in silicon, part by part, and what does it spend on a
 * network? */
#include "cli/chip_view.h"
#include "cli/conditions.h"
#include "cli/execute.h"
#include "cli/key_facts.h"
#include "cli/output.h"
#include "cli/set_keys.h"
#include "sim/iso_area.h"

#include <inttypes.h>
#include <string.h>

/* What the command finds out before it shows it. */
typedef struct measured {
    mf_account *account;
    const char *op;
    mf_network *network;
    mf_report report;
    mf_op_array *arrays;
    mf_datapath *datapaths;
    size_t n;
    uint64_t n_pes;
} measured;

/* ---- keys --------------------------------------------------------------------------------------
 */

/* Keys that change the area or the peak; the others need something that runs. */
static const int measured_keys[] = {MF_KEY_pe_rows,
                                    MF_KEY_pe_columns,
                                    MF_KEY_ifmap_register_words,
                                    MF_KEY_buffer_words,
                                    MF_KEY_weight_register_words,
                                    MF_KEY_psum_register_words,
                                    MF_KEY_clock_mhz,
                                    MF_KEY_word_bits,
                                    MF_KEY_psum_bits,
                                    MF_KEY_ifmap_bus_bits,
                                    MF_KEY_weight_bus_bits,
                                    MF_KEY_psum_in_bus_bits,
                                    MF_KEY_psum_out_bus_bits,
                                    MF_KEY_vector_lanes,
                                    MF_KEY_pe_overhead_um2,
                                    MF_KEY_buffer_banks,
                                    MF_KEY_buffer_bank_bits};

static bool is_measured(const char *set)
{
    const char *key = strchr(set, '.') ? strchr(set, '.') + 1 : set;
    size_t length = strcspn(key, "=.[");
    for (size_t i = 0; i < sizeof measured_keys / sizeof measured_keys[0]; i++) {
        const char *name = mf_accelerator_keys[measured_keys[i]];
        if (strlen(name) == length && strncmp(name, key, length) == 0)
            return true;
    }
    return length == 5 && strncmp(key, "pools", 5) == 0;
}

static mf_status check_sets(const mf_arguments *arguments, mf_diag *diag)
{
    size_t n;
    const char **sets = mf_arguments_values(arguments, "set", &n);
    if (!sets)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n; i++) {
        const char *what =
            mf_arena_format(arguments->arena, "--set %.*s", (int)strcspn(sets[i], "="), sets[i]);
        if (!what)
            return mf_fail_memory(diag);
        if (strncmp(sets[i], "accelerator.", 12) == 0 && !is_measured(sets[i]))
            MF_TRY(mf_arguments_need(arguments, what, MF_IF_PRICED, diag));
    }
    return MF_OK;
}

/* Layers, or the operator alone, against what --set and --iso-area need. A key of a scratchpad, of psums
 * or of the vector unit changes the area whatever runs. */
static mf_status check_keys(const measured *m, const mf_assignment *assignment, mf_diag *diag)
{
    const mf_setup *setup = m->account->setup;
    const mf_arguments *arguments = setup->arguments;
    mf_key_facts facts;
    size_t op;
    MF_TRY(mf_operators_find(setup->operators, m->op, &op, diag));
    MF_TRY(mf_key_facts_begin(&facts, setup, m->account, diag));
    if (m->network)
        MF_TRY(mf_key_facts_variant(&facts, m->account, m->network, assignment, diag));
    else if (strcmp(m->op, "mult") != 0)
        facts.hold |= MF_IF_OTHER_PES;
    if (!(facts.hold & MF_IF_OTHER_PES))
        MF_TRY(mf_arguments_lack(arguments, MF_IF_OTHER_PES, diag));
    facts.runs[op] = true;
    facts.banks = true;
    facts.hold |= MF_IF_AREAS | MF_IF_OTHER_PES | MF_IF_REGISTERS | MF_IF_INTEGERS | MF_IF_VECTORS;
    return mf_key_facts_check(&facts, arguments, diag);
}

/* ---- PEs ---------------------------------------------------------------------------------------
 */

/* Of an operator that no layer has run on yet. */
static mf_status widths_alone(const measured *m, const mf_operator *op, mf_widths *widths,
                              mf_diag *diag)
{
    const mf_setup *setup = m->account->setup;
    size_t variant;
    MF_TRY(mf_operators_find(setup->operators, m->op, &variant, diag));
    mf_bits bits =
        mf_operator_bits(mf_operators_at(setup->operators, variant), op, m->account->options.bits);
    return mf_operator_widths(op, bits, setup->accelerator.psum_bits, 1, widths, diag);
}

/* Columns of the operator alone, with no network that shares the silicon among several. */
static mf_status columns_by_area(const measured *m, mf_op_array *array, mf_diag *diag)
{
    const mf_setup *setup = m->account->setup;
    const mf_accelerator *a = &setup->accelerator;
    const mf_operator *op = mf_operators_at(setup->operators, array->op);
    double area_um2 = m->account->options.area_um2, needed_um2;
    size_t index;
    mf_widths widths;
    mf_area_share share = {.macs = 1};
    MF_TRY(mf_operators_find(setup->operators, "mult", &index, diag));
    const mf_operator *mult = mf_operators_at(setup->operators, index);
    MF_TRY(widths_alone(m, mult, &widths, diag));
    if (area_um2 == 0)
        MF_TRY(mf_iso_area_silicon(a, m->account->table, mult, &widths, &array->widths, &area_um2,
                                   diag));
    MF_TRY(mf_area_pe_um2(a, m->account->table, op, &array->widths, &share.pe_um2, diag));
    if (!mf_iso_area_divide(area_um2, a->pe_rows, &share, 1, &needed_um2))
        return mf_fail(diag, MF_NO_MAPPING,
                       "%.0f um2 for PEs are too few: a column of %" PRIu64 " of %s takes %.0f um2",
                       area_um2, a->pe_rows, op->name, needed_um2);
    array->pe_columns = share.columns;
    return MF_OK;
}

static mf_status array_alone(measured *m, mf_diag *diag)
{
    const mf_setup *setup = m->account->setup;
    mf_op_array *array = &m->arrays[0];
    mf_pool pool;
    *array = (mf_op_array){.pe_rows = setup->accelerator.pe_rows};
    MF_TRY(mf_operators_find(setup->operators, m->op, &array->op, diag));
    MF_TRY(widths_alone(m, mf_operators_at(setup->operators, array->op), &array->widths, diag));
    m->n = 1;
    if (m->account->options.iso_area)
        return columns_by_area(m, array, diag);
    MF_TRY(mf_accelerator_pool(&setup->accelerator, m->op, &pool, diag));
    array->pe_rows = pool.pe_rows;
    array->pe_columns = pool.pe_columns;
    return MF_OK;
}

static bool has_array(const measured *m, size_t op)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->arrays[i].op == op)
            return true;
    return false;
}

/* Pools have the datapaths that they name, whether something runs on them or not. */
static mf_status add_pools(measured *m, mf_diag *diag)
{
    const mf_setup *setup = m->account->setup;
    const mf_accelerator *a = &setup->accelerator;
    for (size_t i = 0; i < a->n_pools; i++)
        for (size_t k = 0; k < a->pools[i].n_operators; k++) {
            size_t op;
            mf_pool pool;
            const char *name = a->pools[i].operators[k];
            MF_TRY(mf_operators_find(setup->operators, name, &op, diag));
            if (has_array(m, op))
                continue;
            MF_TRY(mf_accelerator_pool(a, name, &pool, diag));
            mf_op_array *array = &m->arrays[m->n++];
            *array = (mf_op_array){op, pool.pe_rows, pool.pe_columns, {0}};
            MF_TRY(widths_alone(m, mf_operators_at(setup->operators, op), &array->widths, diag));
        }
    return MF_OK;
}

/* The variant's own operator first: its peak is told, and its words are those of the vector unit. */
static mf_status find_arrays(measured *m, mf_diag *diag)
{
    const mf_setup *setup = m->account->setup;
    size_t most = mf_operators_count(setup->operators), op;
    m->arrays = MF_NEW_ARRAY(setup->arena, mf_op_array, most);
    m->datapaths = MF_NEW_ARRAY(setup->arena, mf_datapath, most);
    if (!m->arrays || !m->datapaths)
        return mf_fail_memory(diag);
    if (m->network)
        m->n = mf_analytic_arrays(&m->report.account, m->arrays, most);
    else
        MF_TRY(array_alone(m, diag));
    MF_TRY(mf_operators_find(setup->operators, m->op, &op, diag));
    if (!m->account->options.iso_area)
        MF_TRY(add_pools(m, diag));
    m->n_pes = mf_analytic_datapaths(mf_pricer_analytic(m->account->pricer), op, m->arrays, m->n,
                                     m->datapaths);
    return MF_OK;
}

/* ---- the command -------------------------------------------------------------------------------
 */

static void warn_of_sizes(const measured *m, const mf_area *area)
{
    const mf_setup *setup = m->account->setup;
    for (size_t i = 0; i < area->n_parts; i++) {
        const mf_area_part *part = &area->parts[i];
        if (!part->law || mf_memory_law_holds(part->law, &part->memory))
            continue;
        const mf_memory_law *law = part->law;
        mf_log_write(&setup->cli->log, MF_LOG_WARNING,
                     "warning: the area of the %s of %s, %.4g B with ports of %" PRIu64
                     " bits, is extrapolated: the law of %s holds from %.4g to %.4g B and from "
                     "%" PRIu64 " to %" PRIu64 " bits",
                     part->name, setup->accelerator.name, (double)part->memory.bits / 8,
                     part->memory.port_bits, m->account->table->name, (double)law->least.bits / 8,
                     (double)law->most.bits / 8, law->least.port_bits, law->most.port_bits);
    }
}

static mf_status show(measured *m, mf_diag *diag)
{
    const mf_setup *setup = m->account->setup;
    const mf_accelerator *a = &setup->accelerator;
    const mf_energy_table *table = m->account->table;
    mf_area area, least, most;
    mf_power power;
    MF_TRY(
        mf_area_of(a, table, m->datapaths, m->n, m->n_pes, MF_LAWS_OWN, setup->arena, &area, diag));
    MF_TRY(mf_area_of(a, table, m->datapaths, m->n, m->n_pes, MF_LAWS_CHEAPEST, setup->arena,
                      &least, diag));
    MF_TRY(mf_area_of(a, table, m->datapaths, m->n, m->n_pes, MF_LAWS_DEAREST, setup->arena, &most,
                      diag));
    warn_of_sizes(m, &area);
    if (m->network)
        MF_TRY(mf_power_of(&area, table, &m->report.account, m->arrays, m->network->batch,
                           setup->arena, &power, diag));
    mf_chip_shown shown = {.account = m->account,
                           .op = m->op,
                           .network = m->network,
                           .result = &m->report.account,
                           .area = &area,
                           .power = m->network ? &power : NULL,
                           .datapaths = m->datapaths,
                           .n_datapaths = m->n,
                           .arrays =
                               mf_account_arrays_text(m->account, m->arrays, m->n, setup->arena),
                           .least = &least,
                           .most = &most};
    return shown.arrays ? mf_chip_show(&shown, diag) : mf_fail_memory(diag);
}

static mf_status price(measured *m, mf_diag *diag)
{
    mf_setup *setup = m->account->setup;
    mf_assignment assignment;
    MF_TRY(mf_setup_network(setup->cli, setup->arguments, setup->arguments->words[0], &m->network,
                            diag));
    m->op = mf_execute_op(setup->arguments, m->network);
    MF_TRY(mf_account_assign(m->account, m->network, m->op, &assignment, diag));
    MF_TRY(check_keys(m, &assignment, diag));
    mf_account_warn_of_sizes(m->account, &setup->accelerator, "");
    MF_TRY(mf_account_price(m->account, m->network, m->op, MF_ENGINE_ANALYTIC, &m->report, diag));
    return mf_account_check_zeros(m->account, diag);
}

/* The first word as --accelerator, the others as the words of commands that have that option. */
static mf_status split_words(const mf_arguments *arguments, mf_arguments *inner, mf_diag *diag)
{
    static const mf_option accelerator = {"accelerator", 0, "NAME", .about = "",
                                          .words = "accelerators"};
    mf_given *given = MF_NEW_ARRAY(arguments->arena, mf_given, arguments->n_given + 1);
    if (!given)
        return mf_fail_memory(diag);
    if (arguments->n_given)
        memcpy(given, arguments->given, arguments->n_given * sizeof *given);
    given[arguments->n_given] = (mf_given){&accelerator, arguments->words[0]};
    *inner = *arguments;
    inner->given = given;
    inner->n_given = arguments->n_given + 1;
    inner->words = arguments->words + 1;
    inner->n_words = arguments->n_words - 1;
    return MF_OK;
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_setup setup = {0};
    mf_account account = {0};
    mf_arguments inner;
    const char *op = mf_arguments_value(arguments, "op");
    measured m = {.account = &account, .op = op ? op : "mult"};
    mf_status status;
    MF_TRY(mf_arguments_expect(arguments, 1, 2, diag));
    MF_TRY(check_sets(arguments, diag));
    MF_TRY(split_words(arguments, &inner, diag));
    MF_TRY_DONE(mf_setup_open(&setup, cli, &inner, MF_SLIPS_PLAIN, diag));
    MF_TRY_DONE(mf_account_open(&account, &setup, diag));
    MF_TRY_DONE(inner.n_words ? price(&m, diag) : check_keys(&m, NULL, diag));
    MF_TRY_DONE(find_arrays(&m, diag));
    MF_TRY_DONE(show(&m, diag));
done:
    mf_network_destroy(m.network);
    mf_account_close(&account);
    mf_setup_close(&setup);
    return status;
}

static const mf_option options[] = {
    {"op", 0, "OP", .about = "operator of the datapaths, or of the variant (default mult)",
     .words = "operators", .needs = MF_IF_NETWORK},
    {"set", 's', "KEY=VALUE",
     .about = "change accelerator.KEY, for example accelerator.buffer_words=8192", .list = true},
    MF_CONSISTENT_OPTIONS_IF(MF_IF_PRICED),
    MF_NETWORK_OPTIONS(MF_IF_PRICED | MF_IF_NETWORK),
    MF_BATCH_OPTION(MF_IF_PRICED | MF_IF_NETWORK),
    MF_LAYER_OPTIONS_IF(MF_IF_PRICED),
    MF_CHAIN_OPTIONS_IF(MF_IF_PRICED),
    MF_PROVENANCE_OPTION,
    MF_OUTPUT_OPTIONS,
    MF_COMMON_OPTIONS,
    MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree chip eyeriss-12x14 --bits 16", "what takes how much silicon"},
    {"mulfree chip eyeriss-12x14 mobilenetv2-w0.35 --op shift --bits 16",
     "and what it spends on a network: energy, power, TOPS/W, frames per second"},
    {"mulfree chip eyeriss-12x14 --op shift --bits 16 --iso-area --provenance",
     "as many shifting PEs as multipliers take; where each area comes from"},
    {"mulfree chip eyeriss-12x14 mobilenetv2-w0.35 --bits 16 --node 28", "in another technology"},
    {"mulfree chip eyeriss-12x14 mcunet-in3 --set accelerator.buffer_words=16384 -f json",
     "a smaller buffer, for programs"},
    {NULL, NULL}};

const mf_command mf_command_chip = {
    .name = "chip",
    .summary = "area of an accelerator part by part; on a network, power and efficiency, too",
    .arguments = "ACCELERATOR [NETWORK]",
    .about =
        "Areas are those of datapaths, scratchpads, buffer with its banks, array network, control "
        "and vector unit in the energy table's technology, each memory by its size. With a "
        "network: energy and average power of each part by the consistent account, dynamic and "
        "leaking, TOPS/W with and without DRAM, frames per second. What no table says is "
        "said not to be counted.",
    .words = "accelerators",
    .always = MF_IF_CONSISTENT | MF_IF_BY_AREA | MF_IF_AREAS, /* areas are what it shows */
    .options = options,
    .examples = examples,
    .run = run,
};
