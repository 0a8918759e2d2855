/* Operations, words, and prices per layer kind. */
#include "sim/vector_unit.h"

#include "dataflows/cost.h"
#include "models/kinds/kind.h"

#include <math.h>

/* Operations of one kind on one width. */
static mf_status add_operations(const mf_prices *prices, mf_event event, bool floating,
                                uint64_t a_bits, uint64_t b_bits, uint64_t n, mf_vector_cost *cost,
                                mf_diag *diag)
{
    double energy;
    if (!n)
        return MF_OK;
    MF_TRY(mf_machine_event(prices->table, event, floating, a_bits, b_bits, &energy, diag));
    cost->n_operations += n;
    cost->energy_pj += (double)n * energy;
    return MF_OK;
}

static mf_status add_activation(const mf_prices *prices, const mf_layer *layer, uint64_t bits,
                                bool floating, uint64_t n, mf_vector_cost *cost, mf_diag *diag)
{
    switch (layer->activation) {
    case MF_ACTIVATION_NONE:
        return MF_OK;
    case MF_ACTIVATION_RELU:
    case MF_ACTIVATION_RELU6:
        return add_operations(prices, MF_EVENT_ADD, floating, bits, bits, n, cost, diag);
    default: /* by table */
        cost->n_operations += n;
        cost->energy_pj += (double)n * mf_read_price(&prices->look_up, bits);
        return MF_OK;
    }
}

mf_status mf_vector_requantise(const mf_accelerator *accelerator, const mf_prices *prices,
                               const mf_layer *layer, const mf_widths *widths, mf_vector_cost *cost,
                               mf_diag *diag)
{
    uint64_t n = mf_shape_ofmap(&layer->shape), psum = widths->psum_bits;
    bool floating = widths->floating;
    *cost = (mf_vector_cost){0};
    if (!floating) {
        MF_TRY(add_operations(prices, MF_EVENT_MULT, false, psum, psum, n, cost, diag));
        MF_TRY(add_operations(prices, MF_EVENT_ADD, false, psum, psum, n, cost, diag));
        MF_TRY(add_operations(prices, MF_EVENT_SHIFT, false, psum, psum, n, cost, diag));
    } else {
        MF_TRY(add_operations(prices, MF_EVENT_MULT, true, psum, psum, layer->norm ? n : 0, cost,
                              diag));
        MF_TRY(add_operations(prices, MF_EVENT_ADD, true, psum, psum,
                              layer->norm || layer->bias ? n : 0, cost, diag));
    }
    MF_TRY(add_activation(prices, layer, widths->ofmap_bits, floating, n, cost, diag));
    if (cost->n_operations)
        cost->cycles = ceil((double)n / (double)accelerator->vector_lanes);
    return MF_OK;
}

mf_status mf_vector_layer(const mf_accelerator *accelerator, const mf_prices *prices,
                          const mf_layer *layer, uint64_t bits, uint64_t written_bits,
                          bool floating, const bool *keeps_input, bool keeps_output,
                          mf_vector_cost *cost, mf_diag *diag)
{
    const mf_shape *s = &layer->shape;
    mf_vector_work work = mf_layer_record_of(layer->kind)->work(s, layer->maximum);
    uint64_t outputs = mf_shape_ofmap(s);
    double written = (double)outputs * (double)written_bits / (double)bits, /* in words */
        moved_in = 0, stayed_in = 0, moved_out = keeps_output ? 0 : written,
           stays_out = written - moved_out;
    *cost = (mf_vector_cost){0};
    for (size_t k = 0; k < layer->n_inputs; k++)
        *(keeps_input[k] ? &stayed_in : &moved_in) += (double)mf_layer_input_words(layer, k);
    MF_TRY(add_operations(prices, MF_EVENT_ADD, floating, bits, bits, work.n_adds, cost, diag));
    MF_TRY(add_operations(prices, MF_EVENT_MULT, floating, bits, bits, work.n_mults, cost, diag));
    MF_TRY(add_activation(prices, layer, bits, floating, outputs, cost, diag));
    const mf_access_price *dram = &prices->at[MF_LEVEL_DRAM][MF_IFMAP],
                          *buffer = &prices->at[MF_LEVEL_GLOBAL_BUFFER][MF_IFMAP];
    double read = mf_read_price(buffer, bits), write = mf_write_price(buffer, bits),
           passes = read + write;
    /* From DRAM into the buffer and out again, or the other way; what stays is read or written
     * once. */
    cost->energy_pj += mf_priced(moved_in, moved_out, mf_read_price(dram, bits) + passes,
                                 mf_write_price(dram, bits) + passes) +
                       mf_priced(stayed_in, stays_out, read, write);
    cost->dram_pj = moved_in * mf_read_price(dram, bits) + moved_out * mf_write_price(dram, bits);
    cost->buffer_pj = (moved_in + moved_out) * passes + stayed_in * read + stays_out * write;
    double lanes = ceil((double)work.n_passing / (double)accelerator->vector_lanes),
           bits_per_cycle = accelerator->dram_mb_per_s * 8 / accelerator->clock_mhz,
           channel =
               isinf(bits_per_cycle) ? 0 : (moved_in + moved_out) * (double)bits / bits_per_cycle;
    cost->cycles = lanes > channel ? lanes : channel;
    return MF_OK;
}
