/* How the consistent account of a network is shown: a row per layer and per piece of vector work,
 * energy by level and tensor, what bounds the time, and on which assumptions it all rests. */
#include "cli/account.h"
#include "cli/output.h"
#include "cli/schedule_cells.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const mf_column columns[] = {{"network", NULL, 0, 1},
                                    {"number", "#", 0, 1},
                                    {"layer", "layer", 0, 1},
                                    {"work", "work", 0, 1},
                                    {"op", "op", 0, 1},
                                    {"activation_bits", "act b", 0, 1},
                                    {"weight_bits", "wt b", 0, 1},
                                    {"psum_bits", "psum b", 0, 1},
                                    {"product_shift_bits", NULL, 0, 1},
                                    {"pe_rows", NULL, 0, 1},
                                    {"pe_columns", NULL, 0, 1},
                                    {"n_active_pes", "PEs", 0, 1},
                                    {"utilisation", "util %", 1, 100},
                                    {"n_cycles", "cycles", 0, 1},
                                    {"latency_ms", "latency us", 2, 1e3},
                                    {"bound", "bound by", 0, 1},
                                    {"energy_mj", "energy uJ", 2, 1e3},
                                    {"operations_mj", "operations", 2, 1e3},
                                    {"dram_mj", "DRAM", 2, 1e3},
                                    {"buffer_mj", "buffer", 2, 1e3},
                                    {"network_mj", "network", 2, 1e3},
                                    {"register_mj", "register", 2, 1e3},
                                    {"dram_ifmap_mj", NULL, 2, 1e3},
                                    {"dram_weight_mj", NULL, 2, 1e3},
                                    {"dram_psum_mj", NULL, 2, 1e3},
                                    {"buffer_ifmap_mj", NULL, 2, 1e3},
                                    {"buffer_weight_mj", NULL, 2, 1e3},
                                    {"buffer_psum_mj", NULL, 2, 1e3},
                                    {"network_ifmap_mj", NULL, 2, 1e3},
                                    {"network_weight_mj", NULL, 2, 1e3},
                                    {"network_psum_mj", NULL, 2, 1e3},
                                    {"register_ifmap_mj", NULL, 2, 1e3},
                                    {"register_weight_mj", NULL, 2, 1e3},
                                    {"register_psum_mj", NULL, 2, 1e3},
                                    {"compute_cycles", NULL, 0, 1},
                                    {"ifmap_bus_cycles", NULL, 0, 1},
                                    {"weight_bus_cycles", NULL, 0, 1},
                                    {"psum_in_cycles", NULL, 0, 1},
                                    {"psum_out_cycles", NULL, 0, 1},
                                    {"dram_cycles", NULL, 0, 1},
                                    {"weight_load_cycles", NULL, 0, 1},
                                    {"fill_cycles", NULL, 0, 1},
                                    {"drain_cycles", NULL, 0, 1},
                                    {"processing_cycles", NULL, 0, 1},
                                    {"n_macs", NULL, 0, 1},
                                    {"n_executed", NULL, 0, 1},
                                    {"macs_per_dram_bit", "MACs/bit", 2, 1},
                                    {"n_vector_operations", NULL, 0, 1},
                                    {"n_nests_tried", NULL, 0, 1},
                                    {"n_array_tiles", NULL, 0, 1},
                                    {"n_pruned", NULL, 0, 1},
                                    {NULL, NULL, 0, 0}};

static double sum3(const double *values)
{
    return values[0] + values[1] + values[2];
}

double mf_account_dram_bits(const mf_analytic_row *row)
{
    return mf_traffic_bits(&row->traffic);
}

static void add_array_cells(mf_sheet *sheet, const mf_analytic_row *row)
{
    const mf_cost *cost = &row->found.cost;
    mf_sheet_real(sheet, cost->mac_pj * 1e-9);
    for (int level = 0; level < MF_N_LEVELS; level++)
        mf_sheet_real(sheet, sum3(cost->access_pj[level]) * 1e-9);
    for (int level = 0; level < MF_N_LEVELS; level++)
        for (int t = 0; t < MF_N_TENSORS; t++)
            mf_sheet_real(sheet, cost->access_pj[level][t] * 1e-9);
    for (int b = 0; b < MF_N_BOUNDS; b++)
        mf_sheet_real(sheet, cost->bound_cycles[b]);
    mf_sheet_real(sheet, cost->load_cycles);
    mf_sheet_real(sheet, cost->fill_cycles);
    mf_sheet_real(sheet, cost->drain_cycles);
    mf_sheet_real(sheet, cost->array_cycles);
    mf_sheet_count(sheet, row->found.counts.n_macs);
    mf_sheet_real(sheet, cost->n_executed);
    mf_sheet_real(sheet, (double)row->found.counts.n_macs / mf_account_dram_bits(row));
    mf_sheet_none(sheet);
    mf_sheet_count(sheet, row->known ? 0 : row->found.tally.n_tried);
    mf_sheet_count(sheet, row->known ? 0 : row->found.tally.n_array_tiles);
    mf_sheet_count(sheet, row->known ? 0 : row->found.tally.n_pruned);
}

static void none_until(mf_sheet *sheet, const char *from, const char *until)
{
    bool on = false;
    for (const mf_column *c = columns; c->key || c->title; c++) {
        if (until && strcmp(c->key, until) == 0)
            return;
        if (strcmp(c->key, from) == 0)
            on = true;
        if (on)
            mf_sheet_none(sheet);
    }
}

