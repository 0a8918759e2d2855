/* Rank 0 serves on the thread that called, which alone speaks to MPI, and works on another. */
#include "base/farm.h"

#include "base/clock.h"
#include "base/parallel.h"
#include "base/ranks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const size_t NONE = (size_t)-1;

/* The jobs that are left, and results, of a process that hands them out. */
typedef struct desk {
    const mf_farm *farm;
    size_t next;
    bool ended;
    char *results; /* of each thread */
    pthread_mutex_t mutex;
} desk;

static size_t next_job(desk *d)
{
    const mf_farm *f = d->farm;
    size_t job = NONE;
    pthread_mutex_lock(&d->mutex);
    if (f->stop && f->stop())
        d->ended = d->ended || d->next < f->n_jobs;
    while (job == NONE && !d->ended && d->next < f->n_jobs) {
        size_t candidate = f->order ? f->order[d->next] : d->next;
        d->next++;
        if (!f->wanted || f->wanted(f->user, candidate))
            job = candidate;
    }
    pthread_mutex_unlock(&d->mutex);
    return job;
}

static void keep(desk *d, size_t job, const void *result)
{
    pthread_mutex_lock(&d->mutex);
    if (!d->farm->keep(d->farm->user, job, result))
        d->ended = true;
    pthread_mutex_unlock(&d->mutex);
}

static void *result_of(const desk *d, size_t thread)
{
    return d->results + thread * d->farm->n_bytes;
}

/* Until nothing is left. */
static bool work_on(void *user, size_t item, size_t thread)
{
    desk *d = user;
    void *result = result_of(d, thread);
    (void)item;
    for (size_t job; (job = next_job(d)) != NONE;) {
        memset(result, 0, d->farm->n_bytes);
        d->farm->work(d->farm->user, job, thread, result);
        keep(d, job, result);
    }
    return true;
}

/* ---- several ranks -----------------------------------------------------------------------------
 */

/* What another rank says: NONE at first, then which job it has done, with its result behind. What it is
 * told: the next one, or NONE. */

typedef struct helper {
    size_t job;
    double since_s; /* when it was told */
    bool gone;
} helper;

static mf_status serve(desk *d, helper *helpers, size_t rank, void *result, mf_diag *diag)
{
    helper *h = &helpers[rank];
    size_t done;
    MF_TRY(mf_ranks_receive(rank, &done, sizeof done, diag));
    if (done != NONE) {
        MF_TRY(mf_ranks_receive(rank, result, d->farm->n_bytes, diag));
        keep(d, done, result);
    }
    h->job = next_job(d);
    h->since_s = mf_clock_s();
    h->gone = h->job == NONE;
    return mf_ranks_send(rank, &h->job, sizeof h->job, diag);
}

static mf_status check_patience(const helper *helpers, size_t n, mf_diag *diag)
{
    double most_s = mf_ranks_patience_s(), now = mf_clock_s();
    for (size_t i = 1; i < n && most_s > 0; i++)
        if (!helpers[i].gone && now - helpers[i].since_s > most_s)
            return mf_fail(diag, MF_IO, "rank %zu has said nothing for %g s", i, most_s);
    return MF_OK;
}

static mf_status serve_all(desk *d, helper *helpers, void *result, mf_diag *diag)
{
    size_t n = mf_ranks_size(), n_gone = 0, rank;
    long nap_ns = MF_NAP_LEAST_NS;
    for (size_t i = 1; i < n; i++)
        helpers[i] = (helper){.job = NONE, .since_s = mf_clock_s()};
    while (n_gone + 1 < n) {
        if (mf_ranks_poll(&rank)) {
            MF_TRY(serve(d, helpers, rank, result, diag));
            n_gone += helpers[rank].gone;
            nap_ns = MF_NAP_LEAST_NS;
            continue;
        }
        MF_TRY(check_patience(helpers, n, diag));
        mf_nap(&nap_ns);
    }
    return MF_OK;
}

static void *work_beside(void *user)
{
    work_on(user, 0, 0);
    return NULL;
}

static mf_status lead(desk *d, mf_diag *diag)
{
    pthread_t beside;
    helper *helpers = calloc(mf_ranks_size(), sizeof *helpers);
    void *result = malloc(d->farm->n_bytes + 1);
    mf_status status = helpers && result ? MF_OK : mf_fail_memory(diag);
    if (status == MF_OK && pthread_create(&beside, NULL, work_beside, d) != 0)
        status = mf_fail(diag, MF_NO_MEMORY, "no thread for jobs");
    else if (status == MF_OK) {
        status = serve_all(d, helpers, result, diag);
        pthread_mutex_lock(&d->mutex);
        d->ended = d->ended || status != MF_OK;
        pthread_mutex_unlock(&d->mutex);
        pthread_join(beside, NULL);
    }
    free(helpers);
    free(result);
    return status;
}

static mf_status help(const mf_farm *f, void *result, mf_diag *diag)
{
    size_t done = NONE, job;
    for (;;) {
        MF_TRY(mf_ranks_send(0, &done, sizeof done, diag));
        if (done != NONE)
            MF_TRY(mf_ranks_send(0, result, f->n_bytes, diag));
        MF_TRY(mf_ranks_receive(0, &job, sizeof job, diag));
        if (job == NONE)
            return MF_OK;
        memset(result, 0, f->n_bytes);
        f->work(f->user, job, 0, result);
        done = job;
    }
}

/* ---- either ------------------------------------------------------------------------------------
 */

mf_status mf_farm_run(const mf_farm *farm, bool *finished, mf_diag *diag)
{
    bool several = mf_ranks_size() > 1, all = true;
    size_t n_threads = several ? 1 : farm->n_threads;
    desk d = {.farm = farm, .results = calloc(n_threads, farm->n_bytes + 1)};
    *finished = false;
    if (!d.results)
        return mf_fail_memory(diag);
    pthread_mutex_init(&d.mutex, NULL);
    mf_status status = mf_ranks_rank() ? help(farm, d.results, diag)
                       : several       ? lead(&d, diag)
                                       : mf_parallel_for(n_threads, n_threads, work_on, &d, &all,
                                                         diag);
    *finished = status == MF_OK && !d.ended;
    pthread_mutex_destroy(&d.mutex);
    free(d.results);
    return status;
}
