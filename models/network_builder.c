/* Shape inference, one layer at a time. */
#include "models/network_builder.h"

#include "base/arena.h"
#include "base/nearest.h"
#include "models/kinds/kind.h"

#include <inttypes.h>
#include <string.h>

uint64_t mf_round_channels(double value, uint64_t divisor)
{
    uint64_t half_up = (uint64_t)(value + (double)divisor / 2);
    uint64_t rounded = half_up / divisor * divisor;
    if (rounded < divisor)
        rounded = divisor;
    if ((double)rounded < 0.9 * value)
        rounded += divisor;
    return rounded;
}

mf_conv_words mf_conv_same(const mf_builder *builder, const char *role, uint64_t channels,
                           uint64_t kernel)
{
    return (mf_conv_words){.role = role,
                           .channels = channels,
                           .kernel_rows = kernel,
                           .kernel_columns = kernel,
                           .stride = 1,
                           .pad_rows = kernel / 2,
                           .pad_columns = kernel / 2,
                           .groups = 1,
                           .bias = !builder->norm,
                           .norm = builder->norm,
                           .activation = builder->activation};
}

/* A zeroed layer at the end of the list; NULL when memory is out. */
static mf_layer *append(mf_builder *builder, mf_layer_kind kind)
{
    mf_network *network = builder->network;
    if (network->n_layers == builder->capacity) {
        size_t capacity = builder->capacity ? builder->capacity * 2 : 64;
        mf_layer *layers = MF_NEW_ARRAY(network->arena, mf_layer, capacity);
        if (!layers)
            return NULL;
        if (network->n_layers)
            memcpy(layers, network->layers, network->n_layers * sizeof *layers);
        network->layers = layers;
        builder->capacity = capacity;
    }
    mf_layer *layer = &network->layers[network->n_layers];
    *layer = (mf_layer){.kind = kind, .number = -1, .part = builder->part};
    return layer;
}

static bool is_at(const mf_layer *layer, const char *place)
{
    return place && layer->place ? strcmp(layer->place, place) == 0 : place == layer->place;
}

/* Dots and hyphens are what ids are put together with: a role has none in its id. */
static char in_id(char c)
{
    return c == '.' || c == '-' ? '_' : c;
}

static bool same_in_ids(const char *a, const char *b)
{
    while (*a && in_id(*a) == in_id(*b))
        a++, b++;
    return *a == *b;
}

/* "PLACE.ROLE", and from the second of its like at one place on a number behind it: what is built
 * elsewhere does not change it. */
static mf_status give_id(const mf_builder *builder, mf_layer *layer, mf_diag *diag)
{
    mf_arena *arena = builder->network->arena;
    const char *place = builder->place ? builder->place : "", *dot = builder->place ? "." : "";
    size_t n = 1;
    for (size_t i = builder->network->n_layers; i-- > 0;) {
        const mf_layer *other = &builder->network->layers[i];
        bool here = is_at(other, builder->place);
        if (builder->place && !here)
            break; /* layers of a place follow one another */
        n += here && same_in_ids(other->role, layer->role);
    }
    char *role = mf_arena_format(arena, "%s", layer->role);
    layer->place = builder->place ? mf_arena_string(arena, builder->place) : NULL;
    if (!role || (builder->place && !layer->place))
        return mf_fail_memory(diag);
    for (char *c = role; *c; c++)
        *c = in_id(*c);
    layer->id = n == 1 ? mf_arena_format(arena, "%s%s%s", place, dot, role)
                       : mf_arena_format(arena, "%s%s%s-%zu", place, dot, role, n);
    return layer->id ? MF_OK : mf_fail_memory(diag);
}

static mf_status set_inputs(const mf_builder *builder, mf_layer *layer, const char *role,
                            const mf_feature_map *maps, size_t n, mf_diag *diag)
{
    const mf_network *network = builder->network;
    bool stacks = mf_layer_record_of(layer->kind)->stacks;
    int input[MF_MOST_INPUTS];
    uint64_t channels[MF_MOST_INPUTS];
    for (size_t k = 0; k < n; k++) {
        if (maps[k].layer >= (int)network->n_layers)
            return mf_fail(diag, MF_INVALID, "%s reads layer %d of %zu", role, maps[k].layer,
                           network->n_layers);
        input[k] = maps[k].layer;
        channels[k] = stacks ? maps[k].channels : layer->shape.c;
    }
    return mf_layer_set_inputs(network->arena, layer, n, input, channels, diag);
}

