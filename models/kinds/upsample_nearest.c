/* Every position of the map becomes a square of equal ones. */
#include "models/kinds/kind.h"
#include "models/kinds/rounding.h"
#include "models/kinds/upsample.h"

static void compute(const mf_layer_data *d, uint64_t begin, uint64_t end, int32_t *ofmap)
{
    const mf_shape *s = &d->shape;
    uint64_t factor = s->e / s->h;
    for (uint64_t p = 0; p < s->n * s->c; p++)
        for (uint64_t e = begin; e < end; e++)
            for (uint64_t f = 0; f < s->f; f++)
                ofmap[(p * s->e + e) * s->f + f] =
                    mf_round_to_output(d, d->ifmap_fraction_bits,
                                       d->ifmap[(p * s->h + e / factor) * s->w + f / factor], 1);
}

static mf_vector_work work(const mf_shape *s, bool maximum)
{
    (void)maximum;
    return (mf_vector_work){.n_passing = mf_shape_ofmap(s)};
}

static mf_status append(mf_builder *builder, const mf_layer *like, uint64_t channels,
                        const mf_feature_map *maps, mf_diag *diag)
{
    (void)channels, (void)maps;
    return mf_build_upsample(builder, like->kind, like->shape.e / like->shape.h, diag);
}

const mf_layer_record mf_kind_upsample_nearest = {.name = "upsample_nearest",
                                                  .resizes = true,
                                                  .inputs = mf_kind_one_map,
                                                  .n_inputs = 1,
                                                  .append = append,
                                                  .shape_fault = mf_upsample_fault,
                                                  .fits = mf_upsample_fits,
                                                  .scales_fit = mf_kind_first_scale_fits,
                                                  .compute = compute,
                                                  .work = work};
