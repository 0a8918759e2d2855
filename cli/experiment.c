/* Reading experiments. */
#include "cli/experiment.h"

#include "base/faults.h"

#include <string.h>

static mf_status read_names(const mf_json *root, const char *key, mf_arena *arena,
                            const char ***names, size_t *n, mf_diag *diag)
{
    mf_json list, item = {0};
    const char *text;
    MF_TRY(mf_json_array(root, key, &list, diag));
    *names = MF_NEW_ARRAY(arena, const char *, mf_json_size(&list));
    if (!*names)
        return mf_fail_memory(diag);
    while (mf_json_next(&list, &item)) {
        MF_TRY(mf_json_read_string(&item, &text, diag));
        (*names)[*n] = mf_arena_string(arena, text);
        if (!(*names)[(*n)++])
            return mf_fail_memory(diag);
    }
    return *n ? MF_OK : mf_json_fail(&list, diag, MF_INVALID, "the list is empty");
}

static mf_status read_slips(mf_json_doc *doc, const mf_json *root, mf_slips side, mf_arena *arena,
                            mf_experiment *out, mf_diag *diag)
{
    static const char *const keys[] = {"name", "about", "printed", "corrected", NULL};
    mf_json list, item = {0}, members;
    MF_TRY(mf_json_array(root, "slips", &list, diag));
    out->slips = MF_NEW_ARRAY(arena, mf_slip, mf_json_size(&list));
    if (!out->slips)
        return mf_fail_memory(diag);
    while (mf_json_next(&list, &item)) {
        mf_slip *slip = &out->slips[out->n_slips++];
        MF_TRY(mf_json_only(&item, keys, diag));
        MF_TRY(mf_json_copy_string(&item, "name", arena, &slip->name, diag));
        MF_TRY(mf_json_copy_string(&item, "about", arena, &slip->about, diag));
        if (side == MF_SLIPS_PLAIN)
            continue;
        const char *key = side == MF_SLIPS_PRINTED ? "printed" : "corrected";
        MF_TRY(mf_json_get(&item, key, &members, diag));
        MF_TRY(mf_json_merge(doc, "conventions", &members, diag));
    }
    return MF_OK;
}

static mf_status read_paper(const mf_json *root, mf_arena *arena, mf_experiment *out, mf_diag *diag)
{
    mf_faults faults = {0};
    static const char *const keys[] = {"network", "op",        "params_m",   "mult_m", "shift_m",
                                       "add_m",   "energy_mj", "latency_ms", NULL};
    mf_json list, item = {0};
    MF_TRY(mf_json_array(root, "paper", &list, diag));
    out->paper = MF_NEW_ARRAY(arena, mf_paper_row, mf_json_size(&list));
    if (!out->paper)
        return mf_fail_memory(diag);
    while (mf_json_next(&list, &item)) {
        mf_paper_row *row = &out->paper[out->n_paper++];
        MF_ALSO(mf_json_only(&item, keys, &faults.latest));
        MF_ALSO(mf_json_copy_string(&item, "network", arena, &row->network, &faults.latest));
        MF_ALSO(mf_json_copy_string(&item, "op", arena, &row->op, &faults.latest));
        double *const numbers[] = {&row->params_m, &row->mult_m,    &row->shift_m,
                                   &row->add_m,    &row->energy_mj, &row->latency_ms};
        for (size_t i = 0; i < 6; i++)
            MF_ALSO(mf_json_real(&item, keys[2 + i], 0, 1e9, numbers[i], &faults.latest));
    }
    return mf_faults_end(&faults, diag);
}

mf_status mf_experiment_read(mf_json_doc *doc, mf_slips side, mf_arena *arena, mf_experiment *out,
                             mf_diag *diag)
{
    mf_faults faults = {0};
    static const char *const keys[] = {"name",     "about", "source", "accelerator",
                                       "networks", "ops",   "slips",  "conventions",
                                       "paper",    "kind",  NULL};
    static const char *const kinds[] = {"accounts"};
    size_t kind;
    mf_json root = mf_json_root(doc), member;
    *out = (mf_experiment){0};
    MF_ALSO(mf_json_only(&root, keys, &faults.latest));
    if (mf_json_find(&root, "kind", &member))
        MF_ALSO(mf_json_read_choice(&member, kinds, 1, &kind, &faults.latest));
    MF_ALSO(mf_json_copy_string(&root, "name", arena, &out->name, &faults.latest));
    MF_ALSO(mf_json_copy_string(&root, "about", arena, &out->about, &faults.latest));
    MF_ALSO(mf_json_copy_string(&root, "source", arena, &out->source, &faults.latest));
    MF_ALSO(mf_json_copy_string(&root, "accelerator", arena, &out->accelerator, &faults.latest));
    MF_ALSO(read_names(&root, "networks", arena, &out->networks, &out->n_networks, &faults.latest));
    MF_ALSO(read_names(&root, "ops", arena, &out->ops, &out->n_ops, &faults.latest));
    MF_ALSO(read_slips(doc, &root, side, arena, out, &faults.latest));
    MF_ALSO(read_paper(&root, arena, out, &faults.latest));
    return mf_faults_end(&faults, diag);
}

const mf_paper_row *mf_experiment_paper(const mf_experiment *experiment, const char *network,
                                        const char *op)
{
    for (size_t i = 0; i < experiment->n_paper; i++)
        if (strcmp(experiment->paper[i].network, network) == 0 &&
            strcmp(experiment->paper[i].op, op) == 0)
            return &experiment->paper[i];
    return NULL;
}
