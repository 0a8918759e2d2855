/* Loading and looking up. */
#include "energy_tables/energy_table_access.h"
#include "energy_tables/energy_table_area.h"
#include "energy_tables/energy_table_dram.h"
#include "energy_tables/energy_table_node.h"
#include "energy_tables/energy_table_wire.h"

#include "base/arena.h"
#include "base/faults.h"
#include "models/fact.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const operations[MF_N_EVENTS + 1] = {
#define MF_EVENT(NAME, name, text) #name,
#include "models/events.def"
#undef MF_EVENT
};
static const char *const types[] = {"fp32", "fp16", "int32", "int16", "int8"};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* What every entry has: cost in the table's unit, status and source. */
static mf_status read_cost(const mf_energy_table *table, const mf_json *entry, double *energy,
                           const char **status, const char **source, mf_diag *diag)
{
    size_t choice = 0;
    const char *unit = table->relative ? "energy_macs" : "energy_pj";
    mf_faults faults = {0};
    MF_ALSO(mf_json_real(entry, unit, 1e-9, 1e9, energy, &faults.latest));
    MF_ALSO(mf_json_choice(entry, "status", mf_fact_statuses, MF_N_FACT_STATUSES, &choice,
                           &faults.latest));
    *status = mf_fact_statuses[choice];
    MF_ALSO(mf_json_copy_string(entry, "source", table->arena, source, &faults.latest));
    return mf_faults_end(&faults, diag);
}

static mf_status read_operations(mf_energy_table *table, const mf_json *list, mf_diag *diag)
{
    const char *const keys[] = {
        "operation", "type",   table->relative ? "energy_macs" : "energy_pj",
        "status",    "source", NULL};
    mf_json entry = {0};
    mf_operation_cost *costs = MF_NEW_ARRAY(table->arena, mf_operation_cost, mf_json_size(list));
    if (!costs)
        return mf_fail_memory(diag);
    table->operations = costs;
    while (mf_json_next(list, &entry)) {
        mf_operation_cost *cost = &costs[table->n_operations];
        size_t operation = 0, type = 0;
        mf_faults faults = {0};
        MF_ALSO(mf_json_only(&entry, keys, &faults.latest));
        MF_ALSO(mf_json_choice(&entry, "operation", operations, MF_N_EVENTS, &operation,
                               &faults.latest));
        MF_ALSO(mf_json_choice(&entry, "type", types, COUNT(types), &type, &faults.latest));
        cost->operation = operations[operation];
        cost->type = types[type];
        MF_ALSO(
            read_cost(table, &entry, &cost->energy, &cost->status, &cost->source, &faults.latest));
        MF_TRY(mf_faults_end(&faults, diag));
        for (size_t i = 0; i < table->n_operations; i++)
            if (costs[i].operation == cost->operation && costs[i].type == cost->type)
                return mf_json_fail(&entry, diag, MF_INVALID, "%s %s is given twice", cost->type,
                                    cost->operation);
        table->n_operations++;
    }
    return MF_OK;
}

static mf_status read_areas(mf_energy_table *table, const mf_json *root, mf_diag *diag)
{
    static const char *const keys[] = {"operation", "type", "area_um2", "status", "source", NULL};
    mf_json list, entry = {0};
    MF_TRY(mf_json_array(root, "areas", &list, diag));
    mf_operation_area *areas = MF_NEW_ARRAY(table->arena, mf_operation_area, mf_json_size(&list));
    if (!areas)
        return mf_fail_memory(diag);
    table->areas = areas;
    while (mf_json_next(&list, &entry)) {
        mf_operation_area *area = &areas[table->n_areas];
        size_t operation = 0, type = 0, status = 0;
        mf_faults faults = {0};
        MF_ALSO(mf_json_only(&entry, keys, &faults.latest));
        MF_ALSO(mf_json_choice(&entry, "operation", operations, MF_N_EVENTS, &operation,
                               &faults.latest));
        MF_ALSO(mf_json_choice(&entry, "type", types, COUNT(types), &type, &faults.latest));
        MF_ALSO(mf_json_real(&entry, "area_um2", 1e-3, 1e9, &area->area_um2, &faults.latest));
        MF_ALSO(mf_json_choice(&entry, "status", mf_fact_statuses, MF_N_FACT_STATUSES, &status,
                               &faults.latest));
        MF_ALSO(mf_json_copy_string(&entry, "source", table->arena, &area->source, &faults.latest));
        area->operation = operations[operation];
        area->type = types[type];
        area->status = mf_fact_statuses[status];
        MF_TRY(mf_faults_end(&faults, diag));
        for (size_t i = 0; i < table->n_areas; i++)
            if (areas[i].operation == area->operation && areas[i].type == area->type)
                return mf_json_fail(&entry, diag, MF_INVALID, "%s %s is given twice", area->type,
                                    area->operation);
        table->n_areas++;
    }
    return MF_OK;
}

