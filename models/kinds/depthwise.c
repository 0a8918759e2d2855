/* Convolution with one filter per channel: G = C = M. */
#include "models/kinds/kind.h"

static const char *shape_fault(const mf_shape *s)
{
    return s->g == s->c && s->g == s->m ? NULL : "g, c and m must be equal";
}

static mf_status append(mf_builder *builder, const mf_layer *like, uint64_t channels,
                        const mf_feature_map *maps, mf_diag *diag)
{
    const mf_shape *s = &like->shape;
    mf_conv_words words = {.role = like->role,
                           .channels = maps[0].channels,
                           .kernel_rows = s->r,
                           .kernel_columns = s->s,
                           .stride = s->stride,
                           .pad_rows = s->pad_rows,
                           .pad_columns = s->pad_columns,
                           .groups = maps[0].channels,
                           .bias = like->bias,
                           .norm = like->norm,
                           .activation = like->activation};
    (void)channels;
    return mf_build_conv(builder, &words, diag);
}

const mf_layer_record mf_kind_depthwise = {.name = "depthwise",
                                           .has_weights = true,
                                           .per_channel = true,
                                           .has_window = true,
                                           .inputs = mf_kind_one_map,
                                           .n_inputs = 1,
                                           .append = append,
                                           .shape_fault = shape_fault};
