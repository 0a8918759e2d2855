/* AdderNet (Chen et al., CVPR 2020): y = -sum |x - w|. The weights are themselves, from a normal
 * distribution; their full-precision gradient is scaled to eta * sqrt(k) / |g| layer by layer, and
 * that of the inputs is clipped to -1 to 1 per term (train/kernels/). */
#include "train/operators/training_operator.h"

#include "train/training.h"

#include <math.h>

static void initialise(const mf_model *model, mf_state *s, mf_random *random)
{
    for (uint64_t i = 0; i < s->weights[0]->n; i++)
        s->weights[0]->value[i] = (float)(model->options.add_deviation * mf_draw_normal(random));
}

static void pull_back(const mf_model *model, mf_state *s, float *dw)
{
    uint64_t n = s->weights[0]->n;
    double squares = 0;
    for (uint64_t i = 0; i < n; i++)
        squares += (double)dw[i] * dw[i];
    double norm = fmax(sqrt(squares), 1e-12);
    float scale = (float)(model->options.add_eta * sqrt((double)n) / norm);
    for (uint64_t i = 0; i < n; i++)
        dw[i] *= scale;
}

static const mf_weight_form itself = {.parameters = {{"weight", true}},
                                      .n_parameters = 1,
                                      .initialise = initialise,
                                      .pull_back = pull_back};

static uint64_t fraction_bits(const float *w, uint64_t n, uint64_t bits,
                              uint64_t ifmap_fraction_bits)
{
    (void)w, (void)n, (void)bits;
    return ifmap_fraction_bits;
}

static int32_t code(const mf_integer_format *format, float w, uint64_t scale)
{
    return mf_nearest_code(w, scale, format->weight_bits);
}

const mf_training_operator mf_trained_add = {.name = "add",
                                             .advice = "-add_eta -rate +warmup_epochs",
                                             .keys = MF_OF_ADD,
                                             .family = MF_FAMILY_ADD,
                                             .shares_scale = true,
                                             .scales_gradient = true,
                                             .form = &itself,
                                             .fraction_bits = fraction_bits,
                                             .code = code};
