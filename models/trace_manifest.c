/* A layer of the manifest, in and out. */
#include "models/trace_format.h"

#include "base/escape.h"
#include "models/arithmetic/arithmetic.h"
#include "models/kinds/kind.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[MF_N_LAYER_KINDS] = {
#define MF_LAYER_KIND(name, NAME) #name,
#include "models/kinds/kinds.def"
#undef MF_LAYER_KIND
};

static const char *const activations[MF_N_ACTIVATIONS] = {
#define MF_ACTIVATION(NAME, name) #name,
#include "models/activations.def"
#undef MF_ACTIVATION
};

static const char *const arithmetics[MF_N_ARITHMETICS] = {
#define MF_ARITHMETIC(name, NAME) #name,
#include "models/arithmetic/arithmetics.def"
#undef MF_ARITHMETIC
};

static bool has_zero_fraction(mf_trace_what what)
{
    return what == MF_TRACE_IFMAP || what == MF_TRACE_OFMAP;
}

/* ---- reading -----------------------------------------------------------------------------------
 */

/* A key that stands where it has no meaning was meant for another kind. */
static mf_status refuse(const mf_json *at, const char *key, mf_layer_kind kind, mf_diag *diag)
{
    mf_json member;
    if (!mf_json_find(at, key, &member))
        return MF_OK;
    return mf_json_fail(&member, diag, MF_INVALID, "a layer of kind %s has none", kinds[kind]);
}

