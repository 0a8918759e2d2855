/* What the paper compares its map with (its Table 8), and no map at all. */
#include "train/operators/training_operator.h"
#include "train/remap_maps.h"

#include <math.h>
#include <string.h>

/* ---- as it is ----------------------------------------------------------------------------------
 */

static uint64_t no_parameters(const mf_remap *r)
{
    (void)r;
    return 0;
}

static void copy(mf_remap *r, const mf_source *s)
{
    (void)r;
    memcpy(s->own->value, s->sliced, s->own->n * sizeof *s->sliced);
}

static void leave(mf_remap *r, const mf_source *s, float *gradient)
{
    (void)r;
    (void)s;
    (void)gradient;
}

static double one(const mf_remap *r, const mf_source *s)
{
    (void)r;
    (void)s;
    return 1;
}

const mf_remap_kind mf_remap_plain = {no_parameters, NULL, copy, leave, one};

/* ---- gain and offset per layer -----------------------------------------------------------------
 */

static uint64_t two(const mf_remap *r)
{
    (void)r;
    return 2;
}

/* As it is, until it has learnt better. */
static void begin_linear(const mf_remap *r, float *p)
{
    p[0] = r->how.skip ? 0 : 1;
    p[1] = 0;
}

static void stretch(mf_remap *r, const mf_source *s)
{
    const float *p = s->map_parameters->value;
    float gain = p[0] + (r->how.skip ? 1 : 0);
    for (uint64_t i = 0; i < s->own->n; i++)
        s->own->value[i] = gain * s->sliced[i] + p[1];
}

static void pull_back_linear(mf_remap *r, const mf_source *s, float *gradient)
{
    const mf_parameter *p = s->map_parameters;
    float gain = p->value[0] + (r->how.skip ? 1 : 0);
    double of_gain = 0, of_offset = 0;
    for (uint64_t i = 0; i < s->own->n; i++) {
        of_gain += (double)gradient[i] * (double)s->sliced[i];
        of_offset += (double)gradient[i];
        gradient[i] *= gain;
    }
    if (p->learns) {
        p->gradient[0] = (float)of_gain;
        p->gradient[1] = (float)of_offset;
    }
}

static double slope_linear(const mf_remap *r, const mf_source *s)
{
    return fabs((double)s->map_parameters->value[0] + (r->how.skip ? 1 : 0));
}

const mf_remap_kind mf_remap_linear = {two, begin_linear, stretch, pull_back_linear, slope_linear};

/* ---- ShiftAddNAS' transformation kernel --------------------------------------------------------
 */

/* The range of the weights is cut into bins, each of which has a factor; the largest weight falls
 * into none and becomes 0 (GATECH-EIC/ShiftAddNAS, hytra_ops_ws_dist.py). */
enum { N_BINS = 100 };

static uint64_t n_bins(const mf_remap *r)
{
    (void)r;
    return N_BINS;
}

static void begin_kernel(const mf_remap *r, float *p)
{
    mf_random random = r->random;
    for (int i = 0; i < N_BINS; i++)
        p[i] = (float)mf_draw_normal(&random);
}

typedef struct range {
    float least, per_bin;
} range;

static range range_of(const float *x, uint64_t n)
{
    float least = x[0], most = x[0];
    for (uint64_t i = 1; i < n; i++) {
        least = fminf(least, x[i]);
        most = fmaxf(most, x[i]);
    }
    return (range){least, fmaxf((most - least) / N_BINS, 1e-30f)};
}

/* N_BINS of the largest. */
static int bin_of(const range *r, float x)
{
    float bin = (x - r->least) / r->per_bin;
    return bin < N_BINS ? (int)bin : N_BINS;
}

static void scale_bins(mf_remap *r, const mf_source *s)
{
    const float *p = s->map_parameters->value;
    range cut = range_of(s->sliced, s->own->n);
    (void)r;
    for (uint64_t i = 0; i < s->own->n; i++) {
        int bin = bin_of(&cut, s->sliced[i]);
        s->own->value[i] = bin < N_BINS ? p[bin] * s->sliced[i] : 0;
    }
}

static void pull_back_kernel(mf_remap *r, const mf_source *s, float *gradient)
{
    const mf_parameter *p = s->map_parameters;
    range cut = range_of(s->sliced, s->own->n);
    double of_bin[N_BINS + 1] = {0};
    (void)r;
    for (uint64_t i = 0; i < s->own->n; i++) {
        int bin = bin_of(&cut, s->sliced[i]);
        of_bin[bin] += (double)gradient[i] * (double)s->sliced[i];
        gradient[i] *= bin < N_BINS ? p->value[bin] : 0;
    }
    for (int i = 0; i < N_BINS; i++)
        p->gradient[i] = (float)of_bin[i];
}

static double slope_kernel(const mf_remap *r, const mf_source *s)
{
    double squares = 0;
    (void)r;
    for (int i = 0; i < N_BINS; i++)
        squares += (double)s->map_parameters->value[i] * (double)s->map_parameters->value[i];
    return fmax(sqrt(squares / N_BINS), 1e-6);
}

const mf_remap_kind mf_remap_kernel = {n_bins, begin_kernel, scale_bins, pull_back_kernel,
                                       slope_kernel};
