/* What are the runs of an experiment, and how far are they? Every arm's training is made and
 * checked before the first run begins; pictures are loaded once for all that use them. */
#ifndef MF_CLI_PLAN_RUNS_H
#define MF_CLI_PLAN_RUNS_H

#include "base/file.h"
#include "cli/part.h"
#include "cli/plan.h"
#include "cli/plan_journal.h"
#include "cli/train_setup.h"

#include <sys/types.h>

typedef struct mf_plan_run {
    const mf_plan_arm *arm;
    mf_train_setup *setup; /* the arm's, with the first seed */
    uint64_t seed, digest;
    const char *checkpoint, *log;
    const mf_outcome *outcome; /* NULL: it is not over */
    mf_status status;          /* MF_OK, or why it ended in this call without an outcome */
    mf_diag diag;
    mf_trainer_report report; /* the latest of one at work */
    bool reported;
    double last_top1; /* of pictures held out, at the end of an epoch; negative: of none yet */
    pid_t process;    /* 0: not at work */
    int pipe;         /* where it tells from */
} mf_plan_run;

typedef struct mf_plan_runs {
    mf_cli *cli;
    const mf_arguments *arguments;
    mf_json_doc *doc;
    mf_plan plan;
    mf_train_setup *setups; /* of each arm */
    size_t n_setups;
    struct mf_plan_pictures *pictures; /* a list */
    const char *folder;
    mf_part part; /* of the runs, in the order of their places: n = 0 is all */
    mf_file_lock lock;
    mf_plan_journal journal;
    mf_plan_run *runs; /* seeds within arms */
    size_t n_runs;
} mf_plan_runs;

/* From the file at `path`, with all that is wrong with it at once. Close also after a failure. */
mf_status mf_plan_runs_read(mf_plan_runs *runs, mf_cli *cli, const mf_arguments *arguments,
                            const char *path, mf_diag *diag);

/* What determines a run, wherever its pictures lie: its own, or what a checkpoint says it was. `setup` has
 * the pictures. */
mf_status mf_plan_digest(const mf_subject *subject, const mf_training *training,
                         const char *network, const mf_train_setup *setup, uint64_t *digest,
                         mf_diag *diag);

/* Take hold of the experiment's folder, which is made if it is not there, and see which runs are
 * over. MF_INVALID where a run was made with something else than it would be now. */
mf_status mf_plan_runs_find(mf_plan_runs *runs, mf_diag *diag);

/* What a run came to, for good: it is kept in the journal. */
mf_status mf_plan_runs_keep(mf_plan_runs *runs, mf_plan_run *run, const mf_outcome *outcome,
                            mf_diag *diag);

size_t mf_plan_runs_over(const mf_plan_runs *runs);

/* Is a run not over, and of this part? */
bool mf_plan_run_wanted(const mf_plan_runs *runs, size_t index);

/* How did it end, when nothing is at work any more: MF_INTERRUPTED, or the failure of the first run that
 * has no outcome. */
mf_status mf_plan_runs_end(const mf_plan_runs *runs, bool interrupted, mf_diag *diag);

void mf_plan_runs_close(mf_plan_runs *runs);

#endif
