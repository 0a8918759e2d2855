/* The entries of a table that price accesses: one price, or one of reads and one of writes; for all
 * sizes, or of one size with the law that leads to others. */
#include "energy_tables/energy_table_access.h"

#include "base/arena.h"
#include "base/faults.h"
#include "models/fact.h"

#include <string.h>

/* The names of prices in a table's unit. */
typedef struct price_keys {
    const char *both, *read, *write;
} price_keys;

static price_keys price_keys_of(const mf_energy_table *table)
{
    return table->relative ? (price_keys){"energy_macs", "read_macs", "write_macs"}
                           : (price_keys){"energy_pj", "read_pj", "write_pj"};
}

static mf_status read_prices(const mf_energy_table *table, const mf_json *entry, double *read,
                             double *write, mf_diag *diag)
{
    const price_keys keys = price_keys_of(table);
    mf_json both, member;
    mf_faults faults = {0};
    bool apart =
        mf_json_find(entry, keys.read, &member) || mf_json_find(entry, keys.write, &member);
    if (!apart) {
        MF_TRY(mf_json_real(entry, keys.both, 1e-9, 1e9, read, diag));
        *write = *read;
        return MF_OK;
    }
    if (mf_json_find(entry, keys.both, &both))
        return mf_json_fail(&both, diag, MF_INVALID, "either one price, or %s and %s: not both",
                            keys.read, keys.write);
    MF_ALSO(mf_json_real(entry, keys.read, 1e-9, 1e9, read, &faults.latest));
    MF_ALSO(mf_json_real(entry, keys.write, 1e-9, 1e9, write, &faults.latest));
    return mf_faults_end(&faults, diag);
}

/* ---- laws --------------------------------------------------------------------------------------
 */

/* Sizes are those of an accelerator's scratchpads and of its buffer. */
static bool has_size(const char *level)
{
    return strncmp(level, "register", 8) == 0 || strncmp(level, "buffer", 6) == 0;
}

static mf_status read_own_law(const mf_energy_table *table, const mf_json *entry,
                              mf_access_cost *cost, mf_diag *diag)
{
    mf_json object;
    if (!mf_json_find(entry, "law", &object))
        return MF_OK;
    if (!has_size(cost->level))
        return mf_json_fail(&object, diag, MF_INVALID,
                            "accelerators give no size of level %s: only register and buffer have "
                            "laws",
                            cost->level);
    mf_memory_law *law = MF_NEW(table->arena, mf_memory_law);
    if (!law)
        return mf_fail_memory(diag);
    *law = (mf_memory_law){.name = "", .read = cost->read, .write = cost->write};
    MF_TRY(mf_json_only(&object, mf_memory_law_keys, diag));
    MF_TRY(mf_memory_law_read(&object, table->arena, law, diag));
    cost->law = law;
    return MF_OK;
}

static mf_status read_other_law(const mf_energy_table *table, const mf_json *item,
                                mf_memory_law *law, mf_diag *diag)
{
    enum { MOST_KEYS = 32 };
    const price_keys prices = price_keys_of(table);
    const char *keys[MOST_KEYS] = {"name", prices.both, prices.read, prices.write};
    size_t n = 4;
    mf_faults faults = {0};
    for (const char *const *key = mf_memory_law_keys; *key; key++)
        keys[n++] = *key;
    MF_ALSO(mf_json_only(item, keys, &faults.latest));
    MF_ALSO(mf_json_copy_string(item, "name", table->arena, &law->name, &faults.latest));
    MF_ALSO(read_prices(table, item, &law->read, &law->write, &faults.latest));
    MF_ALSO(mf_memory_law_read(item, table->arena, law, &faults.latest));
    return mf_faults_end(&faults, diag);
}

static mf_status read_other_laws(const mf_energy_table *table, const mf_json *entry,
                                 mf_access_cost *cost, mf_diag *diag)
{
    mf_json list, item = {0};
    if (!mf_json_find(entry, "other_laws", &list))
        return MF_OK;
    if (!cost->law)
        return mf_json_fail(&list, diag, MF_INVALID, "other laws of an entry that has no \"law\"");
    MF_TRY(mf_json_array(entry, "other_laws", &list, diag));
    mf_memory_law *laws = MF_NEW_ARRAY(table->arena, mf_memory_law, mf_json_size(&list));
    if (!laws)
        return mf_fail_memory(diag);
    cost->other_laws = laws;
    while (mf_json_next(&list, &item))
        MF_TRY(read_other_law(table, &item, &laws[cost->n_other_laws++], diag));
    return MF_OK;
}

