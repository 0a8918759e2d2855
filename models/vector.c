/* The checks that all kinds share; what each computes is in models/kinds/. Nothing here is fast on
 * purpose: it is what fast code is held against. */
#include "models/vector.h"

#include "models/kinds/kind.h"

#include <inttypes.h>

enum { MOST_INPUT_FRACTION_BITS = 62 };

static mf_status check_scales(const mf_layer_data *d, const mf_layer_record *kind, mf_diag *diag)
{
    uint64_t bits = d->format.activation_bits, first = d->ifmap_fraction_bits,
             second = d->n_others > 0 ? d->others[0].fraction_bits : 0,
             out = d->ofmap_fraction_bits;
    if (bits < 2 || bits > 32 || out >= bits)
        return mf_fail(diag, MF_INVALID,
                       "activations of %" PRIu64 " bits with %" PRIu64
                       " fraction bits, expected 2 to 32 and fewer fraction bits",
                       bits, out);
    if (first > MOST_INPUT_FRACTION_BITS || second > MOST_INPUT_FRACTION_BITS ||
        !kind->scales_fit(d))
        return mf_fail(diag, MF_INVALID,
                       "%s of maps with %" PRIu64 " and %" PRIu64 " fraction bits to %" PRIu64
                       ": scales that differ by more than %d bits",
                       kind->name, first, second, out, MF_MOST_SCALE_BITS);
    return MF_OK;
}

static mf_status check_codes(const char *what, const int32_t *codes, uint64_t n, uint64_t bits,
                             mf_diag *diag)
{
    int64_t most = ((int64_t)1 << (bits - 1)) - 1;
    for (uint64_t i = 0; i < n; i++)
        if (codes[i] < -most - 1 || codes[i] > most)
            return mf_fail(diag, MF_INVALID,
                           "%s code %" PRIu64 " is %" PRId32 ", expected %" PRId64 " to %" PRId64,
                           what, i, codes[i], -most - 1, most);
    return MF_OK;
}

static mf_status check_input(const mf_layer_data *d, const mf_layer_record *kind, size_t k,
                             mf_diag *diag)
{
    mf_layer_input input = mf_layer_data_input(d, k);
    return check_codes(kind->inputs[k].name, input.codes,
                       mf_kind_input_words(kind, &d->shape, input.channels, k),
                       d->format.activation_bits, diag);
}

static mf_status check(const mf_layer_data *d, const mf_layer_record *kind, mf_diag *diag)
{
    const mf_shape *s = &d->shape;
    if (kind->has_weights)
        return mf_fail(diag, MF_INVALID, "%s is no layer of the vector unit", kind->name);
    bool lacks_map = 1 + d->n_others < kind->n_inputs;
    for (size_t k = 0; k < d->n_others; k++)
        lacks_map = lacks_map || !d->others[k].codes;
    if (s->h == 0 || s->w == 0 || !kind->fits(s) || lacks_map || !mf_kind_inputs_fit(kind, d))
        return mf_fail(diag, MF_INVALID,
                       "%s from %" PRIu64 "x%" PRIu64 "x%" PRIu64 " to %" PRIu64 "x%" PRIu64
                       "x%" PRIu64 "%s: sizes contradict each other",
                       kind->name, s->c, s->h, s->w, s->m, s->e, s->f,
                       lacks_map ? " without a second map" : "");
    MF_TRY(check_scales(d, kind, diag));
    for (size_t k = 0; k <= d->n_others; k++)
        MF_TRY(check_input(d, kind, k, diag));
    return MF_OK;
}

mf_status mf_vector_compute(const mf_layer_data *data, int32_t *ofmap, mf_diag *diag)
{
    const mf_layer_record *kind = mf_layer_record_of(data->kind);
    MF_TRY(check(data, kind, diag));
    kind->compute(data, ofmap);
    return MF_OK;
}
