/* How did trainings go, side by side? Loss and accuracy over epochs, drawn from their logs. */
#ifndef MF_CLI_CURVES_H
#define MF_CLI_CURVES_H

#include "cli/plot.h"

/* To the file that --plot names, or nothing without it. */
mf_status mf_curves_draw(const mf_arguments *arguments, const char *const *logs, size_t n_logs,
                         mf_diag *diag);

/* A log's name without folders and ending, in the arena. */
const char *mf_curves_name(mf_arena *arena, const char *log);

#endif
