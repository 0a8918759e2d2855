/* Arrays by kind, the checks of a description, and a checksum. */
#include "models/trace_format.h"

#include "models/arithmetic/arithmetic.h"
#include "models/kinds/kind.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *const mf_trace_array_names[MF_N_TRACE_ARRAYS + 1] = {MF_TRACE_INPUTS,
#define MF_TRACE_ARRAY(NAME, name) #name,
                                                                 MF_TRACE_ARRAYS(MF_TRACE_ARRAY)
#undef MF_TRACE_ARRAY
};

static const char *const input_names[] = {MF_TRACE_INPUTS};
_Static_assert(sizeof input_names / sizeof *input_names == MF_MOST_INPUTS, "a name for each");

bool mf_trace_kind_has_weights(mf_layer_kind kind)
{
    return mf_layer_record_of(kind)->has_weights;
}

bool mf_trace_kind_has_second(mf_layer_kind kind)
{
    return mf_layer_record_of(kind)->n_inputs > 1;
}

/* ---- arrays ------------------------------------------------------------------------------------
 */

static bool is_input(mf_trace_what what)
{
    return what <= MF_TRACE_LAST_INPUT;
}

static void set_sizes(const mf_layer_data *layer, mf_trace_what what, mf_trace_array *array)
{
    const mf_shape *s = &layer->shape;
    mf_trace_array sizes = {.n_dimensions = 4, .size = {s->n, s->m, s->e, s->f}};
    if (is_input(what)) {
        const uint64_t channels = mf_layer_data_input(layer, what).channels;
        sizes = (mf_trace_array){.n_dimensions = 4, .size = {s->n, channels, s->h, s->w}};
        if (mf_kind_role(mf_layer_record_of(layer->kind), what)->per_channel)
            sizes.n_dimensions = 2;
    }
    if (what == MF_TRACE_WEIGHTS)
        sizes = (mf_trace_array){.n_dimensions = 4, .size = {s->m, s->c / s->g, s->r, s->s}};
    if (what == MF_TRACE_MULTIPLIER || what == MF_TRACE_ADDEND)
        sizes = (mf_trace_array){.n_dimensions = 1, .size = {s->m}};
    sizes.n_items = 1;
    for (size_t i = 0; i < sizes.n_dimensions; i++)
        sizes.n_items *= sizes.size[i];
    *array = sizes;
}

static void set_range(const mf_layer_data *layer, mf_trace_what what, mf_trace_array *array)
{
    switch (what) {
    case MF_TRACE_WEIGHTS:
        mf_integer_weights(&layer->format, &array->least, &array->most);
        break;
    case MF_TRACE_MULTIPLIER:
        array->least = INT32_MIN;
        array->most = INT32_MAX;
        break;
    case MF_TRACE_ADDEND:
        array->least = INT64_MIN;
        array->most = INT64_MAX;
        break;
    case MF_TRACE_PSUMS:
        array->most = (int64_t)(((uint64_t)1 << (layer->format.psum_bits - 1)) - 1);
        array->least = -array->most - 1;
        break;
    case MF_TRACE_OFMAP:
        array->most = (int64_t)(((uint64_t)1 << (mf_layer_data_ofmap_bits(layer) - 1)) - 1);
        array->least = -array->most - 1;
        break;
    default:
        mf_integer_activations(&layer->format, &array->least, &array->most);
        array->of_signs = mf_integer_on_signs(&layer->format);
    }
}

bool mf_trace_array_takes(const mf_trace_array *array, int64_t value)
{
    return value >= array->least && value <= array->most && !(array->of_signs && value == 0);
}

/* Psums are never narrower than int32: tools that sum them up again need not widen them. */
static mf_npy_type narrowest(const mf_trace_array *array, mf_trace_what what)
{
    if (array->least < INT32_MIN || array->most > INT32_MAX)
        return MF_NPY_I64;
    if (array->least < INT16_MIN || array->most > INT16_MAX || what == MF_TRACE_PSUMS)
        return MF_NPY_I32;
    return array->least < INT8_MIN || array->most > INT8_MAX ? MF_NPY_I16 : MF_NPY_I8;
}

