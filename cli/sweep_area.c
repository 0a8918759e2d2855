/* The silicon of points. Nothing is searched for it. */
#include "cli/sweep_area.h"

static mf_analytic_basis basis_of(const mf_sweep_run *run, const mf_sweep_point *p,
                                  mf_prices *prices)
{
    mf_account at = mf_sweep_account_at(run->account, p);
    *prices = (mf_prices){.table = at.table};
    return (mf_analytic_basis){.accelerator = &p->accelerator,
                               .operators = run->setup->operators,
                               .prices = prices,
                               .options = at.options};
}

mf_status mf_sweep_arrays(const mf_sweep_run *run, const mf_sweep_point *p, mf_arena *arena,
                          mf_op_array **arrays, size_t *n, mf_diag *diag)
{
    const mf_sweep_network *network = &run->sweep->networks[p->network];
    mf_prices prices;
    mf_analytic_basis basis = basis_of(run, p, &prices);
    size_t most = mf_operators_count(run->setup->operators);
    *arrays = MF_NEW_ARRAY(arena, mf_op_array, most);
    if (!*arrays)
        return mf_fail_memory(diag);
    return mf_analytic_plan(&basis, network->network, &network->assignments[p->op], arena, *arrays,
                            most, n, diag);
}

/* The chip of a point, as `mulfree chip` has it: datapaths of the operators that run. */
static mf_status measure(const mf_sweep_run *run, const mf_sweep_point *p, mf_arena *arena,
                         double *area_mm2, mf_diag *diag)
{
    mf_prices prices;
    mf_analytic_basis basis = basis_of(run, p, &prices);
    mf_op_array *arrays;
    mf_area area;
    size_t n = 0;
    MF_TRY(mf_sweep_arrays(run, p, arena, &arrays, &n, diag));
    mf_datapath *datapaths = MF_NEW_ARRAY(arena, mf_datapath, n + 1);
    if (!datapaths)
        return mf_fail_memory(diag);
    uint64_t n_pes = mf_analytic_datapaths(&basis, p->op, arrays, n, datapaths);
    MF_TRY(mf_area_of(&p->accelerator, prices.table, datapaths, n, n_pes,
                      mf_account_basis(run->account).laws, arena, &area, diag));
    *area_mm2 = area.um2 * 1e-6;
    return MF_OK;
}

mf_status mf_sweep_check_areas(const mf_sweep_run *run, mf_diag *diag)
{
    const mf_sweep *s = run->sweep;
    mf_sweep_point p;
    if (!mf_sweep_judges_by(s, MF_SWEEP_AREA))
        return MF_OK;
    if (!run->account)
        return mf_fail(diag, MF_USAGE, "%s: area_mm2 counts only with --accounting consistent",
                       s->name);
    for (size_t i = 0; i < s->n_points; i++) {
        mf_sweep_at(s, i, &p);
        if (p.accelerator.n_pools)
            return mf_fail(diag, MF_INVALID,
                           "%s: area_mm2: accelerator %s has pools: `mulfree chip` has its area",
                           s->name, p.accelerator.name);
        MF_TRY(mf_area_check_table(mf_sweep_account_at(run->account, &p).table, diag));
    }
    return MF_OK;
}

mf_status mf_sweep_measure_areas(mf_sweep_run *run, mf_diag *diag)
{
    const mf_sweep *s = run->sweep;
    mf_status status = MF_OK;
    if (!mf_sweep_judges_by(s, MF_SWEEP_AREA))
        return MF_OK;
    for (size_t i = 0; i < s->n_points && status == MF_OK; i++) {
        mf_sweep_point p;
        mf_arena *arena = mf_arena_create();
        if (!arena)
            return mf_fail_memory(diag);
        mf_sweep_at(s, i, &p);
        if (!run->results[i].fault)
            status = measure(run, &p, arena, &run->results[i].area_mm2, diag);
        mf_arena_destroy(arena);
    }
    return status;
}
