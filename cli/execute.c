/* From options to a chip that runs a network. */
#include "cli/execute.h"

#include "base/file.h"
#include "base/unfinished.h"
#include "cli/conditions.h"
#include "cli/heatmap.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "models/forward.h"
#include "models/trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the chip asks of an account: integers, of 16 bits where nothing is said. */
static mf_status prepare_account(mf_account *account, mf_diag *diag)
{
    mf_analytic_options *options = &account->options;
    MF_TRY(mf_chip_check(diag));
    if (options->bits.activation_bits == 0)
        options->bits = (mf_bits){16, false};
    if (options->bits.floating)
        return mf_fail(diag, MF_USAGE,
                       "--engine systemc computes with integers: --bits 16, not fp%u",
                       (unsigned)options->bits.activation_bits);
    return mf_accelerator_demand(&account->setup->accelerator, MF_GROUP_CHIP, diag);
}

mf_status mf_execute_options(mf_account *account, bool *wanted, uint64_t *seed, mf_diag *diag)
{
    const mf_arguments *arguments = account->setup->arguments;
    *seed = 1;
    *wanted = mf_arguments_hold(arguments, MF_IF_SYSTEMC);
    if (!*wanted)
        return MF_OK;
    MF_TRY(mf_arguments_count(arguments, "seed", 0, UINT64_MAX, seed, diag));
    return prepare_account(account, diag);
}

mf_status mf_execute_open(mf_execute *x, mf_account *account, mf_diag *diag)
{
    const mf_arguments *arguments = account->setup->arguments;
    const char *fidelity = mf_arguments_value(arguments, "fidelity");
    *x = (mf_execute){.account = account, .seed = 1};
    MF_TRY(mf_arguments_count(arguments, "seed", 0, UINT64_MAX, &x->seed, diag));
    MF_TRY(prepare_account(account, diag));
    if (fidelity && strcmp(fidelity, "cycle") != 0 && strcmp(fidelity, "row") != 0)
        return mf_fail(diag, MF_USAGE, "--fidelity: expected row or cycle, found \"%s\"", fidelity);
    x->fidelity = fidelity && strcmp(fidelity, "cycle") == 0 ? MF_FIDELITY_CYCLE : MF_FIDELITY_ROW;
    if (mf_arguments_value(arguments, "timeline"))
        MF_TRY(mf_timeline_create(account->setup->accelerator.clock_mhz, &x->timeline, diag));
    return MF_OK;
}

/* SystemC opens its file by name, so it writes in a new folder beside the one asked for: what
 * stands there is nobody else's. */
static mf_status make_waves(mf_execute *x, const char *vcd, mf_diag *diag)
{
    mf_arena *arena = x->account->setup->arena;
    char *folder = mf_arena_format(arena, "%s.XXXXXX", vcd);
    const char *waves =
        folder && mkdtemp(folder) ? mf_arena_format(arena, "%s/waves.vcd", folder) : NULL;
    if (!folder)
        return mf_fail_memory(diag);
    if (!waves)
        return mf_fail(diag, MF_IO, "%s: cannot be written: %s", vcd, strerror(errno));
    x->waves_folder = folder;
    x->waves = waves;
    mf_unfinished_begin(folder);
    mf_unfinished_begin(waves);
    FILE *probe = fopen(waves, "w"); /* SystemC would abort */
    if (!probe)
        return mf_fail(diag, MF_IO, "%s: cannot be written: %s", vcd, strerror(errno));
    fclose(probe);
    return MF_OK;
}

static void remove_waves(mf_execute *x)
{
    if (x->waves) {
        mf_unfinished_remove(x->waves);
        mf_unfinished_remove(x->waves_folder);
    }
    x->waves = x->waves_folder = NULL;
}

void mf_execute_close(mf_execute *x)
{
    mf_chip_destroy(x->chip);
    remove_waves(x); /* still there only after a failure */
    mf_timeline_destroy(x->timeline);
}

