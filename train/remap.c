/* The map, its adjoint, and the polynomials that stand for both. */
#include "train/remap.h"

#include "train/operators/training_operator.h"

#include <math.h>
#include <string.h>

typedef struct remap {
    mf_source_map map; /* the first: what is given is where it lies */
    mf_remap_options how;
    double gradient_rms;
    const mf_kernels *kernels;
    mf_laplace laplace; /* of the last pass */
    double deviation;
} remap;

/* ---- polynomials -------------------------------------------------------------------------------
 */

/* -ln erfc(t / sqrt 2) / t, which is even smoother than without the division, and keeps r(0) = u. */
static double value_of(double t)
{
    return t < 1e-6 ? sqrt(2 / acos(-1.0)) : -log(erfc(t / sqrt(2))) / t;
}

/* The inverse Mills ratio, phi(t) / (1 - Phi(t)). */
static double slope_of(double t)
{
    return sqrt(2 / acos(-1.0)) * exp(-t * t / 2) / erfc(t / sqrt(2));
}

/* The polynomial that meets `f` of t in 0 to MF_LAPLACE_MOST at Chebyshev's nodes, as powers of
 * s = 2 t / MF_LAPLACE_MOST - 1. */
static mf_polynomial interpolate(double (*f)(double), int degree)
{
    double chebyshev[MF_MOST_DEGREE + 1], power[MF_MOST_DEGREE + 1] = {0};
    double before[MF_MOST_DEGREE + 1] = {1}, now[MF_MOST_DEGREE + 1] = {0, 1};
    const double pi = acos(-1.0);
    int n = degree + 1;
    for (int k = 0; k < n; k++) {
        chebyshev[k] = 0;
        for (int i = 0; i < n; i++) {
            double angle = pi * (i + 0.5) / n;
            chebyshev[k] += f((double)MF_LAPLACE_MOST * (cos(angle) + 1) / 2) * cos(k * angle) *
                            (k ? 2.0 : 1.0) / n;
        }
    }
    power[0] = chebyshev[0];
    for (int k = 1; k < n; k++) { /* T(k + 1) = 2 s T(k) - T(k - 1) */
        double next[MF_MOST_DEGREE + 2] = {0};
        for (int i = 0; i < n; i++) {
            power[i] += chebyshev[k] * now[i];
            next[i + 1] += 2 * now[i];
            next[i] -= before[i];
        }
        memcpy(before, now, sizeof before);
        memcpy(now, next, sizeof now);
    }
    mf_polynomial p = {.degree = degree};
    for (int i = 0; i < n; i++)
        p.c[i] = (float)power[i];
    return p;
}

/* ---- one pass ----------------------------------------------------------------------------------
 */

enum { VALUE_DEGREE = 15, SLOPE_DEGREE = 17 }; /* to the last bits of a float */

typedef struct moments {
    double mean, deviation;
} moments;

