/* Which PEs does each operator of a network have: the accelerator's, or as many as some silicon holds? */
#include "sim/analytic_runner.h"
#include "sim/iso_area.h"

#include <inttypes.h>

/* ---- PEs by area -------------------------------------------------------------------------------
 */

/* Area of a PE of each operator, as wide as its first layer needs it. */
static mf_status pe_areas(const mf_runner *r, mf_area_share *shares, mf_diag *diag)
{
    for (size_t i = 0; i < r->network->n_weight_layers; i++) {
        const mf_layer *layer = mf_network_weight_layer(r->network, i);
        size_t index = r->assignment->op_of_layer[i];
        const mf_operator *op = mf_operators_at(r->basis->operators, index);
        mf_widths widths;
        if (shares[index].macs == 0) {
            MF_TRY(mf_runner_widths_on(r, layer, op, &widths, diag));
            MF_TRY(mf_area_pe_um2(r->basis->accelerator, r->basis->prices->table, op, &widths,
                                  &shares[index].pe_um2, diag));
        }
        shares[index].macs += (double)mf_shape_macs(&layer->shape);
    }
    return MF_OK;
}

/* The silicon of the accelerator's own array, were its PEs multipliers of the width asked for. */
static mf_status reference_area(const mf_runner *r, double *area_um2, mf_diag *diag)
{
    const mf_layer *layer = mf_network_weight_layer(r->network, 0);
    size_t index;
    mf_widths widths, own;
    MF_TRY(mf_operators_find(r->basis->operators, "mult", &index, diag));
    const mf_operator *mult = mf_operators_at(r->basis->operators, index);
    MF_TRY(mf_runner_widths_on(r, layer, mult, &widths, diag));
    MF_TRY(mf_runner_widths(r, layer, &own, diag));
    return mf_iso_area_silicon(r->basis->accelerator, r->basis->prices->table, mult, &widths, &own,
                               area_um2, diag);
}

mf_status mf_runner_divide_area(mf_runner *r, mf_diag *diag)
{
    size_t n = mf_operators_count(r->basis->operators);
    mf_area_share *shares = MF_NEW_ARRAY(r->arena, mf_area_share, n);
    double area_um2 = r->basis->options.area_um2, needed_um2;
    uint64_t pe_rows = r->basis->accelerator->pe_rows;
    r->pe_columns = MF_NEW_ARRAY(r->arena, uint64_t, n);
    if (!shares || !r->pe_columns)
        return mf_fail_memory(diag);
    MF_TRY(pe_areas(r, shares, diag));
    if (area_um2 == 0)
        MF_TRY(reference_area(r, &area_um2, diag));
    if (!mf_iso_area_divide(area_um2, pe_rows, shares, n, &needed_um2))
        return mf_fail(diag, MF_NO_MAPPING,
                       "%.0f um2 for PEs are too few: a column of %" PRIu64
                       " of each operator takes %.0f um2",
                       area_um2, pe_rows, needed_um2);
    for (size_t i = 0; i < n; i++)
        r->pe_columns[i] = shares[i].columns;
    return MF_OK;
}

/* ---- arrays of a variant --------------------------------------------------------------------------
 */

size_t mf_analytic_arrays(const mf_analytic_result *result, mf_op_array *arrays, size_t most)
{
    size_t n = 0;
    for (size_t i = 0; i < result->n_rows; i++) {
        const mf_analytic_row *row = &result->rows[i];
        size_t k = 0;
        while (k < n && arrays[k].op != row->op)
            k++;
        if (row->vector || k < n || n == most)
            continue;
        arrays[n++] = (mf_op_array){row->op, row->pe_rows, row->pe_columns, row->widths};
    }
    return n;
}

/* An operator's array, unless it is there. */
static mf_status plan_layer(const mf_runner *r, const mf_layer *layer, mf_op_array *arrays,
                            size_t most, size_t *n, mf_diag *diag)
{
    size_t op = r->assignment->op_of_layer[layer->number], k = 0;
    const mf_operator *o = mf_operators_at(r->basis->operators, op);
    mf_pool pool = {.pe_rows = r->basis->accelerator->pe_rows};
    while (k < *n && arrays[k].op != op)
        k++;
    if (k < *n || *n == most)
        return MF_OK;
    if (r->pe_columns)
        pool.pe_columns = r->pe_columns[op];
    else
        MF_TRY(mf_accelerator_pool(r->basis->accelerator, o->name, &pool, diag));
    arrays[k] = (mf_op_array){op, pool.pe_rows, pool.pe_columns, {0}};
    MF_TRY(mf_runner_widths_on(r, layer, o, &arrays[k].widths, diag));
    ++*n;
    return MF_OK;
}

