/* How much silicon do points take? */
#ifndef MF_CLI_SWEEP_AREA_H
#define MF_CLI_SWEEP_AREA_H

#include "cli/sweep_run.h"
#include "sim/area.h"

/* The arrays of a point's operators, in `arena`, as the area allows them where --iso-area divides it. */
mf_status mf_sweep_arrays(const mf_sweep_run *run, const mf_sweep_point *point, mf_arena *arena,
                          mf_op_array **arrays, size_t *n, mf_diag *diag);

/* Where points are judged by area_mm2: MF_USAGE without the consistent account, MF_INVALID for pools. */
mf_status mf_sweep_check_areas(const mf_sweep_run *run, mf_diag *diag);

/* The same: into the results of all points that ran. MF_INVALID where a table knows no areas. */
mf_status mf_sweep_measure_areas(mf_sweep_run *run, mf_diag *diag);

#endif
