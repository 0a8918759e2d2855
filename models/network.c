/* Properties of networks and layers. */
#include "models/network.h"

#include "models/kinds/kind.h"

#include <string.h>

static const char *const activations[MF_N_ACTIVATIONS] = {
#define MF_ACTIVATION(NAME, name) #name,
#include "models/activations.def"
#undef MF_ACTIVATION
};

void mf_network_destroy(mf_network *network)
{
    if (network)
        mf_arena_destroy(network->arena);
}

mf_status mf_network_check_size(size_t n_layers, mf_diag *diag)
{
    if (n_layers <= MF_MOST_LAYERS)
        return MF_OK;
    return mf_fail(diag, MF_TOO_LARGE, "more than %d layers", MF_MOST_LAYERS);
}

const char *mf_layer_kind_name(mf_layer_kind kind)
{
    return mf_layer_record_of(kind)->name;
}

bool mf_layer_has_weights(const mf_layer *layer)
{
    return mf_layer_record_of(layer->kind)->has_weights;
}

bool mf_layer_is_beside(const mf_layer *a, const mf_layer *b)
{
    return a->place && b->place && strcmp(a->place, b->place) == 0;
}

size_t mf_network_block_begin(const mf_network *network, size_t i)
{
    while (i > 0 && mf_layer_is_beside(&network->layers[i - 1], &network->layers[i]))
        i--;
    return i;
}

bool mf_network_ends_block(const mf_network *network, size_t i)
{
    return i + 1 == network->n_layers ||
           !mf_layer_is_beside(&network->layers[i + 1], &network->layers[i]);
}

const char *mf_activation_name(mf_activation activation)
{
    return activations[activation];
}

const mf_layer *mf_network_weight_layer(const mf_network *network, size_t number)
{
    return number < network->n_weight_layers ? network->weight_layers[number] : NULL;
}

mf_status mf_network_finish(mf_network *network, mf_diag *diag)
{
    network->weight_layers =
        MF_NEW_ARRAY(network->arena, const mf_layer *, network->n_weight_layers);
    if (!network->weight_layers)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < network->n_layers; i++)
        if (network->layers[i].number >= 0)
            network->weight_layers[network->layers[i].number] = &network->layers[i];
    return MF_OK;
}

uint64_t mf_layer_input_words(const mf_layer *layer, size_t k)
{
    return mf_kind_input_words(mf_layer_record_of(layer->kind), &layer->shape,
                               layer->input_channels[k], k);
}

bool mf_layer_reads_again(const mf_layer *layer, size_t k)
{
    for (size_t i = 0; i < k; i++)
        if (layer->input[i] == layer->input[k])
            return true;
    return false;
}

mf_status mf_layer_set_inputs(mf_arena *arena, mf_layer *layer, size_t n, const int *input,
                              const uint64_t *channels, mf_diag *diag)
{
    int *from = MF_NEW_ARRAY(arena, int, n);
    uint64_t *read = MF_NEW_ARRAY(arena, uint64_t, n);
    if (!from || !read)
        return mf_fail_memory(diag);
    memcpy(from, input, n * sizeof *from);
    memcpy(read, channels, n * sizeof *read);
    layer->n_inputs = n;
    layer->input = from;
    layer->input_channels = read;
    return MF_OK;
}

uint64_t mf_layer_params(const mf_layer *layer)
{
    if (!mf_layer_has_weights(layer))
        return 0;
    uint64_t m = layer->shape.m;
    return mf_shape_weights(&layer->shape) + (layer->bias ? m : 0) + (layer->norm ? 2 * m : 0);
}

bool mf_layer_is_pointlike(const mf_layer *layer)
{
    const mf_shape *p = &layer->shape;
    return p->h == 1 && p->w == 1 && p->e == 1 && p->f == 1;
}
