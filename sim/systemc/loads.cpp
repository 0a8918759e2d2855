// Between DRAM and the buffer (or the networks, for tensors that bypass it): one process per tensor
// brings tiles in as soon as there is room for them, one writes psums back.
#include "sim/systemc/run.hpp"
#include "sim/systemc/run_length.hpp"

namespace mulfree
{
namespace
{
bool single(const Run &run, mf_tensor tensor)
{
    return run.machine.capacity.buffering[tensor] == MF_BUFFERING_SINGLE;
}

// Is there room in the buffer for tile `number`, the first use of which is in step `step`? That of
// the tile before is in step `last_step`.
void wait_for_buffer(Run &run, mf_tensor tensor, uint64_t step, uint64_t last_step)
{
    // Either all that use the tile before are done; or that tile is in use, and the one before it
    // is not.
    run.finished.wait_for(single(run, tensor) ? step : last_step);
}

// The words that wait in front of a network because their tensor bypasses the buffer.
class Prefetch
{
  public:
    Prefetch(Run &run, mf_tensor tensor) : run_(run), tensor_(tensor) {}

    // Until there is room for one more tile of `words`; a tile that is larger than all of the space
    // comes when the space is empty.
    void wait_for_room(uint64_t words)
    {
        while (begun_ < number_) {
            drop_begun();
            if (n_tiles() == 0 ||
                (n_words_ + words <= run_.timing.prefetch_words && n_tiles() < Run::most_ahead))
                break;
            run_.moving[tensor_].wait_for(begun_ + 1);
        }
        sizes_.push_back(words);
        n_words_ += words;
        number_++;
    }

  private:
    uint64_t n_tiles() const
    {
        return number_ - begun_;
    }

    void drop_begun()
    {
        for (; begun_ < run_.moving[tensor_].count(); begun_++) {
            n_words_ -= sizes_.front();
            sizes_.pop_front();
        }
    }

    Run &run_;
    const mf_tensor tensor_;
    std::deque<uint64_t> sizes_; // of tiles number begun_ to number_
    uint64_t n_words_ = 0, begun_ = 0, number_ = 0;
};

// The ifmap tile from DRAM; `rows` x `columns` of it are there already, in `before`.
struct IfmapPart {
    Span rows, columns;
};

// A row of the layer in a plane of a map of which some rows are there.
uint64_t place_of(const mf_chip_ring &ring, uint64_t all, uint64_t plane, uint64_t row)
{
    return ring.rows ? plane * ring.rows + (ring.first + row) % ring.rows : plane * all + row;
}

// One row of the ifmap, in DRAM or in the buffer.
const int32_t *ifmap_row(const Run &run, int64_t n, int64_t channel, int64_t row)
{
    const mf_work &w = run.work;
    int64_t channels = int64_t{w.size[MF_G]} * w.size[MF_C];
    return run.layer.ifmap + place_of(run.layer.ifmap_ring, static_cast<uint64_t>(w.h),
                                      static_cast<uint64_t>(n * channels + channel),
                                      static_cast<uint64_t>(row)) *
                                 static_cast<uint64_t>(w.w);
}

// Does the tile have this position without touching DRAM?
bool has(const Codes *before, int64_t row, int64_t column)
{
    return before && row >= before->range[2].begin && row < before->range[2].end &&
           column >= before->range[3].begin && column < before->range[3].end;
}

// Fill `tile` with what `ranges` touch; words that `before` has come from there. Words in the gaps
// between windows are not moved. Bits that pass the channel.
class IfmapFill
{
  public:
    IfmapFill(const Run &run, const Ranges &ranges, const Codes *before, Codes &tile)
        : run_(run), ranges_(ranges), before_(before), tile_(tile),
          coder_(run.timing.run_length_bits, run.machine.capacity.bits[MF_IFMAP]), e_(ranges[MF_E]),
          f_(ranges[MF_F]), r_(ranges[MF_R]), s_(ranges[MF_S])
    {
        tile.reshape(ranges[MF_N], ranges[MF_G], run.rows.inside(run.rows.window(e_, r_)),
                     run.columns.inside(run.columns.window(f_, s_)), ranges[MF_C]);
    }

