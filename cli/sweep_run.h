/* How are the points of a sweep computed? Points that differ in the operator alone are one job; jobs run
 * on all cores, or each in a process where points are executed; or on all ranks (base/ranks.h). */
#ifndef MF_CLI_SWEEP_RUN_H
#define MF_CLI_SWEEP_RUN_H

#include "cli/account.h"
#include "cli/progress.h"
#include "cli/sweep_journal.h"
#include "cli/sweep_spec.h"

struct mf_workers;

typedef struct mf_sweep_run {
    mf_setup *setup;
    const mf_account *account; /* NULL: the published one */
    mf_engine engine;
    const mf_sweep *sweep;
    mf_sweep_result *results;
    mf_sweep_journal journal;
    mf_progress progress;
    mf_part part;               /* of the jobs; n = 0: all */
    size_t n_threads;                 /* of this rank */
    struct mf_sweep_memory *memories; /* of each thread */
    struct mf_workers
        *workers; /* processes that execute, one for each thread; NULL: it can do that */
    mf_sweep_faults faults;
    mf_conditions
        zeros; /* of MF_IF_ZEROS_GATED, MF_IF_ZEROS_CODED: in one of the points that ran */
    mf_status status;
    mf_diag diag;
} mf_sweep_run;

/* The account of the options with what a point replaces of them: table, dataflow, widths, objective.
 * Borrowed; its pricer is that of the options. */
mf_account mf_sweep_account_at(const mf_account *account, const mf_sweep_point *point);

/* Before several ranks start: --jobs, and processes, which must be made before there are threads. End it
 * whatever it returned. */
mf_status mf_sweep_run_begin(mf_sweep_run *run, mf_diag *diag);
void mf_sweep_run_end(mf_sweep_run *run);

/* How many points of part k of n are not done? */
size_t mf_sweep_run_left(const mf_sweep_run *run, mf_part part);

/* Compute every point of the run's part that is not done; each job's are in the journal at once. Results
 * and journal are those of rank 0. MF_INTERRUPTED after a signal. */
mf_status mf_sweep_run_all(mf_sweep_run *run, mf_diag *diag);

#endif
