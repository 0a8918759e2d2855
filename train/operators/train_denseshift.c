/* DenseShift (Li et al., ICCV 2023): a sign and three binary gates per weight, each the sign of a
 * parameter of its own, give w = sign * 2^S with
 *
 *   S1 = t1,  S2 = (S1 + 1) t2,  S = (S2 + 1) t3,
 *
 * so that no weight is zero and S is 0 to 3. The gradient is that of sign * sqrt(S + 1) and passes
 * straight through sign and gates. "Low variance" start: deviations of sqrt(2 / (R S M)), the
 * gates' negative, so that every weight begins as +-1. Source: huawei-noah/noah-research,
 * S3-Training/dsconv2d.py; docs/TRAINING.md has what that file leaves open. */
#include "train/operators/training_operator.h"

#include <math.h>

enum { SIGN, T1, T2, T3, N_PARAMETERS };

static void initialise(const mf_model *model, mf_state *s, mf_random *random)
{
    const mf_shape *k = &s->layer->shape;
    double deviation = sqrt(2 / (double)(k->r * k->s * k->m));
    (void)model;
    for (int p = 0; p < N_PARAMETERS; p++)
        for (uint64_t i = 0; i < s->weights[p]->n; i++) {
            double x = deviation * mf_draw_normal(random);
            s->weights[p]->value[i] = (float)(p == SIGN ? x : -fabs(x));
        }
}

/* The three stages of the exponent. */
typedef struct exponent {
    float t2, t3, s1, s2, s;
} exponent;

static exponent exponent_of(const mf_state *s, uint64_t i)
{
    exponent e;
    e.s1 = s->weights[T1]->value[i] > 0;
    e.t2 = s->weights[T2]->value[i] > 0;
    e.t3 = s->weights[T3]->value[i] > 0;
    e.s2 = (e.s1 + 1) * e.t2;
    e.s = (e.s2 + 1) * e.t3;
    return e;
}

static float sign_of(const mf_state *s, uint64_t i)
{
    return s->weights[SIGN]->value[i] < 0 ? -1 : 1;
}

static void project(const mf_model *model, mf_state *s)
{
    (void)model;
    for (uint64_t i = 0; i < s->weights[SIGN]->n; i++)
        s->projected[i] = sign_of(s, i) * (float)(1 << (int)exponent_of(s, i).s);
}

static void pull_back(const mf_model *model, mf_state *s, float *dw)
{
    (void)model;
    for (uint64_t i = 0; i < s->weights[SIGN]->n; i++) {
        exponent e = exponent_of(s, i);
        float root = sqrtf(e.s + 1), ds = dw[i] * sign_of(s, i) / (2 * root), ds2 = ds * e.t3;
        s->weights[T3]->gradient[i] = ds * (e.s2 + 1);
        s->weights[T2]->gradient[i] = ds2 * (e.s1 + 1);
        s->weights[T1]->gradient[i] = ds2 * e.t2;
        s->weights[SIGN]->gradient[i] = dw[i] * root;
    }
}

static const mf_weight_form gates = {.parameters = {{"weight_sign", true},
                                                    {"weight_t1", true},
                                                    {"weight_t2", true},
                                                    {"weight_t3", true}},
                                     .n_parameters = N_PARAMETERS,
                                     .initialise = initialise,
                                     .project = project,
                                     .pull_back = pull_back,
                                     .gradient_apart = true};

/* A sign above two bits of exponent. */
static int32_t code(const mf_integer_format *format, float w, uint64_t scale)
{
    (void)format, (void)scale;
    return ilogbf(w) | (w < 0 ? 4 : 0);
}

const mf_training_operator mf_trained_denseshift = {.name = "denseshift",
                                                    .advice = "-rate +warmup_epochs",
                                                    .family = MF_FAMILY_MULT,
                                                    .form = &gates,
                                                    .code = code};
