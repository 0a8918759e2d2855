/* One loop over rows for all three, expanded per activation. */
#include "train/kernels/read.h"

#include "train/kernels/activation.h"
#include "train/kernels/internal.h"

#include <string.h>

enum {
    ROWS_IN_FLOAT = 64, /* before sums become doubles */
    AHEAD = 512         /* floats: what is read then is asked for now */
};

/* table[i] = values[channel of column i]. */
static void expand(size_t length, size_t channels, const float *values, float otherwise,
                   float *table)
{
    for (size_t i = 0, c = 0; i < length; i++) {
        table[i] = values ? values[c] : otherwise;
        c = c + 1 < channels ? c + 1 : 0;
    }
}

/* Vectors of n floats, row after row of `length`: `body` gets whether only the lanes of the mask
 * exist, the place in the row, and that from the beginning. */
#define EACH_VECTOR(n, length, body)                                                               \
    for (size_t row = 0; row < (n); row += (length)) {                                             \
        size_t width = mf_least(length, (n)-row), i = 0;                                           \
        for (; i + MF_LANES <= width; i += MF_LANES)                                               \
            body(0, v_first(MF_LANES), i, row + i);                                                \
        if (i < width)                                                                             \
            body(1, v_first(width - i), i, row + i);                                               \
    }

/* ---- maps --------------------------------------------------------------------------------------
 */

mf_reader mf_reader_of_map(const mf_map *map, size_t channels, float *tables)
{
    size_t length = mf_row_length(channels), floats = mf_row_floats(channels);
    mf_reader r = {.y = map->y,
                   .plain = !map->norm.scale && map->norm.activation == MF_ACTIVATION_NONE &&
                            !(map->grid.per_unit > 0) && !map->signs,
                   .channels = channels,
                   .length = length,
                   .activation = map->norm.activation,
                   .grid = map->grid,
                   .signs = map->signs,
                   .scale = tables,
                   .shift = tables + floats};
    if (r.plain)
        return r;
    expand(length, channels, map->norm.scale, 1, r.scale);
    expand(length, channels, map->norm.shift, 0, r.shift);
    return r;
}

MF_INLINE vf on_grid(vf x, const mf_grid *grid, vf step)
{
    return v_min(v_max(v_floor(x * v_all(grid->per_unit)) * step, v_all(grid->least)),
                 v_all(grid->most));
}

/* What becomes of activation(z). */
typedef enum finish { AS_IT_IS, ON_GRID, AS_SIGN } finish;

MF_INLINE void read_map(const mf_reader *r, const float *y, size_t n, float *to,
                        mf_activation activation, finish how)
{
    const mf_grid grid = r->grid;
    const float *scale = r->scale, *shift = r->shift;
    vf step = v_all(how == ON_GRID ? 1 / grid.per_unit : 0);
#define BODY(some, mask, i, at)                                                                    \
    do {                                                                                           \
        vf z = v_fma(v_load_if(some, mask, y + (at)), v_load(scale + (i)), v_load(shift + (i))),   \
           a = v_activate(activation, z);                                                          \
        __builtin_prefetch(y + (at) + AHEAD);                                                      \
        if (how == ON_GRID)                                                                        \
            a = on_grid(a, &grid, step);                                                           \
        if (how == AS_SIGN)                                                                        \
            a = v_if_greater(a, v_zero(), v_all(1), v_all(-1));                                    \
        v_store_if(some, mask, to + (at), a);                                                      \
    } while (0)
    EACH_VECTOR(n, r->length, BODY)
#undef BODY
}

