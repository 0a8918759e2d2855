/* Ranges to scales, parameters to codes. */
#include "train/quantise.h"

#include "train/kinds/training_kind.h"
#include "train/operators/training_operator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MULTIPLIER_BITS = 30, ADDEND_BITS = 61 };

struct mf_quantised {
    mf_model *model;
    const mf_operators *operators;
    const size_t *op_of_layer;
    mf_arena *arena;
    mf_forward_options options;
    uint64_t *fraction_bits; /* of the images at 0, of layer i's output at i + 1 */
    uint64_t n_zeros;
    const mf_network *network; /* of the run under way */
    const float *images;
};

/* ---- scales ------------------------------------------------------------------------------------
 */

/* The map that layer `index` reads first, as a position in fraction_bits. */
static size_t input_of(const mf_quantised *q, size_t index)
{
    return (size_t)(q->model->network->layers[index].input[0] + 1);
}

/* Hard curves bend at 6.0 and -3.0, which must be codes. */
static bool bends_at_six(mf_activation activation)
{
    return activation != MF_ACTIVATION_NONE && activation != MF_ACTIVATION_RELU;
}

/* The largest magnitude that layer `index` put out. */
static mf_status peak_of_output(const mf_quantised *q, size_t index, uint64_t n, double *peak,
                                mf_diag *diag)
{
    mf_shape shape = mf_state_shape(&q->model->states[index], n);
    float *output = malloc(mf_shape_ofmap(&shape) * sizeof *output);
    if (!output)
        return mf_fail_memory(diag);
    mf_model_output(q->model, index, n, output);
    *peak = mf_peak_of(output, mf_shape_ofmap(&shape));
    free(output);
    return MF_OK;
}

static mf_status choose_scales(mf_quantised *q, const float *images, uint64_t n, uint64_t bits,
                               mf_diag *diag)
{
    const mf_network *network = q->model->network;
    uint64_t pixels = n * network->input_channels * network->input_rows * network->input_columns;
    q->fraction_bits[0] = mf_finest_scale(mf_peak_of(images, pixels), bits);
    for (size_t i = 0; i < network->n_layers; i++) {
        const mf_state *s = &q->model->states[i];
        double peak = 0;
        MF_TRY(peak_of_output(q, i, n, &peak, diag));
        if (bends_at_six(s->layer->activation))
            peak = fmax(peak, 6);
        q->fraction_bits[i + 1] = mf_finest_scale(peak, bits);
    }
    for (size_t i = 0; i < network->n_layers; i++) {
        const mf_state *s = &q->model->states[i];
        if (!mf_layer_has_weights(s->layer) || !s->op->shares_scale)
            continue;
        uint64_t *scale = &q->fraction_bits[input_of(q, i)],
                 own = mf_finest_scale(
                     mf_peak_of(mf_state_forward_weights(s), mf_shape_weights(&s->layer->shape)),
                     bits);
        *scale = own < *scale ? own : *scale;
    }
    return MF_OK;
}

/* ---- the source --------------------------------------------------------------------------------
 */

/* NHWC to NCHW. */
static mf_status give_input(void *user, size_t index, int which, uint64_t bits, uint64_t n,
                            int32_t *codes, uint64_t *fraction_bits, mf_diag *diag)
{
    const mf_quantised *q = user;
    const mf_network *network = q->network;
    uint64_t c = network->input_channels, pixels = network->input_rows * network->input_columns;
    (void)index;
    if (which != MF_FORWARD_NETWORK || n != network->batch * c * pixels)
        return mf_fail(diag, MF_INVALID,
                       "a layer reads what no layer makes: it cannot be exported");
    *fraction_bits = q->fraction_bits[0];
    for (uint64_t i = 0; i < network->batch; i++)
        for (uint64_t p = 0; p < pixels; p++)
            for (uint64_t k = 0; k < c; k++)
                codes[(i * c + k) * pixels + p] =
                    mf_nearest_code(q->images[(i * pixels + p) * c + k], *fraction_bits, bits);
    return MF_OK;
}

static const mf_weight_layout *layout_of(mf_layer_kind kind)
{
    return mf_training_kind_of(kind)->weights;
}

/* A fully connected layer behind a map reads it as H, W, C in training and as C, H, W as codes. */
static uint64_t flattened(const mf_quantised *q, size_t index, uint64_t c)
{
    int from = q->model->network->layers[index].input[0];
    if (!layout_of(q->model->network->layers[index].kind)->flattens || from < 0)
        return c;
    const mf_shape *map = &q->model->network->layers[from].shape;
    uint64_t pixels = map->e * map->f;
    return c % pixels * map->m + c / pixels;
}

