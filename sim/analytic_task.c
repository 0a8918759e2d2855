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

/* What comes before the task begins, into its row: energy of DRAM and buffer, and time that nothing
 * overlaps with. */
static void put_load(mf_analytic_row *row, int tensor, double words, double dram_pj,
                     double buffer_pj, double cycles, uint64_t bits)
{
    mf_cost *cost = &row->load;
    cost->access_pj[MF_LEVEL_DRAM][tensor] += words * dram_pj;
    cost->access_pj[MF_LEVEL_GLOBAL_BUFFER][tensor] += words * buffer_pj;
    cost->energy_pj += words * (dram_pj + buffer_pj);
    cost->exposed_dram_cycles += words * cycles;
    cost->bound_cycles[MF_BOUND_DRAM] += words * cycles;
    cost->cycles += words * cycles;
    *(tensor == MF_WEIGHT ? &row->traffic.weight_bits : &row->traffic.ifmap_bits) +=
        words * (double)bits;
}

static void put_loads(const mf_runner *r, const mf_place *place, mf_analytic_row *row)
{
    const mf_machine *m = &row->machine;
    const mf_prices *prices = r->basis->prices;
    uint64_t bits = row->widths.activation_bits;
    double words = (double)place->loaded_words,
           write = mf_write_price(&prices->at[MF_LEVEL_GLOBAL_BUFFER][MF_IFMAP], bits);
    if (place->loaded_words && row->vector)
        put_load(row, MF_IFMAP, words, mf_read_price(&prices->at[MF_LEVEL_DRAM][MF_IFMAP], bits),
                 write, (double)bits * mf_machine_dram_bit_cycles(r->basis->accelerator), bits);
    else if (place->loaded_words)
        put_load(row, MF_IFMAP, words, m->read_pj[MF_LEVEL_DRAM][MF_IFMAP], write,
                 m->dram_cycles[MF_IFMAP], bits);
    if (place->loads_weights)
        put_load(row, MF_WEIGHT, (double)mf_shape_weights(&row->layer->shape),
                 m->read_pj[MF_LEVEL_DRAM][MF_WEIGHT],
                 m->write_pj[MF_LEVEL_GLOBAL_BUFFER][MF_WEIGHT], m->dram_cycles[MF_WEIGHT],
                 row->widths.weight_bits);
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
    put_loads(r, place, row);
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

static void add_cost(mf_cost *sum, const mf_cost *c)
{
    sum->energy_pj += c->energy_pj;
    sum->cycles += c->cycles;
    sum->mac_pj += c->mac_pj;
    sum->n_executed += c->n_executed;
    sum->load_cycles += c->load_cycles;
    sum->fill_cycles += c->fill_cycles;
    sum->drain_cycles += c->drain_cycles;
    sum->array_cycles += c->array_cycles;
    sum->exposed_dram_cycles += c->exposed_dram_cycles;
    for (int level = 0; level < MF_N_LEVELS; level++)
        for (int t = 0; t < MF_N_TENSORS; t++)
            sum->access_pj[level][t] += c->access_pj[level][t];
    for (int b = 0; b < MF_N_BOUNDS; b++)
        sum->bound_cycles[b] += c->bound_cycles[b];
}

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
    if (place->loaded_words || place->loads_weights)
        add_cost(&row->found.cost, &row->load);
    row->energy_pj = row->found.cost.energy_pj;
    row->cycles = row->found.cost.cycles;
    row->utilisation = (double)row->found.counts.n_macs / row->cycles / row->machine.array_pes;
    return MF_OK;
}

