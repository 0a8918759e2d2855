/* Loading and looking up. */
#include "energy_tables/energy_table.h"

#include "base/arena.h"

#include <inttypes.h>
#include <string.h>

static const char *const operations[] = {"mult", "add", "shift"};
static const char *const types[] = {"fp32", "fp16", "int32", "int16", "int8"};
static const char *const statuses[] = {"found", "derived", "assumed"};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* What every entry has: cost in the table's unit, status and source. */
static mf_status read_cost(const mf_energy_table *table, const mf_json *entry, double *energy,
                           const char **status, const char **source, mf_diag *diag)
{
    size_t choice;
    const char *unit = table->relative ? "energy_macs" : "energy_pj";
    MF_TRY(mf_json_real(entry, unit, 1e-9, 1e9, energy, diag));
    MF_TRY(mf_json_choice(entry, "status", statuses, COUNT(statuses), &choice, diag));
    *status = statuses[choice];
    return mf_json_copy_string(entry, "source", table->arena, source, diag);
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
        size_t operation, type;
        MF_TRY(mf_json_only(&entry, keys, diag));
        MF_TRY(
            mf_json_choice(&entry, "operation", operations, COUNT(operations), &operation, diag));
        MF_TRY(mf_json_choice(&entry, "type", types, COUNT(types), &type, diag));
        cost->operation = operations[operation];
        cost->type = types[type];
        MF_TRY(read_cost(table, &entry, &cost->energy, &cost->status, &cost->source, diag));
        for (size_t i = 0; i < table->n_operations; i++)
            if (costs[i].operation == cost->operation && costs[i].type == cost->type)
                return mf_json_fail(&entry, diag, MF_INVALID, "%s %s is given twice", cost->type,
                                    cost->operation);
        table->n_operations++;
    }
    return MF_OK;
}

static mf_status read_accesses(mf_energy_table *table, const mf_json *list, mf_diag *diag)
{
    const char *const keys[] = {
        "level",  "word_bits", table->relative ? "energy_macs" : "energy_pj",
        "status", "source",    NULL};
    mf_json entry = {0};
    mf_access_cost *costs = MF_NEW_ARRAY(table->arena, mf_access_cost, mf_json_size(list));
    if (!costs)
        return mf_fail_memory(diag);
    table->accesses = costs;
    while (mf_json_next(list, &entry)) {
        mf_access_cost *cost = &costs[table->n_accesses];
        MF_TRY(mf_json_only(&entry, keys, diag));
        MF_TRY(mf_json_copy_string(&entry, "level", table->arena, &cost->level, diag));
        MF_TRY(mf_json_count(&entry, "word_bits", 1, 4096, &cost->word_bits, diag));
        MF_TRY(read_cost(table, &entry, &cost->energy, &cost->status, &cost->source, diag));
        for (size_t i = 0; i < table->n_accesses; i++)
            if (strcmp(costs[i].level, cost->level) == 0)
                return mf_json_fail(&entry, diag, MF_INVALID, "level %s is given twice",
                                    cost->level);
        table->n_accesses++;
    }
    return MF_OK;
}

static mf_status read_table(mf_energy_table *table, const mf_json *root, mf_diag *diag)
{
    static const char *const keys[] = {"name",     "about", "technology_nm", "unit", "operations",
                                       "accesses", NULL};
    static const char *const units[] = {"pj", "macs"};
    mf_json list;
    size_t unit;
    MF_TRY(mf_json_only(root, keys, diag));
    MF_TRY(mf_json_copy_string(root, "name", table->arena, &table->name, diag));
    MF_TRY(mf_json_copy_string(root, "about", table->arena, &table->about, diag));
    MF_TRY(mf_json_count(root, "technology_nm", 1, 10000, &table->technology_nm, diag));
    MF_TRY(mf_json_choice(root, "unit", units, 2, &unit, diag));
    table->relative = unit == 1;
    MF_TRY(mf_json_array(root, "operations", &list, diag));
    MF_TRY(read_operations(table, &list, diag));
    MF_TRY(mf_json_array(root, "accesses", &list, diag));
    return read_accesses(table, &list, diag);
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

void mf_energy_table_destroy(mf_energy_table *table)
{
    if (table)
        mf_arena_destroy(table->arena);
}

static mf_status fail_relative(const mf_energy_table *table, mf_diag *diag)
{
    return mf_fail(diag, MF_INVALID,
                   "energy table %s has relative costs (multiples of a MAC), not pJ", table->name);
}

mf_status mf_energy_table_operation_pj(const mf_energy_table *table, const char *operation,
                                       const char *type, double *energy_pj, mf_diag *diag)
{
    if (table->relative)
        return fail_relative(table, diag);
    for (size_t i = 0; i < table->n_operations; i++)
        if (strcmp(table->operations[i].operation, operation) == 0 &&
            strcmp(table->operations[i].type, type) == 0) {
            *energy_pj = table->operations[i].energy;
            return MF_OK;
        }
    return mf_fail(diag, MF_INVALID, "energy table %s has no cost of a %s %s", table->name, type,
                   operation);
}

mf_status mf_energy_table_access_pj(const mf_energy_table *table, const char *level, uint64_t bits,
                                    double *energy_pj, mf_diag *diag)
{
    if (table->relative)
        return fail_relative(table, diag);
    for (size_t i = 0; i < table->n_accesses; i++) {
        const mf_access_cost *cost = &table->accesses[i];
        if (strcmp(cost->level, level) == 0) {
            *energy_pj = cost->energy * (double)bits / (double)cost->word_bits;
            return MF_OK;
        }
    }
    return mf_fail(diag, MF_INVALID, "energy table %s has no cost of an access to %s", table->name,
                   level);
}
