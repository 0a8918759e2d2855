/* Which words may a network description use? One function per part type, and the table of them at
 * the end of the file: a new block type is one function and one line. Parts are written as papers
 * write them (channels before the width multiplier, expansion factors, repeats); docs/NETWORKS.md
 * is their manual. */
#include "models/formats/network_parts.h"

#include "base/faults.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_REPEATS = 1000 };

/* Every part may say what it reads, and name what it ends in. */
#define COMMON_KEYS "type", "about", "from", "label"

mf_status mf_activation_or(const mf_json *object, mf_activation *activation, mf_diag *diag)
{
    const char *names[MF_N_ACTIVATIONS];
    mf_json member;
    size_t choice;
    if (!mf_json_find(object, "activation", &member))
        return MF_OK;
    for (int i = 0; i < MF_N_ACTIVATIONS; i++)
        names[i] = mf_activation_name((mf_activation)i);
    MF_TRY(mf_json_read_choice(&member, names, MF_N_ACTIVATIONS, &choice, diag));
    *activation = (mf_activation)choice;
    return MF_OK;
}

/* ---- words that several parts share ------------------------------------------------------------
 */

/* "channels": a number for width 1, or "classes"; "scale": false keeps it out of the width
 * multiplier; "at_least" is a floor behind it. */
static mf_status read_channels(mf_builder *builder, const mf_json *part, uint64_t *channels,
                               mf_diag *diag)
{
    mf_json member;
    uint64_t written, floor = 0;
    bool scale = true;
    MF_TRY(mf_json_get(part, "channels", &member, diag));
    if (mf_json_is_string(&member)) {
        static const char *const words[] = {"classes"};
        size_t choice;
        MF_TRY(mf_json_read_choice(&member, words, 1, &choice, diag));
        *channels = builder->network->classes;
        return *channels > 0 ? MF_OK
                             : mf_json_fail(&member, diag, MF_INVALID,
                                            "\"classes\" is not given: name it at the top of the "
                                            "description, or a number here");
    }
    MF_TRY(mf_json_read_count(&member, 1, MF_LARGEST_DIMENSION, &written, diag));
    MF_TRY(mf_json_bool_or(part, "scale", &scale, diag));
    MF_TRY(mf_json_count_or(part, "at_least", 1, MF_LARGEST_DIMENSION, &floor, diag));
    double width = scale ? builder->network->width_multiplier : 1.0;
    *channels = mf_round_channels((double)written * width, builder->divisor);
    if (*channels < floor)
        *channels = floor;
    return MF_OK;
}

/* A kernel is 3, or "1x7" (rows x columns). */
static mf_status read_kernel(const mf_json *value, uint64_t *rows, uint64_t *columns, mf_diag *diag)
{
    if (mf_json_is_string(value)) {
        const char *text;
        int end = 0;
        MF_TRY(mf_json_read_string(value, &text, diag));
        if (sscanf(text, "%6" SCNu64 "x%6" SCNu64 "%n", rows, columns, &end) == 2 &&
            text[end] == '\0' && *rows >= 1 && *columns >= 1)
            return MF_OK;
        return mf_json_fail(
            value, diag, MF_INVALID,
            "expected a kernel such as 3 or \"1x7\" (rows x columns), found \"%.40s\"", text);
    }
    MF_TRY(mf_json_read_count(value, 1, MF_LARGEST_DIMENSION, rows, diag));
    *columns = *rows;
    return MF_OK;
}

/* How often a part repeats: "repeat", or the length of its lists, which must agree. */
static mf_status read_repeats(const mf_json *part, uint64_t *repeats, mf_diag *diag)
{
    static const char *const lists[] = {"kernel", "expand", "hidden_channels"};
    mf_json member;
    bool known = mf_json_find(part, "repeat", &member);
    *repeats = 1;
    MF_TRY(mf_json_count_or(part, "repeat", 1, MOST_REPEATS, repeats, diag));
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (!mf_json_find(part, lists[i], &member) || !mf_json_is_array(&member))
            continue;
        uint64_t length = mf_json_size(&member);
        if (length == 0 || (known && length != *repeats))
            return mf_json_fail(&member, diag, MF_INVALID,
                                "has %" PRIu64 " entries where the part repeats %" PRIu64 " times",
                                length, *repeats);
        *repeats = length;
        known = true;
    }
    return MF_OK;
}

/* The value of `key` for one repeat: the list's entry, or the one value for all. `hold` keeps the
 * list alive as the parent of `value`. False where the key is absent. */
