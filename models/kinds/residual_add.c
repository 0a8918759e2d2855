/* Sum of two maps of one shape, brought to the finer of their two scales first. Always of two: what
 * more are added is a chain of sums, each with its own shortcut, scale and rounding. */
#include "models/kinds/kind.h"
#include "models/kinds/rounding.h"

static const mf_input_role inputs[] = {{.name = "ifmap"},
                                       {.name = "second map", .may_be_smaller = true}};

static uint64_t finer(const mf_layer_data *d)
{
    uint64_t first = d->ifmap_fraction_bits, second = d->others[0].fraction_bits;
    return second > first ? second : first;
}

static bool scales_fit(const mf_layer_data *d)
{
    return mf_scales_near(d->ifmap_fraction_bits, d->others[0].fraction_bits) &&
           mf_scales_near(finer(d), d->ofmap_fraction_bits);
}

static void compute(const mf_layer_data *d, uint64_t begin, uint64_t end, int32_t *ofmap)
{
    const mf_shape *s = &d->shape;
    uint64_t scale = finer(d);
    mf_wide first = mf_wide_unit(scale - d->ifmap_fraction_bits),
            second = mf_wide_unit(scale - d->others[0].fraction_bits);
    for (uint64_t p = 0; p < s->n * s->m; p++)
        for (uint64_t i = (p * s->e + begin) * s->f; i < (p * s->e + end) * s->f; i++)
            ofmap[i] = mf_round_to_output(d, scale,
                                          d->ifmap[i] * first + d->others[0].codes[i] * second, 1);
}

static mf_vector_work work(const mf_shape *s, bool maximum)
{
    uint64_t outputs = mf_shape_ofmap(s);
    (void)maximum;
    return (mf_vector_work){.n_adds = outputs, .n_passing = outputs};
}

static mf_status append(mf_builder *builder, const mf_layer *like, uint64_t channels,
                        const mf_feature_map *maps, mf_diag *diag)
{
    (void)channels;
    return mf_build_residual_add(builder, &maps[1], like->activation, diag);
}

const mf_layer_record mf_kind_residual_add = {.name = "residual_add",
                                              .inputs = inputs,
                                              .n_inputs = 2,
                                              .append = append,
                                              .shape_fault = mf_kind_plain_fault,
                                              .fits = mf_kind_plain_fits,
                                              .scales_fit = scales_fit,
                                              .compute = compute,
                                              .work = work};
