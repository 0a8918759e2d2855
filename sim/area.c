/* Part by part: what is in a PE, then what is beside the array. */
#include "sim/area.h"

#include "base/arena.h"
#include "energy_tables/energy_table_area.h"

#include <math.h>

static bool has_overhead(const mf_accelerator *a)
{
    return a->given[MF_KEY_pe_overhead_um2];
}

mf_status mf_area_check(const mf_accelerator *a, const mf_energy_table *table, mf_diag *diag)
{
    if (has_overhead(a) || mf_energy_table_has_areas(table))
        return MF_OK;
    mf_fail(diag, MF_INVALID,
            "what a PE of %s takes is not known: energy table %s has no areas of memories, and "
            "pe_overhead_um2 is missing",
            a->name, table->name);
    mf_hint(diag, "take a table that has them, such as consistent-45nm, or give "
                  "accelerator.pe_overhead_um2, the area of a PE beside its datapath");
    return MF_INVALID;
}

/* The less sure of two statuses. */
static const char *worse(const char *a, const char *b)
{
    return mf_fact_rank(a) > mf_fact_rank(b) ? a : b;
}

/* ---- memories ----------------------------------------------------------------------------------
 */

/* Its own law, or the least or most of those that hold for the memory. */
static double area_by(const mf_size_law *laws, const mf_memory *memory, mf_laws which,
                      const mf_memory_law **chosen)
{
    double best = mf_memory_law_whole(&laws->law, memory);
    *chosen = &laws->law;
    for (size_t i = 0; which != MF_LAWS_OWN && i < laws->n_other_laws; i++) {
        double other = mf_memory_law_whole(&laws->other_laws[i], memory);
        if (!mf_memory_law_holds(&laws->other_laws[i], memory) ||
            (other < best) != (which == MF_LAWS_CHEAPEST))
            continue;
        best = other;
        *chosen = &laws->other_laws[i];
    }
    return best;
}

static void fill_memory(const mf_energy_table *table, int level, int tensor, mf_laws which,
                        mf_area_part *part)
{
    const char *at = mf_level_name(level), *of = mf_tensor_name(tensor);
    const mf_size_law *leakage = mf_energy_table_memory_leakage(table, at, of),
                      *area = mf_energy_table_memory_area(table, at, of);
    if (leakage)
        part->leakage_mw = mf_memory_law_whole(&leakage->law, &part->memory) * (double)part->count;
    if (part->in_overhead || !area) {
        part->status = leakage ? leakage->law.status : "";
        part->source = leakage ? leakage->law.source : "";
        return;
    }
    part->each_um2 = area_by(area, &part->memory, which, &part->law);
    part->status = part->law->status;
    part->source = part->law->source;
}

static mf_status scratchpad(const mf_accelerator *a, const mf_energy_table *table, int tensor,
                            mf_laws which, mf_area_part *part, mf_diag *diag)
{
    static const char *const names[] = {"ifmap scratchpad", "weight scratchpad", "psum scratchpad"};
    *part = (mf_area_part){.kind = MF_AREA_SCRATCHPAD,
                           .which = (size_t)tensor,
                           .name = names[tensor],
                           .count = 1,
                           .in_overhead = has_overhead(a)};
    MF_TRY(mf_memory_size(a, table, MF_LEVEL_REGISTERS, tensor, &part->memory, diag));
    fill_memory(table, MF_LEVEL_REGISTERS, tensor, which, part);
    return MF_OK;
}

/* ---- a PE --------------------------------------------------------------------------------------
 */

/* A PE takes no more than a word from a bus in a cycle, however wide that is. */
static double port_bits(const mf_accelerator *a)
{
    const double buses[] = {a->ifmap_bus_bits, a->weight_bus_bits, a->psum_in_bus_bits,
                            a->psum_out_bus_bits},
                 words[] = {(double)a->word_bits, (double)a->word_bits, (double)a->psum_bits,
                            (double)a->psum_bits};
    double bits = 0;
    for (int i = 0; i < 4; i++)
        bits += fmin(buses[i], words[i]);
    return bits;
}

