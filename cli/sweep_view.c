/* Columns and rows. */
#include "cli/sweep_view.h"

#include "cli/output.h"
#include "cli/sweep_area.h"
#include "cli/sweep_choice.h"

#include <string.h>

/* Around the axes. Of these, keys of the machine are shown to programs always, others and axes that are
 * no key where they vary. */
static const mf_column before[] = {{"point", "#", 0, 1},
                                   {"network", "network", 0, 1},
                                   {"op", "op", 0, 1},
                                   {"resolution", "resolution", 0, 1}};
static const mf_column after[] = {{"energy_mj", "energy mJ", 4, 1},
                                  {"latency_ms", "latency ms", 4, 1},
                                  {"edp_mj_ms", "EDP mJ ms", 4, 1},
                                  {"utilisation", "util %", 1, 100}};
static const mf_column last[] = {{"pareto", "pareto", 0, 1},
                                 {"fault", NULL, 0, 1},
                                 {"arrays", "PEs by area", 0, 1}, /* last, and not always */
                                 {NULL, NULL, 0, 0}};
/* Shown where points are judged by them. */
static const mf_column pes = {"n_pes", "PEs", 0, 1},
                       memory = {"memory_bytes", "memory KB", 1, 1.0 / 1024},
                       area = {"area_mm2", "area mm2", 4, 1}, meets = {"meets", "meets", 0, 1};

enum { N_BEFORE = 4, N_AFTER = 4, N_LAST = 4, N_JUDGED = 4 };

/* Axes that are no key and have a column of their own where they vary. */
static bool has_axis_column(const mf_sweep *sweep, int which)
{
    return which != MF_AXIS_NETWORK && which != MF_AXIS_OP && which != MF_AXIS_RESOLUTION &&
           mf_sweep_varies(sweep, mf_sweep_axis_name(which));
}

static bool has_column(const mf_sweep *sweep, int key)
{
    const char *name = mf_accelerator_keys[key];
    return mf_accelerator_key_group(name) == MF_GROUP_MACHINE || mf_sweep_varies(sweep, name);
}

static bool by_area(const mf_sweep_run *run)
{
    return run->account && run->account->options.iso_area;
}

/* People only see the axes that vary. */
static void choose_columns(const mf_sweep_run *run, mf_column *columns)
{
    const mf_sweep *sweep = run->sweep;
    size_t n = 0;
    for (; n < N_BEFORE; n++)
        columns[n] = before[n];
    if (!mf_sweep_varies(sweep, "resolution"))
        columns[n - 1].title = NULL;
    for (int which = 0; which < MF_AXIS_FIRST_KEY; which++)
        if (has_axis_column(sweep, which))
            columns[n++] = (mf_column){mf_sweep_axis_name(which), mf_sweep_axis_title(which), 0, 1};
    for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++) {
        const char *name = mf_accelerator_keys[key];
        if (has_column(sweep, key))
            columns[n++] = (mf_column){
                name,
                mf_sweep_varies(sweep, name) ? mf_sweep_axis_title(MF_AXIS_FIRST_KEY + key) : NULL,
                key == MF_KEY_clock_mhz, 1};
    }
    if (mf_sweep_judges_by(sweep, MF_SWEEP_PES))
        columns[n++] = pes;
    if (mf_sweep_judges_by(sweep, MF_SWEEP_MEMORY))
        columns[n++] = memory;
    if (mf_sweep_judges_by(sweep, MF_SWEEP_AREA))
        columns[n++] = area;
    memcpy(columns + n, after, sizeof after);
    n += N_AFTER;
    if (sweep->n_constraints)
        columns[n++] = meets;
    memcpy(columns + n, last, sizeof last);
    if (!by_area(run))
        columns[n + N_LAST - 2] = (mf_column){0};
}

typedef struct rows {
    const mf_sweep_run *run;
    const bool *best;
    const size_t *order;
} rows;

/* What was chosen for the point. */
static void put_axes(const mf_sweep_run *run, const mf_sweep_point *p, mf_sheet *sheet)
{
    char value[64];
    double number;
    for (int which = 0; which < MF_AXIS_FIRST_KEY; which++) {
        if (!has_axis_column(run->sweep, which))
            continue;
        if (p->text[which]) { /* of any length */
            mf_sheet_text(sheet, p->text[which]);
            continue;
        }
        mf_sweep_axis_text(run->sweep, p, which, value, sizeof value);
        mf_sheet_text(sheet, value);
    }
    for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++) {
        if (!has_column(run->sweep, key))
            continue;
        if (mf_accelerator_number(&p->accelerator, key, &number)) {
            mf_sheet_real(sheet, number);
            continue;
        }
        mf_accelerator_value_text(&p->accelerator, key, value, sizeof value);
        mf_sheet_text(sheet, value);
    }
}

