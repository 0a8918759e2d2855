/* Numbers into the chip, measurements into the account. */
#include "sim/execution.h"

#include "base/hash.h"
#include "models/vector.h"
#include "sim/vector_unit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void mf_execution_size(const mf_analytic_basis *basis, const mf_analytic_result *account,
                       uint64_t *pe_rows, uint64_t *pe_columns)
{
    const mf_accelerator *a = basis->accelerator;
    *pe_rows = *pe_columns = 1;
    for (size_t i = 0; i < account->n_rows; i++) {
        const mf_analytic_row *row = &account->rows[i];
        *pe_rows = row->pe_rows > *pe_rows ? row->pe_rows : *pe_rows;
        *pe_columns = row->pe_columns > *pe_columns ? row->pe_columns : *pe_columns;
    }
    for (size_t i = 0; i < a->n_pools && !basis->options.iso_area; i++) {
        *pe_rows = a->pools[i].pe_rows > *pe_rows ? a->pools[i].pe_rows : *pe_rows;
        *pe_columns = a->pools[i].pe_columns > *pe_columns ? a->pools[i].pe_columns : *pe_columns;
    }
}

/* Say in which layer something went wrong. */
static mf_status in_layer(const mf_layer_data *data, mf_status status, mf_diag *diag)
{
    if (status == MF_OK || !diag)
        return status;
    mf_diag why = *diag;
    mf_fail(diag, status, "layer %s: %s", data->name, why.message);
    if (*why.hint)
        mf_hint(diag, "%s", why.hint);
    return status;
}

static double share_of_zeros(const int32_t *codes, uint64_t n)
{
    uint64_t zeros = 0;
    for (uint64_t i = 0; i < n; i++)
        zeros += codes[i] == 0;
    return n ? (double)zeros / (double)n : 0;
}

mf_zeros mf_execution_zeros(const mf_layer_data *data)
{
    return (mf_zeros){share_of_zeros(data->ifmap, mf_shape_ifmap(&data->shape)),
                      share_of_zeros(data->ofmap, mf_shape_ofmap(&data->shape))};
}

/* ---- is it right? ------------------------------------------------------------------------------
 */

typedef struct difference {
    uint64_t first, n;
    int64_t found, expected;
} difference;

static void note_difference(difference *d, uint64_t at, int64_t found, int64_t expected)
{
    if (d->n++ > 0)
        return;
    d->first = at;
    d->found = found;
    d->expected = expected;
}

static mf_status report_difference(const difference *d, const mf_shape *s, const char *what,
                                   mf_diag *diag)
{
    uint64_t at = d->first, f = at % s->f, e = at / s->f % s->e, m = at / s->f / s->e % s->m,
             n = at / s->f / s->e / s->m;
    if (!d->n)
        return MF_OK;
    return mf_fail(diag, MF_DIFFERENT,
                   "the chip's %s of image %" PRIu64 ", channel %" PRIu64 ", row %" PRIu64
                   ", column %" PRIu64 " is %" PRId64 ", expected %" PRId64 "; %" PRIu64
                   " of %" PRIu64 " differ",
                   what, n, m, e, f, d->found, d->expected, d->n, mf_shape_ofmap(s));
}

static mf_status check_outputs(const mf_layer_data *data, const int64_t *psums, mf_diag *diag)
{
    const mf_shape *s = &data->shape;
    uint64_t n = mf_shape_ofmap(s), plane = s->e * s->f;
    mf_requantiser requantiser = mf_layer_data_requantiser(data);
    difference sums = {0}, codes = {0};
    for (uint64_t i = 0; i < n; i++)
        if (psums[i] != data->psums[i])
            note_difference(&sums, i, psums[i], data->psums[i]);
    MF_TRY(report_difference(&sums, s, "sum", diag));
    for (uint64_t i = 0; i < n; i++) {
        int32_t code = mf_requantise(&requantiser, i / plane % s->m, psums[i]);
        if (code != data->ofmap[i])
            note_difference(&codes, i, code, data->ofmap[i]);
    }
    return report_difference(&codes, s, "output code", diag);
}

/* ---- a layer on the array ----------------------------------------------------------------------
 */

