/* Which words may a network description use? One function per part type, and the table of them at
 * the end of the file: a new block type is one function and one line. Parts are written as papers
 * write them (channels before the width multiplier, expansion factors, repeats); docs/NETWORKS.md
 * is their manual. */
#include "models/formats/network_parts.h"

#include "base/faults.h"
#include "models/formats/part_blocks.h"
#include "models/formats/part_words.h"

#include <inttypes.h>
#include <string.h>

/* ---- the parts ---------------------------------------------------------------------------------
 */

static const char *const conv_keys[] = {
    MF_COMMON_KEYS, "op",     "name", "channels", "scale",      "at_least", "kernel", "stride",
    "padding",      "groups", "norm", "bias",     "activation", "repeat",   NULL};

static mf_status part_conv(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    mf_faults faults = {0};
    mf_conv_words words = mf_conv_same(builder, "conv", 0, 1);
    uint64_t repeats = 1, stride = 1;
    MF_ALSO(mf_part_repeats(part, &repeats, &faults.latest));
    MF_ALSO(mf_part_channels(builder, part, &words.channels, &faults.latest));
    MF_ALSO(mf_part_stride(part, &stride, &faults.latest));
    MF_ALSO(
        mf_json_count_or(part, "groups", 1, MF_LARGEST_DIMENSION, &words.groups, &faults.latest));
    MF_ALSO(mf_part_tail(part, &words, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    for (uint64_t i = 0; i < repeats; i++) {
        MF_TRY(mf_part_kernel(part, i, 1, &words, diag));
        MF_TRY(mf_part_padding(part, &words, diag));
        words.stride = i == 0 ? stride : 1;
        MF_BUILD(part, mf_build_conv(builder, &words, &why));
    }
    return MF_OK;
}

static const char *const depthwise_keys[] = {MF_COMMON_KEYS, "op",   "name", "kernel",     "stride",
                                             "padding",      "norm", "bias", "activation", NULL};

static mf_status part_depthwise(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    mf_conv_words words = mf_conv_same(builder, "depthwise", builder->map.channels, 3);
    words.groups = words.channels;
    MF_TRY(mf_part_tail(part, &words, diag));
    MF_TRY(mf_part_kernel(part, 0, 3, &words, diag));
    MF_TRY(mf_part_padding(part, &words, diag));
    MF_TRY(mf_part_stride(part, &words.stride, diag));
    MF_BUILD(part, mf_build_conv(builder, &words, &why));
    return MF_OK;
}

static const char *const fc_keys[] = {MF_COMMON_KEYS, "op",   "name", "channels",   "scale",
                                      "at_least",     "norm", "bias", "activation", NULL};

static mf_status part_fc(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    mf_faults faults = {0};
    if (builder->n_ops)
        return mf_json_fail(part, diag, MF_INVALID,
                            "op: only convolutions are lowered to several operators, not fc");
    mf_conv_words words = {.role = "fc"};
    MF_ALSO(mf_part_channels(builder, part, &words.channels, &faults.latest));
    MF_ALSO(mf_part_tail(part, &words, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    MF_BUILD(part, mf_build_fc(builder, &words, &why));
    return MF_OK;
}

static const char *const pool_keys[] = {MF_COMMON_KEYS, "kind",      "kernel", "stride",
                                        "padding",      "ceil_mode", NULL};

static mf_status part_pool(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    mf_faults faults = {0};
    static const char *const kinds[] = {"max", "average"};
    size_t kind = 0;
    uint64_t kernel = 1, stride = 1, pad = 0;
    bool ceil_mode = false;
    MF_ALSO(mf_json_choice(part, "kind", kinds, 2, &kind, &faults.latest));
    MF_ALSO(mf_json_count(part, "kernel", 1, MF_LARGEST_DIMENSION, &kernel, &faults.latest));
    MF_ALSO(mf_json_count(part, "stride", 1, MF_LARGEST_DIMENSION, &stride, &faults.latest));
    MF_ALSO(mf_json_count_or(part, "padding", 0, kernel / 2, &pad, &faults.latest));
    MF_ALSO(mf_json_bool_or(part, "ceil_mode", &ceil_mode, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    MF_BUILD(part, mf_build_pool(builder, kind == 0, kernel, stride, pad, ceil_mode, &why));
    return MF_OK;
}

static const char *const global_pool_keys[] = {MF_COMMON_KEYS, NULL};

static mf_status part_global_pool(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    MF_BUILD(part, mf_build_global_pool(builder, &why));
    return MF_OK;
}

/* ---- maps that meet ----------------------------------------------------------------------------
 */

static const char *const join_keys[] = {MF_COMMON_KEYS, "with", NULL};

static mf_status part_concat(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    mf_feature_map others[MF_MOST_INPUTS - 1];
    size_t n;
    MF_TRY(mf_part_maps(builder, part, "with", MF_MOST_INPUTS - 1, others, &n, diag));
    MF_BUILD(part, mf_build_concat(builder, others, n, &why));
    return MF_OK;
}

static const char *const add_keys[] = {MF_COMMON_KEYS, "with", "activation", NULL};

static mf_status part_add(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    mf_feature_map other;
    mf_activation activation = MF_ACTIVATION_NONE;
    MF_TRY(mf_activation_or(part, &activation, diag));
    MF_TRY(mf_part_map(builder, part, "with", &other, diag));
    MF_BUILD(part, mf_build_add(builder, &other, activation, &why));
    return MF_OK;
}

static const char *const upsample_keys[] = {MF_COMMON_KEYS, "factor", "mode", NULL};

static mf_status part_upsample(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    static const char *const modes[] = {"nearest", "bilinear"};
    mf_faults faults = {0};
    uint64_t factor = 2;
    size_t mode = 0;
    MF_ALSO(mf_json_choice(part, "mode", modes, 2, &mode, &faults.latest));
    MF_ALSO(mf_json_count(part, "factor", 2, MF_LARGEST_DIMENSION, &factor, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    mf_layer_kind kind = mode == 0 ? MF_LAYER_UPSAMPLE_NEAREST : MF_LAYER_UPSAMPLE_BILINEAR;
    MF_BUILD(part, mf_build_upsample(builder, kind, factor, &why));
    return MF_OK;
}

/* ---- the table ---------------------------------------------------------------------------------
 */

static const struct {
    const char *type;
    const char *const *keys;
    mf_status (*build)(mf_builder *builder, const mf_json *part, mf_diag *diag);
    bool has_blocks;
} parts[] = {
    {"conv", conv_keys, part_conv, false},
    {"depthwise", depthwise_keys, part_depthwise, false},
    {"fc", fc_keys, part_fc, false},
    {"pool", pool_keys, part_pool, false},
    {"global_pool", global_pool_keys, part_global_pool, false},
    {"concat", join_keys, part_concat, false},
    {"add", add_keys, part_add, false},
    {"upsample", upsample_keys, part_upsample, false},
    {"inverted_residual", mf_inverted_residual_keys, mf_part_inverted_residual, true},
    {"basic_block", mf_basic_block_keys, mf_part_basic_block, true},
    {"bottleneck", mf_bottleneck_keys, mf_part_bottleneck, true},
};

enum { N_PARTS = sizeof parts / sizeof parts[0] };

/* "op": the operator of a part's layers, or a list of those that its convolutions are lowered to.
 */
static mf_status read_op(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    mf_json member, item = {0};
    builder->op = NULL;
    builder->n_ops = 0;
    if (!mf_json_find(part, "op", &member))
        return MF_OK;
    if (!mf_json_is_array(&member))
        return mf_json_read_string(&member, &builder->op, diag);
    size_t n = mf_json_size(&member);
    if (n < 2 || n > MF_MOST_LOWERED)
        return mf_json_fail(&member, diag, MF_INVALID,
                            "a convolution is lowered to 2 to %d operators, found %zu",
                            MF_MOST_LOWERED, n);
    while (mf_json_next(&member, &item))
        MF_TRY(mf_json_read_string(&item, &builder->ops[builder->n_ops++], diag));
    return MF_OK;
}

/* Has a part before it been at this place, or at blocks of it? */
static bool is_taken(const mf_network *network, const char *place)
{
    size_t n = strlen(place);
    for (size_t i = 0; i < network->n_layers; i++) {
        const char *other = network->layers[i].place;
        if (other && strncmp(other, place, n) == 0 && (other[n] == '\0' || other[n] == '.'))
            return true;
    }
    return false;
}

/* Ids of layers begin with the part's label, dots replaced; of blocks without one with the number
 * of their part among those that have blocks, or the next that is not taken by a label. */
static mf_status name_place(mf_builder *builder, const mf_json *part, bool has_blocks,
                            int *n_stages, mf_diag *diag)
{
    const char *label = NULL;
    char *place = NULL;
    mf_arena *arena = builder->network->arena;
    mf_json member;
    *n_stages += has_blocks;
    builder->place = builder->stage = NULL;
    MF_TRY(mf_json_string_or(part, "label", &label, diag));
    if (!label && !has_blocks)
        return MF_OK;
    do {
        place = label ? mf_arena_format(arena, "%s", label)
                      : mf_arena_format(arena, "stage%d", *n_stages);
        if (!place)
            return mf_fail_memory(diag);
    } while (!label && is_taken(builder->network, place) && ++*n_stages);
    for (char *c = place; *c; c++)
        *c = *c == '.' ? '_' : *c;
    mf_feature_map map;
    bool known = label && mf_builder_labelled(builder, label, &map, NULL) == MF_OK;
    if (label && !known && is_taken(builder->network, place) &&
        mf_json_find(part, "label", &member))
        return mf_json_fail(&member, diag, MF_INVALID,
                            "the ids of an earlier part's layers begin with \"%.60s\"", place);
    builder->place = builder->stage = place;
    return MF_OK;
}

mf_status mf_build_failed(const mf_json *place, const mf_diag *why, mf_diag *diag)
{
    if (why->status == MF_NO_MEMORY)
        return mf_fail_memory(diag);
    mf_json_fail(place, diag, why->status, "%s", why->message);
    if (why->hint[0])
        mf_hint(diag, "%s", why->hint);
    return why->status;
}

mf_status mf_build_part(mf_builder *builder, const mf_json *part, int *n_stages, mf_diag *diag)
{
    const char *types[N_PARTS], *label = NULL;
    mf_json member;
    for (size_t i = 0; i < N_PARTS; i++)
        types[i] = parts[i].type;
    size_t type;
    MF_TRY(mf_json_choice(part, "type", types, N_PARTS, &type, diag));
    MF_TRY(mf_json_only(part, parts[type].keys, diag));
    MF_TRY(read_op(builder, part, diag));
    MF_TRY(name_place(builder, part, parts[type].has_blocks, n_stages, diag));
    if (mf_json_find(part, "from", &member))
        MF_TRY(mf_part_map(builder, part, "from", &builder->map, diag));
    MF_TRY(parts[type].build(builder, part, diag));
    if (!mf_json_find(part, "label", &member))
        return MF_OK;
    MF_TRY(mf_json_read_string(&member, &label, diag));
    MF_BUILD(&member, mf_builder_label(builder, label, &why));
    return MF_OK;
}