/* The chip is as large as the largest pool of PEs. */
static mf_status make_chip(mf_execute *x, const mf_analytic_result *account, mf_diag *diag)
{
    const mf_arguments *arguments = x->account->setup->arguments;
    const mf_accelerator *a = &x->account->setup->accelerator;
    const char *vcd = mf_arguments_value(arguments, "vcd");
    mf_execution_size(account, &x->pe_rows, &x->pe_columns);
    for (size_t i = 0; i < a->n_pools && !x->account->options.iso_area; i++) {
        x->pe_rows = a->pools[i].pe_rows > x->pe_rows ? a->pools[i].pe_rows : x->pe_rows;
        x->pe_columns =
            a->pools[i].pe_columns > x->pe_columns ? a->pools[i].pe_columns : x->pe_columns;
    }
    if (vcd) {
        size_t n = strlen(vcd);
        if (n < 5 || strcmp(vcd + n - 4, ".vcd") != 0)
            return mf_fail(diag, MF_USAGE, "--vcd %s: the name must end in .vcd", vcd);
        MF_TRY(make_waves(x, vcd, diag));
    }
    return mf_chip_create(x->pe_rows, x->pe_columns, x->waves, &x->chip, diag);
}

/* A layer into the chip, onto the timeline, and one step of the bar. */
typedef struct watcher {
    mf_execute *execute;
    mf_execution *execution;
    mf_progress progress;
} watcher;

static mf_status feed(void *user, size_t layer_index, const mf_layer_data *data, mf_diag *diag)
{
    watcher *w = user;
    MF_TRY(mf_interrupt_check(diag));
    MF_TRY(mf_execution_layer(w->execution, layer_index, data, diag));
    mf_progress_step(&w->progress, 1);
    return MF_OK;
}

static void layer_done(void *user, const mf_execution_row *row)
{
    watcher *w = user;
    size_t at = (size_t)(row - w->execution->rows);
    if (row->executed && w->execute->timeline)
        mf_timeline_layer(w->execute->timeline, w->execution->account->rows[at].layer->name,
                          row->report.cycles);
}

/* Widths of all layers, as the account has them. */
static mf_widths *widths_of(const mf_analytic_result *account, const mf_network *network,
                            mf_arena *arena)
{
    mf_widths *widths = MF_NEW_ARRAY(arena, mf_widths, network->n_weight_layers);
    for (size_t i = 0; widths && i < account->n_rows; i++)
        if (!account->rows[i].vector)
            widths[account->rows[i].layer->number] = account->rows[i].widths;
    return widths;
}

static mf_status run_random(mf_execute *x, const mf_network *network, const char *op,
                            const mf_analytic_result *account, watcher *w, mf_diag *diag)
{
    mf_setup *setup = x->account->setup;
    size_t variant, *op_of_layer;
    mf_forward_options options = {.seed = x->seed,
                                  .widths = widths_of(account, network, setup->arena),
                                  .activation_bits = x->account->options.bits.activation_bits};
    if (!options.widths)
        return mf_fail_memory(diag);
    MF_TRY(mf_operators_find(setup->operators, op, &variant, diag));
    MF_TRY(
        mf_setup_assign(setup->operators, setup->arguments, network, variant, &op_of_layer, diag));
    return mf_forward_random(network, setup->operators, op_of_layer, &options, feed, w, diag);
}

/* A trace: its numbers, one layer in memory at a time. */
static mf_status run_trace(const char *path, watcher *w, mf_diag *diag)
{
    mf_trace *trace;
    mf_status status = MF_OK;
    MF_TRY(mf_trace_open(path, &trace, diag));
    for (size_t i = 0; i < mf_trace_count(trace) && status == MF_OK; i++) {
        mf_layer_data data;
        mf_arena *arena = mf_arena_create();
        status = arena ? mf_trace_load(trace, i, arena, &data, diag) : mf_fail_memory(diag);
        if (status == MF_OK)
            status = feed(w, i, &data, diag);
        mf_arena_destroy(arena);
    }
    mf_trace_close(trace);
    return status;
}

