/* Searches by all that they depend on: the layer, the machine that stands for accelerator,
 * operator, table, widths, zeros and maps that stay, the dataflow and the objective. Of the buffer they
 * depend step by step: the best nest in so many bits, which takes fewer, is the best in any number of
 * bits between; each key has a staircase of such nests, and what is too little for any. */
#include "sim/analytic_runner.h"

#include "base/memo.h"

#include <inttypes.h>
#include <string.h>

/* Beside what the search sees, the key has what makes rows different for whoever reads the account:
 * two operators of one price are searched twice, and counted so. */
typedef struct layer_key {
    mf_work work;
    uint32_t objective;
    uint64_t step, weights_in_buffer, dataflow, op, activation_bits, weight_bits, psum_bits,
        floating, keeps_input;
    double ifmap_zeros, ofmap_zeros;
    uint64_t n_pes[2], register_bits[MF_N_TENSORS], buffering[MF_N_TENSORS], resident[MF_N_TENSORS],
        bits[MF_N_TENSORS], slide_buffer, keeps_output, gates_padding, counts_first_psum_read,
        weights_overlap, output_bits, beside_bits, by_length;
    double read_pj[MF_N_LEVELS][MF_N_TENSORS], write_pj[MF_N_LEVELS][MF_N_TENSORS],
        column_bus_pj[MF_N_TENSORS], row_bus_pj[MF_N_TENSORS], output_pj, kept_output_pj, mac_pj,
        position_cycles, executed, bus_cycles[MF_N_BOUNDS], dram_cycles[MF_N_TENSORS],
        output_cycles, array_pes;
} layer_key;

/* Keys are compared byte by byte: no padding, and no number of a machine left out. */
_Static_assert(sizeof(mf_work) % 8 == 4, "layer_key has padding");
_Static_assert(sizeof(mf_machine) == 504, "put_machine leaves out what is new");

static void put_machine(layer_key *key, const mf_machine *m)
{
    const mf_capacity *c = &m->capacity;
    key->n_pes[0] = c->pe_rows;
    key->n_pes[1] = c->pe_columns;
    for (int t = 0; t < MF_N_TENSORS; t++) {
        key->register_bits[t] = c->register_bits[t];
        key->buffering[t] = (uint64_t)c->buffering[t];
        key->resident[t] = c->resident[t];
        key->bits[t] = c->bits[t];
        key->dram_cycles[t] = m->dram_cycles[t];
    }
    memcpy(key->read_pj, m->read_pj, sizeof key->read_pj);
    memcpy(key->write_pj, m->write_pj, sizeof key->write_pj);
    memcpy(key->column_bus_pj, m->column_bus_pj, sizeof key->column_bus_pj);
    memcpy(key->row_bus_pj, m->row_bus_pj, sizeof key->row_bus_pj);
    memcpy(key->bus_cycles, m->bus_cycles, sizeof key->bus_cycles);
    key->slide_buffer = m->slide_buffer;
    key->keeps_output = m->keeps_output;
    key->gates_padding = m->gates_padding;
    key->counts_first_psum_read = m->counts_first_psum_read;
    key->weights_overlap = m->weights_overlap;
    key->output_bits = m->output_bits;
    key->by_length = m->by_length;
    key->beside_bits = m->beside_bits;
    key->output_pj = m->output_pj;
    key->kept_output_pj = m->kept_output_pj;
    key->mac_pj = m->mac_pj;
    key->position_cycles = m->position_cycles;
    key->executed = m->executed;
    key->output_cycles = m->output_cycles;
    key->array_pes = m->array_pes;
}

mf_status mf_analytic_memo_create(mf_memo **memo, mf_diag *diag)
{
    return mf_memo_create(sizeof(layer_key), sizeof(mf_known), memo, diag);
}

/* What the tiles of a nest take of the buffer. */
static uint64_t taken_bits(const mf_work *work, const mf_machine *m, const mf_mapping *mapping)
{
    mf_contributions contributions = mf_contributions_of(work, mapping);
    uint64_t bits = 0;
    for (int t = 0; t < MF_N_TENSORS; t++)
        bits += mf_buffer_bits(mapping, &m->capacity, t,
                               mf_tile_words(mapping, MF_BUFFER, t, &contributions));
    return bits;
}

/* Is there room for a word of each tensor? Not to find a nest in none takes longest. */
static bool has_room(const mf_machine *m, const bool *bypass)
{
    mf_mapping one = {0};
    uint64_t bits = 0;
    memcpy(one.bypass_buffer, bypass, sizeof one.bypass_buffer);
    for (int t = 0; t < MF_N_TENSORS; t++)
        bits += mf_buffer_bits(&one, &m->capacity, t, 1);
    return bits <= m->capacity.buffer_bits;
}

static mf_status fail_room(const mf_analytic_row *row, mf_diag *diag)
{
    return mf_fail(diag, MF_NO_MAPPING,
                   "no nest fits into the %" PRIu64
                   " bits that are left of the buffer beside %" PRIu64 " that stay there",
                   row->machine.capacity.buffer_bits, row->held_bits);
}

mf_status mf_runner_search(const mf_runner *r, const mf_work *work, const mf_analytic_row *row,
                           mf_known **known, mf_diag *diag)
{
    const mf_analytic_options *options = &r->basis->options;
    const mf_accelerator *accelerator = r->basis->accelerator;
    const mf_widths *widths = &row->widths;
    mf_found found;
    layer_key key = {.work = *work,
                     .objective = options->objective,
                     .weights_in_buffer = accelerator->weights_in_buffer,
                     .dataflow = (uintptr_t)options->dataflow,
                     .op = row->op,
                     .activation_bits = widths->activation_bits,
                     .weight_bits = widths->weight_bits,
                     .psum_bits = widths->psum_bits,
                     .floating = widths->floating,
                     .keeps_input = row->keeps_input[0],
                     .ifmap_zeros = row->zeros.ifmap,
                     .ofmap_zeros = row->zeros.ofmap};
    put_machine(&key, &row->machine);
    for (*known = mf_memo_find(r->memo, &key); *known; *known = mf_memo_find(r->memo, &key)) {
        bool within = row->machine.capacity.buffer_bits <= (*known)->most_bits;
        if (within && (*known)->none)
            return fail_room(row, diag);
        if (within && row->machine.capacity.buffer_bits >= (*known)->least_bits)
            return MF_OK;
        key.step++;
    }
    const bool *bypass = mf_machine_bypass(accelerator);
    const mf_mapping *like;
    size_t n_like = mf_nest_hints_of(r->basis->hints, work, options->dataflow, &like);
    mf_status status = has_room(&row->machine, bypass)
                           ? mf_search_like(work, &row->machine, options->dataflow, bypass,
                                            options->objective, like, n_like, &found, diag)
                           : fail_room(row, diag);
    if (status != MF_OK && status != MF_NO_MAPPING)
        return status;
    if (status == MF_OK)
        mf_nest_hints_keep(r->basis->hints, work, options->dataflow, &found.mapping);
    *known = mf_memo_add(r->memo, &key);
    if (!*known)
        return mf_fail_memory(diag);
    (*known)->none = status != MF_OK;
    (*known)->most_bits = row->machine.capacity.buffer_bits;
    if (status == MF_OK) {
        (*known)->found = found;
        (*known)->tile_bits = taken_bits(work, &row->machine, &found.mapping);
        (*known)->least_bits = options->objective == MF_OBJECTIVE_BALANCED
                                   ? (*known)->most_bits /* relative to the best in so many bits */
                                   : (*known)->tile_bits;
    }
    return status;
}
