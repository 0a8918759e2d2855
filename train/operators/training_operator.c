/* The table, and what operators have in common. */
#include "train/operators/training_operator.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const mf_training_operator *const operators[MF_N_TRAINED] = {
#define MF_TRAINED(name, NAME) &mf_trained_##name,
#include "train/operators/operators.def"
#undef MF_TRAINED
};

const mf_training_operator *mf_training_operator_of(mf_trained trained)
{
    return operators[trained];
}

mf_status mf_trained_find(const char *arithmetic, mf_trained *trained, mf_diag *diag)
{
    char known[256] = "";
    for (int i = 0; i < MF_N_TRAINED; i++) {
        if (strcmp(arithmetic, operators[i]->name) == 0) {
            *trained = (mf_trained)i;
            return MF_OK;
        }
        size_t n = strlen(known);
        const char *before = i == 0 ? "" : i + 1 < MF_N_TRAINED ? ", " : " and ";
        snprintf(known + n, sizeof known - n, "%s%s", before, operators[i]->name);
    }
    return mf_fail(diag, MF_INVALID, "operator %s cannot be trained: %s can", arithmetic, known);
}

const char *mf_trained_name(mf_trained trained)
{
    return operators[trained]->name;
}

const char *mf_trained_advice(mf_trained trained)
{
    return operators[trained]->advice;
}

mf_training_uses mf_trained_keys(mf_trained trained)
{
    return operators[trained]->keys;
}

/* ---- codes -------------------------------------------------------------------------------------
 */

int32_t mf_sign_code(const mf_integer_format *format, float w, uint64_t scale)
{
    (void)format, (void)scale;
    return w < 0;
}

int32_t mf_nearest_code(double value, uint64_t fraction_bits, uint64_t bits)
{
    double most = exp2((double)bits - 1) - 1,
           code = floor(value * exp2((double)fraction_bits) + 0.5);
    return (int32_t)fmin(fmax(code, -most - 1), most);
}

double mf_peak_of(const float *x, uint64_t n)
{
    double peak = 0;
    for (uint64_t i = 0; i < n; i++)
        peak = fmax(peak, fabs((double)x[i]));
    return peak;
}

uint64_t mf_finest_scale(double peak, uint64_t bits)
{
    uint64_t fraction = bits - 1;
    while (fraction > 0 && peak * exp2((double)fraction) > exp2((double)bits - 1) - 1)
        fraction--;
    return fraction;
}

/* ---- where weights begin -----------------------------------------------------------------------
 */

double mf_draw_normal(mf_random *random)
{
    double u = 1 - mf_random_real(random), v = mf_random_real(random);
    return sqrt(-2 * log(u)) * cos(2 * acos(-1.0) * v);
}

void mf_fill_uniform(mf_parameter *p, mf_random *random, double low, double high)
{
    for (uint64_t i = 0; i < p->n; i++)
        p->value[i] = (float)(low + (high - low) * mf_random_real(random));
}

double mf_kaiming_bound(const mf_shape *shape)
{
    return 1 / sqrt((double)(shape->c / shape->g * shape->r * shape->s));
}

void mf_initialise_products(const mf_model *model, mf_state *s, mf_random *random)
{
    mf_parameter *weight = s->weights[0];
    double bound = mf_kaiming_bound(&s->layer->shape);
    (void)model;
    if (!s->last) {
        mf_fill_uniform(weight, random, -bound, bound);
        return;
    }
    for (uint64_t i = 0; i < weight->n; i++) {
        double x = mf_draw_normal(random);
        while (fabs(x) > 2)
            x = mf_draw_normal(random);
        weight->value[i] = (float)(0.02 * x);
    }
}
