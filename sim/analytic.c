/* Layer by layer: which PEs, which widths, which mapping; then the sums. */
#include "sim/analytic_runner.h"

#include "base/arena.h"
#include "sim/schedule_json.h"
#include "sim/schedule_trial.h"

#include <string.h>

const char *mf_schedule_kind_name(int kind)
{
    static const char *const names[MF_N_SCHEDULE_KINDS] = {"layer", "resident", "fused", "given"};
    return names[kind];
}

mf_bits mf_analytic_bits(const mf_operators *operators, const mf_analytic_options *options,
                         const mf_assignment *assignment, const mf_operator *op,
                         const mf_layer *layer)
{
    const mf_bits *own = assignment->bits_of_layer;
    if (layer->activation_bits) /* its numbers have their widths already */
        return (mf_bits){layer->activation_bits, false};
    if (own && own[layer->number].activation_bits)
        return own[layer->number];
    return mf_operator_bits(mf_operators_at(operators, assignment->variant), op, options->bits);
}

/* What its readers have it write; a trace knows that already. */
static void set_written(const mf_runner *r, const mf_layer *layer, mf_widths *widths)
{
    widths->written_bits =
        mf_readers_written_bits(r->readers[layer - r->network->layers], widths->ofmap_bits);
    if (layer->written_bits) {
        widths->ofmap_bits = layer->ofmap_bits;
        widths->written_bits = layer->written_bits;
    }
}

mf_status mf_runner_widths_on(const mf_runner *r, const mf_layer *layer, const mf_operator *op,
                              mf_widths *widths, mf_diag *diag)
{
    const mf_shape *s = &layer->shape;
    mf_bits bits =
        mf_analytic_bits(r->basis->operators, &r->basis->options, r->assignment, op, layer);
    MF_TRY(mf_accelerator_demand(r->basis->accelerator, MF_GROUP_ACCOUNT, diag));
    MF_TRY(mf_operator_widths(op, bits, r->basis->accelerator->psum_bits, s->c / s->g * s->r * s->s,
                              widths, diag));
    if (layer->weight_bits) {
        widths->weight_bits = layer->weight_bits;
        widths->product_shift = layer->product_shift;
    }
    set_written(r, layer, widths);
    return MF_OK;
}

/* Layers without weights have the activations of the variant's own operator, or the numbers that it
 * writes where these are signs. */
mf_status mf_runner_widths(const mf_runner *r, const mf_layer *layer, mf_widths *widths,
                           mf_diag *diag)
{
    if (mf_layer_has_weights(layer))
        return mf_runner_widths_on(
            r, layer,
            mf_operators_at(r->basis->operators, r->assignment->op_of_layer[layer->number]), widths,
            diag);
    MF_TRY(mf_operator_widths(mf_operators_at(r->basis->operators, r->assignment->variant),
                              r->basis->options.bits, 64, 1, widths, diag));
    widths->activation_bits = widths->ofmap_bits;
    if (layer->activation_bits) { /* its numbers have their widths already */
        widths->activation_bits = widths->ofmap_bits = layer->activation_bits;
        widths->floating = false;
    }
    set_written(r, layer, widths);
    return MF_OK;
}

/* ---- one layer ---------------------------------------------------------------------------------
 */

static void add_tally(mf_search_tally *sum, const mf_search_tally *t)
{
    sum->n_tried += t->n_tried;
    sum->n_cut += t->n_cut;
    sum->n_array_tiles += t->n_array_tiles;
    sum->n_pruned += t->n_pruned;
    sum->n_rejected_pes += t->n_rejected_pes;
    sum->n_rejected_registers += t->n_rejected_registers;
    sum->n_rejected_buffer += t->n_rejected_buffer;
}

