/* How does a network grow layer by layer? The builder keeps the running map (channels, rows,
 * columns and the layer it came from), infers every shape from it, and refuses what does not fit.
 * Private to models/: network_parts.c drives it, network_json.c starts and ends it. */
#ifndef MF_MODELS_NETWORK_BUILDER_H
#define MF_MODELS_NETWORK_BUILDER_H

#include "base/arena.h"
#include "base/json.h"
#include "models/network.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A feature map between layers: `layer` made it (or MF_NETWORK_INPUT). */
typedef struct mf_feature_map {
    int layer;
    uint64_t channels, rows, columns;
} mf_feature_map;

/* A map that a part has given a name, for later parts to read. */
typedef struct mf_label {
    const char *name;
    mf_feature_map map;
} mf_label;

enum { MF_MOST_LOWERED = 4 };

typedef struct mf_builder {
    mf_network *network;
    size_t capacity;
    mf_feature_map map;       /* what the next layer reads */
    int part, block;          /* stamped on new layers */
    uint64_t divisor;         /* channels are rounded to a multiple of it */
    mf_activation activation; /* for parts that do not name one */
    bool norm;
    const char *op; /* operator of the next layers, pinned by the part, or NULL */
    /* Where a part names several, each of its convolutions is lowered to a chain: one convolution
     * per operator, the first with the stride and the channels, each further one from as many
     * channels to as many. Norm, bias and activation come behind the last. */
    const char *ops[MF_MOST_LOWERED];
    size_t n_ops;
    mf_label *labels;
    size_t n_labels, label_capacity;
    const mf_json *place; /* of the part, which messages about a layer's sizes name */
} mf_builder;

/* The activation that member "activation" of `object` names; left alone where there is none. */
mf_status mf_activation_or(const mf_json *object, mf_activation *activation, mf_diag *diag);

/* What a person would say about one convolution. */
typedef struct mf_conv_words {
    const char *role;
    uint64_t channels; /* outputs, already scaled */
    uint64_t kernel_rows, kernel_columns;
    uint64_t stride;
    uint64_t pad_rows, pad_columns;
    uint64_t groups;
    bool bias, norm;
    mf_activation activation;
} mf_conv_words;

/* A value rounded to the nearest multiple of `divisor`, but at least one multiple and never more
 * than 10 % below the value: the channel rule of the MobileNet family (tinyml, netaug/utils). */
uint64_t mf_round_channels(double value, uint64_t divisor);

/* A K x K convolution of stride 1 that keeps the map's size, with the builder's norm and
 * activation. */
mf_conv_words mf_conv_same(const mf_builder *builder, const char *role, uint64_t channels,
                           uint64_t kernel);

/* Append a layer that reads the running map and makes the next one. `at` is the JSON place that
 * messages name. A convolution with groups = channels in = channels out > 1 is a depthwise layer;
 * where the part lowers convolutions, it is a chain of layers. */
mf_status mf_build_conv(mf_builder *builder, const mf_conv_words *words, const mf_json *at,
                        mf_diag *diag);
mf_status mf_build_fc(mf_builder *builder, const mf_conv_words *words, const mf_json *at,
                      mf_diag *diag);
mf_status mf_build_pool(mf_builder *builder, bool maximum, uint64_t kernel, uint64_t stride,
                        uint64_t pad, bool ceil_mode, const mf_json *at, mf_diag *diag);
mf_status mf_build_global_pool(mf_builder *builder, mf_diag *diag);

/* Append the sum of the running map and `other`, or the running map (one number per channel) times
 * `other`; the result has the shape of the running map, or of `other`. */
mf_status mf_build_residual_add(mf_builder *builder, const mf_feature_map *other,
                                mf_activation activation, mf_diag *diag);
mf_status mf_build_scale(mf_builder *builder, const mf_feature_map *other, mf_diag *diag);

/* Append the running map's channels and then those of `other`, whose rows and columns must be the
 * same. */
mf_status mf_build_concat(mf_builder *builder, const mf_feature_map *other, const mf_json *at,
                          mf_diag *diag);

/* Append the running map, `factor` times as high and wide; `kind` is one of the two that do so. */
mf_status mf_build_upsample(mf_builder *builder, mf_layer_kind kind, uint64_t factor,
                            const mf_json *at, mf_diag *diag);

/* "NEEDS: 8x4x4 (conv_3) and 8x8x8 (stem_0)": two maps that do not go together. */
mf_status mf_build_fail_join(const mf_builder *builder, const mf_feature_map *other,
                             const mf_json *at, const char *needs, mf_diag *diag);

/* Give the running map a name, which must be new; find the one that member `key` names. */
mf_status mf_builder_label(mf_builder *builder, const mf_json *name, mf_diag *diag);
mf_status mf_builder_labelled(mf_builder *builder, const mf_json *part, const char *key,
                              mf_feature_map *map, mf_diag *diag);

/* MF_INVALID where a layer is read by none and is not the last: the network would have two outputs.
 */
mf_status mf_builder_check_readers(const mf_builder *builder, const mf_json *at, mf_diag *diag);

/* Append the layers that one element of "parts" stands for (network_parts.c). */
mf_status mf_build_part(mf_builder *builder, const mf_json *part, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