/* The vector unit after a layer: it keeps pace with the array, or the rest of its time shows. */
static mf_status run_after(const mf_runner *r, const mf_analytic_row *before, mf_analytic_row *row,
                           mf_diag *diag)
{
    mf_vector_cost cost;
    mf_layer band = *before->layer;
    band.shape = before->shape;
    MF_TRY(mf_vector_requantise(r->basis->accelerator, r->basis->prices, &band, &before->widths,
                                &cost, diag));
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
    mf_layer band = *row->layer;
    band.shape = row->shape;
    MF_TRY(mf_vector_layer(r->basis->accelerator, r->basis->prices, &band,
                           row->widths.activation_bits, row->widths.written_bits,
                           row->widths.floating, place->in_buffer, row->keeps_output, &cost, diag));
    row->n_operations = cost.n_operations;
    row->energy_pj = cost.energy_pj + row->load.energy_pj;
    row->vector_buffer_pj = cost.buffer_pj + row->load.access_pj[MF_LEVEL_GLOBAL_BUFFER][MF_IFMAP];
    row->vector_dram_pj = cost.dram_pj + row->load.access_pj[MF_LEVEL_DRAM][MF_IFMAP];
    row->cycles = cost.cycles + row->load.cycles;
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
        mf_runner_note_traffic(r, place, rows);
        return MF_OK;
    }
    MF_TRY(run_on_array(r, place, shows, rows, diag));
    mf_runner_note_traffic(r, place, rows);
    MF_TRY(run_after(r, rows, rows + 1, diag));
    *n_rows += rows[1].n_operations > 0;
    return MF_OK;
}

mf_status mf_runner_task(mf_runner *r, size_t i, const mf_place *place, bool shows,
                         mf_analytic_row *rows, size_t *n_rows, mf_diag *diag)
{
    mf_diag why = {0};
    mf_status status = run_task(r, i, place, shows, rows, n_rows, &why);
    if (status == MF_OK || !diag)
        return status;
    mf_fail(diag, status, "layer %s: %s", r->network->layers[i].name, why.message);
    if (*why.hint)
        mf_hint(diag, "%s", why.hint);
    return status;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void add_flow(mf_flow *sum, const mf_flow *f)
{
    sum->loads += f->loads;
    sum->dram_reads += f->dram_reads;
    sum->dram_writes += f->dram_writes;
    sum->buffer_reads += f->buffer_reads;
    sum->buffer_writes += f->buffer_writes;
    sum->bus_words += f->bus_words;
    sum->deliveries += f->deliveries;
}

static void add_found(mf_analytic_row *sum, const mf_analytic_row *task)
{
    mf_counts *c = &sum->found.counts;
    const mf_counts *t = &task->found.counts;
    c->n_macs += t->n_macs;
    c->n_padded_macs += t->n_padded_macs;
    c->n_steps += t->n_steps;
    c->n_compute_cycles += t->n_compute_cycles;
    c->psum_hops += t->psum_hops;
    for (int i = 0; i < MF_N_TENSORS; i++)
        add_flow(&c->flow[i], &t->flow[i]);
    add_cost(&sum->found.cost, &task->found.cost);
    sum->utilisation = (double)c->n_macs / sum->found.cost.cycles / sum->machine.array_pes;
}

void mf_runner_add(mf_analytic_row *sum, const mf_analytic_row *task)
{
    if (sum->n_tasks == 0) {
        *sum = *task;
        return;
    }
    if (!task->vector) { /* the largest task stands for all of them */
        if (mf_shape_macs(&task->shape) > mf_shape_macs(&sum->shape)) {
            sum->found.mapping = task->found.mapping;
            sum->found.cost.bound = task->found.cost.bound;
            sum->machine = task->machine;
            sum->shape = task->shape;
        }
        add_found(sum, task);
    }
    sum->n_tasks += task->n_tasks;
    sum->held_bits = larger(sum->held_bits, task->held_bits);
    sum->peak_bits = larger(sum->peak_bits, task->peak_bits);
    mf_traffic_add(&sum->traffic, &task->traffic);
    sum->n_operations += task->n_operations;
    sum->vector_buffer_pj += task->vector_buffer_pj;
    sum->vector_dram_pj += task->vector_dram_pj;
    sum->energy_pj += task->energy_pj;
    sum->cycles += task->cycles;
}

double mf_runner_static_pj(const mf_runner *r)
{
    return r->basis->prices->table->static_mw * 1e3 / r->basis->accelerator->clock_mhz;
}
