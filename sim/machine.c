/* Prices, rates and capacities, one after the other. */
#include "sim/machine.h"

#include "sim/floorplan.h"

#include <math.h>

/* Cycles per bit on a bus or channel that moves so many per cycle. */
static double per_bit(double bits_per_cycle)
{
    return isinf(bits_per_cycle) ? 0 : 1 / bits_per_cycle;
}

const bool *mf_machine_bypass(const mf_accelerator *a)
{
    static const bool bypass[][MF_N_TENSORS] = {{[MF_WEIGHT] = true}, {false}};
    return bypass[a->weights_in_buffer];
}

uint64_t mf_machine_buffer_bits(const mf_accelerator *a)
{
    return (a->buffer_words - a->weight_prefetch_words) * a->word_bits;
}

double mf_machine_dram_bit_cycles(const mf_accelerator *a)
{
    return per_bit(a->dram_mb_per_s * 8 / a->clock_mhz);
}

double mf_run_length_ratio(uint64_t run_bits, uint64_t bits, double zeros)
{
    if (!run_bits || zeros < 0 || run_bits + bits > 64)
        return 1;
    /* A pair ends after a word that is not zero, or after the longest run and one word more: it
     * takes 1 + z + z^2 + ... + z^(longest run) words on average. */
    double longest = (double)((uint64_t)1 << run_bits);
    double words_per_pair = zeros < 1 ? (1 - pow(zeros, longest)) / (1 - zeros) : longest;
    double pairs_per_64 = floor(64.0 / (double)(run_bits + bits));
    double ratio = 64 / pairs_per_64 / words_per_pair / (double)bits;
    return ratio < 1 ? ratio : 1;
}

mf_status mf_machine_event(const mf_energy_table *table, mf_event event, bool floating, uint64_t a,
                           uint64_t b, double *energy, mf_diag *diag)
{
    return mf_energy_table_energy(table, mf_event_name(event), floating, a, b, energy, diag);
}

static void operand_bits(const mf_widths *widths, int width, uint64_t *a, uint64_t *b)
{
    *a = *b = widths->activation_bits;
    if (width == MF_WIDTH_OPERANDS)
        *b = widths->weight_bits;
    if (width == MF_WIDTH_PSUM)
        *a = *b = widths->psum_bits;
}

/* The operations of a MAC position one after the other: event, width, and how many of these. */
typedef struct operation {
    int event, width;
} operation;

static bool next_operation(const mf_operator *op, operation *o)
{
    while (o->event < MF_N_EVENTS) {
        if (++o->width == MF_N_EVENT_WIDTHS) {
            o->event++;
            o->width = -1;
        } else if (op->of_width[o->event][o->width]) {
            return true;
        }
    }
    return false;
}

static mf_status price_mac(const mf_operator *op, const mf_widths *widths,
                           const mf_energy_table *table, double *mac, mf_diag *diag)
{
    *mac = 0;
    for (operation o = {0, -1}; next_operation(op, &o);) {
        uint64_t a, b;
        double energy;
        operand_bits(widths, o.width, &a, &b);
        MF_TRY(mf_machine_event(table, (mf_event)o.event, widths->floating, a, b, &energy, diag));
        *mac += energy * (double)op->of_width[o.event][o.width];
    }
    return MF_OK;
}

mf_status mf_machine_datapath(const mf_operator *op, const mf_widths *widths,
                              const mf_energy_table *table, double *um2, const char **status,
                              mf_diag *diag)
{
    size_t least_sure = 0;
    *um2 = 0;
    for (operation o = {0, -1}; next_operation(op, &o);) {
        uint64_t a, b;
        double area_um2;
        const char *name = mf_event_name((mf_event)o.event);
        operand_bits(widths, o.width, &a, &b);
        MF_TRY(mf_energy_table_area_um2(table, name, widths->floating, a, b, &area_um2, diag));
        *um2 += area_um2 * (double)op->of_width[o.event][o.width];
        size_t sure = mf_fact_rank(mf_energy_table_area_status(table, name, widths->floating));
        least_sure = sure > least_sure ? sure : least_sure;
    }
    *status = mf_fact_statuses[least_sure];
    return MF_OK;
}

static mf_status fill_capacity(const mf_accelerator *a, const mf_operator *op, const uint64_t *bits,
                               mf_machine *m, mf_diag *diag)
{
    const uint64_t registers[] = {a->ifmap_register_words, a->weight_register_words,
                                  a->psum_register_words};
    const uint64_t buffering[] = {a->ifmap_buffering, a->weight_buffering, a->psum_buffering};
    mf_pool pool;
    MF_TRY(mf_accelerator_pool(a, op->name, &pool, diag));
    if (a->weight_prefetch_words >= a->buffer_words)
        return mf_fail(diag, MF_INVALID,
                       "accelerator %s: weight_prefetch_words takes the whole buffer", a->name);
    m->capacity.pe_rows = pool.pe_rows;
    m->capacity.pe_columns = pool.pe_columns;
    m->capacity.buffer_bits = mf_machine_buffer_bits(a);
    m->array_pes = (double)(pool.pe_rows * pool.pe_columns);
    for (int t = 0; t < MF_N_TENSORS; t++) {
        m->capacity.register_bits[t] = registers[t] * a->word_bits;
        m->capacity.buffering[t] = (mf_buffering)buffering[t];
        m->capacity.bits[t] = bits[t];
    }
    return MF_OK;
}

