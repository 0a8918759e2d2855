/* Layers that stay as they are. Layers before the first that learns need no gradient at all. */
#include "train/operators/training_operator.h"

#include <string.h>

/* A plan's tensors are slices of the store's: what is frozen is the whole of those. */
static void freeze_stored(mf_model *model, const mf_parameter *own)
{
    for (size_t i = 0; own && i < model->n_sources; i++)
        if (model->sources[i].own == own)
            model->sources[i].stored->frozen = true;
}

static void freeze_layer(mf_model *model, mf_state *s, uint64_t *most)
{
    mf_parameter *const others[] = {s->bias, s->gamma, s->beta};
    uint64_t n = 0;
    s->frozen = true;
    for (size_t i = 0; i < s->form->n_parameters; i++) {
        freeze_stored(model, s->weights[i]);
        n += s->weights[i]->n;
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        freeze_stored(model, others[i]);
    *most = s->projected && n > *most ? n : *most;
}

mf_status mf_model_freeze(mf_model *model, const bool *frozen, mf_diag *diag)
{
    size_t n = model->network->n_layers, first = n;
    uint64_t most = 0;
    for (size_t i = n; i-- > 0;) {
        const mf_layer *layer = &model->network->layers[i];
        if (mf_layer_has_weights(layer) && !frozen[layer->number])
            first = i;
    }
    if (first == n)
        return mf_fail(diag, MF_INVALID, "%s: all layers are frozen: nothing is left to learn",
                       model->network->name);
    model->first_learning = first;
    for (size_t i = 0; i < n; i++) {
        const mf_layer *layer = &model->network->layers[i];
        if (mf_layer_has_weights(layer) && frozen[layer->number])
            freeze_layer(model, &model->states[i], &most);
    }
    model->unprojected = MF_NEW_ARRAY(model->arena, float, most + 1);
    return model->unprojected ? MF_OK : mf_fail_memory(diag);
}

/* Projections bring parameters into their range where they lie. */
void mf_state_project(const mf_model *model, mf_state *s)
{
    float *kept = model->unprojected;
    for (size_t i = 0; s->frozen && i < s->form->n_parameters; kept += s->weights[i++]->n)
        memcpy(kept, s->weights[i]->value, s->weights[i]->n * sizeof *kept);
    s->form->project(model, s);
    kept = model->unprojected;
    for (size_t i = 0; s->frozen && i < s->form->n_parameters; kept += s->weights[i++]->n)
        memcpy(s->weights[i]->value, kept, s->weights[i]->n * sizeof *kept);
}
