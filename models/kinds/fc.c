/* Fully connected: reads a map flattened into C numbers. */
#include "models/kinds/kind.h"

static const char *shape_fault(const mf_shape *s)
{
    return s->h == 1 && s->w == 1 && s->r == 1 && s->s == 1 && s->e == 1 && s->f == 1 && s->g == 1
               ? NULL
               : "g, h, w, r, s, e and f must be 1";
}

static mf_status append(mf_builder *builder, const mf_layer *like, uint64_t channels,
                        const mf_feature_map *maps, mf_diag *diag)
{
    mf_conv_words words = {.role = like->role,
                           .channels = channels,
                           .bias = like->bias,
                           .norm = like->norm,
                           .activation = like->activation};
    (void)maps;
    return mf_build_fc(builder, &words, diag);
}

const mf_layer_record mf_kind_fc = {.name = "fc",
                                    .has_weights = true,
                                    .inputs = mf_kind_one_map,
                                    .n_inputs = 1,
                                    .append = append,
                                    .shape_fault = shape_fault};
