// The chip as a SystemC module, and the seam to C: nothing that C++ or SystemC throws or prints
// goes past it.
#include "sim/systemc/array.hpp"
#include "sim/systemc/bring.hpp"
extern "C" {
#include "sim/systemc/engine.h"
}

#include <cinttypes>
#include <cstring>
#include <memory>
#include <string>

// The library has a main of its own that calls this; mulfree's main is written in C and never does.
int sc_main(int, char **)
{
    return 0;
}

namespace mulfree
{
namespace
{
class Chip : public sc_core::sc_module
{
  public:
    SC_HAS_PROCESS(Chip);

    Chip(sc_core::sc_module_name name, uint64_t rows, uint64_t columns)
        : sc_core::sc_module(name), array(rows, columns)
    {
        SC_THREAD(region_loader);
        SC_THREAD(ifmap_loader);
        SC_THREAD(weight_loader);
        SC_THREAD(psum_loader);
        SC_THREAD(psum_storer);
        SC_THREAD(ifmap_network);
        SC_THREAD(weight_network);
        SC_THREAD(psum_in_network);
        SC_THREAD(psum_out_network);
        SC_THREAD(pe_array);
    }

    // Let all processes work on a layer until none has anything left to do.
    void execute(Run &layer)
    {
        run = &layer;
        for (sc_core::sc_event &start : starts_) // always in the same order, for the same result
            start.notify(sc_core::SC_ZERO_TIME);
        sc_core::sc_start();
        if (!layer.complete && layer.status == MF_OK)
            layer.status = mf_fail(&layer.diag, MF_INVALID,
                                   "the chip stands still in array step %" PRIu64
                                   ": please report this mapping",
                                   layer.report.counts.n_steps);
        if (!layer.complete) { // whoever still waits goes back to the start
            layer.stop();
            sc_core::sc_start();
        }
        run = nullptr;
    }

    // Before a task.
    void execute(Bring &work)
    {
        bringing = &work;
        brings_.notify(sc_core::SC_ZERO_TIME);
        sc_core::sc_start();
        bringing = nullptr;
    }

    Array array;
    Lamps lamps;

  private:
    enum Process {
        IFMAP_LOADER,
        WEIGHT_LOADER,
        PSUM_LOADER,
        PSUM_STORER,
        IFMAP_NETWORK,
        WEIGHT_NETWORK,
        PSUM_IN_NETWORK,
        PSUM_OUT_NETWORK,
        PE_ARRAY,
        N_PROCESSES
    };

    // Every process: layer after layer.
    template <typename Work> void serve(Process process, Work work)
    {
        for (;;) {
            sc_core::wait(starts_[process]);
            try {
                work(*run);
            } catch (const Stop &) {
            } catch (const std::bad_alloc &) {
                run->status = mf_fail_memory(&run->diag);
                run->stop();
            } catch (const std::overflow_error &error) {
                run->status = mf_fail(&run->diag, MF_TOO_LARGE, "the layer takes %s", error.what());
                run->stop();
            }
        }
    }

    void region_loader()
    {
        for (;;) {
            sc_core::wait(brings_);
            bring(*bringing);
        }
    }

    void ifmap_loader()
    {
        serve(IFMAP_LOADER, load_ifmap);
    }
    void weight_loader()
    {
        serve(WEIGHT_LOADER, load_weights);
    }
    void psum_loader()
    {
        serve(PSUM_LOADER, load_psums);
    }
    void psum_storer()
    {
        serve(PSUM_STORER, store_psums);
    }
    void ifmap_network()
    {
        serve(IFMAP_NETWORK, carry_ifmap);
    }
    void weight_network()
    {
        serve(WEIGHT_NETWORK, carry_weights);
    }
    void psum_in_network()
    {
        serve(PSUM_IN_NETWORK, carry_psums_in);
    }
    void psum_out_network()
    {
        serve(PSUM_OUT_NETWORK, carry_psums_out);
    }

    void pe_array()
    {
        serve(PE_ARRAY, [this](Run &layer) {
            array.work(layer);
            layer.complete = true;
        });
    }

    Run *run = nullptr;
    Bring *bringing = nullptr;
    sc_core::sc_event brings_;
    sc_core::sc_event starts_[N_PROCESSES];
};
} // namespace
} // namespace mulfree

struct mf_chip {
    std::unique_ptr<mulfree::Chip> module;
    uint64_t rows = 0, columns = 0;
    sc_core::sc_trace_file *waves = nullptr;
    std::vector<mf_pe_activity> activity;
    double cycles = 0;
};

