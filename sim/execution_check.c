/* Is it right? */
#include "sim/execution_task.h"

#include "models/kinds/kind.h"

#include <inttypes.h>
#include <string.h>

mf_status mf_execution_check_format(const mf_layer_data *data, const mf_operator *op,
                                    const mf_widths *widths, mf_diag *diag)
{
    const mf_integer_format *f = &data->format;
    if (strcmp(data->op, op->name) != 0)
        return mf_fail(diag, MF_INVALID, "its numbers are for operator %s, the account's is %s",
                       data->op, op->name);
    if (f->activation_bits != widths->activation_bits || f->weight_bits != widths->weight_bits)
        return mf_fail(diag, MF_INVALID,
                       "its activations have %" PRIu64 " bits and its weights %" PRIu64
                       ", the account's %" PRIu64 " and %" PRIu64,
                       f->activation_bits, f->weight_bits, widths->activation_bits,
                       widths->weight_bits);
    uint64_t ofmap_bits = mf_layer_data_ofmap_bits(data),
             written_bits = mf_layer_data_written_bits(data);
    if (ofmap_bits == widths->ofmap_bits && written_bits == widths->written_bits)
        return MF_OK;
    return mf_fail(diag, MF_INVALID,
                   "its outputs have %" PRIu64 " bits and take %" PRIu64
                   " in memory, the account's %" PRIu64 " and %" PRIu64,
                   ofmap_bits, written_bits, widths->ofmap_bits, widths->written_bits);
}

/* ---- outputs -----------------------------------------------------------------------------------
 */

typedef struct difference {
    uint64_t first, n;
    int64_t found, expected;
} difference;

static void note_difference(difference *d, uint64_t at, int64_t found, int64_t expected)
{
    if (d->n++ > 0)
        return;
    d->first = at;
    d->found = found;
    d->expected = expected;
}

static mf_status report_difference(const difference *d, const mf_shape *s, mf_rows made,
                                   const char *what, mf_diag *diag)
{
    uint64_t at = d->first, f = at % s->f, e = at / s->f % s->e, m = at / s->f / s->e % s->m,
             n = at / s->f / s->e / s->m;
    if (!d->n)
        return MF_OK;
    return mf_fail(
        diag, MF_DIFFERENT,
        "the chip's %s of image %" PRIu64 ", channel %" PRIu64 ", row %" PRIu64 ", column %" PRIu64
        " is %" PRId64 ", expected %" PRId64 "; %" PRIu64 " of %" PRIu64 " differ",
        what, n, m, e, f, d->found, d->expected, d->n, s->n * s->m * mf_rows_count(made) * s->f);
}

mf_status mf_execution_check_psums(const mf_layer_data *data, mf_rows made, const int64_t *psums,
                                   mf_diag *diag)
{
    const mf_shape *s = &data->shape;
    mf_requantiser requantiser = mf_layer_data_requantiser(data);
    difference sums = {0}, codes = {0};
    for (uint64_t p = 0; p < s->n * s->m; p++)
        for (uint64_t at = (p * s->e + made.begin) * s->f; at < (p * s->e + made.end) * s->f;
             at++, psums++) {
            if (*psums != data->psums[at])
                note_difference(&sums, at, *psums, data->psums[at]);
            int32_t code = mf_requantise(&requantiser, p % s->m, *psums);
            if (code != data->ofmap[at])
                note_difference(&codes, at, code, data->ofmap[at]);
        }
    MF_TRY(report_difference(&sums, s, made, "sum", diag));
    return report_difference(&codes, s, made, "output code", diag);
}

mf_status mf_execution_check_codes(const mf_layer_data *data, mf_rows made, const int32_t *ofmap,
                                   mf_diag *diag)
{
    const mf_shape *s = &data->shape;
    difference codes = {0};
    for (uint64_t p = 0; p < s->n * s->m; p++)
        for (uint64_t at = (p * s->e + made.begin) * s->f; at < (p * s->e + made.end) * s->f; at++)
            if (ofmap[at] != data->ofmap[at])
                note_difference(&codes, at, ofmap[at], data->ofmap[at]);
    return report_difference(&codes, s, made, "output code", diag);
}

/* ---- what is in the buffer -----------------------------------------------------------------------
 */

/* Numbers, or their signs where nobody reads more. */
mf_status mf_execution_check_left(const mf_layer_data *data, mf_rows made, const mf_held *held,
                                  mf_diag *diag)
{
    const mf_shape *s = &data->shape;
    bool signs = mf_layer_data_written_bits(data) == 1;
    difference codes = {0};
    for (uint64_t p = 0; p < s->n * s->m; p++)
        for (uint64_t e = made.begin; e < made.end; e++) {
            const int32_t *row = mf_held_row(held, p, e);
            for (uint64_t f = 0, at = (p * s->e + e) * s->f; f < s->f; f++, at++) {
                int32_t expected = signs ? mf_integer_sign(data->ofmap[at]) : data->ofmap[at];
                if (row[f] != expected)
                    note_difference(&codes, at, row[f], expected);
            }
        }
    return report_difference(&codes, s, made, "code in the buffer", diag);
}

bool mf_execution_by_rows(const mf_network *network, size_t layer, size_t k)
{
    const mf_layer *l = &network->layers[layer];
    return !mf_kind_role(mf_layer_record_of(l->kind), k)->per_channel &&
           mf_map_rows(network, l->input[k]) == l->shape.h;
}

static const char *maker_of(const mf_network *network, int map)
{
    return map < 0 ? "the network's input" : network->layers[map].name;
}

mf_status mf_execution_check_found(const mf_execution *x, const mf_running *running, size_t k,
                                   mf_rows made, mf_diag *diag)
{
    int map = x->network->layers[running->layer].input[k];
    const mf_held *held = mf_state_map(x, map);
    mf_rows read = mf_layer_reads_rows(x->network, running->layer, k, made);
    uint64_t missing = mf_held_missing(held, read), all = mf_map_rows(x->network, map);
    if (missing < read.end)
        return mf_fail(diag, MF_DIFFERENT,
                       "row %" PRIu64 " of %s is not in the buffer, where it looks for it", missing,
                       maker_of(x->network, map));
    const int32_t *codes = mf_layer_data_input(&running->data, k).codes;
    for (uint64_t p = 0; p < held->n_planes; p++)
        for (uint64_t row = read.begin; row < read.end; row++)
            if (memcmp(mf_held_row(held, p, row), codes + (p * all + row) * held->row_words,
                       held->row_words * sizeof *codes) != 0)
                return mf_fail(
                    diag, MF_DIFFERENT,
                    "the map that it reads in the buffer is not the one that %s left there",
                    maker_of(x->network, map));
    return MF_OK;
}
