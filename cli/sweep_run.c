/* Jobs, workers, and what came of points. */
#include "cli/sweep_run.h"

#include "base/child.h"
#include "base/parallel.h"
#include "cli/conditions.h"
#include "cli/interrupt.h"

/* ---- jobs --------------------------------------------------------------------------------------
 */

/* The points of one array and one network: they differ in the operator. */
static size_t count_jobs(const mf_sweep *sweep)
{
    return sweep->n_points / sweep->n_ops;
}

/* Point `k` of [0, n_ops) of a job. */
static size_t point_of(const mf_sweep *sweep, size_t job, size_t k)
{
    size_t outer = job / sweep->op_stride, inner = job % sweep->op_stride;
    return (outer * sweep->n_ops + k) * sweep->op_stride + inner;
}

static size_t job_of(const mf_sweep *sweep, size_t point)
{
    return point / sweep->op_stride / sweep->n_ops * sweep->op_stride + point % sweep->op_stride;
}

/* What a thread remembers from job to job: searches, and nests that were best on other arrays. */
typedef struct mf_sweep_memory {
    mf_memo *memo;
    mf_nest_hints *hints;
} mf_sweep_memory;

/* Searches of layers: more than a network has, and some MB. */
enum { MOST_REMEMBERED = 4000 };

static void forget(mf_sweep_memory *memory)
{
    mf_memo_destroy(memory->memo);
    mf_nest_hints_destroy(memory->hints);
    *memory = (mf_sweep_memory){0};
}

/* Before a job: there is room for what it finds. */
static mf_status make_room(mf_sweep_memory *memory, mf_diag *diag)
{
    if (memory->memo && mf_memo_count(memory->memo) > MOST_REMEMBERED) {
        mf_memo_destroy(memory->memo);
        memory->memo = NULL;
    }
    if (!memory->memo)
        MF_TRY(mf_analytic_memo_create(&memory->memo, diag));
    return memory->hints ? MF_OK : mf_nest_hints_create(&memory->hints, diag);
}

/* Who prices points: one job's pricer, with what it remembers. */
typedef struct desk {
    const mf_sweep_run *run;
    mf_sweep_memory *memory; /* of the thread */
    size_t job;
    mf_sweep_point first; /* of the job; it has the accelerator */
    mf_pricer *pricer;    /* NULL until it is asked */
    mf_arena *arena;
} desk;

static void clear(desk *d)
{
    mf_pricer_destroy(d->pricer);
    mf_arena_destroy(d->arena);
    *d = (desk){.run = d->run, .memory = d->memory};
}

static mf_status lay_out(desk *d, size_t job, mf_diag *diag)
{
    const mf_sweep_run *run = d->run;
    if (d->pricer && d->job == job)
        return MF_OK;
    clear(d);
    d->job = job;
    d->arena = mf_arena_create();
    if (!d->arena)
        return mf_fail_memory(diag);
    mf_sweep_at(run->sweep, point_of(run->sweep, job, 0), &d->first);
    mf_pricer_basis basis =
        run->account ? mf_account_basis(run->account) : mf_setup_basis(run->setup);
    MF_TRY(make_room(d->memory, diag));
    basis.memo = d->memory->memo;
    basis.hints = d->memory->hints;
    basis.accelerator = &d->first.accelerator;
    basis.table = d->first.table ? d->first.table : basis.table;
    basis.options.dataflow = d->first.dataflow ? d->first.dataflow : basis.options.dataflow;
    basis.options.bits = d->first.bits ? *d->first.bits : basis.options.bits;
    if (d->first.objective >= 0)
        basis.options.objective = (mf_objective)d->first.objective;
    return mf_pricer_create(&basis, &d->pricer, diag);
}

/* What a point costs; without pointers, since it may come from another process. */
typedef struct price {
    double energy_mj, latency_ms, utilisation;
    mf_conditions zeros;
} price;

static mf_status price_point(void *user, size_t index, void *result, mf_diag *diag)
{
    desk *d = user;
    const mf_sweep *sweep = d->run->sweep;
    mf_sweep_point point;
    mf_report report;
    MF_TRY(lay_out(d, job_of(sweep, index), diag));
    mf_sweep_at(sweep, index, &point);
    const mf_sweep_network *network = &sweep->networks[point.network];
    MF_TRY(mf_pricer_price(d->pricer, network->network, &network->assignments[point.op],
                           d->run->engine, d->arena, &report, diag));
    *(price *)result = (price){.energy_mj = report.energy_mj,
                               .latency_ms = report.latency_ms,
                               .utilisation = report.utilisation,
                               .zeros = (report.account.zeros_may_gate ? MF_IF_ZEROS_GATED : 0) |
                                        (report.account.zeros_may_code ? MF_IF_ZEROS_CODED : 0)};
    return MF_OK;
}

