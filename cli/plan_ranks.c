/* A farm of runs (base/farm.h), each in a process of its own. */
#include "cli/plan_ranks.h"

#include "base/child.h"
#include "base/farm.h"
#include "base/hash.h"
#include "base/ranks.h"
#include "cli/interrupt.h"
#include "cli/plan_train.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

struct mf_plan_ranks {
    mf_plan_runs *runs;
    mf_workers *worker;
    size_t *order;
    mf_plan_view *view;
    mf_status status; /* of what this process does itself */
    mf_diag diag;
};

/* ---- in a run's process ------------------------------------------------------------------------
 */

/* Numbers alone: it comes from another process, and may go to another rank. */
typedef struct result {
    mf_status status;
    mf_diag diag;
    mf_outcome outcome;
} result;

typedef struct task {
    mf_plan_runs *runs;
    size_t index;
} task;

static mf_status live(void *user, void *into, mf_diag *diag)
{
    const task *t = user;
    result *r = into;
    mf_plan_run *run = &t->runs->runs[t->index];
    mf_cli quiet = mf_plan_quiet(t->runs->cli);
    run->setup->cli = &quiet;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* it would otherwise train on, and nobody would know of it */
    r->status = mf_plan_train(run, mf_interrupt_came, NULL, NULL, &r->diag);
    return r->status == MF_OK
               ? mf_plan_reached(run, t->runs->arguments->arena, &r->outcome, diag)
               : MF_OK;
}

static mf_status begin(void *user, size_t item, void *into, mf_diag *diag)
{
    task t = {user, item};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    return mf_child_run(live, &t, into, sizeof(result), diag);
}

/* ---- a rank ------------------------------------------------------------------------------------
 */

/* Passes over the network's products, wider networks beside the target counted as three more. */
static double cost_of(const mf_plan_run *run)
{
    const mf_train_setup *s = run->setup;
    double macs = 0;
    for (size_t i = 0; i < s->network->n_layers; i++)
        macs += (double)mf_shape_macs(&s->network->layers[i].shape);
    return macs * (double)s->training.epochs * (double)s->pictures->n *
           (mf_training_augments(&s->training) ? 4 : 1);
}

static int compare(const void *a, const void *b, void *user)
{
    const mf_plan_runs *runs = user;
    size_t i = *(const size_t *)a, k = *(const size_t *)b;
    double first = cost_of(&runs->runs[i]), second = cost_of(&runs->runs[k]);
    return first > second ? -1 : first < second ? 1 : i < k ? -1 : 1;
}

mf_status mf_plan_ranks_create(mf_plan_runs *runs, mf_plan_ranks **out, mf_diag *diag)
{
    mf_arena *arena = runs->arguments->arena;
    mf_plan_ranks *r = *out = MF_NEW(arena, mf_plan_ranks);
    if (!r)
        return mf_fail_memory(diag);
    *r = (mf_plan_ranks){.runs = runs, .order = MF_NEW_ARRAY(arena, size_t, runs->n_runs)};
    if (!r->order)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < runs->n_runs; i++)
        r->order[i] = i;
    qsort_r(r->order, runs->n_runs, sizeof *r->order, compare, runs);
    mf_interrupt_catch(true); /* the processes of runs hear the same signals */
    return mf_workers_create(1, begin, runs, sizeof(result), &r->worker, diag);
}

void mf_plan_ranks_destroy(mf_plan_ranks *r)
{
    if (!r)
        return;
    mf_workers_destroy(r->worker);
    mf_interrupt_catch(false);
}

uint64_t mf_plan_ranks_digest(const mf_plan_runs *runs)
{
    uint64_t digest = MF_HASH_BEGIN;
    for (size_t i = 0; i < runs->n_runs; i++)
        digest = mf_hash_bytes(digest, &runs->runs[i].digest, sizeof runs->runs[i].digest);
    return digest;
}

static void work(void *user, size_t job, size_t thread, void *into)
{
    mf_plan_ranks *r = user;
    result *done = into;
    mf_diag diag = {0};
    mf_status status = mf_workers_run(r->worker, thread, job, done, &diag);
    if (status != MF_OK) /* its process ended, or its log cannot be read */
        *done = (result){.status = status, .diag = diag};
}

static bool wanted(void *user, size_t job)
{
    const mf_plan_ranks *r = user;
    return mf_plan_run_wanted(r->runs, job);
}

static bool keep(void *user, size_t job, const void *from)
{
    mf_plan_ranks *r = user;
    const result *done = from;
    mf_plan_run *run = &r->runs->runs[job];
    mf_outcome outcome = done->outcome;
    run->status = done->status;
    run->diag = done->diag;
    outcome.fault = NULL;
    if (done->status == MF_DIVERGED)
        outcome.fault = mf_arena_string(r->runs->arguments->arena, done->diag.message);
    if (done->status == MF_DIVERGED && !outcome.fault)
        r->status = mf_fail_memory(&r->diag);
    else if (done->status == MF_OK || outcome.fault)
        r->status = mf_plan_runs_keep(r->runs, run, &outcome, &r->diag);
    if (r->status == MF_OK)
        mf_plan_view_end(r->view, run);
    return r->status == MF_OK;
}

mf_status mf_plan_ranks_run(mf_plan_ranks *r, mf_plan_view *view, mf_diag *diag)
{
    bool finished;
    const mf_farm farm = {.n_jobs = r->runs->n_runs,
                          .n_threads = 1,
                          .order = r->order,
                          .n_bytes = sizeof(result),
                          .user = r,
                          .work = work,
                          .wanted = wanted,
                          .keep = keep,
                          .stop = mf_interrupt_came};
    r->view = view;
    MF_TRY(mf_farm_run(&farm, &finished, diag));
    if (r->status != MF_OK) {
        if (diag)
            *diag = r->diag;
        return r->status;
    }
    return mf_ranks_rank() ? MF_OK : mf_plan_runs_end(r->runs, mf_interrupt_came(), diag);
}