/* Checks the sizes of the appended layer, of whatever kind, which reads `n` maps, names it, and
 * makes its output the running map. */
static mf_status finish_join(mf_builder *builder, mf_layer *layer, const char *role,
                             const mf_feature_map *maps, size_t n, mf_diag *diag)
{
    mf_network *network = builder->network;
    const mf_shape *p = &layer->shape;
    MF_TRY(set_inputs(builder, layer, role, maps, n, diag));
    MF_TRY(mf_shape_check(p, diag));
    MF_TRY(mf_network_check_size(network->n_layers + 1, diag));
    size_t number = network->n_layers - network->n_weight_layers;
    if (mf_layer_has_weights(layer)) {
        number = network->n_weight_layers++;
        layer->number = (int)number;
    }
    layer->role = mf_arena_string(network->arena, role);
    layer->name = mf_arena_format(network->arena, "%s%s_%zu",
                                  builder->prefix ? builder->prefix : "", role, number);
    if (builder->op) {
        layer->op = mf_arena_string(network->arena, builder->op);
        if (!layer->op)
            return mf_fail_memory(diag);
    }
    if (!layer->role || !layer->name)
        return mf_fail_memory(diag);
    MF_TRY(give_id(builder, layer, diag));
    builder->map = (mf_feature_map){(int)network->n_layers, p->m, p->e, p->f};
    network->n_layers++;
    return MF_OK;
}

/* The same of a layer that reads the running map. */
static mf_status finish(mf_builder *builder, mf_layer *layer, const char *role, mf_diag *diag)
{
    const mf_feature_map map = builder->map;
    return finish_join(builder, layer, role, &map, 1, diag);
}

static mf_status finish_weights(mf_builder *builder, mf_layer *layer, const mf_conv_words *words,
                                mf_diag *diag)
{
    layer->bias = words->bias;
    layer->norm = words->norm;
    layer->activation = words->activation;
    return finish(builder, layer, words->role, diag);
}

static mf_status fail_kernel(mf_diag *diag, uint64_t rows, uint64_t columns,
                             const mf_feature_map *map, uint64_t pad)
{
    return mf_fail(diag, MF_INVALID,
                   "a %" PRIu64 "x%" PRIu64 " kernel does not fit the %" PRIu64 "x%" PRIu64
                   " input padded by %" PRIu64,
                   rows, columns, map->rows, map->columns, pad);
}

static mf_status build_one_conv(mf_builder *builder, const mf_conv_words *words, mf_diag *diag)
{
    const mf_feature_map *map = &builder->map;
    if (map->channels % words->groups || words->channels % words->groups)
        return mf_fail(diag, MF_INVALID,
                       "%" PRIu64 " groups divide neither evenly %" PRIu64 " input nor %" PRIu64
                       " output channels",
                       words->groups, map->channels, words->channels);
    uint64_t e =
        mf_shape_windows(map->rows, words->kernel_rows, words->stride, words->pad_rows, false);
    uint64_t f = mf_shape_windows(map->columns, words->kernel_columns, words->stride,
                                  words->pad_columns, false);
    if (e == 0 || f == 0)
        return fail_kernel(diag, words->kernel_rows, words->kernel_columns, map, words->pad_rows);
    bool depthwise =
        words->groups > 1 && words->groups == map->channels && words->groups == words->channels;
    mf_layer *layer = append(builder, depthwise ? MF_LAYER_DEPTHWISE : MF_LAYER_CONV);
    if (!layer)
        return mf_fail_memory(diag);
    layer->shape = (mf_shape){.n = builder->network->batch,
                              .m = words->channels,
                              .c = map->channels,
                              .g = words->groups,
                              .h = map->rows,
                              .w = map->columns,
                              .r = words->kernel_rows,
                              .s = words->kernel_columns,
                              .e = e,
                              .f = f,
                              .stride = words->stride,
                              .pad_rows = words->pad_rows,
                              .pad_columns = words->pad_columns};
    return finish_weights(builder, layer, words, diag);
}