static mf_status give_weights(void *user, size_t index, const mf_layer_data *data, int32_t *codes,
                              uint64_t *fraction_bits, mf_diag *diag)
{
    mf_quantised *q = user;
    const mf_state *s = &q->model->states[index];
    const mf_shape *k = &data->shape;
    const mf_weight_layout *layout = layout_of(data->kind);
    const float *w = mf_state_forward_weights(s);
    uint64_t channels = k->c / k->g;
    (void)diag;
    *fraction_bits = 0;
    if (s->op->fraction_bits)
        *fraction_bits = s->op->fraction_bits(w, mf_shape_weights(k), data->format.weight_bits,
                                              data->ifmap_fraction_bits);
    for (uint64_t m = 0; m < k->m; m++) {
        double unit = s->form->unit ? s->form->unit(s, m) : 1;
        for (uint64_t c = 0; c < channels; c++)
            for (uint64_t r = 0; r < k->r; r++)
                for (uint64_t t = 0; t < k->s; t++, codes++) {
                    float value = w[layout->at(k, m, flattened(q, index, c), r, t)];
                    if (s->form->unit)
                        value = (float)(value / unit);
                    *codes = s->op->code(&data->format, value, *fraction_bits);
                }
    }
    return MF_OK;
}

/* What an output is in terms of a sum: gain * psum + offset, in codes of the output. */
static void line_of(const mf_quantised *q, const mf_state *s, const mf_layer_data *data, uint64_t m,
                    double *gain, double *offset)
{
    double fraction = (double)data->ifmap_fraction_bits - (double)data->format.product_shift,
           one = exp2((double)data->ofmap_fraction_bits), scale = 1, shift = 0;
    if (!s->op->shares_scale)
        fraction += (double)data->weight_fraction_bits;
    if (s->bias)
        shift = s->grid_bias ? s->grid_bias[m] : s->bias->value[m];
    if (s->gamma) {
        scale = s->gamma->value[m] /
                sqrt((double)s->variance->value[m] + q->model->options.norm_epsilon);
        shift = s->beta->value[m] + (shift - s->mean->value[m]) * scale;
    }
    *gain = scale * one * exp2(-fraction);
    if (s->form->unit)
        *gain *= s->form->unit(s, m);
    *offset = shift * one;
}

static mf_status give_requantiser(void *user, size_t index, const mf_layer_data *data,
                                  int32_t *multiplier, int64_t *addend, uint64_t *shift,
                                  mf_diag *diag)
{
    const mf_quantised *q = user;
    const mf_state *s = &q->model->states[index];
    double gain, offset, most_gain = 0, most_offset = 0;
    (void)diag;
    for (uint64_t m = 0; m < data->shape.m; m++) {
        line_of(q, s, data, m, &gain, &offset);
        most_gain = fmax(most_gain, fabs(gain));
        most_offset = fmax(most_offset, fabs(offset));
    }
    *shift = 0;
    while (*shift < MF_MAX_REQUANTISE_SHIFT &&
           most_gain * exp2((double)*shift + 1) < exp2(MULTIPLIER_BITS) &&
           most_offset * exp2((double)*shift + 1) < exp2(ADDEND_BITS))
        ++*shift;
    double scale = exp2((double)*shift);
    for (uint64_t m = 0; m < data->shape.m; m++) {
        line_of(q, s, data, m, &gain, &offset);
        /* Beyond these only without any shift, where a sum moves the output by its whole range. */
        multiplier[m] = (int32_t)floor(fmin(fmax(gain * scale, -2147483647.0), 2147483646.0) + 0.5);
        addend[m] = (int64_t)floor(fmin(fmax(offset * scale, -4e18), 4e18) + 0.5);
    }
    return MF_OK;
}

static uint64_t give_fraction_bits(void *user, size_t index, uint64_t activation_bits)
{
    const mf_quantised *q = user;
    (void)activation_bits;
    return q->fraction_bits[index + 1];
}

/* ---- making and running one ---------------------------------------------------------------------
 */

static mf_status choose_widths(mf_quantised *q, uint64_t bits, uint64_t psum_bits, mf_diag *diag)
{
    const mf_network *network = q->model->network;
    mf_widths *widths = MF_NEW_ARRAY(q->arena, mf_widths, network->n_weight_layers);
    if (!widths)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < network->n_weight_layers; i++) {
        const mf_shape *s = &mf_network_weight_layer(network, i)->shape;
        MF_TRY(mf_operator_widths(mf_operators_at(q->operators, q->op_of_layer[i]),
                                  (mf_bits){bits, false}, psum_bits, s->c / s->g * s->r * s->s,
                                  &widths[i], diag));
    }
    q->options = (mf_forward_options){.widths = widths,
                                      .activation_bits = bits,
                                      .zero_code = q->model->options.shift_mode != MF_SHIFT_Q};
    return MF_OK;
}

