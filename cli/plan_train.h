/* How is one run of an experiment trained, in whichever process? */
#ifndef MF_CLI_PLAN_TRAIN_H
#define MF_CLI_PLAN_TRAIN_H

#include "cli/plan_runs.h"

typedef mf_status mf_plan_report(void *user, const mf_trainer_report *report, mf_diag *diag);

/* From its checkpoint, or from the beginning, to its end; `stop` and `report` (or NULL) are the trainer's. */
mf_status mf_plan_train(mf_plan_run *run, bool (*stop)(void), mf_plan_report *report, void *user,
                        mf_diag *diag);

/* What a run that is over came to. */
mf_status mf_plan_reached(const mf_plan_run *run, mf_arena *arena, mf_outcome *outcome,
                          mf_diag *diag);

/* For a process of a run: what it would say is said by the one that began it. */
mf_cli mf_plan_quiet(const mf_cli *cli);

#endif
