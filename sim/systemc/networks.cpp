// Between the buffer and the PEs: one process per network. Each carries what the next array step
// needs as far ahead as the queues in front of the PEs reach.
#include "sim/systemc/run.hpp"

#include <map>

namespace mulfree
{
namespace
{
// May words for this step enter the PEs' queues?
void wait_for_queue(Run &run, uint64_t step)
{
    uint64_t ahead = run.timing.input_fifo_tiles;
    if (step + 1 > ahead)
        run.started.wait_for(step + 1 - ahead);
}

// Words of a tile that go over a network: on the Y bus, and on the X bus of every PE row that needs
// some of them.
struct Multicast {
    uint64_t y = 0, x = 0;
};

// Calls `with` with the part of an array tile that each PE row works on.
template <typename With> void each_pe_row(const mf_mapping &mapping, const Ranges &tile, With with)
{
    Ranges part;
    std::array<int64_t, MF_N_DIMENSIONS> at{};
    for (;;) {
        for (size_t d = 0; d < MF_N_DIMENSIONS; d++) {
            int64_t columns = mapping.tile[MF_COLUMNS][d], begin = tile[d].begin + at[d] * columns;
            part[d] = {begin, std::min(begin + columns, tile[d].end)};
        }
        with(part);
        size_t d = MF_N_DIMENSIONS;
        while (d > 0 && tile[d - 1].begin + (at[d - 1] + 1) * mapping.tile[MF_COLUMNS][d - 1] >=
                            tile[d - 1].end)
            at[--d] = 0;
        if (d == 0)
            return;
        at[d - 1]++;
    }
}

// Of the ifmap: all that the windows touch, or those that the tile before did not.
class IfmapWords
{
  public:
    explicit IfmapWords(const Run &run)
        : mapping_(*run.layer.mapping), rows_(run.rows), columns_(run.columns)
    {
    }

    Multicast take(const Ranges &tile, bool slide)
    {
        Multicast words;
        words.y = fresh(tile, slide);
        each_pe_row(mapping_, tile, [&](const Ranges &part) { words.x += fresh(part, slide); });
        e_ = tile[MF_E];
        f_ = tile[MF_F];
        return words;
    }

  private:
    // What slides is not spread over PEs: every part of the tile has all of it.
    uint64_t fresh(const Ranges &part, bool slide) const
    {
        int64_t words =
            rows_.touched(part[MF_E], part[MF_R]) * columns_.touched(part[MF_F], part[MF_S]);
        if (slide)
            words -= rows_.again(part[MF_E], before(part[MF_E], e_), part[MF_R]) *
                     columns_.again(part[MF_F], before(part[MF_F], f_), part[MF_S]);
        return static_cast<uint64_t>(words * part[MF_N].size() * part[MF_G].size() *
                                     part[MF_C].size());
    }

    // The outputs of a part in the tile before: those of all of that, if the part's have moved with
    // the tile's.
    Span before(Span now, Span tile_before) const
    {
        bool moved = now.begin >= tile_before.end || now.end <= tile_before.begin;
        return moved ? tile_before : now;
    }

    const mf_mapping &mapping_;
    const Axis rows_, columns_;
    Span e_, f_;
};

Multicast weight_words(const mf_mapping &mapping, const Ranges &tile)
{
    Multicast words;
    words.y = tile_words(tile, MF_WEIGHT);
    each_pe_row(mapping, tile, [&](const Ranges &part) { words.x += tile_words(part, MF_WEIGHT); });
    return words;
}

// When was a psum tile in the array last?
class LastVisits
{
  public:
    void forget()
    {
        last_.clear();
    }

    // The number of its last visit, 0 for none, which becomes `visit`.
    uint64_t exchange(const Ranges &tile, uint64_t visit)
    {
        std::swap(last_[{tile[MF_N].begin, tile[MF_G].begin, tile[MF_M].begin, tile[MF_E].begin,
                         tile[MF_F].begin}],
                  visit);
        return visit;
    }

