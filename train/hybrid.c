/* Hybrids: in a layer's first channels another operator computes, on the weights of a narrower
 * network. Where both sum products of the same numbers, the layer is one product on weights of which
 * a block is the narrower one's. Else that block is zero, and the narrower layer computes alone, on
 * the first channels of the input, and adds its output to the layer's. */
#include "train/kinds/training_kind.h"
#include "train/operators/training_operator.h"

#include <inttypes.h>
#include <string.h>

mf_status mf_part_begin(mf_model *model, mf_state *s, mf_diag *diag)
{
    const mf_weight_layout *layout = mf_training_kind_of(s->layer->kind)->weights;
    const mf_network *narrow = model->options.hybrid->network;
    uint64_t n_pixels = mf_model_pixels_before(model, s), whole[5] = {0}, part[5] = {0};
    mf_slice *slice = &s->part_slice;
    layout->sizes(&s->layer->shape, whole);
    layout->sizes(&s->part->layer->shape, part);
    for (size_t i = 0; i < 5 && whole[i]; i++, slice->n_axes++) {
        bool fits = layout->kernel_axes >> i & 1 ? part[i] == whole[i] : part[i] <= whole[i];
        if (!fits || !part[i])
            return mf_fail(diag, MF_INVALID,
                           "%s: weights of %s are %" PRIu64 " along axis %zu, and do not fit into "
                           "%" PRIu64 " of %s",
                           s->layer->name, narrow->name, part[i], i, whole[i],
                           model->network->name);
        slice->whole[i] = whole[i];
        slice->part[i] = part[i];
    }
    if (n_pixels > 1)
        mf_slice_split_pixels(slice, n_pixels);
    s->part_alone = s->part->op->family != s->op->family;
    if (s->part_alone && s->op->family != MF_FAMILY_MULT)
        return mf_fail(diag, MF_INVALID,
                       "%s: %s cannot add channels to %s: what it makes of a weight of zero is not "
                       "nothing",
                       s->layer->name, s->op->name, s->part->op->name);
    return MF_OK;
}

/* Weights from inputs that the narrower layer does not have to outputs that it has, [C][M] in each of
 * n places of a kernel. */
typedef struct mixed {
    uint64_t n, c, m, c_part, m_part;
} mixed;

static mixed mixed_of(const mf_state *s)
{
    const mf_slice *slice = &s->part_slice;
    size_t last = slice->n_axes - 1;
    mixed w = {.n = 1,
               .c = slice->whole[last - 1],
               .m = slice->whole[last],
               .c_part = slice->part[last - 1],
               .m_part = slice->part[last]};
    for (size_t i = 0; i + 1 < last; i++)
        w.n *= slice->whole[i];
    return w;
}

static void mix(mf_state *s)
{
    const mixed w = mixed_of(s);
    const float *factor = s->mix->value;
    for (uint64_t i = 0; i < w.n; i++)
        for (uint64_t c = w.c_part; c < w.c; c++) {
            float *row = s->projected + (i * w.c + c) * w.m;
            for (uint64_t m = 0; m < w.m_part; m++)
                row[m] *= factor[m];
        }
}

/* From dw of the mixed weights to that of the others, and to the factors': of what the mixed weights
 * are, without their factors. */
static void pull_back_mix(mf_state *s, float *dw)
{
    const mixed w = mixed_of(s);
    const float *factor = s->mix->value;
    for (uint64_t m = 0; m < w.m_part; m++) {
        double sum = 0;
        for (uint64_t i = 0; i < w.n; i++)
            for (uint64_t c = w.c_part; c < w.c; c++) {
                uint64_t at = (i * w.c + c) * w.m + m;
                float is = factor[m] == 0 ? 0 : s->projected[at] / factor[m];
                sum += (double)dw[at] * is;
                dw[at] *= factor[m];
            }
        s->mix->gradient[m] = (float)sum;
    }
}

void mf_part_round(const mf_model *model, mf_state *s)
{
    if (!s->form->project)
        memcpy(s->projected, s->weights[0]->value, s->weights[0]->n * sizeof(float));
    if (s->part->projected)
        s->part->form->project(model, s->part);
    if (s->mix && !s->part_norm)
        mix(s);
    if (s->part_alone)
        mf_slice_clear(&s->part_slice, s->projected);
    else
        mf_slice_put(&s->part_slice, mf_state_forward_weights(s->part), s->projected);
}

static float *gradient_of_part(const mf_state *part)
{
    return part->form->gradient_apart ? part->projected_gradient : part->weights[0]->gradient;
}

void mf_part_gradient(const mf_model *model, mf_state *s, float *dw)
{
    float *own = gradient_of_part(s->part);
    if (s->mix && !s->part_norm)
        pull_back_mix(s, dw);
    if (!s->part_alone)
        mf_slice_take(&s->part_slice, dw, own);
    mf_slice_clear(&s->part_slice, dw);
    if (s->part->form->pull_back)
        s->part->form->pull_back(model, s->part, own);
}

/* ---- alone -------------------------------------------------------------------------------------
 */

enum { STRETCH = 4096 }; /* pixels */

