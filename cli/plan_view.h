/* What does an experiment show while its trainings run? On a terminal a table of those at work,
 * drawn again and again; elsewhere a line for each epoch. And a line for each run that ends. */
#ifndef MF_CLI_PLAN_VIEW_H
#define MF_CLI_PLAN_VIEW_H

#include "cli/plan_runs.h"

#include <time.h>

typedef struct mf_plan_view {
    const mf_plan_runs *runs;
    struct timespec begin, last; /* of this call; when the table was drawn */
    double n_epochs;             /* that ended in this call */
} mf_plan_view;

void mf_plan_view_begin(mf_plan_view *view, const mf_plan_runs *runs);

/* `run->report` is new. */
void mf_plan_view_report(mf_plan_view *view, mf_plan_run *run);

/* The run has an outcome, or a status that says why it has none. */
void mf_plan_view_end(mf_plan_view *view, const mf_plan_run *run);

/* Draw the table, if it is time and somebody looks. */
void mf_plan_view_draw(mf_plan_view *view);

#endif
