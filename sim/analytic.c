/* Layer by layer: which PEs, which widths, which mapping; then the sums. */
#include "sim/analytic_runner.h"

#include "base/arena.h"
#include "sim/vector_unit.h"

#include <string.h>

/* Say in which layer something went wrong. */
static mf_status in_layer(const mf_layer *layer, mf_status status, mf_diag *diag)
{
    if (status == MF_OK || !diag)
        return status;
    mf_diag why = *diag;
    mf_fail(diag, status, "layer %s: %s", layer->name, why.message);
    if (*why.hint)
        mf_hint(diag, "%s", why.hint);
    return status;
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

static mf_status prepare_layer(const mf_runner *r, const mf_layer *layer, mf_analytic_row *row,
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
    MF_TRY(mf_runner_keep_maps(r, row, diag));
    row->pe_rows = row->machine.capacity.pe_rows;
    row->pe_columns = row->machine.capacity.pe_columns;
    return MF_OK;
}

/* The best mapping; `shows`: in a row of the account. */
static mf_status run_layer(const mf_runner *r, const mf_layer *layer, bool shows,
                           mf_analytic_row *row, mf_diag *diag)
{
    mf_work work = mf_work_of(&layer->shape);
    MF_TRY(prepare_layer(r, layer, row, diag));
    mf_known *known;
    MF_TRY(mf_runner_search(r, &work, row, &known, diag));
    row->found = known->found;
    row->known = known->shown;
    known->shown = known->shown || shows;
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
    MF_TRY(mf_vector_requantise(r->basis->accelerator, r->basis->prices, before->layer,
                                &before->widths, &cost, diag));
    *row = (mf_analytic_row){.layer = before->layer,
                             .work = before->widths.floating ? "normalise" : "requantise",
                             .vector = true,
                             .widths = before->widths,
                             .n_operations = cost.n_operations,
                             .energy_pj = cost.energy_pj,
                             .cycles =
                                 cost.cycles > before->cycles ? cost.cycles - before->cycles : 0};
    row->widths.activation_bits = before->widths.ofmap_bits; /* which is what it makes */
    return MF_OK;
}

static mf_status run_between(const mf_runner *r, const mf_layer *layer, mf_analytic_row *row,
                             mf_diag *diag)
{
    mf_vector_cost cost;
    *row =
        (mf_analytic_row){.layer = layer, .work = mf_layer_kind_name(layer->kind), .vector = true};
    MF_TRY(mf_runner_widths(r, layer, &row->widths, diag));
    MF_TRY(mf_runner_keep_maps(r, row, diag));
    MF_TRY(mf_vector_layer(r->basis->accelerator, r->basis->prices, layer,
                           row->widths.activation_bits, row->widths.written_bits,
                           row->widths.floating, row->keeps_input, row->keeps_output, &cost, diag));
    row->n_operations = cost.n_operations;
    row->energy_pj = cost.energy_pj;
    row->vector_buffer_pj = cost.buffer_pj;
    row->vector_dram_pj = cost.dram_pj;
    row->cycles = cost.cycles;
    return MF_OK;
}

mf_status mf_runner_layer(const mf_runner *r, const mf_layer *layer, bool shows,
                          mf_analytic_row *rows, size_t *n_rows, mf_diag *diag)
{
    *n_rows = 1;
    if (!mf_layer_has_weights(layer))
        return in_layer(layer, run_between(r, layer, rows, diag), diag);
    MF_TRY(in_layer(layer, run_layer(r, layer, shows, rows, diag), diag));
    MF_TRY(in_layer(layer, run_after(r, rows, rows + 1, diag), diag));
    *n_rows += rows[1].n_operations > 0;
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
    *sum = (mf_analytic_result){.rows = sum->rows, .n_rows = sum->n_rows, .tally = sum->tally};
    for (size_t i = 0; i < sum->n_rows; i++) {
        const mf_analytic_row *row = &sum->rows[i];
        const mf_cost *cost = &row->found.cost;
        double mj = row->energy_pj * 1e-9, ms = row->cycles * per_ms;
        *(row->vector ? &sum->vector_mj : &sum->array_mj) += mj;
        *(row->vector ? &sum->vector_ms : &sum->array_ms) += ms;
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

static mf_status run_layers(const mf_runner *r, mf_analytic_result *result, mf_diag *diag)
{
    for (size_t i = 0; i < r->network->n_layers; i++) {
        const mf_layer *layer = &r->network->layers[i];
        mf_analytic_row *row = &result->rows[result->n_rows];
        size_t n;
        MF_TRY(mf_runner_layer(r, layer, true, row, &n, diag));
        if (!row->vector && !row->known)
            add_tally(&result->tally, &row->found.tally);
        result->n_rows += n;
    }
    return MF_OK;
}

mf_status mf_runner_begin(mf_runner *r, size_t last, mf_diag *diag)
{
    r->readers = MF_NEW_ARRAY(r->arena, mf_readers, r->network->n_layers);
    if (!r->readers)
        return mf_fail_memory(diag);
    mf_readers_find(r->network, r->basis->operators, r->assignment->op_of_layer, r->readers);
    if (r->basis->options.iso_area)
        MF_TRY(mf_runner_divide_area(r, diag));
    return r->basis->options.keep_on_chip ? mf_runner_choose_kept(r, last, diag) : MF_OK;
}

static mf_status run_all(mf_runner *r, mf_analytic_result *result, mf_diag *diag)
{
    *result = (mf_analytic_result){
        .rows = MF_NEW_ARRAY(r->arena, mf_analytic_row,
                             r->network->n_layers + r->network->n_weight_layers + 1)};
    if (!result->rows)
        return mf_fail_memory(diag);
    MF_TRY(mf_runner_begin(r, r->network->n_layers, diag));
    MF_TRY(run_layers(r, result, diag));
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

mf_status mf_analytic_prepare(const mf_analytic_basis *basis, const mf_network *network,
                              const mf_assignment *assignment, const mf_layer *layer, mf_memo *memo,
                              mf_arena *arena, mf_analytic_row *row, mf_diag *diag)
{
    mf_runner r = {
        .basis = basis, .network = network, .assignment = assignment, .arena = arena, .memo = memo};
    MF_TRY(mf_runner_begin(&r, (size_t)(layer - network->layers), diag));
    return in_layer(layer, prepare_layer(&r, layer, row, diag), diag);
}
