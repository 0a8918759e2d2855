/* Both gradients of a convolution in one pass: every chunk of x and g is read once, into the cache,
 * gives its part of dw and its dx, and dx its sums for the batch norm before it. */
#include "train/kernels/backward.h"
#include "train/kernels/conv_parts.h"
#include "train/kernels/vector.h"

#include <string.h>

/* What units [first, first + n) will read and write. */
static mf_ahead ahead_of(const mf_dense *d, size_t first, size_t n)
{
    const mf_conv_gradients *b = d->b;
    size_t in = d->unit.in * d->p->c, out = d->unit.out * d->p->m;
    mf_ahead ahead = {.n = 0};
    mf_ahead_add(&ahead, b->dx ? b->dx + first * in : NULL, n * in);
    mf_ahead_add(&ahead, b->g.y ? b->g.y + first * out : NULL, n * out);
    mf_ahead_add(&ahead, b->g.da + first * out, n * out);
    mf_ahead_add(&ahead, b->x.y + first * in, n * in);
    return ahead;
}

/* Units [first, first + n); after them the thread has n_next more to do. */
static void run_chunk(const mf_dense *d, mf_gradient_pass *pass, size_t first, size_t n,
                      size_t n_next, bool joins)
{
    const mf_scratch *s = &d->places.layout;
    size_t in = first * d->unit.in, n_in = n * d->unit.in, n_out = n * d->unit.out;
    mf_ahead ahead = ahead_of(d, first + n, n_next);
    mf_chunk chunk = {.x = mf_read(&pass->x, in, n_in, pass->part + s->x),
                      .g = mf_read(&pass->g, first * d->unit.out, n_out, pass->part + s->g),
                      .units = n,
                      .part = pass->part,
                      .ahead = &ahead};
    mf_gradient_pass_sum(pass, n_out, chunk.g);
    mf_weights_chunk(d, &chunk, joins);
    if (!d->b->dx)
        return;
    float *dx = mf_gradient_pass_dx(pass, in);
    mf_input_chunk(d, &chunk, dx);
    mf_gradient_pass_done(pass, in, n_in, dx);
}

static void run_share(const mf_dense *d)
{
    mf_gradient_pass pass = mf_gradient_pass_begin(d->b, &d->places);
    mf_range share = mf_share(d->unit.n, d->unit.in == 1 ? MF_LEAST_BLOCK_ROWS : 1);
    if (share.begin == share.end)
        memset(pass.part + d->places.layout.dw, 0, d->p->m * d->depth * sizeof *pass.part);
    for (size_t i = share.begin, n; i < share.end; i += n) {
        n = mf_least(d->unit.chunk, share.end - i);
        run_chunk(d, &pass, i, n, mf_least(d->unit.chunk, share.end - i - n), i > share.begin);
    }
    mf_gradient_pass_end(&pass);
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
        d->g_sums = mf_gradient_pass_gather(d->b, &d->places, mf_team_size());
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