/* Cost one point. Only what the array cannot do is a result; any other failure ends the sweep. */
static mf_status run_point(mf_sweep_run *run, desk *d, size_t worker, size_t index, mf_diag *diag)
{
    mf_sweep_result *result = &run->results[index];
    mf_diag why = {0};
    price p = {0};
    mf_status status = run->workers ? mf_workers_run(run->workers, worker, index, &p, &why)
                                    : price_point(d, index, &p, &why);
    *result = (mf_sweep_result){
        .energy_mj = p.energy_mj, .latency_ms = p.latency_ms, .utilisation = p.utilisation};
    if (status == MF_NO_MAPPING || status == MF_TOO_LARGE) {
        pthread_mutex_lock(&run->mutex);
        mf_status kept = mf_sweep_faults_add(&run->faults, why.message, &result->fault, diag);
        pthread_mutex_unlock(&run->mutex);
        MF_TRY(kept);
    } else if (status != MF_OK) {
        *diag = why;
        return status;
    }
    pthread_mutex_lock(&run->mutex);
    run->zeros |= run->engine == MF_ENGINE_SYSTEMC ? p.zeros : 0;
    pthread_mutex_unlock(&run->mutex);
    result->done = true;
    return mf_sweep_journal_add(&run->journal, index, result, result->fault ? why.message : NULL,
                                diag);
}

static mf_status run_job(mf_sweep_run *run, size_t job, size_t worker, mf_diag *diag)
{
    desk d = {.run = run, .memory = &run->memories[worker]};
    mf_status status = MF_OK;
    for (size_t k = 0; k < run->sweep->n_ops && status == MF_OK; k++) {
        size_t index = point_of(run->sweep, job, k);
        if (!run->results[index].done) /* by the run that was interrupted */
            status = run_point(run, &d, worker, index, diag);
    }
    clear(&d);
    return status;
}

static bool work(void *user, size_t item, size_t worker)
{
    mf_sweep_run *run = user;
    mf_diag diag = {0};
    if (mf_interrupt_came())
        return false;
    mf_status status = run_job(run, item, worker, &diag);
    if (status != MF_OK) {
        pthread_mutex_lock(&run->mutex);
        if (run->status == MF_OK) {
            run->status = status;
            run->diag = diag;
        }
        pthread_mutex_unlock(&run->mutex);
    }
    mf_progress_step(&run->progress, run->sweep->n_ops);
    return status == MF_OK;
}

static size_t count_done(const mf_sweep_run *run)
{
    size_t n = 0;
    for (size_t i = 0; i < run->sweep->n_points; i++)
        n += run->results[i].done;
    return n;
}

static mf_status fail_interrupted(const mf_sweep_run *run, mf_diag *diag)
{
    size_t n_done = count_done(run);
    mf_fail(diag, MF_INTERRUPTED, "interrupted after %zu of %zu points", n_done,
            run->sweep->n_points);
    if (run->journal.path)
        mf_hint(diag, "the same command with --resume goes on from there");
    else
        mf_hint(diag, "with -o FILE an interrupted sweep can be resumed");
    return MF_INTERRUPTED;
}

mf_status mf_sweep_run_all(mf_sweep_run *run, mf_diag *diag)
{
    size_t n_workers = mf_parallel_cores(), n_jobs = count_jobs(run->sweep);
    uint64_t jobs_option = n_workers;
    bool finished = false;
    MF_TRY(mf_arguments_count(run->setup->arguments, "jobs", 1, 1024, &jobs_option, diag));
    n_workers = jobs_option < n_jobs ? (size_t)jobs_option : n_jobs;
    mf_log_write(&run->setup->cli->log, MF_LOG_DEBUG, "%zu points in %zu jobs, %zu at once",
                 run->sweep->n_points, n_jobs, n_workers);
    mf_progress_begin(&run->progress, run->setup->cli, "sweep", run->sweep->n_points);
    mf_interrupt_catch(true);
    mf_status status = MF_OK;
    mf_sweep_memory of_served = {0}; /* each process has a copy */
    desk served = {.run = run, .memory = &of_served};
    run->memories = MF_NEW_ARRAY(run->setup->arena, mf_sweep_memory, n_workers);
    if (!run->memories)
        status = mf_fail_memory(diag);
    if (status == MF_OK && run->engine == MF_ENGINE_SYSTEMC &&
        n_workers > 1) /* threads must not fork */
        status =
            mf_workers_create(n_workers, price_point, &served, sizeof(price), &run->workers, diag);
    if (status == MF_OK)
        status = mf_parallel_for(n_jobs, n_workers, work, run, &finished, diag);
    mf_workers_destroy(run->workers);
    for (size_t i = 0; run->memories && i < n_workers; i++)
        forget(&run->memories[i]);
    mf_interrupt_catch(false);
    mf_progress_end(&run->progress);
    if (status != MF_OK || finished)
        return status;
    if (run->status == MF_OK)
        return fail_interrupted(run, diag);
    if (diag)
        *diag = run->diag;
    return run->status;
}
