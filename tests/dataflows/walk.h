// A slow simulator of the rules in dataflows/reuse.h: it walks every loop of a nest, keeps in sets
// what the buffer and each PE hold, and counts each word that moves. It shares no arithmetic with
// reuse.c.
#ifndef MF_TESTS_DATAFLOWS_WALK_H
#define MF_TESTS_DATAFLOWS_WALK_H

#include "dataflows/reuse.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace walk
{
using Word = std::array<long, 4>; // ifmap: n, channel, row, column; weight: filter, c, r, s; ...
using Words = std::set<Word>;
using Range = std::array<std::array<long, 2>, MF_N_DIMENSIONS>; // [begin, end) of each dimension

// One level's copy of one tensor.
struct Store {
    Words held;
    bool replace = true, slide = false; // why it is stale, if it is
};

class Walker
{
  public:
    Walker(const mf_work &work, const mf_mapping &mapping, bool slide_buffer)
        : work_(work), mapping_(mapping), slide_buffer_(slide_buffer)
    {
    }

    mf_counts run()
    {
        Range all;
        for (int d = 0; d < MF_N_DIMENSIONS; d++)
            all[d] = {0, static_cast<long>(work_.size[d])};
        loop(all, 0);
        retire_array_psums();
        if (!mapping_.bypass_buffer[MF_PSUM])
            counts_.flow[MF_PSUM].dram_writes += drain(buffer_[MF_PSUM].held);
        return counts_;
    }

  private:
    const mf_work work_;
    const mf_mapping mapping_;
    const bool slide_buffer_;
    mf_counts counts_{};
    Range buffer_tile_{};
    Store buffer_[MF_N_TENSORS], array_[MF_N_TENSORS];
    std::map<long, Words> pe_[MF_N_TENSORS]; // contents of each working PE
    Words begun_;                            // psums that hold something somewhere

    uint64_t drain(const Words &words)
    {
        counts_.flow[MF_PSUM].buffer_reads += words.size();
        return words.size();
    }

    long step_of(int level, int d) const
    {
        return mapping_.tile[level == MF_DRAM_LOOPS ? MF_BUFFER : MF_ROWS][d];
    }

    bool moves(int level, int d) const
    {
        long outer = level == MF_DRAM_LOOPS ? work_.size[d] : mapping_.tile[MF_BUFFER][d];
        return outer > step_of(level, d);
    }

    static bool depends(int tensor, int d)
    {
        const char *on[] = {"NGCEFRS", "GMCRS", "NGMEF"};
        return std::string(on[tensor]).find("NGMCEFRS"[d]) != std::string::npos;
    }

    // The innermost loop outside `stores` that replaces the tensor's tile, as depth; -1 if none.
    int innermost(int tensor, int n_depths) const
    {
        for (int depth = n_depths - 1; depth >= 0; depth--) {
            int level = depth / MF_N_DIMENSIONS, d = mapping_.order[level][depth % MF_N_DIMENSIONS];
            if (depends(tensor, d) && moves(level, d))
                return depth;
        }
        return -1;
    }

    bool spread(int d) const
    {
        return mapping_.tile[MF_ROWS][d] > mapping_.tile[MF_REGISTER][d];
    }

    bool may_slide(bool array, int d) const
    {
        if (d != MF_E && d != MF_F)
            return false;
        return array ? !spread(d) && !spread(d == MF_E ? MF_R : MF_S) : slide_buffer_;
    }

    void make_stale(Store *stores, bool array, int depth, bool advanced)
    {
        int level = depth / MF_N_DIMENSIONS, d = mapping_.order[level][depth % MF_N_DIMENSIONS];
        for (int t = 0; t < MF_N_TENSORS; t++) {
            if (!depends(t, d) || !moves(level, d))
                continue;
            bool last = innermost(t, array ? 2 * MF_N_DIMENSIONS : MF_N_DIMENSIONS) == depth;
            if (t == MF_IFMAP && advanced && last && may_slide(array, d))
                stores[t].slide = true;
            else
                stores[t].replace = true;
        }
    }

    void loop(const Range &range, int depth)
    {
        if (depth == MF_N_DIMENSIONS)
            buffer_tile_ = range;
        if (depth == 2 * MF_N_DIMENSIONS) {
            step(range);
            return;
        }
        int level = depth / MF_N_DIMENSIONS, d = mapping_.order[level][depth % MF_N_DIMENSIONS];
        for (long i = range[d][0]; i < range[d][1]; i += step_of(level, d)) {
            if (level == MF_DRAM_LOOPS)
                make_stale(buffer_, false, depth, i > range[d][0]);
            make_stale(array_, true, depth, i > range[d][0]);
            Range inner = range;
            inner[d] = {i, std::min(i + step_of(level, d), range[d][1])};
            loop(inner, depth + 1);
        }
    }

    // Every position of a tile, and the word of `tensor` it needs; false on padding.
    bool word_of(int tensor, const std::array<long, MF_N_DIMENSIONS> &at, Word *word) const
    {
        if (tensor == MF_WEIGHT) {
            *word = {at[MF_G] * work_.size[MF_M] + at[MF_M], at[MF_C], at[MF_R], at[MF_S]};
            return true;
        }
        if (tensor == MF_PSUM) {
            *word = {at[MF_N], at[MF_G] * work_.size[MF_M] + at[MF_M], at[MF_E], at[MF_F]};
            return true;
        }
        long row = static_cast<long>(work_.stride) * at[MF_E] + at[MF_R] - work_.pad_rows,
             column = static_cast<long>(work_.stride) * at[MF_F] + at[MF_S] - work_.pad_columns;
        *word = {at[MF_N], at[MF_G] * work_.size[MF_C] + at[MF_C], row, column};
        return row >= 0 && row < work_.h && column >= 0 && column < work_.w;
    }

    Words words_of(int tensor, const Range &range) const
    {
        Words words;
        Word word;
        std::array<long, MF_N_DIMENSIONS> at;
        for (int d = 0; d < MF_N_DIMENSIONS; d++)
            at[d] = range[d][0];
        for (;;) {
            if (word_of(tensor, at, &word))
                words.insert(word);
            int d = MF_N_DIMENSIONS - 1;
            while (d >= 0 && (!depends(tensor, d) || ++at[d] == range[d][1]))
                at[d] = range[d][0], d--;
            if (d < 0)
                return words;
        }
    }

    static Words minus(const Words &a, const Words &b)
    {
        Words rest;
        std::set_difference(a.begin(), a.end(), b.begin(), b.end(),
                            std::inserter(rest, rest.end()));
        return rest;
    }

    // The PEs at work in an array tile, and each one's share: first whole strips of PE columns,
    // then within a strip.
    std::vector<Range> shares(const Range &range) const
    {
        std::vector<Range> all = {range};
        for (int d = 0; d < MF_N_DIMENSIONS; d++)
            for (int level : {MF_COLUMNS, MF_REGISTER}) {
                std::vector<Range> cut;
                for (const Range &share : all)
                    for (long i = share[d][0]; i < share[d][1]; i += mapping_.tile[level][d]) {
                        cut.push_back(share);
                        cut.back()[d] = {i,
                                         std::min(i + long{mapping_.tile[level][d]}, share[d][1])};
                    }
                all = cut;
            }
        return all;
    }

    // Which PE works on a share: its offset in the array tile.
    long pe_of(const Range &share, const Range &range) const
    {
        long pe = 0;
        for (int d = 0; d < MF_N_DIMENSIONS; d++)
            pe = pe * 64 + (share[d][0] - range[d][0]) / mapping_.tile[MF_REGISTER][d];
        return pe;
    }

    // Which row of PEs works on a share.
    std::vector<long> row_of(const Range &share, const Range &range) const
    {
        std::vector<long> row;
        for (int d = 0; d < MF_N_DIMENSIONS; d++)
            row.push_back((share[d][0] - range[d][0]) / mapping_.tile[MF_COLUMNS][d]);
        return row;
    }

    void fill_buffer()
    {
        for (int t : {MF_IFMAP, MF_WEIGHT}) {
            Store &store = buffer_[t];
            if (mapping_.bypass_buffer[t] || !(store.replace || store.slide))
                continue;
            Words next = words_of(t, buffer_tile_);
            uint64_t n = (store.replace ? next : minus(next, store.held)).size();
            counts_.flow[t].dram_reads += n;
            counts_.flow[t].buffer_writes += n;
            store = {next, false, false};
        }
        Store &psums = buffer_[MF_PSUM];
        if (mapping_.bypass_buffer[MF_PSUM] || !psums.replace)
            return;
        retire_array_psums();
        counts_.flow[MF_PSUM].dram_writes += drain(psums.held);
        psums = {words_of(MF_PSUM, buffer_tile_), false, false};
        for (const Word &word : psums.held)
            if (begun_.count(word)) {
                counts_.flow[MF_PSUM].dram_reads++;
                counts_.flow[MF_PSUM].buffer_writes++;
            }
    }

    void fill_operand(int t, const std::vector<Range> &all, const Range &range)
    {
        Store &store = array_[t];
        if (!(store.replace || store.slide))
            return;
        Words sent;
        std::map<long, Words> now;
        std::map<std::vector<long>, Words> on_row; // what some PE of each row takes
        for (const Range &share : all) {
            long pe = pe_of(share, range);
            now[pe] = words_of(t, share);
            Words fresh = store.replace ? now[pe] : minus(now[pe], pe_[t][pe]);
            counts_.flow[t].deliveries += fresh.size();
            sent.insert(fresh.begin(), fresh.end());
            on_row[row_of(share, range)].insert(fresh.begin(), fresh.end());
        }
        for (const auto &[row, words] : on_row)
            counts_.flow[t].row_words += words.size();
        pe_[t] = now;
        store = {{}, false, false};
        counts_.flow[t].loads++;
        counts_.flow[t].bus_words += sent.size();
        if (mapping_.bypass_buffer[t])
            counts_.flow[t].dram_reads += sent.size();
        else
            counts_.flow[t].buffer_reads += sent.size();
    }

    // Sum over the PEs that hold a psum, and write it up.
    void retire_array_psums()
    {
        std::map<Word, uint64_t> holders;
        for (const auto &[pe, words] : pe_[MF_PSUM])
            for (const Word &word : words)
                holders[word]++;
        for (const auto &[word, n] : holders) {
            counts_.flow[MF_PSUM].deliveries += n;
            counts_.psum_hops += n - 1;
            counts_.flow[MF_PSUM].bus_words++;
            counts_.flow[MF_PSUM].row_words++;
            if (mapping_.bypass_buffer[MF_PSUM])
                counts_.flow[MF_PSUM].dram_writes++;
            else
                counts_.flow[MF_PSUM].buffer_writes++;
            begun_.insert(word);
        }
        pe_[MF_PSUM].clear();
    }

    void work_on_psums(const std::vector<Range> &all, const Range &range)
    {
        mf_flow &flow = counts_.flow[MF_PSUM];
        if (array_[MF_PSUM].replace) {
            retire_array_psums();
            flow.loads++;
            array_[MF_PSUM].replace = false;
            for (const Word &word : words_of(MF_PSUM, range)) {
                if (!begun_.count(word))
                    continue;
                flow.bus_words++;
                flow.row_words++;
                if (mapping_.bypass_buffer[MF_PSUM])
                    flow.dram_reads++;
                else
                    flow.buffer_reads++;
            }
        }
        for (const Range &share : all)
            pe_[MF_PSUM][pe_of(share, range)].merge(words_of(MF_PSUM, share));
    }

    void step(const Range &range)
    {
        std::vector<Range> all = shares(range);
        fill_buffer();
        fill_operand(MF_IFMAP, all, range);
        fill_operand(MF_WEIGHT, all, range);
        work_on_psums(all, range);
        uint64_t busiest = 0;
        for (const Range &share : all) {
            uint64_t macs = 1;
            for (const auto &[begin, end] : share)
                macs *= static_cast<uint64_t>(end - begin);
            busiest = std::max(busiest, macs);
            counts_.n_macs += macs;
        }
        counts_.n_steps++;
        counts_.n_compute_cycles += busiest;
        count_padding(range);
    }

    void count_padding(const Range &range)
    {
        Word word;
        std::array<long, MF_N_DIMENSIONS> at;
        for (int d = 0; d < MF_N_DIMENSIONS; d++)
            at[d] = range[d][0];
        for (;;) {
            counts_.n_padded_macs += !word_of(MF_IFMAP, at, &word);
            int d = MF_N_DIMENSIONS - 1;
            while (d >= 0 && ++at[d] == range[d][1])
                at[d] = range[d][0], d--;
            if (d < 0)
                return;
        }
    }
};
} // namespace walk

#endif