/* Weights that are zero where no code is. */
static void count_zeros(mf_quantised *q)
{
    for (size_t i = 0; i < q->model->network->n_layers && !q->options.zero_code; i++) {
        const mf_state *s = &q->model->states[i];
        uint64_t n = s->op && s->op->lacks_zero ? mf_shape_weights(&s->layer->shape) : 0;
        for (uint64_t k = 0; k < n; k++)
            q->n_zeros += mf_state_forward_weights(s)[k] == 0;
    }
}

mf_status mf_quantise(mf_model *model, const mf_operators *operators, const size_t *op_of_layer,
                      const float *images, uint64_t n, uint64_t bits, uint64_t psum_bits,
                      mf_quantised **out, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    mf_quantised *q = arena ? MF_NEW(arena, mf_quantised) : NULL;
    if (!q) {
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    *q = (mf_quantised){.model = model,
                        .operators = operators,
                        .op_of_layer = op_of_layer,
                        .arena = arena,
                        .fraction_bits =
                            MF_NEW_ARRAY(arena, uint64_t, model->network->n_layers + 1)};
    mf_status status =
        q->fraction_bits ? choose_widths(q, bits, psum_bits, diag) : mf_fail_memory(diag);
    if (status == MF_OK) {
        mf_weights_round(model);
        mf_model_forward(model, &(mf_batch_pass){images, n, MF_PASS_EVALUATE, 0});
        status = choose_scales(q, images, n, bits, diag);
    }
    if (status == MF_OK) {
        count_zeros(q);
        *out = q;
    } else {
        mf_arena_destroy(arena);
    }
    return status;
}

void mf_quantised_destroy(mf_quantised *quantised)
{
    if (quantised)
        mf_arena_destroy(quantised->arena);
}

uint64_t mf_quantised_zeros(const mf_quantised *quantised)
{
    return quantised->n_zeros;
}

mf_status mf_quantised_run(mf_quantised *q, const mf_network *network, const float *images,
                           mf_forward_sink *sink, void *user, mf_diag *diag)
{
    mf_forward_source source = {.user = q,
                                .input = give_input,
                                .weights = give_weights,
                                .requantiser = give_requantiser,
                                .fraction_bits = give_fraction_bits};
    q->network = network;
    q->images = images;
    return mf_forward_run(network, q->operators, q->op_of_layer, &q->options, &source, sink, user,
                          diag);
}

/* ---- accuracy ----------------------------------------------------------------------------------
 */

typedef struct scorer {
    const mf_task *task;
    size_t last;
    const uint32_t *targets;
    float *outputs; /* NHWC */
    mf_model_score *score;
} scorer;

/* What the last layer's codes stand for, scored as the task scores floats. */
static mf_status score_last(void *user, size_t index, const mf_layer_data *data, mf_diag *diag)
{
    scorer *s = user;
    mf_shape shape = data->shape;
    uint64_t positions = shape.e * shape.f;
    (void)diag;
    if (index != s->last)
        return MF_OK;
    for (uint64_t n = 0; n < shape.n; n++)
        for (uint64_t m = 0; m < shape.m; m++)
            for (uint64_t i = 0; i < positions; i++)
                s->outputs[(n * positions + i) * shape.m + m] =
                    ldexpf((float)data->ofmap[(n * shape.m + m) * positions + i],
                           -(int)data->ofmap_fraction_bits);
    s->task->score(&(mf_answers){.shape = shape, .outputs = s->outputs, .targets = s->targets},
                   s->score);
    return MF_OK;
}

mf_status mf_quantised_score(mf_quantised *q, const mf_network *network, const float *images,
                             const uint32_t *targets, mf_model_score *score, mf_diag *diag)
{
    mf_shape shape = network->layers[network->n_layers - 1].shape;
    float *outputs = malloc(shape.n * shape.m * shape.e * shape.f * sizeof *outputs);
    if (!outputs)
        return mf_fail_memory(diag);
    scorer s = {mf_model_task(q->model), network->n_layers - 1, targets, outputs, score};
    mf_status status = mf_quantised_run(q, network, images, score_last, &s, diag);
    free(outputs);
    return status;
}
