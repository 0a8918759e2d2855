/* `mulfree sweep`: what does every array of a design space give? Points that share array and
 * network are one job; jobs run on all cores; the rows come in the specification's order whatever
 * finished first. */
#include "cli/conditions.h"
#include "cli/execute.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/pareto.h"
#include "cli/plot.h"
#include "cli/progress.h"
#include "cli/sweep_base.h"
#include "cli/sweep_journal.h"
#include "cli/sweep_spec.h"

#include "base/child.h"
#include "base/hash.h"
#include "base/parallel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct sweep_run {
    mf_setup *setup;
    const mf_account *account; /* NULL: the published one */
    mf_engine engine;
    const mf_sweep *sweep;
    mf_sweep_result *results;
    mf_sweep_journal journal;
    mf_progress progress;
    mf_workers *workers;   /* processes that execute, one for each thread; NULL: it can do that */
    pthread_mutex_t mutex; /* of diag, status, faults and zeros */
    mf_sweep_faults faults;
    mf_conditions
        zeros; /* of MF_IF_ZEROS_GATED, MF_IF_ZEROS_CODED: in one of the points that ran */
    mf_status status;
    mf_diag diag;
} sweep_run;

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

/* Who prices points: one job's pricer, with what it remembers. */
typedef struct desk {
    const sweep_run *run;
    size_t job;
    mf_sweep_point first; /* of the job; it has the accelerator */
    mf_pricer *pricer;    /* NULL until it is asked */
    mf_arena *arena;
} desk;

static void clear(desk *d)
{
    mf_pricer_destroy(d->pricer);
    mf_arena_destroy(d->arena);
    *d = (desk){.run = d->run};
}

