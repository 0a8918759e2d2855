/* Words that several parts share, and the maps and blocks they speak of. */
#include "models/formats/part_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MOST_REPEATS = 1000 };

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

mf_status mf_part_channels(mf_builder *builder, const mf_json *part, uint64_t *channels,
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

mf_status mf_part_repeats(const mf_json *part, uint64_t *repeats, mf_diag *diag)
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

bool mf_part_value(const mf_json *part, const char *key, uint64_t repeat, mf_json *hold,
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

mf_status mf_part_kernel(const mf_json *part, uint64_t repeat, uint64_t otherwise,
                         mf_conv_words *words, mf_diag *diag)
{
    mf_json hold, value;
    words->kernel_rows = words->kernel_columns = otherwise;
    if (mf_part_value(part, "kernel", repeat, &hold, &value))
        MF_TRY(read_kernel(&value, &words->kernel_rows, &words->kernel_columns, diag));
    words->pad_rows = words->kernel_rows / 2;
    words->pad_columns = words->kernel_columns / 2;
    return MF_OK;
}

/* "padding": "same" (half the kernel, the default), "valid" (none), or a number for all four edges.
 */
mf_status mf_part_padding(const mf_json *part, mf_conv_words *words, mf_diag *diag)
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

mf_status mf_part_stride(const mf_json *part, uint64_t *stride, mf_diag *diag)
{
    *stride = 1;
    return mf_json_count_or(part, "stride", 1, MF_LARGEST_DIMENSION, stride, diag);
}

mf_status mf_part_tail(const mf_json *part, mf_conv_words *words, mf_diag *diag)
{
    MF_TRY(mf_json_bool_or(part, "norm", &words->norm, diag));
    words->bias = !words->norm;
    MF_TRY(mf_json_bool_or(part, "bias", &words->bias, diag));
    MF_TRY(mf_activation_or(part, &words->activation, diag));
    return mf_json_string_or(part, "name", &words->role, diag);
}

static mf_status read_map(mf_builder *builder, const mf_json *at, mf_feature_map *map,
                          mf_diag *diag)
{
    const char *label;
    MF_TRY(mf_json_read_string(at, &label, diag));
    MF_BUILD(at, mf_builder_labelled(builder, label, map, &why));
    return MF_OK;
}

mf_status mf_part_map(mf_builder *builder, const mf_json *part, const char *key,
                      mf_feature_map *map, mf_diag *diag)
{
    mf_json member;
    MF_TRY(mf_json_get(part, key, &member, diag));
    return read_map(builder, &member, map, diag);
}

mf_status mf_part_maps(mf_builder *builder, const mf_json *part, const char *key, size_t most,
                       mf_feature_map *maps, size_t *n, mf_diag *diag)
{
    mf_json member, item = {0};
    *n = 1;
    MF_TRY(mf_json_get(part, key, &member, diag));
    if (!mf_json_is_array(&member))
        return read_map(builder, &member, maps, diag);
    *n = mf_json_size(&member);
    if (*n == 0 || *n > most)
        return mf_json_fail(&member, diag, MF_INVALID, "expected 1 to %zu labels, found %zu", most,
                            *n);
    for (size_t k = 0; mf_json_next(&member, &item); k++)
        MF_TRY(read_map(builder, &item, &maps[k], diag));
    return MF_OK;
}

mf_status mf_part_begin_block(mf_builder *builder, uint64_t repeat, mf_diag *diag)
{
    builder->place =
        mf_arena_format(builder->network->arena, "%s.block%" PRIu64, builder->stage, repeat + 1);
    return builder->place ? MF_OK : mf_fail_memory(diag);
}
