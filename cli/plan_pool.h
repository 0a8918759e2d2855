/* Runs of an experiment, several at once, each in a process of its own: a model's threads are one
 * team of the whole process (base/team.h), and one that dies or diverges leaves the others alone.
 * Pictures are shared, since they were loaded before. */
#ifndef MF_CLI_PLAN_POOL_H
#define MF_CLI_PLAN_POOL_H

#include "cli/plan_view.h"

/* Train all runs that are not over, `n_at_once` at a time, in their order. MF_INTERRUPTED, with a
 * checkpoint of each run at work, when a signal came (cli/interrupt.h); else, when all have ended,
 * the failure of the first run that has no outcome. One that diverged has one. */
mf_status mf_plan_pool_run(mf_plan_runs *runs, size_t n_at_once, mf_plan_view *view, mf_diag *diag);

#endif
