/* How did trainings go, side by side? Loss and accuracy over epochs, drawn from their logs. */
#ifndef MF_CLI_CURVES_H
#define MF_CLI_CURVES_H

#include "cli/plot.h"

/* To the file that --plot names, or nothing without it. */
mf_status mf_curves_draw(const mf_arguments *arguments, const char *const *logs, size_t n_logs,
                         mf_diag *diag);

/* The name of log `i`, in the arena: without its ending, and without folders where that tells it
 * from the others. */
const char *mf_curves_name(mf_arena *arena, const char *const *logs, size_t n_logs, size_t i);

#endif