static mf_status prepare_layer(mf_runner *r, const mf_layer *layer, mf_analytic_row *row,
                               mf_diag *diag)
{
    mf_zeros zeros = r->assignment->zeros ? r->assignment->zeros[layer->number] : MF_ZEROS_UNKNOWN;
    *row = (mf_analytic_row){.layer = layer,
                             .work = mf_layer_kind_name(layer->kind),
                             .op = r->assignment->op_of_layer[layer->number],
                             .zeros = zeros};
    const mf_operator *op = mf_operators_at(r->basis->operators, row->op);
    MF_TRY(mf_runner_widths_on(r, layer, op, &row->widths, diag));
    MF_TRY(mf_machine_make(r->basis->accelerator, op, &row->widths, r->basis->prices, zeros,
                           &row->machine, diag));
    if (r->pe_columns) {
        row->machine.capacity.pe_rows = r->basis->accelerator->pe_rows;
        row->machine.capacity.pe_columns = r->pe_columns[row->op];
        row->machine.array_pes = (double)(r->basis->accelerator->pe_rows * r->pe_columns[row->op]);
    }
    row->pe_rows = row->machine.capacity.pe_rows;
    row->pe_columns = row->machine.capacity.pe_columns;
    return mf_runner_lay_out_array(r, row, diag);
}

mf_status mf_runner_prepare(mf_runner *r, size_t i, const mf_analytic_row **row, mf_diag *diag)
{
    const mf_layer *layer = &r->network->layers[i];
    mf_analytic_row *made = &r->prepared[i];
    *row = made;
    if (made->layer)
        return MF_OK;
    mf_analytic_row fresh;
    if (mf_layer_has_weights(layer)) {
        MF_TRY(prepare_layer(r, layer, &fresh, diag));
    } else {
        fresh = (mf_analytic_row){
            .layer = layer, .work = mf_layer_kind_name(layer->kind), .vector = true};
        MF_TRY(mf_runner_widths(r, layer, &fresh.widths, diag));
    }
    *made = fresh;
    return MF_OK;
}

/* ---- the network -------------------------------------------------------------------------------
 */

void mf_analytic_note_zeros(const mf_analytic_row *row, mf_analytic_result *sum)
{
    enum { MOST_RUN_BITS = 16 }; /* run_length_bits in models/accelerator_keys.def */
    uint64_t bits = row->widths.activation_bits;
    if (row->machine.gates_padding && row->zeros.ifmap > 0) /* the operator gates zeros */
        sum->zeros_may_gate = true;
    for (uint64_t run = 1; run <= MOST_RUN_BITS; run++)
        if (mf_run_length_ratio(run, bits, row->zeros.ifmap) < 1 ||
            (mf_machine_output_may_be_coded(&row->machine) &&
             mf_run_length_ratio(run, row->machine.output_bits, row->zeros.ofmap) < 1))
            sum->zeros_may_code = true;
}

void mf_analytic_sum(const mf_analytic_basis *basis, mf_analytic_result *sum)
{
    double per_ms = 1 / (basis->accelerator->clock_mhz * 1e3), pes_ms = 0, busy_ms = 0;
    *sum = (mf_analytic_result){.rows = sum->rows,
                                .n_rows = sum->n_rows,
                                .tally = sum->tally,
                                .schedule = sum->schedule,
                                .layouts = sum->layouts,
                                .tasks = sum->tasks,
                                .stops = sum->stops};
    for (size_t i = 0; i < sum->n_rows; i++) {
        const mf_analytic_row *row = &sum->rows[i];
        const mf_cost *cost = &row->found.cost;
        double mj = row->energy_pj * 1e-9, ms = row->cycles * per_ms;
        *(row->vector ? &sum->vector_mj : &sum->array_mj) += mj;
        *(row->vector ? &sum->vector_ms : &sum->array_ms) += ms;
        sum->peak_bits = row->peak_bits > sum->peak_bits ? row->peak_bits : sum->peak_bits;
        mf_traffic_add(&sum->traffic, &row->traffic);
        if (row->vector) {
            sum->vector_buffer_mj += row->vector_buffer_pj * 1e-9;
            sum->vector_dram_mj += row->vector_dram_pj * 1e-9;
            continue;
        }
        mf_analytic_note_zeros(row, sum);
        sum->mac_mj += cost->mac_pj * 1e-9;
        for (int level = 0; level < MF_N_LEVELS; level++)
            for (int t = 0; t < MF_N_TENSORS; t++)
                sum->access_mj[level][t] += cost->access_pj[level][t] * 1e-9;
        pes_ms += ms;
        busy_ms += ms * row->utilisation;
    }
    sum->latency_ms = sum->array_ms + sum->vector_ms;
    sum->static_mj = basis->prices->table->static_mw * sum->latency_ms * 1e-3;
    sum->energy_mj = sum->array_mj + sum->vector_mj + sum->static_mj;
    sum->utilisation = pes_ms > 0 ? busy_ms / pes_ms : 0;
}

