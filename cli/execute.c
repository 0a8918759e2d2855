/* From options to a chip that runs a network. */
#include "cli/execute.h"

#include "base/file.h"
#include "base/unfinished.h"
#include "cli/heatmap.h"
#include "cli/interrupt.h"
#include "cli/progress.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

mf_status mf_execute_open(mf_execute *x, mf_account *account, mf_diag *diag)
{
    const mf_arguments *arguments = account->setup->arguments;
    const char *fidelity = mf_arguments_value(arguments, "fidelity");
    *x = (mf_execute){.account = account};
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

static mf_status make_chip(mf_execute *x, const mf_analytic_result *account, mf_diag *diag)
{
    const char *vcd = mf_arguments_value(x->account->setup->arguments, "vcd");
    mf_execution_size(mf_pricer_analytic(x->account->pricer), account, &x->pe_rows, &x->pe_columns);
    if (vcd) {
        size_t n = strlen(vcd);
        if (n < 5 || strcmp(vcd + n - 4, ".vcd") != 0)
            return mf_fail(diag, MF_USAGE, "--vcd %s: the name must end in .vcd", vcd);
        MF_TRY(make_waves(x, vcd, diag));
    }
    return mf_chip_create(x->pe_rows, x->pe_columns, x->waves, &x->chip, diag);
}

/* A layer onto the timeline, and one step of the bar. */
typedef struct watcher {
    mf_execute *execute;
    mf_execution *execution;
    mf_progress progress;
} watcher;

static void layer_done(void *user, const mf_execution_row *row)
{
    watcher *w = user;
    size_t at = (size_t)(row - w->execution->rows);
    if (row->executed && w->execute->timeline)
        mf_timeline_layer(w->execute->timeline, w->execution->account->rows[at].layer->name,
                          row->report.cycles);
    mf_progress_step(&w->progress, 1);
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
    mf_assignment assignment;
    mf_report report;
    *executed = (mf_executed){0};
    MF_TRY(mf_account_assign(x->account, network, op, &assignment, diag));
    assignment.zeros = NULL; /* a trace's are counted by the chip */
    MF_TRY(mf_pricer_price(x->account->pricer, network, &assignment, MF_ENGINE_ANALYTIC,
                           setup->arena, &report, diag));
    *account = report.account;
    MF_TRY(make_chip(x, account, diag));
    executed->rows = MF_NEW_ARRAY(setup->arena, mf_execution_row, account->n_rows);
    if (!executed->rows)
        return mf_fail_memory(diag);
    mf_execution execution = {.basis = mf_pricer_analytic(x->account->pricer),
                              .network = network,
                              .account = account,
                              .chip = x->chip,
                              .rows = executed->rows};
    watcher w = {.execute = x, .execution = &execution};
    execution.options = (mf_execution_options){.fidelity = x->fidelity,
                                               .watch = x->timeline ? mf_timeline_add : NULL,
                                               .watch_user = x->timeline,
                                               .layer_done = layer_done,
                                               .layer_user = &w,
                                               .stop = mf_interrupt_came};
    mf_progress_begin(&w.progress, setup->cli, network->name, network->n_layers);
    mf_interrupt_catch(true);
    mf_status status = mf_execution_run(&execution, assignment.op_of_layer, x->account->seed, diag);
    mf_interrupt_catch(false);
    mf_progress_end(&w.progress);
    executed->n_checked = execution.n_checked;
    MF_TRY(status);
    mf_account_note_zeros(x->account, account);
    return mf_account_check_zeros(x->account, diag);
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
