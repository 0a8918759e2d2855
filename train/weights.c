/* Where parameters begin, and the weights of the forward pass from them and back; what is an
 * operator's own is in train/operators/. */
#include "base/random.h"
#include "train/kinds/training_kind.h"
#include "train/operators/training_operator.h"

#include <math.h>
#include <string.h>

static void fill(mf_parameter *p, float value)
{
    for (uint64_t i = 0; i < p->n; i++)
        p->value[i] = value;
}

bool mf_network_ends_branch(const mf_network *network, size_t index)
{
    if (!network->layers[index].norm)
        return false;
    for (size_t i = index + 1; i < network->n_layers; i++) {
        const mf_layer *reader = &network->layers[i];
        for (size_t k = 0; k < reader->n_inputs; k++)
            if (reader->input[k] == (int)index)
                return k == 0 && mf_training_kind_of(reader->kind)->is_sum;
    }
    return false;
}

/* Weights as their operator has it; biases Kaiming's, the classifier's 0. */
static void initialise(const mf_model *model, mf_state *s, mf_random *random)
{
    double bound = mf_kaiming_bound(&s->layer->shape);
    s->form->initialise(model, s, random);
    if (s->bias) {
        if (s->last)
            fill(s->bias, 0);
        else
            mf_fill_uniform(s->bias, random, -bound, bound);
    }
    if (s->gamma) {
        fill(s->gamma, mf_network_ends_branch(model->network, (size_t)(s - model->states))
                           ? (float)model->options.residual_gamma
                           : 1);
        fill(s->beta, 0);
        fill(s->mean, 0);
        fill(s->variance, 1);
    }
}

void mf_weights_initialise(mf_model *model)
{
    for (size_t i = 0; i < model->network->n_layers; i++) {
        mf_state *s = &model->states[i];
        mf_random random = mf_random_stream(model->options.seed, i);
        if (mf_layer_has_weights(s->layer))
            initialise(model, s, &random);
        /* What it shares with the layer begins as the layer has it: sources are taken later. */
        if (s->part)
            s->part->form->initialise(model, s->part, &random);
        if (s->mix)
            fill(s->mix, model->options.hybrid->mix > 0 ? (float)model->options.hybrid->mix : 1);
    }
}

/* The bias itself stays as it is learnt: the gradient passes straight through. Of a hybrid the
 * narrower network's share is rounded. */
static void round_bias(const mf_model *model, mf_state *s)
{
    mf_grid grid = mf_model_grid(model);
    uint64_t n_rounded = s->op->on_grid ? s->bias->n : s->part->layer->shape.m;
    memcpy(s->grid_bias, s->bias->value, s->bias->n * sizeof(float));
    for (uint64_t m = 0; m < n_rounded; m++)
        s->grid_bias[m] =
            fminf(fmaxf(floorf(s->bias->value[m] * grid.per_unit) / grid.per_unit, grid.least),
                  grid.most);
}

void mf_weights_round(mf_model *model)
{
    mf_sources_take(model);
    for (size_t i = 0; i < model->network->n_layers; i++) {
        mf_state *s = &model->states[i];
        if (s->grid_bias)
            round_bias(model, s);
        if (s->projected && s->form->project)
            mf_state_project(model, s);
        if (s->part)
            mf_part_round(model, s);
    }
}

void mf_weights_gradient(mf_model *model, mf_state *s, float *dw)
{
    if (s->part)
        mf_part_gradient(model, s, dw);
    if (s->form->pull_back)
        s->form->pull_back(model, s, dw);
}

void mf_model_project(mf_model *model)
{
    mf_weights_round(model);
}

size_t mf_model_learnt_weights(const mf_model *model, size_t weight_layer,
                               const mf_parameter *stored[MF_MOST_WEIGHT_PARAMETERS])
{
    const mf_layer *layer = mf_network_weight_layer(model->network, weight_layer);
    const mf_state *s = &model->states[layer - model->network->layers];
    size_t n = 0;
    for (size_t i = 0; i < s->form->n_parameters; i++)
        if (s->form->parameters[i].extent == MF_PER_WEIGHT)
            stored[n++] = s->weights[i];
    return n;
}
