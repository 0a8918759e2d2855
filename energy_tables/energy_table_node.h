/* What does the same chip cost in another technology? A table that says so lists nodes, each with ratios to
 * its own: of logic (energy of an operation and of a word on the array network; area) and of memories
 * (energy of an access, area, leakage).
 *
 *   "nodes": [{"node_nm": 32,
 *              "logic": {"energy_ratio": 0.64, "area_ratio": 0.46, "status": ..., "source": ...},
 *              "memory": {"energy_ratio": ..., "area_ratio": ..., "leakage_ratio": ..., "status": ...}}, ...]
 *
 * Only these nodes are known; nothing is interpolated here. From larger to smaller no energy and no area
 * grows, the table's own node (ratios of 1) among them: a list that does is refused. DRAM is not scaled,
 * nor is a bit on a mm of wire: what a mm holds of capacitance hardly depends on the node, and the ratios
 * are at one voltage; ways shrink as the areas do. */
#ifndef MF_ENERGY_TABLES_ENERGY_TABLE_NODE_H
#define MF_ENERGY_TABLES_ENERGY_TABLE_NODE_H

#include "energy_tables/energy_table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Scale a table to `node_nm`; its own changes nothing. MF_INVALID where the table is relative, has power that
 * is there without any access, or does not know the node. */
mf_status mf_energy_table_scale(mf_energy_table *table, uint64_t node_nm, mf_diag *diag);

/* Read the list into a table; one that is not there stays empty. */
mf_status mf_energy_table_read_nodes(mf_energy_table *table, const mf_json *root, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
