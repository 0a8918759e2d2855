/* Searches by all that they depend on: the layer, the machine that stands for accelerator,
 * operator, table, widths, zeros and maps that stay, the dataflow and the objective. */
#include "sim/analytic_runner.h"

#include "base/memo.h"

#include <string.h>

/* Beside what the search sees, the key has what makes rows different for whoever reads the account:
 * two operators of one price are searched twice, and counted so. */
typedef struct layer_key {
    mf_work work;
    uint32_t objective;
    uint64_t weights_in_buffer, dataflow, op, activation_bits, weight_bits, psum_bits, floating,
        keeps_input;
    double ifmap_zeros, ofmap_zeros;
    uint64_t n_pes[2], register_bits[MF_N_TENSORS], buffer_bits, buffering[MF_N_TENSORS],
        resident[MF_N_TENSORS], bits[MF_N_TENSORS], slide_buffer, keeps_output, gates_padding,
        counts_first_psum_read, weights_overlap, output_bits, beside_bits;
    double read_pj[MF_N_LEVELS][MF_N_TENSORS], write_pj[MF_N_LEVELS][MF_N_TENSORS], output_pj,
        kept_output_pj, mac_pj, position_cycles, executed, bus_cycles[MF_N_BOUNDS],
        dram_cycles[MF_N_TENSORS], output_cycles, array_pes;
} layer_key;

/* Keys are compared byte by byte: no padding, and no number of a machine left out. */
_Static_assert(sizeof(mf_work) % 8 == 4, "layer_key has padding");
_Static_assert(sizeof(mf_machine) == 456, "put_machine leaves out what is new");

static void put_machine(layer_key *key, const mf_machine *m)
{
    const mf_capacity *c = &m->capacity;
    key->n_pes[0] = c->pe_rows;
    key->n_pes[1] = c->pe_columns;
    key->buffer_bits = c->buffer_bits;
    for (int t = 0; t < MF_N_TENSORS; t++) {
        key->register_bits[t] = c->register_bits[t];
        key->buffering[t] = (uint64_t)c->buffering[t];
        key->resident[t] = c->resident[t];
        key->bits[t] = c->bits[t];
        key->dram_cycles[t] = m->dram_cycles[t];
    }
    memcpy(key->read_pj, m->read_pj, sizeof key->read_pj);
    memcpy(key->write_pj, m->write_pj, sizeof key->write_pj);
    memcpy(key->bus_cycles, m->bus_cycles, sizeof key->bus_cycles);
    key->slide_buffer = m->slide_buffer;
    key->keeps_output = m->keeps_output;
    key->gates_padding = m->gates_padding;
    key->counts_first_psum_read = m->counts_first_psum_read;
    key->weights_overlap = m->weights_overlap;
    key->output_bits = m->output_bits;
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
    *known = mf_memo_find(r->memo, &key);
    if (*known)
        return MF_OK;
    const mf_mapping *like;
    size_t n_like = mf_nest_hints_of(r->basis->hints, work, options->dataflow, &like);
    MF_TRY(mf_search_like(work, &row->machine, options->dataflow, mf_machine_bypass(accelerator),
                          options->objective, like, n_like, &found, diag));
    mf_nest_hints_keep(r->basis->hints, work, options->dataflow, &found.mapping);
    *known = mf_memo_add(r->memo, &key);
    if (!*known)
        return mf_fail_memory(diag);
    (*known)->found = found;
    return MF_OK;
}
