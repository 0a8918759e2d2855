/* A segment that is tried. Private to sim/: schedule_search.c looks for the best schedule, schedule_why.c says
 * what stops a better one. */
#ifndef MF_SIM_SCHEDULE_TRIAL_H
#define MF_SIM_SCHEDULE_TRIAL_H

#include "sim/analytic_runner.h"

/* Energy (static power included) and time. */
typedef struct mf_sums {
    double energy_pj, cycles;
} mf_sums;

/* What the objective wants little of; relative to `unit` where it is balanced. */
double mf_sums_value(mf_objective objective, const mf_sums *sums, const mf_sums *unit);

typedef struct mf_trial {
    mf_segment segment;
    bool weights_stay; /* of all its layers */
    mf_sums sum;
    uint64_t held_bits,
        peak_bits;       /* regions; regions and tiles, without what passes the segment by */
    bool fits, overfull; /* overfull: regions alone are more than the buffer */
    double weight_bits;  /* from DRAM */
    double bound_cycles[MF_N_BOUNDS]; /* of the tasks that each resource bounds */
} mf_trial;

/* Whether its weights stay, as marks of the schedule. */
void mf_trial_mark_weights(const mf_runner *runner, mf_schedule *schedule, const mf_trial *trial);

/* Do layers [first, end) read a map in DRAM, and may rows of all such maps be held? */
void mf_trial_inputs(mf_runner *runner, const mf_schedule *schedule, size_t first, size_t end,
                     bool *from_dram, bool *can_hold);

/* Price a segment; which maps stay, which weights, and what is made again is in `schedule`. What does not
 * fit is no failure. */
mf_status mf_trial_price(mf_runner *runner, mf_schedule *schedule, mf_trial *trial, mf_diag *diag);

/* Why does each cut of runner->schedule stay? Into `stops`, [n_segments - 1]. */
mf_status mf_runner_explain(mf_runner *runner, mf_stop *stops, mf_diag *diag);

#endif
