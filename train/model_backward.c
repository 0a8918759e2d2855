/* Backward: layer by layer from the last, each taking the gradient of its output and giving those
 * of its parameters and inputs. */
#include "train/kinds/training_kind.h"
#include "train/operators/training_operator.h"

#include <string.h>

float *mf_model_begin_gradient(mf_model *model, const mf_state *s, size_t which)
{
    int from = s->layer->input[which];
    if (from < 0)
        return NULL;
    return model->has_gradient[from] ? model->spare : model->states[from].gradient;
}

void mf_model_end_gradient(mf_model *model, const mf_state *s, size_t which, uint64_t n)
{
    int from = s->layer->input[which];
    if (from < 0)
        return;
    if (model->has_gradient[from])
        model->kernels->add_to(mf_model_input_size(model, s, which, n), model->spare,
                               model->states[from].gradient);
    model->has_gradient[from] = true;
}

/* ---- layers with weights -----------------------------------------------------------------------
 */

/* What the batch norm of a layer makes of the gradient behind it, as factors and terms: of sums
 * that whoever wrote the gradient last has made on the way, or that are made now. */
static void backward_norm(mf_model *model, mf_state *s, const mf_shape *shape)
{
    uint64_t n_pixels = shape->n * shape->e * shape->f, channels = shape->m;
    double n = (double)n_pixels, *sum = s->sums, *product = s->sums + channels;
    if (s->frozen) { /* running statistics do not depend on the batch */
        memset(s->slope, 0, channels * sizeof *s->slope);
        memset(s->offset, 0, channels * sizeof *s->offset);
        return;
    }
    mf_map y = {.y = s->y, .norm = {s->scale, s->shift, s->activation}};
    if (!s->summed)
        model->kernels->norm_sums(n_pixels, channels, &y, s->gradient,
                                  &(mf_norm_sums){s->batch_mean, sum, product}, model->scratch);
    for (uint64_t c = 0; c < channels; c++) {
        double inverse = s->batch_inverse[c], scale = s->gamma->value[c] * inverse,
               slope = -scale * inverse * inverse * product[c] / n;
        s->beta->gradient[c] = (float)sum[c];
        s->gamma->gradient[c] = (float)(product[c] * inverse);
        s->slope[c] = (float)slope;
        s->offset[c] = (float)(-scale * sum[c] / n - slope * s->batch_mean[c]);
    }
}

/* The gradient of y, as a convolution reads it. */
static mf_gradient gradient_of(const mf_state *s)
{
    mf_gradient g = {.da = s->gradient};
    if (!mf_state_changes(s))
        return g;
    g.y = s->y;
    g.norm.activation = s->activation;
    if (s->gamma) {
        g.norm.scale = s->scale;
        g.norm.shift = s->shift;
        g.slope = s->slope;
        g.offset = s->offset;
    }
    return g;
}

/* The gradient of the input, with the sums that its batch norm wants if this is the last to add to
 * it. Not of a map that is written down, whose y this layer does not see, nor behind dropout, which
 * takes something from it later. */
static void want_input(mf_model *model, const mf_batch_pass *batch, const mf_state *s,
                       mf_conv_gradients *job)
{
    int from = s->layer->input[0];
    mf_state *input = from < 0 ? NULL : &model->states[from];
    if (!input)
        return;
    job->dx = input->gradient;
    job->adds = model->has_gradient[from];
    if (s->part_alone || !input->gamma || input->written ||
        input->first_reader != (int)(s - model->states) || mf_model_drops(model, batch, s))
        return;
    job->norm = (mf_norm_sums){input->batch_mean, input->sums, input->sums + input->layer->shape.m};
    input->summed = true;
}

static void backward_weights(mf_model *model, const mf_batch_pass *batch, mf_state *s)
{
    mf_shape shape = mf_state_shape(s, batch->n);
    if (s->gamma)
        backward_norm(model, s, &shape);
    mf_conv_gradients job = {.shape = &shape,
                             .family = s->op->family,
                             .x = mf_model_weights_input(model, batch, s),
                             .w = mf_state_forward_weights(s),
                             .g = gradient_of(s),
                             .dw = s->form->gradient_apart ? s->projected_gradient
                                                           : s->weights[0]->gradient,
                             .db = s->bias ? s->bias->gradient : NULL};
    if (s->part_norm)
        job.g = mf_part_norm_part(model, s, shape.n * shape.e * shape.f, job.g);
    want_input(model, batch, s, &job);
    model->kernels->conv_backward(&job, model->scratch);
    if (s->part_alone)
        mf_part_backward(model, batch, s, &job.g, job.dx);
    mf_weights_gradient(model, s, job.dw);
    if (!job.dx)
        return;
    if (mf_model_drops(model, batch, s))
        for (uint64_t i = 0; i < mf_shape_ifmap(&shape); i++)
            job.dx[i] *= model->mask[i];
    model->has_gradient[s->layer->input[0]] = true;
}

/* ---- layers without ----------------------------------------------------------------------------
 */

static void backward_plain(mf_model *model, const mf_batch_pass *batch, mf_state *s)
{
    mf_shape shape = mf_state_shape(s, batch->n);
    if (mf_state_changes(s)) {
        mf_gradient g = gradient_of(s);
        model->kernels->read_gradient(batch->n * shape.e * shape.f, shape.m, &g, s->gradient,
                                      model->scratch);
    }
    mf_training_kind_of(s->layer->kind)->backward(model, batch, s, &shape);
}

void mf_model_backward(mf_model *model, const mf_batch_pass *batch)
{
    size_t n_layers = model->network->n_layers;
    memset(model->has_gradient, 0, n_layers * sizeof *model->has_gradient);
    for (size_t i = 0; i < n_layers; i++)
        model->states[i].summed = false;
    model->has_gradient[n_layers - 1] = true;
    for (size_t i = n_layers; i-- > model->first_learning;) {
        mf_state *s = &model->states[i];
        if (!model->has_gradient[i])
            continue; /* nobody reads it */
        if (mf_layer_has_weights(s->layer))
            backward_weights(model, batch, s);
        else
            backward_plain(model, batch, s);
    }
}
