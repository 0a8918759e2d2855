/* `mulfree compare`: what does a network gain from another operator? */
#include "base/file.h"
#include "cli/compare_accounts.h"
#include "cli/conditions.h"
#include "cli/execute.h"
#include "cli/file_kind.h"
#include "cli/output.h"
#include "cli/plot_variants.h"

#include <inttypes.h>
#include <string.h>

static const mf_column columns[] = {MF_VARIANT_COLUMNS,
                                    {"energy_mj", "energy mJ", 4, 1},
                                    {"energy_ratio", "of mult", 3, 1},
                                    {"latency_ms", "latency ms", 4, 1},
                                    {"latency_ratio", "of mult", 3, 1},
                                    {"edp_mj_ms", "EDP mJ ms", 4, 1},
                                    {"utilisation", "util %", 1, 100},
                                    {NULL, NULL, 0, 0}};

typedef struct compare_state {
    mf_setup *setup;
    mf_sheet *sheet;
    mf_variants_plot plot;
    double mult_mj, mult_ms; /* of the network at hand */
} compare_state;

static mf_status add_row(void *user, const mf_variant *v, bool first, mf_diag *diag)
{
    compare_state *state = user;
    mf_sheet *sheet = state->sheet;
    const mf_published_result *r = &v->result;
    if (first) {
        mf_variant mult;
        MF_TRY(mf_setup_run(state->setup, v->network, "mult", &mult, diag));
        state->mult_mj = mult.result.energy_mj;
        state->mult_ms = mult.result.latency_ms;
    }
    mf_sheet_row(sheet, first ? MF_ROW_FIRST : MF_ROW_PLAIN);
    mf_variant_put(v, sheet);
    mf_sheet_real(sheet, r->energy_mj);
    mf_sheet_real(sheet, r->energy_mj / state->mult_mj);
    mf_sheet_real(sheet, r->latency_ms);
    mf_sheet_real(sheet, r->latency_ms / state->mult_ms);
    mf_sheet_real(sheet, r->energy_mj * r->latency_ms);
    mf_sheet_real(sheet, r->utilisation);
    mf_variants_plot_add(&state->plot, 0, v->network->name, r->energy_mj, r->latency_ms);
    return MF_OK;
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_setup setup = {0};
    compare_state state = {.setup = &setup};
    mf_status status;
    const char **ops;
    size_t n_ops;
    bool published = mf_arguments_hold(arguments, MF_IF_PUBLISHED),
         consistent = mf_arguments_hold(arguments, MF_IF_CONSISTENT);
    MF_TRY(mf_arguments_expect(arguments, 0, 1000, diag));
    for (size_t i = 0; i < arguments->n_words; i++)
        if (mf_file_has_ending(arguments->words[i], ".npz")) {
            MF_TRY(mf_file_kind_check(arguments->words[i], MF_FILES_WITH_LAYERS, diag));
            return mf_fail(diag, MF_USAGE,
                           "%s: a trace has the numbers of one operator; use mulfree simulate",
                           arguments->words[i]);
        }
    MF_TRY(mf_arguments_list(arguments, "ops", &ops, &n_ops, diag));
    MF_TRY_DONE(mf_setup_open(&setup, cli, arguments, MF_SLIPS_PLAIN, diag));
    if (!ops) {
        ops = setup.experiment.ops;
        n_ops = setup.experiment.n_ops;
    }
    const char *const *networks = setup.experiment.networks;
    size_t n_networks = setup.experiment.n_networks;
    if (arguments->n_words > 0) {
        networks = (const char *const *)arguments->words;
        n_networks = arguments->n_words;
    }
    if (!consistent)
        MF_TRY_DONE(mf_compare_check_keys(&setup, NULL, networks, n_networks, ops, n_ops, diag));
    if (consistent) {
        status = mf_compare_accounts(&setup, published, consistent, networks, n_networks, ops,
                                     n_ops, diag);
        goto done;
    }
    const mf_accelerator *a = &setup.accelerator;
    state.sheet = mf_sheet_create(arguments->arena, columns);
    MF_TRY_DONE(mf_variants_plot_begin(&state.plot, arguments, "published account", NULL,
                                       n_networks, ops, n_ops, diag));
    MF_TRY_DONE(mf_setup_each(&setup, networks, n_networks, ops, n_ops, add_row, &state, diag));
    MF_TRY_DONE(mf_variants_plot_end(&state.plot, diag));
    mf_sheet_heading(state.sheet, mf_arena_format(arguments->arena,
                                                  "on %s (%" PRIu64 "x%" PRIu64
                                                  " PEs, %g MHz), conventions of %s",
                                                  a->name, a->pe_rows, a->pe_columns, a->clock_mhz,
                                                  setup.experiment.name));
    mf_sheet_note(state.sheet,
                  "each layer billed once; what the conventions leave out: docs/ENERGY_MODEL.md");
    MF_TRY_DONE(mf_output_sheet(cli, arguments, state.sheet, diag));
done:
    mf_setup_close(&setup);
    return status;
}

static const mf_option options[] = {
    {"ops", 0, "OP,...",
     .about = "operators to compare (default: the experiment's, mult,shift,add)",
     .words = "operators"},
    MF_NETWORK_OPTIONS(0),
    MF_BATCH_OPTION(0),
    MF_SIMULATION_OPTIONS(0),
    MF_ACCOUNTING_OPTION,
    MF_CONSISTENT_OPTIONS,
    MF_LAYER_OPTIONS,
    MF_CHAIN_OPTIONS,
    MF_ENGINE_OPTIONS,
    MF_PROVENANCE_OPTION,
    MF_PLOT_OPTION(0),
    MF_OUTPUT_OPTIONS,
    MF_COMMON_OPTIONS,
    MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree compare mobilenetv2-w0.35", "Mult, Shift and Add beside each other"},
    {"mulfree compare mcunet-in3 resnet20-cifar --ops mult,shift", "two networks, two operators"},
    {"mulfree compare --accounting published,consistent",
     "the experiment's networks in both accounts, and what makes the difference"},
    {"mulfree compare mcunet-in3 --accounting published,consistent --plot accounts.svg",
     "and drawn, one account beside the other"},
    {"mulfree compare mobilenetv2-w0.35 --accounting consistent --bits 16 --iso-area",
     "equal widths and equal silicon"},
    {"mulfree compare mobilenetv2-w0.35 -r 64 -a eyeriss-12x14 --engine systemc",
     "executed on the SystemC chip, every output checked"},
    {"mulfree compare mcunet-in3 --set accelerator.pe_rows=32 -o mcunet.json",
     "on a larger array, into a file"},
    {NULL, NULL}};

const mf_command mf_command_compare = {
    .name = "compare",
    .summary = "compare operators on networks: counts, energy, latency, ratios to mult",
    .arguments = "[NETWORK...]",
    .about = "Ratios are to the mult variant of the same network on the same array, whether or "
             "not it is listed. With both accounts the lines between them say which convention "
             "makes which difference. Without NETWORK, the experiment's own are compared.",
    .words = "networks",
    .always = MF_IF_NETWORK, /* traces are refused */
    .options = options,
    .examples = examples,
    .run = run,
};
