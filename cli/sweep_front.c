/* Which points are on a front? */
#include "cli/pareto.h"
#include "cli/sweep_choice.h"
#include "cli/sweep_view.h"

#include <stdlib.h>

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

static mf_status add_candidate(const mf_sweep_run *run, size_t index, fronts *f, mf_diag *diag)
{
    const mf_sweep *sweep = run->sweep;
    const mf_sweep_result *r = &run->results[index];
    size_t n_ops = mf_operators_count(run->setup->operators);
    mf_sweep_point p;
    if (f->n == f->room)
        MF_TRY(make_room(f, diag));
    mf_sweep_at(sweep, index, &p);
    mf_pareto_point *q = &f->points[f->n++];
    *q = (mf_pareto_point){.index = index};
    q->group = (sweep->within_network ? p.network * n_ops : 0) + (sweep->within_op ? p.op : 0);
    f->n_objectives = 0;
    for (int k = 0; k < MF_N_SWEEP_QUANTITIES; k++)
        if (sweep->minimise >> k & 1)
            q->objectives[f->n_objectives++] = mf_sweep_quantity_of(k, r, &p);
    return MF_OK;
}

mf_status mf_sweep_fronts(const mf_sweep_run *run, bool *best, mf_diag *diag)
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
