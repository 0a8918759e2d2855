/* The blocks that papers are made of: inverted residual, basic block, bottleneck. */
#include "models/formats/part_blocks.h"

#include "base/faults.h"
#include "models/formats/part_words.h"

#include <math.h>
#include <string.h>

/* What all blocks say of their size. */
typedef struct block_words {
    uint64_t repeats, channels, stride; /* the stride is the first one's */
} block_words;

static mf_status read_block(mf_builder *builder, const mf_json *part, block_words *b, mf_diag *diag)
{
    mf_faults faults = {0};
    *b = (block_words){1, 1, 1};
    MF_ALSO(mf_part_repeats(part, &b->repeats, &faults.latest));
    MF_ALSO(mf_part_channels(builder, part, &b->channels, &faults.latest));
    MF_ALSO(mf_part_stride(part, &b->stride, &faults.latest));
    return mf_faults_end(&faults, diag);
}

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
    bool has_hidden = mf_part_value(part, "hidden_channels", repeat, &hold, &value);
    bool has_expand = mf_part_value(part, "expand", repeat, &expand_hold, &expand);
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

const char *const mf_inverted_residual_keys[] = {
    MF_COMMON_KEYS,    "op",     "channels", "scale",          "at_least",   "kernel",   "expand",
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
    MF_TRY(mf_part_kernel(part, repeat, 3, &words, diag));
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

mf_status mf_part_inverted_residual(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    block_words b;
    MF_TRY(read_block(builder, part, &b, diag));
    for (uint64_t i = 0; i < b.repeats; i++, b.stride = 1) {
        MF_TRY(mf_part_begin_block(builder, i, diag));
        MF_TRY(one_inverted_residual(builder, part, i, b.channels, b.stride, diag));
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

const char *const mf_basic_block_keys[] = {
    MF_COMMON_KEYS, "op", "channels", "scale", "at_least", "stride", "repeat", "shortcut", NULL};

/* ResNet's basic block: two 3x3 convolutions. */
mf_status mf_part_basic_block(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    block_words b;
    MF_TRY(read_block(builder, part, &b, diag));
    for (uint64_t i = 0; i < b.repeats; i++, b.stride = 1) {
        const mf_feature_map input = builder->map;
        MF_TRY(mf_part_begin_block(builder, i, diag));
        mf_conv_words words = mf_conv_same(builder, "conv", b.channels, 3);
        words.stride = b.stride;
        MF_BUILD(part, mf_build_conv(builder, &words, &why));
        words.stride = 1;
        words.activation = MF_ACTIVATION_NONE;
        MF_BUILD(part, mf_build_conv(builder, &words, &why));
        MF_TRY(shortcut(builder, part, &input, b.stride, diag));
    }
    return MF_OK;
}

const char *const mf_bottleneck_keys[] = {MF_COMMON_KEYS, "op",     "channels", "scale",
                                          "at_least",     "stride", "repeat",   "expand",
                                          "shortcut",     NULL};

/* ResNet's bottleneck: 1x1 reduce, 3x3 with the stride, 1x1 expand to "expand" (4) times as many.
 */
mf_status mf_part_bottleneck(mf_builder *builder, const mf_json *part, mf_diag *diag)
{
    mf_faults faults = {0};
    uint64_t expand = 4;
    block_words b;
    MF_ALSO(read_block(builder, part, &b, &faults.latest));
    MF_ALSO(mf_json_count_or(part, "expand", 1, 1000, &expand, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    for (uint64_t i = 0; i < b.repeats; i++, b.stride = 1) {
        const mf_feature_map input = builder->map;
        MF_TRY(mf_part_begin_block(builder, i, diag));
        mf_conv_words words = mf_conv_same(builder, "pw_reduce", b.channels, 1);
        MF_BUILD(part, mf_build_conv(builder, &words, &why));
        words = mf_conv_same(builder, "conv", b.channels, 3);
        words.stride = b.stride;
        MF_BUILD(part, mf_build_conv(builder, &words, &why));
        words = mf_conv_same(builder, "pw_expand", expand * b.channels, 1);
        words.activation = MF_ACTIVATION_NONE;
        MF_BUILD(part, mf_build_conv(builder, &words, &why));
        MF_TRY(shortcut(builder, part, &input, b.stride, diag));
    }
    return MF_OK;
}
