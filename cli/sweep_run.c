/* Jobs, workers, and what came of points. */
#include "cli/sweep_run.h"

#include "base/child.h"
#include "base/farm.h"
#include "base/parallel.h"
#include "base/ranks.h"
#include "cli/conditions.h"
#include "cli/interrupt.h"
#include "cli/meet.h"

mf_account mf_sweep_account_at(const mf_account *account, const mf_sweep_point *p)
{
    mf_account at = *account;
    mf_analytic_options *o = &at.options;
    at.table = p->table ? (mf_energy_table *)p->table : at.table;
    o->dataflow = p->dataflow ? p->dataflow : o->dataflow;
    o->bits = p->bits ? *p->bits : o->bits;
    if (p->objective >= 0)
        o->objective = (mf_objective)p->objective;
    return at;
}

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
    mf_pricer_basis basis = mf_setup_basis(run->setup);
    if (run->account) {
        mf_account at = mf_sweep_account_at(run->account, &d->first);
        basis = mf_account_basis(&at);
    }
    MF_TRY(make_room(d->memory, diag));
    basis.memo = d->memory->memo;
    basis.hints = d->memory->hints;
    basis.accelerator = &d->first.accelerator;
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

/* What a job comes to: one of these for each of its points, up to the first that ends the sweep. */
typedef struct outcome {
    bool came;
    mf_status status;
    price price;
    mf_diag diag;
} outcome;

/* Only what the array cannot do is a result; any other failure ends the sweep. */
static bool is_result(mf_status status)
{
    return status == MF_OK || status == MF_NO_MAPPING || status == MF_TOO_LARGE;
}

static void work(void *user, size_t job, size_t thread, void *result)
{
    const mf_sweep_run *run = user;
    desk d = {.run = run, .memory = &run->memories[thread]};
    outcome *outcomes = result;
    for (size_t k = 0; k < run->sweep->n_ops; k++) {
        outcome *o = &outcomes[k];
        size_t index = point_of(run->sweep, job, k);
        o->came = true;
        o->status = run->workers
                        ? mf_workers_run(run->workers, thread, index, &o->price, &o->diag)
                        : price_point(&d, index, &o->price, &o->diag);
        if (!is_result(o->status))
            break;
    }
    clear(&d);
}

static mf_status keep_point(mf_sweep_run *run, size_t index, const outcome *o, mf_diag *diag)
{
    mf_sweep_result *result = &run->results[index];
    bool runs = o->status == MF_OK;
    if (!is_result(o->status)) {
        *diag = o->diag;
        return o->status;
    }
    *result = (mf_sweep_result){.energy_mj = o->price.energy_mj,
                                .latency_ms = o->price.latency_ms,
                                .utilisation = o->price.utilisation};
    if (!runs)
        MF_TRY(mf_sweep_faults_add(&run->faults, o->diag.message, &result->fault, diag));
    run->zeros |= run->engine == MF_ENGINE_SYSTEMC ? o->price.zeros : 0;
    result->done = true;
    return mf_sweep_journal_add(&run->journal, index, result, runs ? NULL : o->diag.message, diag);
}

/* But for points that the run that was interrupted kept. */
static bool keep(void *user, size_t job, const void *result)
{
    mf_sweep_run *run = user;
    const outcome *outcomes = result;
    for (size_t k = 0; k < run->sweep->n_ops && outcomes[k].came; k++) {
        size_t index = point_of(run->sweep, job, k);
        if (!run->results[index].done)
            run->status = keep_point(run, index, &outcomes[k], &run->diag);
        if (run->status != MF_OK)
            return false;
    }
    mf_progress_step(&run->progress, run->sweep->n_ops);
    return true;
}

static bool wanted(void *user, size_t job)
{
    const mf_sweep_run *run = user;
    if (!mf_part_has(run->part, job))
        return false;
    for (size_t k = 0; k < run->sweep->n_ops; k++)
        if (!run->results[point_of(run->sweep, job, k)].done)
            return true;
    return false;
}

size_t mf_sweep_run_left(const mf_sweep_run *run, mf_part part)
{
    size_t n = 0;
    for (size_t i = 0; i < run->sweep->n_points; i++)
        n += !run->results[i].done && mf_part_has(part, job_of(run->sweep, i));
    return n;
}

static mf_status fail_interrupted(const mf_sweep_run *run, mf_diag *diag)
{
    size_t n_done = run->sweep->n_points - mf_sweep_run_left(run, (mf_part){0, 0});
    mf_fail(diag, MF_INTERRUPTED, "interrupted after %zu of %zu points", n_done,
            run->sweep->n_points);
    if (run->part.n)
        mf_hint(diag, "the same command goes on from there");
    else if (run->journal.path)
        mf_hint(diag, "the same command with --resume goes on from there");
    else
        mf_hint(diag, "with -o FILE an interrupted sweep can be resumed");
    return MF_INTERRUPTED;
}

/* ---- the whole ---------------------------------------------------------------------------------
 */

mf_status mf_sweep_run_begin(mf_sweep_run *run, mf_diag *diag)
{
    mf_arena *arena = run->setup->arena;
    size_t n_jobs = count_jobs(run->sweep);
    bool several = mf_is_one_of_several();
    uint64_t n = several ? 1 : mf_parallel_cores();
    MF_TRY(mf_arguments_count(run->setup->arguments, "jobs", 1, 1024, &n, diag));
    run->n_threads = n < n_jobs ? (size_t)n : n_jobs;
    run->memories = MF_NEW_ARRAY(arena, mf_sweep_memory, run->n_threads);
    mf_sweep_memory *of_served = MF_NEW_ARRAY(arena, mf_sweep_memory, 1);
    desk *served = MF_NEW_ARRAY(arena, desk, 1); /* each process has a copy */
    if (!run->memories || !of_served || !served)
        return mf_fail_memory(diag);
    *of_served = (mf_sweep_memory){0};
    *served = (desk){.run = run, .memory = of_served};
    bool forks = run->engine == MF_ENGINE_SYSTEMC && (run->n_threads > 1 || several);
    return forks ? mf_workers_create(run->n_threads, price_point, served, sizeof(price),
                                     &run->workers, diag)
                 : MF_OK;
}

void mf_sweep_run_end(mf_sweep_run *run)
{
    mf_workers_destroy(run->workers);
    for (size_t i = 0; run->memories && i < run->n_threads; i++)
        forget(&run->memories[i]);
}

mf_status mf_sweep_run_all(mf_sweep_run *run, mf_diag *diag)
{
    bool finished = false, leads = mf_ranks_rank() == 0;
    const mf_farm farm = {.n_jobs = count_jobs(run->sweep),
                          .n_threads = run->n_threads,
                          .n_bytes = run->sweep->n_ops * sizeof(outcome),
                          .user = run,
                          .work = work,
                          .wanted = wanted,
                          .keep = keep,
                          .stop = mf_interrupt_came};
    mf_log_write(&run->setup->cli->log, MF_LOG_DEBUG, "%zu points in %zu jobs, %zu at once",
                 run->sweep->n_points, farm.n_jobs,
                 mf_ranks_size() > 1 ? mf_ranks_size() : run->n_threads);
    mf_progress_begin(&run->progress, run->setup->cli, "sweep",
                      leads ? mf_sweep_run_left(run, run->part) : 0);
    mf_interrupt_catch(true);
    mf_status status = mf_farm_run(&farm, &finished, diag);
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
