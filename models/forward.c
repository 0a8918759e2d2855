/* Inputs, one layer, all layers: the numbers themselves are the source's. */
#include "models/forward.h"

#include "base/arena.h"
#include "models/arithmetic/arithmetic.h"
#include "models/integer_quick.h"
#include "models/kinds/kind.h"
#include "models/readers.h"
#include "models/vector.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

typedef struct map {
    int32_t *codes; /* [n][channels][rows][columns] */
    uint64_t n, channels, rows, columns;
    uint64_t bits, fraction_bits;
    size_t last_reader; /* index of a layer; whoever made the map, if none reads it */
} map;

typedef struct run {
    const mf_network *network;
    const mf_operators *operators;
    const size_t *op_of_layer;
    const mf_forward_options *options;
    const mf_forward_source *source;
    map *maps;           /* that of layer i at i + 1; the network's input first */
    mf_readers *readers; /* [n_layers] */
} run;

static uint64_t n_elements(const map *m)
{
    return m->n * m->channels * m->rows * m->columns;
}

/* The map that a layer names as its input; NULL for none. */
static map *map_of(const run *r, int input)
{
    _Static_assert(MF_NETWORK_INPUT == -1, "the network's input is the map before that of layer 0");
    return input < MF_NETWORK_INPUT ? NULL : &r->maps[input + 1];
}

static bool on_signs(const run *r, const mf_layer *layer)
{
    return mf_layer_has_weights(layer) &&
           mf_operator_on_signs(mf_operators_at(r->operators, r->op_of_layer[layer->number]));
}

/* Width of the numbers that a layer reads, or takes the signs of, and makes. */
static uint64_t bits_of(const run *r, const mf_layer *layer)
{
    if (!mf_layer_has_weights(layer))
        return r->options->activation_bits;
    const mf_widths *widths = &r->options->widths[layer->number];
    return on_signs(r, layer) ? widths->ofmap_bits : widths->activation_bits;
}

static int32_t clamp(int64_t code, uint64_t bits)
{
    int64_t most = ((int64_t)1 << (bits - 1)) - 1;
    return (int32_t)(code < -most - 1 ? -most - 1 : code > most ? most : code);
}

/* ---- inputs ------------------------------------------------------------------------------------
 */

/* Does every `step`-th of `from` positions give `to` of them? */
static bool subsamples(uint64_t from, uint64_t to, uint64_t *step)
{
    *step = (from + to - 1) / to;
    return (from + *step - 1) / *step == to;
}

/* The shortcut without weights: where `from` is not of the shape that a residual sum needs, but
 * larger with fewer channels, every step-th position and channels of zeros around it. */
static mf_status pad_shortcut(mf_arena *arena, const mf_shape *s, map *from, mf_diag *diag)
{
    uint64_t row_step, column_step;
    if (from->n != s->n || from->channels > s->c || !subsamples(from->rows, s->h, &row_step) ||
        !subsamples(from->columns, s->w, &column_step))
        return MF_OK;
    int32_t *codes = MF_NEW_ARRAY(arena, int32_t, mf_shape_ifmap(s));
    if (!codes)
        return mf_fail_memory(diag);
    uint64_t before = (s->c - from->channels) / 2;
    for (uint64_t n = 0; n < s->n; n++)
        for (uint64_t c = 0; c < from->channels; c++) {
            const int32_t *plane =
                from->codes + (n * from->channels + c) * from->rows * from->columns;
            int32_t *to = codes + (n * s->c + before + c) * s->h * s->w;
            for (uint64_t h = 0; h < s->h; h++)
                for (uint64_t w = 0; w < s->w; w++)
                    to[h * s->w + w] = plane[h * row_step * from->columns + w * column_step];
        }
    from->codes = codes;
    from->channels = s->c;
    from->rows = s->h;
    from->columns = s->w;
    return MF_OK;
}

