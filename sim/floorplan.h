/* How far do words go on the array network? PEs are squares of the area that `mulfree chip` gives them,
 * side by side:
 *
 *     pitch      = sqrt(area of a PE, with every datapath that it has)
 *     column bus = PE rows x pitch      the way of a word from the buffer along all rows
 *     row bus    = PE columns x pitch   the way along a row that takes it
 *     hop        = pitch                of a psum to the neighbour
 *
 * A bus is driven along its whole length, whoever listens. A psum that leaves the array, or comes back,
 * is on the column bus and on the bus of one row. The buffer stands where the column bus begins, wires
 * within it are its own; a pool, and each operator's part under iso-area, has buses of its own, which
 * begin at its edge. What a PE needs to take a word off a bus has no price here. */
#ifndef MF_SIM_FLOORPLAN_H
#define MF_SIM_FLOORPLAN_H

#include "sim/area.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mf_floorplan {
    double pe_um2, pitch_um;
    double column_bus_mm, row_bus_mm, hop_mm;
} mf_floorplan;

/* Of `pe_rows` x `pe_columns` PEs, each with all of these datapaths. Tables that price wires have
 * areas. */
mf_status mf_floorplan_of(const mf_accelerator *accelerator, const mf_energy_table *table,
                          const mf_datapath *datapaths, size_t n_datapaths, uint64_t pe_rows,
                          uint64_t pe_columns, mf_floorplan *floorplan, mf_diag *diag);

/* The same PEs on an accelerator of other memories, or so many of them. */
mf_status mf_floorplan_resize(const mf_accelerator *from, const mf_accelerator *to,
                              const mf_energy_table *table, uint64_t pe_rows, uint64_t pe_columns,
                              mf_floorplan *floorplan, mf_diag *diag);

/* Price the machine's array network by these ways; nothing where `prices` have none by length. */
void mf_floorplan_price(const mf_floorplan *floorplan, const mf_prices *prices,
                        mf_machine *machine);

#ifdef __cplusplus
}
#endif

#endif
