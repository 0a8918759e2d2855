/* Random codes, inputs, the normalising requantiser, one layer, all layers. */
#include "models/forward.h"

#include "base/arena.h"
#include "base/random.h"
#include "models/vector.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum {
    INTEGER_BITS = 5,  /* of a map, with the sign: -16.0 to 16.0 */
    SMALLEST_SPAN = 4, /* codes of few bits reach at least this far, or all were zero */
    FEWEST_SUMS = 8,   /* of a channel that is normalised by itself */
    MULTIPLIER_BITS = 30,
    PRODUCT_BITS = 61 /* of psum * multiplier, and of the addend: their sum fits 64 bits */
};

/* What is random about layer i is drawn from the streams N_STREAMS * i + 1, + 2, ...; the network's
 * input is stream 0. */
enum { WEIGHTS_STREAM = 1, INPUT_STREAM, SECOND_STREAM, N_STREAMS = SECOND_STREAM };

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
    map *maps; /* that of layer i at i + 1; the network's input first */
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

static mf_random stream_of(const run *r, size_t layer, unsigned stream)
{
    return mf_random_stream(r->options->seed, (uint64_t)layer * N_STREAMS + stream);
}

/* Width of the activations that a layer reads and makes. */
static uint64_t bits_of(const run *r, const mf_layer *layer)
{
    return mf_layer_has_weights(layer) ? r->options->widths[layer->number].activation_bits
                                       : r->options->activation_bits;
}

uint64_t mf_forward_fraction_bits(uint64_t activation_bits)
{
    return activation_bits > INTEGER_BITS ? activation_bits - INTEGER_BITS : 0;
}

/* ---- random codes ------------------------------------------------------------------------------
 */

static int64_t power_of_two(uint64_t bits)
{
    return (int64_t)((uint64_t)1 << bits);
}

static int32_t clamp(int64_t code, uint64_t bits)
{
    int64_t most = power_of_two(bits - 1) - 1;
    return (int32_t)(code < -most - 1 ? -most - 1 : code > most ? most : code);
}

/* Codes of `bits` bits between -span and span, with a standard deviation of 0.29 span: the sum of
 * four uniform numbers, which are the quarters of one random word. */
static void draw_bell(mf_random *random, int64_t span, uint64_t bits, uint64_t n, int32_t *codes)
{
    if (span < SMALLEST_SPAN)
        span = SMALLEST_SPAN;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t word = mf_random_bits(random);
        int64_t sum = -2 * 0xffff; /* the mean */
        for (int k = 0; k < 4; k++, word >>= 16)
            sum += (int64_t)(word & 0xffff);
        codes[i] = clamp(mf_round_shift(sum * span, 17), bits);
    }
}

static void draw_map(mf_random *random, uint64_t bits, uint64_t n, int32_t *codes)
{
    draw_bell(random, power_of_two(bits) / 4, bits, n, codes);
}

static void draw_shifts(mf_random *random, uint64_t n, int32_t *codes)
{
    for (uint64_t i = 0; i < n; i++) {
        uint64_t exponent = 0;
        for (int k = 0; k < 3; k++)
            exponent += mf_random_between(random, 0, MF_SHIFT_FRACTION_BITS / 3);
        uint64_t sign = mf_random_between(random, 0, 1) * MF_SHIFT_SIGN;
        codes[i] = (int32_t)(sign + exponent);
    }
}