/* ---- entries -----------------------------------------------------------------------------------
 */

static mf_status read_entry(const mf_energy_table *table, const mf_json *entry,
                            mf_access_cost *cost, mf_diag *diag)
{
    const price_keys prices = price_keys_of(table);
    const char *const keys[] = {"level",  "word_bits", prices.both, prices.read,  prices.write,
                                "status", "source",    "law",       "other_laws", NULL};
    size_t status = 0;
    mf_faults faults = {0};
    MF_ALSO(mf_json_only(entry, keys, &faults.latest));
    MF_ALSO(mf_json_copy_string(entry, "level", table->arena, &cost->level, &faults.latest));
    MF_ALSO(mf_json_count(entry, "word_bits", 1, 4096, &cost->word_bits, &faults.latest));
    MF_ALSO(read_prices(table, entry, &cost->read, &cost->write, &faults.latest));
    MF_ALSO(mf_json_choice(entry, "status", mf_fact_statuses, MF_N_FACT_STATUSES, &status,
                           &faults.latest));
    MF_ALSO(mf_json_copy_string(entry, "source", table->arena, &cost->source, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    cost->status = mf_fact_statuses[status];
    MF_TRY(read_own_law(table, entry, cost, diag));
    return read_other_laws(table, entry, cost, diag);
}

mf_status mf_energy_table_read_accesses(mf_energy_table *table, const mf_json *list, mf_diag *diag)
{
    mf_json entry = {0};
    mf_access_cost *costs = MF_NEW_ARRAY(table->arena, mf_access_cost, mf_json_size(list));
    if (!costs)
        return mf_fail_memory(diag);
    table->accesses = costs;
    while (mf_json_next(list, &entry)) {
        mf_access_cost *cost = &costs[table->n_accesses];
        MF_TRY(read_entry(table, &entry, cost, diag));
        for (size_t i = 0; i < table->n_accesses; i++)
            if (strcmp(costs[i].level, cost->level) == 0)
                return mf_json_fail(&entry, diag, MF_INVALID, "level %s is given twice",
                                    cost->level);
        table->n_accesses++;
    }
    return MF_OK;
}

/* ---- looking up --------------------------------------------------------------------------------
 */

mf_status mf_energy_table_access_pj(const mf_energy_table *table, const char *level, uint64_t bits,
                                    double *energy_pj, mf_diag *diag)
{
    if (table->relative)
        return mf_energy_table_fail_relative(table, diag);
    for (size_t i = 0; i < table->n_accesses; i++) {
        const mf_access_cost *cost = &table->accesses[i];
        if (strcmp(cost->level, level) == 0) {
            if (cost->law)
                return mf_fail(diag, MF_INVALID,
                               "energy table %s prices %s by its size, which this account does "
                               "not know: take a table without laws, such as flat-45nm",
                               table->name, level);
            *energy_pj = cost->read * (double)bits / (double)cost->word_bits;
            return MF_OK;
        }
    }
    return mf_fail(diag, MF_INVALID, "energy table %s has no cost of an access to %s", table->name,
                   level);
}

mf_status mf_energy_table_find_access(const mf_energy_table *table, const char *level,
                                      const char *tensor, const mf_access_cost **access,
                                      mf_diag *diag)
{
    const mf_access_cost *found = NULL;
    size_t length = strlen(level);
    for (size_t i = 0; i < table->n_accesses; i++) {
        const mf_access_cost *cost = &table->accesses[i];
        if (strncmp(cost->level, level, length) != 0)
            continue;
        if (cost->level[length] == '_' && strcmp(cost->level + length + 1, tensor) == 0) {
            found = cost;
            break;
        }
        if (!cost->level[length])
            found = cost;
    }
    if (!found)
        return mf_fail(diag, MF_INVALID, "energy table %s has no cost of an access to %s",
                       table->name, level);
    *access = found;
    return MF_OK;
}