mf_status mf_execution_timing(const mf_accelerator *a, const mf_operator *op,
                              mf_chip_timing *timing, mf_diag *diag)
{
    MF_TRY(mf_accelerator_demand(a, MF_GROUP_CHIP, diag));
    if (!op->initiation_interval_cycles)
        return mf_fail(diag, MF_INVALID,
                       "operator %s has no \"datapath\": it can be priced, but not executed",
                       op->name);
    *timing = (mf_chip_timing){.dram_latency_cycles = (double)a->dram_latency_cycles,
                               .dram_burst_bits = (double)a->dram_burst_bits,
                               .dram_bit_cycles = mf_machine_dram_bit_cycles(a),
                               .run_length_bits = a->run_length_bits,
                               .buffer_banks = a->buffer_banks,
                               .buffer_bank_bits = (double)a->buffer_bank_bits,
                               .prefetch_words = a->weight_prefetch_words,
                               .input_fifo_tiles = a->input_fifo_tiles,
                               .initiation_cycles = op->initiation_interval_cycles,
                               .pipeline_cycles = op->pipeline_cycles};
    return MF_OK;
}

/* The numbers must be for the operator and of the widths that the account is for. */
static mf_status check_format(const mf_layer_data *data, const mf_operator *op,
                              const mf_widths *widths, mf_diag *diag)
{
    const mf_integer_format *f = &data->format;
    if (strcmp(data->op, op->name) != 0)
        return mf_fail(diag, MF_INVALID, "its numbers are for operator %s, the account's is %s",
                       data->op, op->name);
    if (f->activation_bits != widths->activation_bits || f->weight_bits != widths->weight_bits)
        return mf_fail(diag, MF_INVALID,
                       "its activations have %" PRIu64 " bits and its weights %" PRIu64
                       ", the account's %" PRIu64 " and %" PRIu64,
                       f->activation_bits, f->weight_bits, widths->activation_bits,
                       widths->weight_bits);
    uint64_t ofmap_bits = mf_layer_data_ofmap_bits(data),
             written_bits = mf_layer_data_written_bits(data);
    if (ofmap_bits == widths->ofmap_bits && written_bits == widths->written_bits)
        return MF_OK;
    return mf_fail(diag, MF_INVALID,
                   "its outputs have %" PRIu64 " bits and take %" PRIu64
                   " in memory, the account's %" PRIu64 " and %" PRIu64,
                   ofmap_bits, written_bits, widths->ofmap_bits, widths->written_bits);
}

bool mf_execution_codes(const mf_accelerator *a, uint64_t bits, double zeros)
{
    return mf_run_length_ratio(a->run_length_bits, bits, zeros) < 1;
}

void mf_execution_price(mf_machine *m, const mf_work *work, const mf_mapping *mapping,
                        const mf_chip_report *report, mf_cost *cost)
{
    const mf_counts *counts = &report->counts;
    const mf_flow *flow = counts->flow;
    double outputs = (double)mf_flow_outputs(&flow[MF_PSUM]),
           positions = (double)(counts->n_macs - (m->gates_padding ? counts->n_padded_macs : 0)),
           bits = (double)m->capacity.bits[MF_IFMAP],
           output_bits = (double)(m->output_bits + m->beside_bits);
    m->executed = positions > 0 ? (double)report->n_executed / positions : 1;
    if (report->ifmap_dram_bits) {
        double ratio = (double)report->ifmap_dram_bits / ((double)flow[MF_IFMAP].dram_reads * bits);
        m->read_pj[MF_LEVEL_DRAM][MF_IFMAP] *= ratio;
        m->dram_cycles[MF_IFMAP] *= ratio;
    }
    if (report->output_dram_bits) {
        double ratio = (double)report->output_dram_bits / (outputs * output_bits);
        m->output_pj *= ratio;
        m->output_cycles *= ratio;
    }
    mf_contributions contributions = mf_contributions_of(work, mapping);
    mf_tiles tiles = mf_tiles_of(mapping, &contributions);
    mf_cost_of(m, mapping, counts, &tiles, cost);
}

/* What the chip measures is put on top of the account's prices: those of coded words and gated
 * positions would be coded and gated again. Nor does a layer run twice. */
