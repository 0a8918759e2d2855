/* The table, and what kinds have in common. */
#include "models/kinds/kind.h"

static const mf_layer_record *const kinds[MF_N_LAYER_KINDS] = {
#define MF_LAYER_KIND(name, NAME) &mf_kind_##name,
#include "models/kinds/kinds.def"
#undef MF_LAYER_KIND
};

const mf_layer_record *mf_layer_record_of(mf_layer_kind kind)
{
    return kinds[kind];
}

uint64_t mf_kind_input_words(const mf_layer_record *kind, const mf_shape *shape, size_t k)
{
    if (k >= kind->n_inputs)
        return 0;
    if (kind->inputs[k].per_channel)
        return shape->n * shape->c;
    return kind->inputs[k].fills_up ? mf_shape_ofmap(shape) - mf_shape_ifmap(shape)
                                    : mf_shape_ifmap(shape);
}

const mf_input_role mf_kind_one_map[1] = {{.name = "ifmap"}};

const char *mf_kind_plain_fault(const mf_shape *s)
{
    bool each = s->g == s->c && s->g == s->m, same = s->e == s->h && s->f == s->w,
         plain = s->stride == 1 && s->pad_rows == 0 && s->pad_columns == 0;
    return each && same && plain && s->r == 1 && s->s == 1
               ? NULL
               : "g, c and m must be equal, e = h, f = w, r = s = stride = 1, no padding";
}

bool mf_kind_plain_fits(const mf_shape *s)
{
    return s->c == s->m && s->e == s->h && s->f == s->w;
}

bool mf_scales_near(uint64_t a, uint64_t b)
{
    return a > b ? a - b <= MF_MOST_SCALE_BITS : b - a <= MF_MOST_SCALE_BITS;
}

bool mf_kind_first_scale_fits(const mf_layer_data *data)
{
    return mf_scales_near(data->ifmap_fraction_bits, data->ofmap_fraction_bits);
}
