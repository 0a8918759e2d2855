/* How a network on the chip is shown: what each layer took, what it waited for, and how far that is
 * from the closed forms. */
#include "cli/execute.h"
#include "cli/output.h"
#include "cli/schedule_cells.h"

#include <inttypes.h>
#include <math.h>

static const mf_column columns[] = {{"network", NULL, 0, 1},
                                    {"number", "#", 0, 1},
                                    {"layer", "layer", 0, 1},
                                    {"work", NULL, 0, 1},
                                    {"op", "op", 0, 1},
                                    {"activation_bits", NULL, 0, 1},
                                    {"weight_bits", NULL, 0, 1},
                                    {"psum_bits", NULL, 0, 1},
                                    {"product_shift_bits", NULL, 0, 1},
                                    {"utilisation", "util %", 1, 100},
                                    {"n_cycles", "cycles", 0, 1},
                                    {"latency_ms", "us", 1, 1e3},
                                    {"analytic_cycles", "analytic", 0, 1},
                                    {"compute_cycles", "compute", 0, 1},
                                    {"load_cycles", "load", 0, 1},
                                    {"fill_cycles", "fill", 0, 1},
                                    {"drain_cycles", "drain", 0, 1},
                                    {"dram_cycles", "DRAM", 0, 1},
                                    {"buffer_port_cycles", "port", 0, 1},
                                    {"network_cycles", "network", 0, 1},
                                    {"psum_cycles", "psum", 0, 1},
                                    {"pipeline_cycles", "pipe", 0, 1},
                                    {"energy_mj", "energy uJ", 2, 1e3},
                                    {"operations_mj", NULL, 2, 1e3},
                                    {"dram_mj", NULL, 2, 1e3},
                                    {"buffer_mj", NULL, 2, 1e3},
                                    {"network_mj", NULL, 2, 1e3},
                                    {"register_mj", NULL, 2, 1e3},
                                    {"n_macs", NULL, 0, 1},
                                    {"n_executed", NULL, 0, 1},
                                    {"n_passes", NULL, 0, 1},
                                    {"n_array_steps", NULL, 0, 1},
                                    {"ifmap_zero_fraction", "zeros %", 0, 100},
                                    {"ofmap_zero_fraction", NULL, 0, 1},
                                    {"ifmap_dram_bits", NULL, 0, 1},
                                    {"output_dram_bits", NULL, 0, 1},
                                    {"dram_busy_cycles", NULL, 0, 1},
                                    {"buffer_busy_cycles", NULL, 0, 1},
                                    {"ifmap_network_busy_cycles", NULL, 0, 1},
                                    {"weight_network_busy_cycles", NULL, 0, 1},
                                    {"psum_in_busy_cycles", NULL, 0, 1},
                                    {"psum_out_busy_cycles", NULL, 0, 1},
                                    {"array_busy_cycles", NULL, 0, 1},
                                    {"n_ifmap_y_bus_words", NULL, 0, 1},
                                    {"n_ifmap_x_bus_words", NULL, 0, 1},
                                    {"n_ifmap_deliveries", NULL, 0, 1},
                                    {"n_weight_y_bus_words", NULL, 0, 1},
                                    {"n_weight_x_bus_words", NULL, 0, 1},
                                    {"n_weight_deliveries", NULL, 0, 1},
                                    {"n_outputs_checked", NULL, 0, 1},
                                    {NULL, NULL, 0, 0}};

enum {
    BEFORE_CYCLES = 10, /* columns up to the cycles */
    AFTER_ENERGY = 27   /* columns behind the energy */
};

static double sum3(const double *values)
{
    return values[0] + values[1] + values[2];
}

static void nones(mf_sheet *sheet, int n)
{
    for (int i = 0; i < n; i++)
        mf_sheet_none(sheet);
}