static moments moments_of(const float *x, uint64_t n)
{
    double sum = 0, squares = 0;
    for (uint64_t i = 0; i < n; i++)
        sum += x[i];
    double mean = sum / (double)n;
    for (uint64_t i = 0; i < n; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    return (moments){mean, fmax(sqrt(squares / (double)n), 1e-12)};
}

/* The store does not change between a pass and its gradient. */
static void forward(const mf_source_map *map, const mf_source *s)
{
    remap *r = (remap *)map; /* all that changes is what the next gradient wants to know */
    moments m = r->how.moments == MF_REMAP_OF_TENSOR ? moments_of(s->stored->value, s->stored->n)
                                                     : moments_of(s->sliced, s->own->n);
    bool keeps = !(r->how.scale > 0);
    r->deviation = m.deviation;
    r->laplace.mean = (float)m.mean;
    r->laplace.inverse_deviation = (float)(1 / m.deviation);
    r->laplace.location = (float)(keeps && !r->how.skip ? m.mean : r->how.location);
    r->laplace.scale = (float)(keeps ? m.deviation / sqrt(2) : r->how.scale);
    r->kernels->laplace_map(s->own->n, &r->laplace, s->sliced, s->own->value);
}

static double evaluate(const mf_polynomial *p, double s)
{
    double sum = 0;
    for (int i = p->degree; i >= 0; i--)
        sum = sum * s + (double)p->c[i];
    return sum;
}

/* What weights give through mean and deviation of all n of them, d mean / dw = 1 / n and
 * d deviation / dw = z / n: r moves with both by z, and where u and b are theirs, by these. */
static moments gradient_of_moments(const remap *r, const mf_source *s, const float *gradient)
{
    const mf_laplace *l = &r->laplace;
    bool keeps = !(r->how.scale > 0);
    moments g = {0, 0};
    for (uint64_t i = 0; i < s->own->n; i++) {
        double z = (s->sliced[i] - (double)l->mean) / r->deviation,
               t = fmin(fabs(z), MF_LAPLACE_MOST),
               slope = t < MF_LAPLACE_MOST
                           ? evaluate(&l->slope, 2 * t / MF_LAPLACE_MOST - 1) * l->scale
                           : 0,
               off = s->own->value[i] - (double)l->location - (r->how.skip ? s->sliced[i] : 0);
        g.mean += gradient[i] * ((keeps && !r->how.skip ? 1 : 0) - slope / r->deviation);
        g.deviation += gradient[i] * ((keeps ? off : 0) - slope * z) / r->deviation;
    }
    return g;
}

static void scale_to(double rms, uint64_t n, float *gradient)
{
    double squares = 0;
    for (uint64_t i = 0; i < n; i++)
        squares += (double)gradient[i] * gradient[i];
    float factor = (float)(rms * sqrt((double)n) / fmax(sqrt(squares), 1e-30));
    for (uint64_t i = 0; i < n; i++)
        gradient[i] *= factor;
}

static void pull_back(const mf_source_map *map, const mf_source *s, float *gradient)
{
    const remap *r = (const remap *)map;
    moments g = {0, 0};
    uint64_t n = s->own->n;
    if (r->how.differentiates)
        g = gradient_of_moments(r, s, gradient);
    r->kernels->laplace_slope(n, &r->laplace, s->sliced, gradient);
    for (uint64_t i = 0; r->how.differentiates && i < n; i++) {
        double z = (s->sliced[i] - (double)r->laplace.mean) / r->deviation;
        gradient[i] += (float)((g.mean + g.deviation * z) / (double)n);
    }
    if (r->gradient_rms > 0) {
        double slope = r->laplace.scale * slope_of(0) / r->deviation + (r->how.skip ? 1 : 0);
        scale_to(r->gradient_rms / slope, n, gradient);
    }
}

/* ---- making them -------------------------------------------------------------------------------
 */

bool mf_remap_applies(mf_trained trained, const mf_model_options *options)
{
    const mf_training_operator *op = mf_training_operator_of(trained);
    const mf_weight_form *form = op->form ? op->form : op->choose_form(options);
    return trained != MF_TRAINED_MULT && strcmp(form->parameters[0].role, "weight") == 0;
}

mf_status mf_remaps_create(const mf_network *network, const mf_operators *operators,
                           const size_t *op_of_layer, const mf_model_options *options,
                           const mf_remap_options *how, mf_arena *arena,
                           const mf_source_map *const **out, mf_diag *diag)
{
    const mf_source_map **maps =
        MF_NEW_ARRAY(arena, const mf_source_map *, network->n_weight_layers);
    if (!maps)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < network->n_weight_layers; i++) {
        const mf_operator *op = mf_operators_at(operators, op_of_layer[i]);
        mf_trained trained;
        MF_TRY(mf_trained_find(op->arithmetic, &trained, diag));
        if (!mf_remap_applies(trained, options))
            continue;
        remap *r = MF_NEW(arena, remap);
        if (!r)
            return mf_fail_memory(diag);
        *r = (remap){.map = {forward, pull_back},
                     .how = *how,
                     .kernels = options->kernels ? options->kernels : mf_kernels_best(),
                     .laplace = {.value = interpolate(value_of, VALUE_DEGREE),
                                 .slope = interpolate(slope_of, SLOPE_DEGREE),
                                 .skip = how->skip}};
        if (mf_training_operator_of(trained)->scales_gradient)
            r->gradient_rms = options->add_eta;
        maps[i] = &r->map;
    }
    *out = maps;
    return MF_OK;
}
