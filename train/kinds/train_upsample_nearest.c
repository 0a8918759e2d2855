/* Every pixel becomes a square of equal ones; backward the gradients of its square are summed. */
#include "train/kinds/training_kind.h"

#include <string.h>

static void forward(mf_model *model, const mf_batch_pass *batch, mf_state *s, const mf_shape *p)
{
    const float *x = mf_model_input(model, batch, s, 0);
    uint64_t factor = p->e / p->h;
    for (uint64_t i = 0; i < p->n * p->e; i++)
        for (uint64_t f = 0; f < p->f; f++)
            memcpy(s->y + (i * p->f + f) * p->c, x + (i / factor * p->w + f / factor) * p->c,
                   p->c * sizeof *x);
}

static void backward(mf_model *model, const mf_batch_pass *batch, mf_state *s, const mf_shape *p)
{
    uint64_t factor = p->e / p->h;
    float *d = mf_model_begin_gradient(model, s, 0);
    (void)batch;
    if (!d)
        return;
    memset(d, 0, mf_shape_ifmap(p) * sizeof *d);
    for (uint64_t i = 0; i < p->n * p->e; i++)
        for (uint64_t f = 0; f < p->f; f++) {
            const float *g = s->gradient + (i * p->f + f) * p->c;
            float *to = d + (i / factor * p->w + f / factor) * p->c;
            for (uint64_t c = 0; c < p->c; c++)
                to[c] += g[c];
        }
    mf_model_end_gradient(model, s, 0, p->n);
}

const mf_training_kind mf_training_upsample_nearest = {.forward = forward, .backward = backward};