static mf_status lay_out(desk *d, size_t job, mf_diag *diag)
{
    const sweep_run *run = d->run;
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

/* Cost one point. Only what the array cannot do is a result; any other failure ends the sweep. */
static mf_status run_point(sweep_run *run, desk *d, size_t worker, size_t index, mf_diag *diag)
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

static mf_status run_job(sweep_run *run, size_t job, size_t worker, mf_diag *diag)
{
    desk d = {.run = run};
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
    sweep_run *run = user;
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

static size_t count_done(const sweep_run *run)
{
    size_t n = 0;
    for (size_t i = 0; i < run->sweep->n_points; i++)
        n += run->results[i].done;
    return n;
}

static mf_status fail_interrupted(const sweep_run *run, mf_diag *diag)
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

static mf_status run_all(sweep_run *run, mf_diag *diag)
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
    desk served = {.run = run};
    if (run->engine == MF_ENGINE_SYSTEMC && n_workers > 1) /* threads must not fork */
        status =
            mf_workers_create(n_workers, price_point, &served, sizeof(price), &run->workers, diag);
    if (status == MF_OK)
        status = mf_parallel_for(n_jobs, n_workers, work, run, &finished, diag);
    mf_workers_destroy(run->workers);
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

/* ---- rows --------------------------------------------------------------------------------------
 */

/* Around the axes; of these, keys of the machine are shown to programs always, others where they
 * vary. */
static const mf_column before[] = {{"point", "#", 0, 1},
                                   {"network", "network", 0, 1},
                                   {"op", "op", 0, 1},
                                   {"resolution", "resolution", 0, 1}};
static const mf_column after[] = {{"energy_mj", "energy mJ", 4, 1},
                                  {"latency_ms", "latency ms", 4, 1},
                                  {"edp_mj_ms", "EDP mJ ms", 4, 1},
                                  {"utilisation", "util %", 1, 100},
                                  {"pareto", "pareto", 0, 1},
                                  {"fault", NULL, 0, 1},
                                  {"arrays", "PEs by area", 0, 1}, /* last, and not always */
                                  {NULL, NULL, 0, 0}};

enum { N_BEFORE = 4, N_AFTER = 8 };

/* What people read above the column of a key; the key itself where this has none. */
static const char *axis_title(int key)
{
    static const struct {
        int key;
        const char *title;
    } titles[] = {{MF_KEY_pe_rows, "rows"},
                  {MF_KEY_pe_columns, "columns"},
                  {MF_KEY_ifmap_register_words, "ifmap words"},
                  {MF_KEY_weight_register_words, "weight words"},
                  {MF_KEY_psum_register_words, "psum words"},
                  {MF_KEY_buffer_words, "buffer words"},
                  {MF_KEY_clock_mhz, "MHz"}};
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        if (titles[i].key == key)
            return titles[i].title;
    return mf_accelerator_keys[key];
}

static bool varies(const mf_sweep *sweep, const char *axis)
{
    for (size_t i = 0; i < sweep->n_axes; i++)
        if (strcmp(sweep->axes[i], axis) == 0)
            return true;
    return false;
}

static bool has_column(const mf_sweep *sweep, int key)
{
    const char *name = mf_accelerator_keys[key];
    return mf_accelerator_key_group(name) == MF_GROUP_MACHINE || varies(sweep, name);
}

static bool by_area(const sweep_run *run)
{
    return run->account && run->account->options.iso_area;
}

/* People only see the axes that vary. */
static void choose_columns(const sweep_run *run, mf_column *columns)
{
    const mf_sweep *sweep = run->sweep;
    size_t n = 0;
    for (; n < N_BEFORE; n++)
        columns[n] = before[n];
    if (!varies(sweep, "resolution"))
        columns[n - 1].title = NULL;
    for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++) {
        const char *name = mf_accelerator_keys[key];
        if (has_column(sweep, key))
            columns[n++] = (mf_column){name, varies(sweep, name) ? axis_title(key) : NULL,
                                       key == MF_KEY_clock_mhz, 1};
    }
    memcpy(columns + n, after, sizeof after);
    if (!by_area(run))
        columns[n + N_AFTER - 2] = (mf_column){0};
}

/* Candidates for the fronts: when there is no room for another, those that are beaten go. */
typedef struct fronts {
    mf_pareto_point *points;
    size_t n, room, n_objectives;
} fronts;

static mf_status make_room(fronts *f, mf_diag *diag)
{
    enum { LEAST_ROOM = 4096 };
    f->n = mf_pareto_keep(f->points, f->n, f->n_objectives);
    if (f->room && f->n <= f->room / 2)
        return MF_OK;
    f->room = f->room ? f->room * 2 : LEAST_ROOM;
    mf_pareto_point *grown = realloc(f->points, f->room * sizeof *grown);
    if (!grown)
        return mf_fail_memory(diag);
    f->points = grown;
    return MF_OK;
}

static mf_status add_candidate(const sweep_run *run, size_t index, fronts *f, mf_diag *diag)
{
    const mf_sweep *sweep = run->sweep;
    const mf_sweep_result *r = &run->results[index];
    size_t n_ops = mf_operators_count(run->setup->operators);
    mf_sweep_point p;
    if (f->n == f->room)
        MF_TRY(make_room(f, diag));
    mf_sweep_at(sweep, index, &p);
    const double values[] = {r->energy_mj, r->latency_ms,
                             (double)mf_accelerator_pes(&p.accelerator),
                             r->energy_mj * r->latency_ms};
    mf_pareto_point *q = &f->points[f->n++];
    *q = (mf_pareto_point){.index = index};
    q->group = (sweep->within_network ? p.network * n_ops : 0) + (sweep->within_op ? p.op : 0);
    f->n_objectives = 0;
    for (size_t k = 0; k < MF_PARETO_MOST_OBJECTIVES; k++)
        if (sweep->minimise >> k & 1)
            q->objectives[f->n_objectives++] = values[k];
    return MF_OK;
}

static mf_status mark_pareto(const sweep_run *run, bool *best, mf_diag *diag)
{
    fronts f = {0};
    mf_status status = MF_OK;
    for (size_t i = 0; i < run->sweep->n_points && status == MF_OK; i++)
        if (!run->results[i].fault)
            status = add_candidate(run, i, &f, diag);
    f.n = mf_pareto_keep(f.points, f.n, f.n_objectives);
    for (size_t i = 0; i < f.n; i++)
        best[f.points[i].index] = true;
    free(f.points);
    return status;
}

typedef struct rows {
    const sweep_run *run;
    const bool *best;
} rows;

/* How many PEs of each operator the point has; the area alone says so, nothing is searched for it. */
static mf_status add_arrays(const sweep_run *run, const mf_sweep_point *p, bool fault,
                            mf_sheet *sheet, mf_diag *diag)
{
    enum { MOST_OPERATORS = 64 };
    const mf_sweep_network *network = &run->sweep->networks[p->network];
    mf_prices prices = {.table = run->account->table};
    mf_analytic_basis basis = {&p->accelerator, run->setup->operators, &prices,
                               run->account->options};
    mf_op_array arrays[MOST_OPERATORS];
    size_t n = 0;
    mf_arena *arena = mf_arena_create();
    if (!arena)
        return mf_fail_memory(diag);
    mf_status status =
        fault ? MF_OK
              : mf_analytic_plan(&basis, network->network, &network->assignments[p->op], arena,
                                 arrays, MOST_OPERATORS, &n, diag);
    if (status == MF_OK)
        mf_sheet_text(sheet, mf_account_arrays_text(run->account, arrays, n, arena));
    mf_arena_destroy(arena);
    return status;
}

static mf_status add_row(void *user, mf_sheet *sheet, size_t index, mf_diag *diag)
{
    const rows *all = user;
    const sweep_run *run = all->run;
    char resolution[48];
    mf_sweep_point p;
    mf_sweep_at(run->sweep, index, &p);
    const mf_sweep_network *n = &run->sweep->networks[p.network];
    const mf_sweep_result *r = &run->results[index];
    const mf_accelerator *a = &p.accelerator;
    mf_sheet_row(sheet, MF_ROW_PLAIN);
    mf_sheet_count(sheet, index);
    mf_sheet_text(sheet, n->network->name);
    mf_sheet_text(sheet, mf_operators_at(run->setup->operators, p.op)->name);
    snprintf(resolution, sizeof resolution, "%" PRIu64 "x%" PRIu64, n->network->input_rows,
             n->network->input_columns);
    mf_sheet_text(sheet, resolution);
    for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++) {
        char value[64];
        double number;
        if (!has_column(run->sweep, key))
            continue;
        if (mf_accelerator_number(a, key, &number)) {
            mf_sheet_real(sheet, number);
            continue;
        }
        mf_accelerator_value_text(a, key, value, sizeof value);
        mf_sheet_text(sheet, value);
    }
    if (r->fault) {
        for (int i = 0; i < 4; i++)
            mf_sheet_none(sheet);
    } else {
        mf_sheet_real(sheet, r->energy_mj);
        mf_sheet_real(sheet, r->latency_ms);
        mf_sheet_real(sheet, r->energy_mj * r->latency_ms);
        mf_sheet_real(sheet, r->utilisation);
    }
    mf_sheet_flag(sheet, all->best[index]);
    char why[MF_SWEEP_FAULT_BYTES] = "";
    if (r->fault)
        MF_TRY(mf_sweep_faults_get(&run->faults, r->fault, why, diag));
    mf_sheet_text(sheet, why);
    return by_area(run) ? add_arrays(run, &p, r->fault, sheet, diag) : MF_OK;
}

