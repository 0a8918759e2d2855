/* Channels of one map after the other. NHWC: per pixel a run of each. */
#include "train/kinds/training_kind.h"

#include <string.h>

static void forward(mf_model *model, const mf_batch_pass *batch, mf_state *s, const mf_shape *p)
{
    uint64_t n_pixels = p->n * p->e * p->f, from = 0;
    for (size_t k = 0; k < s->layer->n_inputs; k++) {
        const float *x = mf_model_input(model, batch, s, k);
        uint64_t channels = s->layer->input_channels[k];
        for (uint64_t i = 0; i < n_pixels; i++)
            memcpy(s->y + i * p->m + from, x + i * channels, channels * sizeof *x);
        from += channels;
    }
}

static void backward(mf_model *model, const mf_batch_pass *batch, mf_state *s, const mf_shape *p)
{
    uint64_t n_pixels = p->n * p->e * p->f, from = 0;
    (void)batch;
    for (size_t k = 0; k < s->layer->n_inputs; k++) {
        float *d = mf_model_begin_gradient(model, s, k);
        uint64_t channels = s->layer->input_channels[k];
        for (uint64_t i = 0; d && i < n_pixels; i++)
            memcpy(d + i * channels, s->gradient + i * p->m + from, channels * sizeof *d);
        mf_model_end_gradient(model, s, k, p->n);
        from += channels;
    }
}

const mf_training_kind mf_training_concat = {.forward = forward, .backward = backward};