static void fill_rates(const mf_accelerator *a, const uint64_t *bits, double ifmap_ratio,
                       double ofmap_ratio, mf_machine *m)
{
    m->bus_cycles[MF_BOUND_IFMAP_BUS] = per_bit(a->ifmap_bus_bits) * (double)bits[MF_IFMAP];
    m->bus_cycles[MF_BOUND_WEIGHT_BUS] = per_bit(a->weight_bus_bits) * (double)bits[MF_WEIGHT];
    m->bus_cycles[MF_BOUND_PSUM_IN] = per_bit(a->psum_in_bus_bits) * (double)bits[MF_PSUM];
    m->bus_cycles[MF_BOUND_PSUM_OUT] = per_bit(a->psum_out_bus_bits) * (double)bits[MF_PSUM];
    double dram = mf_machine_dram_bit_cycles(a);
    for (int t = 0; t < MF_N_TENSORS; t++)
        m->dram_cycles[t] = dram * (double)bits[t];
    m->dram_cycles[MF_IFMAP] *= ifmap_ratio;
    m->output_cycles = dram * (double)m->output_bits * ofmap_ratio + dram * (double)m->beside_bits;
}

/* Signs alone, numbers, or numbers and signs beside them. */
static void fill_output_bits(const mf_widths *widths, mf_machine *m)
{
    bool has_numbers = widths->written_bits >= widths->ofmap_bits;
    m->output_bits = has_numbers ? widths->ofmap_bits : widths->written_bits;
    m->beside_bits = widths->written_bits - m->output_bits;
}

bool mf_machine_output_may_be_coded(const mf_machine *machine)
{
    return machine->output_bits > 1;
}

static void price_level(mf_machine *m, const mf_prices *prices, int level)
{
    for (int t = 0; t < MF_N_TENSORS; t++) {
        m->read_pj[level][t] = mf_read_price(&prices->at[level][t], m->capacity.bits[t]);
        m->write_pj[level][t] = mf_write_price(&prices->at[level][t], m->capacity.bits[t]);
    }
}

void mf_machine_price_memories(mf_machine *m, const mf_prices *prices)
{
    price_level(m, prices, MF_LEVEL_GLOBAL_BUFFER);
    price_level(m, prices, MF_LEVEL_REGISTERS);
    if (m->keeps_output)
        m->kept_output_pj = mf_write_price(&prices->at[MF_LEVEL_GLOBAL_BUFFER][MF_IFMAP],
                                           m->output_bits + m->beside_bits);
}

static mf_status price_wires(const mf_accelerator *a, const mf_operator *op,
                             const mf_widths *widths, const mf_prices *prices, mf_machine *m,
                             mf_diag *diag)
{
    const mf_datapath own = {op, *widths, 1};
    mf_floorplan plan;
    if (prices->wire_pj_per_mm_bit <= 0)
        return MF_OK;
    MF_TRY(mf_floorplan_of(a, prices->table, &own, 1, m->capacity.pe_rows, m->capacity.pe_columns,
                           &plan, diag));
    mf_floorplan_price(&plan, prices, m);
    return MF_OK;
}

mf_status mf_machine_make(const mf_accelerator *accelerator, const mf_operator *op,
                          const mf_widths *widths, const mf_prices *prices, mf_zeros zeros,
                          mf_machine *m, mf_diag *diag)
{
    const mf_accelerator *a = accelerator;
    const uint64_t bits[MF_N_TENSORS] = {widths->activation_bits, widths->weight_bits,
                                         widths->psum_bits};
    uint64_t interval = op->initiation_interval_cycles;
    *m = (mf_machine){.executed = 1, .position_cycles = interval ? (double)interval : 1};
    MF_TRY(mf_accelerator_demand(a, MF_GROUP_ACCOUNT, diag));
    MF_TRY(fill_capacity(a, op, bits, m, diag));
    fill_output_bits(widths, m);
    if (mf_operator_on_signs(op)) /* none of which is zero */
        zeros.ifmap = -1;
    if (!mf_machine_output_may_be_coded(m))
        zeros.ofmap = -1;
    double ifmap_ratio = mf_run_length_ratio(a->run_length_bits, bits[MF_IFMAP], zeros.ifmap),
           ofmap_ratio = mf_run_length_ratio(a->run_length_bits, m->output_bits, zeros.ofmap);
    fill_rates(a, bits, ifmap_ratio, ofmap_ratio, m);
    m->slide_buffer = a->buffer_halo == 1;
    m->weights_overlap = a->weight_loading == 1;
    m->counts_first_psum_read = a->first_psum_read == 1;
    m->gates_padding = op->gates_zero;
    if (op->gates_zero && a->zero_gating == 1 && zeros.ifmap >= 0)
        m->executed = 1 - zeros.ifmap;
    for (int level = 0; level < MF_N_LEVELS; level++)
        price_level(m, prices, level);
    MF_TRY(price_wires(a, op, widths, prices, m, diag));
    m->output_pj =
        mf_write_price(&prices->at[MF_LEVEL_DRAM][MF_PSUM], m->output_bits) * ofmap_ratio +
        mf_write_price(&prices->at[MF_LEVEL_DRAM][MF_PSUM], m->beside_bits);
    m->read_pj[MF_LEVEL_DRAM][MF_IFMAP] *= ifmap_ratio;
    return price_mac(op, widths, prices->table, &m->mac_pj, diag);
}