/* The operator of a point, or the one beyond all for a point that cannot run. */
static size_t series_of(const sweep_run *run, size_t index, size_t n_ops)
{
    mf_sweep_point p;
    if (run->results[index].fault)
        return n_ops;
    mf_sweep_at(run->sweep, index, &p);
    return p.op;
}

/* Latency over energy: all points of each operator, and the points of fronts over them. */
static mf_status draw(const sweep_run *run, const bool *best, mf_diag *diag)
{
    const mf_sweep *sweep = run->sweep;
    mf_arena *arena = run->setup->arena;
    size_t n_ops = mf_operators_count(run->setup->operators), n = sweep->n_points;
    mf_plot_points *series = MF_NEW_ARRAY(arena, mf_plot_points, n_ops + 1);
    double **x = MF_NEW_ARRAY(arena, double *, n_ops + 1);
    double **y = MF_NEW_ARRAY(arena, double *, n_ops + 1);
    size_t *room = MF_NEW_ARRAY(arena, size_t, n_ops + 1);
    mf_plot plot;
    MF_TRY(mf_plot_open(run->setup->arguments, &plot, diag));
    if (!plot.path)
        return MF_OK;
    if (!series || !x || !y || !room)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n; i++) {
        size_t k = series_of(run, i, n_ops);
        room[k] += k < n_ops;
        room[n_ops] += best[i];
    }
    for (size_t k = 0; k <= n_ops; k++) {
        x[k] = MF_NEW_ARRAY(arena, double, room[k]);
        y[k] = MF_NEW_ARRAY(arena, double, room[k]);
        if (!x[k] || !y[k])
            return mf_fail_memory(diag);
        series[k] = (mf_plot_points){
            .name = k < n_ops ? mf_operators_at(run->setup->operators, k)->name : "Pareto front",
            .x = x[k],
            .y = y[k]};
    }
    for (size_t i = 0; i < n; i++) {
        const mf_sweep_result *r = &run->results[i];
        size_t with[] = {series_of(run, i, n_ops), n_ops};
        for (size_t k = 0; !r->fault && k < (best[i] ? 2 : 1); k++) {
            mf_plot_points *into = &series[with[k]];
            x[with[k]][into->n] = r->latency_ms;
            y[with[k]][into->n++] = r->energy_mj;
        }
    }
    mf_plot_scatter(&plot, sweep->name, "latency, ms", "energy, mJ", MF_PLOT_PLAIN, series,
                    n_ops + 1);
    return mf_plot_close(&plot, diag);
}

