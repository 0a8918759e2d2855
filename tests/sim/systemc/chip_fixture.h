// A chip for the tests of this process (SystemC elaborates once), and layers of made-up numbers to
// run on it.
#ifndef MF_TESTS_SIM_SYSTEMC_CHIP_FIXTURE_H
#define MF_TESTS_SIM_SYSTEMC_CHIP_FIXTURE_H

#include "base/random.h"
#include "models/arithmetic/arithmetic.h"
#include "sim/systemc/chip.h"
#include "tests/dataflows/random_nest.h"
#include "tests/support/support.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace chip_fixture
{
enum { CHIP_ROWS = 48, CHIP_COLUMNS = 48 };

inline mf_chip *chip()
{
    static mf_chip *made = [] {
        mf_chip *fresh = nullptr;
        mf_diag diag = {};
        EXPECT_EQ(mf_chip_create(CHIP_ROWS, CHIP_COLUMNS, nullptr, &fresh, &diag), MF_OK)
            << diag.message;
        return fresh;
    }();
    return made;
}

// Room for anything, nothing that takes time.
inline mf_machine boundless()
{
    mf_machine m = {};
    m.capacity.pe_rows = m.capacity.pe_columns = CHIP_ROWS;
    m.capacity.buffer_bits = uint64_t{1} << 40;
    for (int t = 0; t < MF_N_TENSORS; t++) {
        m.capacity.register_bits[t] = uint64_t{1} << 40;
        m.capacity.bits[t] = 16;
        m.capacity.buffering[t] = MF_BUFFERING_DOUBLE;
    }
    m.output_bits = 16;
    m.executed = 1;
    return m;
}

inline mf_chip_timing no_time()
{
    mf_chip_timing timing = {};
    timing.buffer_banks = 1;
    timing.buffer_bank_bits = INFINITY;
    timing.input_fifo_tiles = 1;
    timing.initiation_cycles = 1;
    timing.run_length_bits = 5;
    return timing;
}

inline mf_integer_format format_of(mf_arithmetic arithmetic, uint64_t product_shift = 0)
{
    mf_integer_format format = {};
    format.arithmetic = arithmetic;
    format.activation_bits = mf_arithmetic_record_of(arithmetic)->on_signs ? 1 : 16;
    format.weight_bits =
        std::min<uint64_t>(16, mf_arithmetic_record_of(arithmetic)->most_weight_bits);
    format.psum_bits = 48;
    format.product_shift = product_shift;
    return format;
}

// A layer with numbers; a third of the ifmap is zero, unless it is of signs.
struct Layer {
    mf_work work;
    mf_mapping mapping;
    mf_machine machine = boundless();
    mf_chip_timing timing = no_time();
    mf_integer_format format;
    mf_fidelity fidelity = MF_FIDELITY_ROW;
    bool gates_zero = true;
    std::vector<mf_fault> faults;
    std::function<void(mf_chip_layer &)> change; // of what the chip gets
    std::vector<int32_t> ifmap, weights;
    std::vector<int64_t> psums, expected;
    mf_chip_report report{};
    mf_diag diag{};

    Layer(const mf_work &w, const mf_mapping &m, const mf_integer_format &f, uint64_t seed)
        : work(w), mapping(m), format(f)
    {
        mf_random random = mf_random_stream(77, seed);
        mf_shape s = mf_work_shape(&w);
        auto fill = [&](std::vector<int32_t> &codes, uint64_t n, int64_t least, int64_t most,
                        bool zeros) {
            codes.resize(n);
            for (int32_t &code : codes) {
                auto span = static_cast<uint64_t>(most - least);
                code = static_cast<int32_t>(
                    least + static_cast<int64_t>(mf_random_between(&random, 0, span)));
                if (zeros && mf_integer_on_signs(&format))
                    code = code > 0 ? 1 : -1;
                else if (zeros && mf_random_between(&random, 0, 2) == 0)
                    code = 0;
            }
        };
        int64_t least, most;
        mf_integer_activations(&format, &least, &most);
        fill(ifmap, mf_shape_ifmap(&s), least, most, true);
        mf_integer_weights(&format, &least, &most);
        fill(weights, mf_shape_weights(&s), least, most, false);
        psums.resize(mf_shape_ofmap(&s));
        expected.resize(psums.size());
        machine.gates_padding = format.arithmetic != MF_ARITHMETIC_ADD;
        gates_zero = machine.gates_padding;
        EXPECT_EQ(
            mf_integer_layer(&s, &format, ifmap.data(), weights.data(), expected.data(), &diag),
            MF_OK)
            << diag.message;
    }

    mf_status run()
    {
        mf_chip_layer layer = {};
        layer.name = "test";
        layer.work = &work;
        layer.mapping = &mapping;
        layer.machine = &machine;
        layer.timing = timing;
        layer.format = format;
        layer.gates_zero = gates_zero;
        layer.ifmap = ifmap.data();
        layer.weights = weights.data();
        layer.psums = psums.data();
        layer.fidelity = fidelity;
        layer.faults = faults.data();
        layer.n_faults = faults.size();
        std::fill(psums.begin(), psums.end(), INT64_MIN);
        if (change)
            change(layer);
        return mf_chip_run(chip(), &layer, &report, &diag);
    }

    std::string text() const
    {
        return random_nest::text(work, mapping);
    }
};

inline bool fits_chip(const mf_mapping &m)
{
    return mf_mapping_pes(&m, MF_ROWS) <= CHIP_ROWS &&
           mf_mapping_pes(&m, MF_COLUMNS) <= CHIP_COLUMNS;
}

inline void expect_equal(const mf_counts &found, const mf_counts &counted)
{
#define SAME(field) EXPECT_EQ(found.field, counted.field)
    SAME(n_macs);
    SAME(n_padded_macs);
    SAME(n_steps);
    SAME(n_compute_cycles);
    SAME(psum_hops);
#undef SAME
    for (int t = 0; t < MF_N_TENSORS; t++) {
#define SAME_FLOW(field) EXPECT_EQ(found.flow[t].field, counted.flow[t].field) << mf_tensor_name(t)
        SAME_FLOW(loads);
        SAME_FLOW(dram_reads);
        SAME_FLOW(dram_writes);
        SAME_FLOW(buffer_reads);
        SAME_FLOW(buffer_writes);
        SAME_FLOW(bus_words);
        SAME_FLOW(row_words);
        SAME_FLOW(deliveries);
#undef SAME_FLOW
    }
}
} // namespace chip_fixture

#endif
