/* APoT (Li et al., ICLR 2020): a layer's weights are standardised (their mean and deviation are
 * measured, not differentiated), divided by a clip that is learnt, clamped to -1 to 1, brought to
 * the nearest level, and multiplied by the clip. The gradient passes straight through to the
 * standardised weights, clamped ones too; that of the clip is sum g (q - x), and sum g sign(x)
 * where x was clamped. Its step is a fifth of the weights', as the authors' rates are. Source:
 * yhhhli/APoT_Quantization, CIFAR10/models/quant_layer.py and main.py. */
#include "train/operators/training_operator.h"

#include <math.h>

enum { WEIGHT, CLIP, N_PARAMETERS, LEAST_BITS = 3, MOST_LEVELS = 16 };

static const float first_clip = 3, least_clip = 1e-3f, step_of_clip = 0.2f;

/* Magnitudes in units of the smallest, as codes number them. */
static const int levels_3[] = {0, 4, 2, 1}, levels_4[] = {0, 8, 4, 1, 2, 10, 6, 3},
                 levels_5[] = {0, 32, 8, 2, 16, 48, 24, 18, 4, 36, 12, 6, 1, 33, 9, 3};

typedef struct grid {
    const int *levels;
    int n;
    float largest;
    float middles[MOST_LEVELS], values[MOST_LEVELS]; /* ascending; a value lies above its middle */
} grid;

static const int *levels_of(uint64_t bits)
{
    static const int *const all[] = {levels_3, levels_4, levels_5};
    return all[bits - LEAST_BITS];
}

static grid grid_of(uint64_t bits)
{
    grid g = {.levels = levels_of(bits), .n = 1 << (bits - 1)};
    for (int i = 0; i < g.n; i++) {
        int at = i;
        for (; at > 0 && g.values[at - 1] > (float)g.levels[i]; at--)
            g.values[at] = g.values[at - 1];
        g.values[at] = (float)g.levels[i];
    }
    g.largest = g.values[g.n - 1];
    for (int i = 0; i < g.n; i++) {
        g.values[i] /= g.largest;
        g.middles[i] = i ? (g.values[i] + g.values[i - 1]) / 2 : 0;
    }
    return g;
}

static float nearest(const grid *g, float x)
{
    float magnitude = fabsf(x), value = 0;
    for (int i = 1; i < g->n; i++)
        value = magnitude > g->middles[i] ? g->values[i] : value;
    return copysignf(value, x);
}

typedef struct moments {
    float mean, deviation; /* of all n - 1 */
} moments;

static moments moments_of(const mf_parameter *p)
{
    double sum = 0, squares = 0;
    for (uint64_t i = 0; i < p->n; i++)
        sum += p->value[i];
    double mean = sum / (double)p->n;
    for (uint64_t i = 0; i < p->n; i++)
        squares += (p->value[i] - mean) * (p->value[i] - mean);
    double deviation = sqrt(squares / (double)(p->n > 1 ? p->n - 1 : 1));
    return (moments){(float)mean, (float)fmax(deviation, 1e-12)};
}

static void initialise(const mf_model *model, mf_state *s, mf_random *random)
{
    mf_initialise_products(model, s, random);
    s->weights[CLIP]->value[0] = first_clip;
}

static void project(const mf_model *model, mf_state *s)
{
    grid g = grid_of(s->weight_bits);
    moments m = moments_of(s->weights[WEIGHT]);
    float *clip = s->weights[CLIP]->value;
    (void)model;
    *clip = fmaxf(*clip, least_clip);
    for (uint64_t i = 0; i < s->weights[WEIGHT]->n; i++) {
        float x = (s->weights[WEIGHT]->value[i] - m.mean) / m.deviation / *clip;
        s->projected[i] = nearest(&g, fminf(fmaxf(x, -1), 1)) * *clip;
    }
}

static void pull_back(const mf_model *model, mf_state *s, float *dw)
{
    moments m = moments_of(s->weights[WEIGHT]);
    float clip = s->weights[CLIP]->value[0];
    double sum = 0;
    (void)model;
    for (uint64_t i = 0; i < s->weights[WEIGHT]->n; i++) {
        float x = (s->weights[WEIGHT]->value[i] - m.mean) / m.deviation / clip;
        double slope = fabsf(x) > 1 ? copysignf(1, x) : s->projected[i] / clip - x;
        sum += dw[i] * slope;
        dw[i] /= m.deviation;
    }
    s->weights[CLIP]->gradient[0] = step_of_clip * (float)sum;
}

/* What the smallest power stands for. */
static double unit(const mf_state *s, uint64_t filter)
{
    grid g = grid_of(s->weight_bits);
    (void)filter;
    return (double)s->weights[CLIP]->value[0] / g.largest;
}

static const mf_weight_form clipped = {
    .parameters = {{"weight", true, MF_PER_WEIGHT}, {"clip", true, MF_PER_LAYER}},
    .n_parameters = N_PARAMETERS,
    .initialise = initialise,
    .project = project,
    .pull_back = pull_back,
    .unit = unit};

/* A sign above the number of the level. */
static int32_t code(const mf_integer_format *format, float w, uint64_t scale)
{
    const int *levels = levels_of(format->weight_bits);
    int32_t sign = 1 << (format->weight_bits - 1), at = 0;
    long level = lrintf(fabsf(w));
    (void)scale;
    while (at + 1 < sign && levels[at] != level)
        at++;
    return at | (w < 0 ? sign : 0);
}

const mf_training_operator mf_trained_apot = {.name = "apot",
                                              .advice = "-rate +warmup_epochs",
                                              .family = MF_FAMILY_MULT,
                                              .reads_width = true,
                                              .form = &clipped,
                                              .code = code};
