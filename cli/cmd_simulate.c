/* `mulfree simulate`: where do the energy and the time of one network go, layer by layer? */
#include "cli/conditions.h"
#include "cli/execute.h"
#include "cli/key_facts.h"
#include "cli/output.h"
#include "cli/plot.h"

#include <inttypes.h>
#include <string.h>

static const mf_column columns[] = {{"network", NULL, 0, 1},
                                    {"number", "#", 0, 1},
                                    {"layer", "layer", 0, 1},
                                    {"kind", NULL, 0, 1},
                                    {"op", "op", 0, 1},
                                    {"billed_as", NULL, 0, 1},
                                    {"n_groups", NULL, 0, 1},
                                    {NULL, "M0.M1.M2.M3", 0, 1},
                                    {NULL, "C0.C1.C2", 0, 1},
                                    {NULL, "E1.E3", 0, 1},
                                    {"map_n0", NULL, 0, 1},
                                    {"map_n3", NULL, 0, 1},
                                    {"map_m0", NULL, 0, 1},
                                    {"map_m1", NULL, 0, 1},
                                    {"map_m2", NULL, 0, 1},
                                    {"map_m3", NULL, 0, 1},
                                    {"map_c0", NULL, 0, 1},
                                    {"map_c1", NULL, 0, 1},
                                    {"map_c2", NULL, 0, 1},
                                    {"map_e1", NULL, 0, 1},
                                    {"map_e3", NULL, 0, 1},
                                    {"n_active_pes", "PEs", 0, 1},
                                    {"utilisation", "util %", 1, 100},
                                    {"n_cycles", "cycles", 0, 1},
                                    {"latency_ms", "latency us", 2, 1e3},
                                    {"energy_mj", "energy uJ", 2, 1e3},
                                    {"compute_mj", "compute", 2, 1e3},
                                    {"dram_mj", "DRAM", 2, 1e3},
                                    {"buffer_mj", "buffer", 2, 1e3},
                                    {"network_mj", "network", 2, 1e3},
                                    {"network_psum_mj", "psum", 2, 1e3},
                                    {"register_mj", "register", 2, 1e3},
                                    {"register_weight_mj", "weight", 2, 1e3},
                                    {"n_candidates", NULL, 0, 1},
                                    {"n_legal", NULL, 0, 1},
                                    {NULL, NULL, 0, 0}};

/* The order in which columns show the parts. */
static const int shown_parts[] = {MF_PUBLISHED_COMPUTE,        MF_PUBLISHED_DRAM,
                                  MF_PUBLISHED_BUFFER,         MF_PUBLISHED_NETWORK,
                                  MF_PUBLISHED_NETWORK_PSUM,   MF_PUBLISHED_REGISTER,
                                  MF_PUBLISHED_REGISTER_WEIGHT};

static void add_mapping(mf_sheet *sheet, mf_arena *arena, const mf_published_mapping *p)
{
    mf_sheet_text(sheet, mf_arena_format(arena, "%" PRIu64 ".%" PRIu64 ".%" PRIu64 ".%" PRIu64,
                                         p->m0, p->m1, p->m2, p->m3));
    mf_sheet_text(sheet,
                  mf_arena_format(arena, "%" PRIu64 ".%" PRIu64 ".%" PRIu64, p->c0, p->c1, p->c2));
    mf_sheet_text(sheet, mf_arena_format(arena, "%" PRIu64 ".%" PRIu64, p->e1, p->e3));
    const uint64_t factors[] = {p->n0, p->n3, p->m0, p->m1, p->m2, p->m3,
                                p->c0, p->c1, p->c2, p->e1, p->e3};
    for (size_t i = 0; i < sizeof factors / sizeof factors[0]; i++)
        mf_sheet_count(sheet, factors[i]);
}

static void add_layer(mf_sheet *sheet, const mf_setup *setup, const char *network,
                      const mf_published_layer *l)
{
    mf_sheet_row(sheet, MF_ROW_PLAIN);
    mf_sheet_text(sheet, network);
    mf_sheet_count(sheet, (uint64_t)l->layer->number);
    mf_sheet_text(sheet, l->layer->name);
    mf_sheet_text(sheet, mf_layer_kind_name(l->layer->kind));
    mf_sheet_text(sheet, mf_operators_at(setup->operators, l->op)->name);
    mf_sheet_text(sheet, l->billed_as->name);
    mf_sheet_count(sheet, l->n_groups);
    add_mapping(sheet, setup->arena, &l->cost.mapping);
    mf_sheet_count(sheet, l->cost.n_active_pes);
    mf_sheet_real(sheet, l->utilisation);
    mf_sheet_count(sheet, l->cost.n_cycles);
    mf_sheet_real(sheet, l->cost.latency_ms);
    mf_sheet_real(sheet, l->cost.energy_mj);
    for (int i = 0; i < MF_PUBLISHED_PARTS; i++)
        mf_sheet_real(sheet, l->cost.parts_pj[shown_parts[i]] / 1e9);
    mf_sheet_count(sheet, l->tally.n_candidates);
    mf_sheet_count(sheet, l->tally.n_legal);
}