/* The tasks of a layer, summed: one row, or two with what follows it. */
static mf_status run_layer(mf_runner *r, const mf_layout *layout, size_t i, mf_analytic_task *tasks,
                           mf_search_tally *tally, mf_analytic_row *rows, size_t *n_rows,
                           mf_diag *diag)
{
    *n_rows = 0;
    for (uint64_t band = 0; band < layout->n_bands; band++) {
        mf_analytic_task *kept =
            &tasks[band * layout->segment->n_layers + i - layout->segment->first];
        mf_analytic_row task[2];
        size_t n;
        if (!mf_rows_count(mf_layout_task(layout, band, i)->made))
            continue;
        MF_TRY(mf_runner_place(r, &r->schedule, layout, band, i, &kept->place, diag));
        MF_TRY(mf_runner_task(r, i, &kept->place, true, task, &n, diag));
        kept->row = task[0];
        if (!task->vector && !task->known)
            add_tally(tally, &task->found.tally);
        for (size_t k = 0; k < n; k++)
            mf_runner_add(&rows[k], &task[k]);
        *n_rows = n > *n_rows ? n : *n_rows;
    }
    rows->recomputed_rows = mf_layout_recomputed_rows(&r->schedule, layout, i);
    return MF_OK;
}

static mf_status run_layers(mf_runner *r, mf_analytic_result *result, mf_diag *diag)
{
    result->tasks = MF_NEW_ARRAY(r->arena, mf_analytic_task *, r->schedule.n_segments);
    if (!result->tasks)
        return mf_fail_memory(diag);
    for (size_t g = 0; g < r->schedule.n_segments; g++) {
        const mf_segment *segment = &r->schedule.segments[g];
        result->tasks[g] = MF_NEW_ARRAY(r->arena, mf_analytic_task, r->layouts[g].n_tasks);
        if (!result->tasks[g])
            return mf_fail_memory(diag);
        for (size_t i = segment->first; i < segment->first + segment->n_layers; i++) {
            size_t n;
            MF_TRY(run_layer(r, &r->layouts[g], i, result->tasks[g], &result->tally,
                             &result->rows[result->n_rows], &n, diag));
            result->rows[result->n_rows].segment = g;
            result->n_rows += n;
        }
    }
    result->schedule = r->schedule;
    result->layouts = r->layouts;
    return MF_OK;
}

static mf_status lay_out(mf_runner *r, mf_diag *diag)
{
    r->layouts = MF_NEW_ARRAY(r->arena, mf_layout, r->schedule.n_segments);
    if (!r->layouts)
        return mf_fail_memory(diag);
    for (size_t g = 0; g < r->schedule.n_segments; g++)
        MF_TRY(
            mf_layout_make(&r->schedule, &r->schedule.segments[g], r->arena, &r->layouts[g], diag));
    return MF_OK;
}

/* Does the network say which layer reads which? A list of layers that only have shapes does not. */
static bool knows_readers(const mf_network *network)
{
    for (size_t i = 1; i < network->n_layers; i++)
        if (network->layers[i].input[0] >= 0)
            return true;
    return network->n_layers < 2;
}

