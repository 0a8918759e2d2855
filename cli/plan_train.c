/* Files, locks, and a trainer. */
#include "cli/plan_train.h"

#include "train/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* From its checkpoint, or from the beginning. */
static mf_status begin_or_resume(mf_plan_run *run, mf_train_setup *s, mf_diag *diag)
{
    mf_resumption before;
    MF_TRY(mf_train_setup_model(s, diag));
    if (access(run->checkpoint, F_OK) != 0) {
        if (unlink(run->log) != 0 && errno != ENOENT) /* of an epoch without a checkpoint */
            return mf_fail(diag, MF_IO, "%s: cannot be removed: %s", run->log, strerror(errno));
        return mf_train_setup_fits(s, diag);
    }
    mf_status status = mf_resumption_read(run->checkpoint, s->arguments->arena, &before, diag);
    mf_json_destroy(before.network);
    s->so_far = before.so_far;
    return status == MF_OK ? mf_resumption_load(run->checkpoint, true, s->model, diag) : status;
}

mf_status mf_plan_train(mf_plan_run *run, bool (*stop)(void), mf_plan_report *report, void *user,
                        mf_diag *diag)
{
    mf_train_setup *s = run->setup;
    mf_file_lock locks[2] = {{0}};
    mf_status status;
    s->training.seed = run->seed;
    MF_TRY_DONE(mf_file_lock_take(run->checkpoint, &locks[0], diag));
    MF_TRY_DONE(mf_file_lock_take(run->log, &locks[1], diag));
    MF_TRY_DONE(begin_or_resume(run, s, diag));
    MF_TRY_DONE(mf_train_setup_teacher(s, diag));
    mf_trainer trainer = mf_train_setup_trainer(s);
    trainer.checkpoint = run->checkpoint;
    trainer.log = run->log;
    trainer.stop = stop;
    trainer.report = report;
    trainer.user = user;
    MF_TRY_DONE(mf_trainer_run(&trainer, diag));
done:
    for (size_t i = 0; i < 2; i++)
        mf_file_lock_release(&locks[i]);
    return status;
}

/* It stands in the last line of its log. */
mf_status mf_plan_reached(const mf_plan_run *run, mf_arena *arena, mf_outcome *outcome,
                          mf_diag *diag)
{
    mf_logged *lines;
    size_t n;
    MF_TRY(mf_log_read(run->log, arena, &lines, &n, diag));
    if (!n)
        return mf_fail(diag, MF_INVALID, "%s: no epoch in it", run->log);
    const mf_logged *last = &lines[n - 1];
    *outcome = (mf_outcome){.epochs = last->epoch};
#define MF_OUTCOME(member) outcome->member = last->member;
    MF_EACH_OUTCOME(MF_OUTCOME)
#undef MF_OUTCOME
    return MF_OK;
}

static void say_nothing(void *user, mf_log_level level, const char *line)
{
    (void)user, (void)level, (void)line;
}

mf_cli mf_plan_quiet(const mf_cli *cli)
{
    mf_cli quiet = *cli;
    quiet.log.sink = say_nothing;
    return quiet;
}