bool mf_trace_array_of(const mf_layer_data *layer, mf_trace_what what, mf_trace_array *array)
{
    if (is_input(what) ? what > layer->n_others
                       : what != MF_TRACE_OFMAP && !mf_trace_kind_has_weights(layer->kind))
        return false;
    set_sizes(layer, what, array);
    set_range(layer, what, array);
    array->type = narrowest(array, what);
    array->wide = what == MF_TRACE_ADDEND || what == MF_TRACE_PSUMS;
    return true;
}

const void *mf_trace_items(const mf_layer_data *layer, mf_trace_what what)
{
    if (is_input(what))
        return what <= layer->n_others ? mf_layer_data_input(layer, what).codes : NULL;
    switch (what) {
#define MF_TRACE_ARRAY(NAME, name)                                                                 \
    case MF_TRACE_##NAME:                                                                          \
        return layer->name;
        MF_TRACE_ARRAYS(MF_TRACE_ARRAY)
#undef MF_TRACE_ARRAY
    default:
        return NULL;
    }
}

mf_status mf_trace_fail_item(const char *path, const mf_layer_data *layer, mf_trace_what what,
                             uint64_t index, int64_t value, mf_diag *diag)
{
    mf_trace_array array = {0};
    char place[24 * MF_TRACE_MOST_DIMENSIONS] = "";
    mf_trace_array_of(layer, what, &array);
    uint64_t left = array.n_items;
    for (size_t i = 0, n = 0; i < array.n_dimensions; i++) {
        left /= array.size[i];
        n += (size_t)snprintf(place + n, sizeof place - n, "[%" PRIu64 "]",
                              index / left % array.size[i]);
    }
    return mf_fail(diag, MF_INVALID,
                   "%s: layer %s: %s%s is %" PRId64 ", expected %" PRId64 " %s %" PRId64, path,
                   layer->name, mf_trace_array_names[what], place, value, array.least,
                   array.of_signs ? "or" : "to", array.most);
}

void mf_trace_entry_name(size_t index, const char *layer, mf_trace_what what,
                         char out[MF_TRACE_ENTRY_BYTES])
{
    snprintf(out, MF_TRACE_ENTRY_BYTES, "%03zu_%s/%s.npy", index, layer,
             mf_trace_array_names[what]);
}

/* ---- descriptions ------------------------------------------------------------------------------
 */

static mf_status check_name(const char *name, mf_diag *diag)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_.-";
    size_t n = strspn(name, allowed);
    if (n >= 1 && n <= MF_TRACE_LONGEST_NAME && name[n] == '\0')
        return MF_OK;
    return mf_fail(diag, MF_INVALID,
                   "\"%.60s\" is no name for a layer: expected 1 to %d of A-Z a-z 0-9 _ . -", name,
                   MF_TRACE_LONGEST_NAME);
}

static mf_status check_count(const char *key, uint64_t value, uint64_t least, uint64_t most,
                             mf_diag *diag)
{
    if (value >= least && value <= most)
        return MF_OK;
    return mf_fail(diag, MF_INVALID,
                   "%s is %" PRIu64 ", expected a whole number from %" PRIu64 " to %" PRIu64, key,
                   value, least, most);
}

