/* What do the counts of a nest cost in energy and time? A machine that is nothing but numbers:
 * prices per access and operation, widths and rates. Whoever owns energy tables and accelerators
 * fills it in.
 *
 * Energy: every word at every level at its own width. A MAC position executed reads one ifmap word
 * and one weight and reads and writes one psum in the registers; a position that is gated (padding,
 * or a zero ifmap word, where the operator allows) only looks at the ifmap word.
 *
 * Time: within the array the slowest of PEs and buses sets the pace; weights that are loaded while
 * PEs wait add up, and so do the first ifmap tile and the last psums of each pass (a pass is the
 * time between two loads of weights). Around it, DRAM transfers that overlap compete with the
 * array; those of single-buffered tensors add up; the first tile in and the last out overlap with
 * nothing. */
#ifndef MF_DATAFLOWS_COST_H
#define MF_DATAFLOWS_COST_H

#include "dataflows/reuse.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mf_level {
#define MF_LEVEL(NAME, name, text) MF_LEVEL_##NAME,
#include "dataflows/levels.def"
#undef MF_LEVEL
    MF_N_LEVELS
} mf_level;

typedef enum mf_bound {
#define MF_BOUND(NAME, name, text) MF_BOUND_##NAME,
#include "dataflows/bounds.def"
#undef MF_BOUND
    MF_N_BOUNDS
} mf_bound;

/* Everything about chip, operator and data that a cost depends on. */
typedef struct mf_machine {
    mf_capacity capacity;
    bool slide_buffer;
    bool by_length; /* are wires of the array network priced by their length? */
    /* Per word; DRAM psums are partial sums; on the network, to read is to arrive at a PE, or of
     * psums to pass from PE to PE or between array and buffer. */
    double read_pj[MF_N_LEVELS][MF_N_TENSORS], write_pj[MF_N_LEVELS][MF_N_TENSORS];
    /* Beside that, by_length: per word on the column bus, and per word on the bus of a row of PEs. */
    double column_bus_pj[MF_N_TENSORS], row_bus_pj[MF_N_TENSORS];
    /* Of a finished word: what may be coded, and what is written raw beside it. */
    uint64_t output_bits, beside_bits;
    double output_pj;       /* per finished word written to DRAM */
    bool keeps_output;      /* finished words are written to the buffer, and stay there */
    double kept_output_pj;  /* per such word */
    double mac_pj;          /* per executed position */
    double position_cycles; /* between two positions in a PE */
    bool gates_padding;     /* positions on padding are not executed */
    double executed;        /* share of the other positions that is, 0 to 1 */
    bool counts_first_psum_read;
    bool weights_overlap;             /* loaded into registers while PEs work */
    double bus_cycles[MF_N_BOUNDS];   /* per word on that bus; 0 where unlimited */
    double dram_cycles[MF_N_TENSORS]; /* per word; psums as partial sums */
    double output_cycles;             /* per finished word */
    double array_pes;                 /* of the pool, for utilisation */
} mf_machine;

typedef struct mf_cost {
    double energy_pj, cycles;
    double access_pj[MF_N_LEVELS][MF_N_TENSORS];
    double mac_pj;
    double n_executed;
    double bound_cycles[MF_N_BOUNDS]; /* each resource on its own */
    double load_cycles;               /* weights, while PEs wait */
    double fill_cycles, drain_cycles; /* of passes */
    double array_cycles;              /* PEs and buses with those three: "processing" */
    double exposed_dram_cycles;       /* of single-buffered tensors, first tile, last tile */
    mf_bound bound; /* DRAM where its transfers take longer than the array, else the array's pace */
} mf_cost;

/* Reads and writes at a level, each at its price; where the two prices are one, to the last bit what
 * their sum times that price is. */
static inline double mf_priced(double n_reads, double n_writes, double read_pj, double write_pj)
{
    return (n_reads + n_writes) * read_pj + n_writes * (write_pj - read_pj);
}

const char *mf_level_name(int level);
const char *mf_bound_name(int bound);
const char *mf_bound_text(int bound);

/* Words of each tensor in one array tile and one buffer tile, which fill and drain need. */
typedef struct mf_tiles {
    uint64_t array[MF_N_TENSORS], buffer[MF_N_TENSORS];
} mf_tiles;

mf_tiles mf_tiles_of(const mf_mapping *mapping, const mf_contributions *contributions);

/* The words of a tensor that move to and from DRAM and buffer, of a nest that was counted: all but
 * those of maps that stay in the buffer. */
mf_flow mf_flow_moved(const mf_machine *machine, const mf_mapping *mapping, const mf_counts *counts,
                      int tensor);

/* Price a nest that was counted. */
void mf_cost_of(const mf_machine *machine, const mf_mapping *mapping, const mf_counts *counts,
                const mf_tiles *tiles, mf_cost *cost);

/* Energy and DRAM cycles of the transfers between DRAM and buffer (or array) alone: parts of what
 * mf_cost_of says. */
double mf_cost_transfers_pj(const mf_machine *machine, const mf_mapping *mapping,
                            const mf_counts *counts);
double mf_cost_transfers_cycles(const mf_machine *machine, const mf_counts *counts);

/* Count and price a well-formed nest. */
void mf_cost_of_mapping(const mf_machine *machine, const mf_work *work, const mf_mapping *mapping,
                        mf_counts *counts, mf_cost *cost);

#ifdef __cplusplus
}
#endif

#endif
