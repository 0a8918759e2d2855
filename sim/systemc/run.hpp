// One layer on its way through the chip: what the processes tell each other. Each process walks the
// nest by itself and counts; it waits until another one has come far enough (Progress), and never
// for a single event.
//
//   loads     DRAM to buffer, one process per tensor (loads.cpp)   loaded
//   networks  buffer to PEs and back, multicast (networks.cpp)     moved, left
//   array     PEs (array.cpp)                                      opened, started, finished, handed
//   stores    psums to DRAM (loads.cpp)                            stored
#ifndef MF_SIM_SYSTEMC_RUN_HPP
#define MF_SIM_SYSTEMC_RUN_HPP

#include "sim/systemc/axis.hpp"
#include "sim/systemc/box.hpp"
#include "sim/systemc/parts.hpp"

#include <deque>
#include <stdexcept>

namespace mulfree
{

// For waveforms.
struct Lamps {
    bool busy[MF_N_COMPONENTS] = {};
    uint32_t layer = 0, step = 0, pass = 0;
    uint32_t tiles_loaded[MF_N_TENSORS] = {}, psum_tiles_waiting = 0;
};

// Who is served first where several want the DRAM channel.
enum ChannelRank { RANK_PSUM_LOAD, RANK_IFMAP, RANK_WEIGHT, RANK_PSUM_STORE };

struct Run {
    explicit Run(const mf_chip_layer &layer_, mf_chip_report &report_, Lamps &lamps_);

    const mf_chip_layer &layer;
    const mf_work &work;
    const mf_machine &machine;
    const mf_chip_timing &timing;
    mf_chip_report &report;
    Lamps &lamps;
    Axis rows, columns;
    bool weights_wait; // PEs stand still while weights are loaded: passes

    // Cycles since the layer began: the same whatever ran before.
    double now() const
    {
        return to_cycles(sc_core::sc_time_stamp() - origin_);
    }
    // SystemC's clock counts femtoseconds in 64 bits.
    static constexpr double most_cycles = 9e12;
    sc_core::sc_time time_of(double cycle) const;
    void wait_until(double cycle) const;

    Nest nest() const
    {
        return Nest(work, *layer.mapping, machine.slide_buffer);
    }
    bool bypasses(int tensor) const
    {
        return layer.mapping->bypass_buffer[tensor];
    }

    // Does the next step want words brought into the buffer, or into the array where the buffer is
    // bypassed?
    Stale stale(const Nest &nest, mf_tensor tensor) const
    {
        return bypasses(tensor) ? nest.array(tensor) : nest.buffer(tensor);
    }

    bool opens_pass(const Nest &nest) const
    {
        return weights_wait && nest.array(MF_WEIGHT) != Stale::none;
    }

    // Counted from 0 each: tiles of which as much was loaded as there is room for before they move
    // on, and all of them, transfers to the PEs that have begun and that are over, passes that may
    // load, steps that have begun and ended, psum tiles that PEs have handed over, that have left
    // the array, that are in DRAM.
    Progress ready[MF_N_TENSORS], loaded[MF_N_TENSORS], moving[MF_N_TENSORS], moved[MF_N_TENSORS],
        opened, started, finished, handed, left, stored;
    Transfers moves[MF_N_TENSORS], leaves; // counted from 1
    std::deque<double> handed_at;          // when tiles were handed over that have not left

    Gate channel, psum_banks; // the other tensors' banks have one reader
    double busy_cycles[MF_N_COMPONENTS] = {};
    double bank_bit_cycles[MF_N_TENSORS]; // of all banks that a tensor has

    // Tiles by number, modulo how many there can be at a time: some that wait, those in front of
    // the PEs, the one that is used.
    static constexpr uint64_t most_ahead = 12;
    std::vector<Codes> ifmap_tiles, weight_tiles;
    std::vector<Sums> psum_tiles;

    // Move `bits` through the DRAM channel; the cycle in which what was read arrives, which is
    // later than now by the latency.
    double pass_channel(ChannelRank rank, double bits, const char *what);

    // Load tile `number`, of `words` words: all of it into the buffer; of a tensor that bypasses
    // that, what the space for prefetching holds, and the rest as it moves on.
    void load(ChannelRank rank, mf_tensor tensor, uint64_t number, uint64_t words, double bits);

    // Move words, which are in the buffer now, between their banks and a network that takes
    // `word_cycles` for each.
    void pass_network(mf_component component, mf_tensor tensor, uint64_t words, double word_cycles,
                      Transfer &transfer);

    // Move a tile of ifmap or weights that is number `load` of the loads, as it comes in if it
    // bypasses the buffer.
    void carry(mf_component component, mf_tensor tensor, uint64_t load, uint64_t words,
               double word_cycles, Transfer &transfer);

    void watch(mf_component component, const char *what, double begin, double end);

    // The first failure counts.
    void fail(mf_status status);
    void stop();
    mf_status status = MF_OK;
    mf_diag diag{};
    bool complete = false;

  private:
    const sc_core::sc_time origin_;
};

// Cycles that the DRAM channel takes for so many bits, whole bursts.
double channel_cycles(const mf_chip_timing &timing, double bits);

uint64_t tile_words(const Ranges &tile, mf_tensor tensor);       // psums and weights
void read_psums(const Run &run, const Ranges &tile, Sums &sums); // from DRAM

// The processes. Each returns at the end of the layer, or throws Stop.
void load_ifmap(Run &run);
void load_weights(Run &run);
void load_psums(Run &run);
void store_psums(Run &run);
void carry_ifmap(Run &run);
void carry_weights(Run &run);
void carry_psums_in(Run &run);
void carry_psums_out(Run &run);

} // namespace mulfree

#endif