static mf_status report(const sweep_run *run, mf_diag *diag)
{
    const mf_sweep *sweep = run->sweep;
    mf_arena *arena = run->setup->arena;
    mf_column shown[N_BEFORE + MF_N_ACCELERATOR_KEYS + N_AFTER];
    bool *best = MF_NEW_ARRAY(arena, bool, sweep->n_points);
    size_t n_faults = 0;
    uint64_t a_fault = 0;
    char why[MF_SWEEP_FAULT_BYTES];
    if (!best)
        return mf_fail_memory(diag);
    MF_TRY(mark_pareto(run, best, diag));
    choose_columns(run, shown);
    mf_sheet *sheet = mf_sheet_create(arena, shown);
    for (size_t i = 0; i < sweep->n_points; i++) {
        n_faults += run->results[i].fault != 0;
        a_fault = run->results[i].fault ? run->results[i].fault : a_fault;
    }
    mf_sheet_heading(sheet, mf_arena_format(arena, "%s: %s", sweep->name, sweep->about));
    mf_sheet_note(sheet, mf_arena_format(arena,
                                         "%zu points; pareto: no point of the same front is as "
                                         "good in all and better in one objective",
                                         sweep->n_points));
    if (n_faults) {
        MF_TRY(mf_sweep_faults_get(&run->faults, a_fault, why, diag));
        mf_sheet_note(
            sheet, mf_arena_format(arena, "%zu points cannot run, for example: %s", n_faults, why));
    }
    MF_TRY(draw(run, best, diag));
    return mf_output_rows(run->setup->cli, run->setup->arguments, sheet, sweep->n_points, add_row,
                          &(rows){run, best}, diag);
}

