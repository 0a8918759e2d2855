/* What does a training show while it runs? A row per epoch as it ends, and on a terminal the line
 * under way. */
#ifndef MF_CLI_TRAIN_VIEW_H
#define MF_CLI_TRAIN_VIEW_H

#include "cli/output.h"
#include "train/trainer.h"

#include <time.h>

typedef struct mf_train_view {
    mf_cli *cli;
    const mf_arguments *arguments;
    const char *heading;  /* above the rows */
    const char *note;     /* said on standard error when they begin, or NULL */
    struct timespec last; /* when the line was drawn */
    mf_sheet *sheet;      /* NULL before the first step: what is refused shows no rows */
} mf_train_view;

/* A trainer's `report`, with the view as its user. */
mf_status mf_train_view_report(void *view, const mf_trainer_report *report, mf_diag *diag);

/* What stands below the rows, once `status` says how the training ended: rows that are there are
 * shown whole whatever it is. */
mf_status mf_train_view_end(mf_train_view *view, mf_status status, mf_diag *diag);

#endif