static mf_status read_interpolation(mf_energy_table *table, const mf_json *rules, mf_diag *diag)
{
    static const char *const names[] = {"none", "bits", "bits_product"};
    mf_json rule;
    size_t choice;
    MF_TRY(mf_json_only(rules, operations, diag));
    for (size_t i = 0; i < MF_N_EVENTS; i++)
        if (mf_json_find(rules, operations[i], &rule)) {
            MF_TRY(mf_json_read_choice(&rule, names, COUNT(names), &choice, diag));
            table->interpolation[i] = (mf_interpolation)choice;
        }
    return MF_OK;
}

static mf_status read_table(mf_energy_table *table, const mf_json *root, mf_diag *diag)
{
    static const char *const keys[] = {
        "name",       "about",        "technology_nm",   "unit",
        "operations", "accesses",     "areas",           "interpolation",
        "static_mw",  "memory_areas", "memory_leakages", "logic_areas",
        "nodes",      "drams",        "wires",           NULL};
    static const char *const units[] = {"pj", "macs"};
    mf_json operations_list, accesses, member;
    size_t unit = 0;
    mf_faults faults = {0};
    MF_ALSO(mf_json_only(root, keys, &faults.latest));
    MF_ALSO(mf_json_copy_string(root, "name", table->arena, &table->name, &faults.latest));
    MF_ALSO(mf_json_copy_string(root, "about", table->arena, &table->about, &faults.latest));
    MF_ALSO(mf_json_count(root, "technology_nm", 1, 10000, &table->technology_nm, &faults.latest));
    MF_ALSO(mf_json_choice(root, "unit", units, 2, &unit, &faults.latest));
    MF_ALSO(mf_json_array(root, "operations", &operations_list, &faults.latest));
    MF_ALSO(mf_json_array(root, "accesses", &accesses, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag)); /* entries depend on the unit */
    table->relative = unit == 1;
    MF_ALSO(read_operations(table, &operations_list, &faults.latest));
    MF_ALSO(mf_energy_table_read_accesses(table, &accesses, &faults.latest));
    if (mf_json_find(root, "areas", &member))
        MF_ALSO(read_areas(table, root, &faults.latest));
    MF_ALSO(mf_energy_table_read_areas(table, root, &faults.latest));
    MF_ALSO(mf_energy_table_read_nodes(table, root, &faults.latest));
    MF_ALSO(mf_energy_table_read_wires(table, root, &faults.latest));
    MF_ALSO(mf_energy_table_read_drams(table, root, &faults.latest));
    if (mf_json_find(root, "interpolation", &member))
        MF_ALSO(read_interpolation(table, &member, &faults.latest));
    if (mf_json_find(root, "static_mw", &member))
        MF_ALSO(mf_json_read_real(&member, 0, 1e6, &table->static_mw, &faults.latest));
    return mf_faults_end(&faults, diag);
}

