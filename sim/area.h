/* What does a chip take, part by part? An accelerator with the datapaths of its operators, in um2 of an
 * energy table's technology; what leaks from its memories, in mW. In each PE: a datapath for each
 * operator that runs on it (a MAC position's operations side by side), three scratchpads, a port to the
 * buses, control. Beside the array: the buffer with its banks, and lanes of the vector unit (what
 * requantises a word: multiplier, adder, shifter; of floating-point numbers multiplier and adder).
 *
 *     um2 of the chip = sum of um2 of its parts, in their order
 *
 * An accelerator that gives pe_overhead_um2 has that beside each datapath, and its scratchpads, port and
 * control are in it. docs/ENERGY_MODEL.md, "Area". */
#ifndef MF_SIM_AREA_H
#define MF_SIM_AREA_H

#include "sim/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* PEs that compute as one operator does. Borrowed. */
typedef struct mf_datapath {
    const mf_operator *op;
    mf_widths widths;
    uint64_t n_pes;
} mf_datapath;

typedef enum mf_area_kind {
    MF_AREA_DATAPATH,
    MF_AREA_SCRATCHPAD,
    MF_AREA_NETWORK_PORT,
    MF_AREA_PE_CONTROL,
    MF_AREA_PE_OVERHEAD,
    MF_AREA_BUFFER,
    MF_AREA_VECTOR_UNIT
} mf_area_kind;

typedef struct mf_area_part {
    mf_area_kind kind;
    size_t which;     /* which datapath, which tensor's scratchpad; else 0 */
    const char *name; /* "mult datapath", "ifmap scratchpad" ... */
    uint64_t count;
    double each_um2, um2; /* um2 = count x each_um2; both 0 where the PE's overhead holds it */
    bool in_overhead;
    double leakage_mw;        /* of all of them; 0 where it is not known */
    const char *status;       /* found, derived or assumed: the least sure of what it is made of */
    const char *source;       /* "" where that is several */
    const mf_memory_law *law; /* of its area, or NULL */
    mf_memory memory;         /* that the law was asked for */
} mf_area_part;

typedef struct mf_area {
    mf_area_part *parts;
    size_t n_parts;
    double um2, leakage_mw; /* sums over the parts */
    bool knows_leakage;
} mf_area;

/* MF_INVALID where the accelerator gives no pe_overhead_um2 and the table has no areas of memories. */
mf_status mf_area_check(const mf_accelerator *accelerator, const mf_energy_table *table,
                        mf_diag *diag);

/* Area of one PE that computes as `op` at `widths`, with all that is in it. */
mf_status mf_area_pe_um2(const mf_accelerator *accelerator, const mf_energy_table *table,
                         const mf_operator *op, const mf_widths *widths, double *pe_um2,
                         mf_diag *diag);

/* The same of one that has all of these datapaths, or none: then of what is beside them. */
mf_status mf_area_shared_pe_um2(const mf_accelerator *accelerator, const mf_energy_table *table,
                                const mf_datapath *datapaths, size_t n_datapaths, double *pe_um2,
                                mf_diag *diag);

/* Area of all lanes of the vector unit, for words of `widths`. */
mf_status mf_area_vector_um2(const mf_accelerator *accelerator, const mf_energy_table *table,
                             const mf_widths *widths, double *um2, mf_diag *diag);

/* Does a table know areas? MF_INVALID, and which ones do, where it does not. */
mf_status mf_area_check_table(const mf_energy_table *table, mf_diag *diag);

/* The whole chip, in `arena`. `n_pes` PEs in all, of which each datapath has its own or shares them; the
 * vector unit has the widths of the first. `laws`: which of the laws of a memory's area. MF_INVALID where
 * the table knows no areas, even if the accelerator gives pe_overhead_um2: nothing is known of the
 * buffer. */
mf_status mf_area_of(const mf_accelerator *accelerator, const mf_energy_table *table,
                     const mf_datapath *datapaths, size_t n_datapaths, uint64_t n_pes, mf_laws laws,
                     mf_arena *arena, mf_area *area, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
