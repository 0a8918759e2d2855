/* What does a sweep show? Its rows in the specification's order, whatever finished first, and a chart. */
#ifndef MF_CLI_SWEEP_VIEW_H
#define MF_CLI_SWEEP_VIEW_H

#include "cli/sweep_run.h"

/* The sheet as --format and --output say, and the picture of --plot. */
mf_status mf_sweep_show(const mf_sweep_run *run, mf_diag *diag);

/* What people read above the column of an axis that is a key. */
const char *mf_sweep_key_title(int key);

/* best[n_points]: is the point on its front? */
mf_status mf_sweep_fronts(const mf_sweep_run *run, bool *best, mf_diag *diag);

/* The picture of --plot; nothing without it. */
mf_status mf_sweep_draw(const mf_sweep_run *run, const bool *best, mf_diag *diag);

#endif
