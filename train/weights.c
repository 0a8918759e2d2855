/* Where weights begin, and what Shift makes of them. */
#include "base/random.h"
#include "train/kinds/training_kind.h"

#include <math.h>

/* A normal deviate (Box and Muller). */
static double normal(mf_random *random)
{
    double u = 1 - mf_random_real(random), v = mf_random_real(random);
    return sqrt(-2 * log(u)) * cos(2 * acos(-1.0) * v);
}

static void fill_uniform(mf_parameter *p, mf_random *random, double low, double high)
{
    for (uint64_t i = 0; i < p->n; i++)
        p->value[i] = (float)(low + (high - low) * mf_random_real(random));
}

static void fill(mf_parameter *p, float value)
{
    for (uint64_t i = 0; i < p->n; i++)
        p->value[i] = value;
}

/* Is this the norm at the end of a residual branch, which a sum then joins to its shortcut? */
static bool ends_branch(const mf_model *model, const mf_state *s)
{
    int index = (int)(s - model->states);
    if (s->first_reader < 0)
        return false;
    const mf_layer *reader = &model->network->layers[s->first_reader];
    return mf_training_kind_of(reader->kind)->is_sum && reader->input[0] == index;
}

/* Kaiming uniform with a = sqrt(5), which is U(-1, 1) / sqrt(fan in); adder weights N(0, 1); the
 * classifier a normal of deviation 0.02 cut at twice that. Sources: NetAug's and AdderNet's code.
 */
static void initialise(const mf_model *model, const mf_state *s, mf_random *random)
{
    const mf_shape *shape = &s->layer->shape;
    double bound = 1 / sqrt((double)(shape->c / shape->g * shape->r * shape->s));
    if (s->exponent) {
        fill_uniform(s->exponent, random, -10, -1);
        fill_uniform(s->sign, random, -1, 1);
    } else if (s->family == MF_FAMILY_ADD) {
        for (uint64_t i = 0; i < s->weight->n; i++)
            s->weight->value[i] = (float)(model->options.add_deviation * normal(random));
    } else if (s->last) {
        for (uint64_t i = 0; i < s->weight->n; i++) {
            double x = normal(random);
            while (fabs(x) > 2)
                x = normal(random);
            s->weight->value[i] = (float)(0.02 * x);
        }
    } else {
        fill_uniform(s->weight, random, -bound, bound);
    }
    if (s->bias) {
        if (s->last)
            fill(s->bias, 0);
        else
            fill_uniform(s->bias, random, -bound, bound);
    }
    if (s->gamma) {
        fill(s->gamma, ends_branch(model, s) ? (float)model->options.residual_gamma : 1);
        fill(s->beta, 0);
        fill(s->mean, 0);
        fill(s->variance, 1);
    }
}

void mf_weights_initialise(mf_model *model)
{
    for (size_t i = 0; i < model->network->n_layers; i++) {
        mf_state *s = &model->states[i];
        mf_random random = mf_random_stream(model->options.seed, i);
        if (mf_layer_has_weights(s->layer))
            initialise(model, s, &random);
    }
}

/* ---- shift -------------------------------------------------------------------------------------
 */

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

static void round_q(const mf_model_options *options, mf_state *s)
{
    const float least = (float)exp2(least_exponent(options));
    float *value = s->weight->value, *rounded = s->rounded;
    for (uint64_t i = 0; i < s->weight->n; i++) {
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

static void round_ps(const mf_model_options *options, mf_state *s)
{
    double least = least_exponent(options);
    for (uint64_t i = 0; i < s->exponent->n; i++) {
        float *p = &s->exponent->value[i];
        *p = (float)fmin(fmax(*p, least), 0);
        s->rounded[i] = (float)(exp2(nearbyint(*p)) * round_sign(s->sign->value[i]));
    }
}

/* The bias itself stays as it is learnt: the gradient passes straight through. */
static void round_bias(const mf_model *model, mf_state *s)
{
    mf_grid grid = mf_model_grid(model);
    for (uint64_t m = 0; m < s->bias->n; m++)
        s->grid_bias[m] =
            fminf(fmaxf(floorf(s->bias->value[m] * grid.per_unit) / grid.per_unit, grid.least),
                  grid.most);
}

void mf_weights_round(mf_model *model)
{
    for (size_t i = 0; i < model->network->n_layers; i++) {
        mf_state *s = &model->states[i];
        if (s->grid_bias)
            round_bias(model, s);
        if (!s->rounded)
            continue;
        if (s->exponent)
            round_ps(&model->options, s);
        else
            round_q(&model->options, s);
    }
}

/* From the gradient of the forward weights to that of the parameters, in their gradient arrays.
 * `dw` is the weight's own gradient array where there is one. */
void mf_weights_gradient(mf_model *model, mf_state *s, float *dw)
{
    if (s->exponent) {
        for (uint64_t i = 0; i < s->exponent->n; i++) {
            /* d w / d P = w ln 2; that of the sign is taken as 1, as DeepShift does. */
            s->exponent->gradient[i] = (float)(dw[i] * s->rounded[i] * log(2.0));
            s->sign->gradient[i] = dw[i];
        }
        return;
    }
    if (s->family != MF_FAMILY_ADD)
        return;
    double squares = 0;
    for (uint64_t i = 0; i < s->weight->n; i++)
        squares += (double)dw[i] * dw[i];
    double norm = fmax(sqrt(squares), 1e-12);
    float scale = (float)(model->options.add_eta * sqrt((double)s->weight->n) / norm);
    for (uint64_t i = 0; i < s->weight->n; i++)
        dw[i] *= scale;
}
