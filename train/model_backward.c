/* Backward: layer by layer from the last, each taking the gradient of its output and giving those
 * of its parameters and inputs. */
#include "train/model_state.h"

#include <math.h>
#include <string.h>

/* Where the gradient of an input goes: straight into its place if it is the first there, else into
 * `spare`, from where it is added. NULL for the images. */
static float *begin_input(mf_model *model, const mf_state *s, int which)
{
    int from = s->layer->input[which];
    if (from < 0)
        return NULL;
    return model->has_gradient[from] ? model->spare : model->states[from].gradient;
}

static void end_input(mf_model *model, const mf_state *s, int which, uint64_t n)
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

static void sum_columns(const float *g, uint64_t n_pixels, uint64_t channels, float *sums)
{
    memset(sums, 0, channels * sizeof *sums);
    for (uint64_t i = 0; i < n_pixels; i++)
        for (uint64_t c = 0; c < channels; c++)
            sums[c] += g[i * channels + c];
}

/* From the gradient of the output to that of y, in place. */
static void backward_norm(mf_model *model, mf_state *s, const mf_shape *shape)
{
    const mf_kernels *k = model->kernels;
    uint64_t n_pixels = shape->n * shape->e * shape->f, channels = shape->m;
    if (!s->gamma) {
        if (s->out != s->y)
            k->activate_backward(n_pixels * channels, s->y, s->layer->activation, s->gradient,
                                 s->gradient);
        if (s->bias)
            sum_columns(s->gradient, n_pixels, channels, s->bias->gradient);
        return;
    }
    k->normalise_backward_sums(n_pixels, channels, s->y, s->batch_mean, s->batch_inverse,
                               s->gamma->value, s->beta->value, s->layer->activation, s->gradient,
                               s->sums, model->scratch);
    for (uint64_t c = 0; c < channels; c++) {
        s->beta->gradient[c] = (float)s->sums[c];
        s->gamma->gradient[c] = (float)s->sums[channels + c];
    }
    k->normalise_backward(n_pixels, channels, s->y, s->batch_mean, s->batch_inverse,
                          s->gamma->value, s->beta->value, s->layer->activation, s->sums,
                          s->gradient, s->gradient);
}

static void backward_weights(mf_model *model, mf_state *s, uint64_t n)
{
    const mf_kernels *k = model->kernels;
    mf_shape shape = mf_state_shape(s, n);
    const float *x = mf_model_input(model, s, 0), *w = s->rounded ? s->rounded : s->weight->value;
    float *dw = s->exponent ? s->rounded_gradient : s->weight->gradient;
    backward_norm(model, s, &shape);
    k->conv_backward_weights(&shape, s->family, x, w, s->gradient, dw, model->scratch);
    mf_weights_gradient(model, s, dw);
    float *dx = begin_input(model, s, 0);
    if (!dx)
        return;
    k->conv_backward_input(&shape, s->family, x, w, s->gradient, dx, model->scratch);
    if (s->last && model->options.dropout > 0)
        for (uint64_t i = 0; i < mf_shape_ifmap(&shape); i++)
            dx[i] *= model->mask[i];
    end_input(model, s, 0, n);
}

/* ---- layers without ----------------------------------------------------------------------------
 */

/* An average pool gives each element of the window its share, a maximum pool all to the winner. */
static void pool_image(const mf_state *s, const mf_shape *p, const float *g, const uint32_t *arg,
                       float *dx)
{
    memset(dx, 0, p->h * p->w * p->c * sizeof *dx);
    for (uint64_t e = 0; e < p->e; e++)
        for (uint64_t f = 0; f < p->f; f++, g += p->c, arg += s->arg ? p->c : 0) {
            uint64_t top = e * p->stride, left = f * p->stride, low = p->pad_rows,
                     side = p->pad_columns;
            uint64_t r0 = top < low ? low - top : 0, s0 = left < side ? side - left : 0,
                     r1 = p->h + low - top < p->r ? p->h + low - top : p->r,
                     s1 = p->w + side - left < p->s ? p->w + side - left : p->s;
            float share = 1 / (float)((r1 - r0) * (s1 - s0));
            if (s->arg) {
                for (uint64_t c = 0; c < p->c; c++)
                    dx[arg[c] * p->c + c] += g[c];
                continue;
            }
            for (uint64_t r = r0; r < r1; r++)
                for (uint64_t k = s0; k < s1; k++)
                    for (uint64_t c = 0; c < p->c; c++)
                        dx[((top + r - low) * p->w + left + k - side) * p->c + c] += share * g[c];
        }
}

static void backward_pool(mf_model *model, mf_state *s, const mf_shape *p)
{
    float *dx = begin_input(model, s, 0);
    if (!dx)
        return;
#pragma omp parallel for schedule(static)
    for (uint64_t i = 0; i < p->n; i++)
        pool_image(s, p, s->gradient + i * p->e * p->f * p->c,
                   s->arg ? s->arg + i * p->e * p->f * p->c : NULL, dx + i * p->h * p->w * p->c);
    end_input(model, s, 0, p->n);
}

