/* One filter per channel: [R][S][C]. */
#include "train/kinds/training_kind.h"

static void sizes(const mf_shape *k, uint64_t size[5])
{
    size[0] = k->r;
    size[1] = k->s;
    size[2] = k->c;
}

static uint64_t at(const mf_shape *k, uint64_t m, uint64_t c, uint64_t r, uint64_t s)
{
    (void)c; /* the only one of its group */
    return (r * k->s + s) * k->c + m;
}

static const mf_weight_layout layout = {.sizes = sizes,
                                        .at = at,
                                        .kernel_axes = 1u << 0 | 1u << 1,
                                        .input_axis = 2,
                                        .output_axis = 2,
                                        .bias_on_grid = true};

const mf_training_kind mf_training_depthwise = {.weights = &layout};
