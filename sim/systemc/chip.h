/* What happens in the chip when a layer runs, when, and is the result right? A SystemC model of an
 * accelerator that executes any mapping of dataflows/ on integer codes: words move from DRAM
 * through the buffer and the networks into the PEs' scratchpads, PEs compute from what is there,
 * psums go down the array and back. Every access is counted where it happens and every cycle has a
 * reason.
 *
 * SystemC elaborates once per process: there is one chip, of one size; a second one is refused. */
#ifndef MF_SIM_SYSTEMC_CHIP_H
#define MF_SIM_SYSTEMC_CHIP_H

#include "dataflows/cost.h"
#include "models/integer.h"
#include "models/requantise.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Why does the array wait? */
typedef enum mf_stall {
#define MF_STALL(NAME, name, text) MF_STALL_##NAME,
#include "sim/systemc/stalls.def"
#undef MF_STALL
    MF_N_STALLS
} mf_stall;

const char *mf_stall_name(int stall);
const char *mf_stall_text(int stall);

/* The parts of the chip that show in timelines and have busy cycles of their own. */
typedef enum mf_component {
#define MF_COMPONENT(NAME, name, text) MF_COMPONENT_##NAME,
#include "sim/systemc/components.def"
#undef MF_COMPONENT
    MF_N_COMPONENTS
} mf_component;

const char *mf_component_name(int component);
const char *mf_component_text(int component);

/* How closely are PEs watched? */
typedef enum mf_fidelity {
    MF_FIDELITY_ROW,  /* an event per array step: each PE does the positions of its tile at once */
    MF_FIDELITY_CYCLE /* an event per cycle: each PE does one position, results leave its pipeline
                         later */
} mf_fidelity;

/* Something breaks. `step` counts array steps from 0; a step or PE that does not exist, or a PE
 * without a share of that step, never breaks. */
typedef enum mf_fault_kind {
    MF_FAULT_FLIP,  /* bit `bit` of word `word` (modulo what is there) of a scratchpad of PE `pe`
                       flips once, after the words of step `step` have arrived */
    MF_FAULT_DROP,  /* what the ifmap or weight network brings PE `pe` in step `step` does not
                       arrive: ifmap words are 0 then, weights what stood in their place */
    MF_FAULT_STUCK, /* bit `bit` of the ifmap or weight network is 1 from step `step` on */
    MF_N_FAULT_KINDS
} mf_fault_kind;

typedef struct mf_fault {
    mf_fault_kind kind;
    mf_tensor tensor;
    uint64_t pe, step, word;
    unsigned bit;
} mf_fault;

/* Called for every transfer, pass and stall, in cycles since the layer began. */
typedef void mf_chip_watch(void *user, mf_component component, const char *what, double begin_cycle,
                           double end_cycle);

/* What the clock of the chip does not follow from the machine's numbers. */
typedef struct mf_chip_timing {
    double dram_latency_cycles; /* until the first word of a transfer arrives */
    double dram_burst_bits;     /* transfers are whole bursts; 0: to the bit */
    double dram_bit_cycles;     /* per bit; 0 where unlimited */
    uint64_t run_length_bits;   /* of the codec beside the channel */
    uint64_t buffer_banks;      /* each serves one access per cycle; each tensor has its own */
    double buffer_bank_bits;    /* of one access */
    uint64_t
        prefetch_words; /* that wait before the networks, of a tensor that bypasses the buffer */
    uint64_t input_fifo_tiles;  /* array tiles that wait in front of PEs, at least 1 */
    uint64_t initiation_cycles; /* between two positions in a PE, at least 1 */
    uint64_t pipeline_cycles;   /* from operands to psum */
} mf_chip_timing;

/* A map of which some rows are there: row r is at place r % rows of each channel's plane, and what is
 * row 0 for a layer is row `first`. rows 0: a plane is all of the layer's rows, as they are. */
typedef struct mf_chip_ring {
    uint64_t rows, first;
} mf_chip_ring;

/* One layer to run, or some of its rows. `ifmap[N][G*C][H][W]` and `weights[G*M][C][R][S]` are codes of
 * `format`, checked by the caller; `psums[N][G*M][E][F]` receives the sums. All belong to the caller. */