static mf_status check_unknown(const mf_analytic_row *row, mf_diag *diag)
{
    if (row->zeros.ifmap < 0 && row->zeros.ofmap < 0)
        return MF_OK;
    return mf_fail(diag, MF_INVALID,
                   "its zeros are in the account already, and would count twice: the chip runs an "
                   "account of unknown zeros, each layer once");
}

/* The account's own row: the energy of what was counted, the time of the chip. */
static void put_measured(mf_analytic_row *row, mf_execution_row *measured)
{
    const mf_chip_report *r = &measured->report;
    mf_work work = mf_work_of(&row->layer->shape);
    mf_execution_price(&row->machine, &work, &row->found.mapping, r, &measured->analytic);
    row->zeros = measured->zeros;
    row->found.counts = r->counts;
    row->found.cost = measured->analytic;
    row->found.cost.cycles = r->cycles;
    row->energy_pj = measured->analytic.energy_pj;
    row->cycles = r->cycles;
    row->utilisation = (double)r->counts.n_macs / r->cycles / row->machine.array_pes;
}

static mf_status run_on_array(mf_execution *x, const mf_layer_data *data, mf_analytic_row *row,
                              mf_execution_row *measured, int64_t *psums, mf_diag *diag)
{
    const mf_operator *op = mf_operators_at(x->basis->operators, row->op);
    mf_requantiser requantiser = mf_layer_data_requantiser(data);
    mf_work work = mf_work_of(&data->shape);
    uint64_t bits = row->widths.activation_bits;
    measured->zeros = mf_execution_zeros(data);
    mf_chip_layer layer = {
        .name = data->name,
        .work = &work,
        .mapping = &row->found.mapping,
        .machine = &row->machine,
        .format = data->format,
        .requantiser = &requantiser,
        .codes_ifmap = mf_execution_codes(x->basis->accelerator, bits, measured->zeros.ifmap),
        .codes_output = mf_machine_output_may_be_coded(&row->machine) &&
                        mf_execution_codes(x->basis->accelerator, row->machine.output_bits,
                                           measured->zeros.ofmap),
        .buffer_bits = mf_machine_buffer_bits(x->basis->accelerator),
        .gates_zero = op->gates_zero && x->basis->accelerator->zero_gating == 1,
        .ifmap = data->ifmap,
        .weights = data->weights,
        .psums = psums,
        .fidelity = x->options.fidelity,
        .watch = x->options.watch,
        .watch_user = x->options.watch_user};
    /* Of the chip, whatever the data was made for; no sum in a model takes more than 63. */
    layer.format.psum_bits = row->widths.psum_bits < 63 ? row->widths.psum_bits : 63;
    MF_TRY(check_unknown(row, diag));
    MF_TRY(mf_execution_timing(x->basis->accelerator, op, &layer.timing, diag));
    MF_TRY(check_format(data, op, &row->widths, diag));
    mf_status status = mf_chip_run(x->chip, &layer, &measured->report, diag);
    if (status == MF_TOO_LARGE && data->format.psum_bits > row->widths.psum_bits)
        mf_hint(diag,
                "the numbers were made for psums of %" PRIu64
                " bits, the accelerator's have %" PRIu64 ": --set accelerator.psum_bits=%" PRIu64
                ", or make them for fewer",
                data->format.psum_bits, row->widths.psum_bits, data->format.psum_bits);
    MF_TRY(status);
    MF_TRY(check_outputs(data, psums, diag));
    measured->executed = true;
    measured->n_checked = mf_shape_ofmap(&data->shape);
    put_measured(row, measured);
    return MF_OK;
}

static mf_status run_on_vector_unit(const mf_layer_data *data, int32_t *ofmap, mf_diag *diag)
{
    uint64_t n = mf_shape_ofmap(&data->shape);
    difference codes = {0};
    MF_TRY(mf_vector_compute(data, ofmap, diag));
    for (uint64_t i = 0; i < n; i++)
        if (ofmap[i] != data->ofmap[i])
            note_difference(&codes, i, ofmap[i], data->ofmap[i]);
    return report_difference(&codes, &data->shape, "output code", diag);
}