/* A map brought to the width and scale of its reader. */
static mf_status narrow(mf_arena *arena, uint64_t bits, map *m, mf_diag *diag)
{
    uint64_t n = n_elements(m), fraction_bits = mf_forward_fraction_bits(bits);
    int32_t *codes = MF_NEW_ARRAY(arena, int32_t, n);
    if (!codes)
        return mf_fail_memory(diag);
    for (uint64_t i = 0; i < n; i++)
        codes[i] = clamp(mf_round_shift(m->codes[i], m->fraction_bits - fraction_bits), bits);
    m->codes = codes;
    m->bits = bits;
    m->fraction_bits = fraction_bits;
    return MF_OK;
}

/* The signs of a map: whole numbers. */
static mf_status take_signs(mf_arena *arena, map *m, mf_diag *diag)
{
    uint64_t n = n_elements(m);
    int32_t *codes = MF_NEW_ARRAY(arena, int32_t, n);
    if (!codes)
        return mf_fail_memory(diag);
    for (uint64_t i = 0; i < n; i++)
        codes[i] = mf_integer_sign(m->codes[i]);
    m->codes = codes;
    m->bits = 1;
    m->fraction_bits = 0;
    return MF_OK;
}

/* The numbers of a layer's input `k`: those of the map it names, or the source's. */
static mf_status read_numbers(const run *r, mf_arena *arena, size_t index, size_t k, map *out,
                              mf_diag *diag)
{
    const mf_layer *layer = &r->network->layers[index];
    const mf_layer_record *kind = mf_layer_record_of(layer->kind);
    const map *from = map_of(r, layer->input[k]);
    uint64_t bits = bits_of(r, layer), n = mf_layer_input_words(layer, k);
    if (from) {
        *out = *from;
        if (mf_kind_role(kind, k)->may_be_smaller && n_elements(out) != n)
            MF_TRY(pad_shortcut(arena, &layer->shape, out, diag));
        if (n_elements(out) == n)
            return out->bits > bits && !on_signs(r, layer) ? narrow(arena, bits, out, diag) : MF_OK;
    }
    int32_t *codes = MF_NEW_ARRAY(arena, int32_t, n);
    if (!codes)
        return mf_fail_memory(diag);
    *out = (map){.codes = codes, .n = n, .channels = 1, .rows = 1, .columns = 1, .bits = bits};
    return r->source->input(r->source->user, index, (int)k, bits, n, codes, &out->fraction_bits,
                            diag);
}

/* The codes that a layer reads. */
static mf_status read_input(const run *r, mf_arena *arena, size_t index, size_t k, map *out,
                            mf_diag *diag)
{
    MF_TRY(read_numbers(r, arena, index, k, out, diag));
    return on_signs(r, &r->network->layers[index]) ? take_signs(arena, out, diag) : MF_OK;
}

static mf_status read_inputs(const run *r, mf_arena *arena, size_t index, mf_layer_data *data,
                             mf_diag *diag)
{
    const mf_layer *layer = &r->network->layers[index];
    map read;
    MF_TRY(read_input(r, arena, index, 0, &read, diag));
    data->ifmap = read.codes;
    data->ifmap_fraction_bits = read.fraction_bits;
    for (size_t k = 1; k < layer->n_inputs; k++) {
        MF_TRY(read_input(r, arena, index, k, &read, diag));
        data->others[data->n_others++] =
            (mf_layer_input){read.codes, layer->input_channels[k], read.fraction_bits};
    }
    return MF_OK;
}

/* ---- what the source says -----------------------------------------------------------------------
 */

static mf_status make_weights(const run *r, mf_arena *arena, size_t index, mf_layer_data *data,
                              mf_diag *diag)
{
    int32_t *codes = MF_NEW_ARRAY(arena, int32_t, mf_shape_weights(&data->shape));
    if (!codes)
        return mf_fail_memory(diag);
    MF_TRY(
        r->source->weights(r->source->user, index, data, codes, &data->weight_fraction_bits, diag));
    data->weights = codes;
    return MF_OK;
}

