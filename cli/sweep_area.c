/* The silicon of points. Nothing is searched for it. */
#include "cli/sweep_area.h"

enum { MOST_OPERATORS = 64 };

mf_status mf_sweep_arrays(const mf_sweep_run *run, const mf_sweep_point *p, mf_arena *arena,
                          mf_op_array *arrays, size_t most, size_t *n, mf_diag *diag)
{
    const mf_sweep_network *network = &run->sweep->networks[p->network];
    mf_prices prices = {.table = p->table ? p->table : run->account->table};
    mf_analytic_basis basis = {.accelerator = &p->accelerator,
                               .operators = run->setup->operators,
                               .prices = &prices,
                               .options = run->account->options};
    basis.options.bits = p->bits ? *p->bits : basis.options.bits;
    return mf_analytic_plan(&basis, network->network, &network->assignments[p->op], arena, arrays,
                            most, n, diag);
}

/* The chip of a point, as `mulfree chip` has it: datapaths of the operators that run, the variant's own
 * first. */
static mf_status measure(const mf_sweep_run *run, const mf_sweep_point *p, mf_arena *arena,
                         double *area_mm2, mf_diag *diag)
{
    mf_op_array arrays[MOST_OPERATORS];
    mf_datapath datapaths[MOST_OPERATORS];
    mf_area area;
    size_t n = 0;
    bool by_area = run->account->options.iso_area;
    uint64_t n_pes = by_area ? 0 : mf_accelerator_pes(&p->accelerator);
    MF_TRY(mf_sweep_arrays(run, p, arena, arrays, MOST_OPERATORS, &n, diag));
    for (size_t i = 1; i < n; i++)
        if (arrays[i].op == p->op) {
            mf_op_array own = arrays[i];
            arrays[i] = arrays[0];
            arrays[0] = own;
        }
    for (size_t i = 0; i < n; i++) {
        uint64_t n_own = arrays[i].pe_rows * arrays[i].pe_columns;
        datapaths[i] = (mf_datapath){mf_operators_at(run->setup->operators, arrays[i].op),
                                     arrays[i].widths, n_own};
        n_pes += by_area ? n_own : 0;
    }
    MF_TRY(mf_area_of(&p->accelerator, p->table ? p->table : run->account->table, datapaths, n,
                      n_pes, mf_account_basis(run->account).laws, arena, &area, diag));
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
        MF_TRY(mf_area_check_table(p.table ? p.table : run->account->table, diag));
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
