/* Operations in which every number stands alone: full vectors and one masked tail. */
#include "train/kernels/internal.h"
#include "train/kernels/vector.h"

enum { OPERATIONS = 8 }; /* that one number counts for when threads are chosen */

typedef struct arrays {
    const float *x, *z;
    float *y, *v;
    float rate, momentum, decay;
} arrays;

/* One vector of every array at `at`; some: only the lanes of the mask exist. */
typedef void vector_work(const arrays *a, int some, vm mask, size_t at);
typedef void range_work(const arrays *a, mf_range range);

typedef struct whole {
    uint64_t n;
    range_work *work;
    const arrays *a;
} whole;

static void work_on_share(void *user)
{
    const whole *w = user;
    w->work(w->a, mf_share(w->n, 1024));
}

static void share_out(uint64_t n, range_work *work, const arrays *a)
{
    whole w = {n, work, a};
    mf_team_run(mf_team_for(n * OPERATIONS), work_on_share, &w);
}

MF_INLINE void each_vector(const arrays *a, mf_range range, vector_work *work)
{
    size_t at = range.begin;
    for (; at + MF_LANES <= range.end; at += MF_LANES)
        work(a, 0, v_first(MF_LANES), at);
    if (at < range.end)
        work(a, 1, v_first(range.end - at), at);
}

/* ---- sums --------------------------------------------------------------------------------------
 */

static void add_range(const arrays *a, mf_range range)
{
    size_t at = range.begin;
    v_add_arrays(range.end - at, a->x + at, a->z + at, a->y + at);
}

void mf_add_to(uint64_t n, const float *x, float *y)
{
    share_out(n, add_range, &(arrays){.x = x, .z = y, .y = y});
}

/* ---- steps -------------------------------------------------------------------------------------
 */

MF_INLINE void sgd_vector(const arrays *a, int some, vm mask, size_t at)
{
    vf w = v_load_if(some, mask, a->y + at), momentum = v_all(a->momentum),
       d = v_fma(v_all(a->decay), w, v_load_if(some, mask, a->x + at)),
       v = v_fma(momentum, v_load_if(some, mask, a->v + at), d);
    v_store_if(some, mask, a->v + at, v);
    v_store_if(some, mask, a->y + at, w - v_all(a->rate) * v_fma(momentum, v, d));
}

static void sgd_range(const arrays *a, mf_range range)
{
    each_vector(a, range, sgd_vector);
}

void mf_sgd(uint64_t n, float rate, float momentum, float decay, const float *g, float *v, float *w)
{
    share_out(
        n, sgd_range,
        &(arrays){.x = g, .v = v, .y = w, .rate = rate, .momentum = momentum, .decay = decay});
}