static void make_map(const mf_reader *r, const float *y, size_t n, float *to)
{
    switch (r->activation) {
#define MF_ACTIVATION(NAME, name)                                                                  \
    case MF_ACTIVATION_##NAME:                                                                     \
        if (r->signs)                                                                              \
            read_map(r, y, n, to, MF_ACTIVATION_##NAME, AS_SIGN);                                  \
        else if (r->grid.per_unit > 0)                                                             \
            read_map(r, y, n, to, MF_ACTIVATION_##NAME, ON_GRID);                                  \
        else                                                                                       \
            read_map(r, y, n, to, MF_ACTIVATION_##NAME, AS_IT_IS);                                 \
        break;
#include "models/activations.def"
#undef MF_ACTIVATION
    case MF_N_ACTIVATIONS:
        break;
    }
}

MF_INLINE void pass_signs(const mf_reader *r, const float *y, size_t n, float *dx,
                          mf_activation activation)
{
    const float *scale = r->scale, *shift = r->shift;
#define BODY(some, mask, i, at)                                                                    \
    do {                                                                                           \
        vf z = v_fma(v_load_if(some, mask, y + (at)), v_load(scale + (i)), v_load(shift + (i))),   \
           a = v_activate(activation, z);                                                          \
        v_store_if(some, mask, dx + (at),                                                          \
                   v_if_greater(v_abs(a), v_all(1), v_zero(), v_load_if(some, mask, dx + (at))));  \
    } while (0)
    EACH_VECTOR(n, r->length, BODY)
#undef BODY
}

void mf_pass_signs(const mf_reader *r, size_t first, size_t n, float *dx)
{
    const float *y = r->y + first * r->channels;
    switch (r->activation) {
#define MF_ACTIVATION(NAME, name)                                                                  \
    case MF_ACTIVATION_##NAME:                                                                     \
        pass_signs(r, y, n * r->channels, dx, MF_ACTIVATION_##NAME);                               \
        break;
#include "models/activations.def"
#undef MF_ACTIVATION
    case MF_N_ACTIVATIONS:
        break;
    }
}

/* ---- gradients ---------------------------------------------------------------------------------
 */

mf_reader mf_reader_of_gradient(const mf_gradient *g, size_t channels, float *tables)
{
    size_t length = mf_row_length(channels), floats = mf_row_floats(channels);
    mf_reader r = {
        .y = g->y,
        .da = g->da,
        .plain = !g->y || (!g->norm.scale && !g->slope && g->norm.activation == MF_ACTIVATION_NONE),
        .channels = channels,
        .length = length,
        .activation = g->norm.activation,
        .scale = tables,
        .shift = tables + floats,
        .slope = tables + 2 * floats,
        .offset = tables + 3 * floats};
    if (r.plain)
        return r;
    expand(length, channels, g->norm.scale, 1, r.scale);
    expand(length, channels, g->norm.shift, 0, r.shift);
    expand(length, channels, g->slope, 0, r.slope);
    expand(length, channels, g->offset, 0, r.offset);
    return r;
}

MF_INLINE void read_gradient(const mf_reader *r, const float *y, const float *da, size_t n,
                             float *to, mf_activation activation)
{
    const float *scales = r->scale, *shift = r->shift, *slope = r->slope, *offset = r->offset;
#define BODY(some, mask, i, at)                                                                    \
    do {                                                                                           \
        vf here = v_load_if(some, mask, y + (at)), scale = v_load(scales + (i)),                   \
           z = v_fma(here, scale, v_load(shift + (i))),                                            \
           dz = v_slope(activation, z, v_load_if(some, mask, da + (at))),                          \
           rest = v_fma(here, v_load(slope + (i)), v_load(offset + (i)));                          \
        __builtin_prefetch(y + (at) + AHEAD);                                                      \
        __builtin_prefetch(da + (at) + AHEAD);                                                     \
        v_store_if(some, mask, to + (at), v_fma(dz, scale, rest));                                 \
    } while (0)
    EACH_VECTOR(n, r->length, BODY)
#undef BODY
}

static void make_gradient(const mf_reader *r, const float *y, const float *da, size_t n, float *to)
{
    switch (r->activation) {
#define MF_ACTIVATION(NAME, name)                                                                  \
    case MF_ACTIVATION_##NAME:                                                                     \
        read_gradient(r, y, da, n, to, MF_ACTIVATION_##NAME);                                      \
        break;
#include "models/activations.def"
#undef MF_ACTIVATION
    case MF_N_ACTIVATIONS:
        break;
    }
}

const float *mf_read(const mf_reader *r, size_t first, size_t n, float *buffer)
{
    size_t at = first * r->channels, floats = n * r->channels;
    if (r->plain)
        return (r->da ? r->da : r->y) + at;
    if (r->da)
        make_gradient(r, r->y + at, r->da + at, floats, buffer);
    else
        make_map(r, r->y + at, floats, buffer);
    return buffer;
}

/* ---- sums --------------------------------------------------------------------------------------
 */

mf_summer mf_summer_of(const mf_map *map, const float *mean, size_t channels, float *tables,
                       double *sums)
{
    size_t length = mf_row_length(channels), floats = mf_row_floats(channels);
    mf_summer s = {.y = map->y,
                   .channels = channels,
                   .length = length,
                   .activation = map->norm.activation,
                   .scale = tables,
                   .shift = tables + floats,
                   .mean = tables + 2 * floats,
                   .dz = tables + 3 * floats,
                   .product = tables + 4 * floats,
                   .sums = sums};
    expand(length, channels, map->norm.scale, 1, s.scale);
    expand(length, channels, map->norm.shift, 0, s.shift);
    expand(length, channels, mean, 0, s.mean);
    memset(s.dz, 0, 2 * floats * sizeof *s.dz);
    return s;
}

/* Columns that belong to a channel join its sum and become 0. */
static void flush(const mf_summer *s, double *sums, float *columns)
{
    for (size_t i = 0, c = 0; i < s->length; i++) {
        sums[c] += (double)columns[i];
        c = c + 1 < s->channels ? c + 1 : 0;
    }
    memset(columns, 0, s->length * sizeof *columns);
}

void mf_summer_end(mf_summer *s)
{
    if (!s->rows)
        return;
    flush(s, s->sums, s->dz);
    flush(s, s->sums + s->channels, s->product);
    s->rows = 0;
}

/* The lanes that do not exist are 0, in da and so in the sums. */
MF_INLINE void add_rows(const mf_summer *s, const float *y, const float *da, size_t n,
                        mf_activation activation)
{
    const float *scale = s->scale, *shift = s->shift, *mean = s->mean;
    float *sum = s->dz, *product = s->product;
#define BODY(some, mask, i, at)                                                                    \
    do {                                                                                           \
        vf here = v_load_if(some, mask, y + (at)),                                                 \
           z = v_fma(here, v_load(scale + (i)), v_load(shift + (i))),                              \
           dz = v_slope(activation, z, v_load_if(some, mask, da + (at)));                          \
        v_store(sum + (i), v_load(sum + (i)) + dz);                                                \
        v_store(product + (i), v_fma(dz, here - v_load(mean + (i)), v_load(product + (i))));       \
    } while (0)
    EACH_VECTOR(n, s->length, BODY)
#undef BODY
}

static void add_activated(const mf_summer *s, const float *y, const float *da, size_t n)
{
    switch (s->activation) {
#define MF_ACTIVATION(NAME, name)                                                                  \
    case MF_ACTIVATION_##NAME:                                                                     \
        add_rows(s, y, da, n, MF_ACTIVATION_##NAME);                                               \
        break;
#include "models/activations.def"
#undef MF_ACTIVATION
    case MF_N_ACTIVATIONS:
        break;
    }
}

void mf_summer_add(mf_summer *s, size_t first, size_t n, const float *da)
{
    const float *y = s->y + first * s->channels;
    size_t left = n * s->channels;
    while (left) {
        size_t room = (ROWS_IN_FLOAT - s->rows) * s->length, taken = mf_least(left, room);
        add_activated(s, y, da, taken);
        s->rows += (taken + s->length - 1) / s->length;
        y += taken;
        da += taken;
        left -= taken;
        if (s->rows == ROWS_IN_FLOAT)
            mf_summer_end(s);
    }
}
