// Networks ready to be executed on a chip of this process (SystemC elaborates once per process), and what an executed layer must be.
#ifndef MF_TESTS_SIM_EXECUTION_FIXTURE_H
#define MF_TESTS_SIM_EXECUTION_FIXTURE_H

#include "base/arena.h"
#include "models/formats/network_json.h"
#include "models/forward.h"
#include "sim/execution.h"
#include "tests/support/operators.h"

#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace executing
{
inline constexpr uint64_t seed = 11, bits = 16;

// SystemC elaborates once per process.
inline mf_chip *chip()
{
    static mf_chip *made = [] {
        mf_chip *fresh = nullptr;
        EXPECT_OK(mf_chip_create(16, 14, nullptr, &fresh, D));
        return fresh;
    }();
    return made;
}

// What all tests read: the operators, one accelerator, one table.
struct Shipped {
    mf_arena *arena = mf_arena_create();
    mf_operators *operators = nullptr;
    mf_energy_table *table = nullptr;
    mf_accelerator accelerator = {};

    Shipped()
    {
        operators = load_all_operators();
        Doc chip = Doc::load(source_path("models/accelerators/eyeriss-12x14.json"));
        EXPECT_OK(mf_accelerator_from_json(chip.doc, arena, &accelerator, D));
        Doc costs = Doc::load(source_path("energy_tables/consistent-45nm.json"));
        EXPECT_OK(mf_energy_table_from_json(costs.doc, &table, D));
    }
    Shipped(const Shipped &) = delete;
    ~Shipped()
    {
        mf_energy_table_destroy(table);
        mf_operators_destroy(operators);
        mf_arena_destroy(arena);
    }
};

inline const Shipped &shipped()
{
    static const Shipped loaded;
    return loaded;
}

// The accelerator with nothing but its PEs to wait for.
inline mf_accelerator without_limits()
{
    mf_accelerator a = shipped().accelerator;
    a.ifmap_bus_bits = a.weight_bus_bits = a.psum_in_bus_bits = a.psum_out_bus_bits =
        a.dram_mb_per_s = INFINITY;
    a.dram_latency_cycles = 0;
    a.buffer_bank_bits = uint64_t{1} << 50;
    return a;
}

// Searches of one accelerator and dataflow, for all networks of a test.
struct Memory {
    mf_memo *memory = nullptr;

    Memory()
    {
        EXPECT_OK(mf_analytic_memo_create(&memory, D));
    }
    Memory(const Memory &) = delete;
    ~Memory()
    {
        mf_memo_destroy(memory);
    }
};

// A network with its account, ready to be executed.
struct Trial {
    const mf_accelerator accelerator;
    mf_prices prices = {};
    mf_analytic_basis basis = {};
    mf_network *network = nullptr;
    std::vector<size_t> op_of_layer;
    std::vector<mf_widths> widths;
    mf_analytic_result account = {};
    std::vector<mf_execution_row> rows;
    mf_execution execution = {};
    std::function<void(mf_layer_data &)> tamper; // for `execute_tampered`: with the numbers of
    size_t tampered_layer = 0;                   // this layer
    mf_status accounted = MF_OK, status = MF_OK;
    mf_diag diag = {};

    Trial(mf_network *loaded, const std::string &op, const mf_accelerator &a, const Memory &memory,
          const mf_dataflow *dataflow = &mf_dataflow_row_stationary,
          mf_schedule_kind kind = MF_SCHEDULE_LAYER, const mf_json_doc *schedule = nullptr,
          mf_objective objective = MF_OBJECTIVE_EDP)
        : accelerator(a), network(loaded), op_of_layer(loaded->n_weight_layers),
          widths(loaded->n_weight_layers)
    {
        const Shipped &s = shipped();
        size_t variant = 0;
        EXPECT_OK(mf_operators_find(s.operators, op.c_str(), &variant, D));
        EXPECT_OK(
            mf_operators_assign(s.operators, network, variant, nullptr, 0, op_of_layer.data(), D));
        EXPECT_OK(mf_prices_make(&accelerator, s.table, MF_LAWS_OWN, &prices, D));
        basis = {&accelerator,
                 s.operators,
                 &prices,
                 {dataflow, objective, {bits, false}, kind, schedule, false, false, 0}};
        mf_assignment assignment = {variant, op_of_layer.data(), nullptr, nullptr};
        accounted =
            mf_analytic_run(&basis, network, &assignment, memory.memory, s.arena, &account, &diag);
        EXPECT_TRUE(accounted == MF_OK || schedule) << diag.message; // which may not fit
        rows.resize(account.n_rows);
        for (size_t i = 0; i < account.n_rows; i++)
            if (!account.rows[i].vector)
                widths[static_cast<size_t>(account.rows[i].layer->number)] = account.rows[i].widths;
        execution = {&basis, network, &account, chip(), {}, rows.data(), 0, 0, nullptr};
        EXPECT_OK(mf_execution_begin(&execution, D));
    }
    Trial(const Trial &) = delete;
    ~Trial()
    {
        mf_execution_end(&execution);
        mf_network_destroy(network);
    }

    // Run all layers through `sink`, which gets this Trial.
    void run(mf_forward_sink *sink)
    {
        mf_forward_options options = {seed, widths.data(), bits, false};
        status = mf_forward_random(network, shipped().operators, op_of_layer.data(), &options, sink,
                                   this, &diag);
        if (status == MF_OK)
            status = mf_execution_finish(&execution, &diag);
    }

    // The row of a layer on the array.
    size_t row_of(size_t layer_index) const
    {
        size_t i = 0;
        while (account.rows[i].layer != &network->layers[layer_index])
            i++;
        return i;
    }
};

inline mf_network *load_inception()
{
    mf_network *network = nullptr;
    EXPECT_OK(
        mf_network_load(source_path("tests/models/inception.json").c_str(), nullptr, &network, D));
    return network;
}

inline mf_network *load_zoo(const std::string &name, uint64_t size)
{
    mf_network_options options = {};
    options.rows = options.columns = size;
    mf_network *network = nullptr;
    EXPECT_OK(mf_network_load(source_path("models/zoo/" + name + ".json").c_str(), &options,
                              &network, D));
    return network;
}

/* ---- what one executed layer must be --------------------------------------------------- */

inline void expect_same_counts(const mf_counts &found, const mf_counts &counted)
{
    EXPECT_EQ(found.n_macs, counted.n_macs);
    EXPECT_EQ(found.n_padded_macs, counted.n_padded_macs);
    EXPECT_EQ(found.n_steps, counted.n_steps);
    EXPECT_EQ(found.n_compute_cycles, counted.n_compute_cycles);
    EXPECT_EQ(found.psum_hops, counted.psum_hops);
    for (int t = 0; t < MF_N_TENSORS; t++) {
        const mf_flow &a = found.flow[t], &b = counted.flow[t];
        SCOPED_TRACE(mf_tensor_name(t));
        EXPECT_EQ(a.loads, b.loads);
        EXPECT_EQ(a.dram_reads, b.dram_reads);
        EXPECT_EQ(a.dram_writes, b.dram_writes);
        EXPECT_EQ(a.buffer_reads, b.buffer_reads);
        EXPECT_EQ(a.buffer_writes, b.buffer_writes);
        EXPECT_EQ(a.bus_words, b.bus_words);
        EXPECT_EQ(a.row_words, b.row_words);
        EXPECT_EQ(a.deliveries, b.deliveries);
    }
}

// Windows of one kernel position, times the filters that use it, in which one ifmap word is not
// zero.
inline uint64_t nonzero_windows(const mf_layer_data &data, uint64_t n, uint64_t c, uint64_t r,
                                uint64_t s)
{
    const mf_shape &l = data.shape;
    uint64_t found = 0;
    for (uint64_t e = 0; e < l.e; e++)
        for (uint64_t f = 0; f < l.f; f++) {
            uint64_t row = e * l.stride + r, column = f * l.stride + s; // of the padded map
            if (row < l.pad_rows || row >= l.h + l.pad_rows || column < l.pad_columns ||
                column >= l.w + l.pad_columns)
                continue;
            uint64_t at = ((n * l.c + c) * l.h + row - l.pad_rows) * l.w + column - l.pad_columns;
            found += data.ifmap[at] != 0;
        }
    return found * l.m / l.g;
}

// Add does all positions; the others gate padding and zeros.
inline uint64_t count_executed(const mf_layer_data &data)
{
    const mf_shape &l = data.shape;
    if (data.format.arithmetic == MF_ARITHMETIC_ADD)
        return mf_shape_macs(&l);
    uint64_t executed = 0;
    for (uint64_t n = 0; n < l.n; n++)
        for (uint64_t c = 0; c < l.c; c++)
            for (uint64_t r = 0; r < l.r; r++)
                for (uint64_t s = 0; s < l.s; s++)
                    executed += nonzero_windows(data, n, c, r, s);
    return executed;
}

// Every cycle has a reason, and no part of the chip did more than its rate allows.
inline void expect_accounted(const mf_execution_row &measured)
{
    const mf_chip_report &report = measured.report;
    double sum = report.compute_cycles;
    for (double cycles : report.stall_cycles)
        sum += cycles;
    EXPECT_NEAR(sum, report.cycles, 1e-3 + 1e-9 * report.cycles);
    for (int bound = 0; bound < MF_N_BOUNDS; bound++)
        EXPECT_GE(report.cycles * (1 + 1e-9) + 1e-3, measured.analytic.bound_cycles[bound])
            << mf_bound_text(bound);
}

// A bit that passes the DRAM channel costs what it costs, coded or not: once, whatever the account
// thought of it before.
inline void expect_dram_priced_once(const Trial &t, const mf_analytic_row &row,
                                    const mf_chip_report &report)
{
    mf_machine plain;
    const mf_flow *flow = report.counts.flow;
    const mf_operator *op = mf_operators_at(t.basis.operators, row.op);
    EXPECT_OK(mf_machine_make(&t.accelerator, op, &row.widths, t.basis.prices, MF_ZEROS_UNKNOWN,
                              &plain, D));
    auto expect = [&](double word_pj, double n_words, double plain_pj, uint64_t bits_of_word,
                      uint64_t dram_bits) {
        const auto word_bits = static_cast<double>(bits_of_word);
        if (dram_bits) { // not a map that stays
            EXPECT_NEAR(word_pj * n_words, plain_pj / word_bits * static_cast<double>(dram_bits),
                        1e-12 * word_pj * n_words);
        }
    };
    expect(row.machine.read_pj[MF_LEVEL_DRAM][MF_IFMAP],
           static_cast<double>(flow[MF_IFMAP].dram_reads), plain.read_pj[MF_LEVEL_DRAM][MF_IFMAP],
           row.widths.activation_bits, report.ifmap_dram_bits);
    expect(row.machine.output_pj,
           static_cast<double>(flow[MF_PSUM].dram_writes - flow[MF_PSUM].dram_reads),
           plain.output_pj, row.widths.written_bits, report.output_dram_bits);
}

// Energy is the same function of counts as ever, on the machine with what was measured.
inline void expect_priced(const mf_analytic_row &row, const mf_chip_report &report)
{
    mf_work work = mf_work_of(&row.layer->shape);
    mf_counts counts;
    mf_cost cost;
    mf_cost_of_mapping(&row.machine, &work, &row.found.mapping, &counts, &cost);
    EXPECT_EQ(row.energy_pj, cost.energy_pj);
    EXPECT_NEAR(cost.n_executed, static_cast<double>(report.n_executed),
                1e-9 * static_cast<double>(report.n_executed));
    EXPECT_EQ(row.cycles, report.cycles);
}

inline void expect_measured(const Trial &t, size_t layer_index, const mf_layer_data &data)
{
    const mf_analytic_row &row = t.account.rows[t.row_of(layer_index)];
    const mf_execution_row &measured = t.rows[t.row_of(layer_index)];
    SCOPED_TRACE(std::string("layer ") + data.name + ", seed " + std::to_string(seed));
    mf_work work = mf_work_of(&data.shape);
    mf_counts counts;
    mf_reuse_count(&work, &row.found.mapping, row.machine.slide_buffer, &counts);
    expect_same_counts(measured.report.counts, counts);
    EXPECT_EQ(measured.report.n_executed, count_executed(data));
    EXPECT_EQ(measured.n_checked, mf_shape_ofmap(&data.shape));
    expect_accounted(measured);
    expect_priced(row, measured.report);
    expect_dram_priced_once(t, row, measured.report);
}

// The sink of most tests: execute a layer, and look at what was measured.
inline mf_status execute(void *trial, size_t layer_index, const mf_layer_data *data, mf_diag *diag)
{
    auto *t = static_cast<Trial *>(trial);
    MF_TRY(mf_execution_layer(&t->execution, layer_index, data, diag));
    if (mf_layer_data_has_weights(data))
        expect_measured(*t, layer_index, *data);
    return MF_OK;
}

// The books of the whole network, after the last layer.
inline void expect_summed(const Trial &t)
{
    double energy_mj = 0, cycles = 0;
    uint64_t n_checked = 0;
    for (size_t i = 0; i < t.account.n_rows; i++) {
        energy_mj += t.account.rows[i].energy_pj * 1e-9;
        cycles += t.account.rows[i].cycles;
    }
    for (size_t i = 0; i < t.network->n_layers; i++)
        n_checked += mf_shape_ofmap(&t.network->layers[i].shape);
    EXPECT_EQ(t.execution.n_checked, n_checked) << "outputs of all layers, with weights or without";
    EXPECT_NEAR(t.account.energy_mj, energy_mj, 1e-12 * energy_mj);
    EXPECT_NEAR(t.account.latency_ms, cycles / (t.accelerator.clock_mhz * 1e3),
                1e-12 * t.account.latency_ms);
}
} // namespace executing

#endif
