/* What are an accelerator, an operator at its widths, an energy table and a layer's data, as the
 * numbers that price a nest (dataflows/cost.h)? Every tensor at its own width, every operation of a
 * MAC position, every level for every operator alike; docs/ENERGY_MODEL.md, "The consistent
 * account". */
#ifndef MF_SIM_MACHINE_H
#define MF_SIM_MACHINE_H

#include "dataflows/cost.h"
#include "models/operator.h"
#include "sim/prices.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Shares of zeros in a layer's data, 0 to 1; negative where unknown, and then nothing is gated or
 * coded. Shares that a layer on signs reads count for nothing: no sign is zero. */
typedef struct mf_zeros {
    double ifmap, ofmap;
} mf_zeros;

#define MF_ZEROS_UNKNOWN ((mf_zeros){-1, -1})

/* Fill `machine` for layers that run on `op` with `widths`; `prices` are the accelerator's. Energies
 * are in the table's unit: pJ, or MACs where it is relative. Where wires are priced by their length, PEs
 * have the datapath of `op` alone: who knows of others prices them anew (sim/floorplan.h). MF_INVALID when accelerator or table
 * lack something. */
mf_status mf_machine_make(const mf_accelerator *accelerator, const mf_operator *op,
                          const mf_widths *widths, const mf_prices *prices, mf_zeros zeros,
                          mf_machine *machine, mf_diag *diag);

/* The same machine with scratchpads and a buffer of other prices. */
void mf_machine_price_memories(mf_machine *machine, const mf_prices *prices);

/* Bits in DRAM per bit of data when words of `bits` with a share `zeros` of zeros, at random
 * places, are run-length coded: pairs of a run of up to 2^run_bits - 1 zeros and one word, as many
 * as fit into 64 bits. 1 where coding would not shrink them (a coder can be switched off) or
 * nothing is known. Source of the format: Chen et al., Eyeriss, JSSC 2017. */
double mf_run_length_ratio(uint64_t run_bits, uint64_t bits, double zeros);

/* Are there zeros in what layers write? Not where that is signs alone. */
bool mf_machine_output_may_be_coded(const mf_machine *machine);

/* Which tensors the buffer does not hold, [MF_N_TENSORS]: where weights_in_buffer is "no", these go
 * by it from DRAM to the array. */
const bool *mf_machine_bypass(const mf_accelerator *accelerator);

/* The buffer without what prefetched weights take of it. */
uint64_t mf_machine_buffer_bits(const mf_accelerator *accelerator);

/* Cycles that a bit takes on the DRAM channel; 0 where that is unlimited. */
double mf_machine_dram_bit_cycles(const mf_accelerator *accelerator);

/* Energy of one operation of the vector unit or of a MAC position, on numbers of these widths. */
mf_status mf_machine_event(const mf_energy_table *table, mf_event event, bool floating,
                           uint64_t a_bits, uint64_t b_bits, double *energy, mf_diag *diag);

/* Area in um2 of the datapath of `op` at `widths`: a MAC position's operations side by side. `status`
 * is that of the least sure entry. */
mf_status mf_machine_datapath(const mf_operator *op, const mf_widths *widths,
                              const mf_energy_table *table, double *um2, const char **status,
                              mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
