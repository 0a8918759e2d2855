// Random layers and random nests over them, for properties that hold for every nest.
#ifndef MF_TESTS_DATAFLOWS_RANDOM_NEST_H
#define MF_TESTS_DATAFLOWS_RANDOM_NEST_H

#include "base/random.h"
#include "dataflows/mapping.h"

#include <array>
#include <string>
#include <utility>

namespace random_nest
{
using Sizes = std::array<uint32_t, MF_N_DIMENSIONS>;

inline uint32_t between(mf_random *random, uint32_t low, uint32_t high)
{
    return static_cast<uint32_t>(mf_random_between(random, low, high));
}

// A layer of at most these sizes; the input has all windows, and up to stride - 1 rows and columns
// that none touches.
inline mf_work work(mf_random *random, const Sizes &most)
{
    for (;;) {
        mf_work w{};
        for (int d = 0; d < MF_N_DIMENSIONS; d++)
            w.size[d] = between(random, 1, most[static_cast<size_t>(d)]);
        w.stride = between(random, 1, 3);
        w.pad_rows = between(random, 0, w.size[MF_R] - 1);
        w.pad_columns = between(random, 0, w.size[MF_S] - 1);
        auto extent = [&](int out, int kernel, uint32_t pad) {
            uint32_t need =
                (w.size[out] - 1) * w.stride + w.size[kernel] + between(random, 0, w.stride - 1);
            return need > 2 * pad ? need - 2 * pad : 0;
        };
        w.h = extent(MF_E, MF_R, w.pad_rows);
        w.w = extent(MF_F, MF_S, w.pad_columns);
        if (w.h && w.w)
            return w;
    }
}

inline mf_mapping mapping(mf_random *random, const mf_work &w)
{
    mf_mapping m{};
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        uint32_t reg = between(random, 1, w.size[d]),
                 columns = reg * between(random, 1, w.size[d] / reg),
                 rows = between(random, columns, w.size[d]),
                 buffer = between(random, rows, w.size[d]);
        if (between(random, 0, 3) == 0)
            columns = rows = between(random, columns, buffer); // one strip, the last PE with less
        m.tile[MF_REGISTER][d] = reg;
        m.tile[MF_COLUMNS][d] = columns;
        m.tile[MF_ROWS][d] = rows;
        m.tile[MF_BUFFER][d] = buffer;
    }
    for (auto &order : m.order) {
        for (uint8_t d = 0; d < MF_N_DIMENSIONS; d++)
            order[d] = d;
        for (uint32_t i = MF_N_DIMENSIONS - 1; i > 0; i--)
            std::swap(order[i], order[between(random, 0, i)]);
    }
    for (bool &bypass : m.bypass_buffer)
        bypass = between(random, 0, 2) == 0;
    return m;
}

// For messages.
inline std::string text(const mf_work &w, const mf_mapping &m)
{
    std::string s = "stride " + std::to_string(w.stride) + " pad " + std::to_string(w.pad_rows) +
                    " " + std::to_string(w.pad_columns) + " input " + std::to_string(w.h) + "x" +
                    std::to_string(w.w) + "\n";
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        s += std::string(mf_dimension_name(d)) + " " + std::to_string(w.size[d]) + ":";
        for (int level = MF_N_TILE_LEVELS - 1; level >= 0; level--)
            s += " " + std::to_string(m.tile[level][d]);
        s += "\n";
    }
    for (auto &order : m.order) {
        for (uint8_t d : order)
            s += mf_dimension_name(d);
        s += "\n";
    }
    for (bool bypass : m.bypass_buffer)
        s += bypass ? "bypass " : "keep ";
    return s;
}
} // namespace random_nest

#endif
