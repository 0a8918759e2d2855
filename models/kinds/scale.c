/* Each channel of a map times one number: squeeze-excite. */
#include "models/kinds/kind.h"
#include "models/kinds/rounding.h"

static const mf_input_role inputs[] = {{.name = "ifmap"}, {.name = "factor", .per_channel = true}};

static uint64_t of_products(const mf_layer_data *d)
{
    return d->ifmap_fraction_bits + d->others[0].fraction_bits;
}

static bool scales_fit(const mf_layer_data *d)
{
    return mf_scales_near(of_products(d), d->ofmap_fraction_bits);
}

static void compute(const mf_layer_data *d, uint64_t begin, uint64_t end, int32_t *ofmap)
{
    const mf_shape *s = &d->shape;
    for (uint64_t p = 0; p < s->n * s->m; p++)
        for (uint64_t i = (p * s->e + begin) * s->f; i < (p * s->e + end) * s->f; i++)
            ofmap[i] = mf_round_to_output(d, of_products(d),
                                          (mf_wide)d->ifmap[i] * d->others[0].codes[p], 1);
}

static mf_vector_work work(const mf_shape *s, bool maximum)
{
    uint64_t outputs = mf_shape_ofmap(s);
    (void)maximum;
    return (mf_vector_work){.n_mults = outputs, .n_passing = outputs};
}

static mf_status append(mf_builder *builder, const mf_layer *like, uint64_t channels,
                        const mf_feature_map *maps, mf_diag *diag)
{
    const mf_feature_map map = maps[0];
    (void)like, (void)channels;
    builder->map = maps[1];
    return mf_build_scale(builder, &map, diag);
}

const mf_layer_record mf_kind_scale = {.name = "scale",
                                       .inputs = inputs,
                                       .n_inputs = 2,
                                       .append = append,
                                       .shape_fault = mf_kind_plain_fault,
                                       .fits = mf_kind_plain_fits,
                                       .scales_fit = scales_fit,
                                       .compute = compute,
                                       .work = work};