static bool value_of_repeat(const mf_json *part, const char *key, uint64_t repeat, mf_json *hold,
                            mf_json *value)
{
    if (!mf_json_find(part, key, hold))
        return false;
    *value = *hold;
    if (mf_json_is_array(hold)) {
        *value = (mf_json){0};
        for (uint64_t i = 0; i <= repeat; i++)
            mf_json_next(hold, value);
    }
    return true;
}

static mf_status kernel_of_repeat(const mf_json *part, uint64_t repeat, uint64_t otherwise,
                                  mf_conv_words *words, mf_diag *diag)
{
    mf_json hold, value;
    words->kernel_rows = words->kernel_columns = otherwise;
    if (value_of_repeat(part, "kernel", repeat, &hold, &value))
        MF_TRY(read_kernel(&value, &words->kernel_rows, &words->kernel_columns, diag));
    words->pad_rows = words->kernel_rows / 2;
    words->pad_columns = words->kernel_columns / 2;
    return MF_OK;
}

/* "padding": "same" (half the kernel, the default), "valid" (none), or a number for all four edges.
 */
static mf_status read_padding(const mf_json *part, mf_conv_words *words, mf_diag *diag)
{
    static const char *const names[] = {"same", "valid"};
    mf_json member;
    size_t choice;
    if (!mf_json_find(part, "padding", &member))
        return MF_OK;
    if (!mf_json_is_string(&member)) {
        MF_TRY(mf_json_read_count(&member, 0, MF_LARGEST_DIMENSION, &words->pad_rows, diag));
        words->pad_columns = words->pad_rows;
        return MF_OK;
    }
    MF_TRY(mf_json_read_choice(&member, names, 2, &choice, diag));
    if (choice == 1)
        words->pad_rows = words->pad_columns = 0;
    return MF_OK;
}

static mf_status read_stride(const mf_json *part, uint64_t *stride, mf_diag *diag)
{
    *stride = 1;
    return mf_json_count_or(part, "stride", 1, MF_LARGEST_DIMENSION, stride, diag);
}

/* "norm", "bias" (where there is no norm, unless told otherwise), "activation", "name". */
static mf_status read_tail(const mf_json *part, mf_conv_words *words, mf_diag *diag)
{
    MF_TRY(mf_json_bool_or(part, "norm", &words->norm, diag));
    words->bias = !words->norm;
    MF_TRY(mf_json_bool_or(part, "bias", &words->bias, diag));
    MF_TRY(mf_activation_or(part, &words->activation, diag));
    return mf_json_string_or(part, "name", &words->role, diag);
}

/* The map that member `key` of a part names. */
static mf_status map_of(mf_builder *builder, const mf_json *part, const char *key,
                        mf_feature_map *map, mf_diag *diag)
{
    const char *label;
    mf_json member;
    MF_TRY(mf_json_get(part, key, &member, diag));
    MF_TRY(mf_json_read_string(&member, &label, diag));
    MF_BUILD(&member, mf_builder_labelled(builder, label, map, &why));
    return MF_OK;
}

/* The next block, `repeat` of its part's. */
static mf_status begin_block(mf_builder *builder, uint64_t repeat, mf_diag *diag)
{
    builder->place =
        mf_arena_format(builder->network->arena, "%s.block%" PRIu64, builder->stage, repeat + 1);
    return builder->place ? MF_OK : mf_fail_memory(diag);
}

/* ---- the parts ---------------------------------------------------------------------------------
 */

static const char *const conv_keys[] = {COMMON_KEYS, "op",     "name",       "channels", "scale",
                                        "at_least",  "kernel", "stride",     "padding",  "groups",
                                        "norm",      "bias",   "activation", "repeat",   NULL};

