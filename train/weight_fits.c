/* The file of fits, both ways. */
#include "train/weight_fits.h"

#include "base/escape.h"
#include "base/faults.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
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

/* ---- FC, by name -------------------------------------------------------------------------------
 */

enum { N_FORMS = MF_N_FCS };
static const char *const forms[] = {"linear", "affine", "taps", "mlp"};

static uint64_t form_size(const mf_remap_fit *fc, int form)
{
    return form ? mf_fc_size((mf_fc)form, fc->n_taps) : 2;
}

static float *form_of(mf_remap_fit *fc, int form)
{
    return form ? fc->fc[form] : fc->linear;
}

static void write_fc(const mf_remap_fit *fc, mf_text *text)
{
    mf_remap_fit copy = *fc;
    mf_text_printf(text, ", \"fc\": {\"n_taps\": %" PRIu64, fc->n_taps);
    for (int form = 0; form < N_FORMS; form++) {
        mf_text_printf(text, ", \"%s\": [", forms[form]);
        for (uint64_t i = 0; i < form_size(fc, form); i++) {
            mf_text_puts(text, i ? ", " : "");
            mf_text_json_real(text, (double)form_of(&copy, form)[i]);
        }
        mf_text_puts(text, "]");
    }
    mf_text_puts(text, "}");
}

static mf_status read_form(const mf_json *object, int form, mf_arena *arena, mf_remap_fit *fc,
                           mf_diag *diag)
{
    mf_json list, item = {0};
    uint64_t n = form_size(fc, form), i = 0;
    MF_TRY(mf_json_array(object, forms[form], &list, diag));
    if (mf_json_size(&list) != n)
        return mf_json_fail(&list, diag, MF_INVALID,
                            "%zu numbers, expected %" PRIu64 " for kernels of %" PRIu64 " weights",
                            mf_json_size(&list), n, fc->n_taps);
    if (form && !(fc->fc[form] = MF_NEW_ARRAY(arena, float, n)))
        return mf_fail_memory(diag);
    while (mf_json_next(&list, &item)) {
        double x;
        MF_TRY(mf_json_read_real(&item, -1e30, 1e30, &x, diag));
        form_of(fc, form)[i++] = (float)x;
    }
    return MF_OK;
}

static mf_status read_fc(const mf_json *item, mf_arena *arena, mf_weight_fit *fit, mf_diag *diag)
{
    static const char *const keys[] = {"n_taps", "linear", "affine", "taps", "mlp", NULL};
    mf_json object;
    fit->has_fc = mf_json_find(item, "fc", &object);
    if (!fit->has_fc)
        return MF_OK;
    MF_TRY(mf_json_only(&object, keys, diag));
    MF_TRY(mf_json_count(&object, "n_taps", 1, MF_MOST_TAPS, &fit->fc.n_taps, diag));
    for (int form = 0; form < N_FORMS; form++)
        MF_TRY(read_form(&object, form, arena, &fit->fc, diag));
    return MF_OK;
}

/* ---- the file ----------------------------------------------------------------------------------
 */

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
        if (fit->has_fc)
            write_fc(&fit->fc, text);
        mf_text_puts(text, "}");
    }
    mf_text_puts(text, "\n  ]\n}\n");
}

static mf_status read_fit(const mf_json *item, mf_arena *arena, mf_weight_fit *fit, mf_diag *diag)
{
    const char *keys[5 + N_NUMBERS + 1] = {"layer", "tensor", "op", "n_weights", "fc"};
    mf_weight_statistics *s = &fit->statistics;
    for (size_t k = 0; k < N_NUMBERS; k++)
        keys[5 + k] = numbers[k].key;
    MF_TRY(mf_json_only(item, keys, diag));
    MF_TRY(mf_json_copy_string(item, "layer", arena, &fit->layer, diag));
    MF_TRY(mf_json_copy_string(item, "tensor", arena, &fit->tensor, diag));
    MF_TRY(mf_json_copy_string(item, "op", arena, &fit->op, diag));
    MF_TRY(mf_json_count(item, "n_weights", 2, (uint64_t)1 << 53, &s->n, diag));
    for (size_t k = 0; k < N_NUMBERS; k++)
        MF_TRY(mf_json_real(item, numbers[k].key, numbers[k].least, 1e30,
                            (double *)((char *)s + numbers[k].offset), diag));
    s->varies = true;
    return read_fc(item, arena, fit, diag);
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

/* ---- as parameters of maps ----------------------------------------------------------------------
 */

static mf_status give(const mf_weight_fits *fits, const mf_remap_options *how,
                      const mf_layer *layer, const char *op, mf_parameter *map, mf_diag *diag)
{
    const mf_weight_fit *fit = mf_weight_fits_find(fits, layer->name);
    bool linear = how->form == MF_REMAP_LINEAR;
    uint64_t n_taps = mf_remap_taps(layer).n_taps;
    if (!fit)
        return mf_fail(diag, MF_INVALID, "there is no fit of %s, whose weights are mapped",
                       layer->name);
    if (strcmp(fit->op, op) != 0)
        return mf_fail(diag, MF_INVALID,
                       "the fit of %s is to weights of %s, but it computes with %s", layer->name,
                       fit->op, op);
    if ((linear || how->fc) && !fit->has_fc) {
        mf_fail(diag, MF_INVALID, "the fit of %s has u and b alone, and no FC", layer->name);
        mf_hint(diag, "`mulfree weights fit --from MULT.npz` fits one");
        return MF_INVALID;
    }
    if (fit->has_fc && fit->fc.n_taps != n_taps)
        return mf_fail(diag, MF_INVALID,
                       "the fit of %s is to kernels of %" PRIu64 " weights, but it has %" PRIu64,
                       layer->name, fit->fc.n_taps, n_taps);
    if (linear) {
        map->value[0] = fit->fc.linear[0] - (how->skip ? 1 : 0);
        map->value[1] = fit->fc.linear[1];
        return MF_OK;
    }
    map->value[0] = (float)fit->statistics.u;
    map->value[1] = (float)fit->statistics.b;
    if (how->fc)
        memcpy(map->value + 2, fit->fc.fc[how->fc],
               mf_fc_size(how->fc, n_taps) * sizeof *map->value);
    return MF_OK;
}

mf_status mf_weight_fits_give(const mf_weight_fits *fits, const mf_remap_options *how,
                              const mf_network *network, const mf_operators *operators,
                              const size_t *op_of_layer, mf_parameters *store, mf_diag *diag)
{
    mf_faults faults = {0};
    for (size_t i = 0; i < network->n_weight_layers; i++) {
        const mf_layer *layer = mf_network_weight_layer(network, i);
        char name[256];
        snprintf(name, sizeof name, "%s.map", layer->name);
        mf_parameter *map = mf_parameters_find(store, name);
        if (map)
            MF_ALSO(give(fits, how, layer, mf_operators_at(operators, op_of_layer[i])->name, map,
                         &faults.latest));
    }
    return mf_faults_end(&faults, diag);
}
