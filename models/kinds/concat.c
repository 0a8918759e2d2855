/* Maps behind each other: C channels of the first, then those of the second, and so on to M, each
 * map brought to the scale of the output on its own. */
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
    for (size_t k = 0; k <= d->n_others; k++)
        if (!mf_scales_near(mf_layer_data_input(d, k).fraction_bits, d->ofmap_fraction_bits))
            return false;
    return true;
}

static void compute(const mf_layer_data *d, uint64_t begin, uint64_t end, int32_t *ofmap)
{
    const mf_shape *s = &d->shape;
    uint64_t plane = s->h * s->w;
    for (uint64_t n = 0; n < s->n; n++)
        for (size_t k = 0; k <= d->n_others; k++) {
            mf_layer_input map = mf_layer_data_input(d, k);
            for (uint64_t c = 0; c < map.channels; c++, ofmap += plane)
                for (uint64_t i = begin * s->w; i < end * s->w; i++)
                    ofmap[i] = mf_round_to_output(d, map.fraction_bits,
                                                  map.codes[(n * map.channels + c) * plane + i], 1);
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
    (void)channels;
    return mf_build_concat(builder, &maps[1], like->n_inputs - 1, diag);
}

const mf_layer_record mf_kind_concat = {.name = "concat",
                                        .inputs = inputs,
                                        .n_inputs = 2,
                                        .repeats = true,
                                        .stacks = true,
                                        .append = append,
                                        .shape_fault = shape_fault,
                                        .fits = fits,
                                        .scales_fit = scales_fit,
                                        .compute = compute,
                                        .work = work};
