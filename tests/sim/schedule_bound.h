// The least words that any schedule of segments, bands and maps that stay could move, in a buffer of so many words: every
// operand moves once for each time that its layer works, tiles and psums take no room, bands have any height, halos are
// held. It shares no code with the search or its layouts: rows are followed band by band, cuts by dynamic
// programming over the maps that stay.
#ifndef MF_TESTS_SIM_SCHEDULE_BOUND_H
#define MF_TESTS_SIM_SCHEDULE_BOUND_H

#include "models/network.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace schedule_bound
{
// The network as maps and windows; words of one row of a map, rows that windows look at.
class Graph
{
  public:
    explicit Graph(const mf_network *network) : network_(network)
    {
        for (size_t i = 0; i < size(); i++)
            for (size_t k = 0; k < layer(i).n_inputs; k++)
                readers[layer(i).input[k]].insert(i);
    }
    size_t size() const
    {
        return network_->n_layers;
    }
    const mf_layer &layer(size_t i) const
    {
        return network_->layers[i];
    }
    uint64_t rows(int map) const
    {
        return map < 0 ? network_->input_rows : layer(static_cast<size_t>(map)).shape.e;
    }
    uint64_t row_words(int map) const
    {
        if (map < 0)
            return network_->batch * network_->input_channels * network_->input_columns;
        const mf_shape &s = layer(static_cast<size_t>(map)).shape;
        return s.n * s.m * s.f;
    }
    uint64_t weights(size_t i) const
    {
        const mf_shape &s = layer(i).shape;
        return mf_layer_has_weights(&layer(i)) ? s.m * (s.c / s.g) * s.r * s.s : 0;
    }
    // Does row by row of the layer follow from rows of the map?
    bool by_rows(size_t i, int map) const
    {
        bool factors = layer(i).kind == MF_LAYER_SCALE && layer(i).input[0] != map;
        return !factors && rows(map) == layer(i).shape.h;
    }
    // Behind the last row of the map that rows up to `end` need; the first that rows from `begin` on need.
    uint64_t needs_to(size_t i, int map, uint64_t end) const
    {
        const mf_shape &s = layer(i).shape;
        if (end == 0)
            return 0;
        uint64_t last = (end - 1) * s.stride + s.r;
        return !by_rows(i, map) ? rows(map)
                                : std::min(rows(map), last > s.pad_rows ? last - s.pad_rows : 0);
    }
    uint64_t needs_from(size_t i, int map, uint64_t begin) const
    {
        const mf_shape &s = layer(i).shape;
        if (!by_rows(i, map))
            return 0;
        return begin * s.stride > s.pad_rows ? begin * s.stride - s.pad_rows : 0;
    }
    std::map<int, std::set<size_t>> readers;

  private:
    const mf_network *network_;
};

// Layers [first, end) in bands of so many rows of the last one's map.
struct Bands {
    Bands(const Graph &graph, size_t first, size_t end, uint64_t height)
        : g(graph), from(first), to(end),
          n((graph.rows(static_cast<int>(end) - 1) + height - 1) / height), upto(end - first)
    {
        uint64_t e = g.rows(static_cast<int>(end) - 1);
        for (size_t i = end; i-- > first;)
            for (uint64_t b = 0; b < n; b++) {
                uint64_t rows = g.rows(static_cast<int>(i)), made = 0;
                if (i + 1 == end)
                    made = std::min((b + 1) * height, e);
                else if (inside(static_cast<int>(i)).empty())
                    made = (rows * (b + 1) + n - 1) / n;
                else
                    made = needed(static_cast<int>(i), b);
                upto[i - first].push_back(b + 1 == n ? rows : made);
            }
        for (std::vector<uint64_t> &ends : upto)
            for (size_t b = 1; b < ends.size(); b++)
                ends[b] = std::max(ends[b], ends[b - 1]);
    }
    std::set<size_t> inside(int map) const
    {
        std::set<size_t> readers;
        auto all = g.readers.find(map);
        if (all != g.readers.end())
            for (size_t i : all->second)
                if (i >= from && i < to)
                    readers.insert(i);
        return readers;
    }
    uint64_t end_of(size_t layer, uint64_t b) const
    {
        return upto[layer - from][b];
    }
    uint64_t begin_of(size_t layer, uint64_t b) const
    {
        return b ? upto[layer - from][b - 1] : 0;
    }
    // Behind the last row of a map that is needed up to band b.
    uint64_t needed(int map, uint64_t b) const
    {
        uint64_t end = 0;
        for (size_t i : inside(map))
            end = std::max(end, g.needs_to(i, map, end_of(i, b)));
        return end;
    }
    // Most rows of a map that are there at once, if after band b those up to ends(b) are.
    template <typename Ends> uint64_t held(int map, Ends ends) const
    {
        uint64_t low = UINT64_MAX, most = 0;
        for (uint64_t b = n; b-- > 0;) {
            for (size_t i : inside(map))
                if (end_of(i, b) > begin_of(i, b))
                    low = std::min(low, g.needs_from(i, map, begin_of(i, b)));
            if (ends(b) > low)
                most = std::max(most, ends(b) - low);
        }
        return most;
    }
    // Tasks are numbered band by band: the first and the last in which a layer works, a map is read.
    uint64_t first_work(size_t layer) const
    {
        uint64_t b = 0;
        while (end_of(layer, b) == begin_of(layer, b))
            b++;
        return b * (to - from) + layer - from;
    }
    uint64_t last_work(size_t layer) const
    {
        uint64_t b = n - 1;
        while (end_of(layer, b) == begin_of(layer, b))
            b--;
        return b * (to - from) + layer - from;
    }
    uint64_t last_read(int map) const
    {
        uint64_t last = 0;
        for (size_t i : inside(map))
            last = std::max(last, last_work(i));
        return last;
    }
    uint64_t times(size_t layer) const // that it works
    {
        uint64_t n_times = 0;
        for (uint64_t b = 0; b < n; b++)
            n_times += end_of(layer, b) > begin_of(layer, b);
        return n_times;
    }
    // Words of a map that one reader brings for itself, band by band: what its windows look at.
    uint64_t reread(int map, size_t reader) const
    {
        const mf_shape &s = g.layer(reader).shape;
        uint64_t words = 0, row = g.row_words(map);
        bool gaps =
            g.by_rows(reader, map) && s.r < s.stride && mf_layer_has_weights(&g.layer(reader));
        if (gaps)
            row = std::min(row, row / s.w * s.f * s.s);
        for (uint64_t b = 0; b < n; b++) {
            uint64_t begin = begin_of(reader, b), end = end_of(reader, b);
            if (end > begin)
                words +=
                    row * std::min(g.needs_to(reader, map, end) - g.needs_from(reader, map, begin),
                                   gaps ? (end - begin) * s.r : UINT64_MAX);
        }
        return words;
    }

    const Graph &g;
    size_t from, to;
    uint64_t n;
    std::vector<std::vector<uint64_t>> upto; // [layer - from][band]
};

// The least words that move, by cuts and which maps stay across them.
class Bound
{
  public:
    Bound(const Graph &graph, uint64_t buffer_words) : g_(graph), room_(buffer_words)
    {
        best_.resize(g_.size() + 1);
        best_[0][{}] = 0;
        for (size_t end = 1; end <= g_.size(); end++)
            for (size_t first = end; first-- > 0;)
                add_segments(first, end);
    }
    uint64_t words() const
    {
        return best_.back().at({});
    }

  private:
    using Maps = std::set<int>; // that stay

    bool lives(int map, size_t cut) const // is it needed behind it?
    {
        auto readers = g_.readers.find(map);
        return readers != g_.readers.end() && *readers->second.rbegin() >= cut;
    }
    uint64_t all_of(int map) const
    {
        return g_.rows(map) * g_.row_words(map);
    }

    void add_segments(size_t first, size_t end)
    {
        uint64_t e = g_.rows(static_cast<int>(end) - 1);
        for (uint64_t height = e; height >= 1; height--) {
            if (height == e && end - first > 1) // as layers of their own, with maps that stay
                continue;
            Bands bands(g_, first, end, height);
            for (const auto &[stay, words] : best_[first])
                choose(bands, stay, words);
        }
    }

    // Which of the maps that are made here stay?
    void choose(const Bands &bands, const Maps &stay, uint64_t words)
    {
        std::vector<int> made;
        for (size_t i = bands.from; i < bands.to; i++)
            if (lives(static_cast<int>(i), bands.to))
                made.push_back(static_cast<int>(i));
        if (made.size() > 6)
            return;
        for (unsigned choice = 0; choice < 1u << made.size(); choice++) {
            Maps all = stay;
            for (size_t k = 0; k < made.size(); k++)
                if (choice >> k & 1)
                    all.insert(made[k]);
            add(bands, all, stay, words);
        }
    }

    // What is in the buffer from one task up to another.
    struct Region {
        uint64_t begin, end, words;
    };

    static uint64_t peak(const std::vector<Region> &regions)
    {
        uint64_t most = 0;
        for (const Region &at : regions) { // most is there when one comes
            uint64_t held = 0;
            for (const Region &r : regions)
                held += r.begin <= at.begin && at.begin < r.end ? r.words : 0;
            most = std::max(most, held);
        }
        return most;
    }

    // Of `all` those of before are in `stay`.
    void add(const Bands &bands, const Maps &all, const Maps &stay, uint64_t words)
    {
        std::vector<Region> regions;
        for (int map : all)
            regions.push_back({stay.count(map) ? 0 : bands.first_work(static_cast<size_t>(map)),
                               lives(map, bands.to) ? UINT64_MAX : bands.last_read(map) + 1,
                               all_of(map)});
        for (size_t i = bands.from; i < bands.to; i++) {
            int own = static_cast<int>(i);
            words += g_.weights(i) * bands.times(i);
            if (all.count(own))
                continue;
            if (lives(own, bands.to) || !g_.readers.count(own))
                words += all_of(own);
            if (!bands.inside(own).empty())
                regions.push_back(
                    {bands.first_work(i), std::max(bands.last_work(i), bands.last_read(own)) + 1,
                     g_.row_words(own) *
                         bands.held(own, [&](uint64_t b) { return bands.end_of(i, b); })});
        }
        if (peak(regions) > room_)
            return;
        words += least_read(bands, stay, regions);
        Maps behind;
        for (int map : all)
            if (lives(map, bands.to))
                behind.insert(map);
        auto [at, fresh] = best_[bands.to].try_emplace(behind, words);
        if (!fresh)
            at->second = std::min(at->second, words);
    }

    // Maps in DRAM: all that two bands need are held if there is room, and come once, or each reader brings
    // what it looks at.
    uint64_t least_read(const Bands &bands, const Maps &stay, std::vector<Region> regions) const
    {
        uint64_t again = 0, once = 0;
        std::set<int> outside;
        for (size_t i = bands.from; i < bands.to; i++)
            for (size_t k = 0; k < g_.layer(i).n_inputs; k++)
                if (g_.layer(i).input[k] < static_cast<int>(bands.from) &&
                    !stay.count(g_.layer(i).input[k]))
                    outside.insert(g_.layer(i).input[k]);
        for (int map : outside) {
            uint64_t most = 0, first = UINT64_MAX;
            for (size_t i : bands.inside(map)) {
                again += bands.reread(map, i);
                most = std::max(most, bands.reread(map, i));
                first = std::min(first, bands.first_work(i));
            }
            once += std::min(most, all_of(map));
            regions.push_back({first, bands.last_read(map) + 1,
                               g_.row_words(map) * bands.held(map, [&](uint64_t b) {
                                   return bands.needed(map, b);
                               })});
        }
        return bands.n > 1 && peak(regions) <= room_ ? std::min(once, again) : again;
    }

    const Graph &g_;
    const uint64_t room_;
    std::vector<std::map<Maps, uint64_t>> best_; // [cut]: by maps that stay, words so far
};
} // namespace schedule_bound

#endif
