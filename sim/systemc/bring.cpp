// One transfer, word by word as far as the codec is concerned.
#include "sim/systemc/bring.hpp"
#include "sim/systemc/run_length.hpp"

namespace mulfree
{
namespace
{
// Copies the rows to where they stay; bits that pass the channel.
double copy_words(const mf_chip_load &load, uint64_t *n_words)
{
    RunLength coder(load.timing.run_length_bits, load.word_bits);
    for (uint64_t plane = 0; plane < load.n_planes; plane++)
        for (uint64_t r = load.first_row; r < load.first_row + load.n_rows; r++) {
            const int32_t *from = load.from + (plane * load.map_rows + r) * load.row_words;
            int32_t *to = load.to + (plane * load.ring_rows + r % load.ring_rows) * load.row_words;
            for (uint64_t i = 0; i < load.row_words; i++) {
                to[i] = from[i];
                coder.add(from[i]);
                ++*n_words;
            }
        }
    return static_cast<double>(load.coded ? coder.bits() : *n_words * load.word_bits);
}
} // namespace

void bring(Bring &work)
{
    const mf_chip_load &load = work.load;
    mf_chip_report &report = work.report;
    const char *what = mf_tensor_name(load.tensor);
    uint64_t n_words = 0;
    double bits = copy_words(load, &n_words), passing = channel_cycles(load.timing, bits),
           all = passing > 0 ? passing + load.timing.dram_latency_cycles : 0;
    work.too_long = all > Run::most_cycles;
    if (work.too_long)
        return;
    if (all > 0) {
        work.lamps.busy[MF_COMPONENT_DRAM] = true;
        sc_core::wait(cycles(passing));
        work.lamps.busy[MF_COMPONENT_DRAM] = false;
        sc_core::wait(cycles(all - passing));
    }
    report.n_loaded_words[load.tensor] = n_words;
    report.loaded_dram_bits[load.tensor] = static_cast<uint64_t>(bits);
    report.busy_cycles[MF_COMPONENT_DRAM] = passing;
    report.cycles = report.stall_cycles[MF_STALL_DRAM] = all;
    if (load.watch && all > 0) {
        load.watch(load.watch_user, MF_COMPONENT_DRAM, what, 0, passing);
        load.watch(load.watch_user, MF_COMPONENT_ARRAY, mf_stall_name(MF_STALL_DRAM), 0, all);
    }
    work.complete = true;
}

} // namespace mulfree
