/* What the chip is told of accelerator and numbers, and what its counts cost. */
#include "sim/execution.h"

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