static mf_status check_counts(const mf_layer_data *layer, mf_diag *diag)
{
#define CHECK(key, member, which, least, most)                                                     \
    if (MF_TRACE_IF_##which(layer->kind))                                                          \
        MF_TRY(check_count(#key, layer->member, least, most, diag));
    MF_TRACE_COUNTS(CHECK)
#undef CHECK
#define CHECK(key, least)                                                                          \
    MF_TRY(check_count(#key, layer->shape.key, least, MF_LARGEST_DIMENSION, diag));
    MF_TRACE_SIZES(CHECK)
#undef CHECK
    return MF_OK;
}

static mf_status check_fraction(const char *array, uint64_t fraction_bits, const char *key,
                                uint64_t bits, mf_diag *diag)
{
    if (fraction_bits < bits)
        return MF_OK;
    return mf_fail(diag, MF_INVALID,
                   "%s_fraction_bits is %" PRIu64 ", expected less than %s, %" PRIu64, array,
                   fraction_bits, key, bits);
}

static mf_status check_fractions(const mf_layer_data *layer, mf_diag *diag)
{
    for (size_t k = 0; k <= layer->n_others; k++)
        MF_TRY(check_fraction(mf_trace_array_names[k], mf_layer_data_input(layer, k).fraction_bits,
                              "activation_bits", layer->format.activation_bits, diag));
    uint64_t bits = mf_layer_data_ofmap_bits(layer);
    return check_fraction("ofmap", layer->ofmap_fraction_bits,
                          bits == layer->format.activation_bits ? "activation_bits" : "ofmap_bits",
                          bits, diag);
}

/* Signs alone, numbers, or both. A map is read as signs by whoever computes on them: nobody else reads
 * or writes activations of one bit. */
static mf_status check_ofmap(const mf_layer_data *layer, mf_diag *diag)
{
    uint64_t bits = mf_layer_data_ofmap_bits(layer), written = mf_layer_data_written_bits(layer);
    bool on_signs = layer->op && mf_integer_on_signs(&layer->format);
    if (on_signs != (layer->format.activation_bits == 1))
        return mf_fail(diag, MF_INVALID, "activation_bits is %" PRIu64 ", expected %s",
                       layer->format.activation_bits,
                       on_signs ? "1: the operator computes on signs"
                                : "a whole number from 2 to 32");
    if (bits < 2 || bits > 32 || (!on_signs && bits != layer->format.activation_bits))
        return mf_fail(diag, MF_INVALID, "ofmap_bits is %" PRIu64 ", expected %s", bits,
                       on_signs ? "2 to 32" : "activation_bits");
    if (written != 1 && written != bits && written != bits + 1)
        return mf_fail(diag, MF_INVALID,
                       "written_bits is %" PRIu64 ", expected 1 (signs), %" PRIu64
                       " (numbers) or %" PRIu64 " (both)",
                       written, bits, bits + 1);
    return MF_OK;
}

static mf_status check_count_of_inputs(const mf_layer_data *layer, mf_diag *diag)
{
    const mf_layer_record *kind = mf_layer_record_of(layer->kind);
    if (mf_kind_takes(kind, 1 + layer->n_others))
        return MF_OK;
    return mf_fail(diag, MF_INVALID, "a layer of kind %s has %zu%s inputs, not %zu", kind->name,
                   kind->n_inputs, kind->repeats ? " or more" : "", 1 + layer->n_others);
}

static mf_status check_channels(const mf_layer_data *layer, mf_diag *diag)
{
    const mf_layer_record *kind = mf_layer_record_of(layer->kind);
    if (mf_kind_inputs_fit(kind, layer))
        return MF_OK;
    return mf_fail(diag, MF_INVALID, "the inputs' channels contradict c and m of the shape");
}

static mf_status check_op(const mf_layer_data *layer, mf_diag *diag)
{
    const mf_integer_format *format = &layer->format;
    const char *kind = mf_layer_kind_name(layer->kind);
    if (!mf_trace_kind_has_weights(layer->kind))
        return layer->op ? mf_fail(diag, MF_INVALID, "a layer of kind %s has no op", kind) : MF_OK;
    if (!layer->op)
        return mf_fail(diag, MF_INVALID, "a layer of kind %s needs an op", kind);
    const mf_arithmetic_record *record = mf_arithmetic_record_of(format->arithmetic);
    uint64_t least = record->least_weight_bits, most = record->most_weight_bits;
    if (least == most && format->weight_bits != least)
        return mf_fail(diag, MF_INVALID, "weight_bits is %" PRIu64 ", expected %" PRIu64 " for %s",
                       format->weight_bits, least, record->name);
    if (format->weight_bits < least || format->weight_bits > most)
        return mf_fail(diag, MF_INVALID,
                       "weight_bits is %" PRIu64 ", expected %" PRIu64 " to %" PRIu64 " for %s",
                       format->weight_bits, least, most, record->name);
    if (format->zero_code && !record->has_zero_code)
        return mf_fail(diag, MF_INVALID, "zero_code is true, but %s has no code for zero",
                       record->name);
    return MF_OK;
}

static mf_status check_shape(const mf_layer_data *layer, mf_diag *diag)
{
    const mf_shape *s = &layer->shape;
    const mf_layer_record *kind = mf_layer_record_of(layer->kind);
    const char *fault = kind->shape_fault(s);
    if (fault)
        return mf_fail(diag, MF_INVALID, "shape: kind %s: %s", kind->name, fault);
    if (kind->resizes)
        return mf_shape_check(s, diag);
    uint64_t e = mf_shape_windows(s->h, s->r, s->stride, s->pad_rows, false);
    uint64_t f = mf_shape_windows(s->w, s->s, s->stride, s->pad_columns, false);
    bool ceil_mode = kind->rounds_up &&
                     mf_shape_windows(s->h, s->r, s->stride, s->pad_rows, true) == s->e &&
                     mf_shape_windows(s->w, s->s, s->stride, s->pad_columns, true) == s->f;
    if (!ceil_mode && (e != s->e || f != s->f))
        return mf_fail(diag, MF_INVALID,
                       "shape: e x f is %" PRIu64 " x %" PRIu64
                       ", but map, kernel, stride and padding give %" PRIu64 " x %" PRIu64,
                       s->e, s->f, e, f);
    return mf_shape_check(s, diag);
}

static mf_status check_bytes(const mf_layer_data *layer, mf_diag *diag)
{
    for (int i = 0; i < MF_N_TRACE_ARRAYS; i++) {
        mf_trace_array array;
        if (!mf_trace_array_of(layer, (mf_trace_what)i, &array))
            continue;
        uint64_t n_bytes = array.n_items * (array.wide ? sizeof(int64_t) : sizeof(int32_t));
        if (n_bytes > MF_TRACE_MOST_BYTES)
            return mf_fail(diag, MF_TOO_LARGE,
                           "%s would take %" PRIu64 " bytes, %" PRIu64 " are the most",
                           mf_trace_array_names[i], n_bytes, MF_TRACE_MOST_BYTES);
    }
    return MF_OK;
}

/* In this order: sizes and widths are within their ranges before anything is computed from them. */
mf_status mf_trace_check_layer(const mf_layer_data *layer, mf_diag *diag)
{
    MF_TRY(check_name(layer->name, diag));
    MF_TRY(check_count_of_inputs(layer, diag));
    MF_TRY(check_counts(layer, diag));
    MF_TRY(check_ofmap(layer, diag));
    MF_TRY(check_fractions(layer, diag));
    MF_TRY(check_op(layer, diag));
    MF_TRY(check_shape(layer, diag));
    MF_TRY(check_channels(layer, diag));
    return check_bytes(layer, diag);
}

/* ---- checksum ----------------------------------------------------------------------------------
 */

/* CRC-32 as in ITU-T V.42, reflected, four bits at a time: element i is i shifted through the
 * polynomial 0xedb88320 four times. */
uint32_t mf_trace_crc32(const void *bytes, size_t n)
{
    static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                       0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                       0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    const uint8_t *p = bytes;
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

bool mf_trace_is_text(const char *text)
{
    size_t n = strlen(text);
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            return false;
    return n >= 1 && n <= MF_TRACE_LONGEST_TEXT;
}
