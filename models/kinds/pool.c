/* Maximum or average over a window; positions in the padding do not count. */
#include "models/kinds/kind.h"
#include "models/kinds/window.h"

static const char *shape_fault(const mf_shape *s)
{
    if (s->g != s->c || s->g != s->m)
        return "g, c and m must be equal";
    /* An average over nothing is no number. */
    return s->pad_rows < s->r && s->pad_columns < s->s ? NULL : "a window lies in the padding";
}

/* Does every window hold at least one position of the map? */
static bool windows_touch(uint64_t size, uint64_t kernel, uint64_t stride, uint64_t pad,
                          uint64_t windows)
{
    return windows > 0 && kernel > pad && (windows - 1) * stride < size + pad;
}

static bool fits(const mf_shape *s)
{
    return s->c == s->m && windows_touch(s->h, s->r, s->stride, s->pad_rows, s->e) &&
           windows_touch(s->w, s->s, s->stride, s->pad_columns, s->f);
}

/* The positions of one window that lie on the map. */
static mf_span window(uint64_t index, uint64_t size, uint64_t kernel, uint64_t stride, uint64_t pad)
{
    uint64_t start = index * stride, end = start + kernel - pad;
    return (mf_span){.first = start > pad ? start - pad : 0, .end = end < size ? end : size};
}

static void compute(const mf_layer_data *d, uint64_t begin, uint64_t end, int32_t *ofmap)
{
    const mf_shape *s = &d->shape;
    for (uint64_t p = 0; p < s->n * s->c; p++)
        for (uint64_t e = begin; e < end; e++)
            for (uint64_t f = 0; f < s->f; f++)
                ofmap[(p * s->e + e) * s->f + f] = mf_window_code(
                    d, d->ifmap + p * s->h * s->w, window(e, s->h, s->r, s->stride, s->pad_rows),
                    window(f, s->w, s->s, s->stride, s->pad_columns), d->maximum);
}

/* A comparison or an addition per element of a window; an average ends in a product. */
static mf_vector_work work(const mf_shape *s, bool maximum)
{
    uint64_t outputs = mf_shape_ofmap(s), elements = outputs * s->r * s->s;
    return (mf_vector_work){
        .n_adds = elements, .n_mults = maximum ? 0 : outputs, .n_passing = elements};
}

static mf_status append(mf_builder *builder, const mf_layer *like, uint64_t channels,
                        const mf_feature_map *maps, mf_diag *diag)
{
    const mf_shape *s = &like->shape;
    bool ceil_mode = mf_shape_windows(s->h, s->r, s->stride, s->pad_rows, false) != s->e ||
                     mf_shape_windows(s->w, s->s, s->stride, s->pad_columns, false) != s->f;
    (void)channels, (void)maps;
    return mf_build_pool(builder, like->maximum, s->r, s->stride, s->pad_rows, ceil_mode, diag);
}

const mf_layer_record mf_kind_pool = {.name = "pool",
                                      .rounds_up = true,
                                      .maximum = MF_MAXIMUM_WANTED,
                                      .has_window = true,
                                      .inputs = mf_kind_one_map,
                                      .n_inputs = 1,
                                      .append = append,
                                      .shape_fault = shape_fault,
                                      .fits = fits,
                                      .scales_fit = mf_kind_first_scale_fits,
                                      .compute = compute,
                                      .work = work};
