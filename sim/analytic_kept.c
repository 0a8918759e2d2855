/* Which maps stay in the buffer between two layers?
 *
 * A map is as wide as its readers have it written (models/readers.h). It stays if the next layer reads
 * all of it, at that width, and no other layer does; if it leaves half of the buffer to the tiles
 * of both layers, together with the map that stayed before it (a search in a smaller rest takes
 * long), and both still have a mapping there; and if the network then takes no more energy and is
 * no worse by the objective of the search. Then nothing of it moves to DRAM or from there; any
 * other map moves as if none stayed. Maps are chosen from the first layer to the last: not the best
 * choice of all, but none that makes the account worse. */
#include "sim/analytic_runner.h"

#include <inttypes.h>

/* Does the network say which layer reads which? A list of layers that only have shapes does not. */
static bool knows_readers(const mf_network *network)
{
    for (size_t i = 1; i < network->n_layers; i++)
        if (network->layers[i].input[0] >= 0)
            return true;
    return network->n_layers < 2;
}

/* May the output of layer `i` stay at all? `elsewhere`: a layer that is not the next one reads it.
 */
static mf_status is_candidate(const mf_runner *r, size_t i, const bool *elsewhere, bool *candidate,
                              mf_diag *diag)
{
    const mf_layer *writer = &r->network->layers[i], *reader = writer + 1;
    mf_widths written, read;
    bool reads = false;
    *candidate = false;
    if (i + 1 == r->network->n_layers || elsewhere[i])
        return MF_OK;
    for (size_t k = 0; k < reader->n_inputs; k++)
        if (reader->input[k] == (int)i) {
            reads = true;
            if (mf_layer_input_words(reader, k) != mf_shape_ofmap(&writer->shape))
                return MF_OK;
        }
    if (!reads)
        return MF_OK;
    MF_TRY(mf_runner_widths(r, writer, &written, diag));
    MF_TRY(mf_runner_widths(r, reader, &read, diag));
    *candidate = written.written_bits == read.activation_bits;
    return MF_OK;
}

typedef struct sums {
    double energy_pj, cycles;
} sums;

/* Energy and time of layers `first` to `last`. */
static mf_status sum_layers(const mf_runner *r, size_t first, size_t last, sums *sum, mf_diag *diag)
{
    double static_pj =
        r->basis->prices->table->static_mw * 1e3 / r->basis->accelerator->clock_mhz; /* per cycle */
    *sum = (sums){0};
    for (size_t i = first; i <= last; i++) {
        mf_analytic_row rows[2];
        size_t n;
        MF_TRY(mf_runner_layer(r, &r->network->layers[i], false, rows, &n, diag));
        for (size_t row = 0; row < n; row++) {
            sum->energy_pj += rows[row].energy_pj + rows[row].cycles * static_pj;
            sum->cycles += rows[row].cycles;
        }
    }
    return MF_OK;
}

/* Of a network whose sums were `before`, what the objective wants little of. */
static double value_of(mf_objective objective, const sums *before, const sums *sum)
{
    switch (objective) {
    case MF_OBJECTIVE_ENERGY:
        return sum->energy_pj;
    case MF_OBJECTIVE_LATENCY:
        return sum->cycles;
    case MF_OBJECTIVE_BALANCED:
        return sum->energy_pj / before->energy_pj + sum->cycles / before->cycles;
    default:
        return sum->energy_pj * sum->cycles;
    }
}

/* Keep the output of layer `i` unless that makes the network, whose sums are in `all`, worse. Where
 * one of the two layers has no mapping beside it, it does not stay. */
static mf_status try_map(mf_runner *r, size_t i, sums *all, mf_diag *diag)
{
    mf_objective objective = r->basis->options.objective;
    sums before, after;
    mf_diag why;
    MF_TRY(sum_layers(r, i, i + 1, &before, diag));
    r->kept[i] = true;
    mf_status status = sum_layers(r, i, i + 1, &after, &why);
    if (status == MF_OK) {
        sums with = {all->energy_pj - before.energy_pj + after.energy_pj,
                     all->cycles - before.cycles + after.cycles};
        r->kept[i] = after.energy_pj <= before.energy_pj &&
                     value_of(objective, all, &with) <= value_of(objective, all, all);
        *all = r->kept[i] ? with : *all;
        return MF_OK;
    }
    r->kept[i] = false;
    if (status == MF_NO_MAPPING)
        return MF_OK;
    if (diag)
        *diag = why;
    return status;
}

