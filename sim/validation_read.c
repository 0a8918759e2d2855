/* The head of a description: all but its layers. */
#include "sim/validation.h"

#include "base/faults.h"

const char *mf_quantity_name(int quantity)
{
    static const char *const names[] = {
#define MF_QUANTITY(NAME, name, text) #name,
#include "sim/quantities.def"
#undef MF_QUANTITY
    };
    return names[quantity];
}

const char *mf_quantity_text(int quantity)
{
    static const char *const texts[] = {
#define MF_QUANTITY(NAME, name, text) text,
#include "sim/quantities.def"
#undef MF_QUANTITY
    };
    return texts[quantity];
}

static mf_status read_bands(const mf_json *root, const char *key, double *bands, mf_diag *diag)
{
    const char *names[MF_N_QUANTITIES + 1] = {NULL};
    mf_json object, value;
    for (int q = 0; q < MF_N_QUANTITIES; q++)
        names[q] = mf_quantity_name(q);
    if (!mf_json_find(root, key, &object))
        return MF_OK;
    MF_TRY(mf_json_only(&object, names, diag));
    for (int q = 0; q < MF_N_QUANTITIES; q++)
        if (mf_json_find(&object, names[q], &value))
            MF_TRY(mf_json_read_real(&value, 0, 100, &bands[q], diag));
    return MF_OK;
}

static mf_status read_better(mf_validation *v, const mf_json *root, mf_diag *diag)
{
    const char *names[MF_N_QUANTITIES];
    mf_json list, item = {0};
    size_t q;
    for (int i = 0; i < MF_N_QUANTITIES; i++)
        names[i] = mf_quantity_name(i);
    if (!mf_json_find(root, "lower_is_better", &list))
        return MF_OK;
    while (mf_json_next(&list, &item)) {
        MF_TRY(mf_json_read_choice(&item, names, MF_N_QUANTITIES, &q, diag));
        v->lower_is_better[q] = true;
    }
    return MF_OK;
}

static mf_status read_area(mf_validation *v, const mf_json *root, mf_diag *diag)
{
    static const char *const keys[] = {"table", "node_nm", NULL};
    mf_json object;
    mf_faults faults = {0};
    if (!mf_json_find(root, "area", &object))
        return MF_OK;
    MF_ALSO(mf_json_only(&object, keys, &faults.latest));
    MF_ALSO(mf_json_string(&object, "table", &v->area_table, &faults.latest));
    MF_ALSO(mf_json_count(&object, "node_nm", 1, 10000, &v->area_node_nm, &faults.latest));
    return mf_faults_end(&faults, diag);
}

static mf_status read_clocks(mf_validation *v, const mf_json *root, mf_arena *arena, mf_diag *diag)
{
    static const char *const keys[] = {"n_flip_flops", "n_always", "energy_pj",
                                       "status",       "source",   NULL};
    const uint64_t most = (uint64_t)1 << 40;
    mf_validation_clocks *c = &v->clocks;
    mf_json object;
    size_t status = 0;
    mf_faults faults = {0};
    if (!mf_json_find(root, "clocks", &object))
        return MF_OK;
    MF_ALSO(mf_json_only(&object, keys, &faults.latest));
    MF_ALSO(mf_json_count(&object, "n_flip_flops", 1, most, &c->n_flip_flops, &faults.latest));
    MF_ALSO(mf_json_count(&object, "n_always", 0, most, &c->n_always, &faults.latest));
    MF_ALSO(mf_json_real(&object, "energy_pj", 1e-9, 1e3, &c->energy_pj, &faults.latest));
    MF_ALSO(mf_json_choice(&object, "status", mf_fact_statuses, MF_N_FACT_STATUSES, &status,
                           &faults.latest));
    MF_ALSO(mf_json_copy_string(&object, "source", arena, &c->source, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    c->status = mf_fact_statuses[status];
    if (c->n_always > c->n_flip_flops)
        return mf_json_fail(&object, diag, MF_INVALID, "n_always is more than n_flip_flops");
    return MF_OK;
}

static mf_status read_head(mf_validation *v, const mf_json *root, mf_arena *arena, mf_diag *diag)
{
    static const char *const keys[] = {"name",
                                       "about",
                                       "source",
                                       "accelerator",
                                       "table",
                                       "op",
                                       "bits",
                                       "mapping",
                                       "objective",
                                       "band_percent",
                                       "band_percent_total",
                                       "systemc_band_percent",
                                       "systemc_band_percent_total",
                                       "lower_is_better",
                                       "layers",
                                       "total",
                                       "area",
                                       "clocks",
                                       NULL};
    static const char *const mappings[] = {"given", "search"};
    const char *bits = NULL, *names[MF_N_OBJECTIVES];
    mf_json member;
    size_t choice = 0;
    mf_faults faults = {0};
    MF_ALSO(mf_json_only(root, keys, &faults.latest));
    MF_ALSO(mf_json_copy_string(root, "name", arena, &v->name, &faults.latest));
    MF_ALSO(mf_json_copy_string(root, "about", arena, &v->about, &faults.latest));
    MF_ALSO(mf_json_copy_string(root, "source", arena, &v->source, &faults.latest));
    MF_ALSO(mf_json_string(root, "bits", &bits, &faults.latest));
    MF_ALSO(mf_json_choice(root, "mapping", mappings, 2, &choice, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    MF_TRY(mf_bits_parse(bits, &v->bits, diag));
    v->search = choice == 1;
    v->objective = MF_OBJECTIVE_EDP;
    for (int i = 0; i < MF_N_OBJECTIVES; i++)
        names[i] = mf_objective_name(i);
    if (mf_json_find(root, "objective", &member)) {
        MF_TRY(mf_json_read_choice(&member, names, MF_N_OBJECTIVES, &choice, diag));
        v->objective = (mf_objective)choice;
    }
    for (int q = 0; q < MF_N_QUANTITIES; q++)
        v->band[0][q] = v->band[1][q] = -1;
    MF_TRY(read_bands(root, "band_percent", v->band[0], diag));
    MF_TRY(read_bands(root, "band_percent_total", v->band[1], diag));
    if (v->on_chip) { /* closer ones, where they are given */
        MF_TRY(read_bands(root, "systemc_band_percent", v->band[0], diag));
        MF_TRY(read_bands(root, "systemc_band_percent_total", v->band[1], diag));
    }
    MF_TRY(read_better(v, root, diag));
    MF_TRY(mf_json_string(root, "op", &v->op, diag));
    MF_TRY(mf_json_string(root, "accelerator", &v->accelerator, diag));
    MF_TRY(mf_json_string(root, "table", &v->table, diag));
    MF_TRY(read_area(v, root, diag));
    return read_clocks(v, root, arena, diag);
}

mf_status mf_validation_read(const mf_json_doc *doc, bool on_chip, mf_arena *arena,
                             mf_validation *validation, mf_diag *diag)
{
    mf_json root = mf_json_root(doc);
    *validation = (mf_validation){.on_chip = on_chip, .doc = doc};
    return read_head(validation, &root, arena, diag);
}
