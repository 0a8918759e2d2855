/* One question to three engines, each made when it is first asked. */
#include "sim/pricer.h"

#include "base/child.h"

#include <stdlib.h>
#include <string.h>

struct mf_pricer {
    mf_pricer_basis basis;
    mf_analytic_basis analytic;
    mf_prices prices;
    mf_published *published; /* NULL until it is asked */
    mf_memo *memo;           /* of the consistent account; likewise */
    const mf_observers *observers;
};

static const mf_observers nobody;

mf_status mf_pricer_create(const mf_pricer_basis *basis, mf_pricer **pricer, mf_diag *diag)
{
    mf_pricer *p = calloc(1, sizeof *p);
    if (!p)
        return mf_fail_memory(diag);
    p->basis = *basis;
    if (!p->basis.options.dataflow)
        p->basis.options.dataflow = mf_dataflows[0];
    p->analytic = (mf_analytic_basis){.accelerator = basis->accelerator,
                                      .operators = basis->operators,
                                      .options = p->basis.options,
                                      .hints = basis->hints};
    p->memo = basis->memo;
    p->observers = &nobody;
    *pricer = p;
    return MF_OK;
}

void mf_pricer_destroy(mf_pricer *pricer)
{
    if (!pricer)
        return;
    mf_published_destroy(pricer->published);
    if (!pricer->basis.memo)
        mf_memo_destroy(pricer->memo);
    free(pricer);
}

void mf_pricer_observe(mf_pricer *pricer, const mf_observers *observers)
{
    pricer->observers = observers ? observers : &nobody;
}

const mf_analytic_basis *mf_pricer_analytic(const mf_pricer *pricer)
{
    return &pricer->analytic;
}

static mf_status price_published(mf_pricer *p, const mf_network *network,
                                 const mf_assignment *assignment, mf_arena *arena,
                                 mf_report *report, mf_diag *diag)
{
    const mf_pricer_basis *b = &p->basis;
    const mf_published_result *r = &report->published;
    if (!b->conventions || !b->operation_energy || !b->access_energy)
        return mf_fail(diag, MF_INVALID, "the published account needs conventions and two tables");
    if (!p->published)
        MF_TRY(mf_published_create(b->accelerator, b->operators, b->conventions,
                                   b->operation_energy, b->access_energy, b->log, &p->published,
                                   diag));
    MF_TRY(mf_published_run(p->published, network, assignment->variant, assignment->op_of_layer,
                            arena, &report->published, diag));
    report->energy_mj = r->energy_mj;
    report->latency_ms = r->latency_ms;
    report->utilisation = r->utilisation;
    return MF_OK;
}

static mf_status begin_analytic(mf_pricer *p, mf_diag *diag)
{
    if (!p->basis.table)
        return mf_fail(diag, MF_INVALID, "the consistent account needs an energy table");
    if (!p->analytic.prices)
        MF_TRY(
            mf_prices_make(p->basis.accelerator, p->basis.table, p->basis.laws, &p->prices, diag));
    p->analytic.prices = &p->prices;
    return p->memo ? MF_OK : mf_analytic_memo_create(&p->memo, diag);
}

static mf_status price_analytic(mf_pricer *p, const mf_network *network,
                                const mf_assignment *assignment, mf_arena *arena, mf_report *report,
                                mf_diag *diag)
{
    MF_TRY(begin_analytic(p, diag));
    return mf_analytic_run(&p->analytic, network, assignment, p->memo, arena, &report->account,
                           diag);
}

mf_status mf_pricer_prepare(mf_pricer *p, const mf_network *network,
                            const mf_assignment *assignment, const mf_layer *layer, mf_arena *arena,
                            mf_analytic_row *row, mf_diag *diag)
{
    MF_TRY(begin_analytic(p, diag));
    return mf_analytic_prepare(&p->analytic, network, assignment, layer, p->memo, arena, row, diag);
}

/* ---- on the chip -------------------------------------------------------------------------------
 */

