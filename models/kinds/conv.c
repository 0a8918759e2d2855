/* Convolution, grouped or not. */
#include "models/kinds/kind.h"

static const char *shape_fault(const mf_shape *s)
{
    return s->c % s->g == 0 && s->m % s->g == 0 ? NULL : "g must divide c and m";
}

const mf_layer_record mf_kind_conv = {.name = "conv",
                                      .has_weights = true,
                                      .has_window = true,
                                      .inputs = mf_kind_one_map,
                                      .n_inputs = 1,
                                      .shape_fault = shape_fault};
