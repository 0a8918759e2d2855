/* Random codes, and a requantiser that normalises. */
#include "base/random.h"
#include "models/arithmetic/arithmetic.h"
#include "models/forward.h"
#include "models/random_codes.h"

#include <math.h>
#include <stdlib.h>

enum {
    INTEGER_BITS = 5, /* of a map, with the sign: -16.0 to 16.0 */
    FEWEST_SUMS = 8,  /* of a channel that is normalised by itself */
    MULTIPLIER_BITS = 30,
    PRODUCT_BITS = 61 /* of psum * multiplier, and of the addend: their sum fits 64 bits */
};

/* What is random about layer i is drawn from the streams 3 i + 1 (weights), + 2, + 3 (its first two
 * inputs), and for its input k from the third on, counted from 0, k * 2^32 + i; the network's input
 * is stream 0. */
enum { WEIGHTS_STREAM = 1, INPUT_STREAM, SECOND_STREAM, N_STREAMS = SECOND_STREAM };

static mf_random stream_of(const mf_forward_options *options, size_t layer, unsigned stream)
{
    return mf_random_stream(options->seed, (uint64_t)layer * N_STREAMS + stream);
}

static mf_random input_stream(const mf_forward_options *options, size_t layer, int which)
{
    if (which == MF_FORWARD_NETWORK)
        return mf_random_stream(options->seed, 0);
    if (which > 1)
        return mf_random_stream(options->seed, ((uint64_t)which << 32) + layer);
    return stream_of(options, layer, which == 0 ? INPUT_STREAM : SECOND_STREAM);
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

static void draw_map(mf_random *random, uint64_t bits, uint64_t n, int32_t *codes)
{
    mf_draw_bell(random, power_of_two(bits) / 4, bits, n, codes);
}

/* Random weights, and what their codes mean. */
static mf_status make_weights(void *user, size_t index, const mf_layer_data *data, int32_t *codes,
                              uint64_t *fraction_bits, mf_diag *diag)
{
    mf_random random = stream_of(user, index, WEIGHTS_STREAM);
    const mf_integer_format *format = &data->format;
    (void)diag;
    *fraction_bits = mf_arithmetic_record_of(format->arithmetic)
                         ->draw(&random, format, data->ifmap_fraction_bits,
                                mf_shape_weights(&data->shape), codes);
    return MF_OK;
}

static mf_status make_input(void *user, size_t index, int which, uint64_t bits, uint64_t n,
                            int32_t *codes, uint64_t *fraction_bits, mf_diag *diag)
{
    mf_random random = input_stream(user, index, which);
    (void)diag;
    draw_map(&random, bits, n, codes);
    *fraction_bits = mf_forward_fraction_bits(bits);
    return MF_OK;
}

static uint64_t fraction_bits_of(void *user, size_t index, uint64_t activation_bits)
{
    (void)user;
    (void)index;
    return mf_forward_fraction_bits(activation_bits);
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

static mf_status make_requantiser(void *user, size_t index, const mf_layer_data *data,
                                  int32_t *multiplier, int64_t *addend, uint64_t *shift,
                                  mf_diag *diag)
{
    const mf_shape *s = &data->shape;
    line *lines = malloc(s->m * sizeof *lines);
    (void)user;
    (void)index;
    if (!lines)
        return mf_fail_memory(diag);
    bool together = s->n * s->e * s->f < FEWEST_SUMS;
    double one = (double)power_of_two(data->ofmap_fraction_bits);
    const moments whole = measure(s, data->psums, 0, s->m);
    for (uint64_t m = 0; m < s->m; m++) {
        moments own = together ? whole : measure(s, data->psums, m, m + 1);
        lines[m] = normalise(&whole, &own, one);
    }
    *shift = common_shift(lines, s->m, whole.peak);
    double scale = (double)power_of_two(*shift);
    for (uint64_t m = 0; m < s->m; m++) {
        multiplier[m] = (int32_t)floor(lines[m].gain * scale + 0.5);
        addend[m] = (int64_t)floor(lines[m].offset * scale + 0.5);
    }
    free(lines);
    return MF_OK;
}

mf_status mf_forward_random(const mf_network *network, const mf_operators *operators,
                            const size_t *op_of_layer, const mf_forward_options *options,
                            mf_forward_sink *sink, void *user, mf_diag *diag)
{
    mf_forward_options copy = *options;
    mf_forward_source source = {.user = &copy,
                                .input = make_input,
                                .weights = make_weights,
                                .requantiser = make_requantiser,
                                .fraction_bits = fraction_bits_of};
    return mf_forward_run(network, operators, op_of_layer, options, &source, sink, user, diag);
}