static void add_name(mf_sheet *sheet, const char *network, const mf_analytic_row *row,
                     const char *op)
{
    mf_sheet_row(sheet, MF_ROW_PLAIN);
    mf_sheet_text(sheet, network);
    if (row->layer->number >= 0)
        mf_sheet_count(sheet, (uint64_t)row->layer->number);
    else
        mf_sheet_none(sheet);
    mf_sheet_text(sheet, row->layer->name);
    mf_sheet_text(sheet, row->work);
    mf_sheet_text(sheet, op);
}

/* To a thousandth of a cycle: below are the moments in which arbiters listen. */
static void add_cycles(mf_sheet *sheet, double cycles)
{
    mf_sheet_real(sheet, round(cycles * 1e3) / 1e3);
}

static void add_vector(mf_sheet *sheet, const mf_account *account, double ms_per_cycle,
                       const char *network, const mf_analytic_row *row)
{
    if (row->cycles == 0) /* in the shadow of the array */
        return;
    add_name(sheet, network, row, row->work);
    nones(sheet, BEFORE_CYCLES - 5);
    add_cycles(sheet, row->cycles);
    mf_sheet_real(sheet, row->cycles * ms_per_cycle);
    nones(sheet, 2 + MF_N_STALLS);
    mf_sheet_real(sheet, row->energy_pj * 1e-9);
    nones(sheet, AFTER_ENERGY);
    mf_schedule_cells(sheet, account, row);
}

static void add_layer(mf_sheet *sheet, const mf_account *account, double ms_per_cycle,
                      const char *network, const mf_analytic_row *row, const mf_execution_row *x)
{
    const mf_chip_report *r = &x->report;
    const mf_cost *cost = &row->found.cost;
    add_name(sheet, network, row, mf_operators_at(account->setup->operators, row->op)->name);
    mf_sheet_count(sheet, row->widths.activation_bits);
    mf_sheet_count(sheet, row->widths.weight_bits);
    mf_sheet_count(sheet, row->widths.psum_bits);
    mf_sheet_count(sheet, row->widths.product_shift);
    mf_sheet_real(sheet, row->utilisation);
    add_cycles(sheet, r->cycles);
    mf_sheet_real(sheet, r->cycles * ms_per_cycle);
    add_cycles(sheet, x->analytic.cycles);
    add_cycles(sheet, r->compute_cycles);
    for (int stall = 0; stall < MF_N_STALLS; stall++)
        add_cycles(sheet, r->stall_cycles[stall]);
    mf_sheet_real(sheet, row->energy_pj * 1e-9);
    mf_sheet_real(sheet, cost->mac_pj * 1e-9);
    for (int level = 0; level < MF_N_LEVELS; level++)
        mf_sheet_real(sheet, sum3(cost->access_pj[level]) * 1e-9);
    mf_sheet_count(sheet, r->counts.n_macs);
    mf_sheet_count(sheet, r->n_executed);
    mf_sheet_count(sheet, r->n_passes);
    mf_sheet_count(sheet, r->counts.n_steps);
    mf_sheet_real(sheet, x->zeros.ifmap);
    mf_sheet_real(sheet, x->zeros.ofmap);
    mf_sheet_count(sheet, r->ifmap_dram_bits);
    mf_sheet_count(sheet, r->output_dram_bits);
    for (int c = 0; c < MF_N_COMPONENTS; c++)
        add_cycles(sheet, r->busy_cycles[c]);
    for (int t = MF_IFMAP; t <= MF_WEIGHT; t++) {
        mf_sheet_count(sheet, r->counts.flow[t].bus_words);
        mf_sheet_count(sheet, r->counts.flow[t].row_words);
        mf_sheet_count(sheet, r->counts.flow[t].deliveries);
    }
    mf_sheet_count(sheet, x->n_checked);
    mf_schedule_cells(sheet, account, row);
}

