/* Two maps behind each other: C channels of the first, then M - C of the second, each brought to
 * the scale of the output on its own. More maps are joined one after the other. */
#include "models/kinds/kind.h"
#include "models/kinds/rounding.h"

static const mf_input_role inputs[] = {{.name = "ifmap"}, {.name = "second map"}};

static bool fits(const mf_shape *s)
{
    return s->c < s->m && s->e == s->h && s->f == s->w;
}

static const char *shape_fault(const mf_shape *s)
{
    bool plain = s->r == 1 && s->s == 1 && s->stride == 1 && s->pad_rows == 0 &&
                 s->pad_columns == 0 && s->g == 1;
    return fits(s) && plain
               ? NULL
               : "c must be less than m, e = h, f = w, g = r = s = stride = 1, no padding";
}

static bool scales_fit(const mf_layer_data *d)
{
    return mf_scales_near(d->ifmap_fraction_bits, d->ofmap_fraction_bits) &&
           mf_scales_near(d->others[0].fraction_bits, d->ofmap_fraction_bits);
}

static void compute(const mf_layer_data *d, int32_t *ofmap)
{
    const mf_shape *s = &d->shape;
    const mf_layer_input *other = &d->others[0];
    uint64_t first = s->c * s->h * s->w, second = other->channels * s->h * s->w;
    for (uint64_t n = 0; n < s->n; n++) {
        for (uint64_t i = 0; i < first; i++)
            *ofmap++ = mf_round_to_output(d, d->ifmap_fraction_bits, d->ifmap[n * first + i], 1);
        for (uint64_t i = 0; i < second; i++)
            *ofmap++ = mf_round_to_output(d, other->fraction_bits, other->codes[n * second + i], 1);
    }
}

/* Nothing is computed, but every word passes: the scale of its map is not that of the result. */
static mf_vector_work work(const mf_shape *s, bool maximum)
{
    (void)maximum;
    return (mf_vector_work){.n_passing = mf_shape_ofmap(s)};
}

static mf_status append(mf_builder *builder, const mf_layer *like, uint64_t channels,
                        const mf_feature_map *maps, mf_diag *diag)
{
    (void)like, (void)channels;
    return mf_build_concat(builder, &maps[1], diag);
}

const mf_layer_record mf_kind_concat = {.name = "concat",
                                        .inputs = inputs,
                                        .n_inputs = 2,
                                        .stacks = true,
                                        .append = append,
                                        .shape_fault = shape_fault,
                                        .fits = fits,
                                        .scales_fit = scales_fit,
                                        .compute = compute,
                                        .work = work};
