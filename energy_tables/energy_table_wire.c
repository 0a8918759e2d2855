/* Wires: read, and held against what else the table prices. */
#include "energy_tables/energy_table_wire.h"

#include "base/arena.h"
#include "base/faults.h"
#include "energy_tables/energy_table_area.h"
#include "models/fact.h"

#include <string.h>

static mf_status read_wire(const mf_energy_table *table, const mf_json *object, bool other,
                           mf_wire *wire, mf_diag *diag)
{
    const char *const keys[] = {"energy_pj_per_mm_bit", "status", "source",
                                other ? "name" : "other_wires", NULL};
    size_t status = 0;
    mf_faults faults = {0};
    wire->name = "";
    MF_ALSO(mf_json_only(object, keys, &faults.latest));
    if (other)
        MF_ALSO(mf_json_copy_string(object, "name", table->arena, &wire->name, &faults.latest));
    MF_ALSO(mf_json_real(object, "energy_pj_per_mm_bit", 1e-6, 1e6, &wire->energy_pj_per_mm_bit,
                         &faults.latest));
    MF_ALSO(mf_json_choice(object, "status", mf_fact_statuses, MF_N_FACT_STATUSES, &status,
                           &faults.latest));
    MF_ALSO(mf_json_copy_string(object, "source", table->arena, &wire->source, &faults.latest));
    wire->status = mf_fact_statuses[status];
    return mf_faults_end(&faults, diag);
}

static mf_status read_others(mf_energy_table *table, const mf_json *object, mf_diag *diag)
{
    mf_json list, item = {0};
    if (!mf_json_find(object, "other_wires", &list))
        return MF_OK;
    MF_TRY(mf_json_array(object, "other_wires", &list, diag));
    mf_wire *wires = MF_NEW_ARRAY(table->arena, mf_wire, mf_json_size(&list));
    if (!wires)
        return mf_fail_memory(diag);
    table->other_wires = wires;
    while (mf_json_next(&list, &item))
        MF_TRY(read_wire(table, &item, true, &wires[table->n_other_wires++], diag));
    return MF_OK;
}

/* Priced once, and with a length. */
static mf_status check(const mf_energy_table *table, const mf_json *object, mf_diag *diag)
{
    if (table->relative)
        return mf_json_fail(object, diag, MF_INVALID,
                            "pJ per mm and bit in a table of relative costs");
    if (!mf_energy_table_has_areas(table))
        return mf_json_fail(object, diag, MF_INVALID,
                            "no wire has a length where the table has no areas: \"memory_areas\" "
                            "and \"logic_areas\" are missing");
    for (size_t i = 0; i < table->n_accesses; i++)
        if (strncmp(table->accesses[i].level, "network", 7) == 0)
            return mf_json_fail(object, diag, MF_INVALID,
                                "the array network is priced twice: here and by an access of "
                                "level %s",
                                table->accesses[i].level);
    return MF_OK;
}

mf_status mf_energy_table_read_wires(mf_energy_table *table, const mf_json *root, mf_diag *diag)
{
    mf_json object;
    if (!mf_json_find(root, "wires", &object))
        return MF_OK;
    mf_wire *wire = MF_NEW(table->arena, mf_wire);
    if (!wire)
        return mf_fail_memory(diag);
    MF_TRY(mf_json_get(root, "wires", &object, diag));
    MF_TRY(check(table, &object, diag));
    MF_TRY(read_wire(table, &object, false, wire, diag));
    table->wire = wire;
    return read_others(table, &object, diag);
}