mf_status mf_runner_begin(mf_runner *r, mf_diag *diag)
{
    const mf_analytic_options *o = &r->basis->options;
    r->readers = MF_NEW_ARRAY(r->arena, mf_readers, r->network->n_layers);
    r->prepared = MF_NEW_ARRAY(r->arena, mf_analytic_row, r->network->n_layers);
    if (!r->readers || !r->prepared)
        return mf_fail_memory(diag);
    mf_readers_find(r->network, r->basis->operators, r->assignment->op_of_layer, r->readers);
    if (o->iso_area)
        MF_TRY(mf_runner_divide_area(r, diag));
    MF_TRY(mf_schedule_layer_by_layer(r->network, r->arena, &r->schedule, diag));
    if (o->schedule != MF_SCHEDULE_LAYER && !knows_readers(r->network))
        return mf_fail(diag, MF_INVALID,
                       "%s does not say which layer reads which, so no map can stay on chip",
                       r->network->name);
    if (o->schedule == MF_SCHEDULE_GIVEN) {
        mf_json root = mf_json_root(o->schedule_file);
        MF_TRY(mf_schedule_read(&root, r->network, r->arena, &r->schedule, diag));
        MF_TRY(mf_runner_check_schedule(r, diag));
    } else if (o->schedule != MF_SCHEDULE_LAYER) {
        MF_TRY(mf_runner_choose_schedule(r, o->schedule == MF_SCHEDULE_FUSED, diag));
    }
    return lay_out(r, diag);
}

static mf_status run_all(mf_runner *r, mf_analytic_result *result, mf_diag *diag)
{
    *result = (mf_analytic_result){
        .rows = MF_NEW_ARRAY(r->arena, mf_analytic_row,
                             r->network->n_layers + r->network->n_weight_layers + 1)};
    if (!result->rows)
        return mf_fail_memory(diag);
    MF_TRY(mf_runner_begin(r, diag));
    MF_TRY(run_layers(r, result, diag));
    if (r->basis->options.explains) {
        result->stops = MF_NEW_ARRAY(r->arena, mf_stop, r->schedule.n_segments);
        if (!result->stops)
            return mf_fail_memory(diag);
        MF_TRY(mf_runner_explain(r, result->stops, diag));
    }
    mf_analytic_sum(r->basis, result);
    return MF_OK;
}

mf_status mf_analytic_run(const mf_analytic_basis *basis, const mf_network *network,
                          const mf_assignment *assignment, mf_memo *memo, mf_arena *arena,
                          mf_analytic_result *result, mf_diag *diag)
{
    mf_runner r = {
        .basis = basis, .network = network, .assignment = assignment, .arena = arena, .memo = memo};
    if (!memo)
        MF_TRY(mf_analytic_memo_create(&r.memo, diag));
    mf_status status = run_all(&r, result, diag);
    if (!memo)
        mf_memo_destroy(r.memo);
    return status;
}

/* The task of a layer that does most of its work. */
static mf_status largest_task(mf_runner *r, size_t i, mf_place *place, mf_diag *diag)
{
    size_t g = 0;
    while (g + 1 < r->schedule.n_segments && r->schedule.segments[g + 1].first <= i)
        g++;
    const mf_layout *layout = &r->layouts[g];
    uint64_t best = 0;
    for (uint64_t band = 1; band < layout->n_bands; band++)
        if (mf_rows_count(mf_layout_task(layout, band, i)->made) >
            mf_rows_count(mf_layout_task(layout, best, i)->made))
            best = band;
    return mf_runner_place(r, &r->schedule, layout, best, i, place, diag);
}

mf_status mf_analytic_prepare(const mf_analytic_basis *basis, const mf_network *network,
                              const mf_assignment *assignment, const mf_layer *layer, mf_memo *memo,
                              mf_arena *arena, mf_analytic_row *row, mf_diag *diag)
{
    mf_runner r = {
        .basis = basis, .network = network, .assignment = assignment, .arena = arena, .memo = memo};
    size_t i = (size_t)(layer - network->layers);
    const mf_analytic_row *prepared;
    mf_place place;
    MF_TRY(mf_runner_begin(&r, diag));
    MF_TRY(largest_task(&r, i, &place, diag));
    mf_status status = mf_runner_prepare(&r, i, &prepared, diag);
    MF_TRY(mf_fail_at(diag, status, "layer %s", layer->name));
    *row = *prepared;
    status = mf_runner_put_place(&r, i, &place, row, diag);
    return mf_fail_at(diag, status, "layer %s", layer->name);
}
