/* What does a task cost: a layer, or a band of it, with some tensors in the buffer and the others in
 * DRAM? A band is a work of fewer rows, so its nest is searched as that of any layer, in what regions
 * leave of the buffer. What is in the buffer moves to DRAM and from there for nothing; what comes into
 * a region is read from DRAM and written into the buffer once, before the task begins. */
#include "sim/analytic_runner.h"

#include "sim/vector_unit.h"

#include <inttypes.h>

/* ---- widths ------------------------------------------------------------------------------------
 */

static const mf_widths *widths_of(mf_runner *r, size_t layer)
{
    const mf_analytic_row *row;
    return mf_runner_prepare(r, layer, &row, NULL) == MF_OK ? &row->widths : NULL;
}

bool mf_runner_can_hold(mf_runner *r, int map, size_t first, size_t end)
{
    const mf_widths *own = map >= 0 ? widths_of(r, (size_t)map) : NULL;
    uint64_t bits = own ? own->written_bits : 0;
    if (map >= 0 && !own)
        return false;
    for (size_t i = first; i < end; i++)
        for (size_t k = 0; k < r->network->layers[i].n_inputs; k++) {
            if (r->network->layers[i].input[k] != map)
                continue;
            const mf_widths *reader = widths_of(r, i);
            if (!reader || !mf_schedule_can_hold(r->network, i, k) ||
                (bits && reader->activation_bits != bits))
                return false;
            bits = reader->activation_bits;
        }
    return true;
}

/* Of a word of a map in the buffer: as it is written; of the network's input as it is read. */
static uint64_t map_bits(mf_runner *r, int map)
{
    for (size_t i = 0; map < 0 && i < r->network->n_layers; i++)
        for (size_t k = 0; k < r->network->layers[i].n_inputs; k++)
            if (r->network->layers[i].input[k] == map)
                return widths_of(r, i) ? widths_of(r, i)->activation_bits : 0;
    const mf_widths *own = map >= 0 ? widths_of(r, (size_t)map) : NULL;
    return own ? own->written_bits : 0;
}

uint64_t mf_runner_map_bits(mf_runner *r, size_t map)
{
    return mf_map_rows(r->network, (int)map) * mf_map_row_words(r->network, (int)map) *
           map_bits(r, (int)map);
}

uint64_t mf_runner_region_bits(mf_runner *r, const mf_region *region)
{
    if (region->kind != MF_REGION_WEIGHTS)
        return region->words * map_bits(r, region->layer);
    const mf_widths *own = widths_of(r, (size_t)region->layer);
    return region->words * (own ? own->weight_bits : 0);
}

/* ---- places ------------------------------------------------------------------------------------
 */

static void add_region(mf_runner *r, const mf_layout *layout, const mf_region *region,
                       uint64_t band, size_t task, mf_place *place)
{
    if (region->begin > task || task >= region->end)
        return;
    place->held_bits += mf_runner_region_bits(r, region);
    if (region->kind == MF_REGION_LOADED && region->loader[band] == task)
        place->loaded_words +=
            mf_rows_count(region->loaded[band]) * mf_map_row_words(r->network, region->layer);
    if (region->kind == MF_REGION_WEIGHTS &&
        (size_t)region->layer == layout->segment->first + task % layout->segment->n_layers) {
        place->weights_in_buffer = true;
        place->loads_weights = region->begin == task;
    }
}

mf_status mf_runner_place(mf_runner *r, const mf_schedule *schedule, const mf_layout *layout,
                          uint64_t band, size_t i, mf_place *place, mf_diag *diag)
{
    const mf_layer *layer = &r->network->layers[i];
    size_t end = layout->segment->first + layout->segment->n_layers,
           task = (size_t)band * layout->segment->n_layers + i - layout->segment->first,
           last = schedule->last_reader[i];
    *place = (mf_place){.made = layout->tasks[task].made,
                        .output_in_buffer = mf_layout_map(layout, (int)i) != NULL,
                        .output_to_dram = !schedule->stays[i] && (last == i || last >= end)};
    for (size_t k = 0; k < layer->n_inputs; k++)
        place->in_buffer[k] = mf_layout_map(layout, layer->input[k]) != NULL;
    for (size_t g = 0; g < layout->n_regions; g++)
        add_region(r, layout, &layout->regions[g], band, task, place);
    uint64_t all = mf_machine_buffer_bits(r->basis->accelerator);
    if (place->held_bits > all)
        return mf_fail(diag, MF_NO_MAPPING,
                       "layer %s, band %" PRIu64 ": what stays in the buffer takes %" PRIu64
                       " bits, the buffer has %" PRIu64,
                       layer->name, band, place->held_bits, all);
    return MF_OK;
}

/* The unit reads and writes words of its other maps one by one. */
static uint64_t passing_bits(const mf_analytic_row *row, const mf_place *place)
{
    uint64_t words = 0, written = place->output_to_dram ? 1 : 0;
    for (size_t k = 0; k < row->layer->n_inputs; k++)
        words += !place->in_buffer[k];
    return words * row->widths.activation_bits + written * row->widths.written_bits;
}

