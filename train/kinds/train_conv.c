/* Dense and grouped convolutions: [G][R][S][C/G][M/G]. */
#include "train/kinds/training_kind.h"

static void sizes(const mf_shape *k, uint64_t size[5])
{
    size[0] = k->g;
    size[1] = k->r;
    size[2] = k->s;
    size[3] = k->c / k->g;
    size[4] = k->m / k->g;
}

static uint64_t at(const mf_shape *k, uint64_t m, uint64_t c, uint64_t r, uint64_t s)
{
    uint64_t filters = k->m / k->g, group = m / filters;
    return (((group * k->r + r) * k->s + s) * (k->c / k->g) + c) * filters + m % filters;
}

static const mf_weight_layout layout = {.sizes = sizes,
                                        .at = at,
                                        .kernel_axes = 1u << 1 | 1u << 2,
                                        .input_axis = 3,
                                        .output_axis = 4,
                                        .bias_on_grid = true};

const mf_training_kind mf_training_conv = {.weights = &layout};