typedef struct mf_chip_layer {
    const char *name;
    const mf_work *work;
    const mf_mapping *mapping;
    const mf_machine *machine; /* rates, capacities, rules; its prices are not looked at */
    mf_chip_timing timing;
    mf_integer_format format;
    const mf_requantiser
        *requantiser; /* makes ofmap codes of finished psums, for the codec; NULL: none */
    bool codes_ifmap, codes_output; /* these pass the channel run-length coded */
    uint64_t
        buffer_bits; /* all of the buffer, where machine->capacity is what regions leave of it; ... */
    uint64_t held_bits; /* ... and those that are there meanwhile; looked at only then */
    bool gates_zero;    /* positions with a zero ifmap code are not executed */
    const int32_t *ifmap, *weights;
    mf_chip_ring ifmap_ring; /* where the ifmap is, in DRAM or in the buffer */
    int64_t *psums;
    /* Where machine->keeps_output: codes of finished outputs (signs, if these are all that is written), and
     * whether they go to DRAM as well. */
    int32_t *held; /* [N][G*M][held_ring.rows][F]; NULL: nobody looks at them */
    mf_chip_ring held_ring;
    bool stores_held;
    mf_fidelity fidelity;
    const mf_fault *faults;
    size_t n_faults;
    mf_chip_watch *watch; /* NULL: nobody */
    void *watch_user;
} mf_chip_layer;

/* What was measured. Waiting: cycles == compute_cycles + the sum of stall_cycles. */
typedef struct mf_chip_report {
    mf_counts
        counts; /* multicast: bus_words on the Y bus, row_words on X buses, deliveries at PEs */
    uint64_t n_executed; /* positions that were not gated */
    uint64_t ifmap_dram_bits,
        output_dram_bits; /* as they passed the channel, coded where that is on */
    uint64_t n_loaded_words[MF_N_TENSORS], loaded_dram_bits[MF_N_TENSORS]; /* by mf_chip_load */
    double cycles;       /* from start to the last word in DRAM */
    double array_cycles; /* of these, from the first to the last array step and pass, without stalls
                            for DRAM: "processing" */
    double compute_cycles;
    double stall_cycles[MF_N_STALLS];
    double busy_cycles[MF_N_COMPONENTS];
    uint64_t n_passes;
} mf_chip_report;

/* Per PE, row by row: what it did since the chip was made, or mf_chip_forget. */
typedef struct mf_pe_activity {
    uint64_t n_macs, n_padded, n_executed; /* positions, those on padding, executed ones */
    uint64_t busy_cycles;                  /* with a position under way */
    uint64_t n_delivered[MF_N_TENSORS];    /* words that arrived; for psums, words held */
} mf_pe_activity;

typedef struct mf_chip mf_chip;

/* Can this build execute? MF_INVALID, with what to do, where it was made without SystemC
 * (MULFREE_SYSTEMC); mf_chip_create says the same then. */
mf_status mf_chip_check(mf_diag *diag);

/* Elaborate a chip of pe_rows x pe_columns PEs; `vcd_path` (ending in ".vcd") receives waveforms of
 * its first PEs, its networks and counters, NULL for none. MF_INVALID for a second one. The chip
 * belongs to the process; destroy closes the waveforms. */
mf_status mf_chip_create(uint64_t pe_rows, uint64_t pe_columns, const char *vcd_path,
                         mf_chip **chip, mf_diag *diag);
void mf_chip_destroy(mf_chip *chip);

/* Run a layer from an empty chip to the last word in DRAM. The mapping must be well-formed and fit
 * beside the maps that stay, or nothing runs: MF_INVALID, MF_NO_MAPPING. MF_TOO_LARGE, with layer,
 * channel and position, for a psum that its scratchpad cannot hold. After a failure the chip is as
 * good as new. */
mf_status mf_chip_run(mf_chip *chip, const mf_chip_layer *layer, mf_chip_report *report,
                      mf_diag *diag);

/* Rows [first_row, first_row + n_rows) of a map in DRAM, `from[n_planes][map_rows][row_words]`, which come
 * into the buffer before a task begins and stay there, `to[n_planes][ring_rows][row_words]`, the last of them where that
 * has no room for all; or weights, one plane of one row. */
typedef struct mf_chip_load {
    mf_tensor tensor; /* MF_IFMAP or MF_WEIGHT */
    const int32_t *from;
    int32_t *to;
    uint64_t n_planes, map_rows, ring_rows, row_words, first_row, n_rows;
    uint64_t word_bits;
    bool coded; /* they pass the channel run-length coded */
    mf_chip_timing timing;
    mf_chip_watch *watch; /* NULL: nobody */
    void *watch_user;
} mf_chip_load;

/* Bring them. Nothing else happens meanwhile: all cycles are those of MF_STALL_DRAM. */
mf_status mf_chip_bring(mf_chip *chip, const mf_chip_load *load, mf_chip_report *report,
                        mf_diag *diag);

/* All PEs, [pe_rows * pe_columns], owned by the chip. */
const mf_pe_activity *mf_chip_activity(const mf_chip *chip);
double mf_chip_cycles(const mf_chip *chip); /* of all layers that were run to the end since then */
void mf_chip_forget(mf_chip *chip);

#ifdef __cplusplus
}
#endif

#endif
