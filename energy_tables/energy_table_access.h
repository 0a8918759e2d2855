/* What the two files of the table's reader tell each other. */
#ifndef MF_ENERGY_TABLES_ENERGY_TABLE_ACCESS_H
#define MF_ENERGY_TABLES_ENERGY_TABLE_ACCESS_H

#include "energy_tables/energy_table.h"

/* Fill in table->accesses, whose unit is known. */
mf_status mf_energy_table_read_accesses(mf_energy_table *table, const mf_json *list, mf_diag *diag);

mf_status mf_energy_table_fail_relative(const mf_energy_table *table, mf_diag *diag);

#endif
