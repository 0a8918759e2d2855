/* Every output lies between four positions of the map (models/kinds/upsample.h): one rounding of
 * the exact sum over (2 factor)^2. */
#include "models/kinds/kind.h"
#include "models/kinds/rounding.h"
#include "models/kinds/upsample.h"

static mf_wide between(const int32_t *row, mf_upsample_tap t, uint64_t whole)
{
    return (mf_wide)row[t.near] * (whole - t.weight) + (mf_wide)row[t.far] * t.weight;
}

static void compute(const mf_layer_data *d, uint64_t begin, uint64_t end, int32_t *ofmap)
{
    const mf_shape *s = &d->shape;
    uint64_t factor = s->e / s->h, whole = 2 * factor;
    for (uint64_t p = 0; p < s->n * s->c; p++) {
        const int32_t *plane = d->ifmap + p * s->h * s->w;
        for (uint64_t e = begin; e < end; e++)
            for (uint64_t f = 0; f < s->f; f++) {
                mf_upsample_tap row = mf_upsample_tap_of(e, s->h, factor),
                                column = mf_upsample_tap_of(f, s->w, factor);
                mf_wide sum =
                    between(plane + row.near * s->w, column, whole) * (whole - row.weight) +
                    between(plane + row.far * s->w, column, whole) * row.weight;
                ofmap[(p * s->e + e) * s->f + f] =
                    mf_round_to_output(d, d->ifmap_fraction_bits, sum, whole * whole);
            }
    }
}

/* Four products and three additions per output. */
static mf_vector_work work(const mf_shape *s, bool maximum)
{
    uint64_t outputs = mf_shape_ofmap(s);
    (void)maximum;
    return (mf_vector_work){.n_adds = 3 * outputs, .n_mults = 4 * outputs, .n_passing = outputs};
}

static mf_status append(mf_builder *builder, const mf_layer *like, uint64_t channels,
                        const mf_feature_map *maps, mf_diag *diag)
{
    (void)channels, (void)maps;
    return mf_build_upsample(builder, like->kind, like->shape.e / like->shape.h, diag);
}

const mf_layer_record mf_kind_upsample_bilinear = {.name = "upsample_bilinear",
                                                   .resizes = true,
                                                   .inputs = mf_kind_one_map,
                                                   .n_inputs = 1,
                                                   .append = append,
                                                   .shape_fault = mf_upsample_fault,
                                                   .fits = mf_upsample_fits,
                                                   .scales_fit = mf_kind_first_scale_fits,
                                                   .compute = compute,
                                                   .work = work};