static mf_status part_conv(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    mf_faults faults = {0};
    mf_conv_words words = mf_conv_same(builder, "conv", 0, 1);
    uint64_t repeats = 1, stride = 1;
    MF_ALSO(read_repeats(part, &repeats, &faults.latest));
    MF_ALSO(read_channels(builder, part, &words.channels, &faults.latest));
    MF_ALSO(read_stride(part, &stride, &faults.latest));
    MF_ALSO(
        mf_json_count_or(part, "groups", 1, MF_LARGEST_DIMENSION, &words.groups, &faults.latest));
    MF_ALSO(read_tail(part, &words, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    for (uint64_t i = 0; i < repeats; i++) {
        MF_TRY(kernel_of_repeat(part, i, 1, &words, diag));
        MF_TRY(read_padding(part, &words, diag));
        words.stride = i == 0 ? stride : 1;
        MF_BUILD(part, mf_build_conv(builder, &words, &why));
    }
    return MF_OK;
}

static const char *const depthwise_keys[] = {COMMON_KEYS, "op",   "name", "kernel",     "stride",
                                             "padding",   "norm", "bias", "activation", NULL};

static mf_status part_depthwise(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    mf_conv_words words = mf_conv_same(builder, "depthwise", builder->map.channels, 3);
    words.groups = words.channels;
    MF_TRY(read_tail(part, &words, diag));
    MF_TRY(kernel_of_repeat(part, 0, 3, &words, diag));
    MF_TRY(read_padding(part, &words, diag));
    MF_TRY(read_stride(part, &words.stride, diag));
    MF_BUILD(part, mf_build_conv(builder, &words, &why));
    return MF_OK;
}

static const char *const fc_keys[] = {COMMON_KEYS, "op",   "name", "channels",   "scale",
                                      "at_least",  "norm", "bias", "activation", NULL};

static mf_status part_fc(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    mf_faults faults = {0};
    if (builder->n_ops)
        return mf_json_fail(part, diag, MF_INVALID,
                            "op: only convolutions are lowered to several operators, not fc");
    mf_conv_words words = {.role = "fc"};
    MF_ALSO(read_channels(builder, part, &words.channels, &faults.latest));
    MF_ALSO(read_tail(part, &words, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    MF_BUILD(part, mf_build_fc(builder, &words, &why));
    return MF_OK;
}

static const char *const pool_keys[] = {COMMON_KEYS, "kind",      "kernel", "stride",
                                        "padding",   "ceil_mode", NULL};

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

static const char *const global_pool_keys[] = {COMMON_KEYS, NULL};

static mf_status part_global_pool(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    MF_BUILD(part, mf_build_global_pool(builder, &why));
    return MF_OK;
}

/* ---- maps that meet ----------------------------------------------------------------------------
 */

static const char *const join_keys[] = {COMMON_KEYS, "with", NULL};

static mf_status part_concat(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    mf_feature_map other;
    MF_TRY(map_of(builder, part, "with", &other, diag));
    MF_BUILD(part, mf_build_concat(builder, &other, &why));
    return MF_OK;
}

static const char *const add_keys[] = {COMMON_KEYS, "with", "activation", NULL};

static mf_status part_add(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    mf_feature_map other;
    mf_activation activation = MF_ACTIVATION_NONE;
    MF_TRY(mf_activation_or(part, &activation, diag));
    MF_TRY(map_of(builder, part, "with", &other, diag));
    MF_BUILD(part, mf_build_add(builder, &other, activation, &why));
    return MF_OK;
}

static const char *const upsample_keys[] = {COMMON_KEYS, "factor", "mode", NULL};

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

/* ---- blocks ------------------------------------------------------------------------------------
 */

/* Squeeze-excite: the map's channel means through two small layers, then back onto the map. */
static mf_status squeeze_excite(mf_builder *builder, const mf_json *se, mf_diag *diag)
{
    static const char *const keys[] = {"ratio", "at_least", NULL};
    const mf_feature_map map = builder->map;
    double ratio;
    uint64_t floor = 1;
    MF_TRY(mf_json_only(se, keys, diag));
    MF_TRY(mf_json_real(se, "ratio", 1e-6, 1.0, &ratio, diag));
    MF_TRY(mf_json_count_or(se, "at_least", 1, MF_LARGEST_DIMENSION, &floor, diag));
    uint64_t squeezed = mf_round_channels((double)map.channels * ratio, builder->divisor);
    if (squeezed < floor)
        squeezed = floor;
    MF_BUILD(se, mf_build_global_pool(builder, &why));
    mf_conv_words words = mf_conv_same(builder, "se_reduce", squeezed, 1);
    words.norm = false;
    words.bias = true;
    words.activation = MF_ACTIVATION_RELU;
    MF_BUILD(se, mf_build_conv(builder, &words, &why));
    words.role = "se_expand";
    words.channels = map.channels;
    words.activation = MF_ACTIVATION_HARD_SIGMOID;
    MF_BUILD(se, mf_build_conv(builder, &words, &why));
    MF_BUILD(se, mf_build_scale(builder, &map, &why));
    return MF_OK;
}

/* The hidden width of one inverted residual: "hidden_channels" for width 1, or "expand" times the
 * input (1 leaves the expansion layer out). */
static mf_status read_hidden(mf_builder *builder, const mf_json *part, uint64_t repeat,
                             uint64_t *hidden, bool *expands, mf_diag *diag)
{
    mf_json hold, value, expand_hold, expand;
    bool has_hidden = value_of_repeat(part, "hidden_channels", repeat, &hold, &value);
    bool has_expand = value_of_repeat(part, "expand", repeat, &expand_hold, &expand);
    if (has_hidden == has_expand)
        return mf_json_fail(part, diag, MF_INVALID,
                            "give either \"expand\" or \"hidden_channels\"%s",
                            has_hidden ? ", not both" : "");
    *expands = true;
    if (has_hidden) {
        uint64_t written;
        MF_TRY(mf_json_read_count(&value, 1, MF_LARGEST_DIMENSION, &written, diag));
        *hidden = mf_round_channels(nearbyint((double)written * builder->network->width_multiplier),
                                    builder->divisor);
        return MF_OK;
    }
    double factor;
    MF_TRY(mf_json_read_real(&expand, 1.0, 1000.0, &factor, diag));
    *expands = factor != 1.0;
    *hidden = builder->map.channels;
    if (*expands)
        *hidden =
            mf_round_channels(nearbyint(factor * (double)builder->map.channels), builder->divisor);
    return MF_OK;
}

static const char *const inverted_residual_keys[] = {
    COMMON_KEYS,       "op",     "channels", "scale",          "at_least",   "kernel",   "expand",
    "hidden_channels", "stride", "repeat",   "squeeze_excite", "activation", "residual", NULL};

/* MobileNetV2's block: 1x1 expand, KxK depthwise, squeeze-excite if asked for, linear 1x1
 * projection, and the sum with the input where stride is 1 and the channels agree. */
static mf_status one_inverted_residual(mf_builder *builder, const mf_json *part, uint64_t repeat,
                                       uint64_t channels, uint64_t stride, mf_diag *diag)
{
    const mf_feature_map input = builder->map;
    uint64_t hidden = 0;
    bool expands = true, residual = true;
    mf_json se;
    MF_TRY(read_hidden(builder, part, repeat, &hidden, &expands, diag));
    MF_TRY(mf_json_bool_or(part, "residual", &residual, diag));
    mf_conv_words words = mf_conv_same(builder, "pw_expand", hidden, 1);
    MF_TRY(mf_activation_or(part, &words.activation, diag));
    if (expands)
        MF_BUILD(part, mf_build_conv(builder, &words, &why));
    words.role = "depthwise";
    words.groups = hidden;
    words.stride = stride;
    MF_TRY(kernel_of_repeat(part, repeat, 3, &words, diag));
    MF_BUILD(part, mf_build_conv(builder, &words, &why));
    if (mf_json_find(part, "squeeze_excite", &se))
        MF_TRY(squeeze_excite(builder, &se, diag));
    words = mf_conv_same(builder, "pw_project", channels, 1);
    words.activation = MF_ACTIVATION_NONE;
    MF_BUILD(part, mf_build_conv(builder, &words, &why));
    if (residual && stride == 1 && channels == input.channels)
        MF_BUILD(part, mf_build_residual_add(builder, &input, MF_ACTIVATION_NONE, &why));
    return MF_OK;
}

static mf_status part_inverted_residual(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    mf_faults faults = {0};
    uint64_t repeats = 1, channels = 1, stride = 1;
    MF_ALSO(read_repeats(part, &repeats, &faults.latest));
    MF_ALSO(read_channels(builder, part, &channels, &faults.latest));
    MF_ALSO(read_stride(part, &stride, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    for (uint64_t i = 0; i < repeats; i++) {
        MF_TRY(begin_block(builder, i, diag));
        MF_TRY(one_inverted_residual(builder, part, i, channels, i == 0 ? stride : 1, diag));
    }
    return MF_OK;
}

/* The second input of a residual sum: the block's input as it is; through a 1x1 convolution where
 * the shapes differ; or, with "shortcut": "pad", subsampled and padded with zero channels (no
 * weights). */
static mf_status shortcut(mf_builder *builder, const mf_json *part, const mf_feature_map *input,
                          uint64_t stride, mf_diag *diag)
{
    static const char *const kinds[] = {"projection", "pad"};
    mf_json member;
    size_t kind = 0;
    if (mf_json_find(part, "shortcut", &member))
        MF_TRY(mf_json_read_choice(&member, kinds, 2, &kind, diag));
    const mf_feature_map main = builder->map;
    mf_feature_map other = *input;
    bool same = stride == 1 && input->channels == main.channels;
    if (!same && kind == 0) {
        mf_conv_words words = mf_conv_same(builder, "shortcut", main.channels, 1);
        words.stride = stride;
        words.activation = MF_ACTIVATION_NONE;
        builder->map = *input;
        MF_BUILD(part, mf_build_conv(builder, &words, &why));
        other = builder->map;
        builder->map = main;
    }
    MF_BUILD(part, mf_build_residual_add(builder, &other, builder->activation, &why));
    return MF_OK;
}

static const char *const basic_block_keys[] = {
    COMMON_KEYS, "op", "channels", "scale", "at_least", "stride", "repeat", "shortcut", NULL};

/* ResNet's basic block: two 3x3 convolutions. */
static mf_status part_basic_block(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    mf_faults faults = {0};
    uint64_t repeats = 1, channels = 1, stride = 1;
    MF_ALSO(read_repeats(part, &repeats, &faults.latest));
    MF_ALSO(read_channels(builder, part, &channels, &faults.latest));
    MF_ALSO(read_stride(part, &stride, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    for (uint64_t i = 0; i < repeats; i++, stride = 1) {
        const mf_feature_map input = builder->map;
        MF_TRY(begin_block(builder, i, diag));
        mf_conv_words words = mf_conv_same(builder, "conv", channels, 3);
        words.stride = stride;
        MF_BUILD(part, mf_build_conv(builder, &words, &why));
        words.stride = 1;
        words.activation = MF_ACTIVATION_NONE;
        MF_BUILD(part, mf_build_conv(builder, &words, &why));
        MF_TRY(shortcut(builder, part, &input, stride, diag));
    }
    return MF_OK;
}

static const char *const bottleneck_keys[] = {COMMON_KEYS, "op",     "channels", "scale",
                                              "at_least",  "stride", "repeat",   "expand",
                                              "shortcut",  NULL};

/* ResNet's bottleneck: 1x1 reduce, 3x3 with the stride, 1x1 expand to "expand" (4) times as many.
 */
static mf_status part_bottleneck(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    mf_faults faults = {0};
    uint64_t repeats = 1, channels = 1, stride = 1, expand = 4;
    MF_ALSO(read_repeats(part, &repeats, &faults.latest));
    MF_ALSO(read_channels(builder, part, &channels, &faults.latest));
    MF_ALSO(read_stride(part, &stride, &faults.latest));
    MF_ALSO(mf_json_count_or(part, "expand", 1, 1000, &expand, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    for (uint64_t i = 0; i < repeats; i++, stride = 1) {
        const mf_feature_map input = builder->map;
        MF_TRY(begin_block(builder, i, diag));
        mf_conv_words words = mf_conv_same(builder, "pw_reduce", channels, 1);
        MF_BUILD(part, mf_build_conv(builder, &words, &why));
        words = mf_conv_same(builder, "conv", channels, 3);
        words.stride = stride;
        MF_BUILD(part, mf_build_conv(builder, &words, &why));
        words = mf_conv_same(builder, "pw_expand", expand * channels, 1);
        words.activation = MF_ACTIVATION_NONE;
        MF_BUILD(part, mf_build_conv(builder, &words, &why));
        MF_TRY(shortcut(builder, part, &input, stride, diag));
    }
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
    {"inverted_residual", inverted_residual_keys, part_inverted_residual, true},
    {"basic_block", basic_block_keys, part_basic_block, true},
    {"bottleneck", bottleneck_keys, part_bottleneck, true},
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

/* Ids of layers begin with the part's label; of blocks without one with the number of their part
 * among those that have blocks. */
static mf_status name_place(mf_builder *builder, const mf_json *part, bool has_blocks,
                            int *n_stages, mf_diag *diag)
{
    const char *label = NULL;
    mf_arena *arena = builder->network->arena;
    *n_stages += has_blocks;
    MF_TRY(mf_json_string_or(part, "label", &label, diag));
    builder->stage = label        ? mf_arena_string(arena, label)
                     : has_blocks ? mf_arena_format(arena, "stage%d", *n_stages)
                                  : NULL;
    builder->place = builder->stage;
    return builder->stage || !(label || has_blocks) ? MF_OK : mf_fail_memory(diag);
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
        MF_TRY(map_of(builder, part, "from", &builder->map, diag));
    MF_TRY(parts[type].build(builder, part, diag));
    if (!mf_json_find(part, "label", &member))
        return MF_OK;
    MF_TRY(mf_json_read_string(&member, &label, diag));
    MF_BUILD(&member, mf_builder_label(builder, label, &why));
    return MF_OK;
}
