// Step by step.
#include "sim/systemc/array.hpp"

#include <cinttypes>

namespace mulfree
{
namespace
{
// Call `with(place in sums, words of psums, how many)` for each run of filters.
template <typename With> void each_run(const Sums &psums, Sums &sums, With with)
{
    const auto &range = psums.range;
    const int64_t *from = psums.words.data();
    const int64_t n_m = range[4].size();
    for (int64_t n = range[0].begin; n < range[0].end; n++)
        for (int64_t g = range[1].begin; g < range[1].end; g++)
            for (int64_t e = range[2].begin; e < range[2].end; e++)
                for (int64_t f = range[3].begin; f < range[3].end; f++, from += n_m)
                    with(sums.at(n, g, e, f, range[4].begin), from, static_cast<size_t>(n_m));
}
} // namespace

Array::Array(uint64_t rows, uint64_t columns) : pes(rows * columns), rows_(rows), columns_(columns)
{
}

// Where each part of an array tile is worked on: dimension by dimension, the last fastest, over PE
// columns and over PE rows; so the kernel rows of a PE set lie below each other.
void Array::place_pes(const mf_mapping &mapping)
{
    std::array<uint64_t, MF_N_DIMENSIONS> across{}, down{};
    uint64_t n_columns = 1, n_rows = 1;
    for (size_t d = 0; d < MF_N_DIMENSIONS; d++) {
        uint64_t reg = mapping.tile[MF_REGISTER][d], columns = mapping.tile[MF_COLUMNS][d];
        across[d] = (columns + reg - 1) / reg;
        down[d] = (mapping.tile[MF_ROWS][d] + columns - 1) / columns;
        n_columns *= across[d];
        n_rows *= down[d];
    }
    places_.clear();
    for (uint64_t column = 0; column < n_columns; column++)
        for (uint64_t row = 0; row < n_rows; row++) {
            Ranges share;
            uint64_t a = column, b = row;
            bool head = true;
            for (size_t d = MF_N_DIMENSIONS; d-- > 0;) {
                int64_t begin = static_cast<int64_t>(b % down[d] * mapping.tile[MF_COLUMNS][d] +
                                                     a % across[d] * mapping.tile[MF_REGISTER][d]);
                share[d] = {begin, begin + mapping.tile[MF_REGISTER][d]};
                a /= across[d];
                b /= down[d];
                if (!(mf_tensor_dimensions(MF_PSUM) & MF_BIT(static_cast<unsigned>(d))))
                    head = head && begin == 0;
            }
            size_t pe = row * columns_ + column;
            pes[pe].configure(&layer_, share);
            places_.push_back({pe, head});
        }
}

void Array::configure(Run &run)
{
    const mf_chip_layer &layer = run.layer;
    layer_.work = run.work;
    layer_.rows = run.rows;
    layer_.columns = run.columns;
    layer_.gates_padding = run.machine.gates_padding;
    layer_.gates_zero = layer.gates_zero;
    layer_.pipeline_cycles = layer.timing.pipeline_cycles;
    for (int t = 0; t < MF_N_TENSORS; t++)
        loads_[t] = moves_[t] = 0;
    place_pes(*layer.mapping);
}

// The time from `from` to now went by waiting for `transfer`: for its data to come from DRAM, for a
// bank, and for the words to move.
void Array::charge(Run &run, double from, const Transfer &transfer, mf_stall rest)
{
    double now = run.now();
    if (now <= from)
        return;
    double data = std::min(std::max(transfer.data, from), now),
           port = std::min(std::max(transfer.port, data), now),
           late = std::max(now - transfer.starved, port); // the rest of the words waited for DRAM
    run.report.stall_cycles[MF_STALL_DRAM] += data - from + now - late;
    run.report.stall_cycles[MF_STALL_BUFFER_PORT] += port - data;
    run.report.stall_cycles[rest] += late - port;
    run.watch(MF_COMPONENT_ARRAY, mf_stall_name(MF_STALL_DRAM), from, data);
    run.watch(MF_COMPONENT_ARRAY, mf_stall_name(MF_STALL_BUFFER_PORT), data, port);
    run.watch(MF_COMPONENT_ARRAY, mf_stall_name(rest), port, late);
    run.watch(MF_COMPONENT_ARRAY, mf_stall_name(MF_STALL_DRAM), late, now);
}

// The last psums leave.
void Array::drain(Run &run)
{
    double from = run.now();
    run.left.wait_for(run.handed.count());
    double pipeline =
        std::min(std::max(run.leaves[run.handed.count()].settled - from, 0.0), run.now() - from);
    run.report.stall_cycles[MF_STALL_PIPELINE] += pipeline;
    run.watch(MF_COMPONENT_ARRAY, mf_stall_name(MF_STALL_PIPELINE), from, from + pipeline);
    charge(run, from + pipeline, run.leaves[run.handed.count()], MF_STALL_DRAIN);
}

// Psums of the pass before leave; then weights may come.
void Array::open_pass(Run &run)
{
    drain(run);
    run.report.n_passes++;
    run.lamps.pass++;
    run.opened.advance();
}

void Array::wait_for_words(Run &run, const Nest &nest)
{
    bool opens = run.opens_pass(nest), first = opens || nest.step() == 0;
    double from = run.now();
    if (nest.array(MF_WEIGHT) != Stale::none) {
        run.moved[MF_WEIGHT].wait_for(++moves_[MF_WEIGHT]);
        charge(run, from, run.moves[MF_WEIGHT][moves_[MF_WEIGHT]],
               opens ? MF_STALL_LOAD : MF_STALL_NETWORK);
    }
    from = run.now();
    if (nest.array(MF_IFMAP) != Stale::none) {
        run.moved[MF_IFMAP].wait_for(++moves_[MF_IFMAP]);
        charge(run, from, run.moves[MF_IFMAP][moves_[MF_IFMAP]],
               first ? MF_STALL_FILL : MF_STALL_NETWORK);
    }
    from = run.now();
    if (nest.buffer(MF_PSUM) != Stale::none)
        run.loaded[MF_PSUM].wait_for(++loads_[MF_PSUM]);
    Transfer room;
    room.data = room.port = run.now();
    charge(run, from, room, MF_STALL_DRAM);
    from = run.now();
    if (nest.array(MF_PSUM) != Stale::none && nest.array_resumes()) {
        run.moved[MF_PSUM].wait_for(++moves_[MF_PSUM]);
        charge(run, from, run.moves[MF_PSUM][moves_[MF_PSUM]], MF_STALL_PSUM);
    }
}

int32_t Array::stuck_bits(const Run &run, mf_tensor tensor, uint64_t step) const
{
    int32_t bits = 0;
    for (size_t i = 0; i < run.layer.n_faults; i++) {
        const mf_fault &fault = run.layer.faults[i];
        if (fault.kind != MF_FAULT_STUCK || fault.tensor != tensor || step < fault.step)
            continue;
        unsigned width = static_cast<unsigned>(run.machine.capacity.bits[tensor]),
                 bit = fault.bit % width;
        bool sign = bit == width - 1 &&
                    !(tensor == MF_WEIGHT && !Datapath(run.layer.format).has_signed_codes());
        int64_t one = int64_t{1} << bit;
        bits |= static_cast<int32_t>(sign ? -one : one); // a sign goes on to the left
    }
    return bits;
}

bool Array::loses(const Run &run, mf_tensor tensor, size_t pe, uint64_t step) const
{
    for (size_t i = 0; i < run.layer.n_faults; i++) {
        const mf_fault &fault = run.layer.faults[i];
        if (fault.kind == MF_FAULT_DROP && fault.tensor == tensor && fault.pe == pe &&
            fault.step == step)
            return true;
    }
    return false;
}

void Array::break_things(Run &run, uint64_t step)
{
    for (size_t i = 0; i < run.layer.n_faults; i++) {
        const mf_fault &fault = run.layer.faults[i];
        if (fault.kind != MF_FAULT_FLIP || fault.step != step)
            continue;
        for (const Place &place : active_)
            if (place.pe == fault.pe)
                pes[place.pe].flip(fault.tensor, fault.word, fault.bit, run.layer.format);
    }
}

// What has arrived at the PEs goes into their scratchpads.
void Array::take_words(Run &run, const Nest &nest)
{
    active_.clear();
    for (const Place &place : places_)
        if (pes[place.pe].take_share(nest.array_tile()))
            active_.push_back(place);
    loads_[MF_WEIGHT] += run.stale(nest, MF_WEIGHT) != Stale::none;
    loads_[MF_IFMAP] += run.stale(nest, MF_IFMAP) != Stale::none;
    if (nest.array(MF_WEIGHT) != Stale::none) {
        const Codes &tile = run.weight_tiles[(loads_[MF_WEIGHT] - 1) % run.weight_tiles.size()];
        int32_t stuck = stuck_bits(run, MF_WEIGHT, nest.step());
        for (const Place &place : active_)
            run.report.counts.flow[MF_WEIGHT].deliveries += pes[place.pe].receive_weights(
                tile, stuck, loses(run, MF_WEIGHT, place.pe, nest.step()));
    }
    if (nest.array(MF_IFMAP) != Stale::none) {
        const Codes &tile = run.ifmap_tiles[(loads_[MF_IFMAP] - 1) % run.ifmap_tiles.size()];
        bool slide = nest.array(MF_IFMAP) == Stale::slide;
        int32_t stuck = stuck_bits(run, MF_IFMAP, nest.step());
        for (const Place &place : active_)
            run.report.counts.flow[MF_IFMAP].deliveries += pes[place.pe].receive_ifmap(
                tile, slide, stuck, loses(run, MF_IFMAP, place.pe, nest.step()));
    }
}

// Psums that are resumed go to the head of each chain; everyone else begins at zero.
void Array::begin_psums(Run &run, const Nest &nest)
{
    const Sums *resumed = nullptr;
    if (nest.array(MF_PSUM) != Stale::none) {
        if (nest.array_resumes()) {
            resumed = &resumed_;
            if (!run.bypasses(MF_PSUM))
                resumed = &run.psum_tiles[(loads_[MF_PSUM] - 1) % run.psum_tiles.size()];
        }
    }
    if (resumed == &resumed_)
        read_psums(run, nest.array_tile(), resumed_);
    for (const Place &place : active_)
        if (!pes[place.pe].holds_psums())
            pes[place.pe].begin_psums(place.head ? resumed : nullptr);
}

uint64_t Array::busiest(const mf_mapping &mapping, const Ranges &tile) const
{
    uint64_t positions = 1;
    for (size_t d = 0; d < MF_N_DIMENSIONS; d++)
        positions *=
            std::min<uint64_t>(mapping.tile[MF_REGISTER][d], static_cast<uint64_t>(tile[d].size()));
    return positions;
}

void Array::compute(Run &run, const Nest &nest)
{
    uint64_t positions = busiest(*run.layer.mapping, nest.array_tile()),
             interval = run.timing.initiation_cycles;
    double from = run.now(), duration = static_cast<double>(positions * interval);
    run.lamps.busy[MF_COMPONENT_ARRAY] = true;
    if (run.layer.fidelity == MF_FIDELITY_ROW) {
        for (const Place &place : active_) {
            Pe &pe = pes[place.pe];
            size_t bad = pe.compute();
            if (bad != SIZE_MAX)
                overflow(run, pe.psums(), bad, "the psum scratchpad of a PE");
            pe.busy = true;
            pe.traced_psum = pe.psums().words[0];
        }
        run.wait_until(from + duration);
    } else {
        for (const Place &place : active_)
            pes[place.pe].start();
        for (uint64_t cycle = 0; cycle < positions * interval; cycle++) {
            for (const Place &place : active_)
                if (cycle % interval == 0)
                    pes[place.pe].busy =
                        pes[place.pe].tick(run.report.counts.n_compute_cycles * interval + cycle);
            run.wait_until(from + static_cast<double>(cycle + 1));
        }
    }
    for (const Place &place : active_) {
        Pe &pe = pes[place.pe];
        pe.busy = false;
        uint64_t own = 1;
        for (const Span &span : pe.share())
            own *= static_cast<uint64_t>(span.size());
        pe.activity.busy_cycles += own * interval;
    }
    run.lamps.busy[MF_COMPONENT_ARRAY] = false;
    run.report.counts.n_compute_cycles += positions;
    run.report.compute_cycles += duration;
    run.busy_cycles[MF_COMPONENT_ARRAY] += duration;
    run.watch(MF_COMPONENT_ARRAY, "step", from, run.now());
}

// One PE's psums on top of what its neighbours above summed up.
void Array::add_psums(Run &run, const Sums &psums)
{
    each_run(psums, sums_, [&](int64_t *to, const int64_t *from, size_t n) {
        for (size_t i = 0; i < n; i++)
            to[i] += from[i];
        size_t bad = layer_.datapath->first_overflow(to, n);
        if (bad < n)
            overflow(run, sums_, static_cast<size_t>(to - sums_.words.data()) + bad,
                     "the sum of a PE column");
    });
}

// Sum the psums of all PEs that hold them, one neighbour after the other, and hand them over.
void Array::retire_psums(Run &run, const Nest &nest)
{
    const Ranges &tile = nest.array_tile();
    sums_.reshape(tile[MF_N], tile[MF_G], tile[MF_E], tile[MF_F], tile[MF_M]);
    std::fill(sums_.words.begin(), sums_.words.end(), 0);
    for (const Place &place : places_) {
        Pe &pe = pes[place.pe];
        if (!pe.holds_psums())
            continue;
        size_t bad = run.layer.fidelity == MF_FIDELITY_CYCLE ? pe.settle() : SIZE_MAX;
        if (bad != SIZE_MAX)
            overflow(run, pe.psums(), bad, "the psum scratchpad of a PE");
        add_psums(run, pe.psums());
        run.report.counts.flow[MF_PSUM].deliveries += pe.psums().words.size();
        run.report.counts.psum_hops += place.head ? 0 : pe.psums().words.size();
        pe.release_psums();
    }
    double from = run.now();
    uint64_t handed = run.handed.count();
    run.left.wait_for(handed > 0 ? handed - 1
                                 : 0); // one tile may be on its way, one in the pipelines
    charge(run, from, run.leaves[handed > 0 ? handed - 1 : 0], MF_STALL_PSUM);
    size_t n = run.psum_tiles.size();
    if (run.bypasses(MF_PSUM))
        run.psum_tiles[handed % n] = sums_;
    else
        each_run(sums_, run.psum_tiles[(loads_[MF_PSUM] - 1) % n],
                 [](int64_t *to, const int64_t *from_, size_t n_m) {
                     std::copy(from_, from_ + n_m, to);
                 });
    run.handed_at.push_back(run.now());
    run.lamps.psum_tiles_waiting++;
    run.handed.advance();
}

void Array::overflow(Run &run, const Sums &psums, size_t word, const char *where)
{
    int64_t at[5], rest = static_cast<int64_t>(word);
    for (size_t i = 5; i-- > 0;) {
        at[i] = psums.range[i].begin + rest % psums.range[i].size();
        rest /= psums.range[i].size();
    }
    int64_t channel = at[1] * run.work.size[MF_M] + at[4];
    run.fail(mf_fail(
        &run.diag, MF_TOO_LARGE,
        "%s cannot hold the psum of image %" PRId64 ", channel %" PRId64 ", row %" PRId64
        ", column %" PRId64 ": %" PRId64 " takes more than %" PRIu64 " bits",
        where, at[0], channel, at[2], at[3], psums.words[word], run.layer.format.psum_bits));
}

// The last psums leave, then the last of them go to DRAM.
void Array::finish(Run &run)
{
    drain(run);
    double from = run.now();
    run.stored.wait_for(run.bypasses(MF_PSUM) ? run.handed.count() : loads_[MF_PSUM]);
    Transfer room;
    room.data = room.port = run.now();
    charge(run, from, room, MF_STALL_DRAM);
}

void Array::work(Run &run)
{
    Datapath datapath(run.layer.format);
    layer_.datapath = &datapath;
    configure(run);
    Nest nest = run.nest();
    while (nest.next()) {
        run.lamps.step++;
        if (run.opens_pass(nest))
            open_pass(run);
        wait_for_words(run, nest);
        run.started.advance();
        take_words(run, nest);
        begin_psums(run, nest);
        break_things(run, nest.step());
        compute(run, nest);
        run.finished.advance();
        run.report.counts.n_steps++;
        if (nest.array_ends(MF_PSUM))
            retire_psums(run, nest);
    }
    finish(run);
}

} // namespace mulfree
