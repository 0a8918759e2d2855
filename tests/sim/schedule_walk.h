// A segment of a schedule, walked band by band and row by row with sets: which rows each task makes,
// which it must find in the buffer, and how many of a map are there at most. It shares no arithmetic
// with sim/schedule_layout.c: windows are looked at position by position, and nothing is assumed of
// the order in which rows are needed.
#ifndef MF_TESTS_SIM_SCHEDULE_WALK_H
#define MF_TESTS_SIM_SCHEDULE_WALK_H

#include "models/kinds/kind.h"
#include "sim/schedule_layout.h"

#include <map>
#include <set>
#include <vector>

namespace walk
{
using Rows = std::set<uint64_t>;

// Rows of input `k` that row `e` of a layer looks at.
inline Rows window(const mf_network *network, size_t i, size_t k, uint64_t e)
{
    const mf_layer &layer = network->layers[i];
    const mf_shape &s = layer.shape;
    uint64_t all =
        layer.input[k] < 0 ? network->input_rows : network->layers[layer.input[k]].shape.e;
    Rows rows;
    if (layer.kind == MF_LAYER_FC || (layer.kind == MF_LAYER_SCALE && k == 1)) {
        for (uint64_t h = 0; h < all; h++)
            rows.insert(h);
        return rows;
    }
    if (layer.kind == MF_LAYER_UPSAMPLE_NEAREST)
        return {e * s.h / s.e};
    if (layer.kind == MF_LAYER_UPSAMPLE_BILINEAR) {
        // centres at half positions: between floor(x) and floor(x) + 1 of x = (e + 1/2) H / E - 1/2
        double x =
            (static_cast<double>(e) + 0.5) * static_cast<double>(s.h) / static_cast<double>(s.e) -
            0.5;
        double low = x < 0 ? 0 : x;
        auto near = static_cast<uint64_t>(low);
        rows = {near, x < 0 ? 0 : std::min(near + 1, s.h - 1)};
        return rows;
    }
    for (uint64_t r = 0; r < s.r; r++) {
        int64_t h = static_cast<int64_t>(e * s.stride + r) - static_cast<int64_t>(s.pad_rows);
        if (h >= 0 && h < static_cast<int64_t>(s.h))
            rows.insert(static_cast<uint64_t>(h));
    }
    return rows;
}

struct Task {
    size_t layer;
    Rows makes;
    std::map<int, Rows> reads; // of each map
};

struct Region {
    uint64_t rows = 0;
    size_t begin = SIZE_MAX, end = 0;
};

class Walk
{
  public:
    Walk(const mf_schedule &schedule, const mf_segment &segment)
        : schedule_(schedule), network_(schedule.network), segment_(segment),
          end_(segment.first + segment.n_layers)
    {
        uint64_t rows = network_->layers[end_ - 1].shape.e;
        n_bands_ = (rows + segment.rows - 1) / segment.rows;
        for (uint64_t b = 0; b < n_bands_; b++)
            plan(b);
        for (size_t t = 0; t < tasks_.size(); t++)
            for (const auto &[map, read] : tasks_[t].reads)
                for (uint64_t row : read)
                    readers_[{map, row}].insert(t);
        run();
    }
    std::vector<Task> tasks_;
    std::map<int, Region> regions_;          // of maps
    std::map<int, std::vector<Rows>> loads_; // of maps in DRAM that bands share: [task]
    uint64_t n_missing_ = 0;                 // rows that were to be found, and were not there

  private:
    const mf_schedule &schedule_;
    const mf_network *network_;
    const mf_segment &segment_;
    size_t end_;
    uint64_t n_bands_;
    std::map<size_t, Rows> made_; // by bands so far
    std::map<std::pair<int, uint64_t>, std::set<size_t>> readers_;

    bool inside(int map) const
    {
        return map >= static_cast<int>(segment_.first);
    }
    bool shares(int map) const // in DRAM, held from band to band
    {
        return !inside(map) && !(map >= 0 && schedule_.stays[map]) && n_bands_ > 1 &&
               !segment_.rereads;
    }

