/* Maximum or average over a window. */
#include "train/kinds/training_kind.h"
#include "train/plain.h"

static void forward(mf_model *model, const mf_batch_pass *batch, mf_state *s, const mf_shape *shape)
{
    mf_plain_pool(shape, mf_model_input(model, batch, s, 0), s->y, s->arg);
}

static void backward(mf_model *model, const mf_batch_pass *batch, mf_state *s,
                     const mf_shape *shape)
{
    float *dx = mf_model_begin_gradient(model, s, 0);
    (void)batch;
    if (!dx)
        return;
    mf_plain_pool_backward(shape, s->gradient, s->arg, dx);
    mf_model_end_gradient(model, s, 0, shape->n);
}

const mf_training_kind mf_training_pool = {.forward = forward, .backward = backward};