static void put_result(const mf_sweep *sweep, const mf_sweep_point *p, const mf_sweep_result *r,
                       mf_sheet *sheet)
{
    if (mf_sweep_judges_by(sweep, MF_SWEEP_PES))
        mf_sheet_real(sheet, mf_sweep_quantity_of(MF_SWEEP_PES, r, p));
    if (mf_sweep_judges_by(sweep, MF_SWEEP_MEMORY))
        mf_sheet_real(sheet, mf_sweep_quantity_of(MF_SWEEP_MEMORY, r, p));
    if (mf_sweep_judges_by(sweep, MF_SWEEP_AREA)) {
        if (r->fault)
            mf_sheet_none(sheet);
        else
            mf_sheet_real(sheet, r->area_mm2);
    }
    for (int i = 0; r->fault && i < N_AFTER; i++)
        mf_sheet_none(sheet);
    if (!r->fault) {
        mf_sheet_real(sheet, r->energy_mj);
        mf_sheet_real(sheet, r->latency_ms);
        mf_sheet_real(sheet, r->energy_mj * r->latency_ms);
        mf_sheet_real(sheet, r->utilisation);
    }
    if (sweep->n_constraints)
        mf_sheet_flag(sheet, !r->fault && mf_sweep_meets(sweep, r, p));
}

/* How many PEs of each operator the point has. */
static mf_status add_arrays(const mf_sweep_run *run, const mf_sweep_point *p, bool fault,
                            mf_sheet *sheet, mf_diag *diag)
{
    mf_op_array *arrays = NULL;
    size_t n = 0;
    mf_arena *arena = mf_arena_create();
    if (!arena)
        return mf_fail_memory(diag);
    mf_status status = fault ? MF_OK : mf_sweep_arrays(run, p, arena, &arrays, &n, diag);
    if (status == MF_OK)
        mf_sheet_text(sheet, mf_account_arrays_text(run->account, arrays, n, arena));
    mf_arena_destroy(arena);
    return status;
}

static mf_status add_row(void *user, mf_sheet *sheet, size_t row, mf_diag *diag)
{
    const rows *all = user;
    const mf_sweep_run *run = all->run;
    size_t index = all->order[row];
    char text[64], why[MF_SWEEP_FAULT_BYTES] = "";
    mf_sweep_point p;
    mf_sweep_at(run->sweep, index, &p);
    const mf_sweep_result *r = &run->results[index];
    mf_sheet_row(sheet, MF_ROW_PLAIN);
    mf_sheet_count(sheet, index);
    mf_sheet_text(sheet, run->sweep->networks[p.network].network->name);
    mf_sheet_text(sheet, mf_operators_at(run->setup->operators, p.op)->name);
    mf_sweep_axis_text(run->sweep, &p, MF_AXIS_RESOLUTION, text, sizeof text);
    mf_sheet_text(sheet, text);
    put_axes(run, &p, sheet);
    put_result(run->sweep, &p, r, sheet);
    mf_sheet_flag(sheet, all->best[index]);
    if (r->fault)
        MF_TRY(mf_sweep_faults_get(&run->faults, r->fault, why, diag));
    mf_sheet_text(sheet, why);
    return by_area(run) ? add_arrays(run, &p, r->fault, sheet, diag) : MF_OK;
}

mf_status mf_sweep_show(const mf_sweep_run *run, mf_diag *diag)
{
    const mf_sweep *sweep = run->sweep;
    mf_arena *arena = run->setup->arena;
    mf_column
        shown[N_BEFORE + MF_AXIS_FIRST_KEY + MF_N_ACCELERATOR_KEYS + N_JUDGED + N_AFTER + N_LAST];
    bool *best = MF_NEW_ARRAY(arena, bool, sweep->n_points);
    size_t *order = MF_NEW_ARRAY(arena, size_t, sweep->n_points), n_shown, n_faults = 0;
    uint64_t a_fault = 0;
    char why[MF_SWEEP_FAULT_BYTES];
    if (!best || !order)
        return mf_fail_memory(diag);
    MF_TRY(mf_sweep_order(run, order, &n_shown, diag));
    MF_TRY(mf_sweep_fronts(run, best, diag));
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
    MF_TRY(mf_sweep_note_choices(run, sheet, diag));
    MF_TRY(mf_sweep_draw(run, best, diag));
    return mf_output_rows(run->setup->cli, run->setup->arguments, sheet, n_shown, add_row,
                          &(rows){run, best, order}, diag);
}
