/* Logs of trainings as two plots, accuracy above loss. */
#include "cli/curves.h"

#include "base/file.h"
#include "train/log.h"

#include <string.h>

const char *mf_curves_name(mf_arena *arena, const char *const *logs, size_t n_logs, size_t i)
{
    const char *name = mf_file_name(logs[i]), *dot = strrchr(name, '.');
    size_t n_ending = dot && dot > name ? strlen(dot) : 0;
    for (size_t k = 0; k < n_logs; k++)
        if (k != i && strcmp(mf_file_name(logs[k]), mf_file_name(logs[i])) == 0)
            name = logs[i];
    return mf_arena_string_n(arena, name, strlen(name) - n_ending);
}

enum { CURVES = 2 }; /* of a log in a panel: held out, training */

/* One log's curves in both panels. */
static mf_status add_log(mf_arena *arena, const char *path, const char *name, mf_plot_points *loss,
                         mf_plot_points *accuracy, mf_diag *diag)
{
    mf_logged *lines;
    size_t n;
    MF_TRY(mf_log_read(path, arena, &lines, &n, diag));
    double *numbers = MF_NEW_ARRAY(arena, double, 5 * n + 1);
    if (!name || !numbers)
        return mf_fail_memory(diag);
    double *epoch = numbers, *of[2 * CURVES];
    for (size_t k = 0; k < 2 * CURVES; k++)
        of[k] = numbers + (k + 1) * n;
    for (size_t i = 0; i < n; i++) {
        epoch[i] = (double)lines[i].epoch;
        of[0][i] = lines[i].test_loss;
        of[1][i] = lines[i].loss;
        of[2][i] = 100 * lines[i].test_top1;
        of[3][i] = 100 * lines[i].top1;
    }
    for (size_t k = 0; k < CURVES; k++) {
        const char *what = k ? mf_arena_format(arena, "%s, training", name) : name;
        if (!what)
            return mf_fail_memory(diag);
        mf_plot_style style = k ? MF_PLOT_COMPANION : MF_PLOT_JOINED;
        loss[k] = (mf_plot_points){what, epoch, of[k], n, style, 0, NULL};
        accuracy[k] = (mf_plot_points){what, epoch, of[CURVES + k], n, style, 0, NULL};
    }
    return MF_OK;
}

mf_status mf_curves_draw(const mf_arguments *arguments, const char *const *logs, size_t n_logs,
                         mf_diag *diag)
{
    mf_arena *arena = arguments->arena;
    mf_plot plot;
    MF_TRY(mf_plot_open(arguments, &plot, diag));
    if (!plot.path)
        return MF_OK;
    mf_plot_points *loss = MF_NEW_ARRAY(arena, mf_plot_points, CURVES * n_logs),
                   *accuracy = MF_NEW_ARRAY(arena, mf_plot_points, CURVES * n_logs);
    if (!loss || !accuracy)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n_logs; i++)
        MF_TRY(add_log(arena, logs[i], mf_curves_name(arena, logs, n_logs, i), loss + CURVES * i,
                       accuracy + CURVES * i, diag));
    mf_plot_scatter(&plot, "accuracy", "epoch", "top-1, %", MF_PLOT_COUNTS, accuracy,
                    CURVES * n_logs);
    mf_plot_scatter(&plot, "loss", "epoch", "cross entropy", MF_PLOT_COUNTS, loss, CURVES * n_logs);
    return mf_plot_close(&plot, diag);
}
