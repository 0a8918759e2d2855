/* Runs of an experiment on several ranks (base/ranks.h), one at a time on each, the longest first. */
#ifndef MF_CLI_PLAN_RANKS_H
#define MF_CLI_PLAN_RANKS_H

#include "cli/plan_view.h"

typedef struct mf_plan_ranks mf_plan_ranks;

/* Before the ranks start: each makes the process that its runs come from, which MPI then knows nothing
 * of. Destroy accepts NULL. */
mf_status mf_plan_ranks_create(mf_plan_runs *runs, mf_plan_ranks **ranks, mf_diag *diag);
void mf_plan_ranks_destroy(mf_plan_ranks *ranks);

/* What determines all runs. */
uint64_t mf_plan_ranks_digest(const mf_plan_runs *runs);

/* Train all runs that are not over; what they come to is kept on rank 0, and said there. Ends as
 * mf_plan_pool_run does. */
mf_status mf_plan_ranks_run(mf_plan_ranks *ranks, mf_plan_view *view, mf_diag *diag);

#endif
