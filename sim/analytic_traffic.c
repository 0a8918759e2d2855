/* What moves between DRAM and chip, of each tensor, and what must move whatever the schedule? */
#include "sim/analytic_runner.h"

void mf_traffic_add(mf_traffic *sum, const mf_traffic *t)
{
    sum->ifmap_bits += t->ifmap_bits;
    sum->weight_bits += t->weight_bits;
    sum->psum_bits += t->psum_bits;
    sum->output_bits += t->output_bits;
}

/* The unit reads all of its inputs, and writes its output, word by word. */
static void note_vector(const mf_place *place, mf_analytic_row *row)
{
    mf_layer band = *row->layer;
    band.shape = row->shape;
    for (size_t k = 0; k < band.n_inputs; k++)
        if (!place->in_buffer[k])
            row->traffic.ifmap_bits +=
                (double)mf_layer_input_words(&band, k) * (double)row->widths.activation_bits;
    if (place->output_to_dram)
        row->traffic.output_bits +=
            (double)mf_shape_ofmap(&row->shape) * (double)row->widths.written_bits;
}

void mf_task_note_traffic(const mf_place *place, mf_analytic_row *row)
{
    row->traffic = (mf_traffic){
        .ifmap_bits = row->load[MF_IFMAP].n_words * (double)row->widths.activation_bits,
        .weight_bits = row->load[MF_WEIGHT].n_words * (double)row->widths.weight_bits};
    if (row->vector) {
        note_vector(place, row);
        return;
    }
    const mf_flow *flow = row->found.counts.flow;
    const bool *resident = row->machine.capacity.resident;
    mf_traffic moved = {
        .ifmap_bits = resident[MF_IFMAP]
                          ? 0
                          : (double)flow[MF_IFMAP].dram_reads * (double)row->widths.activation_bits,
        .weight_bits = resident[MF_WEIGHT]
                           ? 0
                           : (double)flow[MF_WEIGHT].dram_reads * (double)row->widths.weight_bits,
        .psum_bits = 2 * (double)flow[MF_PSUM].dram_reads * (double)row->widths.psum_bits,
        .output_bits = place->output_to_dram ? (double)mf_flow_outputs(&flow[MF_PSUM]) *
                                                   (double)row->widths.written_bits
                                             : 0};
    mf_traffic_add(&row->traffic, &moved);
}

double mf_analytic_compulsory_bits(const mf_network *network, const mf_analytic_result *result)
{
    double bits = 0, input_bits = 0;
    for (size_t i = 0; i < result->n_rows; i++) {
        const mf_analytic_row *row = &result->rows[i];
        const mf_layer *layer = row->layer;
        size_t index = (size_t)(layer - network->layers);
        if (i > 0 && result->rows[i - 1].layer == layer) /* what follows it */
            continue;
        if (!row->vector)
            bits += (double)mf_shape_weights(&layer->shape) * (double)row->widths.weight_bits;
        if (result->schedule.last_reader[index] == index)
            bits += (double)mf_shape_ofmap(&layer->shape) * (double)row->widths.written_bits;
        for (size_t k = 0; k < layer->n_inputs; k++)
            if (layer->input[k] == MF_NETWORK_INPUT) {
                double read = (double)mf_schedule_input_words(network, index, k) *
                              (double)row->widths.activation_bits;
                input_bits = read > input_bits ? read : input_bits;
            }
    }
    return bits + input_bits;
}
