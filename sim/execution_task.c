/* A task: what it waits for comes into the buffer, then the array or the vector unit makes its rows, from what is
 * in DRAM and in the buffer, and leaves them there. */
#include "sim/execution_task.h"

#include "models/vector.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A task on its way. */
typedef struct tasking {
    mf_execution *x;
    mf_running *running;
    const mf_analytic_task *task;
    mf_analytic_row row;   /* its own, to be measured */
    mf_chip_report report; /* loads, then the run, summed */
    size_t number;         /* in its segment */
} tasking;

static const mf_layout *layout_of(const tasking *t)
{
    return &t->x->account->layouts[t->x->state->segment];
}

/* Watches count from the beginning of a transfer or run: here from that of the task. */
static void watch(void *user, mf_component component, const char *what, double begin, double end)
{
    const tasking *t = user;
    double before = t->report.cycles;
    t->x->options.watch(t->x->options.watch_user, component, what, before + begin, before + end);
}

static void add_report(mf_chip_report *sum, const mf_chip_report *r)
{
    mf_counts_add(&sum->counts, &r->counts);
    for (int i = 0; i < MF_N_TENSORS; i++) {
        sum->n_loaded_words[i] += r->n_loaded_words[i];
        sum->loaded_dram_bits[i] += r->loaded_dram_bits[i];
    }
    sum->n_executed += r->n_executed;
    sum->ifmap_dram_bits += r->ifmap_dram_bits;
    sum->output_dram_bits += r->output_dram_bits;
    sum->cycles += r->cycles;
    sum->array_cycles += r->array_cycles;
    sum->compute_cycles += r->compute_cycles;
    for (int i = 0; i < MF_N_STALLS; i++)
        sum->stall_cycles[i] += r->stall_cycles[i];
    for (int i = 0; i < MF_N_COMPONENTS; i++)
        sum->busy_cycles[i] += r->busy_cycles[i];
    sum->n_passes += r->n_passes;
}

/* ---- what comes before -------------------------------------------------------------------------
 */

static const mf_operator *operator_of(const tasking *t)
{
    return mf_operators_at(t->x->basis->operators, t->row.op);
}

/* Do maps that come for a layer pass the channel run-length coded? */
static bool codes_ifmap(const tasking *t)
{
    return !t->row.vector && !mf_operator_on_signs(operator_of(t)) &&
           mf_execution_codes(t->x->basis->accelerator, t->row.widths.activation_bits,
                              t->running->zeros.ifmap);
}

static mf_status bring(tasking *t, mf_chip_load *load, mf_diag *diag)
{
    mf_chip_report report;
    const mf_accelerator *a = t->x->basis->accelerator;
    load->timing = (mf_chip_timing){.dram_latency_cycles = (double)a->dram_latency_cycles,
                                    .dram_burst_bits = (double)a->dram_burst_bits,
                                    .dram_bit_cycles = mf_machine_dram_bit_cycles(a),
                                    .run_length_bits = a->run_length_bits};
    load->watch = t->x->options.watch ? watch : NULL;
    load->watch_user = t;
    MF_TRY(mf_chip_bring(t->x->chip, load, &report, diag));
    add_report(&t->report, &report);
    return MF_OK;
}

/* The numbers of a map that the layer reads. */
static const int32_t *codes_of(const tasking *t, int map)
{
    const mf_layer *layer = t->row.layer;
    size_t k = 0;
    while (layer->input[k] != map)
        k++;
    return mf_layer_data_input(&t->running->data, k).codes;
}

static mf_status bring_rows(tasking *t, const mf_region *region, mf_rows rows, mf_diag *diag)
{
    mf_held *held = mf_state_map(t->x, region->layer);
    mf_chip_load load = {.tensor = MF_IFMAP,
                         .from = codes_of(t, region->layer),
                         .to = held->codes,
                         .n_planes = held->n_planes,
                         .map_rows = mf_map_rows(t->x->network, region->layer),
                         .ring_rows = held->rows,
                         .row_words = held->row_words,
                         .first_row = rows.begin,
                         .n_rows = mf_rows_count(rows),
                         .word_bits = held->word_bits,
                         .coded = codes_ifmap(t)};
    MF_TRY(bring(t, &load, diag));
    mf_held_note(held, rows);
    return MF_OK;
}