static mf_status read_counts(const mf_json *at, mf_layer_data *layer, mf_diag *diag)
{
#define READ(key, member, which, least, most)                                                      \
    if (MF_TRACE_IF_##which(layer->kind))                                                          \
        MF_TRY(mf_json_count(at, #key, least, most, &layer->member, diag));                        \
    else                                                                                           \
        MF_TRY(refuse(at, #key, layer->kind, diag));
    MF_TRACE_COUNTS(READ)
#undef READ
    layer->ofmap_bits = layer->format.activation_bits;
    MF_TRY(mf_json_count_or(at, "ofmap_bits", 2, 32, &layer->ofmap_bits, diag));
    layer->written_bits = layer->ofmap_bits;
    return mf_json_count_or(at, "written_bits", 1, 33, &layer->written_bits, diag);
}

static mf_status read_shape(const mf_json *at, mf_shape *shape, mf_diag *diag)
{
#define KEY(key, least) #key,
    static const char *const keys[] = {MF_TRACE_SIZES(KEY) NULL};
#undef KEY
    mf_json sizes;
    MF_TRY(mf_json_get(at, "shape", &sizes, diag));
    MF_TRY(mf_json_only(&sizes, keys, diag));
#define READ(key, least)                                                                           \
    MF_TRY(mf_json_count(&sizes, #key, least, MF_LARGEST_DIMENSION, &shape->key, diag));
    MF_TRACE_SIZES(READ)
#undef READ
    return MF_OK;
}

/* Inputs from the third on, where there are some. */
static mf_status read_more_inputs(const mf_json *at, mf_layer_data *layer, mf_diag *diag)
{
    static const char *const keys[] = {"channels", "fraction_bits", NULL};
    mf_json list, item = {0};
    if (!mf_layer_record_of(layer->kind)->repeats)
        return refuse(at, "more_inputs", layer->kind, diag);
    if (!mf_json_find(at, "more_inputs", &list))
        return MF_OK;
    MF_TRY(mf_json_array(at, "more_inputs", &list, diag));
    size_t n = mf_json_size(&list), most = MF_MOST_INPUTS - 1 - layer->n_others;
    if (n == 0 || n > most)
        return mf_json_fail(&list, diag, MF_INVALID, "expected 1 to %zu inputs, found %zu", most,
                            n);
    while (mf_json_next(&list, &item)) {
        mf_layer_input *input = &layer->others[layer->n_others++];
        MF_TRY(mf_json_only(&item, keys, diag));
        MF_TRY(mf_json_count(&item, keys[0], 1, MF_LARGEST_DIMENSION, &input->channels, diag));
        MF_TRY(mf_json_count(&item, keys[1], 0, MF_TRACE_MOST_FRACTION_BITS, &input->fraction_bits,
                             diag));
    }
    return MF_OK;
}

/* Of maps that are put behind each other the second has what the others leave of M. */
static mf_status read_inputs(const mf_json *at, mf_layer_data *layer, mf_diag *diag)
{
    const mf_layer_record *kind = mf_layer_record_of(layer->kind);
    uint64_t m = layer->shape.m, taken = layer->shape.c;
    layer->n_others = kind->n_inputs - 1;
    MF_TRY(read_more_inputs(at, layer, diag));
    for (size_t k = 1; k < layer->n_others; k++)
        taken += layer->others[k].channels;
    if (layer->n_others > 1 && taken >= m)
        return mf_json_fail(at, diag, MF_INVALID,
                            "c and more_inputs are %" PRIu64 " channels of the %" PRIu64
                            " of m: none are left for the second input",
                            taken, m);
    if (layer->n_others > 0)
        layer->others[0].channels = !kind->stacks ? layer->shape.c : m > taken ? m - taken : 0;
    return MF_OK;
}

/* The operator of a layer with weights, the maximum of a pool: a global pool never takes it, but
 * may say so. */
static mf_status read_operation(const mf_json *at, mf_arena *arena, mf_layer_data *layer,
                                mf_diag *diag)
{
    size_t choice;
    mf_json member;
    if (mf_trace_kind_has_weights(layer->kind)) {
        const char *key = mf_json_find(at, "arithmetic", &member) ? "arithmetic" : "op";
        MF_TRY(mf_json_choice(at, key, arithmetics, MF_N_ARITHMETICS, &choice, diag));
        MF_TRY(mf_json_copy_string(at, "op", arena, &layer->op, diag));
        layer->format.arithmetic = (mf_arithmetic)choice;
        MF_TRY(mf_json_bool_or(at, "zero_code", &layer->format.zero_code, diag));
    } else {
        MF_TRY(refuse(at, "op", layer->kind, diag));
        MF_TRY(refuse(at, "arithmetic", layer->kind, diag));
        MF_TRY(refuse(at, "zero_code", layer->kind, diag));
    }
    mf_maximum_key maximum = mf_layer_record_of(layer->kind)->maximum;
    if (maximum == MF_MAXIMUM_NONE)
        return refuse(at, "maximum", layer->kind, diag);
    if (maximum == MF_MAXIMUM_WANTED)
        MF_TRY(mf_json_get(at, "maximum", &member, diag));
    MF_TRY(mf_json_bool_or(at, "maximum", &layer->maximum, diag));
    return layer->maximum && maximum == MF_MAXIMUM_FALSE
               ? mf_json_fail(at, diag, MF_INVALID, "a %s takes the average", kinds[layer->kind])
               : MF_OK;
}

static mf_status read_zero_fractions(const mf_json *at, mf_trace_marks *marks, mf_diag *diag)
{
    static const char *const keys[] = {"ifmap", "ofmap", NULL};
    mf_json object, member;
    if (!mf_json_find(at, "zero_fraction", &object))
        return MF_OK;
    MF_TRY(mf_json_only(&object, keys, diag));
    for (int i = 0; i < MF_N_TRACE_ARRAYS; i++)
        if (mf_json_find(&object, mf_trace_array_names[i], &member)) {
            MF_TRY(mf_json_read_real(&member, 0, 1, &marks->zero_fraction[i], diag));
            marks->has_zero_fraction[i] = true;
        }
    return MF_OK;
}

static mf_status read_digests(const mf_json *at, const mf_layer_data *layer, mf_trace_marks *marks,
                              mf_diag *diag)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    mf_json object, member;
    mf_trace_array array;
    const char *text = NULL;
    if (!mf_json_find(at, "crc32", &object))
        return MF_OK;
    MF_TRY(mf_json_only(&object, mf_trace_array_names, diag));
    for (int i = 0; i < MF_N_TRACE_ARRAYS; i++) {
        const char *name = mf_trace_array_names[i];
        if (!mf_trace_array_of(layer, (mf_trace_what)i, &array))
            MF_TRY(refuse(&object, name, layer->kind, diag));
        if (!mf_json_find(&object, name, &member))
            continue;
        MF_TRY(mf_json_read_string(&member, &text, diag));
        if (strlen(text) != 8 || strspn(text, hex) != 8)
            return mf_json_fail(&member, diag, MF_INVALID,
                                "expected 8 hexadecimal digits, found \"%.20s\"", text);
        marks->crc32[i] = (uint32_t)strtoul(text, NULL, 16);
        marks->has_crc32[i] = true;
    }
    return MF_OK;
}

mf_status mf_trace_read_layer(const mf_json *at, mf_arena *arena, mf_layer_data *layer,
                              mf_trace_marks *marks, mf_diag *diag)
{
#define KEY(key, member, which, least, most) #key,
    static const char *const keys[] = {"name",         "kind",
                                       "op",           "activation",
                                       "maximum",      "shape",
                                       "zero_code",    "zero_fraction",
                                       "crc32",        "arithmetic",
                                       "more_inputs",  "ofmap_bits",
                                       "written_bits", MF_TRACE_COUNTS(KEY) NULL};
#undef KEY
    size_t choice = MF_ACTIVATION_NONE;
    mf_json member;
    mf_diag fault = {0};
    MF_TRY(mf_json_only(at, keys, diag));
    MF_TRY(mf_json_copy_string(at, "name", arena, &layer->name, diag));
    MF_TRY(mf_json_choice(at, "kind", kinds, MF_N_LAYER_KINDS, &choice, diag));
    layer->kind = (mf_layer_kind)choice;
    MF_TRY(read_operation(at, arena, layer, diag));
    choice = MF_ACTIVATION_NONE;
    if (mf_json_find(at, "activation", &member))
        MF_TRY(mf_json_read_choice(&member, activations, MF_N_ACTIVATIONS, &choice, diag));
    layer->activation = (mf_activation)choice;
    MF_TRY(read_shape(at, &layer->shape, diag));
    MF_TRY(read_counts(at, layer, diag));
    MF_TRY(read_inputs(at, layer, diag));
    mf_status status = mf_trace_check_layer(layer, &fault);
    if (status != MF_OK)
        return mf_json_fail(at, diag, status, "%s", fault.message);
    MF_TRY(read_zero_fractions(at, marks, diag));
    return read_digests(at, layer, marks, diag);
}

/* ---- writing -----------------------------------------------------------------------------------
 */

static void put_marks(mf_text *text, const mf_layer_data *layer, const mf_trace_marks *marks)
{
    const char *comma = "";
    mf_trace_array array;
    mf_text_puts(text, ", \"zero_fraction\": {");
    for (int i = 0; i < MF_N_TRACE_ARRAYS; i++)
        if (has_zero_fraction((mf_trace_what)i)) {
            mf_text_printf(text, "%s\"%s\": ", comma, mf_trace_array_names[i]);
            mf_text_json_real(text, marks->zero_fraction[i]);
            comma = ", ";
        }
    mf_text_puts(text, "}, \"crc32\": {");
    comma = "";
    for (int i = 0; i < MF_N_TRACE_ARRAYS; i++)
        if (mf_trace_array_of(layer, (mf_trace_what)i, &array)) {
            mf_text_printf(text, "%s\"%s\": \"%08" PRIx32 "\"", comma, mf_trace_array_names[i],
                           marks->crc32[i]);
            comma = ", ";
        }
    mf_text_puts(text, "}");
}

static void put_more_inputs(mf_text *text, const mf_layer_data *layer)
{
    if (layer->n_others < 2)
        return;
    mf_text_puts(text, ", \"more_inputs\": [");
    for (size_t k = 1; k < layer->n_others; k++)
        mf_text_printf(text, "%s{\"channels\": %" PRIu64 ", \"fraction_bits\": %" PRIu64 "}",
                       k > 1 ? ", " : "", layer->others[k].channels,
                       layer->others[k].fraction_bits);
    mf_text_puts(text, "]");
}

/* Where they are not what they are without a key. */
static void put_ofmap_bits(mf_text *text, const mf_layer_data *layer)
{
    uint64_t bits = mf_layer_data_ofmap_bits(layer), written = mf_layer_data_written_bits(layer);
    if (bits != layer->format.activation_bits)
        mf_text_printf(text, ", \"ofmap_bits\": %" PRIu64, bits);
    if (written != bits)
        mf_text_printf(text, ", \"written_bits\": %" PRIu64, written);
}

void mf_trace_put_layer(mf_text *text, const mf_layer_data *layer, const mf_trace_marks *marks)
{
    const char *comma = "";
    mf_text_puts(text, "{\"name\": ");
    mf_escape_json(text, layer->name);
    mf_text_printf(text, ", \"kind\": \"%s\"", kinds[layer->kind]);
    if (layer->op) {
        const char *arithmetic = arithmetics[layer->format.arithmetic];
        mf_text_puts(text, ", \"op\": ");
        mf_escape_json(text, layer->op);
        if (strcmp(layer->op, arithmetic) != 0)
            mf_text_printf(text, ", \"arithmetic\": \"%s\"", arithmetic);
    }
    mf_text_printf(text, ", \"activation\": \"%s\"", activations[layer->activation]);
    if (mf_layer_record_of(layer->kind)->maximum == MF_MAXIMUM_WANTED)
        mf_text_printf(text, ", \"maximum\": %s", layer->maximum ? "true" : "false");
    mf_text_puts(text, ", \"shape\": {");
#define PUT(key, least)                                                                            \
    mf_text_printf(text, "%s\"" #key "\": %" PRIu64, comma, layer->shape.key);                     \
    comma = ", ";
    MF_TRACE_SIZES(PUT)
#undef PUT
    mf_text_puts(text, "}");
#define PUT(key, member, which, least, most)                                                       \
    if (MF_TRACE_IF_##which(layer->kind))                                                          \
        mf_text_printf(text, ", \"" #key "\": %" PRIu64, layer->member);
    MF_TRACE_COUNTS(PUT)
#undef PUT
    put_ofmap_bits(text, layer);
    put_more_inputs(text, layer);
    if (layer->op && mf_arithmetic_record_of(layer->format.arithmetic)->has_zero_code)
        mf_text_printf(text, ", \"zero_code\": %s", layer->format.zero_code ? "true" : "false");
    put_marks(text, layer, marks);
    mf_text_puts(text, "}");
}
