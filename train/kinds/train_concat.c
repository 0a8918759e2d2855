/* Channels of the first map, then of the second. NHWC: per pixel a run of each. */
#include "train/kinds/training_kind.h"

#include <string.h>

static void forward(mf_model *model, const mf_batch_pass *batch, mf_state *s, const mf_shape *p)
{
    const float *first = mf_model_input(model, batch, s, 0),
                *second = mf_model_input(model, batch, s, 1);
    uint64_t n_pixels = p->n * p->e * p->f, others = p->m - p->c;
    for (uint64_t i = 0; i < n_pixels; i++) {
        memcpy(s->y + i * p->m, first + i * p->c, p->c * sizeof *first);
        memcpy(s->y + i * p->m + p->c, second + i * others, others * sizeof *second);
    }
}

static void backward(mf_model *model, const mf_batch_pass *batch, mf_state *s, const mf_shape *p)
{
    uint64_t n_pixels = p->n * p->e * p->f, channels[] = {p->c, p->m - p->c}, from = 0;
    (void)batch;
    for (int k = 0; k < 2; from += channels[k++]) {
        float *d = mf_model_begin_gradient(model, s, k);
        for (uint64_t i = 0; d && i < n_pixels; i++)
            memcpy(d + i * channels[k], s->gradient + i * p->m + from, channels[k] * sizeof *d);
        mf_model_end_gradient(model, s, k, p->n);
    }
}

const mf_training_kind mf_training_concat = {.forward = forward, .backward = backward};