static mf_status bring_weights(tasking *t, mf_diag *diag)
{
    mf_held *held = &t->x->state->weights[t->running->layer];
    mf_chip_load load = {.tensor = MF_WEIGHT,
                         .from = t->running->data.weights,
                         .to = held->codes,
                         .n_planes = 1,
                         .map_rows = 1,
                         .ring_rows = 1,
                         .row_words = held->row_words,
                         .n_rows = 1,
                         .word_bits = held->word_bits};
    return bring(t, &load, diag);
}

static mf_status bring_all(tasking *t, mf_diag *diag)
{
    const mf_layout *layout = layout_of(t);
    uint64_t band = t->number / layout->segment->n_layers;
    for (size_t i = 0; i < layout->n_regions; i++) {
        const mf_region *region = &layout->regions[i];
        bool brings = region->kind == MF_REGION_LOADED && region->loader[band] == t->number;
        if (brings && mf_rows_count(region->loaded[band]))
            MF_TRY(bring_rows(t, region, region->loaded[band], diag));
    }
    return t->task->place.loads_weights ? bring_weights(t, diag) : MF_OK;
}

/* ---- on the array ------------------------------------------------------------------------------
 */

static uint64_t held_bits(const mf_execution *x)
{
    uint64_t bits = 0;
    for (size_t i = 0; i <= x->network->n_layers; i++)
        bits += mf_held_bits(&x->state->maps[i]);
    for (size_t i = 0; i < x->network->n_layers; i++)
        bits += mf_held_bits(&x->state->weights[i]);
    return bits;
}

/* From where the array reads: rows of a map that is held, or of one in DRAM. */
static void put_ifmap(const tasking *t, mf_chip_layer *layer)
{
    const mf_execution *x = t->x;
    const mf_shape *all = &t->row.layer->shape;
    mf_axis axis = mf_axis_rows(all);
    uint64_t first = mf_axis_reads(&axis, t->task->place.made).begin;
    layer->ifmap = t->running->data.ifmap;
    layer->ifmap_ring = (mf_chip_ring){all->h, first};
    if (!t->task->place.in_buffer[0])
        return;
    const mf_held *held = mf_state_map(x, t->row.layer->input[0]);
    layer->ifmap = held->codes;
    layer->ifmap_ring = (mf_chip_ring){held->rows, first};
    if (!mf_execution_by_rows(x->network, t->running->layer, 0)) /* all of it, as one column */
        layer->ifmap_ring = (mf_chip_ring){0, 0};
}

static void put_output(const tasking *t, mf_chip_layer *layer)
{
    const mf_held *held = mf_state_map(t->x, (int)t->running->layer);
    if (!t->task->place.output_in_buffer)
        return;
    layer->held = held->codes;
    layer->held_ring = (mf_chip_ring){held->rows, t->task->place.made.begin};
    layer->stores_held = t->task->place.output_to_dram;
}

/* What was loaded, as it passed the channel. */
static void measure_loads(mf_analytic_row *row, const mf_chip_report *r)
{
    const uint64_t bits[MF_N_TENSORS] = {row->widths.activation_bits, row->widths.weight_bits, 1};
    for (int i = 0; i < MF_N_TENSORS; i++) {
        mf_load *load = &row->load[i];
        load->n_words = (double)r->n_loaded_words[i];
        if (!r->n_loaded_words[i])
            continue;
        double ratio = (double)r->loaded_dram_bits[i] / (load->n_words * (double)bits[i]);
        load->dram_pj *= ratio;
        load->dram_cycles *= ratio;
    }
}

/* The task's own row: the energy of what was counted, the time of the chip. */
static void put_measured(tasking *t, mf_cost *analytic)
{
    mf_analytic_row *row = &t->row;
    const mf_chip_report *r = &t->report;
    mf_work work = mf_work_of(&row->shape);
    mf_execution_price(&row->machine, &work, &row->found.mapping, r, analytic);
    measure_loads(row, r);
    mf_cost loads = mf_task_load_cost(row);
    mf_cost_add(analytic, &loads);
    row->zeros = t->running->zeros;
    row->found.counts = r->counts;
    row->found.cost = *analytic;
    row->found.cost.cycles = r->cycles;
    row->energy_pj = analytic->energy_pj;
    row->cycles = r->cycles;
    row->utilisation = (double)r->counts.n_macs / r->cycles / row->machine.array_pes;
    mf_task_note_traffic(&t->task->place, row);
}

