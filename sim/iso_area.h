/* How many PEs of each operator fit into the silicon of an array of multipliers? */
#ifndef MF_SIM_ISO_AREA_H
#define MF_SIM_ISO_AREA_H

#include "sim/area.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What an operator of a variant asks of the array: its PE's area and the MACs that it runs; no MACs: it is
 * not there. */
typedef struct mf_area_share {
    double pe_um2, macs;
    uint64_t columns; /* out */
} mf_area_share;

/* Divide `area_um2` among columns of `pe_rows` PEs. Layers run one after the other, so the time
 * sum(macs / PEs) is least when areas go as sqrt(macs x PE area). Columns are whole, and each operator has
 * one at least: those whose time grows least give theirs up for it, and what is left goes to those whose
 * time falls most, so that less than the narrowest column stays empty. False where a column of each does
 * not fit; `needed_um2` is what that would take. */
bool mf_iso_area_divide(double area_um2, uint64_t pe_rows, mf_area_share *shares, size_t n,
                        double *needed_um2);

/* Silicon for the PEs of a variant whose words have `own` widths: that of the accelerator's array, were
 * its PEs those of `mult` at `mult_widths`, and what its vector unit takes more there than at the
 * variant's: chips are equal, not only arrays. Where the accelerator gives pe_overhead_um2, arrays alone
 * are. */
mf_status mf_iso_area_silicon(const mf_accelerator *accelerator, const mf_energy_table *table,
                              const mf_operator *mult, const mf_widths *mult_widths,
                              const mf_widths *own, double *area_um2, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
