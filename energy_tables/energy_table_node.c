/* Ratios of nodes: read, held against each other, and applied. */
#include "energy_tables/energy_table_node.h"

#include "base/arena.h"
#include "base/faults.h"
#include "models/fact.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- reading -----------------------------------------------------------------------------------
 */

static mf_status read_ratios(const mf_energy_table *table, const mf_json *node, const char *of,
                             bool memory, mf_node_ratios *ratios, mf_diag *diag)
{
    static const char *const keys[] = {"energy_ratio", "area_ratio",    "status",
                                       "source",       "leakage_ratio", NULL},
                             *const of_logic[] = {"energy_ratio", "area_ratio", "status", "source",
                                                  NULL};
    mf_json object;
    size_t status = 0;
    mf_faults faults = {0};
    MF_TRY(mf_json_get(node, of, &object, diag));
    MF_ALSO(mf_json_only(&object, memory ? keys : of_logic, &faults.latest));
    MF_ALSO(mf_json_real(&object, "energy_ratio", 1e-6, 1e6, &ratios->energy, &faults.latest));
    MF_ALSO(mf_json_real(&object, "area_ratio", 1e-6, 1e6, &ratios->area, &faults.latest));
    if (memory)
        MF_ALSO(
            mf_json_real(&object, "leakage_ratio", 1e-6, 1e6, &ratios->leakage, &faults.latest));
    MF_ALSO(mf_json_choice(&object, "status", mf_fact_statuses, MF_N_FACT_STATUSES, &status,
                           &faults.latest));
    MF_ALSO(mf_json_copy_string(&object, "source", table->arena, &ratios->source, &faults.latest));
    ratios->status = mf_fact_statuses[status];
    return mf_faults_end(&faults, diag);
}

static mf_status read_node(const mf_energy_table *table, const mf_json *item, mf_table_node *node,
                           mf_diag *diag)
{
    static const char *const keys[] = {"node_nm", "logic", "memory", NULL};
    mf_faults faults = {0};
    MF_ALSO(mf_json_only(item, keys, &faults.latest));
    MF_ALSO(mf_json_count(item, "node_nm", 1, 10000, &node->node_nm, &faults.latest));
    MF_ALSO(read_ratios(table, item, "logic", false, &node->logic, &faults.latest));
    MF_ALSO(read_ratios(table, item, "memory", true, &node->memory, &faults.latest));
    return mf_faults_end(&faults, diag);
}

static bool grows(const mf_node_ratios *large, const mf_node_ratios *small)
{
    return small->energy > large->energy || small->area > large->area;
}

/* Of two nodes, does the smaller cost more of anything? */
static mf_status check_pair(const mf_json *item, const mf_table_node *a, const mf_table_node *b,
                            mf_diag *diag)
{
    const mf_table_node *large = a->node_nm > b->node_nm ? a : b, *small = large == a ? b : a;
    if (a->node_nm == b->node_nm)
        return mf_json_fail(item, diag, MF_INVALID, "node %" PRIu64 " nm is given twice",
                            a->node_nm);
    if (grows(&large->logic, &small->logic) || grows(&large->memory, &small->memory))
        return mf_json_fail(item, diag, MF_INVALID,
                            "%" PRIu64 " nm would cost more than %" PRIu64
                            " nm: energies and areas must not grow towards smaller nodes",
                            small->node_nm, large->node_nm);
    return MF_OK;
}

mf_status mf_energy_table_read_nodes(mf_energy_table *table, const mf_json *root, mf_diag *diag)
{
    const mf_table_node own = {
        .node_nm = table->technology_nm, .logic = {1, 1, 1, "", ""}, .memory = {1, 1, 1, "", ""}};
    mf_json list, item = {0};
    if (!mf_json_find(root, "nodes", &list))
        return MF_OK;
    MF_TRY(mf_json_array(root, "nodes", &list, diag));
    mf_table_node *nodes = MF_NEW_ARRAY(table->arena, mf_table_node, mf_json_size(&list));
    if (!nodes)
        return mf_fail_memory(diag);
    table->nodes = nodes;
    while (mf_json_next(&list, &item)) {
        mf_table_node *node = &nodes[table->n_nodes];
        MF_TRY(read_node(table, &item, node, diag));
        MF_TRY(check_pair(&item, node, &own, diag));
        for (size_t i = 0; i < table->n_nodes; i++)
            MF_TRY(check_pair(&item, node, &nodes[i], diag));
        table->n_nodes++;
    }
    return MF_OK;
}

/* ---- scaling -----------------------------------------------------------------------------------
 */

/* What is scaled was not found so: the less sure of two statuses, and "derived" at best. */
static const char *worse(const char *a, const char *b)
{
    const char *less_sure = mf_fact_rank(a) > mf_fact_rank(b) ? a : b;
    return mf_fact_rank(less_sure) > 0 ? less_sure : mf_fact_statuses[1];
}

/* Laws by `ratio`, as copies. */
static const mf_memory_law *scaled_laws(const mf_energy_table *table, const mf_memory_law *laws,
                                        size_t n, double ratio, const char *status)
{
    mf_memory_law *copies = MF_NEW_ARRAY(table->arena, mf_memory_law, n);
    for (size_t i = 0; copies && i < n; i++) {
        copies[i] = laws[i];
        copies[i].read *= ratio;
        copies[i].write *= ratio;
        copies[i].status = worse(laws[i].status, status);
    }
    return copies;
}

static bool begins(const char *level, const char *with)
{
    return strncmp(level, with, strlen(with)) == 0;
}