mf_status mf_build_conv(mf_builder *builder, const mf_conv_words *words, mf_diag *diag)
{
    mf_conv_words next = *words;
    if (builder->n_ops < 2)
        return build_one_conv(builder, words, diag);
    if (words->kernel_rows % 2 == 0 || words->kernel_columns % 2 == 0)
        return mf_fail(diag, MF_INVALID,
                       "a %" PRIu64 "x%" PRIu64
                       " convolution cannot be lowered to several: only odd kernels keep the "
                       "map's size",
                       words->kernel_rows, words->kernel_columns);
    for (size_t i = 0; i < builder->n_ops; i++) {
        bool last = i + 1 == builder->n_ops;
        builder->op = builder->ops[i];
        next.norm = last && words->norm;
        next.bias = last && words->bias;
        next.activation = last ? words->activation : MF_ACTIVATION_NONE;
        MF_TRY(build_one_conv(builder, &next, diag));
        next.stride = 1;
        next.pad_rows = words->kernel_rows / 2;
        next.pad_columns = words->kernel_columns / 2;
    }
    builder->op = NULL;
    return MF_OK;
}

mf_status mf_build_fc(mf_builder *builder, const mf_conv_words *words, mf_diag *diag)
{
    const mf_feature_map *map = &builder->map;
    uint64_t flat;
    if (__builtin_mul_overflow(map->channels, map->rows, &flat) ||
        __builtin_mul_overflow(flat, map->columns, &flat) || flat > MF_LARGEST_COUNT)
        return mf_fail(diag, MF_TOO_LARGE, "more than 2^53 inputs");
    mf_layer *layer = append(builder, MF_LAYER_FC);
    if (!layer)
        return mf_fail_memory(diag);
    layer->shape = (mf_shape){.n = builder->network->batch,
                              .m = words->channels,
                              .c = flat,
                              .g = 1,
                              .h = 1,
                              .w = 1,
                              .r = 1,
                              .s = 1,
                              .e = 1,
                              .f = 1,
                              .stride = 1};
    return finish_weights(builder, layer, words, diag);
}

mf_status mf_build_pool(mf_builder *builder, bool maximum, uint64_t kernel, uint64_t stride,
                        uint64_t pad, bool ceil_mode, mf_diag *diag)
{
    const mf_feature_map map = builder->map;
    uint64_t e = mf_shape_windows(map.rows, kernel, stride, pad, ceil_mode);
    uint64_t f = mf_shape_windows(map.columns, kernel, stride, pad, ceil_mode);
    if (e == 0 || f == 0)
        return fail_kernel(diag, kernel, kernel, &map, pad);
    mf_layer *layer = append(builder, MF_LAYER_POOL);
    if (!layer)
        return mf_fail_memory(diag);
    layer->shape = (mf_shape){builder->network->batch,
                              map.channels,
                              map.channels,
                              map.channels,
                              map.rows,
                              map.columns,
                              kernel,
                              kernel,
                              e,
                              f,
                              stride,
                              pad,
                              pad};
    layer->maximum = maximum;
    return finish(builder, layer, "pool", diag);
}

/* A layer without kernel: from `map` to a map of `rows` x `columns`. */
static mf_shape plain_shape(const mf_builder *builder, const mf_feature_map *map, uint64_t rows,
                            uint64_t columns)
{
    return (mf_shape){builder->network->batch,
                      map->channels,
                      map->channels,
                      map->channels,
                      map->rows,
                      map->columns,
                      1,
                      1,
                      rows,
                      columns,
                      1,
                      0,
                      0};
}

mf_status mf_build_global_pool(mf_builder *builder, mf_diag *diag)
{
    mf_layer *layer = append(builder, MF_LAYER_GLOBAL_POOL);
    if (!layer)
        return mf_fail_memory(diag);
    layer->shape = plain_shape(builder, &builder->map, 1, 1);
    layer->shape.r = builder->map.rows;
    layer->shape.s = builder->map.columns;
    return finish(builder, layer, "global_pool", diag);
}

mf_status mf_build_scale(mf_builder *builder, const mf_feature_map *other, mf_diag *diag)
{
    mf_layer *layer = append(builder, MF_LAYER_SCALE);
    if (!layer)
        return mf_fail_memory(diag);
    const mf_feature_map maps[] = {*other, builder->map};
    layer->shape = plain_shape(builder, other, other->rows, other->columns);
    return finish_join(builder, layer, "scale", maps, 2, diag);
}

/* ---- maps that meet ----------------------------------------------------------------------------
 */

static const char *maker_of(const mf_builder *builder, const mf_feature_map *map)
{
    return map->layer < 0 ? "input" : builder->network->layers[map->layer].name;
}