static mf_status make_requantiser(const run *r, mf_arena *arena, size_t index, mf_layer_data *data,
                                  mf_diag *diag)
{
    int32_t *multiplier = MF_NEW_ARRAY(arena, int32_t, data->shape.m);
    int64_t *addend = MF_NEW_ARRAY(arena, int64_t, data->shape.m);
    if (!multiplier || !addend)
        return mf_fail_memory(diag);
    MF_TRY(r->source->requantiser(r->source->user, index, data, multiplier, addend,
                                  &data->requantise_shift, diag));
    data->multiplier = multiplier;
    data->addend = addend;
    return MF_OK;
}

/* ---- a layer -----------------------------------------------------------------------------------
 */

static mf_status check_bits(const char *what, uint64_t bits, uint64_t least, uint64_t most,
                            mf_diag *diag)
{
    if (bits >= least && bits <= most)
        return MF_OK;
    return mf_fail(diag, MF_INVALID,
                   "%s is %" PRIu64 ", expected %" PRIu64 " to %" PRIu64 " to execute it", what,
                   bits, least, most);
}

static mf_status format_of(const run *r, const mf_layer *layer, mf_layer_data *data, mf_diag *diag)
{
    mf_integer_format *format = &data->format;
    *format = (mf_integer_format){.activation_bits = r->options->activation_bits};
    if (mf_layer_has_weights(layer)) {
        const mf_operator *op = mf_operators_at(r->operators, r->op_of_layer[layer->number]);
        MF_TRY(mf_integer_format_of(op, &r->options->widths[layer->number], format, diag));
        MF_TRY(check_bits("psum_bits", format->psum_bits, 2, 63, diag));
        MF_TRY(check_bits("product_shift", format->product_shift, 0, 61, diag));
        format->zero_code =
            mf_arithmetic_record_of(format->arithmetic)->has_zero_code && r->options->zero_code;
        data->op = op->name;
    }
    data->ofmap_bits = bits_of(r, layer);
    return check_bits(on_signs(r, layer) ? "ofmap_bits" : "activation_bits", data->ofmap_bits, 2,
                      32, diag);
}

static mf_status compute_weights(const run *r, mf_arena *arena, size_t index, mf_layer_data *data,
                                 int32_t *ofmap, mf_diag *diag)
{
    const mf_shape *s = &data->shape;
    int64_t *psums = MF_NEW_ARRAY(arena, int64_t, mf_shape_ofmap(s));
    if (!psums)
        return mf_fail_memory(diag);
    MF_TRY(mf_integer_layer_quick(s, &data->format, data->ifmap, data->weights, psums, diag));
    data->psums = psums;
    MF_TRY(make_requantiser(r, arena, index, data, diag));
    const mf_requantiser requantiser = mf_layer_data_requantiser(data);
    uint64_t plane = s->e * s->f;
    for (uint64_t p = 0; p < s->n * s->m; p++)
        for (uint64_t i = p * plane; i < (p + 1) * plane; i++)
            ofmap[i] = mf_requantise(&requantiser, p % s->m, psums[i]);
    return MF_OK;
}

/* Fills in all of `data`; what a later layer needs goes into the layer's map, the rest into
 * `arena`. */
static mf_status compute(const run *r, mf_arena *arena, size_t index, mf_layer_data *data,
                         mf_diag *diag)
{
    const mf_layer *layer = &r->network->layers[index];
    const mf_shape *s = &layer->shape;
    map *out = &r->maps[index + 1];
    *data = (mf_layer_data){.name = layer->name,
                            .kind = layer->kind,
                            .shape = *s,
                            .maximum = layer->maximum,
                            .activation = layer->activation};
    MF_TRY(format_of(r, layer, data, diag));
    data->written_bits = mf_readers_written_bits(r->readers[index], data->ofmap_bits);
    data->ofmap_fraction_bits = r->source->fraction_bits(r->source->user, index, data->ofmap_bits);
    MF_TRY(read_inputs(r, arena, index, data, diag));
    int32_t *ofmap = calloc(mf_shape_ofmap(s), sizeof *ofmap);
    if (!ofmap)
        return mf_fail_memory(diag);
    data->ofmap = out->codes = ofmap;
    out->n = s->n, out->channels = s->m, out->rows = s->e, out->columns = s->f;
    out->bits = data->ofmap_bits;
    out->fraction_bits = data->ofmap_fraction_bits;
    if (!mf_layer_has_weights(layer))
        return mf_vector_compute(data, ofmap, diag);
    MF_TRY(make_weights(r, arena, index, data, diag));
    return compute_weights(r, arena, index, data, ofmap, diag);
}

