/* A Gaussian's numbers to a Laplace distribution's: the map, its adjoint, and the polynomials that stand
 * for both. */
#include "train/remap_maps.h"

#include <math.h>
#include <string.h>

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

enum { VALUE_DEGREE = 15, SLOPE_DEGREE = 17 }; /* to the last bits of a float */

void mf_remap_interpolate(mf_laplace *laplace)
{
    laplace->value = interpolate(value_of, VALUE_DEGREE);
    laplace->slope = interpolate(slope_of, SLOPE_DEGREE);
}

/* ---- parameters: u, b and FC of a fit -----------------------------------------------------------
 */

static uint64_t n_parameters(const mf_remap *r)
{
    return r->how.fitted ? 2 + mf_fc_size(r->how.fc, r->taps.n_taps) : 0;
}

static void begin(const mf_remap *r, float *p)
{
    p[0] = 0;
    p[1] = 1;
    mf_fc_begin(r->how.fc, r->taps.n_taps, p + 2);
}

static const float *fit_of(const mf_remap *r, const mf_source *s)
{
    return r->how.fitted ? s->map_parameters->value : NULL;
}

/* ---- one pass ----------------------------------------------------------------------------------
 */

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
static void measure(mf_remap *r, const mf_source *s)
{
    const float *fit = fit_of(r, s);
    moments m = {0, 1};
    if (!r->how.fc)
        m = r->how.moments == MF_REMAP_OF_TENSOR ? moments_of(s->stored->value, s->stored->n)
                                                 : moments_of(s->sliced, s->own->n);
    bool keeps = !fit && !(r->how.scale > 0);
    r->deviation = m.deviation;
    r->laplace.mean = (float)m.mean;
    r->laplace.inverse_deviation = (float)(1 / m.deviation);
    r->laplace.location = fit ? fit[0] : (float)(keeps && !r->how.skip ? m.mean : r->how.location);
    r->laplace.scale = fit ? fit[1] : (float)(keeps ? m.deviation / sqrt(2) : r->how.scale);
}

static void forward(mf_remap *r, const mf_source *s)
{
    const float *x = s->sliced;
    measure(r, s);
    if (r->how.fc) {
        mf_fc_apply(r->how.fc, fit_of(r, s) + 2, &r->taps, s->sliced, s->own->value);
        x = s->own->value;
    }
    r->laplace.skip = r->how.skip && !r->how.fc;
    r->kernels->laplace_map(s->own->n, &r->laplace, x, s->own->value);
    for (uint64_t i = 0; r->how.fc && r->how.skip && i < s->own->n; i++)
        s->own->value[i] += s->sliced[i];
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
static moments gradient_of_moments(const mf_remap *r, const mf_source *s, const float *gradient)
{
    const mf_laplace *l = &r->laplace;
    bool keeps = !r->how.fitted && !(r->how.scale > 0);
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

/* Back through r, then FC; what was mapped is not read any more. */
static void pull_back_fitted(mf_remap *r, const mf_source *s, float *gradient)
{
    const float *fc = fit_of(r, s) + 2;
    uint64_t n = s->own->n;
    memcpy(r->scratch, gradient, n * sizeof *gradient);
    mf_fc_apply(r->how.fc, fc, &r->taps, s->sliced, s->own->value);
    r->kernels->laplace_slope(n, &r->laplace, s->own->value, gradient);
    mf_fc_pull_back(r->how.fc, fc, &r->taps, s->sliced, gradient);
    for (uint64_t i = 0; r->how.skip && i < n; i++)
        gradient[i] += r->scratch[i];
}

static void pull_back(mf_remap *r, const mf_source *s, float *gradient)
{
    moments g = {0, 0};
    uint64_t n = s->own->n;
    if (r->how.fc) {
        pull_back_fitted(r, s, gradient);
        return;
    }
    if (r->how.differentiates)
        g = gradient_of_moments(r, s, gradient);
    r->kernels->laplace_slope(n, &r->laplace, s->sliced, gradient);
    for (uint64_t i = 0; r->how.differentiates && i < n; i++) {
        double z = (s->sliced[i] - (double)r->laplace.mean) / r->deviation;
        gradient[i] += (float)((g.mean + g.deviation * z) / (double)n);
    }
}

static double slope(const mf_remap *r, const mf_source *s)
{
    double of_fc = r->how.fc ? mf_fc_slope(r->how.fc, fit_of(r, s) + 2, r->taps.n_taps) : 1;
    return (double)r->laplace.scale * slope_of(0) * of_fc / r->deviation + (r->how.skip ? 1 : 0);
}

const mf_remap_kind mf_remap_laplace = {n_parameters, begin, forward, pull_back, slope};