mf_status mf_energy_table_from_json(const mf_json_doc *doc, mf_energy_table **out, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    mf_energy_table *table = arena ? MF_NEW(arena, mf_energy_table) : NULL;
    if (!table) {
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    table->arena = arena;
    mf_json root = mf_json_root(doc);
    mf_status status = read_table(table, &root, diag);
    if (status == MF_OK)
        *out = table;
    else
        mf_arena_destroy(arena);
    return status;
}

mf_status mf_energy_table_load(const char *path, mf_energy_table **table, mf_diag *diag)
{
    mf_json_doc *doc;
    MF_TRY(mf_json_load(path, &doc, diag));
    mf_status status = mf_energy_table_from_json(doc, table, diag);
    mf_json_destroy(doc);
    return status;
}

void mf_energy_table_destroy(mf_energy_table *table)
{
    if (table)
        mf_arena_destroy(table->arena);
}

mf_status mf_energy_table_fail_relative(const mf_energy_table *table, mf_diag *diag)
{
    return mf_fail(diag, MF_INVALID,
                   "energy table %s has relative costs (multiples of a MAC), not pJ", table->name);
}

mf_status mf_energy_table_operation_pj(const mf_energy_table *table, const char *operation,
                                       const char *type, double *energy_pj, mf_diag *diag)
{
    if (table->relative)
        return mf_energy_table_fail_relative(table, diag);
    for (size_t i = 0; i < table->n_operations; i++)
        if (strcmp(table->operations[i].operation, operation) == 0 &&
            strcmp(table->operations[i].type, type) == 0) {
            *energy_pj = table->operations[i].energy;
            return MF_OK;
        }
    return mf_fail(diag, MF_INVALID, "energy table %s has no cost of a %s %s", table->name, type,
                   operation);
}

/* ---- any width ---------------------------------------------------------------------------------
 */

/* A point of an operation's cost: its number type's width, and the cost. */
typedef struct point {
    double bits, cost;
} point;

/* The width of an integer type, or 0 for floating point. */
static uint64_t integer_bits(const char *type)
{
    return strncmp(type, "int", 3) == 0 ? strtoull(type + 3, NULL, 10) : 0;
}

static void take_point(const char *type, double cost, point *points, size_t *n)
{
    uint64_t bits = integer_bits(type);
    size_t i = *n;
    if (!bits)
        return;
    for (; i > 0 && points[i - 1].bits > (double)bits; i--)
        points[i] = points[i - 1];
    points[i] = (point){(double)bits, cost};
    ++*n;
}

/* The straight line through the two points around `x`, or the nearest two. */
static double line_at(const point *points, size_t n, double x, bool squared)
{
    size_t i = 0;
    double at[COUNT(types)];
    for (size_t k = 0; k < n; k++)
        at[k] = squared ? points[k].bits * points[k].bits : points[k].bits;
    while (i + 2 < n && at[i + 1] < x)
        i++;
    return points[i].cost +
           (points[i + 1].cost - points[i].cost) * (x - at[i]) / (at[i + 1] - at[i]);
}

static mf_status cost_of_width(const mf_energy_table *table, const char *what,
                               const char *operation, const point *points, size_t n, uint64_t a,
                               uint64_t b, double *cost, mf_diag *diag)
{
    int rule = 0;
    while (strcmp(operations[rule], operation) != 0)
        rule++;
    for (size_t i = 0; i < n; i++)
        if (a == b && points[i].bits == (double)a) {
            *cost = points[i].cost;
            return MF_OK;
        }
    bool squared = table->interpolation[rule] == MF_INTERPOLATION_BITS_PRODUCT;
    if (n >= 2 && table->interpolation[rule] != MF_INTERPOLATION_NONE) {
        double x = squared ? (double)(a * b) : (double)(a > b ? a : b);
        *cost = line_at(points, n, x, squared);
        if (*cost > 0)
            return MF_OK;
    }
    return mf_fail(diag, MF_INVALID,
                   "energy table %s has no %s of a %s of %" PRIu64 " by %" PRIu64
                   " bits, and no rule that leads to it",
                   table->name, what, operation, a, b);
}

mf_status mf_energy_table_energy(const mf_energy_table *table, const char *operation, bool floating,
                                 uint64_t a, uint64_t b, double *energy, mf_diag *diag)
{
    point points[COUNT(types)];
    size_t n = 0;
    for (size_t i = 0; i < table->n_operations; i++) {
        const mf_operation_cost *cost = &table->operations[i];
        if (strcmp(cost->operation, operation) != 0)
            continue;
        if (!floating)
            take_point(cost->type, cost->energy, points, &n);
        else if (a == b && strcmp(cost->type, a == 32 ? "fp32" : a == 16 ? "fp16" : "") == 0) {
            *energy = cost->energy;
            return MF_OK;
        }
    }
    if (floating)
        return mf_fail(diag, MF_INVALID, "energy table %s has no energy of an fp%" PRIu64 " %s",
                       table->name, a, operation);
    return cost_of_width(table, "energy", operation, points, n, a, b, energy, diag);
}

mf_status mf_energy_table_area_um2(const mf_energy_table *table, const char *operation,
                                   bool floating, uint64_t a, uint64_t b, double *area_um2,
                                   mf_diag *diag)
{
    point points[COUNT(types)];
    size_t n = 0;
    for (size_t i = 0; i < table->n_areas; i++) {
        const mf_operation_area *area = &table->areas[i];
        if (strcmp(area->operation, operation) != 0)
            continue;
        if (!floating)
            take_point(area->type, area->area_um2, points, &n);
        else if (a == b && strcmp(area->type, a == 32 ? "fp32" : a == 16 ? "fp16" : "") == 0) {
            *area_um2 = area->area_um2;
            return MF_OK;
        }
    }
    if (floating)
        return mf_fail(diag, MF_INVALID, "energy table %s has no area of an fp%" PRIu64 " %s",
                       table->name, a, operation);
    return cost_of_width(table, "area", operation, points, n, a, b, area_um2, diag);
}

const char *mf_energy_table_area_status(const mf_energy_table *table, const char *operation,
                                        bool floating)
{
    size_t least_sure = 0;
    for (size_t i = 0; i < table->n_areas; i++) {
        const mf_operation_area *area = &table->areas[i];
        size_t sure = mf_fact_rank(area->status);
        if (strcmp(area->operation, operation) == 0 && !integer_bits(area->type) == floating &&
            sure > least_sure)
            least_sure = sure;
    }
    return mf_fact_statuses[least_sure];
}
