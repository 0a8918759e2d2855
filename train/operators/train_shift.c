/* DeepShift (Elhoushi et al., CVPRW 2021). Q: weights are clamped to magnitudes 2^-15 to 1 and
 * rounded to signed powers of two in every forward pass, with the gradient of the rounded ones. PS:
 * an exponent and a sign are the parameters. Fixed: as PS, but they are drawn once. Inputs, and
 * biases of convolutions, lie on a grid. */
#include "train/operators/training_operator.h"

#include "train/training.h"

#include <math.h>
#include <string.h>

/* The range of exponents: Q spends one bit on the sign, PS keeps a code for zero. */
static double least_exponent(const mf_model_options *options)
{
    double codes = (double)((uint64_t)1 << (options->shift_bits - 1));
    return options->shift_mode == MF_SHIFT_Q ? -(codes - 1) : -(codes - 2);
}

/* The power of two nearest to a normal float in the log domain, sign kept: the mantissa goes up
 * where it is above sqrt(2), the first float above which has the mantissa bits 0x3504f4. On bits,
 * so that it costs next to nothing. */
static float nearest_power(float w)
{
    union {
        float value;
        uint32_t bits;
    } x = {w};
    uint32_t magnitude = x.bits & 0x7fffffffu;
    magnitude = (magnitude + (0x00800000u - 0x003504f4u)) & 0x7f800000u;
    x.bits = (x.bits & 0x80000000u) | magnitude;
    return x.value;
}

static void project_q(const mf_model *model, mf_state *s)
{
    const float least = (float)exp2(least_exponent(&model->options));
    float *value = s->weights[0]->value, *rounded = s->projected;
    for (uint64_t i = 0; i < s->weights[0]->n; i++) {
        float magnitude = fabsf(value[i]);
        magnitude = magnitude < least ? least : magnitude > 1 ? 1 : magnitude;
        value[i] = value[i] == 0 ? 0 : copysignf(magnitude, value[i]);
        rounded[i] = value[i] == 0 ? 0 : nearest_power(value[i]);
    }
}

static double round_sign(float sign)
{
    double rounded = nearbyint(sign);
    return rounded > 0 ? 1 : rounded < 0 ? -1 : 0;
}

static void project_ps(const mf_model *model, mf_state *s)
{
    double least = least_exponent(&model->options);
    for (uint64_t i = 0; i < s->weights[0]->n; i++) {
        float *p = &s->weights[0]->value[i];
        *p = (float)fmin(fmax(*p, least), 0);
        s->projected[i] = (float)(exp2(nearbyint(*p)) * round_sign(s->weights[1]->value[i]));
    }
}

static void initialise_ps(const mf_model *model, mf_state *s, mf_random *random)
{
    (void)model;
    mf_fill_uniform(s->weights[0], random, -10, -1);
    mf_fill_uniform(s->weights[1], random, -1, 1);
}

/* d w / d P = w ln 2; that of the sign is taken as 1, as DeepShift does. */
static void pull_back_ps(const mf_model *model, mf_state *s, float *dw)
{
    (void)model;
    for (uint64_t i = 0; i < s->weights[0]->n; i++) {
        s->weights[0]->gradient[i] = (float)(dw[i] * s->projected[i] * log(2.0));
        s->weights[1]->gradient[i] = dw[i];
    }
}

static const mf_weight_form q = {.parameters = {{"weight", true}},
                                 .n_parameters = 1,
                                 .initialise = mf_initialise_products,
                                 .project = project_q};

/* Decay of exponents and signs would pull weights towards 1 and 0: DeepShift has none. */
static const mf_weight_form ps = {.parameters = {{"exponent", false}, {"sign", false}},
                                  .n_parameters = 2,
                                  .initialise = initialise_ps,
                                  .project = project_ps,
                                  .pull_back = pull_back_ps,
                                  .gradient_apart = true};

/* ShiftAddNet's fixed shift: half of the signs are 0, exponents are as often -1 as -7 (its
 * threshold of 0.007 leaves no smaller power), and nothing moves. Source: GATECH-EIC/ShiftAddNet,
 * se_shift/conv_mask_shift.py. Where fewer bits have fewer exponents, all of these alike. */
static void initialise_fixed(const mf_model *model, mf_state *s, mf_random *random)
{
    mf_fill_uniform(s->weights[0], random, fmax(-7, least_exponent(&model->options)) - 0.5, -0.5);
    mf_fill_uniform(s->weights[1], random, -1, 1);
}

static void keep(const mf_model *model, mf_state *s, float *dw)
{
    (void)model, (void)dw;
    for (size_t p = 0; p < s->form->n_parameters; p++)
        memset(s->weights[p]->gradient, 0, s->weights[p]->n * sizeof(float));
}

static const mf_weight_form fixed = {.parameters = {{"exponent", false}, {"sign", false}},
                                     .n_parameters = 2,
                                     .initialise = initialise_fixed,
                                     .project = project_ps,
                                     .pull_back = keep,
                                     .gradient_apart = true};

static const mf_weight_form *choose_form(const mf_model_options *options)
{
    static const mf_weight_form *const forms[MF_N_SHIFT_MODES] = {
        [MF_SHIFT_Q] = &q, [MF_SHIFT_PS] = &ps, [MF_SHIFT_FIXED] = &fixed};
    return forms[options->shift_mode];
}

static uint64_t fraction_bits(const float *w, uint64_t n, uint64_t bits,
                              uint64_t ifmap_fraction_bits)
{
    (void)w, (void)n, (void)bits, (void)ifmap_fraction_bits;
    return MF_SHIFT_FRACTION_BITS;
}

/* Zero, where it has no code, is the smallest power. */
static int32_t code(const mf_integer_format *format, float w, uint64_t scale)
{
    (void)format, (void)scale;
    if (w == 0)
        return MF_SHIFT_FRACTION_BITS;
    int exponent = -ilogb(w);
    return (int32_t)exponent | (w < 0 ? MF_SHIFT_SIGN : 0);
}

const mf_training_operator mf_trained_shift = {.name = "shift",
                                               .advice = "-rate +warmup_epochs",
                                               .keys = MF_OF_SHIFT,
                                               .family = MF_FAMILY_MULT,
                                               .on_grid = true,
                                               .lacks_zero = true,
                                               .choose_form = choose_form,
                                               .fraction_bits = fraction_bits,
                                               .code = code};