static void logic(const mf_energy_table *table, int part, double units, mf_area_part *into)
{
    const mf_logic_area *area = &table->logic_areas[part];
    into->each_um2 = area->area_um2 * units;
    into->status = area->status;
    into->source = area->source;
}

enum { N_IN_PE = MF_N_TENSORS + 2 };

/* What is in one PE beside its datapaths: scratchpads, port and control, or all that as its
 * overhead. */
static mf_status parts_in_pe(const mf_accelerator *a, const mf_energy_table *table, mf_laws which,
                             mf_area_part *parts, size_t *n, mf_diag *diag)
{
    MF_TRY(mf_area_check(a, table, diag));
    MF_TRY(mf_accelerator_demand(a, MF_GROUP_ACCOUNT, diag));
    *n = 0;
    for (int t = 0; t < MF_N_TENSORS; t++)
        MF_TRY(scratchpad(a, table, t, which, &parts[(*n)++], diag));
    mf_area_part *port = &parts[(*n)++], *rest = &parts[(*n)++];
    *port = (mf_area_part){.kind = MF_AREA_NETWORK_PORT,
                           .name = "array network",
                           .count = 1,
                           .in_overhead = has_overhead(a),
                           .status = "",
                           .source = ""};
    if (has_overhead(a)) {
        const mf_fact *fact = &a->facts[MF_KEY_pe_overhead_um2];
        *rest = (mf_area_part){.kind = MF_AREA_PE_OVERHEAD,
                               .name = "PE overhead",
                               .count = 1,
                               .each_um2 = a->pe_overhead_um2,
                               .status = fact->status ? fact->status : "",
                               .source = fact->status ? fact->source : "pe_overhead_um2"};
        return MF_OK;
    }
    *rest = (mf_area_part){.kind = MF_AREA_PE_CONTROL, .name = "control", .count = 1};
    logic(table, MF_LOGIC_NETWORK_PORT, port_bits(a), port);
    logic(table, MF_LOGIC_PE_CONTROL, 1, rest);
    return MF_OK;
}

mf_status mf_area_shared_pe_um2(const mf_accelerator *accelerator, const mf_energy_table *table,
                                const mf_datapath *datapaths, size_t n_datapaths, double *pe_um2,
                                mf_diag *diag)
{
    mf_area_part parts[N_IN_PE];
    size_t n;
    *pe_um2 = 0;
    MF_TRY(parts_in_pe(accelerator, table, MF_LAWS_OWN, parts, &n, diag));
    for (size_t i = 0; i < n_datapaths; i++) {
        const char *status;
        double um2;
        MF_TRY(
            mf_machine_datapath(datapaths[i].op, &datapaths[i].widths, table, &um2, &status, diag));
        *pe_um2 += um2;
    }
    for (size_t i = 0; i < n; i++)
        *pe_um2 += parts[i].each_um2;
    return MF_OK;
}

mf_status mf_area_pe_um2(const mf_accelerator *accelerator, const mf_energy_table *table,
                         const mf_operator *op, const mf_widths *widths, double *pe_um2,
                         mf_diag *diag)
{
    const mf_datapath alone = {op, *widths, 1};
    return mf_area_shared_pe_um2(accelerator, table, &alone, 1, pe_um2, diag);
}

/* ---- beside the array --------------------------------------------------------------------------
 */

static mf_status lane(const mf_energy_table *table, const mf_widths *widths, double *um2,
                      const char **status, mf_diag *diag)
{
    static const mf_event events[] = {MF_EVENT_MULT, MF_EVENT_ADD, MF_EVENT_SHIFT};
    *um2 = 0;
    *status = mf_fact_statuses[0];
    for (size_t i = 0; i < (widths->floating ? 2u : 3u); i++) {
        double area_um2;
        const char *name = mf_event_name(events[i]);
        MF_TRY(mf_energy_table_area_um2(table, name, widths->floating, widths->psum_bits,
                                        widths->psum_bits, &area_um2, diag));
        *um2 += area_um2;
        *status = worse(*status, mf_energy_table_area_status(table, name, widths->floating));
    }
    return MF_OK;
}