/* Random weights, and what their codes mean. */
static mf_status make_weights(const run *r, mf_arena *arena, size_t index, mf_layer_data *data,
                              mf_diag *diag)
{
    mf_random random = stream_of(r, index, WEIGHTS_STREAM);
    uint64_t n = mf_shape_weights(&data->shape), bits = data->format.weight_bits;
    int32_t *codes = MF_NEW_ARRAY(arena, int32_t, n);
    if (!codes)
        return mf_fail_memory(diag);
    switch (data->format.arithmetic) {
    case MF_ARITHMETIC_SHIFT:
        draw_shifts(&random, n, codes);
        data->weight_fraction_bits = MF_SHIFT_FRACTION_BITS;
        break;
    case MF_ARITHMETIC_ADD:
        /* A difference means something between numbers of one scale only: 4.0 is where the bell
         * ends whose standard deviation is about that of normalised maps. */
        data->weight_fraction_bits = data->ifmap_fraction_bits;
        draw_bell(&random, 4 * power_of_two(data->ifmap_fraction_bits), bits, n, codes);
        break;
    default:
        data->weight_fraction_bits = bits - 1;
        draw_bell(&random, power_of_two(bits) / 4, bits, n, codes);
    }
    data->weights = codes;
    return MF_OK;
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

/* `n` codes for a layer: those of the map it names as `input`, or random ones of `stream`. */
static mf_status read_input(const run *r, mf_arena *arena, size_t index, int input, uint64_t n,
                            unsigned stream, map *out, mf_diag *diag)
{
    const mf_layer *layer = &r->network->layers[index];
    const map *from = map_of(r, input);
    uint64_t bits = bits_of(r, layer);
    if (from) {
        *out = *from;
        if (layer->kind == MF_LAYER_RESIDUAL_ADD && n_elements(out) != n)
            MF_TRY(pad_shortcut(arena, &layer->shape, out, diag));
        if (n_elements(out) == n)
            return out->bits > bits ? narrow(arena, bits, out, diag) : MF_OK;
    }
    int32_t *codes = MF_NEW_ARRAY(arena, int32_t, n);
    if (!codes)
        return mf_fail_memory(diag);
    mf_random random = stream_of(r, index, stream);
    draw_map(&random, bits, n, codes);
    *out = (map){.codes = codes, .bits = bits, .fraction_bits = mf_forward_fraction_bits(bits)};
    return MF_OK;
}

static mf_status read_inputs(const run *r, mf_arena *arena, size_t index, mf_layer_data *data,
                             mf_diag *diag)
{
    const mf_layer *layer = &r->network->layers[index];
    const mf_shape *s = &layer->shape;
    /* A scaling names its factors first. */
    bool scales = layer->kind == MF_LAYER_SCALE;
    map first = {0}, second = {0};
    uint64_t n = mf_shape_ifmap(s), n_second = scales ? s->n * s->c : n;
    MF_TRY(read_input(r, arena, index, layer->input[scales], n, INPUT_STREAM, &first, diag));
    if (scales || layer->kind == MF_LAYER_RESIDUAL_ADD)
        MF_TRY(read_input(r, arena, index, layer->input[!scales], n_second, SECOND_STREAM, &second,
                          diag));
    data->ifmap = first.codes;
    data->ifmap_fraction_bits = first.fraction_bits;
    data->second = second.codes;
    data->second_fraction_bits = second.fraction_bits;
    return MF_OK;
}

/* ---- the requantiser ---------------------------------------------------------------------------
 */

typedef __int128 wide;

typedef struct moments {
    double mean, deviation, peak; /* peak: the largest absolute value */
} moments;

/* Over the sums of the channels `first` to `end` - 1. In one fixed order and with nothing of libm
 * but the square root, which is rounded the same everywhere: the same bits on every machine. */
static moments measure(const mf_shape *s, const int64_t *psums, uint64_t first, uint64_t end)
{
    uint64_t plane = s->e * s->f, length = (end - first) * plane;
    double count = (double)(s->n * length), squares = 0;
    wide sum = 0;
    int64_t least = 0, most = 0;
    for (uint64_t n = 0; n < s->n; n++)
        for (uint64_t i = 0; i < length; i++) {
            int64_t psum = psums[(n * s->m + first) * plane + i];
            sum += psum;
            least = psum < least ? psum : least;
            most = psum > most ? psum : most;
        }
    moments result = {.mean = (double)sum / count};
    result.peak = -(double)least > (double)most ? -(double)least : (double)most;
    for (uint64_t n = 0; n < s->n; n++)
        for (uint64_t i = 0; i < length; i++) {
            double away = (double)psums[(n * s->m + first) * plane + i] - result.mean;
            squares += away * away;
        }
    result.deviation = sqrt(squares / count);
    return result;
}

/* What a code is in sums: code = psum * gain + offset. */
typedef struct line {
    double gain, offset;
} line;

/* `whole` is measured over all channels and `own` over this one; `one` is the code of 1.0. */
static line normalise(const moments *whole, const moments *own, double one)
{
    /* A channel that hardly varies (its inputs are all zero, say) shall not be blown up to noise,
     * nor make the common shift too small for the other channels. */
    double deviation = own->deviation < whole->deviation / 1024 ? whole->deviation : own->deviation;
    if (deviation == 0)
        deviation = 1;
    /* The least with which multiplier and products fit even without a shift. */
    double multiplier = one / (double)power_of_two(MULTIPLIER_BITS),
           product = one * whole->peak / (double)power_of_two(PRODUCT_BITS);
    deviation = fmax(deviation, fmax(multiplier, product));
    return (line){.gain = one / deviation, .offset = -own->mean / deviation * one};
}

/* The largest shift with which all multipliers have at most MULTIPLIER_BITS and all products and
 * addends PRODUCT_BITS. */
static uint64_t common_shift(const line *lines, uint64_t n, double peak)
{
    double gain = 0, scale = 1;
    for (uint64_t m = 0; m < n; m++)
        gain = fmax(gain, lines[m].gain);
    /* No mean is beyond the peak, so this bounds the addends, too. */
    double used = fmax(gain / (double)power_of_two(MULTIPLIER_BITS),
                       gain * peak / (double)power_of_two(PRODUCT_BITS));
    uint64_t shift = 0;
    for (; shift < MF_MAX_REQUANTISE_SHIFT && used * scale * 2 <= 1; shift++)
        scale *= 2;
    return shift;
}

static mf_status fit_requantiser(mf_arena *arena, const int64_t *psums, mf_layer_data *data,
                                 mf_diag *diag)
{
    const mf_shape *s = &data->shape;
    line *lines = MF_NEW_ARRAY(arena, line, s->m);
    int32_t *multiplier = MF_NEW_ARRAY(arena, int32_t, s->m);
    int64_t *addend = MF_NEW_ARRAY(arena, int64_t, s->m);
    if (!lines || !multiplier || !addend)
        return mf_fail_memory(diag);
    bool together = s->n * s->e * s->f < FEWEST_SUMS;
    double one = (double)power_of_two(data->ofmap_fraction_bits);
    const moments whole = measure(s, psums, 0, s->m);
    for (uint64_t m = 0; m < s->m; m++) {
        moments own = together ? whole : measure(s, psums, m, m + 1);
        lines[m] = normalise(&whole, &own, one);
    }
    data->requantise_shift = common_shift(lines, s->m, whole.peak);
    double scale = (double)power_of_two(data->requantise_shift);
    for (uint64_t m = 0; m < s->m; m++) {
        multiplier[m] = (int32_t)floor(lines[m].gain * scale + 0.5);
        addend[m] = (int64_t)floor(lines[m].offset * scale + 0.5);
    }
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
        MF_TRY(check_bits("weight_bits", format->weight_bits, 2, 32, diag));
        MF_TRY(check_bits("psum_bits", format->psum_bits, 2, 63, diag));
        MF_TRY(check_bits("product_shift", format->product_shift, 0, 61, diag));
        format->zero_code = format->arithmetic == MF_ARITHMETIC_SHIFT && r->options->zero_code;
        data->op = op->name;
    }
    return check_bits("activation_bits", format->activation_bits, 2, 32, diag);
}

