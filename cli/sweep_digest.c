/* On what do the results of a sweep depend? */
#include "cli/sweep_points.h"

#include "base/file.h"
#include "base/hash.h"
#include "cli/help.h"

#include <string.h>

/* An accelerator by its values, whatever files they come from. */
static uint64_t hash_accelerator(uint64_t digest, const mf_accelerator *a)
{
    char text[64];
    for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++) {
        mf_accelerator_value_text(a, key, text, sizeof text);
        digest = mf_hash_bytes(digest, text, strlen(text) + 1);
    }
    for (size_t i = 0; i < a->n_pools; i++) {
        const mf_pool *pool = &a->pools[i];
        digest = mf_hash_bytes(digest, &pool->pe_rows, sizeof pool->pe_rows);
        digest = mf_hash_bytes(digest, &pool->pe_columns, sizeof pool->pe_columns);
        for (size_t k = 0; k < pool->n_operators; k++)
            digest = mf_hash_bytes(digest, pool->operators[k], strlen(pool->operators[k]) + 1);
    }
    return digest;
}

static mf_status hash_file(mf_setup *setup, mf_kind kind, const char *name, uint64_t *digest,
                           mf_diag *diag)
{
    const char *path;
    char *bytes;
    size_t n;
    MF_TRY(mf_catalog_path(setup->cli, kind, name, setup->arena, &path, diag));
    MF_TRY(mf_file_read_most(path, MF_LARGEST_TEXT_BYTES, setup->arena, &bytes, &n, diag));
    *digest = mf_hash_bytes(*digest, bytes, n);
    return MF_OK;
}

/* Which schedule; the words of one that is given in a file. */
static mf_status hash_schedule(mf_setup *setup, uint64_t *digest, mf_diag *diag)
{
    const char *which = mf_arguments_value(setup->arguments, "schedule");
    char *bytes;
    size_t n;
    if (!which)
        return MF_OK;
    *digest = mf_hash_bytes(*digest, which, strlen(which));
    for (int kind = 0; kind < MF_SCHEDULE_GIVEN; kind++)
        if (strcmp(which, mf_schedule_kind_name(kind)) == 0)
            return MF_OK;
    MF_TRY(mf_file_read_most(which, MF_LARGEST_TEXT_BYTES, setup->arena, &bytes, &n, diag));
    *digest = mf_hash_bytes(*digest, bytes, n);
    return MF_OK;
}

mf_status mf_sweep_make_digest(mf_setup *setup, const char *path, mf_sweep *s, mf_diag *diag)
{
    static const char *const options[] = {"experiment", "accelerator", "set",      "resolution",
                                          "batch",      "classes",     "width",    "op-of",
                                          "accounting", "table",       "dataflow", "objective",
                                          "bits",       "area-um2",    "node",     "dram"};
    const char *table = mf_arguments_value(setup->arguments, "table");
    const char *experiment = mf_arguments_value(setup->arguments, "experiment");
    const char **operators;
    size_t n_operators;
    const char *version = mf_help_version_text();
    s->digest = mf_hash_bytes(MF_HASH_BEGIN, version, strlen(version));
    MF_TRY(hash_file(setup, MF_KIND_SWEEP, path, &s->digest, diag));
    MF_TRY(
        hash_file(setup, MF_KIND_EXPERIMENT, experiment ? experiment : "table3", &s->digest, diag));
    s->digest = hash_accelerator(s->digest, &setup->accelerator);
    for (size_t i = 0; i < s->n_accelerators; i++)
        s->digest = hash_accelerator(s->digest, &s->accelerators[i]);
    for (size_t i = 0; i < s->n_tables; i++)
        MF_TRY(hash_file(setup, MF_KIND_ENERGY_TABLE, s->table_names[i], &s->digest, diag));
    MF_TRY(hash_file(setup, MF_KIND_ENERGY_TABLE, setup->conventions.operation_energy, &s->digest,
                     diag));
    MF_TRY(
        hash_file(setup, MF_KIND_ENERGY_TABLE, setup->conventions.access_energy, &s->digest, diag));
    MF_TRY(hash_file(setup, MF_KIND_ENERGY_TABLE, table ? table : "consistent-45nm", &s->digest,
                     diag));
    MF_TRY(hash_schedule(setup, &s->digest, diag));
    if (mf_arguments_has(setup->arguments, "iso-area"))
        s->digest = mf_hash_bytes(s->digest, "iso-area", 8);
    MF_TRY(mf_catalog_names(setup->cli, MF_KIND_OPERATOR, setup->arena, &operators, &n_operators,
                            diag));
    for (size_t i = 0; i < n_operators; i++)
        MF_TRY(hash_file(setup, MF_KIND_OPERATOR, operators[i], &s->digest, diag));
    for (size_t i = 0; i < s->n_networks; i++)
        MF_TRY(hash_file(setup, MF_KIND_NETWORK, s->networks[i].name, &s->digest, diag));
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        size_t n;
        const char **values = mf_arguments_values(setup->arguments, options[i], &n);
        for (size_t k = 0; values && k < n; k++) {
            s->digest = mf_hash_bytes(s->digest, options[i], strlen(options[i]) + 1);
            s->digest = mf_hash_bytes(s->digest, values[k], strlen(values[k]) + 1);
        }
    }
    return MF_OK;
}
