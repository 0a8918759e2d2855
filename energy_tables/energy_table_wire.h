/* What does a bit cost on its way through the array network? A table that says so prices wires by their
 * length and has no access of level network; how far words go, the floorplan of the areas says
 * (sim/floorplan.h). So it must have areas.
 *
 *   "wires": {"energy_pj_per_mm_bit": 0.325, "status": ..., "source": ...,
 *             "other_wires": [{"name": ..., "energy_pj_per_mm_bit": ..., "status": ..., "source": ...}]}
 *
 * "other_wires" are what the spread of --provenance is made of. */
#ifndef MF_ENERGY_TABLES_ENERGY_TABLE_WIRE_H
#define MF_ENERGY_TABLES_ENERGY_TABLE_WIRE_H

#include "energy_tables/energy_table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Read it into a table whose accesses and areas are read; nothing where it is not there. */
mf_status mf_energy_table_read_wires(mf_energy_table *table, const mf_json *root, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
