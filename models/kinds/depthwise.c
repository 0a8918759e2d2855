/* Convolution with one filter per channel: G = C = M. */
#include "models/kinds/kind.h"

static const char *shape_fault(const mf_shape *s)
{
    return s->g == s->c && s->g == s->m ? NULL : "g, c and m must be equal";
}

const mf_layer_record mf_kind_depthwise = {.name = "depthwise",
                                           .has_weights = true,
                                           .per_channel = true,
                                           .has_window = true,
                                           .inputs = mf_kind_one_map,
                                           .n_inputs = 1,
                                           .shape_fault = shape_fault};
