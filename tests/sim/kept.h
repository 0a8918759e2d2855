// What must be true of any account in which maps stay on chip: a map either moves to DRAM and back
// or does neither, at one width; whatever stays leaves room for the tiles beside it; and nothing
// gets worse. And small networks at random, to try it on.
#ifndef MF_TESTS_SIM_KEPT_H
#define MF_TESTS_SIM_KEPT_H

#include "base/random.h"
#include "sim/analytic.h"
#include "tests/support/support.h"

#include <set>
#include <string>
#include <vector>

namespace kept
{
// The row of each layer: what it does on the array, or all of it where it has no weights.
inline std::vector<const mf_analytic_row *> rows_of(const mf_network *network,
                                                    const mf_analytic_result &result)
{
    std::vector<const mf_analytic_row *> rows(network->n_layers);
    for (size_t i = result.n_rows; i-- > 0;)
        rows[static_cast<size_t>(result.rows[i].layer - network->layers)] = &result.rows[i];
    return rows;
}

// Bits of the maps that stay while this layer runs, and of the tiles beside them.
inline uint64_t kept_bits(const mf_analytic_row &row)
{
    uint64_t words = 0, written = row.keeps_output ? mf_shape_ofmap(&row.layer->shape) : 0;
    std::set<int> maps;
    for (size_t k = 0; k < row.layer->n_inputs; k++)
        if (row.keeps_input[k] && maps.insert(row.layer->input[k]).second)
            words += mf_layer_input_words(row.layer, k);
    return words * row.widths.activation_bits + written * row.widths.written_bits;
}

inline uint64_t tile_bits(const mf_analytic_row &row)
{
    if (row.vector)
        return 0;
    const mf_mapping &mapping = row.found.mapping;
    mf_work work = mf_work_of(&row.layer->shape);
    mf_contributions contributions = mf_contributions_of(&work, &mapping);
    uint64_t bits = 0;
    for (int t = 0; t < MF_N_TENSORS; t++)
        bits += mf_buffer_bits(&mapping, &row.machine.capacity, t,
                               mf_tile_words(&mapping, MF_BUFFER, t, &contributions));
    return bits;
}

// What a layer that writes a map that stays, and all that read it, must agree about.
inline void expect_read_as_written(const mf_network *network,
                                   const std::vector<const mf_analytic_row *> &rows, size_t writer)
{
    const mf_analytic_row &written = *rows[writer];
    uint64_t n_readers = 0;
    for (size_t i = 0; i < network->n_layers; i++)
        for (size_t k = 0; k < network->layers[i].n_inputs; k++) {
            const mf_layer &layer = network->layers[i];
            if (layer.input[k] != static_cast<int>(writer))
                continue;
            SCOPED_TRACE(std::string(written.layer->name) + " to " + layer.name);
            n_readers++;
            EXPECT_EQ(rows[i]->keeps_input[k], written.keeps_output);
            if (!written.keeps_output)
                continue;
            EXPECT_EQ(mf_layer_input_words(&layer, k), mf_shape_ofmap(&written.layer->shape));
            EXPECT_EQ(rows[i]->widths.activation_bits, written.widths.written_bits);
        }
    EXPECT_TRUE(n_readers > 0 || !written.keeps_output) << written.layer->name;
}

// A layer of the array moves nothing of what stays, and all of the rest.
inline void expect_moved(const mf_analytic_row &plain, const mf_analytic_row &row)
{
    if (row.vector)
        return;
    const auto &dram = row.found.cost.access_pj[MF_LEVEL_DRAM];
    const mf_flow *flow = row.found.counts.flow;
    double spilled = static_cast<double>(flow[MF_PSUM].dram_reads) *
                     (row.machine.read_pj[MF_LEVEL_DRAM][MF_PSUM] +
                      row.machine.write_pj[MF_LEVEL_DRAM][MF_PSUM]);
    EXPECT_EQ(dram[MF_IFMAP] == 0, row.keeps_input[0]) << row.layer->name;
    EXPECT_EQ(dram[MF_PSUM] == spilled, row.keeps_output) << row.layer->name;
    if (row.keeps_output) {
        EXPECT_EQ(flow[MF_PSUM].dram_writes - flow[MF_PSUM].dram_reads,
                  mf_shape_ofmap(&row.layer->shape));
    }
    EXPECT_GE(row.held_bits, kept_bits(row));
    EXPECT_EQ(row.machine.capacity.buffer_bits + row.held_bits,
              plain.machine.capacity.buffer_bits);
}

// A layer of the vector unit saves one DRAM access and one of the buffer for each word that stays.
inline void expect_saved(const mf_analytic_row &plain, const mf_analytic_row &row,
                         const mf_prices *prices)
{
    uint64_t bits = row.widths.activation_bits;
    double saved = 0;
    if (!row.vector)
        return;
    const mf_access_price *dram = &prices->at[MF_LEVEL_DRAM][MF_IFMAP],
                          *buffer = &prices->at[MF_LEVEL_GLOBAL_BUFFER][MF_IFMAP];
    for (size_t k = 0; k < row.layer->n_inputs; k++)
        if (row.keeps_input[k])
            saved += static_cast<double>(mf_layer_input_words(row.layer, k)) *
                     (mf_read_price(dram, bits) + mf_write_price(buffer, bits));
    if (row.keeps_output)
        saved += static_cast<double>(mf_shape_ofmap(&row.layer->shape)) *
                 (mf_write_price(dram, row.widths.written_bits) +
                  mf_read_price(buffer, row.widths.written_bits));
    EXPECT_NEAR(plain.energy_pj - row.energy_pj, saved, 1e-9 * plain.energy_pj) << row.layer->name;
}

// The number of maps that stay.
inline size_t expect_kept(const mf_accelerator &accelerator, const mf_prices *prices,
                          const mf_network *network, mf_objective objective,
                          const mf_analytic_result &plain, const mf_analytic_result &result)
{
    std::vector<const mf_analytic_row *> before = rows_of(network, plain),
                                         rows = rows_of(network, result);
    size_t n = 0;
    for (size_t i = 0; i < network->n_layers; i++) {
        expect_read_as_written(network, rows, i);
        EXPECT_LE(rows[i]->held_bits + tile_bits(*rows[i]), mf_machine_buffer_bits(&accelerator))
            << rows[i]->layer->name;
        expect_moved(*before[i], *rows[i]);
        expect_saved(*before[i], *rows[i], prices);
        n += rows[i]->keeps_output;
    }
    double latency = result.latency_ms / plain.latency_ms,
           energy = result.energy_mj / plain.energy_mj;
    if (objective == MF_OBJECTIVE_ENERGY) {
        EXPECT_LE(energy, 1 + 1e-9);
    }
    if (objective == MF_OBJECTIVE_LATENCY) {
        EXPECT_LE(latency, 1 + 1e-9);
    }
    if (objective == MF_OBJECTIVE_EDP) {
        EXPECT_LE(energy * latency, 1 + 1e-9);
    }
    if (objective == MF_OBJECTIVE_BALANCED) {
        EXPECT_LE(energy + latency, 2 + 1e-9);
    }
    return n;
}

// A description with every kind of layer and of join, of maps of a few words to a few thousand.
inline std::string random_network(uint64_t seed)
{
    mf_random random = mf_random_stream(14, seed);
    auto pick = [&](uint64_t least, uint64_t most) {
        return std::to_string(mf_random_between(&random, least, most));
    };
    std::string parts;
    for (uint64_t n = mf_random_between(&random, 2, 5), i = 0; i < n; i++) {
        const std::string one = "\"one" + std::to_string(i) + "\"",
                          other = "\"other" + std::to_string(i) + "\"";
        switch (mf_random_between(&random, 0, 6)) {
        case 0:
            parts += R"({"type": "conv", "channels": )" + pick(2, 12) +
                     R"(, "kernel": 3, "repeat": )" + pick(1, 3) + "}, ";
            break;
        case 1:
            parts += R"({"type": "basic_block", "channels": )" + pick(2, 10) + R"(, "stride": )" +
                     pick(1, 2) + R"(, "repeat": )" + pick(1, 2) + "}, ";
            break;
        case 2:
            parts += R"({"type": "inverted_residual", "channels": )" + pick(2, 8) +
                     R"(, "expand": )" + pick(1, 3) + R"(, "repeat": )" + pick(1, 2) +
                     R"(, "squeeze_excite": {"ratio": 0.5, "at_least": 2}}, )";
            break;
        case 3:
            parts += R"({"type": "pool", "kind": "average", "kernel": 2, "stride": 1}, )";
            break;
        case 4:
            parts += R"({"type": "bottleneck", "channels": )" + pick(2, 4) + R"(, "expand": 2}, )";
            break;
        case 5: // three maps that meet, the last of them made just before, in any place
            parts += R"({"type": "conv", "channels": )" + pick(1, 6) + R"(, "label": )" + one +
                     R"(}, {"type": "conv", "channels": )" + pick(1, 6) + R"(, "label": )" + other +
                     R"(}, {"type": "conv", "from": )" + one +
                     R"(, "channels": 4, "kernel": 3, "label": "last)" + std::to_string(i) +
                     R"("}, {"type": "concat", )" +
                     (mf_random_between(&random, 0, 1)
                          ? R"("from": )" + one + R"(, "with": [)" + other + R"(, "last)" +
                                std::to_string(i) + R"("]}, )"
                          : R"("with": [)" + one + ", " + other + R"(]}, )");
            break;
        default:
            parts += R"({"type": "depthwise"}, )";
        }
    }
    return R"({"name": "random", "about": "a", "source": "s", "batch": )" + pick(1, 2) +
           R"(, "input": {"channels": )" + pick(2, 4) + R"(, "rows": )" + pick(8, 14) +
           R"(, "columns": )" + pick(8, 14) + R"(}, "classes": 5, "parts": [)" + parts +
           R"({"type": "global_pool"}, {"type": "fc", "channels": "classes"}]})";
}
} // namespace kept

#endif
