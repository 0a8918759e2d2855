/* What does each part of a chip spend on a network, on average over its run? The energy of the consistent
 * account, told by part instead of by layer, and what leaks meanwhile:
 *
 *     power = (energy of operations and accesses + leakage x latency) / latency
 *
 * Parts in the order of mf_area, then what the table's static_mw stands for; the sum is the chip's. DRAM is
 * beside it. What no table says (a clock tree, control) is spent by nobody here. */
#ifndef MF_SIM_POWER_H
#define MF_SIM_POWER_H

#include "sim/analytic.h"
#include "sim/area.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mf_spent {
    const char *name;
    const mf_area_part *part; /* NULL for static power and DRAM */
    bool knows_dynamic;       /* does any account have a price for what it does? */
    double dynamic_mj, leakage_mj, energy_mj;
    double power_mw;
} mf_spent;

typedef struct mf_power {
    mf_spent *parts;
    size_t n_parts;
    mf_spent chip; /* the sum of the parts */
    mf_spent dram;
    mf_spent system; /* chip and DRAM */
    double latency_ms;
    uint64_t n_macs;
    double frames_per_s;
    double chip_tops_per_w, system_tops_per_w; /* a MAC position is two operations */
} mf_power;

/* `area` is that of the chip on which `result` was found, its datapaths in the order of `arrays`. What it
 * returns lives in `arena` and borrows from `area`. */
mf_status mf_power_of(const mf_area *area, const mf_energy_table *table,
                      const mf_analytic_result *result, const mf_op_array *arrays, uint64_t batch,
                      mf_arena *arena, mf_power *power, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