static void add_row(mf_sheet *sheet, const mf_account *account, const char *network,
                    const mf_analytic_row *row)
{
    double ms = row->cycles / (account->setup->accelerator.clock_mhz * 1e3);
    mf_sheet_row(sheet, MF_ROW_PLAIN);
    mf_sheet_text(sheet, network);
    if (row->layer->number >= 0)
        mf_sheet_count(sheet, (uint64_t)row->layer->number);
    else
        mf_sheet_none(sheet);
    mf_sheet_text(sheet, row->layer->name);
    mf_sheet_text(sheet, row->work);
    mf_sheet_text(sheet,
                  row->vector ? "" : mf_operators_at(account->setup->operators, row->op)->name);
    mf_sheet_count(sheet, row->widths.activation_bits);
    if (row->vector) {
        none_until(sheet, "weight_bits", "n_cycles");
        mf_sheet_real(sheet, row->cycles);
        mf_sheet_real(sheet, ms);
        mf_sheet_text(sheet, "");
        mf_sheet_real(sheet, row->energy_pj * 1e-9);
        none_until(sheet, "operations_mj", "n_vector_operations");
        mf_sheet_count(sheet, row->n_operations);
        none_until(sheet, "n_nests_tried", NULL);
        mf_schedule_cells(sheet, account, row);
        return;
    }
    mf_work work = mf_work_of(&row->shape); /* what the nest is of: a band, where there are bands */
    mf_sheet_count(sheet, row->widths.weight_bits);
    mf_sheet_count(sheet, row->widths.psum_bits);
    mf_sheet_count(sheet, row->widths.product_shift);
    mf_sheet_count(sheet, row->pe_rows);
    mf_sheet_count(sheet, row->pe_columns);
    mf_sheet_count(sheet, mf_active_pes(&work, &row->found.mapping));
    mf_sheet_real(sheet, row->utilisation);
    mf_sheet_real(sheet, row->cycles);
    mf_sheet_real(sheet, ms);
    mf_sheet_text(sheet, mf_bound_name((int)row->found.cost.bound));
    mf_sheet_real(sheet, row->energy_pj * 1e-9);
    add_array_cells(sheet, row);
    mf_schedule_cells(sheet, account, row);
}

static void add_total(mf_sheet *sheet, const mf_account *account, const mf_analytic_result *r)
{
    double cycles = 0;
    for (size_t i = 0; i < r->n_rows; i++)
        cycles += r->rows[i].cycles;
    mf_sheet_row(sheet, MF_ROW_TOTAL);
    mf_sheet_none(sheet);
    mf_sheet_none(sheet);
    mf_sheet_text(sheet, "total");
    none_until(sheet, "work", "utilisation");
    mf_sheet_real(sheet, r->utilisation);
    mf_sheet_real(sheet, cycles);
    mf_sheet_real(sheet, r->latency_ms);
    mf_sheet_text(sheet, "");
    mf_sheet_real(sheet, r->energy_mj);
    mf_sheet_real(sheet, r->mac_mj);
    for (int level = 0; level < MF_N_LEVELS; level++)
        mf_sheet_real(sheet, sum3(r->access_mj[level]));
    none_until(sheet, "dram_ifmap_mj", NULL);
    mf_schedule_total_cells(sheet, account, r);
}

mf_status mf_account_show(mf_account *account, const mf_network *network, const char *op,
                          const mf_analytic_result *r, mf_diag *diag)
{
    mf_setup *setup = account->setup;
    mf_arena *arena = setup->arena;
    const mf_accelerator *a = &setup->accelerator;
    mf_sheet *sheet = mf_sheet_create(
        arena, mf_schedule_columns(account, columns, sizeof columns / sizeof columns[0] - 1));
    const char *arrays = mf_account_arrays(account, r);
    if (!arrays)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < r->n_rows; i++)
        add_row(sheet, account, network->name, &r->rows[i]);
    add_total(sheet, account, r);
    mf_sheet_heading(sheet,
                     mf_arena_format(arena,
                                     "%s as %s on %s (%s PEs, %g MHz), consistent account, %s, "
                                     "best %s, table %s",
                                     network->name, op, a->name, arrays, a->clock_mhz,
                                     account->options.dataflow->name,
                                     mf_objective_name((int)account->options.objective),
                                     mf_account_table_text(account)));
    mf_sheet_note(sheet,
                  mf_arena_format(arena,
                                  "%.4f mJ: array %.4f, vector unit %.4f, static %.4f; %.4f ms: "
                                  "array %.4f, vector unit %.4f; batch %" PRIu64,
                                  r->energy_mj, r->array_mj, r->vector_mj, r->static_mj,
                                  r->latency_ms, r->array_ms, r->vector_ms, network->batch));
    mf_sheet_note(sheet,
                  mf_arena_format(arena,
                                  "%" PRIu64 " nests tried, %" PRIu64
                                  " branches cut by a bound, %" PRIu64 " of %" PRIu64
                                  " array tiles, too; rejected: %" PRIu64 " by PEs, %" PRIu64
                                  " by registers, %" PRIu64 " by the buffer",
                                  r->tally.n_tried, r->tally.n_cut, r->tally.n_pruned,
                                  r->tally.n_array_tiles, r->tally.n_rejected_pes,
                                  r->tally.n_rejected_registers, r->tally.n_rejected_buffer));
    mf_schedule_note(sheet, account, network, r);
    if (mf_arguments_has(setup->arguments, "provenance")) {
        mf_account_provenance(account, sheet);
        mf_account_note_floorplans(account, network, op, r, sheet);
        MF_TRY(mf_account_note_spread(account, network, op, NULL, sheet, diag));
    }
    return mf_output_sheet(setup->cli, setup->arguments, sheet, diag);
}
