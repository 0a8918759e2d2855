/* What is a layer of a trace: which arrays does it have, of what size and range, when is it sound,
 * and how does the manifest describe it? What reader (trace.c) and writer (trace_write.c) have in
 * common, so that nothing is written that is not read; nobody else includes it but tests. */
#ifndef MF_MODELS_TRACE_FORMAT_H
#define MF_MODELS_TRACE_FORMAT_H

#include "base/json.h"
#include "base/npy.h"
#include "base/text.h"
#include "models/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Arrays are numbered in the order of the archive: first inputs, of which there is one name for each
 * that a layer may have, ... */
#define MF_TRACE_INPUTS                                                                            \
    "ifmap", "second", "input_3", "input_4", "input_5", "input_6", "input_7", "input_8",           \
        "input_9", "input_10", "input_11", "input_12", "input_13", "input_14", "input_15",         \
        "input_16", "input_17", "input_18", "input_19", "input_20", "input_21", "input_22",        \
        "input_23", "input_24", "input_25", "input_26", "input_27", "input_28", "input_29",        \
        "input_30", "input_31", "input_32"

/* ... then X(NAME, name), the other members of mf_layer_data that are arrays. */
#define MF_TRACE_ARRAYS(X)                                                                         \
    X(WEIGHTS, weights)                                                                            \
    X(MULTIPLIER, multiplier)                                                                      \
    X(ADDEND, addend)                                                                              \
    X(PSUMS, psums)                                                                                \
    X(OFMAP, ofmap)

typedef enum mf_trace_what {
    MF_TRACE_IFMAP = 0,
    MF_TRACE_SECOND = 1,
    MF_TRACE_LAST_INPUT = MF_MOST_INPUTS - 1,
#define MF_TRACE_ARRAY(NAME, name) MF_TRACE_##NAME,
    MF_TRACE_ARRAYS(MF_TRACE_ARRAY)
#undef MF_TRACE_ARRAY
        MF_N_TRACE_ARRAYS
} mf_trace_what;

enum { MF_TRACE_MOST_DIMENSIONS = 4, MF_TRACE_ENTRY_BYTES = 160 };

/* The names of the arrays, followed by NULL. */
extern const char *const mf_trace_array_names[MF_N_TRACE_ARRAYS + 1];

/* One array of a layer whose description is sound. */
typedef struct mf_trace_array {
    size_t n_dimensions;
    uint64_t size[MF_TRACE_MOST_DIMENSIONS];
    uint64_t n_items;
    int64_t least, most; /* the range of its numbers */
    bool of_signs;       /* -1 and 1: not 0, which lies between them */
    mf_npy_type type;    /* as it is written */
    bool wide;           /* int64_t in memory, else int32_t */
} mf_trace_array;

/* False where layers of this kind have none. */
bool mf_trace_array_of(const mf_layer_data *layer, mf_trace_what what, mf_trace_array *array);

/* The array itself, NULL where it is not filled in. Inputs are filled in for as many as the layer
 * says that it has. */
const void *mf_trace_items(const mf_layer_data *layer, mf_trace_what what);

/* Do layers of this kind have weights, a second map? */
bool mf_trace_kind_has_weights(mf_layer_kind kind);
bool mf_trace_kind_has_second(mf_layer_kind kind);

/* MF_INVALID for an item out of range, named by its coordinates: "weights[3][0][1][2] is ...". */
mf_status mf_trace_fail_item(const char *path, const mf_layer_data *layer, mf_trace_what what,
                             uint64_t index, int64_t value, mf_diag *diag);

/* "000_stem_0/ifmap.npy", for a name that mf_trace_check_layer let through. */
void mf_trace_entry_name(size_t index, const char *layer, mf_trace_what what,
                         char out[MF_TRACE_ENTRY_BYTES]);

/* Is the description sound? Looks at no array. The message has no beginning: the caller says where
 * the layer is. */
mf_status mf_trace_check_layer(const mf_layer_data *layer, mf_diag *diag);

/* The checksum of zlib, gzip and PNG. */
uint32_t mf_trace_crc32(const void *bytes, size_t n);

/* What the manifest says about the numbers of a layer; only ifmap and ofmap have a zero fraction.
 */
typedef struct mf_trace_marks {
    double zero_fraction[MF_N_TRACE_ARRAYS];
    uint32_t crc32[MF_N_TRACE_ARRAYS];
    bool has_zero_fraction[MF_N_TRACE_ARRAYS], has_crc32[MF_N_TRACE_ARRAYS];
} mf_trace_marks;

/* A layer of the manifest: read from the object `at`, with strings copied into `arena` and the
 * description checked; or appended to `text`. */
mf_status mf_trace_read_layer(const mf_json *at, mf_arena *arena, mf_layer_data *layer,
                              mf_trace_marks *marks, mf_diag *diag);
void mf_trace_put_layer(mf_text *text, const mf_layer_data *layer, const mf_trace_marks *marks);

enum { MF_TRACE_MOST_FRACTION_BITS = 31 }; /* of a map */

/* Is it a number of this array? */
bool mf_trace_array_takes(const mf_trace_array *array, int64_t value);

/* The whole numbers of a layer that have a key each: the only list of them.
 * X(key, member of mf_layer_data, which layers have it, least, most) */
#define MF_TRACE_COUNTS(X)                                                                         \
    X(activation_bits, format.activation_bits, ALL, 1, 32)                                         \
    X(weight_bits, format.weight_bits, WEIGHTS, 1, 32)                                             \
    X(psum_bits, format.psum_bits, WEIGHTS, 2, 63)                                                 \
    X(product_shift_bits, format.product_shift, WEIGHTS, 0, 62)                                    \
    X(ifmap_fraction_bits, ifmap_fraction_bits, ALL, 0, MF_TRACE_MOST_FRACTION_BITS)               \
    X(second_fraction_bits, others[0].fraction_bits, SECOND, 0, MF_TRACE_MOST_FRACTION_BITS)       \
    X(weight_fraction_bits, weight_fraction_bits, WEIGHTS, 0, 63)                                  \
    X(ofmap_fraction_bits, ofmap_fraction_bits, ALL, 0, MF_TRACE_MOST_FRACTION_BITS)               \
    X(requantise_shift_bits, requantise_shift, WEIGHTS, 0, MF_MAX_REQUANTISE_SHIFT)

/* X(key and member of mf_shape, least): the most is MF_LARGEST_DIMENSION. */
#define MF_TRACE_SIZES(X)                                                                          \
    X(n, 1)                                                                                        \
    X(m, 1)                                                                                        \
    X(c, 1)                                                                                        \
    X(g, 1)                                                                                        \
    X(h, 1)                                                                                        \
    X(w, 1)                                                                                        \
    X(r, 1)                                                                                        \
    X(s, 1)                                                                                        \
    X(e, 1)                                                                                        \
    X(f, 1)                                                                                        \
    X(stride, 1)                                                                                   \
    X(pad_rows, 0)                                                                                 \
    X(pad_columns, 0)

#define MF_TRACE_IF_ALL(kind)     ((void)(kind), true)
#define MF_TRACE_IF_WEIGHTS(kind) mf_trace_kind_has_weights(kind)
#define MF_TRACE_IF_SECOND(kind)  mf_trace_kind_has_second(kind)

/* Texts of a trace are shown on terminals and in pictures: no control characters, not too long, not
 * empty. */
enum { MF_TRACE_LONGEST_TEXT = 1000 };
bool mf_trace_is_text(const char *text);

#ifdef __cplusplus
}
#endif

#endif
