/* Each channel of a map times one number. */
#include "train/kinds/training_kind.h"
#include "train/plain.h"

static void forward(mf_model *model, const mf_batch_pass *batch, mf_state *s, const mf_shape *shape)
{
    mf_plain_scale(shape, mf_model_input(model, batch, s, 1), mf_model_input(model, batch, s, 0),
                   s->y);
}

static void backward(mf_model *model, const mf_batch_pass *batch, mf_state *s, const mf_shape *p)
{
    const float *x = mf_model_input(model, batch, s, 0),
                *factors = mf_model_input(model, batch, s, 1);
    float *d = mf_model_begin_gradient(model, s, 1);
    if (d)
        mf_plain_scale_factors(p, x, s->gradient, d);
    mf_model_end_gradient(model, s, 1, p->n);
    d = mf_model_begin_gradient(model, s, 0);
    if (d)
        mf_plain_scale(p, factors, s->gradient, d);
    mf_model_end_gradient(model, s, 0, p->n);
}

const mf_training_kind mf_training_scale = {.forward = forward, .backward = backward};
