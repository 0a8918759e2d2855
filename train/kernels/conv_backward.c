/* Both gradients of a convolution in one pass: every chunk of x and g is read once, into the cache,
 * gives its part of dw and its dx, and dx its sums for the batch norm before it. */
#include "train/kernels/backward.h"
#include "train/kernels/conv_parts.h"
#include "train/kernels/vector.h"

#include <string.h>

static void run_chunk(const mf_dense *d, mf_pass *pass, size_t first, size_t n, bool joins)
{
    float *part = pass->part;
    const mf_scratch *s = &d->places.layout;
    size_t in = first * d->unit.in, n_in = n * d->unit.in, n_out = n * d->unit.out;
    const float *x = mf_read(&pass->x, in, n_in, part + s->x),
                *g = mf_read(&pass->g, first * d->unit.out, n_out, part + s->g);
    mf_pass_sum(pass, n_out, g);
    mf_weights_chunk(d, part, x, g, n, joins);
    if (!d->b->dx)
        return;
    float *dx = mf_pass_dx(pass, in);
    mf_input_chunk(d, part, x, g, n, dx);
    mf_pass_done(pass, in, n_in, dx);
}

static void run_share(const mf_dense *d)
{
    mf_pass pass = mf_pass_begin(d->b, &d->places);
    mf_range share = mf_share(d->unit.n, d->unit.in == 1 ? MF_LEAST_BLOCK_ROWS : 1);
    if (share.begin == share.end)
        memset(pass.part + d->places.layout.dw, 0, d->p->m * d->depth * sizeof *pass.part);
    for (size_t i = share.begin; i < share.end; i += d->unit.chunk)
        run_chunk(d, &pass, i, mf_least(d->unit.chunk, share.end - i), i > share.begin);
    mf_pass_end(&pass);
}

static void work(void *user)
{
    mf_dense *d = user;
    if (d->b->dx)
        mf_input_pack(d);
    mf_team_barrier();
    run_share(d);
    mf_team_barrier();
    if (mf_team_rank() == 0)
        d->g_sums = mf_pass_gather(d->b, &d->places, mf_team_size());
    if (d->b->family == MF_FAMILY_ADD) /* which needs them */
        mf_team_barrier();
    mf_weights_finish(d);
}

void mf_conv_backward(const mf_conv_gradients *b, float *scratch)
{
    const mf_shape *p = b->shape;
    if (mf_is_depthwise(p)) {
        mf_depthwise_backward(b, scratch);
        return;
    }
    mf_dense d = {.b = b,
                  .p = p,
                  .unit = mf_unit_of(p),
                  .c = p->c / p->g,
                  .m = p->m / p->g,
                  .depth = p->r * p->s * (p->c / p->g),
                  .places = mf_places_of(p, scratch)};
    d.along_taps = mf_weights_lie(d.depth, d.m);
    mf_team_run(mf_team_for(2 * mf_shape_macs(p)), work, &d);
}
