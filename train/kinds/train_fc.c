/* Fully connected: [C][M]. */
#include "train/kinds/training_kind.h"

static void sizes(const mf_shape *k, uint64_t size[5])
{
    size[0] = k->c;
    size[1] = k->m;
}

static uint64_t at(const mf_shape *k, uint64_t m, uint64_t c, uint64_t r, uint64_t s)
{
    (void)r, (void)s; /* 0 */
    return c * k->m + m;
}

static const mf_weight_layout layout = {
    .sizes = sizes, .at = at, .input_axis = 0, .output_axis = 1, .flattens = true};

const mf_training_kind mf_training_fc = {.weights = &layout};
