/* What does a sweep show? Its rows in the specification's order, or as --sort says, whatever finished
 * first; what is best; and a chart. */
#ifndef MF_CLI_SWEEP_VIEW_H
#define MF_CLI_SWEEP_VIEW_H

#include "cli/sweep_run.h"

/* The sheet as --format and --output say, and the picture of --plot. */
mf_status mf_sweep_show(const mf_sweep_run *run, mf_diag *diag);

/* best[n_points]: is the point on its front? */
mf_status mf_sweep_fronts(const mf_sweep_run *run, bool *best, mf_diag *diag);

/* --sort and --top, into the sweep; the order of rows that they ask for, into order[n_points]: *n of
 * them. Without them, the specification's. */
mf_status mf_sweep_order_take(const mf_arguments *arguments, mf_sweep *sweep, mf_diag *diag);
mf_status mf_sweep_order(const mf_sweep_run *run, size_t *order, size_t *n, mf_diag *diag);

/* The picture of --plot; nothing without it. */
mf_status mf_sweep_draw(const mf_sweep_run *run, const bool *best, mf_diag *diag);

#endif
