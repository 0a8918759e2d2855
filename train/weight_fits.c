/* The file of fits, both ways. */
#include "train/weight_fits.h"

#include "base/escape.h"
#include "base/faults.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

static const char *const formats[] = {"mulfree-weight-fits"};
static const char *const weights[] = {"forward", "learnt"};

/* The numbers of a fit. Deviation, b and kurtosis divide. */
static const struct {
    const char *key;
    size_t offset;
    double least;
} numbers[] = {
    {"mean", offsetof(mf_weight_statistics, mean), -1e30},
    {"deviation", offsetof(mf_weight_statistics, deviation), 1e-30},
    {"laplace_u", offsetof(mf_weight_statistics, u), -1e30},
    {"laplace_b", offsetof(mf_weight_statistics, b), 1e-30},
    {"kurtosis", offsetof(mf_weight_statistics, kurtosis), 0},
    {"gaussian_log_likelihood", offsetof(mf_weight_statistics, gaussian_log_likelihood), -1e30},
    {"laplace_log_likelihood", offsetof(mf_weight_statistics, laplace_log_likelihood), -1e30}};

enum { N_NUMBERS = sizeof numbers / sizeof numbers[0] };

static void put(mf_text *text, const char *before, const char *value)
{
    mf_text_puts(text, before);
    mf_escape_json(text, value);
}

void mf_weight_fits_write(const mf_weight_fits *fits, mf_text *text)
{
    put(text, "{\n  \"format\": ", formats[0]);
    mf_text_puts(text, ",\n  \"version\": 1");
    put(text, ",\n  \"network\": ", fits->network);
    put(text, ",\n  \"weights\": ", weights[fits->learnt]);
    mf_text_printf(text, ",\n  \"n_checkpoints\": %" PRIu64 ",\n  \"fits\": [",
                   fits->n_checkpoints);
    for (size_t i = 0; i < fits->n; i++) {
        const mf_weight_fit *fit = &fits->all[i];
        put(text, i ? ",\n    {\"layer\": " : "\n    {\"layer\": ", fit->layer);
        put(text, ", \"tensor\": ", fit->tensor);
        put(text, ", \"op\": ", fit->op);
        mf_text_printf(text, ", \"n_weights\": %" PRIu64, fit->statistics.n);
        for (size_t k = 0; k < N_NUMBERS; k++) {
            mf_text_printf(text, ", \"%s\": ", numbers[k].key);
            mf_text_json_real(
                text, *(const double *)((const char *)&fit->statistics + numbers[k].offset));
        }
        mf_text_puts(text, "}");
    }
    mf_text_puts(text, "\n  ]\n}\n");
}

static mf_status read_fit(const mf_json *item, mf_arena *arena, mf_weight_fit *fit, mf_diag *diag)
{
    const char *keys[4 + N_NUMBERS + 1] = {"layer", "tensor", "op", "n_weights"};
    mf_weight_statistics *s = &fit->statistics;
    for (size_t k = 0; k < N_NUMBERS; k++)
        keys[4 + k] = numbers[k].key;
    MF_TRY(mf_json_only(item, keys, diag));
    MF_TRY(mf_json_copy_string(item, "layer", arena, &fit->layer, diag));
    MF_TRY(mf_json_copy_string(item, "tensor", arena, &fit->tensor, diag));
    MF_TRY(mf_json_copy_string(item, "op", arena, &fit->op, diag));
    MF_TRY(mf_json_count(item, "n_weights", 2, (uint64_t)1 << 53, &s->n, diag));
    for (size_t k = 0; k < N_NUMBERS; k++)
        MF_TRY(mf_json_real(item, numbers[k].key, numbers[k].least, 1e30,
                            (double *)((char *)s + numbers[k].offset), diag));
    s->varies = true;
    return MF_OK;
}

mf_status mf_weight_fits_read(const mf_json_doc *doc, mf_arena *arena, mf_weight_fits *fits,
                              mf_diag *diag)
{
    static const char *const keys[] = {"format",        "version", "network", "weights",
                                       "n_checkpoints", "fits",    NULL};
    const mf_json root = mf_json_root(doc);
    mf_json list, item = {0};
    size_t format, learnt;
    uint64_t version;
    *fits = (mf_weight_fits){0};
    MF_TRY(mf_json_only(&root, keys, diag));
    MF_TRY(mf_json_choice(&root, "format", formats, 1, &format, diag));
    MF_TRY(mf_json_count(&root, "version", 1, 1, &version, diag));
    MF_TRY(mf_json_copy_string(&root, "network", arena, &fits->network, diag));
    MF_TRY(mf_json_choice(&root, "weights", weights, 2, &learnt, diag));
    MF_TRY(mf_json_count(&root, "n_checkpoints", 1, 1000000, &fits->n_checkpoints, diag));
    MF_TRY(mf_json_array(&root, "fits", &list, diag));
    fits->learnt = learnt;
    fits->all = MF_NEW_ARRAY(arena, mf_weight_fit, mf_json_size(&list));
    if (!fits->all)
        return mf_fail_memory(diag);
    while (mf_json_next(&list, &item)) {
        mf_weight_fit *fit = &fits->all[fits->n];
        MF_TRY(read_fit(&item, arena, fit, diag));
        for (size_t i = 0; i < fits->n; i++)
            if (strcmp(fits->all[i].layer, fit->layer) == 0 &&
                strcmp(fits->all[i].tensor, fit->tensor) == 0)
                return mf_json_fail(&item, diag, MF_INVALID, "%s.%s: fitted twice", fit->layer,
                                    fit->tensor);
        fits->n++;
    }
    return MF_OK;
}

const mf_weight_fit *mf_weight_fits_find(const mf_weight_fits *fits, const char *layer)
{
    for (size_t i = 0; i < fits->n; i++)
        if (strcmp(fits->all[i].layer, layer) == 0)
            return &fits->all[i];
    return NULL;
}
