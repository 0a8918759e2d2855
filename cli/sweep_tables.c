/* The tables that points are priced by: as an axis names them, at nodes that another axis names. */
#include "cli/sweep_points.h"

#include "cli/account.h"
#include "energy_tables/energy_table_dram.h"
#include "energy_tables/energy_table_node.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { MOST_TABLES = 64, MOST_NODES = 64 };

static mf_status load(const mf_setup *setup, const char *name, mf_energy_table **table,
                      mf_diag *diag)
{
    const char *path;
    MF_TRY(mf_catalog_path(setup->cli, MF_KIND_ENERGY_TABLE, name, setup->arena, &path, diag));
    MF_TRY(mf_energy_table_load(path, table, diag));
    if (!(*table)->relative)
        return MF_OK;
    mf_energy_table_destroy(*table);
    *table = NULL;
    return mf_fail(diag, MF_INVALID, "%s has relative costs (multiples of a MAC), not pJ", name);
}

mf_status mf_sweep_table_take(mf_setup *setup, mf_sweep *s, const char *name, size_t *index,
                              mf_diag *diag)
{
    for (*index = 0; *index < s->n_tables; ++*index)
        if (strcmp(s->table_names[*index], name) == 0)
            return MF_OK;
    if (!s->tables) {
        s->tables = MF_NEW_ARRAY(setup->arena, mf_energy_table *, MOST_TABLES);
        s->table_names = MF_NEW_ARRAY(setup->arena, const char *, MOST_TABLES);
    }
    if (!s->tables || !s->table_names)
        return mf_fail_memory(diag);
    if (s->n_tables == MOST_TABLES)
        return mf_fail(diag, MF_TOO_LARGE, "more than %d tables", (int)MOST_TABLES);
    MF_TRY(load(setup, name, &s->tables[s->n_tables], diag));
    s->table_names[s->n_tables++] = name; /* which mf_sweep_free destroys */
    return mf_account_change_table(setup->arguments, s->tables[s->n_tables - 1], diag);
}

mf_status mf_sweep_node_take(mf_setup *setup, mf_sweep *s, double node_nm, size_t *index,
                             mf_diag *diag)
{
    if (!(node_nm >= 1 && node_nm <= 10000) || node_nm != floor(node_nm))
        return mf_fail(diag, MF_INVALID, "expected whole nanometres from 1 to 10000, found %.15g",
                       node_nm);
    for (*index = 0; *index < s->n_nodes; ++*index)
        if (s->nodes_nm[*index] == (uint64_t)node_nm)
            return MF_OK;
    if (!s->nodes_nm)
        s->nodes_nm = MF_NEW_ARRAY(setup->arena, uint64_t, MOST_NODES);
    if (!s->nodes_nm)
        return mf_fail_memory(diag);
    if (s->n_nodes == MOST_NODES)
        return mf_fail(diag, MF_TOO_LARGE, "more than %d nodes", (int)MOST_NODES);
    s->nodes_nm[s->n_nodes++] = (uint64_t)node_nm;
    return MF_OK;
}

/* The tables of the axis, or that of the options alone. */
mf_status mf_sweep_scale_tables(mf_setup *setup, mf_sweep *s, mf_diag *diag)
{
    const char *own = mf_arguments_value(setup->arguments, "table"),
               *dram = mf_arguments_value(setup->arguments, "dram");
    size_t n = s->n_nodes * (s->n_tables + 1);
    if (!n)
        return MF_OK;
    s->scaled = MF_NEW_ARRAY(setup->arena, mf_energy_table *, n);
    if (!s->scaled)
        return mf_fail_memory(diag);
    for (; s->n_scaled < n; s->n_scaled++) {
        size_t which = s->n_scaled / s->n_nodes;
        const char *name = which ? s->table_names[which - 1] : own ? own : "consistent-45nm";
        mf_energy_table **table = &s->scaled[s->n_scaled];
        mf_diag why = {0};
        if (which == 0 && s->tables_replaced)
            continue;
        mf_status status = load(setup, name, table, &why);
        if (status == MF_OK)
            status = mf_energy_table_scale(*table, s->nodes_nm[s->n_scaled % s->n_nodes], &why);
        if (status == MF_OK && dram)
            status = mf_energy_table_choose_dram(*table, dram, &why);
        if (status != MF_OK) {
            mf_energy_table_destroy(*table);
            mf_fail(diag, status, "%s: axis node: %s", s->name, why.message);
            if (*why.hint)
                mf_hint(diag, "%s", why.hint);
            return status;
        }
    }
    return MF_OK;
}

const mf_energy_table *mf_sweep_table_of(const mf_sweep *s, const mf_sweep_value *table,
                                         const mf_sweep_value *node)
{
    if (node)
        return s->scaled[(table ? table->index + 1 : 0) * s->n_nodes + node->index];
    return table ? s->tables[table->index] : NULL;
}

void mf_sweep_tables_free(mf_sweep *s)
{
    for (size_t i = 0; i < s->n_tables; i++)
        mf_energy_table_destroy(s->tables[i]);
    for (size_t i = 0; i < s->n_scaled; i++)
        mf_energy_table_destroy(s->scaled[i]);
}