static void backward_global_pool(mf_model *model, mf_state *s, const mf_shape *p)
{
    float *dx = begin_input(model, s, 0);
    uint64_t n_pixels = p->h * p->w;
    float share = 1 / (float)n_pixels;
    if (!dx)
        return;
#pragma omp parallel for schedule(static)
    for (uint64_t i = 0; i < p->n; i++)
        for (uint64_t k = 0; k < n_pixels; k++)
            for (uint64_t c = 0; c < p->c; c++)
                dx[(i * n_pixels + k) * p->c + c] = share * s->gradient[i * p->c + c];
    end_input(model, s, 0, p->n);
}

static void backward_scale(mf_model *model, mf_state *s, const mf_shape *p)
{
    const float *factors = mf_model_input(model, s, 0), *x = mf_model_input(model, s, 1),
                *g = s->gradient;
    uint64_t n_pixels = p->h * p->w;
    float *d = begin_input(model, s, 0);
#pragma omp parallel for schedule(static)
    for (uint64_t i = 0; i < (d ? p->n : 0); i++) {
        memset(d + i * p->c, 0, p->c * sizeof *d);
        for (uint64_t k = 0; k < n_pixels; k++)
            for (uint64_t c = 0; c < p->c; c++) {
                uint64_t at = (i * n_pixels + k) * p->c + c;
                d[i * p->c + c] += g[at] * x[at];
            }
    }
    end_input(model, s, 0, p->n);
    d = begin_input(model, s, 1);
#pragma omp parallel for schedule(static)
    for (uint64_t i = 0; i < (d ? p->n : 0); i++)
        for (uint64_t k = 0; k < n_pixels; k++)
            for (uint64_t c = 0; c < p->c; c++) {
                uint64_t at = (i * n_pixels + k) * p->c + c;
                d[at] = g[at] * factors[i * p->c + c];
            }
    end_input(model, s, 1, p->n);
}

/* The gradient of a shortcut without weights: what its pixels and channels got. */
static void backward_padded(const mf_state *s, const mf_shape *p, const mf_shape *from, float *d)
{
    uint64_t stride = from->e / p->h, before = (p->c - from->m) / 2;
    memset(d, 0, mf_shape_ofmap(from) * sizeof *d);
#pragma omp parallel for schedule(static)
    for (uint64_t i = 0; i < p->n; i++)
        for (uint64_t h = 0; h < p->h; h++)
            for (uint64_t w = 0; w < p->w; w++) {
                const float *g = s->gradient + ((i * p->h + h) * p->w + w) * p->c + before;
                float *to = d + ((i * from->e + h * stride) * from->f + w * stride) * from->m;
                for (uint64_t c = 0; c < from->m; c++)
                    to[c] = g[c];
            }
}

static void backward_residual(mf_model *model, mf_state *s, const mf_shape *p)
{
    for (int which = 0; which < 2; which++) {
        float *d = begin_input(model, s, which);
        uint64_t n = mf_model_input_size(model, s, which, p->n);
        if (!d)
            continue;
        if (n != mf_shape_ofmap(p)) {
            mf_shape from = mf_state_shape(&model->states[s->layer->input[which]], p->n);
            backward_padded(s, p, &from, d);
        } else {
            memcpy(d, s->gradient, n * sizeof *d);
        }
        end_input(model, s, which, p->n);
    }
}

static void backward_plain(mf_model *model, mf_state *s, uint64_t n)
{
    mf_shape shape = mf_state_shape(s, n);
    if (s->out != s->y)
        model->kernels->activate_backward(mf_shape_ofmap(&shape), s->y, s->layer->activation,
                                          s->gradient, s->gradient);
    switch (s->layer->kind) {
    case MF_LAYER_POOL:
        backward_pool(model, s, &shape);
        break;
    case MF_LAYER_GLOBAL_POOL:
        backward_global_pool(model, s, &shape);
        break;
    case MF_LAYER_SCALE:
        backward_scale(model, s, &shape);
        break;
    default:
        backward_residual(model, s, &shape);
    }
}

void mf_model_backward(mf_model *model, uint64_t n)
{
    size_t n_layers = model->network->n_layers;
    memset(model->has_gradient, 0, n_layers * sizeof *model->has_gradient);
    model->has_gradient[n_layers - 1] = true;
    for (size_t i = n_layers; i-- > 0;) {
        mf_state *s = &model->states[i];
        if (!model->has_gradient[i])
            continue; /* nobody reads it */
        if (mf_layer_has_weights(s->layer))
            backward_weights(model, s, n);
        else
            backward_plain(model, s, n);
    }
}