namespace
{
using namespace mulfree;

bool elaborated = false;

void trace(mf_chip *chip, const char *vcd_path)
{
    std::string path(vcd_path);
    chip->waves = sc_core::sc_create_vcd_trace_file(path.substr(0, path.size() - 4).c_str());
    chip->waves->set_time_unit(1, sc_core::SC_PS);
    Lamps &lamps = chip->module->lamps;
    sc_core::sc_trace(chip->waves, lamps.layer, "layer");
    sc_core::sc_trace(chip->waves, lamps.step, "array_step");
    sc_core::sc_trace(chip->waves, lamps.pass, "pass");
    for (int c = 0; c < MF_N_COMPONENTS; c++)
        if (c != MF_COMPONENT_BUFFER)
            sc_core::sc_trace(chip->waves, lamps.busy[c],
                              std::string(mf_component_name(c)) + "_busy");
    for (int t = 0; t < MF_N_TENSORS; t++)
        sc_core::sc_trace(chip->waves, lamps.tiles_loaded[t],
                          std::string(mf_tensor_name(t)) + "_tiles_loaded");
    sc_core::sc_trace(chip->waves, lamps.psum_tiles_waiting, "psum_tiles_waiting");
    for (size_t pe = 0; pe < chip->module->array.pes.size() && pe < 4; pe++) {
        std::string name = "pe" + std::to_string(pe);
        sc_core::sc_trace(chip->waves, chip->module->array.pes[pe].busy, name + "_busy");
        sc_core::sc_trace(chip->waves, chip->module->array.pes[pe].traced_psum, name + "_psum", 64);
    }
}

mf_status create(uint64_t rows, uint64_t columns, const char *vcd_path, mf_chip **chip)
{
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
    sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
    auto made = std::make_unique<mf_chip>();
    made->rows = rows;
    made->columns = columns;
    made->module = std::make_unique<Chip>("chip", rows, columns);
    made->activity.resize(rows * columns);
    if (vcd_path)
        trace(made.get(), vcd_path);
    // Every process runs up to where it waits for a layer: a notification before that would be
    // lost.
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    *chip = made.release();
    return MF_OK;
}

// What is held is in the buffer from the first word to the last, beside all tiles.
mf_status check_held(const mf_chip_layer *layer, mf_diag *diag)
{
    const mf_capacity &capacity = layer->machine->capacity;
    uint64_t tiles = 0;
    if (layer->held && (!layer->requantiser || !layer->machine->keeps_output))
        return mf_fail(diag, MF_INVALID, "outputs are held that are not kept, or not made");
    if (layer->held_bits == 0)
        return MF_OK;
    mf_contributions contributions = mf_contributions_of(layer->work, layer->mapping);
    for (int t = 0; t < MF_N_TENSORS; t++)
        tiles += mf_buffer_bits(layer->mapping, &capacity, t,
                                mf_tile_words(layer->mapping, MF_BUFFER, t, &contributions));
    if (layer->held_bits + tiles <= layer->buffer_bits)
        return MF_OK;
    return mf_fail(diag, MF_NO_MAPPING,
                   "what stays in the buffer takes %" PRIu64 " bits and tiles %" PRIu64
                   ", the buffer has %" PRIu64,
                   layer->held_bits, tiles, layer->buffer_bits);
}

mf_status check(const mf_chip *chip, const mf_chip_layer *layer, mf_diag *diag)
{
    const mf_mapping *mapping = layer->mapping;
    const mf_chip_timing &timing = layer->timing;
    MF_TRY(mf_mapping_check_nest(mapping, layer->work, diag));
    MF_TRY(mf_mapping_check_capacity(mapping, layer->work, &layer->machine->capacity, diag));
    MF_TRY(check_held(layer, diag));
    uint64_t columns = mf_mapping_pes(mapping, MF_COLUMNS), rows = mf_mapping_pes(mapping, MF_ROWS);
    if (columns > chip->columns || rows > chip->rows)
        return mf_fail(diag, MF_NO_MAPPING,
                       "the mapping takes %" PRIu64 " x %" PRIu64 " PEs, the chip has %" PRIu64
                       " x %" PRIu64,
                       rows, columns, chip->rows, chip->columns);
    const uint32_t *size = layer->work->size;
    uint64_t bits =
        mf_integer_sum_bits(&layer->format, uint64_t{size[MF_C]} * size[MF_R] * size[MF_S]);
    if (bits > 64 || layer->format.psum_bits > 63)
        return mf_fail(diag, MF_TOO_LARGE,
                       "psums of %" PRIu64 " bits, or sums that may take %" PRIu64
                       ", are more than the chip's model can hold",
                       layer->format.psum_bits, bits);
    for (size_t i = 0; i < layer->n_faults; i++)
        if (layer->faults[i].kind != MF_FAULT_FLIP && layer->faults[i].tensor == MF_PSUM)
            return mf_fail(diag, MF_INVALID,
                           "fault %zu: only the ifmap and weight networks can lose words or stick",
                           i);
    if (timing.input_fifo_tiles < 1 || timing.initiation_cycles < 1 || timing.buffer_banks < 1 ||
        !(timing.buffer_bank_bits > 0))
        return mf_fail(
            diag, MF_INVALID,
            "input_fifo_tiles, initiation_cycles, buffer_banks and buffer_bank_bits must "
            "be at least 1");
    return MF_OK;
}

mf_pe_activity sum_activity(const Array &array)
{
    mf_pe_activity sum{};
    for (const Pe &pe : array.pes) {
        sum.n_macs += pe.activity.n_macs;
        sum.n_padded += pe.activity.n_padded;
        sum.n_executed += pe.activity.n_executed;
    }
    return sum;
}

mf_status run_layer(mf_chip *chip, const mf_chip_layer *layer, mf_chip_report *report,
                    mf_diag *diag)
{
    Chip &module = *chip->module;
    mf_pe_activity before = sum_activity(module.array);
    *report = {};
    module.lamps.layer++;
    module.lamps.step = module.lamps.pass = 0;
    Run run(*layer, *report, module.lamps);
    module.execute(run);
    if (run.status != MF_OK) {
        for (Pe &pe : module.array.pes)
            pe.busy = false;
        if (diag)
            *diag = run.diag;
        return run.status;
    }
    mf_pe_activity after = sum_activity(module.array);
    report->counts.n_macs = after.n_macs - before.n_macs;
    report->counts.n_padded_macs = after.n_padded - before.n_padded;
    report->n_executed = after.n_executed - before.n_executed;
    report->cycles = run.now();
    chip->cycles += report->cycles;
    report->array_cycles = report->cycles - report->stall_cycles[MF_STALL_DRAM];
    for (int c = 0; c < MF_N_COMPONENTS; c++)
        report->busy_cycles[c] = run.busy_cycles[c];
    return MF_OK;
}

mf_status create_checked(uint64_t pe_rows, uint64_t pe_columns, const char *vcd_path,
                         mf_chip **chip, mf_diag *diag)
{
    *chip = nullptr;
    if (elaborated)
        return mf_fail(diag, MF_INVALID,
                       "this process has a chip already: SystemC elaborates once per process");
    if (pe_rows < 1 || pe_columns < 1 || pe_rows > 65536 || pe_columns > 65536)
        return mf_fail(diag, MF_INVALID, "a chip of %" PRIu64 " x %" PRIu64 " PEs cannot be made",
                       pe_rows, pe_columns);
    if (vcd_path && (std::strlen(vcd_path) < 5 ||
                     std::strcmp(vcd_path + std::strlen(vcd_path) - 4, ".vcd") != 0))
        return mf_fail(diag, MF_USAGE, "%s: the name of a waveform file ends in .vcd", vcd_path);
    elaborated = true;
    try {
        return create(pe_rows, pe_columns, vcd_path, chip);
    } catch (const std::bad_alloc &) {
        return mf_fail_memory(diag);
    } catch (const std::exception &error) {
        return mf_fail(diag, MF_INVALID, "SystemC: %s", error.what());
    }
}

void destroy(mf_chip *chip)
{
    if (chip->waves)
        sc_core::sc_close_vcd_trace_file(chip->waves);
    delete chip;
}

mf_status run_checked(mf_chip *chip, const mf_chip_layer *layer, mf_chip_report *report,
                      mf_diag *diag)
{
    MF_TRY(check(chip, layer, diag));
    try {
        return run_layer(chip, layer, report, diag);
    } catch (const std::bad_alloc &) {
        return mf_fail_memory(diag);
    } catch (const std::exception &error) {
        return mf_fail(diag, MF_INVALID, "SystemC: %s", error.what());
    }
}

mf_status bring_region(mf_chip *chip, const mf_chip_load *load, mf_chip_report *report,
                       mf_diag *diag)
{
    *report = {};
    Bring work{*load, *report, chip->module->lamps};
    chip->module->execute(work);
    if (work.too_long)
        return mf_fail(diag, MF_TOO_LARGE,
                       "what comes into the buffer takes more than 9e12 cycles");
    if (!work.complete)
        return mf_fail(diag, MF_INVALID, "the chip stands still: please report this load");
    chip->cycles += report->cycles;
    return MF_OK;
}

mf_status bring_checked(mf_chip *chip, const mf_chip_load *load, mf_chip_report *report,
                        mf_diag *diag)
{
    if (load->tensor == MF_PSUM || load->ring_rows == 0 || load->n_rows == 0 ||
        load->first_row + load->n_rows > load->map_rows)
        return mf_fail(diag, MF_INVALID,
                       "rows %" PRIu64 " to %" PRIu64 " of %" PRIu64 " into room for %" PRIu64,
                       load->first_row, load->first_row + load->n_rows, load->map_rows,
                       load->ring_rows);
    try {
        return bring_region(chip, load, report, diag);
    } catch (const std::exception &error) {
        return mf_fail(diag, MF_INVALID, "SystemC: %s", error.what());
    }
}

const mf_pe_activity *activity(const mf_chip *chip)
{
    auto &activity = const_cast<mf_chip *>(chip)->activity;
    for (size_t i = 0; i < activity.size(); i++)
        activity[i] = chip->module->array.pes[i].activity;
    return activity.data();
}

double cycles(const mf_chip *chip)
{
    return chip->cycles;
}

void forget(mf_chip *chip)
{
    chip->cycles = 0;
    for (Pe &pe : chip->module->array.pes)
        pe.activity = {};
}
} // namespace

const mf_chip_engine mf_chip_systemc = {create_checked, destroy, run_checked, bring_checked,
                                        activity,       cycles,  forget};
