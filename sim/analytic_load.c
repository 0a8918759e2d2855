/* What comes into the buffer before a task begins: energy of DRAM and buffer, and time that nothing overlaps
 * with. */
#include "sim/analytic_runner.h"

void mf_task_put_loads(const mf_analytic_basis *basis, const mf_place *place, mf_analytic_row *row)
{
    const mf_machine *m = &row->machine;
    const mf_prices *prices = basis->prices;
    uint64_t bits = row->widths.activation_bits;
    if (place->loaded_words) {
        mf_load *load = &row->load[MF_IFMAP];
        *load = (mf_load){.n_words = (double)place->loaded_words,
                          .dram_pj = m->read_pj[MF_LEVEL_DRAM][MF_IFMAP],
                          .buffer_pj =
                              mf_write_price(&prices->at[MF_LEVEL_GLOBAL_BUFFER][MF_IFMAP], bits),
                          .dram_cycles = m->dram_cycles[MF_IFMAP]};
        if (row->vector) { /* which has no machine */
            load->dram_pj = mf_read_price(&prices->at[MF_LEVEL_DRAM][MF_IFMAP], bits);
            load->dram_cycles = (double)bits * mf_machine_dram_bit_cycles(basis->accelerator);
        }
    }
    if (place->loads_weights)
        row->load[MF_WEIGHT] =
            (mf_load){.n_words = (double)mf_shape_weights(&row->layer->shape),
                      .dram_pj = m->read_pj[MF_LEVEL_DRAM][MF_WEIGHT],
                      .buffer_pj = m->write_pj[MF_LEVEL_GLOBAL_BUFFER][MF_WEIGHT],
                      .dram_cycles = m->dram_cycles[MF_WEIGHT]};
}

mf_cost mf_task_load_cost(const mf_analytic_row *row)
{
    mf_cost cost = {0};
    for (int t = 0; t < MF_N_TENSORS; t++) {
        const mf_load *load = &row->load[t];
        double cycles = load->n_words * load->dram_cycles;
        cost.access_pj[MF_LEVEL_DRAM][t] = load->n_words * load->dram_pj;
        cost.access_pj[MF_LEVEL_GLOBAL_BUFFER][t] = load->n_words * load->buffer_pj;
        cost.energy_pj += load->n_words * (load->dram_pj + load->buffer_pj);
        cost.exposed_dram_cycles += cycles;
        cost.bound_cycles[MF_BOUND_DRAM] += cycles;
        cost.cycles += cycles;
    }
    return cost;
}
