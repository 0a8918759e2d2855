/* Numbers of a Gaussian made numbers of a Laplace distribution, by polynomials (kernels.h). */
#include "base/team.h"
#include "train/kernels/internal.h"
#include "train/kernels/vector.h"

typedef struct mapping {
    const mf_laplace *map;
    const float *x;
    float *y;
} mapping;

/* Horner's rule; the coefficient of the highest power comes last. */
MF_INLINE vf polynomial(const mf_polynomial *p, vf s)
{
    vf sum = v_all(p->c[p->degree]);
    for (int i = p->degree - 1; i >= 0; i--)
        sum = v_fma(sum, s, v_all(p->c[i]));
    return sum;
}

/* |z|, clamped, and where the polynomials have it: 0 to MF_LAPLACE_MOST is -1 to 1. */
MF_INLINE vf magnitude_of(const mf_laplace *m, vf x)
{
    return v_min(v_abs((x - v_all(m->mean)) * v_all(m->inverse_deviation)), v_all(MF_LAPLACE_MOST));
}

MF_INLINE vf place_of(vf magnitude)
{
    return v_fma(magnitude, v_all(2.0f / MF_LAPLACE_MOST), v_all(-1));
}

MF_INLINE void map_vector(const mapping *w, int some, vm mask, size_t at)
{
    const mf_laplace *m = w->map;
    vf x = v_load_if(some, mask, w->x + at), t = magnitude_of(m, x),
       r = t * polynomial(&m->value, place_of(t)) * v_all(m->scale);
    r = v_if_greater(v_all(m->mean), x, v_zero() - r, r) + v_all(m->location);
    if (m->skip)
        r = x + r;
    v_store_if(some, mask, w->y + at, r);
}

MF_INLINE void slope_vector(const mapping *w, int some, vm mask, size_t at)
{
    const mf_laplace *m = w->map;
    vf x = v_load_if(some, mask, w->x + at), t = magnitude_of(m, x),
       slope = polynomial(&m->slope, place_of(t)) * v_all(m->scale * m->inverse_deviation);
    slope = v_if_greater(v_all(MF_LAPLACE_MOST), t, slope, v_zero());
    if (m->skip)
        slope = slope + v_all(1);
    v_store_if(some, mask, w->y + at, v_load_if(some, mask, w->y + at) * slope);
}

MF_INLINE void each_vector(const mapping *w, size_t begin, size_t end,
                           void (*work)(const mapping *, int, vm, size_t))
{
    size_t at = begin;
    for (; at + MF_LANES <= end; at += MF_LANES)
        work(w, 0, v_first(MF_LANES), at);
    if (at < end)
        work(w, 1, v_first(end - at), at);
}

static void map_range(void *user, size_t begin, size_t end)
{
    each_vector(user, begin, end, map_vector);
}

static void slope_range(void *user, size_t begin, size_t end)
{
    each_vector(user, begin, end, slope_vector);
}

void mf_laplace_map(uint64_t n, const mf_laplace *map, const float *x, float *y)
{
    mapping w = {map, x, y};
    mf_team_split(n, map_range, &w);
}

void mf_laplace_slope(uint64_t n, const mf_laplace *map, const float *x, float *gradient)
{
    mapping w = {map, x, gradient};
    mf_team_split(n, slope_range, &w);
}
