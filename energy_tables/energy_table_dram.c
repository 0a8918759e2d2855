/* Kinds of DRAM: read, and chosen. */
#include "energy_tables/energy_table_dram.h"

#include "base/arena.h"
#include "base/faults.h"
#include "models/fact.h"

#include <stdio.h>
#include <string.h>

static mf_status read_kind(const mf_energy_table *table, const mf_json *item, mf_dram_kind *dram,
                           mf_diag *diag)
{
    static const char *const keys[] = {"kind", "energy_pj_per_bit", "status", "source", NULL};
    size_t status = 0;
    mf_faults faults = {0};
    MF_ALSO(mf_json_only(item, keys, &faults.latest));
    MF_ALSO(mf_json_copy_string(item, "kind", table->arena, &dram->kind, &faults.latest));
    MF_ALSO(mf_json_real(item, "energy_pj_per_bit", 1e-6, 1e6, &dram->energy_pj_per_bit,
                         &faults.latest));
    MF_ALSO(mf_json_choice(item, "status", mf_fact_statuses, MF_N_FACT_STATUSES, &status,
                           &faults.latest));
    MF_ALSO(mf_json_copy_string(item, "source", table->arena, &dram->source, &faults.latest));
    dram->status = mf_fact_statuses[status];
    return mf_faults_end(&faults, diag);
}

mf_status mf_energy_table_read_drams(mf_energy_table *table, const mf_json *root, mf_diag *diag)
{
    mf_json list, item = {0};
    if (!mf_json_find(root, "drams", &list))
        return MF_OK;
    MF_TRY(mf_json_array(root, "drams", &list, diag));
    if (table->relative)
        return mf_json_fail(&list, diag, MF_INVALID, "pJ per bit in a table of relative costs");
    mf_dram_kind *drams = MF_NEW_ARRAY(table->arena, mf_dram_kind, mf_json_size(&list));
    if (!drams)
        return mf_fail_memory(diag);
    table->drams = drams;
    while (mf_json_next(&list, &item)) {
        mf_dram_kind *dram = &drams[table->n_drams];
        MF_TRY(read_kind(table, &item, dram, diag));
        for (size_t i = 0; i < table->n_drams; i++)
            if (strcmp(drams[i].kind, dram->kind) == 0)
                return mf_json_fail(&item, diag, MF_INVALID, "kind %s is given twice", dram->kind);
        table->n_drams++;
    }
    return MF_OK;
}

static mf_status fail_unknown(const mf_energy_table *table, const char *kind, mf_diag *diag)
{
    char known[256] = "";
    size_t length = 0;
    for (size_t i = 0; i < table->n_drams && length < sizeof known; i++)
        length += (size_t)snprintf(known + length, sizeof known - length, "%s%s", i ? ", " : "",
                                   table->drams[i].kind);
    return mf_fail(diag, MF_UNKNOWN_NAME, "energy table %s knows no DRAM \"%s\"%s%s", table->name,
                   kind, table->n_drams ? ": it has " : ", nor any other kind", known);
}

mf_status mf_energy_table_choose_dram(mf_energy_table *table, const char *kind, mf_diag *diag)
{
    const mf_dram_kind *dram = NULL;
    if (table->relative)
        return mf_fail(diag, MF_INVALID,
                       "energy table %s has relative costs (multiples of a MAC), not pJ",
                       table->name);
    for (size_t i = 0; i < table->n_drams; i++)
        if (strcmp(table->drams[i].kind, kind) == 0)
            dram = &table->drams[i];
    if (!dram)
        return fail_unknown(table, kind, diag);
    mf_access_cost *costs = MF_NEW_ARRAY(table->arena, mf_access_cost, table->n_accesses);
    if (!costs)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < table->n_accesses; i++) {
        mf_access_cost *c = &costs[i];
        *c = table->accesses[i];
        if (strncmp(c->level, "dram", 4) != 0)
            continue;
        c->read = c->write = dram->energy_pj_per_bit * (double)c->word_bits;
        c->status = dram->status;
        c->source = dram->source;
    }
    table->accesses = costs;
    table->dram = dram;
    return MF_OK;
}
