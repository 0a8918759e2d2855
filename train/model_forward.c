/* Forward: convolution with the sums of batch norm on the way out, norm and activation in one pass,
 * and each layer without weights as its kind has it. */
#include "base/random.h"
#include "train/kinds/training_kind.h"
#include "train/operators/training_operator.h"

#include <math.h>

/* ---- batch norm --------------------------------------------------------------------------------
 */

static uint64_t pixels_of(const mf_shape *shape)
{
    return shape->n * shape->e * shape->f;
}

/* Mean and deviation of the batch from its sums. */
static void measure(const mf_model *model, mf_state *s, uint64_t n_pixels)
{
    uint64_t channels = s->layer->shape.m;
    const double *sum = s->sums, *squares = s->sums + channels;
    for (uint64_t c = 0; c < channels; c++) {
        double mean = sum[c] / (double)n_pixels,
               variance = fmax(squares[c] / (double)n_pixels - mean * mean, 0);
        s->batch_mean[c] = (float)mean;
        s->batch_inverse[c] = (float)(1 / sqrt(variance + model->options.norm_epsilon));
    }
}

/* The running statistics move towards the batch's; the variance as an unbiased estimate. */
static void remember(const mf_model *model, mf_state *s, uint64_t n_pixels)
{
    uint64_t channels = s->layer->shape.m;
    double momentum = model->options.norm_momentum, n = (double)n_pixels,
           unbiased = n_pixels > 1 ? n / (n - 1) : 1;
    for (uint64_t c = 0; c < channels; c++) {
        double mean = s->sums[c] / n,
               variance = fmax(s->sums[channels + c] / n - mean * mean, 0) * unbiased;
        float *running_mean = &s->mean->value[c], *running_variance = &s->variance->value[c];
        *running_mean = (float)((1 - momentum) * *running_mean + momentum * mean);
        *running_variance = (float)((1 - momentum) * *running_variance + momentum * variance);
    }
}

static void add_statistics(mf_state *s, uint64_t n_pixels)
{
    uint64_t channels = s->layer->shape.m;
    for (uint64_t c = 0; c < channels; c++) {
        double mean = s->sums[c] / (double)n_pixels;
        s->mean_sum[c] += mean;
        s->variance_sum[c] += fmax(s->sums[channels + c] / (double)n_pixels - mean * mean, 0);
    }
}

/* What normalise multiplies by and adds. */
static void make_scale(const mf_model *model, mf_state *s, mf_pass pass)
{
    for (uint64_t c = 0; c < s->layer->shape.m; c++) {
        float mean = s->batch_mean[c], inverse = s->batch_inverse[c];
        if (pass == MF_PASS_EVALUATE) {
            mean = s->mean->value[c];
            inverse = (float)(1 / sqrt(s->variance->value[c] + model->options.norm_epsilon));
        }
        s->scale[c] = s->gamma->value[c] * inverse;
        s->shift[c] = s->beta->value[c] - mean * s->scale[c];
    }
}

/* ---- layers with weights -----------------------------------------------------------------------
 */

bool mf_model_drops(const mf_model *model, const mf_batch_pass *batch, const mf_state *s)
{
    return s->last && batch->pass == MF_PASS_TRAIN && model->options.dropout > 0 &&
           s->layer->input[0] >= 0;
}

/* What a random stream says is dropped; the rest makes up for it. */
static void drop(mf_model *model, const float *x, uint64_t n, uint64_t step)
{
    double rate = model->options.dropout;
    float kept = (float)(1 / (1 - rate));
    mf_random random = mf_random_stream(model->options.seed ^ 0x64726f70u, step);
    for (uint64_t i = 0; i < n; i++) {
        model->mask[i] = mf_random_real(&random) < rate ? 0 : kept;
        model->dropped[i] = x[i] * model->mask[i];
    }
}

mf_grid mf_model_grid(const mf_model *model)
{
    const mf_model_options *o = &model->options;
    float most = (float)(exp2((double)o->activation_integer_bits - 1) - 1);
    return (mf_grid){(float)exp2((double)o->activation_fraction_bits), -most - 1, most};
}

mf_map mf_model_weights_input(const mf_model *model, const mf_batch_pass *batch, const mf_state *s)
{
    mf_map x = mf_model_drops(model, batch, s) ? (mf_map){.y = model->dropped}
                                               : mf_model_map(model, batch, s, 0);
    if (mf_state_is_on_grid(s))
        x.grid = mf_model_grid(model);
    x.signs = s->op->on_signs;
    return x;
}

/* How others read y; written down for those who cannot read it so. */
static void end_output(const mf_model *model, mf_state *s, uint64_t n)
{
    mf_shape shape = mf_state_shape(s, n);
    s->map = (mf_map){.y = s->y,
                      .norm = {.scale = s->gamma ? s->scale : NULL,
                               .shift = s->gamma ? s->shift : NULL,
                               .activation = s->activation}};
    if (s->written && mf_state_changes(s)) {
        model->kernels->read_map(pixels_of(&shape), shape.m, &s->map, s->out, model->scratch);
        s->map = (mf_map){.y = s->out};
    }
}

static void forward_weights(mf_model *model, const mf_batch_pass *batch, mf_state *s)
{
    mf_shape shape = mf_state_shape(s, batch->n);
    mf_map x = mf_model_weights_input(model, batch, s);
    const float *w = mf_state_forward_weights(s);
    const float *bias = s->bias ? s->bias->value : NULL;
    if (s->grid_bias)
        bias = s->grid_bias;
    mf_channel_sums sums = {s->sums, s->sums + shape.m};
    mf_pass pass = s->frozen ? MF_PASS_EVALUATE : batch->pass;
    bool measures = s->gamma && pass != MF_PASS_EVALUATE;
    if (mf_model_drops(model, batch, s))
        drop(model, mf_model_input(model, batch, s, 0), mf_shape_ifmap(&shape), batch->step);
    model->kernels->conv_forward(&shape, s->op->family, &x, w, bias, s->y,
                                 measures || s->part_norm ? &sums : NULL, model->scratch);
    if (s->part_alone)
        mf_part_forward(model, batch, s, measures ? &sums : NULL);
    if (!s->gamma)
        return;
    if (measures)
        measure(model, s, pixels_of(&shape));
    if (pass == MF_PASS_TRAIN)
        remember(model, s, pixels_of(&shape));
    if (pass == MF_PASS_SHOW)
        add_statistics(s, pixels_of(&shape));
    make_scale(model, s, pass);
    if (s->part_norm)
        mf_part_norm_join(s, pixels_of(&shape));
}

/* ---- all of them -------------------------------------------------------------------------------
 */

void mf_model_forward(mf_model *model, const mf_batch_pass *batch)
{
    for (size_t i = 0; i < model->network->n_layers; i++) {
        mf_state *s = &model->states[i];
        const mf_shape shape = mf_state_shape(s, batch->n);
        const mf_training_kind *kind = mf_training_kind_of(s->layer->kind);
        if (kind->weights)
            forward_weights(model, batch, s);
        else
            kind->forward(model, batch, s, &shape);
        end_output(model, s, batch->n);
    }
}