/* "NEEDS, found 8x4x4 (conv_3) and 8x8x8 (stem_0)" */
static mf_status fail_join(const mf_builder *builder, const mf_feature_map *other,
                           const char *needs, mf_diag *diag)
{
    const mf_feature_map *map = &builder->map;
    return mf_fail(diag, MF_INVALID,
                   "%s, found %" PRIu64 "x%" PRIu64 "x%" PRIu64 " (%s) and %" PRIu64 "x%" PRIu64
                   "x%" PRIu64 " (%s)",
                   needs, map->channels, map->rows, map->columns, maker_of(builder, map),
                   other->channels, other->rows, other->columns, maker_of(builder, other));
}

mf_status mf_build_residual_add(mf_builder *builder, const mf_feature_map *other,
                                mf_activation activation, mf_diag *diag)
{
    const mf_feature_map *map = &builder->map;
    if (other->channels > map->channels || other->rows < map->rows || other->columns < map->columns)
        return fail_join(
            builder, other,
            "a sum needs maps of one shape, or a larger second one with fewer channels", diag);
    mf_layer *layer = append(builder, MF_LAYER_RESIDUAL_ADD);
    if (!layer)
        return mf_fail_memory(diag);
    const mf_feature_map maps[] = {*map, *other};
    layer->activation = activation;
    layer->shape = plain_shape(builder, map, map->rows, map->columns);
    return finish_join(builder, layer, "residual_add", maps, 2, diag);
}

mf_status mf_build_add(mf_builder *builder, const mf_feature_map *other, mf_activation activation,
                       mf_diag *diag)
{
    const mf_feature_map *map = &builder->map;
    if (other->channels != map->channels || other->rows != map->rows ||
        other->columns != map->columns)
        return fail_join(builder, other, "add needs maps of one shape", diag);
    return mf_build_residual_add(builder, other, activation, diag);
}

mf_status mf_build_concat(mf_builder *builder, const mf_feature_map *others, size_t n_others,
                          mf_diag *diag)
{
    mf_feature_map maps[MF_MOST_INPUTS] = {builder->map};
    uint64_t channels = builder->map.channels;
    if (n_others == 0 || n_others >= MF_MOST_INPUTS)
        return mf_fail(diag, MF_INVALID, "concat puts 2 to %d maps behind each other, found %zu",
                       MF_MOST_INPUTS, 1 + n_others);
    for (size_t k = 0; k < n_others; k++) {
        if (others[k].rows != maps->rows || others[k].columns != maps->columns)
            return fail_join(builder, &others[k], "concat needs maps of the same rows and columns",
                             diag);
        maps[k + 1] = others[k];
        channels += others[k].channels;
    }
    mf_layer *layer = append(builder, MF_LAYER_CONCAT);
    if (!layer)
        return mf_fail_memory(diag);
    layer->shape = plain_shape(builder, maps, maps->rows, maps->columns);
    layer->shape.g = 1;
    layer->shape.m = channels;
    return finish_join(builder, layer, "concat", maps, 1 + n_others, diag);
}

mf_status mf_build_upsample(mf_builder *builder, mf_layer_kind kind, uint64_t factor, mf_diag *diag)
{
    const mf_feature_map *map = &builder->map;
    if (map->rows * factor > MF_LARGEST_DIMENSION || map->columns * factor > MF_LARGEST_DIMENSION)
        return mf_fail(diag, MF_TOO_LARGE,
                       "a %" PRIu64 "x%" PRIu64 " map %" PRIu64
                       " times as large is above the largest size, %" PRIu64,
                       map->rows, map->columns, factor, MF_LARGEST_DIMENSION);
    mf_layer *layer = append(builder, kind);
    if (!layer)
        return mf_fail_memory(diag);
    layer->shape = plain_shape(builder, map, map->rows * factor, map->columns * factor);
    return finish(builder, layer, "upsample", diag);
}

/* ---- labels ------------------------------------------------------------------------------------
 */

static const char input_label[] = "input";

static const mf_label *find_label(const mf_builder *builder, const char *name)
{
    for (size_t i = 0; i < builder->n_labels; i++)
        if (strcmp(builder->labels[i].name, name) == 0)
            return &builder->labels[i];
    return NULL;
}

