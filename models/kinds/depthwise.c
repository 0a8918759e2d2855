/* Convolution with one filter per channel: G = C = M. */
#include "models/kinds/kind.h"

static const char *shape_fault(const mf_shape *s)
{
    return s->g == s->c && s->g == s->m ? NULL : "g, c and m must be equal";
}

const mf_kind mf_kind_depthwise = {.name = "depthwise",
                                   .has_weights = true,
                                   .inputs = mf_kind_one_map,
                                   .n_inputs = 1,
                                   .shape_fault = shape_fault};
