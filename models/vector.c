/* The checks that all kinds share; what each computes is in models/kinds/. Nothing here is fast on
 * purpose: it is what fast code is held against. */
#include "models/vector.h"

#include "models/kinds/kind.h"

#include <inttypes.h>
#include <stdio.h>

enum { MOST_INPUT_FRACTION_BITS = 62 };

static mf_status check_scales(const mf_layer_data *d, const mf_layer_record *kind, mf_diag *diag)
{
    uint64_t bits = d->format.activation_bits, out = d->ofmap_fraction_bits;
    char list[24 * MF_MOST_INPUTS] = "";
    bool fits = true;
    for (size_t k = 0, n = 0; k <= d->n_others; k++) {
        uint64_t own = mf_layer_data_input(d, k).fraction_bits;
        const char *comma = k == 0 ? "" : k < d->n_others ? ", " : " and ";
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%" PRIu64, comma, own);
        fits = fits && own <= MOST_INPUT_FRACTION_BITS;
    }
    if (bits < 2 || bits > 32 || out >= bits)
        return mf_fail(diag, MF_INVALID,
                       "activations of %" PRIu64 " bits with %" PRIu64
                       " fraction bits, expected 2 to 32 and fewer fraction bits",
                       bits, out);
    if (fits && kind->scales_fit(d))
        return MF_OK;
    return mf_fail(diag, MF_INVALID,
                   "%s of maps with %s fraction bits to %" PRIu64
                   ": scales that differ by more than %d bits",
                   kind->name, list, out, MF_MOST_SCALE_BITS);
}

static mf_status check_codes(const mf_layer_data *d, const mf_layer_record *kind, size_t k,
                             mf_diag *diag)
{
    const mf_layer_input map = mf_layer_data_input(d, k);
    const uint64_t n = mf_kind_input_words(kind, &d->shape, map.channels, k);
    const int64_t most = ((int64_t)1 << (d->format.activation_bits - 1)) - 1;
    char number[24];
    snprintf(number, sizeof number, "map %zu", k + 1);
    for (uint64_t i = 0; i < n; i++)
        if (map.codes[i] < -most - 1 || map.codes[i] > most)
            return mf_fail(diag, MF_INVALID,
                           "%s code %" PRIu64 " is %" PRId32 ", expected %" PRId64 " to %" PRId64,
                           k < kind->n_inputs ? kind->inputs[k].name : number, i, map.codes[i],
                           -most - 1, most);
    return MF_OK;
}

static mf_status check_maps(const mf_layer_data *d, const mf_layer_record *kind, mf_diag *diag)
{
    if (!mf_kind_takes(kind, 1 + d->n_others))
        return mf_fail(diag, MF_INVALID, "%s of %zu inputs, expected %zu%s", kind->name,
                       1 + d->n_others, kind->n_inputs, kind->repeats ? " or more" : "");
    for (size_t k = 0; k <= d->n_others; k++)
        if (!mf_layer_data_input(d, k).codes)
            return mf_fail(diag, MF_INVALID, "%s without input %zu of %zu", kind->name, k + 1,
                           1 + d->n_others);
    return MF_OK;
}

static mf_status check(const mf_layer_data *d, const mf_layer_record *kind, mf_diag *diag)
{
    const mf_shape *s = &d->shape;
    if (kind->has_weights)
        return mf_fail(diag, MF_INVALID, "%s is no layer of the vector unit", kind->name);
    MF_TRY(check_maps(d, kind, diag));
    if (s->h == 0 || s->w == 0 || !kind->fits(s) || !mf_kind_inputs_fit(kind, d))
        return mf_fail(diag, MF_INVALID,
                       "%s from %" PRIu64 "x%" PRIu64 "x%" PRIu64 " to %" PRIu64 "x%" PRIu64
                       "x%" PRIu64 ": sizes contradict each other",
                       kind->name, s->c, s->h, s->w, s->m, s->e, s->f);
    return check_scales(d, kind, diag);
}

mf_status mf_vector_compute(const mf_layer_data *data, int32_t *ofmap, mf_diag *diag)
{
    const mf_layer_record *kind = mf_layer_record_of(data->kind);
    MF_TRY(check(data, kind, diag));
    for (size_t k = 0; k <= data->n_others; k++)
        MF_TRY(check_codes(data, kind, k, diag));
    kind->compute(data, 0, data->shape.e, ofmap);
    return MF_OK;
}

mf_status mf_vector_compute_rows(const mf_layer_data *data, uint64_t begin, uint64_t end,
                                 int32_t *ofmap, mf_diag *diag)
{
    const mf_layer_record *kind = mf_layer_record_of(data->kind);
    MF_TRY(check(data, kind, diag));
    if (begin > end || end > data->shape.e)
        return mf_fail(diag, MF_INVALID, "rows %" PRIu64 " to %" PRIu64 " of %" PRIu64, begin, end,
                       data->shape.e);
    kind->compute(data, begin, end, ofmap);
    return MF_OK;
}
