/* Every pixel lies between four of the map (models/kinds/upsample.h); backward it gives each its
 * share of the gradient. */
#include "models/kinds/upsample.h"

#include "train/kinds/training_kind.h"

#include <string.h>

/* The four pixels of an output, as offsets into an image, and their shares. */
typedef struct corners {
    uint64_t at[4];
    float share[4];
} corners;

static corners corners_of(const mf_shape *p, uint64_t e, uint64_t f)
{
    uint64_t factor = p->e / p->h;
    mf_upsample_tap row = mf_upsample_tap_of(e, p->h, factor),
                    column = mf_upsample_tap_of(f, p->w, factor);
    float down = (float)row.weight / (float)(2 * factor),
          right = (float)column.weight / (float)(2 * factor);
    return (corners){
        {(row.near * p->w + column.near) * p->c, (row.near * p->w + column.far) * p->c,
         (row.far * p->w + column.near) * p->c, (row.far * p->w + column.far) * p->c},
        {(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right}};
}

static void forward(mf_model *model, const mf_batch_pass *batch, mf_state *s, const mf_shape *p)
{
    const float *x = mf_model_input(model, batch, s, 0);
    float *y = s->y;
    for (uint64_t n = 0; n < p->n; n++, x += p->h * p->w * p->c)
        for (uint64_t e = 0; e < p->e; e++)
            for (uint64_t f = 0; f < p->f; f++, y += p->c) {
                corners q = corners_of(p, e, f);
                for (uint64_t c = 0; c < p->c; c++)
                    y[c] = q.share[0] * x[q.at[0] + c] + q.share[1] * x[q.at[1] + c] +
                           q.share[2] * x[q.at[2] + c] + q.share[3] * x[q.at[3] + c];
            }
}

static void backward(mf_model *model, const mf_batch_pass *batch, mf_state *s, const mf_shape *p)
{
    float *d = mf_model_begin_gradient(model, s, 0);
    const float *g = s->gradient;
    (void)batch;
    if (!d)
        return;
    memset(d, 0, mf_shape_ifmap(p) * sizeof *d);
    for (uint64_t n = 0; n < p->n; n++, d += p->h * p->w * p->c)
        for (uint64_t e = 0; e < p->e; e++)
            for (uint64_t f = 0; f < p->f; f++, g += p->c) {
                corners q = corners_of(p, e, f);
                for (int k = 0; k < 4; k++)
                    for (uint64_t c = 0; c < p->c; c++)
                        d[q.at[k] + c] += q.share[k] * g[c];
            }
    mf_model_end_gradient(model, s, 0, p->n);
}

const mf_training_kind mf_training_upsample_bilinear = {.forward = forward, .backward = backward};
