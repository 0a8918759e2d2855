/* Sum of two maps; a shortcut without weights may be smaller (train/plain.h). */
#include "train/kinds/training_kind.h"
#include "train/plain.h"

#include <string.h>

static void forward(mf_model *model, const mf_batch_pass *batch, mf_state *s, const mf_shape *p)
{
    int from = s->layer->input[1];
    if (from >= 0 && mf_model_input_size(model, s, 1, p->n) != mf_shape_ofmap(p)) {
        mf_shape other = mf_state_shape(&model->states[from], p->n);
        mf_plain_padded(p, &other, mf_model_input(model, batch, s, 0),
                        mf_model_input(model, batch, s, 1), s->y);
        return;
    }
    mf_map x = mf_model_map(model, batch, s, 0), shortcut = mf_model_map(model, batch, s, 1);
    model->kernels->add_maps(p->n * p->e * p->f, p->m, &x, &shortcut, s->y, model->scratch);
}

static void backward(mf_model *model, const mf_batch_pass *batch, mf_state *s, const mf_shape *p)
{
    (void)batch;
    for (size_t which = 0; which < MF_SUM_INPUTS; which++) {
        if (s->shares[which]) {
            model->has_gradient[s->layer->input[which]] = true;
            continue;
        }
        float *d = mf_model_begin_gradient(model, s, which);
        uint64_t n = mf_model_input_size(model, s, which, p->n);
        if (!d)
            continue;
        if (n != mf_shape_ofmap(p)) {
            mf_shape from = mf_state_shape(&model->states[s->layer->input[which]], p->n);
            mf_plain_padded_backward(p, &from, s->gradient, d);
        } else {
            memcpy(d, s->gradient, n * sizeof *d);
        }
        mf_model_end_gradient(model, s, which, p->n);
    }
}

/* Maps of equal size are read through norm and activation. */
static bool reads_maps(const mf_model *model, size_t index)
{
    const mf_layer *layer = &model->network->layers[index];
    for (size_t k = 0; k < layer->n_inputs; k++)
        if (layer->input[k] >= 0 &&
            mf_model_map_size(model, (size_t)layer->input[k]) != mf_model_map_size(model, index))
            return false;
    return true;
}

const mf_training_kind mf_training_residual_add = {
    .forward = forward, .backward = backward, .reads_maps = reads_maps, .is_sum = true};