static void add_total(mf_sheet *sheet, const mf_published_result *result)
{
    double parts_mj[MF_PUBLISHED_PARTS] = {0};
    uint64_t n_cycles = 0;
    for (size_t i = 0; i < result->n_layers; i++) {
        n_cycles += result->layers[i].cost.n_cycles;
        for (int k = 0; k < MF_PUBLISHED_PARTS; k++)
            parts_mj[k] += result->layers[i].cost.parts_pj[k] / 1e9;
    }
    mf_sheet_row(sheet, MF_ROW_TOTAL);
    mf_sheet_none(sheet);
    mf_sheet_none(sheet);
    mf_sheet_text(sheet, "total");
    for (const mf_column *c = columns + 3; !c->key || strcmp(c->key, "utilisation") != 0; c++)
        mf_sheet_none(sheet);
    mf_sheet_real(sheet, result->utilisation);
    mf_sheet_count(sheet, n_cycles);
    mf_sheet_real(sheet, result->latency_ms);
    mf_sheet_real(sheet, result->energy_mj);
    for (int i = 0; i < MF_PUBLISHED_PARTS; i++)
        mf_sheet_real(sheet, parts_mj[shown_parts[i]]);
}

static mf_status show(void *user, const mf_variant *v, bool first, mf_diag *diag)
{
    mf_setup *setup = user;
    mf_arena *arena = setup->arena;
    const mf_accelerator *a = &setup->accelerator;
    (void)first;
    mf_sheet *sheet = mf_sheet_create(arena, columns);
    for (size_t i = 0; i < v->result.n_layers; i++)
        add_layer(sheet, setup, v->network->name, &v->result.layers[i]);
    add_total(sheet, &v->result);
    mf_sheet_heading(sheet, mf_arena_format(arena,
                                            "%s as %s on %s (%" PRIu64 "x%" PRIu64 " PEs, %g MHz), "
                                            "conventions of %s",
                                            v->network->name, v->op, a->name, a->pe_rows,
                                            a->pe_columns, a->clock_mhz, setup->experiment.name));
    mf_sheet_note(sheet,
                  mf_arena_format(arena,
                                  "%.4f mJ, %.4f ms, %" PRIu64 "x%" PRIu64 " input, batch %" PRIu64
                                  "; energies per level in uJ; psum: between PEs; "
                                  "weight: weight registers",
                                  v->result.energy_mj, v->result.latency_ms, v->network->input_rows,
                                  v->network->input_columns, v->network->batch));
    return mf_output_sheet(setup->cli, setup->arguments, sheet, diag);
}

static mf_status check_keys(const mf_setup *setup, const mf_account *account, mf_diag *diag)
{
    const char *op = NULL;
    return mf_key_facts_check_all(setup, account, setup->arguments->words, 1, &op, 1, diag);
}

static mf_status show_consistent(mf_setup *setup, mf_diag *diag)
{
    const char *op;
    mf_account account = {0};
    mf_network *network = NULL;
    mf_report report;
    mf_status status;
    MF_TRY_DONE(mf_account_open(&account, setup, diag));
    MF_TRY_DONE(check_keys(setup, &account, diag));
    mf_account_warn_of_sizes(&account, &setup->accelerator, "");
    MF_TRY_DONE(
        mf_setup_network(setup->cli, setup->arguments, setup->arguments->words[0], &network, diag));
    op = mf_execute_op(setup->arguments, network);
    MF_TRY_DONE(mf_account_price(&account, network, op, MF_ENGINE_ANALYTIC, &report, diag));
    MF_TRY_DONE(mf_account_check_zeros(&account, diag));
    MF_TRY_DONE(mf_account_plot(&account, &report.account, diag));
    MF_TRY_DONE(mf_account_show(&account, network, op, &report.account, diag));
done:
    mf_network_destroy(network);
    mf_account_close(&account);
    return status;
}