static mf_status run_chip(tasking *t, int64_t *psums, mf_diag *diag)
{
    const mf_execution *x = t->x;
    const mf_layer_data *data = &t->running->data;
    const mf_operator *op = operator_of(t);
    const mf_held *weights = &x->state->weights[t->running->layer];
    mf_requantiser requantiser = mf_layer_data_requantiser(data);
    mf_work work = mf_work_of(&t->row.shape);
    mf_chip_report report;
    mf_chip_layer layer = {
        .name = data->name,
        .work = &work,
        .mapping = &t->row.found.mapping,
        .machine = &t->row.machine,
        .format = data->format,
        .requantiser = &requantiser,
        .codes_ifmap = codes_ifmap(t),
        .codes_output = mf_machine_output_may_be_coded(&t->row.machine) &&
                        mf_execution_codes(x->basis->accelerator, t->row.machine.output_bits,
                                           t->running->zeros.ofmap),
        .buffer_bits = mf_machine_buffer_bits(x->basis->accelerator),
        .held_bits = held_bits(x),
        .gates_zero = op->gates_zero && x->basis->accelerator->zero_gating == 1,
        .weights = t->task->place.weights_in_buffer ? weights->codes : data->weights,
        .psums = psums,
        .fidelity = x->options.fidelity,
        .watch = x->options.watch ? watch : NULL,
        .watch_user = t};
    put_ifmap(t, &layer);
    put_output(t, &layer);
    /* Of the chip, whatever the data was made for; no sum in a model takes more than 63. */
    layer.format.psum_bits = t->row.widths.psum_bits < 63 ? t->row.widths.psum_bits : 63;
    MF_TRY(mf_execution_timing(x->basis->accelerator, op, &layer.timing, diag));
    MF_TRY(mf_execution_check_format(data, op, &t->row.widths, diag));
    mf_status status = mf_chip_run(x->chip, &layer, &report, diag);
    if (status == MF_TOO_LARGE && data->format.psum_bits > t->row.widths.psum_bits)
        mf_hint(diag,
                "the numbers were made for psums of %" PRIu64
                " bits, the accelerator's have %" PRIu64 ": --set accelerator.psum_bits=%" PRIu64
                ", or make them for fewer",
                data->format.psum_bits, t->row.widths.psum_bits, data->format.psum_bits);
    MF_TRY(status);
    add_report(&t->report, &report);
    return mf_execution_check_psums(data, t->task->place.made, psums, diag);
}

static mf_status run_on_array(tasking *t, mf_diag *diag)
{
    mf_running *running = t->running;
    mf_cost analytic;
    int64_t *psums = malloc(mf_shape_ofmap(&t->row.shape) * sizeof *psums);
    if (!psums)
        return mf_fail_memory(diag);
    mf_status status = run_chip(t, psums, diag);
    free(psums);
    MF_TRY(status);
    put_measured(t, &analytic);
    mf_cost_add(&running->measured.analytic, &analytic);
    running->measured.executed = true;
    running->measured.n_checked += mf_shape_ofmap(&t->row.shape);
    return MF_OK;
}

/* ---- on the vector unit ------------------------------------------------------------------------
 */

/* Rows of an input that are read in the buffer, to where the unit looks at them. */
static void fetch_input(const tasking *t, size_t k, int32_t *to)
{
    const mf_network *network = t->x->network;
    int map = t->row.layer->input[k];
    const mf_held *held = mf_state_map(t->x, map);
    uint64_t all = mf_map_rows(network, map);
    mf_rows rows = mf_layer_reads_rows(network, t->running->layer, k, t->task->place.made);
    for (uint64_t p = 0; p < held->n_planes; p++)
        for (uint64_t row = rows.begin; row < rows.end; row++)
            memcpy(to + (p * all + row) * held->row_words, mf_held_row(held, p, row),
                   held->row_words * sizeof *to);
}

