/* A sweep as a picture. */
#include "cli/plot.h"
#include "cli/sweep_view.h"

/* The operator of a point, or the one beyond all for a point that cannot run. */
static size_t series_of(const mf_sweep_run *run, size_t index, size_t n_ops)
{
    mf_sweep_point p;
    if (run->results[index].fault)
        return n_ops;
    mf_sweep_at(run->sweep, index, &p);
    return p.op;
}

/* Latency over energy: all points of each operator, and the points of fronts over them. */
mf_status mf_sweep_draw(const mf_sweep_run *run, const bool *best, mf_diag *diag)
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
