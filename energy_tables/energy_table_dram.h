/* What does a bit cost in DRAM of another kind? A table may list kinds beside its own price of level dram.
 *
 *   "drams": [{"kind": "lpddr4", "energy_pj_per_bit": 8, "status": ..., "source": ...}, ...] */
#ifndef MF_ENERGY_TABLES_ENERGY_TABLE_DRAM_H
#define MF_ENERGY_TABLES_ENERGY_TABLE_DRAM_H

#include "energy_tables/energy_table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* From now on the table prices DRAM of this kind, reads and writes alike. MF_INVALID where it is relative;
 * MF_UNKNOWN_NAME, with the kinds that there are, where it does not know the kind. */
mf_status mf_energy_table_choose_dram(mf_energy_table *table, const char *kind, mf_diag *diag);

/* Read the list into a table; one that is not there stays empty. */
mf_status mf_energy_table_read_drams(mf_energy_table *table, const mf_json *root, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
