/* `mulfree table`: the paper's tables, reproduced. Table 1 is an energy table; Table 3 is an
 * experiment, shown beside what the paper prints. */
#include "cli/key_facts.h"
#include "cli/output.h"
#include "cli/plot_variants.h"
#include "cli/setup.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- Table 1 -----------------------------------------------------------------------------------
 */

static const char *const types[] = {"fp32", "fp16", "int32", "int8"};
static const char *const operations[] = {"mult", "add", "shift"};

static const mf_column columns1[] = {
    {"operation", "operation", 0, 1}, {"fp32_pj", "FP32 pJ", 3, 1}, {"fp16_pj", "FP16 pJ", 3, 1},
    {"int32_pj", "INT32 pJ", 3, 1},   {"int8_pj", "INT8 pJ", 3, 1}, {NULL, NULL, 0, 0}};

static mf_status table1(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    const char *path;
    mf_json_doc *doc = NULL;
    mf_energy_table *table = NULL;
    mf_status status;
    mf_arena *arena = arguments->arena;
    MF_TRY(mf_catalog_path(cli, MF_KIND_ENERGY_TABLE, "paper-table1", arena, &path, diag));
    MF_TRY(mf_json_load(path, &doc, diag));
    MF_TRY_DONE(mf_energy_table_from_json(doc, &table, diag));
    mf_sheet *sheet = mf_sheet_create(arena, columns1);
    for (size_t i = 0; i < 3; i++) {
        mf_sheet_row(sheet, MF_ROW_PLAIN);
        mf_sheet_text(sheet, operations[i]);
        for (size_t k = 0; k < 4; k++) {
            double energy_pj;
            if (mf_energy_table_operation_pj(table, operations[i], types[k], &energy_pj, NULL) ==
                MF_OK)
                mf_sheet_real(sheet, energy_pj);
            else
                mf_sheet_none(sheet);
        }
    }
    mf_sheet_heading(sheet, "Table 1: energy of an operation, 45 nm CMOS");
    mf_sheet_note(sheet,
                  "FP16 mult and FP32 add stand in each other's place: Horowitz (ISSCC 2014) has "
                  "1.1 and 0.9 pJ,");
    mf_sheet_note(sheet,
                  "and 0.9 pJ per addition is what reproduces Table 3 (`mulfree list tables`).");
    MF_TRY_DONE(mf_output_sheet(cli, arguments, sheet, diag));
done:
    mf_energy_table_destroy(table);
    mf_json_destroy(doc);
    return status;
}

/* ---- Table 3 -----------------------------------------------------------------------------------
 */

enum { MILLIONS = 2, METRIC = 3 }; /* digits that the paper prints behind the point */

static const mf_column columns3[] = {MF_VARIANT_COLUMNS,
                                     {"energy_mj", "energy mJ", METRIC, 1},
                                     {"paper_energy_mj", "paper", METRIC, 1},
                                     {"latency_ms", "latency ms", METRIC, 1},
                                     {"paper_latency_ms", "paper", METRIC, 1},
                                     {"paper_n_params", NULL, 0, 1},
                                     {"paper_n_mult", NULL, 0, 1},
                                     {"paper_n_shift", NULL, 0, 1},
                                     {"paper_n_add", NULL, 0, 1},
                                     {"n_agreeing", NULL, 0, 1},
                                     {NULL, "agree", 0, 1},
                                     {"corrected_energy_mj", "corrected mJ", METRIC, 1},
                                     {"corrected_latency_ms", "corrected ms", METRIC, 1},
                                     {NULL, NULL, 0, 0}};

enum { COLUMNS_WITHOUT_CORRECTION = 16 };

/* True when both numbers print alike with that many digits. */
static bool print_alike(double value, double paper, int decimals)
{
    char a[64], b[64];
    snprintf(a, sizeof a, "%.*f", decimals, value);
    snprintf(b, sizeof b, "%.*f", decimals, paper);
    return strcmp(a, b) == 0;
}

