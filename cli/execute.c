/* From options to who looks on while a chip runs a network. */
#include "cli/execute.h"

#include "base/file.h"
#include "base/unfinished.h"
#include "cli/heatmap.h"
#include "cli/interrupt.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SystemC opens its file by name, so it writes in a new folder beside the one asked for: what
 * stands there is nobody else's. */
static mf_status make_waves(mf_execute *x, const char *vcd, mf_diag *diag)
{
    mf_arena *arena = x->account->setup->arena;
    size_t n = strlen(vcd);
    if (n < 5 || strcmp(vcd + n - 4, ".vcd") != 0)
        return mf_fail(diag, MF_USAGE, "--vcd %s: the name must end in .vcd", vcd);
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

/* ---- who looks on ------------------------------------------------------------------------------
 */

static void begin(void *user)
{
    mf_execute *x = user;
    mf_progress_begin(&x->progress, x->account->setup->cli, x->network->name, x->network->n_layers);
    mf_interrupt_catch(true);
}

/* A slice above the lanes: a layer, or so many rows of it. */
static void task_done(void *user, const mf_analytic_task *task, const mf_chip_report *report)
{
    mf_execute *x = user;
    const mf_layer *layer = task->row.layer;
    mf_rows made = task->place.made;
    char name[256];
    if (!x->timeline || report->cycles == 0)
        return;
    if (mf_rows_count(made) == layer->shape.e)
        snprintf(name, sizeof name, "%s", layer->name);
    else
        snprintf(name, sizeof name, "%s, rows %" PRIu64 " to %" PRIu64, layer->name, made.begin,
                 made.end - 1);
    mf_timeline_layer(x->timeline, name, report->cycles);
}

static void layer_done(void *user, const mf_analytic_row *row, const mf_execution_row *measured)
{
    mf_execute *x = user;
    (void)row, (void)measured;
    mf_progress_step(&x->progress, 1);
}

static void watch(void *user, mf_component component, const char *what, double begin_cycle,
                  double end_cycle)
{
    mf_execute *x = user;
    mf_timeline_add(x->timeline, component, what, begin_cycle, end_cycle);
}

/* The chip goes, what its PEs did stays for the heat map. */
static void end(void *user, const mf_chip *chip, uint64_t pe_rows, uint64_t pe_columns)
{
    mf_execute *x = user;
    mf_interrupt_catch(false);
    mf_progress_end(&x->progress);
    x->pe_rows = pe_rows;
    x->pe_columns = pe_columns;
    x->cycles = mf_chip_cycles(chip);
    x->pes = MF_NEW_ARRAY(x->account->setup->arena, mf_pe_activity, pe_rows * pe_columns);
    if (x->pes)
        memcpy(x->pes, mf_chip_activity(chip), pe_rows * pe_columns * sizeof *x->pes);
}

mf_status mf_execute_open(mf_execute *x, mf_account *account, bool here, mf_diag *diag)
{
    const mf_arguments *arguments = account->setup->arguments;
    const char *vcd = mf_arguments_value(arguments, "vcd");
    *x = (mf_execute){.account = account};
    if (mf_arguments_value(arguments, "timeline"))
        MF_TRY(mf_timeline_create(account->setup->accelerator.clock_mhz, &x->timeline, diag));
    if (vcd)
        MF_TRY(make_waves(x, vcd, diag));
    x->observers = (mf_observers){.user = x,
                                  .begin = begin,
                                  .end = end,
                                  .task_done = task_done,
                                  .layer_done = layer_done,
                                  .stop = mf_interrupt_came,
                                  .watch = x->timeline ? watch : NULL,
                                  .vcd_path = x->waves,
                                  .here = here};
    mf_pricer_observe(account->pricer, &x->observers);
    return MF_OK;
}

void mf_execute_close(mf_execute *x)
{
    remove_waves(x); /* still there only after a failure */
    mf_timeline_destroy(x->timeline);
}

const char *mf_execute_op(const mf_arguments *arguments, const mf_network *network)
{
    const char *op = mf_arguments_value(arguments, "op");
    if (!op && mf_file_has_ending(network->source, ".npz") && network->n_weight_layers)
        op = mf_network_weight_layer(network, 0)->op;
    return op ? op : "mult";
}

mf_status mf_execute_run(mf_execute *x, const mf_network *network, const char *op,
                         mf_report *report, mf_diag *diag)
{
    x->network = network;
    return mf_account_price(x->account, network, op, MF_ENGINE_SYSTEMC, report, diag);
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
    if (heatmap && !x->pes)
        return mf_fail_memory(diag);
    if (heatmap)
        MF_TRY(
            mf_heatmap_write(heatmap, title, x->pes, x->pe_rows, x->pe_columns, x->cycles, diag));
    if (vcd)
        MF_TRY(write_waves(x, vcd, diag));
    return MF_OK;
}
