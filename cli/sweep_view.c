/* Columns and rows. */
#include "cli/sweep_view.h"

#include "cli/output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
const char *mf_sweep_key_title(int key)
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
    if (!varies(sweep, "resolution"))
        columns[n - 1].title = NULL;
    for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++) {
        const char *name = mf_accelerator_keys[key];
        if (has_column(sweep, key))
            columns[n++] = (mf_column){name, varies(sweep, name) ? mf_sweep_key_title(key) : NULL,
                                       key == MF_KEY_clock_mhz, 1};
    }
    memcpy(columns + n, after, sizeof after);
    if (!by_area(run))
        columns[n + N_AFTER - 2] = (mf_column){0};
}

typedef struct rows {
    const mf_sweep_run *run;
    const bool *best;
} rows;

/* How many PEs of each operator the point has; the area alone says so, nothing is searched for it. */
static mf_status add_arrays(const mf_sweep_run *run, const mf_sweep_point *p, bool fault,
                            mf_sheet *sheet, mf_diag *diag)
{
    enum { MOST_OPERATORS = 64 };
    const mf_sweep_network *network = &run->sweep->networks[p->network];
    mf_prices prices = {.table = run->account->table};
    mf_analytic_basis basis = {.accelerator = &p->accelerator,
                               .operators = run->setup->operators,
                               .prices = &prices,
                               .options = run->account->options};
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
    const mf_sweep_run *run = all->run;
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

mf_status mf_sweep_show(const mf_sweep_run *run, mf_diag *diag)
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
    MF_TRY(mf_sweep_draw(run, best, diag));
    return mf_output_rows(run->setup->cli, run->setup->arguments, sheet, sweep->n_points, add_row,
                          &(rows){run, best}, diag);
}
