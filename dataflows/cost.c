/* Counts times prices, and the race of the resources. */
#include "dataflows/cost.h"

const char *mf_level_name(int level)
{
    static const char *const names[] = {
#define MF_LEVEL(NAME, name, text) #name,
#include "dataflows/levels.def"
#undef MF_LEVEL
    };
    return names[level];
}

const char *mf_bound_name(int bound)
{
    static const char *const names[] = {
#define MF_BOUND(NAME, name, text) #name,
#include "dataflows/bounds.def"
#undef MF_BOUND
    };
    return names[bound];
}

const char *mf_bound_text(int bound)
{
    static const char *const texts[] = {
#define MF_BOUND(NAME, name, text) text,
#include "dataflows/bounds.def"
#undef MF_BOUND
    };
    return texts[bound];
}

mf_tiles mf_tiles_of(const mf_mapping *mapping, const mf_contributions *contributions)
{
    mf_tiles tiles;
    for (int t = 0; t < MF_N_TENSORS; t++) {
        tiles.array[t] = mf_tile_words(mapping, MF_ROWS, t, contributions);
        tiles.buffer[t] = mf_tile_words(mapping, MF_BUFFER, t, contributions);
    }
    return tiles;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

mf_flow mf_flow_moved(const mf_machine *m, const mf_mapping *mapping, const mf_counts *counts,
                      int tensor)
{
    mf_flow flow = counts->flow[tensor];
    if (m->capacity.resident[tensor]) {
        if (mapping->bypass_buffer[tensor]) /* array tiles come from where it is */
            flow.buffer_reads += flow.dram_reads;
        else /* nothing is brought in */
            flow.buffer_writes -= flow.dram_reads;
        flow.dram_reads = 0;
    }
    if (tensor == MF_PSUM && m->keeps_output) {
        uint64_t outputs = mf_flow_outputs(&flow);
        flow.dram_writes -= outputs;
        flow.buffer_writes += outputs;
    }
    return flow;
}

static void price_accesses(const mf_machine *m, const mf_mapping *mapping, const mf_counts *counts,
                           mf_cost *cost)
{
    double inside = (double)(counts->n_macs - counts->n_padded_macs),
           padded = m->gates_padding ? 0 : (double)counts->n_padded_macs;
    const mf_flow *psum = &counts->flow[MF_PSUM];
    double outputs = (double)mf_flow_outputs(psum);
    cost->n_executed = (inside + padded) * m->executed;
    cost->mac_pj = cost->n_executed * m->mac_pj;
    /* Of the registers, at MAC positions; what arrives from the network is written into those of
     * ifmap and weights, and psums are read when they leave. */
    double reads[MF_N_TENSORS] = {inside, cost->n_executed, cost->n_executed},
           writes[MF_N_TENSORS] = {0, 0, cost->n_executed};
    bool stays = m->keeps_output;
    for (int t = 0; t < MF_N_TENSORS; t++)
        stays = stays || m->capacity.resident[t];
    if (!m->counts_first_psum_read)
        reads[MF_PSUM] -= smaller((double)psum->deliveries, cost->n_executed);
    for (int t = 0; t < MF_N_TENSORS; t++) {
        const mf_flow *flow = &counts->flow[t];
        mf_flow moved;
        if (stays) {
            moved = mf_flow_moved(m, mapping, counts, t);
            flow = &moved;
        }
        double network = (double)flow->deliveries, written = (double)flow->buffer_writes;
        if (t == MF_PSUM) {
            network = (double)(counts->psum_hops + flow->bus_words);
            written -= m->keeps_output ? outputs : 0; /* at another width, below */
        }
        *(t == MF_PSUM ? &reads[t] : &writes[t]) += (double)flow->deliveries;
        cost->access_pj[MF_LEVEL_DRAM][t] = (double)flow->dram_reads * m->read_pj[MF_LEVEL_DRAM][t];
        cost->access_pj[MF_LEVEL_GLOBAL_BUFFER][t] =
            mf_priced((double)flow->buffer_reads, written, m->read_pj[MF_LEVEL_GLOBAL_BUFFER][t],
                      m->write_pj[MF_LEVEL_GLOBAL_BUFFER][t]);
        cost->access_pj[MF_LEVEL_NETWORK][t] = network * m->read_pj[MF_LEVEL_NETWORK][t];
        cost->access_pj[MF_LEVEL_REGISTERS][t] =
            mapping->bypass_register[t]
                ? 0
                : mf_priced(reads[t], writes[t], m->read_pj[MF_LEVEL_REGISTERS][t],
                            m->write_pj[MF_LEVEL_REGISTERS][t]);
    }
    if (m->by_length)
        for (int t = 0; t < MF_N_TENSORS; t++)
            cost->access_pj[MF_LEVEL_NETWORK][t] +=
                (double)counts->flow[t].bus_words * m->column_bus_pj[t] +
                (double)counts->flow[t].row_words * m->row_bus_pj[t];
    cost->access_pj[MF_LEVEL_DRAM][MF_PSUM] =
        (double)psum->dram_reads *
            (m->read_pj[MF_LEVEL_DRAM][MF_PSUM] + m->write_pj[MF_LEVEL_DRAM][MF_PSUM]) +
        outputs * m->output_pj;
    cost->access_pj[MF_LEVEL_GLOBAL_BUFFER][MF_PSUM] +=
        m->keeps_output ? outputs * m->kept_output_pj : 0;
    cost->energy_pj = cost->mac_pj;
    for (int level = 0; level < MF_N_LEVELS; level++)
        for (int t = 0; t < MF_N_TENSORS; t++)
            cost->energy_pj += cost->access_pj[level][t];
}

/* Cycles within the array, and what each bus takes on its own. */
static void time_array(const mf_machine *m, const mf_mapping *mapping, const mf_counts *counts,
                       const mf_tiles *tiles, mf_cost *cost)
{
    const mf_flow *flow = counts->flow;
    double *alone = cost->bound_cycles, outputs = (double)mf_flow_outputs(&flow[MF_PSUM]);
    double written = ((double)flow[MF_PSUM].bus_words + outputs) / 2;
    alone[MF_BOUND_COMPUTE] = (double)counts->n_compute_cycles * m->position_cycles;
    alone[MF_BOUND_IFMAP_BUS] =
        (double)flow[MF_IFMAP].bus_words * m->bus_cycles[MF_BOUND_IFMAP_BUS];
    alone[MF_BOUND_WEIGHT_BUS] =
        (double)flow[MF_WEIGHT].bus_words * m->bus_cycles[MF_BOUND_WEIGHT_BUS];
    alone[MF_BOUND_PSUM_IN] = (written - outputs) * m->bus_cycles[MF_BOUND_PSUM_IN];
    alone[MF_BOUND_PSUM_OUT] = written * m->bus_cycles[MF_BOUND_PSUM_OUT];

    bool waits = !m->weights_overlap && !mapping->bypass_register[MF_WEIGHT];
    double passes = waits ? (double)flow[MF_WEIGHT].loads : 1;
    cost->fill_cycles =
        smaller(passes * (double)tiles->array[MF_IFMAP] * m->bus_cycles[MF_BOUND_IFMAP_BUS],
                alone[MF_BOUND_IFMAP_BUS]);
    cost->drain_cycles =
        smaller(passes * (double)tiles->array[MF_PSUM] * m->bus_cycles[MF_BOUND_PSUM_OUT],
                alone[MF_BOUND_PSUM_OUT]);
    cost->load_cycles = waits ? alone[MF_BOUND_WEIGHT_BUS] : 0;

    double pace = alone[MF_BOUND_COMPUTE];
    cost->bound = MF_BOUND_COMPUTE;
    for (int b = MF_BOUND_IFMAP_BUS; b <= MF_BOUND_PSUM_OUT; b++) {
        double cycles = alone[b];
        if (b == MF_BOUND_IFMAP_BUS)
            cycles -= cost->fill_cycles;
        if (b == MF_BOUND_PSUM_OUT)
            cycles -= cost->drain_cycles;
        if (b == MF_BOUND_WEIGHT_BUS)
            cycles -= cost->load_cycles;
        if (cycles > pace) {
            pace = cycles;
            cost->bound = (mf_bound)b;
        }
    }
    cost->array_cycles = pace + cost->load_cycles + cost->fill_cycles + cost->drain_cycles;
}

/* The array against DRAM. */
static void time_dram(const mf_machine *m, const mf_mapping *mapping, const mf_counts *counts,
                      const mf_tiles *tiles, mf_cost *cost)
{
    const mf_flow *flow = counts->flow;
    double overlapped = 0, exposed = 0, outputs = (double)mf_flow_outputs(&flow[MF_PSUM]);
    for (int t = 0; t < MF_N_TENSORS; t++) {
        double word = m->dram_cycles[t], cycles = (double)flow[t].dram_reads * word,
               edge = (double)tiles->buffer[t] * word;
        if (t == MF_PSUM) {
            cycles = 2 * cycles + outputs * m->output_cycles;
            edge = (double)tiles->buffer[t] * m->output_cycles;
        }
        if (mapping->bypass_buffer[t])
            edge = (double)tiles->array[t] * (t == MF_PSUM ? m->output_cycles : word);
        bool single = !mapping->bypass_buffer[t] && m->capacity.buffering[t] == MF_BUFFERING_SINGLE;
        edge = single ? cycles : smaller(edge, cycles);
        exposed += edge;
        overlapped += cycles - edge;
    }
    cost->bound_cycles[MF_BOUND_DRAM] = overlapped + exposed;
    cost->exposed_dram_cycles = exposed;
    if (overlapped + exposed > cost->array_cycles)
        cost->bound = MF_BOUND_DRAM;
    cost->cycles = larger(cost->array_cycles, overlapped) + exposed;
}

double mf_cost_transfers_pj(const mf_machine *m, const mf_mapping *mapping, const mf_counts *counts)
{
    const double *dram = m->read_pj[MF_LEVEL_DRAM], *read = m->read_pj[MF_LEVEL_GLOBAL_BUFFER],
                 *write = m->write_pj[MF_LEVEL_GLOBAL_BUFFER];
    const mf_flow *psum = &counts->flow[MF_PSUM];
    double energy =
        (double)psum->dram_reads * (dram[MF_PSUM] + m->write_pj[MF_LEVEL_DRAM][MF_PSUM]) +
        (double)mf_flow_outputs(psum) * (m->output_pj + (m->keeps_output ? m->kept_output_pj : 0));
    if (!mapping->bypass_buffer[MF_PSUM])
        energy += mf_priced((double)psum->dram_writes, (double)psum->dram_reads, read[MF_PSUM],
                            write[MF_PSUM]);
    for (int t = 0; t < MF_N_TENSORS; t++)
        if (t != MF_PSUM && !m->capacity.resident[t])
            energy += (double)counts->flow[t].dram_reads *
                      (dram[t] + (mapping->bypass_buffer[t] ? 0 : write[t]));
    return energy;
}

double mf_cost_transfers_cycles(const mf_machine *m, const mf_counts *counts)
{
    double cycles = (double)mf_flow_outputs(&counts->flow[MF_PSUM]) * m->output_cycles;
    for (int t = 0; t < MF_N_TENSORS; t++)
        cycles += (t == MF_PSUM ? 2 : 1) * (double)counts->flow[t].dram_reads * m->dram_cycles[t];
    return cycles;
}

void mf_cost_of(const mf_machine *machine, const mf_mapping *mapping, const mf_counts *counts,
                const mf_tiles *tiles, mf_cost *cost)
{
    price_accesses(machine, mapping, counts, cost);
    time_array(machine, mapping, counts, tiles, cost);
    time_dram(machine, mapping, counts, tiles, cost);
}

void mf_cost_of_mapping(const mf_machine *machine, const mf_work *work, const mf_mapping *mapping,
                        mf_counts *counts, mf_cost *cost)
{
    mf_contributions contributions = mf_contributions_of(work, mapping);
    mf_reuse_combine(work, mapping, machine->slide_buffer, &contributions, counts);
    mf_tiles tiles = mf_tiles_of(mapping, &contributions);
    mf_cost_of(machine, mapping, counts, &tiles, cost);
}
