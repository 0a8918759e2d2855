/* What did an experiment of trainings find out? Mean and spread of each arm over its seeds, as rows
 * and as curves. */
#ifndef MF_CLI_PLAN_RESULT_H
#define MF_CLI_PLAN_RESULT_H

#include "cli/plan_runs.h"
#include "cli/sheet.h"

/* A row for each arm, when all runs are over. */
mf_status mf_plan_result_rows(const mf_plan_runs *runs, mf_sheet **sheet, mf_diag *diag);

/* Curves of the arms, as --plot says. */
mf_status mf_plan_result_draw(const mf_plan_runs *runs, mf_diag *diag);

#endif