mf_status mf_runner_choose_kept(mf_runner *r, size_t last, mf_diag *diag)
{
    const mf_network *network = r->network;
    size_t n = network->n_layers;
    sums all;
    bool *elsewhere = MF_NEW_ARRAY(r->arena, bool, n);
    r->kept = MF_NEW_ARRAY(r->arena, bool, n);
    if (!elsewhere || !r->kept)
        return mf_fail_memory(diag);
    if (!knows_readers(network))
        return mf_fail(diag, MF_INVALID,
                       "%s does not say which layer reads which, so no map can be kept on chip",
                       network->name);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < network->layers[i].n_inputs; k++) {
            int from = network->layers[i].input[k];
            if (from >= 0 && (size_t)from + 1 != i)
                elsewhere[from] = true;
        }
    MF_TRY(sum_layers(r, 0, n - 1, &all, diag));
    for (size_t i = 0; i < n && i <= last; i++) {
        bool candidate;
        MF_TRY(is_candidate(r, i, elsewhere, &candidate, diag));
        if (candidate)
            MF_TRY(try_map(r, i, &all, diag));
    }
    return MF_OK;
}

/* Bits of the maps of a row that are in the buffer: what it reads there, then what it writes. */
static uint64_t kept_bits(const mf_analytic_row *row)
{
    const mf_layer *layer = row->layer;
    uint64_t words = 0, written = row->keeps_output ? mf_shape_ofmap(&layer->shape) : 0;
    for (size_t k = 0; k < layer->n_inputs; k++)
        if (row->keeps_input[k] && !mf_layer_reads_again(layer, k))
            words += mf_layer_input_words(layer, k);
    return words * row->widths.activation_bits + written * row->widths.written_bits;
}

/* The unit reads and writes words of its other maps one by one. */
static uint64_t passing_bits(const mf_analytic_row *row)
{
    uint64_t words = 0, written = row->keeps_output ? 0 : 1;
    for (size_t k = 0; k < row->layer->n_inputs; k++)
        words += !row->keeps_input[k];
    return words * row->widths.activation_bits + written * row->widths.written_bits;
}

mf_status mf_runner_keep_maps(const mf_runner *r, mf_analytic_row *row, mf_diag *diag)
{
    const mf_layer *layer = row->layer;
    mf_machine *m = &row->machine;
    if (!r->kept)
        return MF_OK;
    for (size_t k = 0; k < layer->n_inputs; k++)
        row->keeps_input[k] = layer->input[k] >= 0 && r->kept[layer->input[k]];
    row->keeps_output = r->kept[layer - r->network->layers];
    uint64_t bits = kept_bits(row), passing = row->vector ? passing_bits(row) : 0,
             all = mf_machine_buffer_bits(r->basis->accelerator);
    if (bits > all / 2 || passing > all - bits)
        return mf_fail(diag, MF_NO_MAPPING,
                       "maps that stay take %" PRIu64 " bits, more than half of the %" PRIu64
                       " of the buffer",
                       bits, all);
    if (row->vector)
        return MF_OK;
    m->capacity.buffer_bits -= bits;
    if (row->keeps_input[0]) {
        m->capacity.resident[MF_IFMAP] = true;
        m->dram_cycles[MF_IFMAP] = 0;
    }
    if (!row->keeps_output)
        return MF_OK;
    m->keeps_output = true;
    m->output_pj = m->output_cycles = 0;
    m->kept_output_pj = mf_write_price(&r->basis->prices->at[MF_LEVEL_GLOBAL_BUFFER][MF_IFMAP],
                                       row->widths.written_bits);
    return MF_OK;
}