const char *mf_execute_op(const mf_arguments *arguments, const mf_network *network)
{
    const char *op = mf_arguments_value(arguments, "op");
    if (!op && mf_file_has_ending(network->source, ".npz") && network->n_weight_layers)
        op = mf_network_weight_layer(network, 0)->op;
    return op ? op : "mult";
}

mf_status mf_execute_run(mf_execute *x, const mf_network *network, const char *op,
                         mf_executed *executed, mf_diag *diag)
{
    mf_setup *setup = x->account->setup;
    mf_analytic_result *account = &executed->account;
    *executed = (mf_executed){0};
    MF_TRY(mf_account_run(x->account, network, op, account, diag));
    MF_TRY(make_chip(x, account, diag));
    executed->rows = MF_NEW_ARRAY(setup->arena, mf_execution_row, account->n_rows);
    if (!executed->rows)
        return mf_fail_memory(diag);
    mf_execution execution = {.accelerator = &setup->accelerator,
                              .operators = setup->operators,
                              .table = x->account->table,
                              .network = network,
                              .account = account,
                              .chip = x->chip,
                              .rows = executed->rows};
    watcher w = {.execute = x, .execution = &execution};
    execution.options = (mf_execution_options){.fidelity = x->fidelity,
                                               .watch = x->timeline ? mf_timeline_add : NULL,
                                               .watch_user = x->timeline,
                                               .layer_done = layer_done,
                                               .layer_user = &w};
    mf_progress_begin(&w.progress, setup->cli, network->name, network->n_layers);
    mf_interrupt_catch(true);
    mf_status status = mf_file_has_ending(network->source, ".npz")
                           ? run_trace(network->source, &w, diag)
                           : run_random(x, network, op, account, &w, diag);
    mf_interrupt_catch(false);
    mf_progress_end(&w.progress);
    MF_TRY(status);
    executed->n_checked = execution.n_checked;
    return mf_execution_finish(&execution, diag);
}

/* ---- files -------------------------------------------------------------------------------------
 */

/* SystemC writes the date into waveforms: blanks instead, for the same bytes every time. */
static void forget_date(FILE *file)
{
    char head[512];
    size_t n = fread(head, 1, sizeof head - 1, file);
    head[n] = '\0';
    char *begin = strstr(head, "$date\n"), *end = begin ? strstr(begin, "\n$end") : NULL;
    if (!end || fseek(file, begin + 6 - head, SEEK_SET) != 0)
        return;
    for (char *c = begin + 6; c < end; c++)
        fputc(' ', file);
}

static mf_status write_waves(mf_execute *x, const char *path, mf_diag *diag)
{
    mf_chip_destroy(x->chip); /* closes the file; it was the last run */
    x->chip = NULL;
    FILE *file = fopen(x->waves, "r+");
    bool written = file != NULL;
    if (file) {
        forget_date(file);
        written = fclose(file) == 0;
    }
    written = written && mf_unfinished_replace(x->waves, path);
    mf_status status =
        written ? MF_OK : mf_fail(diag, MF_IO, "%s: cannot be written: %s", path, strerror(errno));
    remove_waves(x);
    return status;
}

mf_status mf_execute_files(mf_execute *x, const char *title, mf_diag *diag)
{
    const mf_arguments *arguments = x->account->setup->arguments;
    const char *timeline = mf_arguments_value(arguments, "timeline"),
               *heatmap = mf_arguments_value(arguments, "heatmap"),
               *vcd = mf_arguments_value(arguments, "vcd");
    if (timeline)
        MF_TRY(mf_timeline_write(x->timeline, timeline, diag));
    if (heatmap)
        MF_TRY(mf_heatmap_write(heatmap, title, mf_chip_activity(x->chip), x->pe_rows,
                                x->pe_columns, mf_chip_cycles(x->chip), diag));
    if (vcd)
        MF_TRY(write_waves(x, vcd, diag));
    return MF_OK;
}
