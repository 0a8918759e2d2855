// Shared by all processes of a layer: transfers, and giving up.
#include "sim/systemc/run.hpp"

namespace mulfree
{
namespace
{
// All banks of the buffer go to the tensors that live there, by the size of their tiles, one at
// least; the words of a tile are spread over its banks.
void assign_banks(Run &run)
{
    const mf_mapping &mapping = *run.layer.mapping;
    mf_contributions contributions = mf_contributions_of(&run.work, &mapping);
    double bits[MF_N_TENSORS], sum = 0, all = static_cast<double>(run.timing.buffer_banks);
    for (int t = 0; t < MF_N_TENSORS; t++) {
        uint64_t words = mf_tile_words(&mapping, MF_BUFFER, t, &contributions);
        bits[t] = static_cast<double>(mf_buffer_bits(&mapping, &run.machine.capacity, t, words));
        sum += bits[t];
    }
    for (int t = 0; t < MF_N_TENSORS; t++) {
        double banks = sum > 0 ? std::max(1.0, std::floor(all * bits[t] / sum)) : 1;
        run.bank_bit_cycles[t] = 1 / (banks * run.timing.buffer_bank_bits);
    }
}
} // namespace

Run::Run(const mf_chip_layer &layer_, mf_chip_report &report_, Lamps &lamps_)
    : layer(layer_), work(*layer_.work), machine(*layer_.machine), timing(layer_.timing),
      report(report_),
      lamps(lamps_), rows{work.h, work.pad_rows, work.stride}, columns{work.w, work.pad_columns,
                                                                       work.stride},
      weights_wait(!machine.weights_overlap && !layer.mapping->bypass_register[MF_WEIGHT]),
      origin_(sc_core::sc_time_stamp())
{
    size_t n_tiles = timing.input_fifo_tiles + most_ahead + 2;
    ifmap_tiles.resize(n_tiles);
    weight_tiles.resize(n_tiles);
    psum_tiles.resize(n_tiles);
    assign_banks(*this);
}

sc_core::sc_time Run::time_of(double cycle) const
{
    if (cycle > most_cycles)
        throw std::overflow_error("more than 9e12 cycles");
    return origin_ + cycles(cycle);
}

void Run::wait_until(double cycle) const
{
    sc_core::sc_time until = time_of(cycle);
    if (until > sc_core::sc_time_stamp())
        sc_core::wait(until - sc_core::sc_time_stamp());
}

double channel_cycles(const mf_chip_timing &timing, double bits)
{
    if (timing.dram_burst_bits > 0)
        bits = std::ceil(bits / timing.dram_burst_bits) * timing.dram_burst_bits;
    return bits * timing.dram_bit_cycles;
}

double Run::pass_channel(ChannelRank rank, double bits, const char *what)
{
    double duration = channel_cycles(timing, bits);
    if (duration <= 0)
        return now();
    channel.enter(rank);
    double begin = now(), end = begin + duration;
    lamps.busy[MF_COMPONENT_DRAM] = true;
    wait_until(end);
    lamps.busy[MF_COMPONENT_DRAM] = false;
    channel.leave();
    busy_cycles[MF_COMPONENT_DRAM] += duration;
    watch(MF_COMPONENT_DRAM, what, begin, end);
    return end + timing.dram_latency_cycles;
}

void Run::pass_network(mf_component component, mf_tensor tensor, uint64_t words, double word_cycles,
                       Transfer &transfer)
{
    double n = static_cast<double>(words), bus = n * word_cycles, bank = 0;
    if (!bypasses(tensor))
        bank = n * static_cast<double>(machine.capacity.bits[tensor]) * bank_bit_cycles[tensor];
    bool shares_banks = tensor == MF_PSUM && bank > 0;
    transfer.data = now();
    if (shares_banks)
        psum_banks.enter(component == MF_COMPONENT_PSUM_IN ? 0 : 1);
    double begin = now();
    transfer.port =
        begin +
        std::max(bank - bus, 0.0); // banks slower than the network count as waiting for them
    transfer.done = begin + std::max(bus, bank);
    lamps.busy[component] = true;
    wait_until(begin + bank);
    if (shares_banks)
        psum_banks.leave();
    wait_until(transfer.done);
    lamps.busy[component] = false;
    busy_cycles[MF_COMPONENT_BUFFER] += bank;
    busy_cycles[component] += transfer.done - begin;
    if (words > 0)
        watch(component, mf_tensor_name(tensor), begin, transfer.done);
}

void Run::load(ChannelRank rank, mf_tensor tensor, uint64_t number, uint64_t words, double bits)
{
    const char *what = mf_tensor_name(tensor);
    uint64_t ahead = bypasses(tensor) ? std::min(words, timing.prefetch_words) : words;
    double share = words ? static_cast<double>(ahead) / static_cast<double>(words) : 1;
    double arrives = ahead > 0 ? pass_channel(rank, bits * share, what) : now();
    ready[tensor].advance_at(time_of(arrives));
    if (ahead < words) {
        moving[tensor].wait_for(number + 1);
        arrives = pass_channel(rank, bits * (1 - share), what);
    }
    lamps.tiles_loaded[tensor]++;
    loaded[tensor].advance_at(time_of(arrives));
}

void Run::carry(mf_component component, mf_tensor tensor, uint64_t load, uint64_t words,
                double word_cycles, Transfer &transfer)
{
    ready[tensor].wait_for(load);
    while (moving[tensor].count() < load)
        moving[tensor].advance();
    pass_network(component, tensor, words, word_cycles, transfer);
    double moved_at = now();
    loaded[tensor].wait_for(load);
    transfer.starved = now() - moved_at;
    transfer.done = now();
}

void Run::watch(mf_component component, const char *what, double begin, double end)
{
    if (layer.watch && end > begin)
        layer.watch(layer.watch_user, component, what, begin, end);
}

void Run::fail(mf_status why)
{
    status = why;
    stop();
    throw Stop();
}

void Run::stop()
{
    for (int t = 0; t < MF_N_TENSORS; t++) {
        loaded[t].stop();
        ready[t].stop();
        moving[t].stop();
        moved[t].stop();
    }
    for (Progress *progress : {&opened, &started, &finished, &handed, &left, &stored})
        progress->stop();
    channel.stop();
    psum_banks.stop();
}

uint64_t tile_words(const Ranges &tile, mf_tensor tensor)
{
    uint64_t words = 1;
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        if (mf_tensor_dimensions(tensor) & MF_BIT(static_cast<unsigned>(d)))
            words *= static_cast<uint64_t>(tile[static_cast<size_t>(d)].size());
    return words;
}

} // namespace mulfree
