/* Blocks are copied layer by layer, behind the layer that each ends in. */
#include "models/network_deepen.h"

#include "models/kinds/kind.h"
#include "models/network_edit.h"

#include <inttypes.h>
#include <string.h>

typedef struct deepener {
    const mf_network *network;
    const char *op;
    uint64_t n_blocks, n_new;
} deepener;

/* "stage2.block1": both of stage2? A place without a dot is a stage of its own. */
static bool are_of_one_stage(const char *a, const char *b)
{
    size_t n = strcspn(a, "."), m = strcspn(b, ".");
    return a[n] && n == m && strncmp(a, b, n) == 0;
}

/* Does a block end in layer i, as the sum of what the block reads and of its branch? */
static bool ends_identity_block(const mf_network *network, size_t i)
{
    const mf_layer *layers = network->layers, *sum = &layers[i];
    if (!sum->place || sum->kind != MF_LAYER_RESIDUAL_ADD || sum->n_inputs != 2 ||
        !mf_network_ends_block(network, i))
        return false;
    size_t first = mf_network_block_begin(network, i);
    int from = layers[first].input[0];
    bool other = sum->input[1] == from, one = sum->input[0] == from;
    int branch = sum->input[one ? 1 : 0];
    return first < i && (one || other) && branch >= (int)first && layers[branch].norm &&
           mf_layer_has_weights(&layers[branch]);
}

static bool is_last_of_its_stage(const mf_network *network, size_t i)
{
    for (size_t k = i + 1; k < network->n_layers; k++)
        if (ends_identity_block(network, k) &&
            are_of_one_stage(network->layers[k].place, network->layers[i].place))
            return false;
    return true;
}

static mf_status copy_block(deepener *d, size_t first, size_t last, mf_builder *builder,
                            mf_diag *diag)
{
    const mf_layer *layers = d->network->layers;
    int before = builder->map.layer, reads = layers[first].input[0];
    const mf_feature_map input = builder->map;
    mf_arena *arena = builder->network->arena;
    builder->place = mf_arena_format(arena, "%s.deep%" PRIu64, layers[first].place, ++d->n_new);
    builder->prefix = MF_DEEP_PREFIX;
    builder->op = mf_arena_string(arena, d->op);
    if (!builder->place || !builder->op)
        return mf_fail_memory(diag);
    for (size_t i = first; i <= last; i++) {
        mf_feature_map inputs[MF_MOST_INPUTS];
        for (size_t k = 0; k < layers[i].n_inputs; k++) {
            int from = layers[i].input[k];
            if (from == reads) {
                inputs[k] = input;
                continue;
            }
            const mf_layer *made = &builder->network->layers[before + 1 + from - (int)first];
            inputs[k] = (mf_feature_map){before + 1 + from - (int)first, made->shape.m,
                                         made->shape.e, made->shape.f};
        }
        builder->map = inputs[0];
        MF_TRY(mf_layer_record_of(layers[i].kind)
                   ->append(builder, &layers[i], layers[i].shape.m, inputs, diag));
    }
    builder->prefix = NULL;
    return MF_OK;
}

static mf_status insert(void *user, const mf_layer *layer, mf_builder *builder, mf_diag *diag)
{
    deepener *d = user;
    size_t last = (size_t)(layer - d->network->layers);
    if (!ends_identity_block(d->network, last) || !is_last_of_its_stage(d->network, last))
        return MF_OK;
    for (uint64_t i = 0; i < d->n_blocks; i++)
        MF_TRY(copy_block(d, mf_network_block_begin(d->network, last), last, builder, diag));
    return MF_OK;
}

mf_status mf_network_deepened(const mf_network *network, uint64_t n_blocks, const char *op,
                              mf_network **deepened, mf_diag *diag)
{
    deepener d = {.network = network, .op = op, .n_blocks = n_blocks};
    const mf_network_edit edit = {.user = &d, .insert = insert};
    mf_status status = mf_network_edited(network, &edit, deepened, diag);
    if (status != MF_OK || d.n_new)
        return status;
    mf_network_destroy(*deepened);
    *deepened = NULL;
    return mf_fail(diag, MF_INVALID,
                   "%s has no block that ends in the sum of its input and a branch with a norm: "
                   "nowhere can others come behind and go away again",
                   network->name);
}

bool mf_layer_is_deep(const mf_layer *layer)
{
    return strncmp(layer->name, MF_DEEP_PREFIX, sizeof MF_DEEP_PREFIX - 1) == 0;
}

bool mf_layer_ends_deep_branch(const mf_network *deepened, size_t layer)
{
    size_t i = layer;
    if (!mf_layer_is_deep(&deepened->layers[layer]))
        return false;
    while (!mf_network_ends_block(deepened, i))
        i++;
    const mf_layer *sum = &deepened->layers[i];
    return i > layer && (sum->input[0] == (int)layer || sum->input[1] == (int)layer);
}
