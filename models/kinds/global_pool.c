/* Average over each channel. */
#include "models/kinds/kind.h"
#include "models/kinds/window.h"

static const char *shape_fault(const mf_shape *s)
{
    bool each = s->g == s->c && s->g == s->m, whole = s->r == s->h && s->s == s->w,
         one = s->e == 1 && s->f == 1 && s->stride == 1 && s->pad_rows == 0 && s->pad_columns == 0;
    return each && whole && one
               ? NULL
               : "g, c and m must be equal, r = h, s = w, e = f = stride = 1, no padding";
}

static bool fits(const mf_shape *s)
{
    return s->c == s->m && s->e == 1 && s->f == 1;
}

/* One row of outputs: all or none. */
static void compute(const mf_layer_data *d, uint64_t begin, uint64_t end, int32_t *ofmap)
{
    const mf_shape *s = &d->shape;
    if (begin >= end)
        return;
    for (uint64_t p = 0; p < s->n * s->c; p++)
        ofmap[p] = mf_window_code(d, d->ifmap + p * s->h * s->w, (mf_span){0, s->h},
                                  (mf_span){0, s->w}, false);
}

static mf_vector_work work(const mf_shape *s, bool maximum)
{
    uint64_t inputs = mf_shape_ifmap(s);
    (void)maximum;
    return (mf_vector_work){.n_adds = inputs, .n_mults = mf_shape_ofmap(s), .n_passing = inputs};
}

static mf_status append(mf_builder *builder, const mf_layer *like, uint64_t channels,
                        const mf_feature_map *maps, mf_diag *diag)
{
    (void)like, (void)channels, (void)maps;
    return mf_build_global_pool(builder, diag);
}

const mf_layer_record mf_kind_global_pool = {.name = "global_pool",
                                             .maximum = MF_MAXIMUM_FALSE,
                                             .has_window = true,
                                             .inputs = mf_kind_one_map,
                                             .n_inputs = 1,
                                             .append = append,
                                             .shape_fault = shape_fault,
                                             .fits = fits,
                                             .scales_fit = mf_kind_first_scale_fits,
                                             .compute = compute,
                                             .work = work};
