/* Behind the columns of accounts and executions. */
#include "cli/schedule_cells.h"

#include <inttypes.h>
#include <string.h>

static const mf_column of_schedules[] = {{"segment", "segment", 0, 1},
                                         {"n_bands", "bands", 0, 1},
                                         {"recomputed_rows", NULL, 0, 1},
                                         {"held_bytes", "held KiB", 1, 1.0 / 1024},
                                         {"peak_buffer_bytes", "buffer KiB", 1, 1.0 / 1024},
                                         {"dram_ifmap_bytes", NULL, 0, 1},
                                         {"dram_weight_bytes", NULL, 0, 1},
                                         {"dram_psum_bytes", NULL, 0, 1},
                                         {"dram_output_bytes", NULL, 0, 1},
                                         {NULL, NULL, 0, 0}};

static bool shows_schedule(const mf_account *account)
{
    return mf_arguments_has(account->setup->arguments, "schedule");
}

static void add_traffic(mf_sheet *sheet, const mf_traffic *t)
{
    mf_sheet_real(sheet, t->ifmap_bits / 8);
    mf_sheet_real(sheet, t->weight_bits / 8);
    mf_sheet_real(sheet, t->psum_bits / 8);
    mf_sheet_real(sheet, t->output_bits / 8);
}

const mf_column *mf_schedule_columns(const mf_account *account, const mf_column *columns, size_t n)
{
    size_t more = sizeof of_schedules / sizeof of_schedules[0];
    mf_column *all = MF_NEW_ARRAY(account->setup->arena, mf_column, n + more);
    if (!all || !shows_schedule(account))
        return columns;
    memcpy(all, columns, n * sizeof *all);
    memcpy(all + n, of_schedules, more * sizeof *all);
    return all;
}

/* What follows a layer on the array is in its row. */
void mf_schedule_cells(mf_sheet *sheet, const mf_account *account, const mf_analytic_row *row)
{
    bool follows = row->vector && row->shape.n == 0;
    if (!shows_schedule(account))
        return;
    if (follows) {
        for (const mf_column *c = of_schedules; c->key; c++)
            mf_sheet_none(sheet);
        return;
    }
    mf_sheet_count(sheet, row->segment);
    mf_sheet_count(sheet, row->n_tasks);
    mf_sheet_count(sheet, row->recomputed_rows);
    mf_sheet_real(sheet, (double)row->held_bits / 8);
    mf_sheet_real(sheet, (double)row->peak_bits / 8);
    add_traffic(sheet, &row->traffic);
}

void mf_schedule_total_cells(mf_sheet *sheet, const mf_account *account,
                             const mf_analytic_result *r)
{
    if (!shows_schedule(account))
        return;
    for (int i = 0; i < 4; i++) /* up to what is held */
        mf_sheet_none(sheet);
    mf_sheet_real(sheet, (double)r->peak_bits / 8);
    add_traffic(sheet, &r->traffic);
}

void mf_schedule_note(mf_sheet *sheet, const mf_account *account, const mf_network *network,
                      const mf_analytic_result *r)
{
    if (!shows_schedule(account))
        return;
    double moved = mf_traffic_bits(&r->traffic) / 8,
           least = mf_analytic_compulsory_bits(network, r) / 8;
    uint64_t buffer = mf_machine_buffer_bits(&account->setup->accelerator) / 8;
    mf_sheet_note(
        sheet,
        mf_arena_format(account->setup->arena,
                        "schedule %s: %zu segments; DRAM %.3f MB, %.2f times the %.3f MB that any "
                        "schedule moves; at most %.1f of %.1f KiB of the buffer",
                        mf_schedule_kind_name((int)account->options.schedule),
                        r->schedule.n_segments, moved * 1e-6, moved / least, least * 1e-6,
                        (double)r->peak_bits / 8 / 1024, (double)buffer / 1024));
}