/* An account that is executed, and what comes back: sums, then rows, then measured rows. A child
 * that does it is a copy of this process, so pointers in rows mean the same here. */
typedef struct job {
    const mf_pricer *pricer;
    const mf_network *network;
    const mf_assignment *assignment;
    const mf_analytic_result *account;
} job;

typedef struct outcome {
    mf_analytic_result sums;
    uint64_t n_checked;
    mf_analytic_row rows[];
} outcome;

static mf_execution_row *measured_of(outcome *o, size_t n_rows)
{
    return (mf_execution_row *)(void *)(o->rows + n_rows);
}

static mf_status execute(void *user, void *result, mf_diag *diag)
{
    const job *j = user;
    const mf_pricer *p = j->pricer;
    const mf_observers *w = p->observers;
    outcome *o = result;
    uint64_t pe_rows, pe_columns;
    mf_execution x = {.basis = &p->analytic,
                      .network = j->network,
                      .account = &o->sums,
                      .options = {.fidelity = p->basis.fidelity,
                                  .watch = w->watch,
                                  .watch_user = w->user,
                                  .task_done = w->task_done,
                                  .layer_done = w->layer_done,
                                  .layer_user = w->user,
                                  .stop = w->stop},
                      .rows = measured_of(o, j->account->n_rows)};
    o->sums = *j->account;
    o->sums.rows = o->rows;
    memcpy(o->rows, j->account->rows, j->account->n_rows * sizeof *o->rows);
    mf_execution_size(&p->analytic, &o->sums, &pe_rows, &pe_columns);
    MF_TRY(mf_chip_create(pe_rows, pe_columns, w->vcd_path, &x.chip, diag));
    if (w->begin)
        w->begin(w->user);
    mf_status status = mf_execution_run(&x, j->assignment->op_of_layer, p->basis.seed, diag);
    if (w->end)
        w->end(w->user, x.chip, pe_rows, pe_columns);
    mf_chip_destroy(x.chip);
    o->n_checked = x.n_checked;
    return status;
}

static mf_status price_on_chip(mf_pricer *p, const mf_network *network,
                               const mf_assignment *assignment, mf_arena *arena, mf_report *report,
                               mf_diag *diag)
{
    mf_analytic_result *account = &report->account;
    mf_assignment unknown = *assignment;
    unknown.zeros = NULL; /* the chip counts them: known ones would be gated and coded twice */
    MF_TRY(mf_chip_check(diag));
    MF_TRY(price_analytic(p, network, &unknown, arena, report, diag));
    job j = {p, network, &unknown, account};
    size_t n = account->n_rows,
           n_bytes = sizeof(outcome) + n * (sizeof(mf_analytic_row) + sizeof(mf_execution_row));
    outcome *o = mf_arena_array(arena, 1, n_bytes);
    if (!o)
        return mf_fail_memory(diag);
    if (p->observers->here)
        MF_TRY(execute(&j, o, diag));
    else
        MF_TRY(mf_child_run(execute, &j, o, n_bytes, diag));
    *account = o->sums;
    account->rows = o->rows;
    report->executed = measured_of(o, n);
    report->n_checked = o->n_checked;
    return MF_OK;
}

mf_status mf_pricer_price(mf_pricer *p, const mf_network *network, const mf_assignment *assignment,
                          mf_engine engine, mf_arena *arena, mf_report *report, mf_diag *diag)
{
    *report = (mf_report){.engine = engine};
    if (engine == MF_ENGINE_PUBLISHED)
        return price_published(p, network, assignment, arena, report, diag);
    if (engine == MF_ENGINE_ANALYTIC)
        MF_TRY(price_analytic(p, network, assignment, arena, report, diag));
    else
        MF_TRY(price_on_chip(p, network, assignment, arena, report, diag));
    report->energy_mj = report->account.energy_mj;
    report->latency_ms = report->account.latency_ms;
    report->utilisation = report->account.utilisation;
    return MF_OK;
}