    // What each layer makes in a band, from the last to the first.
    void plan(uint64_t b)
    {
        std::map<size_t, Rows> wanted;
        std::vector<Task> tasks(segment_.n_layers);
        for (size_t i = end_; i-- > segment_.first;) {
            uint64_t rows = network_->layers[i].shape.e;
            bool read = false;
            for (size_t r = i + 1; r < end_; r++)
                for (size_t k = 0; k < network_->layers[r].n_inputs; k++)
                    read |= network_->layers[r].input[k] == static_cast<int>(i);
            Rows need = wanted[i];
            if (i + 1 == end_)
                for (uint64_t row = b * segment_.rows; row < (b + 1) * segment_.rows; row++)
                    need.insert(row);
            else if (!read) // as the bands go on
                for (uint64_t row = 0; row * n_bands_ < rows * (b + 1); row++)
                    need.insert(row);
            if (b + 1 == n_bands_)
                need.insert(rows - 1);
            Task &task = tasks[i - segment_.first];
            task.layer = i;
            uint64_t last = need.empty() ? 0 : *need.rbegin();
            if (schedule_.recomputes[i] && !wanted[i].empty() && !made_[i].empty())
                last = std::max(last, *made_[i].rbegin()); // up to where bands have been
            for (uint64_t row = 0; row < rows; row++) {
                bool is_new = !need.empty() && row <= last && !made_[i].count(row),
                     again = schedule_.recomputes[i] && !need.empty() &&
                             row >= *wanted[i].begin() && row <= last && !wanted[i].empty();
                if (is_new || again)
                    task.makes.insert(row);
            }
            for (uint64_t row : task.makes)
                for (size_t k = 0; k < network_->layers[i].n_inputs; k++) {
                    int map = network_->layers[i].input[k];
                    Rows seen = window(network_, i, k, row);
                    task.reads[map].insert(seen.begin(), seen.end());
                    if (inside(map))
                        wanted[static_cast<size_t>(map)].insert(seen.begin(), seen.end());
                }
            made_[i].insert(task.makes.begin(), task.makes.end());
        }
        tasks_.insert(tasks_.end(), tasks.begin(), tasks.end());
    }

    // The first row of a map that this task or a later one reads.
    uint64_t low(int map, size_t from) const
    {
        for (auto it = readers_.lower_bound({map, 0});
             it != readers_.end() && it->first.first == map; ++it)
            if (it->second.lower_bound(from) != it->second.end())
                return it->first.second;
        return UINT64_MAX;
    }
    void hold(int map, Rows &held, size_t task, uint64_t top)
    {
        uint64_t begin = low(map, task);
        Region &region = regions_[map];
        for (auto it = held.begin(); it != held.end();)
            it = *it < begin ? held.erase(it) : std::next(it);
        if (begin < top && !held.empty())
            region.rows = std::max(region.rows, top - begin);
    }

    void run()
    {
        std::map<int, Rows> held;
        std::map<int, uint64_t> top; // behind the highest row that was there
        for (size_t t = 0; t < tasks_.size(); t++) {
            const Task &task = tasks_[t];
            uint64_t band = t / segment_.n_layers;
            if (t % segment_.n_layers == 0) // what is made again is not carried over
                for (auto &[map, rows] : held)
                    if (map >= 0 && inside(map) && schedule_.recomputes[map])
                        rows.clear();
            for (const auto &[map, read] : task.reads) {
                if (shares(map))
                    load(map, band, t, held[map], top[map]);
                if (read.empty() || !(shares(map) || inside(map)))
                    continue;
                regions_[map].end = t + 1;
                for (uint64_t row : read)
                    n_missing_ += !held[map].count(row);
            }
            int own = static_cast<int>(task.layer);
            if (task.makes.empty())
                continue;
            Region &region = regions_[own];
            region.begin = std::min(region.begin, t);
            region.end = std::max(region.end, t + 1);
            top[own] = std::max(top[own], *task.makes.rbegin() + 1);
            if (schedule_.recomputes[own]) {
                held[own] = task.makes;
                region.rows = std::max<uint64_t>(region.rows, task.makes.size());
                continue;
            }
            held[own].insert(task.makes.begin(), task.makes.end());
            hold(own, held[own], t, top[own]);
        }
    }

    // The first reader of a band brings what the whole band reads.
    void load(int map, uint64_t band, size_t t, Rows &held, uint64_t &top)
    {
        uint64_t want = top;
        for (size_t i = band * segment_.n_layers; i < (band + 1) * segment_.n_layers; i++) {
            auto it = tasks_[i].reads.find(map);
            if (it != tasks_[i].reads.end() && !it->second.empty())
                want = std::max(want, *it->second.rbegin() + 1);
        }
        loads_[map].resize(tasks_.size());
        for (; top < want; top++) {
            loads_[map][t].insert(top);
            held.insert(top);
            regions_[map].begin = std::min(regions_[map].begin, t);
        }
        hold(map, held, t, top);
    }
};
} // namespace walk

#endif