void mf_part_claim(mf_model *model, mf_claims *c)
{
    uint64_t x = 0, y = 0, dy = 0, stretch = 0;
    for (size_t i = 0; i < model->network->n_layers; i++) {
        const mf_state *s = &model->states[i];
        if (!s->part_alone)
            continue;
        mf_shape shape = mf_state_shape(s->part, model->options.batch);
        x = mf_shape_ifmap(&shape) > x ? mf_shape_ifmap(&shape) : x;
        y = mf_shape_ofmap(&shape) > y ? mf_shape_ofmap(&shape) : y;
        if (s->part_norm && mf_model_map_size(model, i) > dy)
            dy = mf_model_map_size(model, i);
        stretch = s->layer->shape.c > stretch ? s->layer->shape.c : stretch;
        stretch = s->layer->shape.m > stretch ? s->layer->shape.m : stretch;
    }
    mf_claims_want(c, &model->part_x, x);
    mf_claims_want(c, &model->part_y, y);
    mf_claims_want(c, &model->part_dx, x);
    mf_claims_want(c, &model->part_dy, dy);
    mf_claims_want(c, &model->part_stretch, STRETCH * stretch);
}

/* Pixels of an input, each with all channels of the map that it is of. */
typedef struct input_pixels {
    uint64_t n, n_whole, n_part;
} input_pixels;

static input_pixels pixels_of(const mf_model *model, const mf_state *s, const mf_shape *shape)
{
    uint64_t per_pixel = mf_model_pixels_before(model, s);
    return (input_pixels){.n = shape->n * shape->h * shape->w * per_pixel,
                          .n_whole = s->layer->shape.c / per_pixel,
                          .n_part = shape->c / per_pixel};
}

/* The first channels of what the layer reads, and of the gradient of what it writes, a stretch of
 * pixels at a time. */
static void take_input(mf_model *model, const mf_batch_pass *batch, const mf_state *s,
                       const mf_shape *shape)
{
    const input_pixels p = pixels_of(model, s, shape);
    mf_map x = mf_model_weights_input(model, batch, s);
    const float *y = x.y;
    for (uint64_t at = 0; at < p.n; at += STRETCH) {
        uint64_t n = p.n - at < STRETCH ? p.n - at : STRETCH;
        x.y = y + at * p.n_whole;
        model->kernels->read_map(n, p.n_whole, &x, model->part_stretch, model->scratch);
        model->kernels->take_channels(n, p.n_whole, p.n_part, model->part_stretch,
                                      model->part_x + at * p.n_part);
    }
}

static void take_gradient(mf_model *model, const mf_state *s, const mf_shape *shape, mf_gradient g)
{
    uint64_t n_pixels = shape->n * shape->e * shape->f, n_whole = s->layer->shape.m;
    const float *da = g.da, *y = g.y;
    for (uint64_t at = 0; at < n_pixels; at += STRETCH) {
        uint64_t n = n_pixels - at < STRETCH ? n_pixels - at : STRETCH;
        const float *dy = da + at * n_whole;
        if (y) {
            g.da = dy;
            g.y = y + at * n_whole;
            model->kernels->read_gradient(n, n_whole, &g, model->part_stretch, model->scratch);
            dy = model->part_stretch;
        }
        model->kernels->take_channels(n, n_whole, shape->m, dy, model->part_y + at * shape->m);
    }
}

void mf_part_forward(mf_model *model, const mf_batch_pass *batch, mf_state *s,
                     const mf_channel_sums *sums)
{
    const mf_state *part = s->part;
    mf_shape shape = mf_state_shape(part, batch->n);
    const mf_map x = {.y = model->part_x};
    uint64_t n_pixels = shape.n * shape.e * shape.f;
    float *y = model->part_y;
    take_input(model, batch, s, &shape);
    if (s->part_norm) {
        mf_part_norm_take(model, s, n_pixels);
        y = mf_part_norm_map(s);
    }
    model->kernels->conv_forward(&shape, part->op->family, &x, mf_state_forward_weights(part), NULL,
                                 y, s->part_norm ? sums : NULL, model->scratch);
    if (!s->part_norm)
        model->kernels->add_channels(n_pixels, shape.m, s->layer->shape.m, y, s->y, sums);
}

void mf_part_backward(mf_model *model, const mf_batch_pass *batch, mf_state *s,
                      const mf_gradient *g, float *dx)
{
    const mf_state *part = s->part;
    mf_shape shape = mf_state_shape(part, batch->n);
    const input_pixels p = pixels_of(model, s, &shape);
    mf_conv_gradients job = {.shape = &shape,
                             .family = part->op->family,
                             .x = {.y = model->part_x},
                             .w = mf_state_forward_weights(part),
                             .g = {.da = model->part_y},
                             .dw = gradient_of_part(part),
                             .dx = dx ? model->part_dx : NULL};
    take_input(model, batch, s, &shape);
    if (!s->part_norm)
        take_gradient(model, s, &shape, *g);
    model->kernels->conv_backward(&job, model->scratch);
    if (dx)
        model->kernels->add_channels(p.n, p.n_part, p.n_whole, model->part_dx, dx, NULL);
}