static void leave_output(const tasking *t)
{
    const mf_layer_data *data = &t->running->data;
    const mf_shape *s = &data->shape;
    const mf_held *held = mf_state_map(t->x, (int)t->running->layer);
    mf_rows made = t->task->place.made;
    bool signs = mf_layer_data_written_bits(data) == 1;
    for (uint64_t p = 0; p < s->n * s->m; p++)
        for (uint64_t e = made.begin; e < made.end; e++) {
            const int32_t *from = t->running->outputs + (p * s->e + e) * s->f;
            int32_t *to = mf_held_row(held, p, e);
            for (uint64_t f = 0; f < s->f; f++)
                to[f] = signs ? mf_integer_sign(from[f]) : from[f];
        }
}

static mf_status run_on_vector_unit(tasking *t, mf_diag *diag)
{
    mf_running *running = t->running;
    mf_layer_data data = running->data;
    mf_rows made = t->task->place.made;
    for (size_t k = 0; k < t->row.layer->n_inputs; k++) {
        if (!t->task->place.in_buffer[k])
            continue;
        fetch_input(t, k, running->inputs[k]);
        if (k == 0)
            data.ifmap = running->inputs[k];
        else
            data.others[k - 1].codes = running->inputs[k];
    }
    MF_TRY(mf_vector_compute_rows(&data, made.begin, made.end, running->outputs, diag));
    MF_TRY(mf_execution_check_codes(&running->data, made, running->outputs, diag));
    if (t->task->place.output_in_buffer)
        leave_output(t);
    t->row.cycles += t->report.cycles - mf_task_load_cost(&t->row).cycles;
    return MF_OK;
}

/* ---- a task ------------------------------------------------------------------------------------
 */

static mf_status check_inputs(const tasking *t, mf_diag *diag)
{
    uint64_t held = held_bits(t->x), all = mf_machine_buffer_bits(t->x->basis->accelerator);
    if (held > all)
        return mf_fail(diag, MF_NO_MAPPING,
                       "what stays in the buffer takes %" PRIu64 " bits, the buffer has %" PRIu64,
                       held, all);
    for (size_t k = 0; k < t->row.layer->n_inputs; k++)
        if (t->task->place.in_buffer[k])
            MF_TRY(mf_execution_check_found(t->x, t->running, k, t->task->place.made, diag));
    return MF_OK;
}

/* What was made, and what it took, into the sums of its layer. */
static mf_status add_task(tasking *t, mf_diag *diag)
{
    mf_running *running = t->running;
    mf_analytic_row after = {0};
    mf_runner_add(&running->rows[0], &t->row);
    running->n_rows = running->n_rows ? running->n_rows : 1;
    add_report(&running->measured.report, &t->report);
    if (t->row.vector)
        return MF_OK;
    MF_TRY(mf_task_after(t->x->basis, &t->row, &after, diag));
    if (after.n_operations) {
        mf_runner_add(&running->rows[1], &after);
        running->n_rows = 2;
    }
    return MF_OK;
}

static mf_status run(tasking *t, mf_diag *diag)
{
    mf_held *own = mf_state_map(t->x, (int)t->running->layer);
    mf_rows made = t->task->place.made;
    MF_TRY(bring_all(t, diag));
    MF_TRY(check_inputs(t, diag));
    MF_TRY(t->row.vector ? run_on_vector_unit(t, diag) : run_on_array(t, diag));
    if (t->task->place.output_in_buffer) {
        mf_held_note(own, made);
        MF_TRY(mf_execution_check_left(&t->running->data, made, own, diag));
    }
    t->x->n_checked += mf_shape_ofmap(&t->row.shape);
    return add_task(t, diag);
}

mf_status mf_execution_task(mf_execution *x, mf_running *running, size_t number, mf_diag *diag)
{
    const mf_analytic_task *task = &x->account->tasks[x->state->segment][number];
    tasking t = {.x = x, .running = running, .task = task, .row = task->row, .number = number};
    if (x->options.stop && x->options.stop())
        return mf_fail(diag, MF_INTERRUPTED, "interrupted");
    mf_status status = run(&t, diag);
    MF_TRY(mf_fail_at(diag, status, "layer %s", running->data.name));
    if (x->options.task_done)
        x->options.task_done(x->options.layer_user, task, &t.report);
    return MF_OK;
}
