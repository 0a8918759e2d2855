/* Binary weights (Rastegari et al., XNOR-Net, ECCV 2016): before each pass weights are centred over
 * the input channels at each place of a filter's kernel, and clamped to -1 to 1; the forward weight
 * is sign(w) times the mean of |w| over the filter, of n weights. The gradient is multiplied by
 *
 *   n (1 - G / C) (mean |w| [|w| < 1] + 1 / n)
 *
 * as the authors' code has it for SGD. Source: allenai/XNOR-Net, util.lua. */
#include "train/operators/training_operator.h"

#include "train/kinds/training_kind.h"

#include <math.h>

typedef struct filter {
    const mf_state *s;
    const mf_weight_layout *layout;
    const mf_shape *shape;
    uint64_t channels, n; /* of a filter: input channels, weights */
} filter;

static filter filter_of(const mf_state *s)
{
    const mf_shape *k = &s->layer->shape;
    return (filter){.s = s,
                    .layout = mf_training_kind_of(s->layer->kind)->weights,
                    .shape = k,
                    .channels = k->c / k->g,
                    .n = k->c / k->g * k->r * k->s};
}

/* Where weight i of filter m lies: channels innermost. */
static uint64_t place(const filter *f, uint64_t m, uint64_t i)
{
    uint64_t at = i / f->channels;
    return f->layout->at(f->shape, m, i % f->channels, at / f->shape->s, at % f->shape->s);
}

static void centre_and_clamp(const filter *f, uint64_t m, float *value)
{
    for (uint64_t i = 0; i < f->n; i += f->channels) {
        double mean = 0;
        for (uint64_t c = 0; c < f->channels; c++)
            mean += value[place(f, m, i + c)];
        mean /= (double)f->channels;
        for (uint64_t c = 0; c < f->channels; c++) {
            float *w = &value[place(f, m, i + c)];
            *w = (float)fmin(fmax(*w - mean, -1), 1);
        }
    }
}

static float mean_magnitude(const filter *f, uint64_t m, const float *value)
{
    double sum = 0;
    for (uint64_t i = 0; i < f->n; i++)
        sum += fabsf(value[place(f, m, i)]);
    return (float)(sum / (double)f->n);
}

static void project(const mf_model *model, mf_state *s)
{
    filter f = filter_of(s);
    float *value = s->weights[0]->value;
    (void)model;
    for (uint64_t m = 0; m < f.shape->m; m++) {
        centre_and_clamp(&f, m, value);
        float scale = mean_magnitude(&f, m, value);
        for (uint64_t i = 0; i < f.n; i++) {
            uint64_t at = place(&f, m, i);
            s->projected[at] = value[at] < 0 ? -scale : scale;
        }
    }
}

static void pull_back(const mf_model *model, mf_state *s, float *dw)
{
    filter f = filter_of(s);
    const float *value = s->weights[0]->value;
    double n = (double)f.n, centred = 1 - 1 / (double)f.channels;
    (void)model;
    for (uint64_t m = 0; m < f.shape->m; m++) {
        double scale = mean_magnitude(&f, m, value);
        for (uint64_t i = 0; i < f.n; i++) {
            uint64_t at = place(&f, m, i);
            double inside = fabsf(value[at]) < 1 ? scale : 0;
            dw[at] = (float)(dw[at] * (inside + 1 / n) * centred * n);
        }
    }
}

static double unit(const mf_state *s, uint64_t m)
{
    filter f = filter_of(s);
    return fabsf(s->projected[place(&f, m, 0)]);
}

const mf_weight_form mf_form_signs = {.parameters = {{"weight", true, MF_PER_WEIGHT}},
                                      .n_parameters = 1,
                                      .initialise = mf_initialise_products,
                                      .project = project,
                                      .pull_back = pull_back,
                                      .unit = unit};

const mf_training_operator mf_trained_binary = {.name = "binary",
                                                .advice = "-rate +warmup_epochs",
                                                .family = MF_FAMILY_MULT,
                                                .form = &mf_form_signs,
                                                .code = mf_sign_code};