/* The row of a layer: its work on the array, or all of it where it has no weights. */
static mf_analytic_row *row_of(const mf_execution *x, size_t layer_index)
{
    for (size_t i = 0; i < x->account->n_rows; i++)
        if (x->account->rows[i].layer == &x->network->layers[layer_index])
            return &x->account->rows[i];
    return NULL;
}

/* ---- maps that stay ----------------------------------------------------------------------------
 */

/* What a layer finds in the buffer must be what the layer that made it left there. */
static mf_status check_found(const mf_execution *x, const mf_analytic_row *row,
                             const mf_layer_data *data, mf_diag *diag)
{
    const mf_layer *layer = row->layer;
    for (size_t k = 0; k < layer->n_inputs; k++) {
        if (!row->keeps_input[k])
            continue;
        size_t n_bytes = mf_layer_input_words(layer, k) * sizeof(int32_t);
        if (x->kept_digest[layer->input[k]] !=
            mf_hash_bytes(MF_HASH_BEGIN, mf_layer_data_input(data, k).codes, n_bytes))
            return mf_fail(diag, MF_DIFFERENT,
                           "the map that it reads in the buffer is not the one that %s left there",
                           x->network->layers[layer->input[k]].name);
    }
    return MF_OK;
}

/* Numbers, or their signs where nobody reads more. */
static uint64_t digest_of_output(const mf_layer_data *data)
{
    uint64_t n = mf_shape_ofmap(&data->shape), digest = MF_HASH_BEGIN;
    if (mf_layer_data_written_bits(data) > 1)
        return mf_hash_bytes(digest, data->ofmap, n * sizeof *data->ofmap);
    for (uint64_t i = 0; i < n; i++) {
        int32_t sign = mf_integer_sign(data->ofmap[i]);
        digest = mf_hash_bytes(digest, &sign, sizeof sign);
    }
    return digest;
}

static void leave_output(mf_execution *x, const mf_analytic_row *row, const mf_layer_data *data)
{
    if (row->keeps_output)
        x->kept_digest[row->layer - x->network->layers] = digest_of_output(data);
}

mf_status mf_execution_layer(void *execution, size_t layer_index, const mf_layer_data *data,
                             mf_diag *diag)
{
    mf_execution *x = execution;
    mf_analytic_row *row = row_of(x, layer_index);
    if (!row || row->vector == mf_layer_data_has_weights(data))
        return mf_fail(diag, MF_INVALID, "layer %s: the account has none like it", data->name);
    mf_execution_row *measured = &x->rows[row - x->account->rows];
    uint64_t n = mf_shape_ofmap(&data->shape);
    MF_TRY(in_layer(data, check_found(x, row, data, diag), diag));
    void *outputs = malloc(n * sizeof(int64_t));
    if (!outputs)
        return mf_fail_memory(diag);
    mf_status status = row->vector ? run_on_vector_unit(data, outputs, diag)
                                   : run_on_array(x, data, row, measured, outputs, diag);
    free(outputs);
    MF_TRY(in_layer(data, status, diag));
    leave_output(x, row, data);
    x->n_layers++;
    x->n_checked += n;
    if (x->options.layer_done)
        x->options.layer_done(x->options.layer_user, row, measured);
    return MF_OK;
}

/* The vector unit follows the array: it shows where it takes longer than the chip took. */
static mf_status pace_vector_unit(const mf_execution *x, mf_diag *diag)
{
    for (size_t i = 1; i < x->account->n_rows; i++) {
        mf_analytic_row *row = &x->account->rows[i];
        const mf_analytic_row *before = row - 1;
        mf_vector_cost cost;
        if (!row->vector || row->layer != before->layer)
            continue;
        MF_TRY(mf_vector_requantise(x->basis->accelerator, x->basis->prices, row->layer,
                                    &before->widths, &cost, diag));
        row->cycles = cost.cycles > before->cycles ? cost.cycles - before->cycles : 0;
    }
    return MF_OK;
}

mf_status mf_execution_finish(mf_execution *x, mf_diag *diag)
{
    if (x->n_layers != x->network->n_layers)
        return mf_fail(diag, MF_INVALID, "%" PRIu64 " of %zu layers were run", x->n_layers,
                       x->network->n_layers);
    MF_TRY(pace_vector_unit(x, diag));
    mf_analytic_sum(x->basis, x->account);
    return MF_OK;
}
