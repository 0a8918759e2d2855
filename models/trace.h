/* What did every layer of a network compute, number by number? A trace is a file NAME.npz that
 * numpy.load opens: a zip of `manifest.json`, which describes the layers, and per layer the arrays
 * of models/layer_data.h that its kind has, as
 *
 *   000_stem_0/ifmap.npy    000_stem_0/weights.npy    ...    001_depthwise_1/ifmap.npy    ...
 *
 * <position, three digits, from 000>_<layer>/<ifmap, second, input_3 to input_32, weights,
 * multiplier, addend, psums or ofmap>.npy. Written are the narrowest of int8, int16 and int32 that hold the codes' width, psums
 * as int32 up to 32 bits and else as int64, multipliers as int32, addends as int64. Read is every
 * integer type that base/npy.h has, as long as the values fit.
 *
 *   {"format": "mulfree-trace", "version": 1, "network": NAME, "about": TEXT (optional), "layers":
 *    [{"name", "kind" (kinds/kinds.def), "op", "activation"
 * (activations.def; none where absent), "arithmetic" (of an operator not named after its own),
 * "maximum" (pools), "shape": {"n", "m", "c", "g", "h", "w",
 * "r", "s", "e", "f", "stride", "pad_rows", "pad_columns"}, "activation_bits", "weight_bits",
 *      "psum_bits", "product_shift_bits", "zero_code" (false where absent), "ifmap_fraction_bits",
 *      "second_fraction_bits", "weight_fraction_bits", "ofmap_fraction_bits",
 *      "more_inputs": [{"channels", "fraction_bits"}], "requantise_shift_bits", "ofmap_bits"
 *      (activation_bits where absent), "written_bits" (ofmap_bits where absent),
 *      "zero_fraction": {"ifmap", "ofmap"}, "crc32": {ARRAY: "0f1e2d3c"}}]}
 *
 * Keys about weights, products, psums and requantising stand only where there are weights,
 * second_fraction_bits only where there is a second map, more_inputs where there is a third (the
 * second then has the channels that the others leave of M). "zero_fraction" (within 1e-6) and
 * "crc32" (Python's zlib.crc32(array.tobytes())) may be absent; what is there must agree with the
 * arrays.
 *
 * Every message begins with the path. MF_MALFORMED: no sound archive, JSON or .npy; MF_INVALID: a
 * value, key or array that is missing, unknown, out of range or contradicts another; MF_TOO_LARGE:
 * beyond the limits below; MF_UNKNOWN_NAME: no such file. */
#ifndef MF_MODELS_TRACE_H
#define MF_MODELS_TRACE_H

#include "base/arena.h"
#include "models/layer_data.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    MF_TRACE_MOST_LAYERS = 500,
    MF_TRACE_LONGEST_NAME = 100 /* of a layer: of A-Z a-z 0-9 _ . - only, as it becomes a path */
};

/* The largest array, in memory and in the file. */
#define MF_TRACE_MOST_BYTES ((uint64_t)1 << 30)

typedef struct mf_trace mf_trace;

/* Open a trace: reads and checks all of the manifest, and that the archive holds the arrays it
 * speaks of and no others; unpacks none. Owned by the caller, not to be shared by threads; close
 * accepts NULL. */
mf_status mf_trace_open(const char *path, mf_trace **trace, mf_diag *diag);

/* The same for a trace in memory, which stays the caller's and must outlive the trace. `name` is
 * what messages begin with. */
mf_status mf_trace_open_bytes(const char *name, const void *bytes, size_t n_bytes, mf_trace **trace,
                              mf_diag *diag);
void mf_trace_close(mf_trace *trace);

/* The network's name; what the manifest says about itself, NULL where it says nothing. */
const char *mf_trace_network(const mf_trace *trace);
const char *mf_trace_about(const mf_trace *trace);

/* How many layers, one at least; the description of one, with NULL for every array (so
 * mf_layer_data_has_weights does not answer: mf_trace_has_weights does) and 0 for what its kind
 * does not have. Both live as long as the trace. */
size_t mf_trace_count(const mf_trace *trace);
const mf_layer_data *mf_trace_layer(const mf_trace *trace, size_t index);
bool mf_trace_has_weights(const mf_trace *trace, size_t index);

/* One layer with its arrays, which belong to `arena`; name and op stay the trace's. Every array has
 * the shape that layer_data.h says, every number is within its width, and digests and zero
 * fractions agree. Otherwise `data` is left as it was; the arena may have grown. */
mf_status mf_trace_load(mf_trace *trace, size_t index, mf_arena *arena, mf_layer_data *data,
                        mf_diag *diag);

/* Calls `with` for each layer, its numbers loaded, one in memory at a time; what it returns other
 * than MF_OK ends the walk and is its result. */
typedef mf_status mf_trace_reader(void *user, size_t index, const mf_layer_data *data,
                                  mf_diag *diag);
mf_status mf_trace_each(mf_trace *trace, mf_trace_reader *with, void *user, mf_diag *diag);

typedef struct mf_trace_writer mf_trace_writer;

/* Write a trace beside `path`; it takes the name in finish and not before. Same data, same bytes.
 * `about` may be NULL. Layers follow each other in execution order; what a layer's kind does not
 * have is not written. A layer that would not be read back is refused with nothing written of it;
 * after any other failure of add, finish fails too. Finish and abandon end the writer, whatever
 * finish returns; abandon accepts NULL. */
mf_status mf_trace_create(const char *path, const char *network, const char *about,
                          mf_trace_writer **writer, mf_diag *diag);
mf_status mf_trace_add(mf_trace_writer *writer, const mf_layer_data *data, mf_diag *diag);
mf_status mf_trace_finish(mf_trace_writer *writer, mf_diag *diag);
void mf_trace_abandon(mf_trace_writer *writer);

#ifdef __cplusplus
}
#endif

#endif