static mf_status show_executed(mf_setup *setup, mf_diag *diag)
{
    const char *op;
    mf_account account = {0};
    mf_execute execute = {0};
    mf_network *network = NULL;
    mf_report report;
    mf_status status;
    MF_TRY_DONE(mf_account_open(&account, setup, diag));
    MF_TRY_DONE(mf_execute_open(&execute, &account, true, diag));
    MF_TRY_DONE(check_keys(setup, &account, diag));
    mf_account_warn_of_sizes(&account, &setup->accelerator, "");
    MF_TRY_DONE(
        mf_setup_network(setup->cli, setup->arguments, setup->arguments->words[0], &network, diag));
    op = mf_execute_op(setup->arguments, network);
    MF_TRY_DONE(mf_execute_run(&execute, network, op, &report, diag));
    MF_TRY_DONE(mf_account_check_zeros(&account, diag));
    MF_TRY_DONE(mf_account_plot(&account, &report.account, diag));
    MF_TRY_DONE(mf_execute_files(
        &execute, mf_arena_format(setup->arena, "%s as %s", network->name, op), diag));
    MF_TRY_DONE(mf_execute_show(&execute, network, op, &report, diag));
done:
    mf_execute_close(&execute);
    mf_network_destroy(network);
    mf_account_close(&account);
    return status;
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_setup setup = {0};
    mf_status status;
    const char *op = mf_arguments_value(arguments, "op");
    MF_TRY(mf_arguments_expect(arguments, 1, 1, diag));
    if (!op)
        op = "mult";
    bool consistent = mf_arguments_hold(arguments, MF_IF_CONSISTENT);
    if (consistent && mf_arguments_hold(arguments, MF_IF_PUBLISHED))
        return mf_fail(diag, MF_USAGE,
                       "--accounting: one account at a time here; mulfree compare shows both");
    MF_TRY_DONE(mf_setup_open(&setup, cli, arguments, MF_SLIPS_PLAIN, diag));
    if (consistent) {
        status = mf_arguments_hold(arguments, MF_IF_SYSTEMC) ? show_executed(&setup, diag)
                                                             : show_consistent(&setup, diag);
        goto done;
    }
    MF_TRY_DONE(check_keys(&setup, NULL, diag));
    MF_TRY_DONE(mf_setup_each(&setup, arguments->words, 1, &op, 1, show, &setup, diag));
done:
    mf_setup_close(&setup);
    return status;
}

static const mf_option options[] = {{"op", 0, "OP",
                                     .about = "operator of the variant (default mult)",
                                     .words = "operators", .needs = MF_IF_NETWORK},
                                    MF_NETWORK_OPTIONS(MF_IF_NETWORK),
                                    MF_BATCH_OPTION(MF_IF_NETWORK),
                                    MF_SIMULATION_OPTIONS(0),
                                    MF_ACCOUNTING_OPTION,
                                    MF_CONSISTENT_OPTIONS,
                                    MF_LAYER_OPTIONS,
                                    MF_CHAIN_OPTIONS,
                                    MF_ENGINE_OPTIONS,
                                    MF_WATCH_OPTIONS,
                                    MF_PROVENANCE_OPTION,
                                    MF_PLOT_OPTION(MF_IF_CONSISTENT),
                                    MF_OUTPUT_OPTIONS,
                                    MF_COMMON_OPTIONS,
                                    MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree simulate mobilenetv2-w0.35 --op shift", "mapping, cycles and energy of every layer"},
    {"mulfree simulate alexnet -a eyeriss-12x14 --set conventions.limits.pes=at_most",
     "another array, all of its PEs"},
    {"mulfree simulate mcunet-in3 --op shift --accounting consistent -a eyeriss-12x14",
     "every access at its own width, bandwidth, vector operations"},
    {"mulfree simulate mobilenetv2-w0.35 -r 64 -a eyeriss-12x14 --engine systemc --heatmap pes.svg",
     "execute it on the SystemC chip, check every output, see what each layer waits for"},
    {"mulfree simulate resnet18-cifar --op add --op-of stem=mult", "a stem that multiplies"},
    {NULL, NULL}};

const mf_command mf_command_simulate = {
    .name = "simulate",
    .summary = "cost a network layer by layer: mapping, cycles, energy by level, utilisation",
    .arguments = "NETWORK|TRACE.npz",
    .about = "Factors of a mapping are written from the register file outwards: M0 and C0 in a "
             "PE, M1, C1 and E1 over the array, M2 and C2 from the buffer, M3 and E3 from DRAM. "
             "--format csv or json gives every number. The consistent account bills every "
             "operation of a MAC position and every access at its tensor's own width, with the "
             "best mapping of the dataflow, limited by buses and DRAM; `mulfree map` shows one "
             "layer's mapping.",
    .words = "networks",
    .options = options,
    .examples = examples,
    .run = run,
};
