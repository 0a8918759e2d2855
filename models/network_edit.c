/* One layer after the other through the builder. */
#include "models/network_edit.h"

#include "base/arena.h"
#include "models/kinds/kind.h"

#include <string.h>

typedef struct editor {
    const mf_network *network;
    const mf_network_edit *edit;
    mf_builder builder;
    mf_feature_map *maps; /* [n_layers]: what each layer's output has become */
    bool *gone;           /* [n_layers]: nothing, with its block */
} editor;

static bool is_removed(const editor *e, const char *place)
{
    return place && e->edit->removes && e->edit->removes(e->edit->user, place);
}

/* What input `from` of a layer has become. */
static mf_status map_of(const editor *e, const mf_layer *reader, int from, mf_feature_map *map,
                        mf_diag *diag)
{
    if (from == MF_NETWORK_INPUT) {
        const mf_network *n = e->builder.network;
        *map = (mf_feature_map){from, n->input_channels, n->input_rows, n->input_columns};
        return MF_OK;
    }
    if (e->gone[from])
        return mf_fail(diag, MF_INVALID, "%s reads %s, which is inside a removed block", reader->id,
                       e->network->layers[from].id);
    *map = e->maps[from];
    return MF_OK;
}

/* A removed block's last layer becomes what its first one read. */
static mf_status skip(editor *e, size_t i, mf_diag *diag)
{
    const mf_layer *layers = e->network->layers;
    size_t first = mf_network_block_begin(e->network, i);
    bool is_last = mf_network_ends_block(e->network, i);
    e->gone[i] = !is_last;
    return is_last ? map_of(e, &layers[first], layers[first].input[0], &e->maps[i], diag) : MF_OK;
}

static mf_status copy(editor *e, size_t i, mf_diag *diag)
{
    const mf_layer *layer = &e->network->layers[i];
    const mf_layer_record *kind = mf_layer_record_of(layer->kind);
    const mf_network_edit *edit = e->edit;
    mf_builder *builder = &e->builder;
    mf_feature_map inputs[MF_MOST_INPUTS];
    uint64_t channels = layer->shape.m;
    for (size_t k = 0; k < layer->n_inputs; k++)
        MF_TRY(map_of(e, layer, layer->input[k], &inputs[k], diag));
    builder->part = layer->part;
    builder->place = layer->place;
    builder->op = layer->op;
    if (kind->has_weights && edit->op)
        builder->op = edit->op(edit->user, layer);
    if (kind->has_weights && edit->channels)
        channels = edit->channels(edit->user, layer);
    builder->map = inputs[0];
    MF_TRY(kind->append(builder, layer, channels, inputs, diag));
    mf_network *edited = builder->network;
    edited->layers[edited->n_layers - 1].name = mf_arena_string(edited->arena, layer->name);
    if (!edited->layers[edited->n_layers - 1].name)
        return mf_fail_memory(diag);
    if (edit->insert)
        MF_TRY(edit->insert(edit->user, layer, builder, diag));
    e->maps[i] = builder->map;
    return MF_OK;
}

static mf_status edit_layers(editor *e, mf_diag *diag)
{
    for (size_t i = 0; i < e->network->n_layers; i++) {
        const mf_layer *layer = &e->network->layers[i];
        mf_diag why = {0};
        if (!layer->id)
            return mf_fail(diag, MF_INVALID,
                           "the layers of %s stand alone: what feeds what is not known",
                           e->network->name);
        mf_status status = is_removed(e, layer->place) ? skip(e, i, &why) : copy(e, i, &why);
        if (status != MF_OK)
            return mf_fail(diag, status, "%s: %s", layer->id, why.message);
    }
    return MF_OK;
}

mf_status mf_network_edited(const mf_network *network, const mf_network_edit *edit,
                            mf_network **edited, mf_diag *diag)
{
    const mf_network_head head = {.name = network->name,
                                  .about = network->about,
                                  .source = network->source,
                                  .batch = network->batch,
                                  .classes = network->classes,
                                  .channels = network->input_channels,
                                  .rows = network->input_rows,
                                  .columns = network->input_columns,
                                  .width_multiplier = network->width_multiplier};
    mf_status status;
    editor e = {.network = network, .edit = edit};
    MF_TRY_DONE(mf_builder_begin(&e.builder, &head, diag));
    mf_arena *arena = e.builder.network->arena;
    e.maps = MF_NEW_ARRAY(arena, mf_feature_map, network->n_layers);
    e.gone = MF_NEW_ARRAY(arena, bool, network->n_layers);
    if (!e.maps || !e.gone)
        MF_TRY_DONE(mf_fail_memory(diag));
    MF_TRY_DONE(edit_layers(&e, diag));
    MF_TRY_DONE(mf_builder_end(&e.builder, edited, diag));
done:
    mf_builder_abandon(&e.builder);
    return status;
}