mf_status mf_runner_put_place(const mf_runner *r, size_t i, const mf_place *place,
                              mf_analytic_row *row, mf_diag *diag)
{
    mf_machine *m = &row->machine;
    uint64_t all = mf_machine_buffer_bits(r->basis->accelerator),
             passing = row->vector ? passing_bits(row, place) : 0;
    row->shape = mf_layer_band_shape(r->network, i, place->made);
    row->held_bits = place->held_bits;
    row->n_tasks = 1;
    for (size_t k = 0; k < row->layer->n_inputs; k++)
        row->keeps_input[k] = place->in_buffer[k];
    row->keeps_output = place->output_in_buffer && !place->output_to_dram;
    if (place->held_bits > all || passing > all - place->held_bits)
        return mf_fail(diag, MF_NO_MAPPING,
                       "what stays in the buffer takes %" PRIu64 " bits of its %" PRIu64
                       ", and %" PRIu64 " more pass through",
                       place->held_bits, all, passing);
    row->peak_bits = place->held_bits + passing;
    mf_task_put_loads(r->basis, place, row);
    if (row->vector)
        return MF_OK;
    m->capacity.buffer_bits -= place->held_bits;
    m->capacity.resident[MF_IFMAP] = place->in_buffer[0];
    m->capacity.resident[MF_WEIGHT] = place->weights_in_buffer;
    for (int t = 0; t < MF_N_TENSORS; t++)
        if (m->capacity.resident[t])
            m->dram_cycles[t] = 0;
    if (!place->output_in_buffer)
        return MF_OK;
    m->keeps_output = true;
    if (!place->output_to_dram)
        m->output_pj = m->output_cycles = 0;
    m->kept_output_pj = mf_write_price(&r->basis->prices->at[MF_LEVEL_GLOBAL_BUFFER][MF_IFMAP],
                                       row->widths.written_bits);
    return MF_OK;
}

/* ---- running -----------------------------------------------------------------------------------
 */

/* The best mapping of a task on the array. */
static mf_status run_on_array(const mf_runner *r, const mf_place *place, bool shows,
                              mf_analytic_row *row, mf_diag *diag)
{
    mf_work work = mf_work_of(&row->shape);
    mf_known *known;
    MF_TRY(mf_runner_search(r, &work, row, &known, diag));
    row->found = known->found;
    row->known = known->shown;
    known->shown = known->shown || shows;
    row->peak_bits = row->held_bits + known->tile_bits;
    if (place->loaded_words || place->loads_weights) {
        mf_cost loads = mf_task_load_cost(row);
        mf_cost_add(&row->found.cost, &loads);
    }
    row->energy_pj = row->found.cost.energy_pj;
    row->cycles = row->found.cost.cycles;
    row->utilisation = (double)row->found.counts.n_macs / row->cycles / row->machine.array_pes;
    return MF_OK;
}

mf_status mf_task_after(const mf_analytic_basis *basis, const mf_analytic_row *before,
                        mf_analytic_row *row, mf_diag *diag)
{
    mf_vector_cost cost;
    mf_layer band = *before->layer;
    band.shape = before->shape;
    MF_TRY(mf_vector_requantise(basis->accelerator, basis->prices, &band, &before->widths, &cost,
                                diag));
    *row = (mf_analytic_row){.layer = before->layer,
                             .work = before->widths.floating ? "normalise" : "requantise",
                             .vector = true,
                             .widths = before->widths,
                             .n_tasks = 1,
                             .n_operations = cost.n_operations,
                             .energy_pj = cost.energy_pj,
                             .cycles =
                                 cost.cycles > before->cycles ? cost.cycles - before->cycles : 0};
    row->widths.activation_bits = before->widths.ofmap_bits; /* which is what it makes */
    return MF_OK;
}

static mf_status run_between(const mf_runner *r, const mf_place *place, mf_analytic_row *row,
                             mf_diag *diag)
{
    mf_vector_cost cost;
    mf_cost load = mf_task_load_cost(row);
    mf_layer band = *row->layer;
    band.shape = row->shape;
    MF_TRY(mf_vector_layer(r->basis->accelerator, r->basis->prices, &band,
                           row->widths.activation_bits, row->widths.written_bits,
                           row->widths.floating, place->in_buffer, row->keeps_output, &cost, diag));
    row->n_operations = cost.n_operations;
    row->energy_pj = cost.energy_pj + load.energy_pj;
    row->vector_buffer_pj = cost.buffer_pj + load.access_pj[MF_LEVEL_GLOBAL_BUFFER][MF_IFMAP];
    row->vector_dram_pj = cost.dram_pj + load.access_pj[MF_LEVEL_DRAM][MF_IFMAP];
    row->cycles = cost.cycles + load.cycles;
    return MF_OK;
}

static mf_status run_task(mf_runner *r, size_t i, const mf_place *place, bool shows,
                          mf_analytic_row *rows, size_t *n_rows, mf_diag *diag)
{
    const mf_analytic_row *prepared;
    *n_rows = 1;
    MF_TRY(mf_runner_prepare(r, i, &prepared, diag));
    rows[0] = *prepared;
    MF_TRY(mf_runner_put_place(r, i, place, rows, diag));
    if (rows->vector) {
        MF_TRY(run_between(r, place, rows, diag));
        mf_task_note_traffic(place, rows);
        return MF_OK;
    }
    MF_TRY(run_on_array(r, place, shows, rows, diag));
    mf_task_note_traffic(place, rows);
    MF_TRY(mf_task_after(r->basis, rows, rows + 1, diag));
    *n_rows += rows[1].n_operations > 0;
    return MF_OK;
}

mf_status mf_runner_task(mf_runner *r, size_t i, const mf_place *place, bool shows,
                         mf_analytic_row *rows, size_t *n_rows, mf_diag *diag)
{
    mf_status status = run_task(r, i, place, shows, rows, n_rows, diag);
    return mf_fail_at(diag, status, "layer %s", r->network->layers[i].name);
}

double mf_runner_static_pj(const mf_runner *r)
{
    return r->basis->prices->table->static_mw * 1e3 / r->basis->accelerator->clock_mhz;
}
