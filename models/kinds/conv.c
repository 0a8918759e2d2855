/* Convolution, grouped or not. */
#include "models/kinds/kind.h"

static const char *shape_fault(const mf_shape *s)
{
    return s->c % s->g == 0 && s->m % s->g == 0 ? NULL : "g must divide c and m";
}

static mf_status append(mf_builder *builder, const mf_layer *like, uint64_t channels,
                        const mf_feature_map *maps, mf_diag *diag)
{
    const mf_shape *s = &like->shape;
    mf_conv_words words = {.role = like->role,
                           .channels = channels,
                           .kernel_rows = s->r,
                           .kernel_columns = s->s,
                           .stride = s->stride,
                           .pad_rows = s->pad_rows,
                           .pad_columns = s->pad_columns,
                           .groups = s->g,
                           .bias = like->bias,
                           .norm = like->norm,
                           .activation = like->activation};
    (void)maps;
    return mf_build_conv(builder, &words, diag);
}

const mf_layer_record mf_kind_conv = {.name = "conv",
                                      .has_weights = true,
                                      .has_window = true,
                                      .inputs = mf_kind_one_map,
                                      .n_inputs = 1,
                                      .append = append,
                                      .shape_fault = shape_fault};