    void fill()
    {
        for (int64_t n = ranges_[MF_N].begin; n < ranges_[MF_N].end; n++)
            for (int64_t g = ranges_[MF_G].begin; g < ranges_[MF_G].end; g++)
                for (int64_t c = ranges_[MF_C].begin; c < ranges_[MF_C].end; c++)
                    for (int64_t row = tile_.range[2].begin; row < tile_.range[2].end; row++)
                        if (touches(run_.rows, row, e_, r_))
                            fill_row(n, g, c, row);
    }

    uint64_t words() const
    {
        return words_;
    }

    double bits() const
    {
        return run_.layer.codes_ifmap
                   ? static_cast<double>(coder_.bits())
                   : static_cast<double>(words_ * run_.machine.capacity.bits[MF_IFMAP]);
    }

  private:
    static bool touches(const Axis &axis, int64_t at, Span out, Span kernel)
    {
        if (!axis.gaps(kernel))
            return true;
        int64_t offset = at + axis.pad - kernel.begin - axis.stride * out.begin;
        return offset % axis.stride < kernel.size();
    }

    void fill_row(int64_t n, int64_t g, int64_t c, int64_t row)
    {
        const int32_t *from = ifmap_row(run_, n, g * run_.work.size[MF_C] + c, row);
        for (int64_t column = tile_.range[3].begin; column < tile_.range[3].end; column++) {
            int32_t &word = *tile_.at(n, g, row, column, c);
            if (has(before_, row, column)) {
                word = *before_->at(n, g, row, column, c);
                continue;
            }
            if (!touches(run_.columns, column, f_, s_))
                continue;
            word = from[column];
            words_++;
            if (run_.layer.codes_ifmap)
                coder_.add(word);
        }
    }

