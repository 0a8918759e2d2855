/* What is a kind of layer? One record each, in a file of its own beside this one: what it reads,
 * which shapes it may have, and, where it has no weights and runs on the vector unit, what it
 * computes on integer codes and how many operations that takes. No `switch` over kinds stands
 * anywhere else; what training adds to a kind is in train/kinds/. */
#ifndef MF_MODELS_KINDS_KIND_H
#define MF_MODELS_KINDS_KIND_H

#include "models/layer_data.h"
#include "models/network_builder.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One input of a layer: a whole map [N][C][H][W], or one number per channel [N][C]. */
typedef struct mf_input_role {
    const char *name; /* as messages call its codes */
    bool per_channel;
    bool may_be_smaller; /* a shortcut without weights: models/forward.c */
} mf_input_role;

/* Operations of the vector unit, and elements that pass through its lanes. */
typedef struct mf_vector_work {
    uint64_t n_adds, n_mults, n_passing;
} mf_vector_work;

/* The key "maximum" of a description: not there; there, and false if at all; wanted. */
typedef enum mf_maximum_key { MF_MAXIMUM_NONE, MF_MAXIMUM_FALSE, MF_MAXIMUM_WANTED } mf_maximum_key;

typedef struct mf_layer_record {
    const char *name;
    bool has_weights;
    bool per_channel; /* one filter for each channel: C of a filter is 1, whatever the shape's is */
    bool has_window;  /* r, s and stride say something */
    bool rounds_up;   /* its windows may be counted upwards: the last one hangs over the edge */
    bool resizes;     /* e and f do not follow from kernel, stride and padding */
    mf_maximum_key maximum;
    const mf_input_role *inputs;
    size_t n_inputs;
    bool repeats; /* any number of inputs more may follow, each in the last one's role */
    bool stacks;  /* inputs have channels of their own, M in all; elsewhere each has C */

    /* What contradicts the kind in a complete shape; NULL where nothing does. */
    const char *(*shape_fault)(const mf_shape *shape);

    /* Append a layer like this one that reads `maps`, the first of which is the builder's map;
     * with so many outputs where it may choose. */
    mf_status (*append)(mf_builder *builder, const mf_layer *like, uint64_t channels,
                        const mf_feature_map *maps, mf_diag *diag);

    /* The rest is NULL for kinds with weights.
     * Do the sizes allow `compute`? It asks for no more than compute reads. */
    bool (*fits)(const mf_shape *shape);
    /* Are all scales that meet near enough to each other (mf_scales_near)? */
    bool (*scales_fit)(const mf_layer_data *data);
    /* Rows [begin, end) of the outputs, at their places in all of them, [N][M][E][F], from the input rows
     * that these look at alone; the layer's data are checked. */
    void (*compute)(const mf_layer_data *data, uint64_t begin, uint64_t end, int32_t *ofmap);
    mf_vector_work (*work)(const mf_shape *shape, bool maximum);
} mf_layer_record;

/* The record of a kind; static. */
const mf_layer_record *mf_layer_record_of(mf_layer_kind kind);

#define MF_LAYER_KIND(name, NAME) extern const mf_layer_record mf_kind_##name;
#include "models/kinds/kinds.def"
#undef MF_LAYER_KIND

/* May a layer have so many inputs? What input `k` of one is. */
bool mf_kind_takes(const mf_layer_record *kind, size_t n_inputs);
const mf_input_role *mf_kind_role(const mf_layer_record *kind, size_t k);

/* Words that a layer reads of its input `k`, which has so many channels. */
uint64_t mf_kind_input_words(const mf_layer_record *kind, const mf_shape *shape, uint64_t channels,
                             size_t k);

/* Are there as many inputs as the kind has, with channels that agree with the shape? */
bool mf_kind_inputs_fit(const mf_layer_record *kind, const mf_layer_data *data);

/* The one input of most kinds, the two of those that join maps. */
extern const mf_input_role mf_kind_one_map[1];

/* Layers whose outputs are as many as their inputs, channel by channel, without a window: e = h,
 * f = w. */
const char *mf_kind_plain_fault(const mf_shape *shape);
bool mf_kind_plain_fits(const mf_shape *shape);

/* Can codes be brought from one number of fraction bits to another? */
enum { MF_MOST_SCALE_BITS = 31 };
bool mf_scales_near(uint64_t a_fraction_bits, uint64_t b_fraction_bits);

/* Does the first map's scale fit that of the output? So it is where layers only add or choose. */
bool mf_kind_first_scale_fits(const mf_layer_data *data);

#ifdef __cplusplus
}
#endif

#endif