static void add_total(mf_sheet *sheet, const mf_account *account, const mf_report *e)
{
    const mf_analytic_result *a = &e->account;
    double cycles = 0, analytic = 0, compute = 0, stalls[MF_N_STALLS] = {0};
    for (size_t i = 0; i < a->n_rows; i++) {
        cycles += a->rows[i].cycles;
        if (!e->executed[i].executed)
            continue;
        analytic += e->executed[i].analytic.cycles;
        compute += e->executed[i].report.compute_cycles;
        for (int stall = 0; stall < MF_N_STALLS; stall++)
            stalls[stall] += e->executed[i].report.stall_cycles[stall];
    }
    mf_sheet_row(sheet, MF_ROW_TOTAL);
    nones(sheet, 2);
    mf_sheet_text(sheet, "total");
    nones(sheet, BEFORE_CYCLES - 4);
    mf_sheet_real(sheet, a->utilisation);
    add_cycles(sheet, cycles);
    mf_sheet_real(sheet, a->latency_ms);
    add_cycles(sheet, analytic);
    add_cycles(sheet, compute);
    for (int stall = 0; stall < MF_N_STALLS; stall++)
        add_cycles(sheet, stalls[stall]);
    mf_sheet_real(sheet, a->energy_mj);
    nones(sheet, AFTER_ENERGY);
    mf_schedule_total_cells(sheet, account, a);
}

mf_status mf_execute_show(mf_execute *x, const mf_network *network, const char *op,
                          const mf_report *e, mf_diag *diag)
{
    mf_setup *setup = x->account->setup;
    mf_arena *arena = setup->arena;
    const mf_accelerator *a = &setup->accelerator;
    const mf_analytic_result *r = &e->account;
    mf_sheet *sheet = mf_sheet_create(
        arena, mf_schedule_columns(x->account, columns, sizeof columns / sizeof columns[0] - 1));
    double ms_per_cycle = 1 / (a->clock_mhz * 1e3);
    bool cycle = x->account->fidelity == MF_FIDELITY_CYCLE;
    const char *arrays = mf_account_arrays(x->account, r);
    if (!arrays)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < r->n_rows; i++)
        if (r->rows[i].vector)
            add_vector(sheet, x->account, ms_per_cycle, network->name, &r->rows[i]);
        else
            add_layer(sheet, x->account, ms_per_cycle, network->name, &r->rows[i], &e->executed[i]);
    add_total(sheet, x->account, e);
    mf_sheet_heading(sheet, mf_arena_format(arena,
                                            "%s as %s executed on %s (%s PEs, %g MHz), %s, best "
                                            "%s, table %s",
                                            network->name, op, a->name, arrays, a->clock_mhz,
                                            x->account->options.dataflow->name,
                                            mf_objective_name((int)x->account->options.objective),
                                            mf_account_table_text(x->account)));
    mf_sheet_note(sheet,
                  mf_arena_format(arena,
                                  "executed %s by %s; all %" PRIu64
                                  " outputs are what the integer reference computes",
                                  cycle ? "cycle" : "row", cycle ? "cycle" : "row", e->n_checked));
    mf_sheet_note(sheet,
                  mf_arena_format(arena,
                                  "%.4f mJ: array %.4f, vector unit %.4f, static %.4f; %.4f ms: "
                                  "array %.4f, vector unit %.4f; batch %" PRIu64,
                                  r->energy_mj, r->array_mj, r->vector_mj, r->static_mj,
                                  r->latency_ms, r->array_ms, r->vector_ms, network->batch));
    mf_sheet_note(sheet,
                  "layers on the array: cycles = compute + load + fill + drain + DRAM + port + "
                  "network + psum + pipe; analytic: the closed forms on the measured zeros");
    mf_schedule_note(sheet, x->account, network, r);
    if (mf_arguments_has(setup->arguments, "provenance")) {
        mf_account_provenance(x->account, sheet);
        mf_account_note_floorplans(x->account, network, op, r, sheet);
        MF_TRY(mf_account_note_spread(x->account, network, op, NULL, sheet, diag));
    }
    return mf_output_sheet(setup->cli, setup->arguments, sheet, diag);
}