static uint64_t count_agreeing(const mf_variant *v, const mf_paper_row *paper)
{
    const uint64_t *n = v->counts.n_events;
    return (uint64_t)print_alike((double)v->counts.n_params / 1e6, paper->params_m, MILLIONS) +
           (uint64_t)print_alike((double)n[MF_EVENT_MULT] / 1e6, paper->mult_m, MILLIONS) +
           (uint64_t)print_alike((double)n[MF_EVENT_SHIFT] / 1e6, paper->shift_m, MILLIONS) +
           (uint64_t)print_alike((double)n[MF_EVENT_ADD] / 1e6, paper->add_m, MILLIONS) +
           (uint64_t)print_alike(v->result.energy_mj, paper->energy_mj, METRIC) +
           (uint64_t)print_alike(v->result.latency_ms, paper->latency_ms, METRIC);
}

/* What the paper prints, or nothing for a row that it does not have. */
static void put_paper(mf_sheet *sheet, const mf_paper_row *paper, double value)
{
    if (paper)
        mf_sheet_real(sheet, value);
    else
        mf_sheet_none(sheet);
}

static void add_paper(mf_sheet *sheet, mf_arena *arena, const mf_variant *v,
                      const mf_paper_row *paper, uint64_t agreeing)
{
    static const mf_paper_row nothing = {0};
    const mf_paper_row *p = paper ? paper : &nothing;
    mf_sheet_real(sheet, v->result.energy_mj);
    put_paper(sheet, paper, p->energy_mj);
    mf_sheet_real(sheet, v->result.latency_ms);
    put_paper(sheet, paper, p->latency_ms);
    put_paper(sheet, paper, round(p->params_m * 1e6));
    put_paper(sheet, paper, round(p->mult_m * 1e6));
    put_paper(sheet, paper, round(p->shift_m * 1e6));
    put_paper(sheet, paper, round(p->add_m * 1e6));
    put_paper(sheet, paper, (double)agreeing);
    mf_sheet_text(sheet, paper ? mf_arena_format(arena, "%d/6", (int)agreeing) : "");
}

typedef struct table3_state {
    const mf_setup *printed;
    mf_setup *corrected; /* NULL unless --corrected */
    mf_sheet *sheet;
    mf_variants_plot plot;
    uint64_t n_agreeing, n_numbers;
} table3_state;

static mf_status add_row(void *user, const mf_variant *v, bool first, mf_diag *diag)
{
    table3_state *state = user;
    mf_sheet *sheet = state->sheet;
    const mf_paper_row *paper =
        mf_experiment_paper(&state->printed->experiment, v->network->name, v->op);
    uint64_t agreeing = paper ? count_agreeing(v, paper) : 0;
    state->n_agreeing += agreeing;
    state->n_numbers += paper ? 6 : 0;
    mf_sheet_row(sheet, first ? MF_ROW_FIRST : MF_ROW_PLAIN);
    mf_variant_put(v, sheet);
    add_paper(sheet, state->printed->arena, v, paper, agreeing);
    mf_variants_plot_add(&state->plot, 0, v->network->name, v->result.energy_mj,
                         v->result.latency_ms);
    if (state->corrected) {
        mf_variant fixed;
        MF_TRY(mf_setup_run(state->corrected, v->network, v->op, &fixed, diag));
        mf_sheet_real(sheet, fixed.result.energy_mj);
        mf_sheet_real(sheet, fixed.result.latency_ms);
        mf_variants_plot_add(&state->plot, 1, v->network->name, fixed.result.energy_mj,
                             fixed.result.latency_ms);
    }
    return MF_OK;
}

static void add_notes(const table3_state *state)
{
    const mf_experiment *experiment = &state->printed->experiment;
    mf_arena *arena = state->printed->arena;
    mf_sheet_heading(state->sheet,
                     mf_arena_format(arena, "%s: %s", experiment->name, experiment->about));
    mf_sheet_note(
        state->sheet,
        mf_arena_format(arena,
                        "%d of %d printed numbers agree to every digit (parameters, three "
                        "operation counts, energy, latency)",
                        (int)state->n_agreeing, (int)state->n_numbers));
    for (size_t i = 0; state->corrected && i < experiment->n_slips; i++)
        mf_sheet_note(state->sheet,
                      mf_arena_format(arena, "corrected for: %s", experiment->slips[i].about));
}