static mf_status run_layer(const run *r, size_t index, mf_forward_sink *sink, void *user,
                           mf_diag *diag)
{
    mf_layer_data data;
    mf_arena *arena = mf_arena_create();
    mf_status status = arena ? compute(r, arena, index, &data, diag) : mf_fail_memory(diag);
    status = status == MF_OK
                 ? sink(user, index, &data, diag)
                 : mf_fail_at(diag, status, "layer %s", r->network->layers[index].name);
    mf_arena_destroy(arena);
    return status;
}

/* ---- all layers --------------------------------------------------------------------------------
 */

static void release(map *m)
{
    free(m->codes);
    m->codes = NULL;
}

static void find_last_readers(run *r)
{
    for (size_t i = 0; i < r->network->n_layers; i++) {
        const mf_layer *layer = &r->network->layers[i];
        r->maps[i + 1].last_reader = i;
        for (size_t k = 0; k < layer->n_inputs; k++) {
            map *m = map_of(r, layer->input[k]);
            if (m)
                m->last_reader = i;
        }
    }
}

/* The network's own input, as wide as its first layer's activations. */
static mf_status make_network_input(run *r, mf_diag *diag)
{
    const mf_network *network = r->network;
    map *input = &r->maps[0];
    uint64_t bits = bits_of(r, &network->layers[0]);
    MF_TRY(check_bits("activation_bits", bits, 2, 32, diag));
    input->n = network->batch, input->channels = network->input_channels;
    input->rows = network->input_rows, input->columns = network->input_columns;
    input->bits = bits;
    int32_t *codes = calloc(n_elements(input), sizeof *codes);
    if (!codes)
        return mf_fail_memory(diag);
    input->codes = codes;
    return r->source->input(r->source->user, 0, MF_FORWARD_NETWORK, bits, n_elements(input), codes,
                            &input->fraction_bits, diag);
}

mf_status mf_forward_run(const mf_network *network, const mf_operators *operators,
                         const size_t *op_of_layer, const mf_forward_options *options,
                         const mf_forward_source *source, mf_forward_sink *sink, void *user,
                         mf_diag *diag)
{
    assert(network->n_layers > 0);
    mf_status status = MF_OK;
    size_t n_maps = network->n_layers + 1;
    run r = {.network = network,
             .operators = operators,
             .op_of_layer = op_of_layer,
             .options = options,
             .source = source,
             .maps = calloc(n_maps, sizeof *r.maps),
             .readers = malloc(network->n_layers * sizeof *r.readers)};
    if (!r.maps || !r.readers)
        MF_TRY_DONE(mf_fail_memory(diag));
    mf_readers_find(network, operators, op_of_layer, r.readers);
    find_last_readers(&r);
    MF_TRY_DONE(make_network_input(&r, diag));
    for (size_t i = 0; i < network->n_layers; i++) {
        MF_TRY_DONE(run_layer(&r, i, sink, user, diag));
        for (size_t m = 0; m < n_maps; m++)
            if (r.maps[m].last_reader <= i)
                release(&r.maps[m]);
    }
done:
    for (size_t m = 0; r.maps && m < n_maps; m++)
        release(&r.maps[m]);
    free(r.maps);
    free(r.readers);
    return status;
}