static mf_status scale_accesses(mf_energy_table *table, const mf_table_node *node, mf_diag *diag)
{
    mf_access_cost *costs = MF_NEW_ARRAY(table->arena, mf_access_cost, table->n_accesses);
    if (!costs)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < table->n_accesses; i++) {
        mf_access_cost *c = &costs[i];
        *c = table->accesses[i];
        if (begins(c->level, "dram"))
            continue;
        const mf_node_ratios *r = begins(c->level, "network") ? &node->logic : &node->memory;
        c->read *= r->energy;
        c->write *= r->energy;
        c->status = worse(c->status, r->status);
        if (c->law && !(c->law = scaled_laws(table, c->law, 1, r->energy, r->status)))
            return mf_fail_memory(diag);
        c->other_laws = scaled_laws(table, c->other_laws, c->n_other_laws, r->energy, r->status);
        if (!c->other_laws)
            return mf_fail_memory(diag);
    }
    table->accesses = costs;
    return MF_OK;
}

static mf_status scale_logic(mf_energy_table *table, const mf_node_ratios *logic, mf_diag *diag)
{
    mf_operation_cost *costs = MF_NEW_ARRAY(table->arena, mf_operation_cost, table->n_operations);
    mf_operation_area *areas = MF_NEW_ARRAY(table->arena, mf_operation_area, table->n_areas);
    if (!costs || !areas)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < table->n_operations; i++) {
        costs[i] = table->operations[i];
        costs[i].energy *= logic->energy;
        costs[i].status = worse(costs[i].status, logic->status);
    }
    for (size_t i = 0; i < table->n_areas; i++) {
        areas[i] = table->areas[i];
        areas[i].area_um2 *= logic->area;
        areas[i].status = worse(areas[i].status, logic->status);
    }
    for (int i = 0; i < MF_N_LOGIC_PARTS; i++)
        if (table->logic_areas[i].status) {
            table->logic_areas[i].area_um2 *= logic->area;
            table->logic_areas[i].status = worse(table->logic_areas[i].status, logic->status);
        }
    table->operations = costs;
    table->areas = areas;
    return MF_OK;
}

static mf_status scale_sizes(const mf_energy_table *table, const mf_size_law **laws, size_t n,
                             double ratio, const char *status, mf_diag *diag)
{
    mf_size_law *copies = MF_NEW_ARRAY(table->arena, mf_size_law, n);
    if (!copies)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n; i++) {
        const mf_size_law *from = &(*laws)[i];
        const mf_memory_law *own = scaled_laws(table, &from->law, 1, ratio, status);
        copies[i] = *from;
        copies[i].other_laws =
            scaled_laws(table, from->other_laws, from->n_other_laws, ratio, status);
        if (!own || !copies[i].other_laws)
            return mf_fail_memory(diag);
        copies[i].law = *own;
    }
    *laws = copies;
    return MF_OK;
}

/* A mm costs what it costs, which is assumed. */
static mf_status scale_wires(mf_energy_table *table, mf_diag *diag)
{
    size_t n = table->n_other_wires + 1;
    mf_wire *wires = table->wire ? MF_NEW_ARRAY(table->arena, mf_wire, n) : NULL;
    if (!table->wire)
        return MF_OK;
    if (!wires)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n; i++) {
        wires[i] = i == 0 ? *table->wire : table->other_wires[i - 1];
        wires[i].status = "assumed";
    }
    table->wire = wires;
    table->other_wires = wires + 1;
    return MF_OK;
}

static mf_status fail_unknown(const mf_energy_table *table, uint64_t node_nm, mf_diag *diag)
{
    char known[256] = "";
    size_t length = 0;
    for (size_t i = 0; i < table->n_nodes && length < sizeof known; i++)
        length += (size_t)snprintf(known + length, sizeof known - length, ", %" PRIu64,
                                   table->nodes[i].node_nm);
    if (!table->n_nodes)
        return mf_fail(diag, MF_INVALID,
                       "energy table %s, of %" PRIu64 " nm, does not say what other nodes cost",
                       table->name, table->technology_nm);
    return mf_fail(diag, MF_INVALID,
                   "energy table %s knows no node of %" PRIu64 " nm: %" PRIu64 "%s", table->name,
                   node_nm, table->technology_nm, known);
}

mf_status mf_energy_table_scale(mf_energy_table *table, uint64_t node_nm, mf_diag *diag)
{
    const mf_table_node *node = NULL;
    if (table->relative)
        return mf_fail(diag, MF_INVALID,
                       "energy table %s has relative costs (multiples of a MAC): they are the same "
                       "at every node",
                       table->name);
    if (node_nm == table->technology_nm)
        return MF_OK;
    for (size_t i = 0; i < table->n_nodes; i++)
        if (table->nodes[i].node_nm == node_nm)
            node = &table->nodes[i];
    if (!node)
        return fail_unknown(table, node_nm, diag);
    if (table->static_mw > 0)
        return mf_fail(diag, MF_INVALID,
                       "energy table %s has %g mW that one chip takes at %" PRIu64
                       " nm: nothing says what they are at %" PRIu64,
                       table->name, table->static_mw, table->technology_nm, node_nm);
    MF_TRY(scale_logic(table, &node->logic, diag));
    MF_TRY(scale_accesses(table, node, diag));
    MF_TRY(scale_sizes(table, &table->memory_areas, table->n_memory_areas, node->memory.area,
                       node->memory.status, diag));
    MF_TRY(scale_sizes(table, &table->memory_leakages, table->n_memory_leakages,
                       node->memory.leakage, node->memory.status, diag));
    MF_TRY(scale_wires(table, diag));
    table->scaled_to = node;
    table->technology_nm = node_nm;
    return MF_OK;
}