static mf_status table3(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_setup printed = {0}, corrected = {0};
    table3_state state = {.printed = &printed};
    mf_status status;
    mf_column columns[sizeof columns3 / sizeof *columns3];
    memcpy(columns, columns3, sizeof columns3);
    MF_TRY_DONE(mf_setup_open(&printed, cli, arguments, MF_SLIPS_PRINTED, diag));
    if (mf_arguments_has(arguments, "corrected")) {
        MF_TRY_DONE(mf_setup_open(&corrected, cli, arguments, MF_SLIPS_CORRECTED, diag));
        state.corrected = &corrected;
    } else {
        columns[COLUMNS_WITHOUT_CORRECTION] = (mf_column){NULL, NULL, 0, 0};
    }
    state.sheet = mf_sheet_create(arguments->arena, columns);
    MF_TRY_DONE(mf_variants_plot_begin(
        &state.plot, arguments, "published account", state.corrected ? "corrected" : NULL,
        printed.experiment.n_networks, printed.experiment.ops, printed.experiment.n_ops, diag));
    MF_TRY_DONE(mf_key_facts_check_all(&printed, NULL, printed.experiment.networks,
                                       printed.experiment.n_networks, printed.experiment.ops,
                                       printed.experiment.n_ops, diag));
    MF_TRY_DONE(mf_setup_each(&printed, printed.experiment.networks, printed.experiment.n_networks,
                              printed.experiment.ops, printed.experiment.n_ops, add_row, &state,
                              diag));
    MF_TRY_DONE(mf_variants_plot_end(&state.plot, diag));
    add_notes(&state);
    MF_TRY_DONE(mf_output_sheet(cli, arguments, state.sheet, diag));
done:
    mf_setup_close(&printed);
    mf_setup_close(&corrected);
    return status;
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    MF_TRY(mf_arguments_expect(arguments, 1, 1, diag));
    if (strcmp(arguments->words[0], "1") == 0)
        return table1(cli, arguments, diag);
    if (strcmp(arguments->words[0], "3") == 0)
        return table3(cli, arguments, diag);
    mf_fail(diag, MF_UNKNOWN_NAME, "table: \"%s\" is not reproduced", arguments->words[0]);
    mf_hint(diag, "Tables 1 and 3 are");
    return MF_UNKNOWN_NAME;
}

static const mf_option options[] = {
    {"corrected", 0, NULL, .about = "also show what each row is without the paper's known slips",
     .needs = MF_IF_TABLE_3},
    MF_NETWORK_OPTIONS(MF_IF_TABLE_3),
    MF_BATCH_OPTION(MF_IF_TABLE_3),
    MF_SIMULATION_OPTIONS(MF_IF_TABLE_3),
    MF_PLOT_OPTION(MF_IF_TABLE_3),
    MF_OUTPUT_OPTIONS,
    MF_COMMON_OPTIONS,
    MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree table 3", "energy, latency and operation counts beside the paper's"},
    {"mulfree table 3 --corrected", "the same with the paper's slips set right"},
    {"mulfree table 3 --plot table3.svg", "and drawn, operators beside each other"},
    {"mulfree table 3 --set conventions.depthwise=own_input", "what one convention changes"},
    {"mulfree table 1 --format markdown", "energy per operation"},
    {NULL, NULL}};

const mf_command mf_command_table = {
    .name = "table",
    .summary = "reproduce a table of the paper: 1 (energy per operation) or 3 (hardware)",
    .arguments = "1|3",
    .about = "Table 3 runs the experiment bench/experiments/table3.json: five networks with "
             "three operators through the paper's own predictor, beside the printed numbers. "
             "docs/ENERGY_MODEL.md explains its conventions and slips. The table is of the "
             "published account; `mulfree compare --accounting published,consistent` shows and "
             "draws the same networks in both.",
    .words = "=1 3",
    .always = MF_IF_PUBLISHED | MF_IF_EXPERIMENT | MF_IF_DESCRIBED,
    .options = options,
    .examples = examples,
    .run = run,
};
