/* The table, and what kinds have in common. */
#include "models/kinds/kind.h"

static const mf_kind *const kinds[MF_N_LAYER_KINDS] = {
#define MF_LAYER_KIND(name, NAME) &mf_kind_##name,
#include "models/kinds/kinds.def"
#undef MF_LAYER_KIND
};

const mf_kind *mf_kind_of(mf_layer_kind kind)
{
    return kinds[kind];
}

uint64_t mf_kind_input_words(const mf_kind *kind, const mf_shape *shape, size_t k)
{
    if (k >= kind->n_inputs)
        return 0;
    return kind->inputs[k].per_channel ? shape->n * shape->c : mf_shape_ifmap(shape);
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

uint64_t mf_kind_first_fraction_bits(const mf_layer_data *data)
{
    return data->ifmap_fraction_bits;
}
