/* The lists that say what a chip takes and leaks. */
#include "energy_tables/energy_table_area.h"

#include "base/arena.h"
#include "base/faults.h"
#include "models/fact.h"

#include <string.h>

static const char *const part_names[MF_N_LOGIC_PARTS + 1] = {
#define MF_LOGIC_PART(NAME, name, per) #name,
#include "energy_tables/logic_parts.def"
#undef MF_LOGIC_PART
};

const char *mf_logic_part_name(int part)
{
    return part_names[part];
}

/* ---- laws --------------------------------------------------------------------------------------
 */

/* One quantity of a memory as files have it. */
typedef struct quantity {
    const char *list, *key;
} quantity;

static const quantity areas = {"memory_areas", "area_um2"},
                      leakages = {"memory_leakages", "leakage_mw"};

static mf_status read_law(const mf_energy_table *table, const mf_json *item, const quantity *q,
                          bool other, mf_memory_law *law, mf_diag *diag)
{
    enum { MOST_KEYS = 32 };
    const char *keys[MOST_KEYS] = {q->key, other ? "name" : "level", other ? NULL : "other_laws"};
    size_t n = other ? 2 : 3;
    mf_faults faults = {0};
    for (const char *const *key = mf_memory_law_keys; *key; key++)
        keys[n++] = *key;
    law->name = "";
    MF_ALSO(mf_json_only(item, keys, &faults.latest));
    if (other)
        MF_ALSO(mf_json_copy_string(item, "name", table->arena, &law->name, &faults.latest));
    MF_ALSO(mf_json_real(item, q->key, 1e-12, 1e12, &law->read, &faults.latest));
    MF_ALSO(mf_memory_law_read(item, table->arena, law, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    law->write = law->read;
    if (law->reads.capacity != law->writes.capacity || law->reads.port != law->writes.port)
        return mf_json_fail(item, diag, MF_INVALID,
                            "a memory has one area and one leakage: not exponents of reads and "
                            "writes apart");
    return MF_OK;
}

static mf_status read_other_laws(const mf_energy_table *table, const mf_json *entry,
                                 const quantity *q, mf_size_law *into, mf_diag *diag)
{
    mf_json list, item = {0};
    if (!mf_json_find(entry, "other_laws", &list))
        return MF_OK;
    MF_TRY(mf_json_array(entry, "other_laws", &list, diag));
    mf_memory_law *laws = MF_NEW_ARRAY(table->arena, mf_memory_law, mf_json_size(&list));
    if (!laws)
        return mf_fail_memory(diag);
    into->other_laws = laws;
    while (mf_json_next(&list, &item))
        MF_TRY(read_law(table, &item, q, true, &laws[into->n_other_laws++], diag));
    return MF_OK;
}

/* Sizes are those of an accelerator's scratchpads and of its buffer. */
static bool has_size(const char *level)
{
    return strncmp(level, "register", 8) == 0 || strncmp(level, "buffer", 6) == 0;
}

static mf_status read_entry(const mf_energy_table *table, const mf_json *entry, const quantity *q,
                            mf_size_law *into, mf_diag *diag)
{
    mf_faults faults = {0};
    MF_ALSO(mf_json_copy_string(entry, "level", table->arena, &into->level, &faults.latest));
    MF_ALSO(read_law(table, entry, q, false, &into->law, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    if (!has_size(into->level))
        return mf_json_fail(entry, diag, MF_INVALID,
                            "accelerators give no size of level %s: only register and buffer have "
                            "laws",
                            into->level);
    return read_other_laws(table, entry, q, into, diag);
}

static mf_status read_list(const mf_energy_table *table, const mf_json *root, const quantity *q,
                           const mf_size_law **out, size_t *n, mf_diag *diag)
{
    mf_json list, entry = {0};
    if (!mf_json_find(root, q->list, &list))
        return MF_OK;
    MF_TRY(mf_json_array(root, q->list, &list, diag));
    mf_size_law *laws = MF_NEW_ARRAY(table->arena, mf_size_law, mf_json_size(&list));
    if (!laws)
        return mf_fail_memory(diag);
    *out = laws;
    while (mf_json_next(&list, &entry)) {
        MF_TRY(read_entry(table, &entry, q, &laws[*n], diag));
        for (size_t i = 0; i < *n; i++)
            if (strcmp(laws[i].level, laws[*n].level) == 0)
                return mf_json_fail(&entry, diag, MF_INVALID, "level %s is given twice",
                                    laws[i].level);
        ++*n;
    }
    return MF_OK;
}

/* ---- logic -------------------------------------------------------------------------------------
 */

static mf_status read_part(mf_energy_table *table, const mf_json *entry, mf_diag *diag)
{
    static const char *const keys[] = {"part", "area_um2", "status", "source", NULL};
    size_t part = 0, status = 0;
    double area_um2 = 0;
    const char *source = NULL;
    mf_faults faults = {0};
    MF_ALSO(mf_json_only(entry, keys, &faults.latest));
    MF_ALSO(mf_json_choice(entry, "part", part_names, MF_N_LOGIC_PARTS, &part, &faults.latest));
    MF_ALSO(mf_json_real(entry, "area_um2", 1e-3, 1e9, &area_um2, &faults.latest));
    MF_ALSO(mf_json_choice(entry, "status", mf_fact_statuses, MF_N_FACT_STATUSES, &status,
                           &faults.latest));
    MF_ALSO(mf_json_copy_string(entry, "source", table->arena, &source, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    if (table->logic_areas[part].status)
        return mf_json_fail(entry, diag, MF_INVALID, "part %s is given twice", part_names[part]);
    table->logic_areas[part] = (mf_logic_area){area_um2, mf_fact_statuses[status], source};
    return MF_OK;
}

static mf_status read_parts(mf_energy_table *table, const mf_json *root, mf_diag *diag)
{
    mf_json list, entry = {0};
    if (!mf_json_find(root, "logic_areas", &list))
        return MF_OK;
    MF_TRY(mf_json_array(root, "logic_areas", &list, diag));
    while (mf_json_next(&list, &entry))
        MF_TRY(read_part(table, &entry, diag));
    return MF_OK;
}

/* ---- the whole ---------------------------------------------------------------------------------
 */

static const mf_size_law *find(const mf_size_law *laws, size_t n, const char *level,
                               const char *tensor)
{
    const mf_size_law *found = NULL;
    size_t length = strlen(level);
    for (size_t i = 0; i < n; i++) {
        const char *name = laws[i].level;
        if (strncmp(name, level, length) != 0)
            continue;
        if (name[length] == '_' && strcmp(name + length + 1, tensor) == 0)
            return &laws[i];
        if (!name[length])
            found = &laws[i];
    }
    return found;
}

const mf_size_law *mf_energy_table_memory_area(const mf_energy_table *table, const char *level,
                                               const char *tensor)
{
    return find(table->memory_areas, table->n_memory_areas, level, tensor);
}

const mf_size_law *mf_energy_table_memory_leakage(const mf_energy_table *table, const char *level,
                                                  const char *tensor)
{
    return find(table->memory_leakages, table->n_memory_leakages, level, tensor);
}

bool mf_energy_table_has_areas(const mf_energy_table *table)
{
    return table->n_memory_areas > 0;
}

bool mf_energy_table_has_leakages(const mf_energy_table *table)
{
    return table->n_memory_leakages > 0;
}

/* Half of a chip's area is none. */
static mf_status check_whole(const mf_energy_table *table, const mf_json *root, mf_diag *diag)
{
    static const char *const levels[] = {"register", "buffer"};
    bool logic = false;
    for (int i = 0; i < MF_N_LOGIC_PARTS; i++)
        logic = logic || table->logic_areas[i].status;
    if (!logic && !table->n_memory_areas && !table->n_memory_leakages)
        return MF_OK;
    for (int i = 0; i < MF_N_LOGIC_PARTS; i++)
        if ((logic || table->n_memory_areas) && !table->logic_areas[i].status)
            return mf_json_fail(root, diag, MF_INVALID, "\"logic_areas\" lacks part %s",
                                part_names[i]);
    for (size_t i = 0; i < 2; i++) {
        if ((logic || table->n_memory_areas) &&
            !find(table->memory_areas, table->n_memory_areas, levels[i], ""))
            return mf_json_fail(root, diag, MF_INVALID, "\"memory_areas\" lacks level %s",
                                levels[i]);
        if (table->n_memory_leakages &&
            !find(table->memory_leakages, table->n_memory_leakages, levels[i], ""))
            return mf_json_fail(root, diag, MF_INVALID, "\"memory_leakages\" lacks level %s",
                                levels[i]);
    }
    return MF_OK;
}

mf_status mf_energy_table_read_areas(mf_energy_table *table, const mf_json *root, mf_diag *diag)
{
    mf_faults faults = {0};
    MF_ALSO(read_list(table, root, &areas, &table->memory_areas, &table->n_memory_areas,
                      &faults.latest));
    MF_ALSO(read_list(table, root, &leakages, &table->memory_leakages, &table->n_memory_leakages,
                      &faults.latest));
    MF_ALSO(read_parts(table, root, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    return check_whole(table, root, diag);
}
