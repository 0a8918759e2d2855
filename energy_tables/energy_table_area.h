/* What do the memories and the logic of a chip take, in um2, and what leaks from memories, in mW? Three
 * lists of an energy table. A memory is one whole memory with all its banks: its law (memory_law.h) leads
 * from the one that was measured to others, over whole ports and not over words.
 *
 *   "memory_areas":    [{"level": "register", "area_um2": ..., "bytes": ..., "capacity_exponent": ..., ...,
 *                        "other_laws": [{"name": ..., "area_um2": ..., ...}]}, {"level": "buffer", ...}]
 *   "memory_leakages": the same in "leakage_mw"
 *   "logic_areas":     [{"part": "pe_control", "area_um2": ..., "status": ..., "source": ...}, ...]
 *
 * A table has areas of registers, of the buffer and of every part of logic_parts.def, or of nothing. */
#ifndef MF_ENERGY_TABLES_ENERGY_TABLE_AREA_H
#define MF_ENERGY_TABLES_ENERGY_TABLE_AREA_H

#include "energy_tables/energy_table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Does the table know what memories and logic take; and what memories leak? */
bool mf_energy_table_has_areas(const mf_energy_table *table);
bool mf_energy_table_has_leakages(const mf_energy_table *table);

/* The entry of `tensor` at `level`: "`level`_`tensor`" comes before "`level`"; NULL where the table has
 * none. */
const mf_size_law *mf_energy_table_memory_area(const mf_energy_table *table, const char *level,
                                               const char *tensor);
const mf_size_law *mf_energy_table_memory_leakage(const mf_energy_table *table, const char *level,
                                                  const char *tensor);

const char *mf_logic_part_name(int part);

/* Read the three lists into a table; those that are not there stay empty. */
mf_status mf_energy_table_read_areas(mf_energy_table *table, const mf_json *root, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
