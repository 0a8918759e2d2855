/* The account's sums, sorted by part. */
#include "sim/power.h"

#include "base/arena.h"

static double sum3(const double *values)
{
    return values[0] + values[1] + values[2];
}

/* Of the operations of one operator's layers. */
static double operations_mj(const mf_analytic_result *r, size_t op)
{
    double mj = 0;
    for (size_t i = 0; i < r->n_rows; i++)
        if (!r->rows[i].vector && r->rows[i].op == op)
            mj += r->rows[i].found.cost.mac_pj * 1e-9;
    return mj;
}

static double dynamic_mj(const mf_area_part *part, const mf_analytic_result *r,
                         const mf_op_array *arrays)
{
    switch (part->kind) {
    case MF_AREA_DATAPATH:
        return operations_mj(r, arrays[part->which].op);
    case MF_AREA_SCRATCHPAD:
        return r->access_mj[MF_LEVEL_REGISTERS][part->which];
    case MF_AREA_NETWORK_PORT:
        return sum3(r->access_mj[MF_LEVEL_NETWORK]);
    case MF_AREA_BUFFER:
        return sum3(r->access_mj[MF_LEVEL_GLOBAL_BUFFER]) + r->vector_buffer_mj;
    case MF_AREA_VECTOR_UNIT:
        return r->vector_mj - r->vector_buffer_mj - r->vector_dram_mj;
    default:
        return 0;
    }
}

static bool has_price(const mf_area_part *part)
{
    return part->kind != MF_AREA_PE_CONTROL && part->kind != MF_AREA_PE_OVERHEAD;
}

static void finish(mf_spent *spent, double latency_ms)
{
    spent->energy_mj = spent->dynamic_mj + spent->leakage_mj;
    spent->power_mw = spent->energy_mj / latency_ms * 1e3; /* mJ per ms are W */
}

static void add(mf_spent *sum, const mf_spent *part)
{
    sum->dynamic_mj += part->dynamic_mj;
    sum->leakage_mj += part->leakage_mj;
    sum->energy_mj += part->energy_mj;
    sum->power_mw += part->power_mw;
}

static double tops_per_w(uint64_t n_macs, double energy_mj)
{
    return 2 * (double)n_macs / (energy_mj * 1e-3) * 1e-12;
}

mf_status mf_power_of(const mf_area *area, const mf_energy_table *table,
                      const mf_analytic_result *r, const mf_op_array *arrays, uint64_t batch,
                      mf_arena *arena, mf_power *power, mf_diag *diag)
{
    double ms = r->latency_ms;
    *power = (mf_power){.parts = MF_NEW_ARRAY(arena, mf_spent, area->n_parts + 1),
                        .chip = {.name = "chip", .knows_dynamic = true},
                        .dram = {.name = "DRAM", .knows_dynamic = true},
                        .system = {.name = "chip and DRAM", .knows_dynamic = true},
                        .latency_ms = ms,
                        .frames_per_s = (double)batch / ms * 1e3};
    if (!power->parts)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < area->n_parts; i++) {
        const mf_area_part *part = &area->parts[i];
        power->parts[power->n_parts++] = (mf_spent){.name = part->name,
                                                    .part = part,
                                                    .knows_dynamic = has_price(part),
                                                    .dynamic_mj = dynamic_mj(part, r, arrays),
                                                    .leakage_mj = part->leakage_mw * ms * 1e-3};
    }
    if (table->static_mw > 0)
        power->parts[power->n_parts++] = (mf_spent){.name = "static", .leakage_mj = r->static_mj};
    for (size_t i = 0; i < power->n_parts; i++) {
        finish(&power->parts[i], ms);
        add(&power->chip, &power->parts[i]);
    }
    power->dram.dynamic_mj = sum3(r->access_mj[MF_LEVEL_DRAM]) + r->vector_dram_mj;
    finish(&power->dram, ms);
    add(&power->system, &power->chip);
    add(&power->system, &power->dram);
    for (size_t i = 0; i < r->n_rows; i++)
        if (!r->rows[i].vector)
            power->n_macs += r->rows[i].found.counts.n_macs;
    power->chip_tops_per_w = tops_per_w(power->n_macs, power->chip.energy_mj);
    power->system_tops_per_w = tops_per_w(power->n_macs, power->system.energy_mj);
    return MF_OK;
}