mf_status mf_analytic_plan(const mf_analytic_basis *basis, const mf_network *network,
                           const mf_assignment *assignment, mf_arena *arena, mf_op_array *arrays,
                           size_t most, size_t *n, mf_diag *diag)
{
    mf_runner r = {.basis = basis, .network = network, .assignment = assignment, .arena = arena};
    mf_analytic_basis plain = *basis;
    plain.options.schedule = MF_SCHEDULE_LAYER; /* which is found by searching */
    r.basis = &plain;
    *n = 0;
    MF_TRY(mf_runner_begin(&r, diag));
    for (size_t i = 0; i < network->n_weight_layers; i++)
        MF_TRY(plan_layer(&r, mf_network_weight_layer(network, i), arrays, most, n, diag));
    return MF_OK;
}

uint64_t mf_analytic_datapaths(const mf_analytic_basis *basis, size_t op, mf_op_array *arrays,
                               size_t n, mf_datapath *datapaths)
{
    uint64_t n_own = 0;
    for (size_t i = 1; i < n; i++)
        if (arrays[i].op == op) {
            mf_op_array own = arrays[i];
            arrays[i] = arrays[0];
            arrays[0] = own;
        }
    for (size_t i = 0; i < n; i++) {
        uint64_t n_pes = arrays[i].pe_rows * arrays[i].pe_columns;
        datapaths[i] =
            (mf_datapath){mf_operators_at(basis->operators, arrays[i].op), arrays[i].widths, n_pes};
        n_own += n_pes;
    }
    return basis->options.iso_area ? n_own : mf_accelerator_pes(basis->accelerator);
}

/* ---- floorplan ---------------------------------------------------------------------------------
 */

static mf_status plan_arrays(mf_runner *r, mf_diag *diag)
{
    size_t most = mf_operators_count(r->basis->operators);
    mf_op_array *arrays = MF_NEW_ARRAY(r->arena, mf_op_array, most);
    if (!arrays)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < r->network->n_weight_layers; i++)
        MF_TRY(plan_layer(r, mf_network_weight_layer(r->network, i), arrays, most, &r->n_arrays,
                          diag));
    r->arrays = arrays;
    return MF_OK;
}

/* Are the PEs of one operator those of the other? Under iso-area each has its own. */
static bool shares_pes(const mf_runner *r, size_t op, size_t other)
{
    const mf_accelerator *a = r->basis->accelerator;
    mf_pool one, two;
    if (op == other || r->pe_columns)
        return op == other;
    return mf_accelerator_pool(a, mf_operators_at(r->basis->operators, op)->name, &one, NULL) ==
               MF_OK &&
           mf_accelerator_pool(a, mf_operators_at(r->basis->operators, other)->name, &two, NULL) ==
               MF_OK &&
           one.operators == two.operators;
}

mf_status mf_runner_lay_out_array(mf_runner *r, mf_analytic_row *row, mf_diag *diag)
{
    size_t n = 0;
    if (r->basis->prices->wire_pj_per_mm_bit <= 0)
        return MF_OK;
    if (!r->arrays)
        MF_TRY(plan_arrays(r, diag));
    mf_datapath *datapaths = MF_NEW_ARRAY(r->arena, mf_datapath, r->n_arrays);
    if (!datapaths)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < r->n_arrays; i++)
        if (shares_pes(r, row->op, r->arrays[i].op))
            datapaths[n++] = (mf_datapath){mf_operators_at(r->basis->operators, r->arrays[i].op),
                                           r->arrays[i].widths, 1};
    MF_TRY(mf_floorplan_of(r->basis->accelerator, r->basis->prices->table, datapaths, n,
                           row->pe_rows, row->pe_columns, &row->floorplan, diag));
    mf_floorplan_price(&row->floorplan, r->basis->prices, &row->machine);
    return MF_OK;
}