    const Run &run_;
    const Ranges &ranges_;
    const Codes *before_;
    Codes &tile_;
    RunLength coder_;
    Span e_, f_, r_, s_;
    uint64_t words_ = 0;
};

void fill_weights(const Run &run, const Ranges &tile, Codes &to)
{
    const mf_work &w = run.work;
    const Span g = tile[MF_G], m = tile[MF_M], c = tile[MF_C], r = tile[MF_R], s = tile[MF_S];
    to.reshape(g, r, s, c, m);
    int32_t *word = to.words.data();
    for (int64_t a = g.begin; a < g.end; a++)
        for (int64_t i = r.begin; i < r.end; i++)
            for (int64_t j = s.begin; j < s.end; j++)
                for (int64_t k = c.begin; k < c.end; k++)
                    for (int64_t b = m.begin; b < m.end; b++) {
                        int64_t filter = a * w.size[MF_M] + b;
                        int64_t at = (filter * w.size[MF_C] + k) * w.size[MF_R] + i;
                        *word++ = run.layer.weights[at * w.size[MF_S] + j];
                    }
}

// Call `with(word of the tile, plane, row, column)` for all psums of a tile in DRAM's order; planes are
// those of all images' filters.
template <typename With> void each_psum(const Run &run, const Ranges &tile, Sums &sums, With with)
{
    for (int64_t n = tile[MF_N].begin; n < tile[MF_N].end; n++)
        for (int64_t g = tile[MF_G].begin; g < tile[MF_G].end; g++)
            for (int64_t m = tile[MF_M].begin; m < tile[MF_M].end; m++)
                for (int64_t e = tile[MF_E].begin; e < tile[MF_E].end; e++)
                    for (int64_t f = tile[MF_F].begin; f < tile[MF_F].end; f++) {
                        int64_t plane = (n * run.work.size[MF_G] + g) * run.work.size[MF_M] + m;
                        with(*sums.at(n, g, e, f, m), static_cast<uint64_t>(plane),
                             static_cast<uint64_t>(e), static_cast<uint64_t>(f));
                    }
}

uint64_t dram_psum(const mf_work &w, uint64_t plane, uint64_t e, uint64_t f)
{
    return (plane * w.size[MF_E] + e) * w.size[MF_F] + f;
}

void shape_psums(const Ranges &tile, Sums &sums)
{
    sums.reshape(tile[MF_N], tile[MF_G], tile[MF_E], tile[MF_F], tile[MF_M]);
}

bool same_psums(const Ranges &a, const Ranges &b)
{
    for (int d : {MF_N, MF_G, MF_M, MF_E, MF_F})
        if (a[static_cast<size_t>(d)] != b[static_cast<size_t>(d)])
            return false;
    return true;
}
} // namespace

void load_ifmap(Run &run)
{
    Nest nest = run.nest();
    mf_flow &flow = run.report.counts.flow[MF_IFMAP];
    bool bypass = run.bypasses(MF_IFMAP), resident = run.machine.capacity.resident[MF_IFMAP];
    uint64_t number = 0, last_step = 0;
    while (nest.next()) {
        Stale stale = run.stale(nest, MF_IFMAP);
        if (stale == Stale::none)
            continue;
        if (bypass)
            run.moving[MF_IFMAP].wait_for(number);
        else
            wait_for_buffer(run, MF_IFMAP, nest.step(), last_step);
        size_t n = run.ifmap_tiles.size();
        const Codes *before =
            stale == Stale::slide ? &run.ifmap_tiles[(number + n - 1) % n] : nullptr;
        IfmapFill fill(run, bypass ? nest.array_tile() : nest.buffer_tile(), before,
                       run.ifmap_tiles[number % n]);
        fill.fill();
        flow.dram_reads += fill.words();
        if (!bypass)
            flow.buffer_writes += fill.words();
        if (!resident)
            run.report.ifmap_dram_bits += static_cast<uint64_t>(fill.bits());
        run.load(RANK_IFMAP, MF_IFMAP, number, fill.words(), resident ? 0 : fill.bits());
        last_step = nest.step();
        number++;
    }
}

void load_weights(Run &run)
{
    Nest nest = run.nest();
    mf_flow &flow = run.report.counts.flow[MF_WEIGHT];
    bool bypass = run.bypasses(MF_WEIGHT), resident = run.machine.capacity.resident[MF_WEIGHT];
    Prefetch prefetch(run, MF_WEIGHT);
    uint64_t number = 0, last_step = 0;
    while (nest.next()) {
        if (run.stale(nest, MF_WEIGHT) == Stale::none)
            continue;
        if (bypass)
            prefetch.wait_for_room(tile_words(nest.array_tile(), MF_WEIGHT));
        else
            wait_for_buffer(run, MF_WEIGHT, nest.step(), last_step);
        Codes &tile = run.weight_tiles[number % run.weight_tiles.size()];
        fill_weights(run, bypass ? nest.array_tile() : nest.buffer_tile(), tile);
        uint64_t words = tile.words.size();
        flow.dram_reads += words;
        if (!bypass)
            flow.buffer_writes += words;
        uint64_t bits = resident ? 0 : words * run.machine.capacity.bits[MF_WEIGHT];
        run.load(RANK_WEIGHT, MF_WEIGHT, number, words, static_cast<double>(bits));
        last_step = nest.step();
        number++;
    }
}

// Psums that bypass the buffer come straight from DRAM (networks.cpp).
void load_psums(Run &run)
{
    if (run.bypasses(MF_PSUM))
        return;
    Nest nest = run.nest();
    mf_flow &flow = run.report.counts.flow[MF_PSUM];
    Ranges before{};
    uint64_t number = 0;
    while (nest.next()) {
        if (nest.buffer(MF_PSUM) == Stale::none)
            continue;
        bool resumes = nest.buffer_resumes(), again = same_psums(nest.buffer_tile(), before);
        bool waits = single(run, MF_PSUM) || (resumes && again);
        if (number > 0)
            run.stored.wait_for(waits ? number : number - 1);
        Sums &tile = run.psum_tiles[number % run.psum_tiles.size()];
        shape_psums(nest.buffer_tile(), tile);
        if (resumes) {
            read_psums(run, nest.buffer_tile(), tile);
            uint64_t words = tile.words.size();
            flow.dram_reads += words;
            flow.buffer_writes += words;
            run.wait_until(run.pass_channel(
                RANK_PSUM_LOAD, static_cast<double>(words * run.machine.capacity.bits[MF_PSUM]),
                "psum"));
        }
        before = nest.buffer_tile();
        number++;
        run.lamps.tiles_loaded[MF_PSUM]++;
        run.loaded[MF_PSUM].advance();
    }
}

void read_psums(const Run &run, const Ranges &tile, Sums &sums)
{
    shape_psums(tile, sums);
    each_psum(run, tile, sums, [&](int64_t &word, uint64_t plane, uint64_t e, uint64_t f) {
        word = run.layer.psums[dram_psum(run.work, plane, e, f)];
    });
}

namespace
{
// What becomes of a finished psum in the buffer: its code, or the sign of that where nobody reads more.
void hold(const Run &run, uint64_t plane, uint64_t e, uint64_t f, int32_t code)
{
    const mf_work &w = run.work;
    uint64_t row = place_of(run.layer.held_ring, w.size[MF_E], plane, e);
    bool signs = run.machine.output_bits + run.machine.beside_bits == 1;
    run.layer.held[row * w.size[MF_F] + f] = signs ? mf_integer_sign(code) : code;
}

// A tile to DRAM, the buffer or both; the bits that it takes in DRAM.
double write_tile(Run &run, const Ranges &ranges, Sums &tile, bool final)
{
    const mf_requantiser *requantiser = run.layer.requantiser;
    bool coded = final && requantiser && run.layer.codes_output,
         held = final && run.machine.keeps_output && run.layer.held;
    uint64_t filters = uint64_t{run.work.size[MF_G]} * run.work.size[MF_M];
    uint64_t word_bits = final ? run.machine.output_bits : run.machine.capacity.bits[MF_PSUM],
             beside_bits = final ? run.machine.beside_bits : 0;
    RunLength coder(run.timing.run_length_bits, word_bits);
    each_psum(run, ranges, tile, [&](int64_t &word, uint64_t plane, uint64_t e, uint64_t f) {
        run.layer.psums[dram_psum(run.work, plane, e, f)] = word;
        if (!coded && !held)
            return;
        int32_t code = mf_requantise(requantiser, plane % filters, word);
        if (coded)
            coder.add(code);
        if (held)
            hold(run, plane, e, f, code);
    });
    uint64_t n_words = tile.words.size(), bits = coded ? coder.bits() : n_words * word_bits;
    bits += n_words * beside_bits;
    if (final && run.machine.keeps_output && !run.layer.stores_held)
        return 0;
    if (final)
        run.report.output_dram_bits += bits;
    return static_cast<double>(bits);
}
} // namespace

void store_psums(Run &run)
{
    Nest nest = run.nest();
    mf_flow &flow = run.report.counts.flow[MF_PSUM];
    bool bypass = run.bypasses(MF_PSUM);
    uint64_t number = 0, visits = 0;
    while (nest.next()) {
        visits += nest.array_ends(MF_PSUM);
        if (!(bypass ? nest.array_ends(MF_PSUM) : nest.buffer_ends(MF_PSUM)))
            continue;
        run.left.wait_for(visits);
        Sums &tile = run.psum_tiles[number % run.psum_tiles.size()];
        double bits = write_tile(run, bypass ? nest.array_tile() : nest.buffer_tile(), tile,
                                 bypass ? nest.array_completes() : nest.buffer_completes());
        flow.dram_writes += tile.words.size();
        if (!bypass)
            flow.buffer_reads += tile.words.size();
        run.pass_channel(RANK_PSUM_STORE, bits, "psum");
        number++;
        run.stored.advance();
    }
}

} // namespace mulfree