static mf_status compute_weights(mf_arena *arena, mf_layer_data *data, int32_t *ofmap,
                                 mf_diag *diag)
{
    const mf_shape *s = &data->shape;
    int64_t *psums = MF_NEW_ARRAY(arena, int64_t, mf_shape_ofmap(s));
    if (!psums)
        return mf_fail_memory(diag);
    MF_TRY(mf_integer_layer(s, &data->format, data->ifmap, data->weights, psums, diag));
    data->psums = psums;
    MF_TRY(fit_requantiser(arena, psums, data, diag));
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
    data->ofmap_fraction_bits = mf_forward_fraction_bits(data->format.activation_bits);
    MF_TRY(read_inputs(r, arena, index, data, diag));
    int32_t *ofmap = calloc(mf_shape_ofmap(s), sizeof *ofmap);
    if (!ofmap)
        return mf_fail_memory(diag);
    data->ofmap = out->codes = ofmap;
    out->n = s->n, out->channels = s->m, out->rows = s->e, out->columns = s->f;
    out->bits = data->format.activation_bits;
    out->fraction_bits = data->ofmap_fraction_bits;
    if (!mf_layer_has_weights(layer))
        return mf_vector_compute(data, ofmap, diag);
    MF_TRY(make_weights(r, arena, index, data, diag));
    return compute_weights(arena, data, ofmap, diag);
}

static mf_status run_layer(const run *r, size_t index, mf_forward_sink *sink, void *user,
                           mf_diag *diag)
{
    mf_layer_data data;
    mf_diag why = {0};
    mf_arena *arena = mf_arena_create();
    mf_status status = arena ? compute(r, arena, index, &data, &why) : mf_fail_memory(&why);
    if (status == MF_OK) {
        status = sink(user, index, &data, diag);
    } else {
        mf_fail(diag, status, "layer %s: %s", r->network->layers[index].name, why.message);
        if (why.hint[0])
            mf_hint(diag, "%s", why.hint);
    }
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
        for (int k = 0; k < 2; k++) {
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
    input->fraction_bits = mf_forward_fraction_bits(bits);
    int32_t *codes = calloc(n_elements(input), sizeof *codes);
    if (!codes)
        return mf_fail_memory(diag);
    input->codes = codes;
    mf_random random = mf_random_stream(r->options->seed, 0);
    draw_map(&random, bits, n_elements(input), codes);
    return MF_OK;
}

mf_status mf_forward_random(const mf_network *network, const mf_operators *operators,
                            const size_t *op_of_layer, const mf_forward_options *options,
                            mf_forward_sink *sink, void *user, mf_diag *diag)
{
    assert(network->n_layers > 0);
    mf_status status = MF_OK;
    size_t n_maps = network->n_layers + 1;
    run r = {.network = network,
             .operators = operators,
             .op_of_layer = op_of_layer,
             .options = options,
             .maps = calloc(n_maps, sizeof *r.maps)};
    if (!r.maps)
        return mf_fail_memory(diag);
    find_last_readers(&r);
    MF_TRY_DONE(make_network_input(&r, diag));
    for (size_t i = 0; i < network->n_layers; i++) {
        MF_TRY_DONE(run_layer(&r, i, sink, user, diag));
        for (size_t m = 0; m < n_maps; m++)
            if (r.maps[m].last_reader <= i)
                release(&r.maps[m]);
    }
done:
    for (size_t m = 0; m < n_maps; m++)
        release(&r.maps[m]);
    free(r.maps);
    return status;
}