mf_status mf_builder_label(mf_builder *builder, const char *name, mf_diag *diag)
{
    mf_arena *arena = builder->network->arena;
    if (strcmp(name, input_label) == 0)
        return mf_fail(diag, MF_INVALID, "\"%s\" is the network's input", input_label);
    if (find_label(builder, name))
        return mf_fail(diag, MF_INVALID, "an earlier part has the label \"%.60s\"", name);
    if (builder->n_labels == builder->label_capacity) {
        size_t capacity = builder->label_capacity ? 2 * builder->label_capacity : 16;
        mf_label *labels = MF_NEW_ARRAY(arena, mf_label, capacity);
        if (!labels)
            return mf_fail_memory(diag);
        if (builder->n_labels)
            memcpy(labels, builder->labels, builder->n_labels * sizeof *labels);
        builder->labels = labels;
        builder->label_capacity = capacity;
    }
    const char *copy = mf_arena_string(arena, name);
    if (!copy)
        return mf_fail_memory(diag);
    builder->labels[builder->n_labels++] = (mf_label){copy, builder->map};
    return MF_OK;
}

mf_status mf_builder_labelled(mf_builder *builder, const char *name, mf_feature_map *map,
                              mf_diag *diag)
{
    const mf_network *network = builder->network;
    if (strcmp(name, input_label) == 0) {
        *map = (mf_feature_map){MF_NETWORK_INPUT, network->input_channels, network->input_rows,
                                network->input_columns};
        return MF_OK;
    }
    const mf_label *label = find_label(builder, name);
    if (label) {
        *map = label->map;
        return MF_OK;
    }
    const char **names = MF_NEW_ARRAY(network->arena, const char *, builder->n_labels + 1);
    if (!names)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < builder->n_labels; i++)
        names[i] = builder->labels[i].name;
    const char *nearest = mf_nearest(name, names, builder->n_labels);
    mf_fail(diag, MF_INVALID, "no earlier part has the label \"%.60s\"", name);
    if (nearest)
        mf_hint(diag, "did you mean \"%.60s\"?", nearest);
    return MF_INVALID;
}

/* ---- beginning and end -------------------------------------------------------------------------
 */

static const char *copy_of(mf_arena *arena, const char *text)
{
    return mf_arena_string(arena, text ? text : "");
}

mf_status mf_builder_begin(mf_builder *builder, const mf_network_head *head, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    mf_network *network = arena ? MF_NEW(arena, mf_network) : NULL;
    *builder = (mf_builder){.divisor = 1, .norm = true};
    if (!network) {
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    *network = (mf_network){.name = copy_of(arena, head->name),
                            .about = copy_of(arena, head->about),
                            .source = copy_of(arena, head->source),
                            .batch = head->batch,
                            .classes = head->classes,
                            .input_channels = head->channels,
                            .input_rows = head->rows,
                            .input_columns = head->columns,
                            .width_multiplier = head->width_multiplier,
                            .arena = arena};
    builder->network = network;
    builder->map = (mf_feature_map){MF_NETWORK_INPUT, head->channels, head->rows, head->columns};
    return network->name && network->about && network->source ? MF_OK : mf_fail_memory(diag);
}

static bool reads(const mf_layer *layer, size_t index)
{
    for (size_t k = 0; k < layer->n_inputs; k++)
        if (layer->input[k] == (int)index)
            return true;
    return false;
}

static mf_status check_readers(const mf_network *network, mf_diag *diag)
{
    for (size_t i = 0; i + 1 < network->n_layers; i++) {
        bool read = false;
        for (size_t k = i + 1; k < network->n_layers && !read; k++)
            read = reads(&network->layers[k], i);
        if (!read)
            return mf_fail(diag, MF_INVALID,
                           "no layer reads %s, and the network ends in %s: it would have two "
                           "outputs",
                           network->layers[i].name, network->layers[network->n_layers - 1].name);
    }
    return MF_OK;
}

mf_status mf_builder_end(mf_builder *builder, mf_network **out, mf_diag *diag)
{
    mf_network *network = builder->network;
    const mf_feature_map *map = &builder->map;
    if (network->n_weight_layers == 0)
        return mf_fail(diag, MF_INVALID, "the network has no layer with weights");
    MF_TRY(check_readers(network, diag));
    if (network->classes > 0 &&
        (map->channels != network->classes || map->rows != 1 || map->columns != 1))
        return mf_fail(diag, MF_INVALID,
                       "the network ends in a %" PRIu64 "x%" PRIu64 "x%" PRIu64
                       " map, but \"classes\" is %" PRIu64,
                       map->channels, map->rows, map->columns, network->classes);
    MF_TRY(mf_network_finish(network, diag));
    *out = network;
    builder->network = NULL;
    return MF_OK;
}

void mf_builder_abandon(mf_builder *builder)
{
    mf_network_destroy(builder->network);
    builder->network = NULL;
}
