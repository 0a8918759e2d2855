/* `mulfree curves`: what the logs of trainings say, side by side, as a table and as curves. */
#include "cli/curves.h"
#include "cli/file_kind.h"
#include "cli/output.h"
#include "train/log.h"

static const mf_column columns[] = {{"log", "log", 0, 1},
                                    {"epochs", "epochs", 0, 1},
                                    {"loss", "loss", 4, 1},
                                    {"top1", "top-1 %", 2, 100},
                                    {"test_loss", "test loss", 4, 1},
                                    {"test_top1", "test top-1 %", 2, 100},
                                    {"test_top5", "test top-5 %", 2, 100},
                                    {"best_top1", "best top-1 %", 2, 100},
                                    {"best_epoch", "in epoch", 0, 1},
                                    {NULL, NULL, 0, 0}};

static mf_status add_row(mf_sheet *sheet, mf_arena *arena, const char *path, const char *name,
                         mf_diag *diag)
{
    mf_logged *lines;
    size_t n, best = 0;
    MF_TRY(mf_file_kind_check(path, MF_FILE_BIT(MF_FILE_LOG), diag));
    MF_TRY(mf_log_read(path, arena, &lines, &n, diag));
    if (!n)
        return mf_fail(diag, MF_INVALID, "%s: no epoch in it yet", path);
    for (size_t i = 1; i < n; i++)
        best = lines[i].test_top1 > lines[best].test_top1 ? i : best;
    const mf_logged *last = &lines[n - 1];
    if (!name)
        return mf_fail_memory(diag);
    mf_sheet_row(sheet, MF_ROW_PLAIN);
    mf_sheet_text(sheet, name);
    mf_sheet_count(sheet, last->epoch);
    mf_sheet_real(sheet, last->loss);
    mf_sheet_real(sheet, last->top1);
    mf_sheet_real(sheet, last->test_loss);
    mf_sheet_real(sheet, last->test_top1);
    mf_sheet_real(sheet, last->test_top5);
    mf_sheet_real(sheet, lines[best].test_top1);
    mf_sheet_count(sheet, lines[best].epoch);
    return MF_OK;
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_sheet *sheet = mf_sheet_create(arguments->arena, columns);
    mf_plot plot; /* a wrong ending is found before anything is shown */
    MF_TRY(mf_plot_open(arguments, &plot, diag));
    MF_TRY(mf_arguments_expect(arguments, 1, 1000, diag));
    for (size_t i = 0; i < arguments->n_words; i++)
        MF_TRY(add_row(sheet, arguments->arena, arguments->words[i],
                       mf_curves_name(arguments->arena, arguments->words, arguments->n_words, i),
                       diag));
    MF_TRY(mf_output_sheet(cli, arguments, sheet, diag));
    return mf_curves_draw(arguments, arguments->words, arguments->n_words, diag);
}

static const mf_option options[] = {MF_PLOT_OPTION(0), MF_OUTPUT_OPTIONS, MF_COMMON_OPTIONS,
                                    MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree curves mult.jsonl shift.jsonl add.jsonl --plot curves.png",
     "three trainings in one picture"},
    {NULL, NULL}};

const mf_command mf_command_curves = {
    .name = "curves",
    .summary = "compare the logs of trainings, as a table and as curves",
    .arguments = "LOG.jsonl ...",
    .about = "The last epoch of each log that `mulfree train --log` wrote, and the best.",
    .words = "files",
    .options = options,
    .examples = examples,
    .run = run,
};