  private:
    std::map<std::array<int64_t, 5>, uint64_t> last_;
};
} // namespace

void carry_ifmap(Run &run)
{
    Nest nest = run.nest();
    IfmapWords ifmap(run);
    mf_flow &flow = run.report.counts.flow[MF_IFMAP];
    uint64_t loads = 0, passes = 0;
    while (nest.next()) {
        passes += run.opens_pass(nest);
        loads += run.stale(nest, MF_IFMAP) != Stale::none;
        Stale stale = nest.array(MF_IFMAP);
        if (stale == Stale::none)
            continue;
        if (run.opens_pass(nest))
            run.moved[MF_WEIGHT].wait_for(passes); // a pass loads, then fills
        else
            wait_for_queue(run, nest.step());
        Transfer &transfer = run.moves[MF_IFMAP][run.moved[MF_IFMAP].count() + 1];
        Multicast words = ifmap.take(nest.array_tile(), stale == Stale::slide);
        run.carry(MF_COMPONENT_IFMAP_NETWORK, MF_IFMAP, loads, words.y,
                  run.machine.bus_cycles[MF_BOUND_IFMAP_BUS], transfer);
        flow.loads++;
        flow.bus_words += words.y;
        flow.row_words += words.x;
        if (!run.bypasses(MF_IFMAP))
            flow.buffer_reads += words.y;
        run.moved[MF_IFMAP].advance();
    }
}

void carry_weights(Run &run)
{
    Nest nest = run.nest();
    mf_flow &flow = run.report.counts.flow[MF_WEIGHT];
    uint64_t loads = 0, passes = 0;
    while (nest.next()) {
        loads += run.stale(nest, MF_WEIGHT) != Stale::none;
        if (nest.array(MF_WEIGHT) == Stale::none)
            continue;
        if (run.weights_wait)
            run.opened.wait_for(++passes);
        else
            wait_for_queue(run, nest.step());
        Transfer &transfer = run.moves[MF_WEIGHT][run.moved[MF_WEIGHT].count() + 1];
        Multicast words = weight_words(*run.layer.mapping, nest.array_tile());
        run.carry(MF_COMPONENT_WEIGHT_NETWORK, MF_WEIGHT, loads, words.y,
                  run.machine.bus_cycles[MF_BOUND_WEIGHT_BUS], transfer);
        flow.loads++;
        flow.bus_words += words.y;
        flow.row_words += words.x;
        if (!run.bypasses(MF_WEIGHT))
            flow.buffer_reads += words.y;
        run.moved[MF_WEIGHT].advance();
    }
}

// Psums that are resumed; those that begin are zero without being moved.
void carry_psums_in(Run &run)
{
    Nest nest = run.nest();
    mf_flow &flow = run.report.counts.flow[MF_PSUM];
    bool bypass = run.bypasses(MF_PSUM);
    LastVisits last_visits;
    uint64_t loads = 0, passes = 0, visits = 0;
    while (nest.next()) {
        passes += run.opens_pass(nest);
        loads += nest.buffer(MF_PSUM) != Stale::none;
        if (nest.array(MF_PSUM) == Stale::none)
            continue;
        if (!bypass && nest.buffer(MF_PSUM) != Stale::none)
            last_visits.forget(); // what was in the buffer before is loaded anew
        uint64_t last_visit = last_visits.exchange(nest.array_tile(), visits + 1);
        visits++;
        flow.loads++;
        if (!nest.array_resumes())
            continue;
        if (run.opens_pass(nest))
            run.opened.wait_for(passes);
        else
            wait_for_queue(run, nest.step());
        Transfer &transfer = run.moves[MF_PSUM][run.moved[MF_PSUM].count() + 1];
        (bypass ? run.stored : run.left)
            .wait_for(last_visit); // what it comes back to must be there
        uint64_t words = tile_words(nest.array_tile(), MF_PSUM);
        if (bypass) {
            flow.dram_reads += words;
            run.wait_until(run.pass_channel(
                RANK_PSUM_LOAD, static_cast<double>(words * run.machine.capacity.bits[MF_PSUM]),
                "psum"));
        } else {
            run.loaded[MF_PSUM].wait_for(loads);
            flow.buffer_reads += words;
        }
        run.pass_network(MF_COMPONENT_PSUM_IN, MF_PSUM, words,
                         run.machine.bus_cycles[MF_BOUND_PSUM_IN], transfer);
        flow.bus_words += words;
        flow.row_words += words; // one PE has it, and that PE's row
        run.moved[MF_PSUM].advance();
    }
}

void carry_psums_out(Run &run)
{
    Nest nest = run.nest();
    mf_flow &flow = run.report.counts.flow[MF_PSUM];
    bool bypass = run.bypasses(MF_PSUM);
    uint64_t visits = 0;
    while (nest.next()) {
        if (!nest.array_ends(MF_PSUM))
            continue;
        run.handed.wait_for(++visits);
        Transfer &transfer = run.leaves[visits];
        transfer.settled = run.handed_at.front() + static_cast<double>(run.timing.pipeline_cycles);
        run.wait_until(transfer.settled);
        if (bypass && visits > 1)
            run.stored.wait_for(visits - 1); // nothing holds a second tile on its way to DRAM
        uint64_t words = tile_words(nest.array_tile(), MF_PSUM);
        run.pass_network(MF_COMPONENT_PSUM_OUT, MF_PSUM, words,
                         run.machine.bus_cycles[MF_BOUND_PSUM_OUT], transfer);
        flow.bus_words += words;
        flow.row_words += words; // one PE has it, and that PE's row
        if (!bypass)
            flow.buffer_writes += words;
        run.handed_at.pop_front();
        run.lamps.psum_tiles_waiting--;
        run.left.advance();
    }
}

} // namespace mulfree
