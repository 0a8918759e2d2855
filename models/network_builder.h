/* How does a network grow layer by layer? The builder keeps the running map (channels, rows,
 * columns and the layer it came from), infers every shape from it, and refuses what does not fit:
 *
 *   MF_TRY_DONE(mf_builder_begin(&b, &(mf_network_head){.name = "two", .channels = 3, ...}, diag));
 *   words = mf_conv_same(&b, "conv", 16, 3);
 *   MF_TRY_DONE(mf_build_conv(&b, &words, diag));
 *   input = b.map;
 *   MF_TRY_DONE(mf_build_conv(&b, &words, diag));
 *   MF_TRY_DONE(mf_build_residual_add(&b, &input, MF_ACTIVATION_RELU, diag));
 *   MF_TRY_DONE(mf_builder_end(&b, &network, diag));
 * done:
 *   mf_builder_abandon(&b);
 *
 * Formats (models/formats/) are written with it. What is refused is MF_INVALID or MF_TOO_LARGE with
 * the values; the message has no place: whoever reads a file puts it in front. */
#ifndef MF_MODELS_NETWORK_BUILDER_H
#define MF_MODELS_NETWORK_BUILDER_H

#include "base/arena.h"
#include "models/network.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is known before the first layer. Strings are copied. */
typedef struct mf_network_head {
    const char *name, *about, *source;
    uint64_t batch;
    uint64_t classes;                 /* the network must end in so many numbers; 0: in any map */
    uint64_t channels, rows, columns; /* of its input */
    double width_multiplier;          /* only noted */
} mf_network_head;

/* A feature map between layers: `layer` made it (or MF_NETWORK_INPUT). */
typedef struct mf_feature_map {
    int layer;
    uint64_t channels, rows, columns;
} mf_feature_map;

/* A map that has been given a name, for later layers to read. */
typedef struct mf_label {
    const char *name;
    mf_feature_map map;
} mf_label;

enum { MF_MOST_LOWERED = 4 };

/* Fields above the line may be changed between layers. */
typedef struct mf_builder {
    mf_feature_map map;       /* what the next layer reads */
    int part;                 /* stamped on new layers */
    const char *place;        /* in front of their ids: "stage2.block1"; NULL for none. Layers of a
                                 place follow one another */
    const char *stage;        /* for those who build blocks: what the place begins with */
    uint64_t divisor;         /* channels are rounded to a multiple of it */
    mf_activation activation; /* of mf_conv_same */
    bool norm;
    const char *op; /* operator that new layers are pinned to, or NULL */
    const char *prefix; /* in front of the names of new layers, or NULL */
    /* Where there are several, each convolution is lowered to a chain: one convolution per
     * operator, the first with the stride and the channels, each further one from as many channels
     * to as many. Norm, bias and activation come behind the last. */
    const char *ops[MF_MOST_LOWERED];
    size_t n_ops;
    /* ---- */
    mf_network *network;
    size_t capacity;
    mf_label *labels;
    size_t n_labels, label_capacity;
} mf_builder;

/* An empty network: divisor 1, norm behind convolutions, no activation. */
mf_status mf_builder_begin(mf_builder *builder, const mf_network_head *head, mf_diag *diag);

/* Hand over what was built. MF_INVALID where it has no layer with weights, where a layer is read by
 * none and is not the last (the network would have two outputs), or where it does not end in so
 * many classes. */
mf_status mf_builder_end(mf_builder *builder, mf_network **network, mf_diag *diag);

/* Free what was not handed over. */
void mf_builder_abandon(mf_builder *builder);

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

/* Append a layer that reads the running map and makes the next one. A convolution with groups =
 * channels in = channels out > 1 is a depthwise layer; where convolutions are lowered, it is a
 * chain of layers. */
mf_status mf_build_conv(mf_builder *builder, const mf_conv_words *words, mf_diag *diag);
mf_status mf_build_fc(mf_builder *builder, const mf_conv_words *words, mf_diag *diag);
mf_status mf_build_pool(mf_builder *builder, bool maximum, uint64_t kernel, uint64_t stride,
                        uint64_t pad, bool ceil_mode, mf_diag *diag);
mf_status mf_build_global_pool(mf_builder *builder, mf_diag *diag);

/* Append the sum of the running map and `other`, or the running map (one number per channel) times
 * `other`; the result has the shape of the running map, or of `other`. The second map of a sum may
 * be larger with fewer channels, as a shortcut without weights is ("shortcut": "pad"). */
mf_status mf_build_residual_add(mf_builder *builder, const mf_feature_map *other,
                                mf_activation activation, mf_diag *diag);
mf_status mf_build_scale(mf_builder *builder, const mf_feature_map *other, mf_diag *diag);

/* The sum of two maps of one shape. */
mf_status mf_build_add(mf_builder *builder, const mf_feature_map *other, mf_activation activation,
                       mf_diag *diag);

/* Append the running map's channels and then those of each of `others`, whose rows and columns must
 * be the same: 1 to MF_MOST_INPUTS - 1 of them. */
mf_status mf_build_concat(mf_builder *builder, const mf_feature_map *others, size_t n_others,
                          mf_diag *diag);

/* Append the running map, `factor` times as high and wide; `kind` is one of the two that do so. */
mf_status mf_build_upsample(mf_builder *builder, mf_layer_kind kind, uint64_t factor,
                            mf_diag *diag);

/* Give the running map a name, which must be new; find a map by its name, or the network's input as
 * "input". */
mf_status mf_builder_label(mf_builder *builder, const char *name, mf_diag *diag);
mf_status mf_builder_labelled(mf_builder *builder, const char *name, mf_feature_map *map,
                              mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
