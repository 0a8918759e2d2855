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

bool mf_kind_takes(const mf_layer_record *kind, size_t n_inputs)
{
    return n_inputs == kind->n_inputs ||
           (kind->repeats && n_inputs > kind->n_inputs && n_inputs <= MF_MOST_INPUTS);
}

const mf_input_role *mf_kind_role(const mf_layer_record *kind, size_t k)
{
    return &kind->inputs[k < kind->n_inputs ? k : kind->n_inputs - 1];
}

uint64_t mf_kind_input_words(const mf_layer_record *kind, const mf_shape *shape, uint64_t channels,
                             size_t k)
{
    uint64_t words = shape->n * channels;
    return mf_kind_role(kind, k)->per_channel ? words : words * shape->h * shape->w;
}

bool mf_kind_inputs_fit(const mf_layer_record *kind, const mf_layer_data *data)
{
    const mf_shape *s = &data->shape;
    uint64_t sum = s->c;
    if (!mf_kind_takes(kind, 1 + data->n_others))
        return false;
    for (size_t k = 0; k < data->n_others; k++) {
        uint64_t channels = data->others[k].channels;
        sum += channels;
        if (channels == 0 || (!kind->stacks && channels != s->c))
            return false;
    }
    return !kind->stacks || sum == s->m;
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