mf_status mf_area_vector_um2(const mf_accelerator *a, const mf_energy_table *table,
                             const mf_widths *widths, double *um2, mf_diag *diag)
{
    const char *status;
    MF_TRY(lane(table, widths, um2, &status, diag));
    *um2 *= (double)a->vector_lanes;
    return MF_OK;
}

static mf_status beside(const mf_accelerator *a, const mf_energy_table *table,
                        const mf_widths *widths, mf_laws which, mf_area_part *buffer,
                        mf_area_part *vector, mf_diag *diag)
{
    *buffer = (mf_area_part){.kind = MF_AREA_BUFFER, .name = "buffer", .count = 1};
    MF_TRY(mf_memory_size(a, table, MF_LEVEL_GLOBAL_BUFFER, MF_IFMAP, &buffer->memory, diag));
    fill_memory(table, MF_LEVEL_GLOBAL_BUFFER, MF_IFMAP, which, buffer);
    *vector = (mf_area_part){
        .kind = MF_AREA_VECTOR_UNIT, .name = "vector unit", .count = a->vector_lanes, .source = ""};
    return lane(table, widths, &vector->each_um2, &vector->status, diag);
}

/* ---- the chip ----------------------------------------------------------------------------------
 */

mf_status mf_area_check_table(const mf_energy_table *table, mf_diag *diag)
{
    if (mf_energy_table_has_areas(table))
        return MF_OK;
    mf_fail(diag, MF_INVALID, "energy table %s has no areas of memories and control", table->name);
    mf_hint(diag, "consistent-45nm, cacti-45nm-lstp and cacti-45nm-lop have them");
    return MF_INVALID;
}

static mf_status add_datapath(const mf_datapath *d, size_t index, const mf_energy_table *table,
                              mf_arena *arena, mf_area_part *part, mf_diag *diag)
{
    *part = (mf_area_part){.kind = MF_AREA_DATAPATH,
                           .which = index,
                           .name = mf_arena_format(arena, "%s datapath", d->op->name),
                           .count = d->n_pes,
                           .source = ""};
    if (!part->name)
        return mf_fail_memory(diag);
    return mf_machine_datapath(d->op, &d->widths, table, &part->each_um2, &part->status, diag);
}

static void sum(mf_area *area)
{
    for (size_t i = 0; i < area->n_parts; i++) {
        mf_area_part *part = &area->parts[i];
        part->um2 = (double)part->count * part->each_um2;
        area->um2 += part->um2;
        area->leakage_mw += part->leakage_mw;
    }
}

mf_status mf_area_of(const mf_accelerator *a, const mf_energy_table *table,
                     const mf_datapath *datapaths, size_t n_datapaths, uint64_t n_pes, mf_laws laws,
                     mf_arena *arena, mf_area *area, mf_diag *diag)
{
    mf_area_part *parts = MF_NEW_ARRAY(arena, mf_area_part, n_datapaths + N_IN_PE + 2);
    size_t n;
    if (!parts)
        return mf_fail_memory(diag);
    MF_TRY(mf_area_check_table(table, diag));
    *area = (mf_area){.parts = parts, .knows_leakage = mf_energy_table_has_leakages(table)};
    for (size_t i = 0; i < n_datapaths; i++)
        MF_TRY(add_datapath(&datapaths[i], i, table, arena, &parts[area->n_parts++], diag));
    MF_TRY(parts_in_pe(a, table, laws, &parts[n_datapaths], &n, diag));
    for (size_t i = n_datapaths; i < n_datapaths + n; i++) {
        parts[i].count = n_pes;
        parts[i].leakage_mw *= (double)n_pes;
    }
    area->n_parts += n;
    MF_TRY(beside(a, table, &datapaths[0].widths, laws, &parts[area->n_parts],
                  &parts[area->n_parts + 1], diag));
    area->n_parts += 2;
    sum(area);
    return MF_OK;
}
