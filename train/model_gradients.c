/* Where do gradients of maps lie? In one stretch of memory that they take in turns: a gradient has
 * its place only while it lives, and that of a sum is those of its inputs where that can be. */
#include "train/kinds/training_kind.h"

/* A gradient lives from the backward pass of the last layer that reads its map to that of the layer
 * that made it. */
typedef struct lifetime {
    uint64_t n, offset;
    size_t from, to; /* layers: from >= to */
} lifetime;

static bool overlap(const lifetime *a, const lifetime *b)
{
    return a->from >= b->to && b->from >= a->to;
}

/* The lowest place at which a gradient meets none that lives at the same time: first fit, in the
 * order of the backward pass. */
static void place(lifetime *all, size_t n_layers, size_t index)
{
    lifetime *mine = &all[index];
    bool moved = true;
    mine->offset = 0;
    while (moved) {
        moved = false;
        for (size_t i = n_layers; i-- > index + 1;) {
            const lifetime *other = &all[i];
            if (overlap(mine, other) && mine->offset < other->offset + other->n &&
                other->offset < mine->offset + mine->n) {
                mine->offset = other->offset + other->n;
                moved = true;
            }
        }
    }
}

/* The gradient of a sum is that of both its inputs, in one place, when nobody adds to it before the
 * first of them has done its backward pass. */
static void share_gradients(mf_model *model, size_t index)
{
    mf_state *s = &model->states[index];
    const int *input = s->layer->input;
    int own[MF_SUM_INPUTS] = {0}; /* readers but the sum; the second's lie before the first input */
    for (size_t i = 0; i < model->network->n_layers; i++)
        for (size_t k = 0; k < model->network->layers[i].n_inputs && i != index; k++) {
            int from = model->network->layers[i].input[k];
            own[0] += from >= 0 && from == input[0];
            own[1] += from >= 0 && from == input[1] && (int)i >= input[0];
        }
    for (size_t k = 0; k < MF_SUM_INPUTS; k++)
        s->shares[k] =
            input[k] >= 0 && input[0] != input[1] && !own[0] && !own[k] &&
            mf_model_map_size(model, (size_t)input[k]) == mf_model_map_size(model, index);
}

/* The layer in whose place a layer's gradient lies. */
static size_t home_of(const mf_model *model, size_t index)
{
    for (size_t i = index + 1; i < model->network->n_layers; i++)
        for (size_t k = 0; k < MF_SUM_INPUTS; k++)
            if (model->states[i].shares[k] && model->network->layers[i].input[k] == (int)index)
                return home_of(model, i);
    return index;
}

/* When does each live? Sums first: what lies in another's place makes that one live longer. */
static void find_lifetimes(mf_model *model, lifetime *all)
{
    const mf_network *network = model->network;
    size_t n = network->n_layers;
    for (size_t i = 0; i < n; i++)
        if (mf_training_kind_of(network->layers[i].kind)->is_sum)
            share_gradients(model, i);
    for (size_t i = 0; i < n; i++)
        all[i] = (lifetime){.n = mf_whole_lines(mf_model_map_size(model, i)), .from = i, .to = i};
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < network->layers[i].n_inputs; k++)
            if (network->layers[i].input[k] >= 0)
                all[network->layers[i].input[k]].from = i;
    for (size_t i = n; i-- > 0;) {
        lifetime *home = &all[home_of(model, i)];
        if (home == &all[i])
            continue;
        home->to = all[i].to < home->to ? all[i].to : home->to;
        all[i].n = 0;
    }
}

mf_status mf_model_place_gradients(mf_model *model, uint64_t *offsets, uint64_t *n_floats,
                                   mf_diag *diag)
{
    size_t n = model->network->n_layers;
    lifetime *all = MF_NEW_ARRAY(model->arena, lifetime, n);
    if (!all)
        return mf_fail_memory(diag);
    find_lifetimes(model, all);
    *n_floats = 0;
    for (size_t i = n; i-- > 0;) {
        place(all, n, i);
        uint64_t end = all[i].offset + all[i].n;
        *n_floats = end > *n_floats ? end : *n_floats;
    }
    for (size_t i = 0; i < n; i++)
        offsets[i] = all[home_of(model, i)].offset;
    return MF_OK;
}
