/* How are the points of a sweep computed? Points that differ in the operator alone are one job; jobs run
 * on all cores, or each in a process where points are executed. */
#ifndef MF_CLI_SWEEP_RUN_H
#define MF_CLI_SWEEP_RUN_H

#include "cli/account.h"
#include "cli/progress.h"
#include "cli/sweep_journal.h"
#include "cli/sweep_spec.h"

#include <pthread.h>

struct mf_workers;

typedef struct mf_sweep_run {
    mf_setup *setup;
    const mf_account *account; /* NULL: the published one */
    mf_engine engine;
    const mf_sweep *sweep;
    mf_sweep_result *results;
    mf_sweep_journal journal;
    mf_progress progress;
    struct mf_sweep_memory *memories; /* of each thread */
    struct mf_workers
        *workers;          /* processes that execute, one for each thread; NULL: it can do that */
    pthread_mutex_t mutex; /* of diag, status, faults and zeros */
    mf_sweep_faults faults;
    mf_conditions
        zeros; /* of MF_IF_ZEROS_GATED, MF_IF_ZEROS_CODED: in one of the points that ran */
    mf_status status;
    mf_diag diag;
} mf_sweep_run;

/* Compute every point that is not done, as --jobs says; each is in the journal at once. MF_INTERRUPTED
 * after a signal. */
mf_status mf_sweep_run_all(mf_sweep_run *run, mf_diag *diag);

#endif