/* ---- the command -------------------------------------------------------------------------------
 */

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_setup setup = {0};
    mf_account account = {0};
    mf_sweep sweep = {0};
    bool consistent = mf_arguments_hold(arguments, MF_IF_CONSISTENT);
    sweep_run all = {.setup = &setup,
                     .sweep = &sweep,
                     .mutex = PTHREAD_MUTEX_INITIALIZER,
                     .journal = {.descriptor = -1}};
    const char *output = mf_arguments_value(arguments, "output");
    bool resume = mf_arguments_has(arguments, "resume");
    mf_status status;
    MF_TRY(mf_arguments_expect(arguments, 1, 1, diag));
    if (consistent && mf_arguments_hold(arguments, MF_IF_PUBLISHED))
        return mf_fail(diag, MF_USAGE, "sweep: --accounting: one account at a time");
    MF_TRY_DONE(mf_setup_open(&setup, cli, arguments, MF_SLIPS_PLAIN, diag));
    MF_TRY_DONE(mf_sweep_read(&setup, arguments->words[0], &sweep, diag));
    MF_TRY_DONE(mf_sweep_check_base(arguments, &sweep, diag));
    if (consistent) {
        MF_TRY_DONE(mf_account_open(&account, &setup, diag));
        all.engine = account.executes ? MF_ENGINE_SYSTEMC : MF_ENGINE_ANALYTIC;
        sweep.digest = mf_hash_bytes(sweep.digest, &account.executes, sizeof account.executes);
        sweep.digest = mf_hash_bytes(sweep.digest, &account.seed, sizeof account.seed);
        all.account = &account;
    }
    MF_TRY_DONE(mf_sweep_check_keys(&setup, all.account, &sweep, diag));
    if (consistent)
        mf_sweep_warn_of_sizes(&account, &sweep);
    all.results = MF_NEW_ARRAY(arguments->arena, mf_sweep_result, sweep.n_points);
    if (!all.results)
        MF_TRY_DONE(mf_fail_memory(diag));
    status = mf_sweep_journal_open(&all.journal, output, resume, sweep.digest, all.results,
                                   sweep.n_points, &all.faults, arguments->arena, diag);
    if (status == MF_OK && resume && !all.journal.found)
        mf_log_write(&cli->log, MF_LOG_WARNING, "%s is not there: the sweep begins anew",
                     all.journal.path);
    if (status == MF_OK)
        status = run_all(&all, diag);
    if (status == MF_OK && all.engine == MF_ENGINE_SYSTEMC &&
        !all.journal.found) /* what ran before told of no zeros */
        status = mf_sweep_check_zeros(arguments, &sweep, all.zeros, diag);
    if (status == MF_OK)
        status = report(&all, diag);
    mf_sweep_journal_close(&all.journal, status == MF_OK);
done:
    mf_sweep_faults_free(&all.faults);
    mf_sweep_free(&sweep);
    mf_account_close(&account);
    mf_setup_close(&setup);
    return status;
}

static const mf_option options[] = {
    {"resume", 0, NULL,
     .about = "go on with a sweep that was interrupted, from the journal beside -o FILE",
     .needs = MF_IF_SAVED},
    {"jobs", 'j', "N", .about = "points at once (default: all cores)"},
    MF_NETWORK_OPTIONS(0),
    MF_BATCH_OPTION(0),
    MF_SIMULATION_OPTIONS(0),
    MF_ACCOUNTING_OPTION,
    MF_CONSISTENT_OPTIONS,
    MF_CHAIN_OPTIONS,
    MF_ENGINE_OPTIONS,
    MF_PLOT_OPTION(0),
    MF_OUTPUT_OPTIONS_BESIDE(" .journal"),
    MF_COMMON_OPTIONS,
    MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree sweep arrays-small", "a few arrays, Table 3's networks, three operators"},
    {"mulfree sweep arrays-small --accounting consistent --bits 16",
     "the same with every access at its own width and with bandwidth"},
    {"mulfree sweep arrays-small --engine systemc -a eyeriss-12x14 -r 64",
     "each point executed on a chip of its own, every output checked"},
    {"mulfree sweep ./my-sweep.json -o my-sweep.csv", "a sweep of your own; Ctrl-C loses nothing"},
    {"mulfree sweep ./my-sweep.json -o my-sweep.csv --resume", "go on where it was interrupted"},
    {NULL, NULL}};

const mf_command mf_command_sweep = {
    .name = "sweep",
    .summary = "cost a grid or list of arrays, clocks, networks and operators; mark Pareto points",
    .arguments = "SPEC",
    .about = "SPEC is a name from `mulfree list sweeps` or the path of a JSON file with a "
             "\"grid\" (axis: values) or a \"list\" of points; axes are network, op, resolution, "
             "pe_rows, pe_columns, ifmap_register_words, weight_register_words, "
             "psum_register_words, buffer_words and clock_mhz, and with --accounting consistent "
             "every other key of an accelerator. docs/SWEEPS.md describes the "
             "format.",
    .words = "sweeps",
    .always = MF_IF_NETWORK | MF_IF_EXPERIMENT, /* the specification says more */
    .options = options,
    .examples = examples,
    .run = run,
};
