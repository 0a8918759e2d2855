/* Checks, one function per kind, and the rounding they share. Nothing here is fast on purpose: it
 * is what fast code is held against. */
#include "models/vector.h"

#include <inttypes.h>

/* A window's sum at the finest scale takes up to 120 bits. */
typedef __int128 wide;

enum { MOST_SCALE_BITS = 31, MOST_INPUT_FRACTION_BITS = 62 };

static wide unit(uint64_t bits)
{
    return (wide)1 << bits;
}

/* ---- checks ------------------------------------------------------------------------------------
 */

/* Does every window of a pool hold at least one position of the map? */
static bool windows_touch(uint64_t size, uint64_t kernel, uint64_t stride, uint64_t pad,
                          uint64_t windows)
{
    return windows > 0 && kernel > pad && (windows - 1) * stride < size + pad;
}

static bool reads_two(const mf_layer_data *d)
{
    return d->kind == MF_LAYER_RESIDUAL_ADD || d->kind == MF_LAYER_SCALE;
}

static bool has_kind(const mf_layer_data *d)
{
    return d->kind == MF_LAYER_POOL || d->kind == MF_LAYER_GLOBAL_POOL || reads_two(d);
}

static bool shape_fits(const mf_layer_data *d)
{
    const mf_shape *s = &d->shape;
    if (s->c != s->m || s->h == 0 || s->w == 0)
        return false;
    switch (d->kind) {
    case MF_LAYER_POOL:
        return windows_touch(s->h, s->r, s->stride, s->pad_rows, s->e) &&
               windows_touch(s->w, s->s, s->stride, s->pad_columns, s->f);
    case MF_LAYER_GLOBAL_POOL:
        return s->e == 1 && s->f == 1;
    default:
        return s->e == s->h && s->f == s->w && d->second;
    }
}

/* Fraction bits of the exact result, before it is brought to the scale of the output. */
static uint64_t exact_fraction_bits(const mf_layer_data *d)
{
    uint64_t first = d->ifmap_fraction_bits, second = d->second_fraction_bits;
    if (d->kind == MF_LAYER_SCALE)
        return first + second;
    return d->kind == MF_LAYER_RESIDUAL_ADD && second > first ? second : first;
}

static bool far_apart(uint64_t a, uint64_t b)
{
    return a > b ? a - b > MOST_SCALE_BITS : b - a > MOST_SCALE_BITS;
}

static mf_status check_scales(const mf_layer_data *d, mf_diag *diag)
{
    uint64_t bits = d->format.activation_bits, first = d->ifmap_fraction_bits,
             second = reads_two(d) ? d->second_fraction_bits : 0, out = d->ofmap_fraction_bits;
    if (bits < 2 || bits > 32 || out >= bits)
        return mf_fail(diag, MF_INVALID,
                       "activations of %" PRIu64 " bits with %" PRIu64
                       " fraction bits, expected 2 to 32 and fewer fraction bits",
                       bits, out);
    if (first > MOST_INPUT_FRACTION_BITS || second > MOST_INPUT_FRACTION_BITS ||
        far_apart(exact_fraction_bits(d), out) ||
        (d->kind == MF_LAYER_RESIDUAL_ADD && far_apart(first, second)))
        return mf_fail(diag, MF_INVALID,
                       "%s of maps with %" PRIu64 " and %" PRIu64 " fraction bits to %" PRIu64
                       ": scales that differ by more than %d bits",
                       mf_layer_kind_name(d->kind), first, second, out, MOST_SCALE_BITS);
    return MF_OK;
}

static mf_status check_codes(const char *what, const int32_t *codes, uint64_t n, uint64_t bits,
                             mf_diag *diag)
{
    int64_t most = (int64_t)unit(bits - 1) - 1;
    for (uint64_t i = 0; i < n; i++)
        if (codes[i] < -most - 1 || codes[i] > most)
            return mf_fail(diag, MF_INVALID,
                           "%s code %" PRIu64 " is %" PRId32 ", expected %" PRId64 " to %" PRId64,
                           what, i, codes[i], -most - 1, most);
    return MF_OK;
}

static mf_status check(const mf_layer_data *d, mf_diag *diag)
{
    const mf_shape *s = &d->shape;
    if (!has_kind(d))
        return mf_fail(diag, MF_INVALID, "%s is no layer of the vector unit",
                       mf_layer_kind_name(d->kind));
    if (!shape_fits(d))
        return mf_fail(diag, MF_INVALID,
                       "%s from %" PRIu64 "x%" PRIu64 "x%" PRIu64 " to %" PRIu64 "x%" PRIu64
                       "x%" PRIu64 "%s: sizes contradict each other",
                       mf_layer_kind_name(d->kind), s->c, s->h, s->w, s->m, s->e, s->f,
                       reads_two(d) && !d->second ? " without a second map" : "");
    MF_TRY(check_scales(d, diag));
    uint64_t bits = d->format.activation_bits;
    MF_TRY(check_codes("ifmap", d->ifmap, mf_shape_ifmap(s), bits, diag));
    if (d->kind == MF_LAYER_RESIDUAL_ADD)
        MF_TRY(check_codes("second map", d->second, mf_shape_ifmap(s), bits, diag));
    if (d->kind == MF_LAYER_SCALE)
        MF_TRY(check_codes("factor", d->second, s->n * s->c, bits, diag));
    return MF_OK;
}

/* ---- computing ---------------------------------------------------------------------------------
 */

static int64_t clamp(wide value, uint64_t bits)
{
    wide most = unit(bits - 1) - 1;
    return (int64_t)(value < -most - 1 ? -most - 1 : value > most ? most : value);
}

/* The output code of value / divisor, whose numerator has the exact result's fraction bits. */
static int32_t finish(const mf_layer_data *d, wide value, uint64_t divisor)
{
    uint64_t from = exact_fraction_bits(d), to = d->ofmap_fraction_bits,
             bits = d->format.activation_bits;
    wide whole = divisor;
    if (to > from)
        value *= unit(to - from);
    else
        whole *= unit(from - to);
    /* floor(value / whole + 1 / 2); the division itself rounds toward zero. */
    value = 2 * value + whole;
    whole *= 2;
    wide quotient = value / whole;
    if (quotient * whole > value)
        quotient--;
    int64_t code = clamp(quotient, bits);
    return (int32_t)clamp(mf_activate(d->activation, to, code), bits);
}

/* The positions of one window that lie on the map. */
typedef struct span {
    uint64_t first, end;
} span;

static span window(uint64_t index, uint64_t size, uint64_t kernel, uint64_t stride, uint64_t pad)
{
    uint64_t start = index * stride, end = start + kernel - pad;
    return (span){.first = start > pad ? start - pad : 0, .end = end < size ? end : size};
}

static int32_t pool_window(const mf_layer_data *d, const int32_t *plane, span rows, span columns)
{
    wide sum = 0;
    int32_t most = INT32_MIN;
    for (uint64_t row = rows.first; row < rows.end; row++)
        for (uint64_t column = columns.first; column < columns.end; column++) {
            int32_t code = plane[row * d->shape.w + column];
            sum += code;
            most = code > most ? code : most;
        }
    if (d->kind == MF_LAYER_POOL && d->maximum)
        return finish(d, most, 1);
    return finish(d, sum, (rows.end - rows.first) * (columns.end - columns.first));
}

static void pool(const mf_layer_data *d, int32_t *ofmap)
{
    const mf_shape *s = &d->shape;
    for (uint64_t p = 0; p < s->n * s->c; p++)
        for (uint64_t e = 0; e < s->e; e++)
            for (uint64_t f = 0; f < s->f; f++)
                *ofmap++ = pool_window(d, d->ifmap + p * s->h * s->w,
                                       window(e, s->h, s->r, s->stride, s->pad_rows),
                                       window(f, s->w, s->s, s->stride, s->pad_columns));
}

static void global_pool(const mf_layer_data *d, int32_t *ofmap)
{
    const mf_shape *s = &d->shape;
    for (uint64_t p = 0; p < s->n * s->c; p++)
        ofmap[p] = pool_window(d, d->ifmap + p * s->h * s->w, (span){0, s->h}, (span){0, s->w});
}

static void residual_add(const mf_layer_data *d, int32_t *ofmap)
{
    uint64_t finer = exact_fraction_bits(d), n = mf_shape_ofmap(&d->shape);
    wide first = unit(finer - d->ifmap_fraction_bits),
         second = unit(finer - d->second_fraction_bits);
    for (uint64_t i = 0; i < n; i++)
        ofmap[i] = finish(d, d->ifmap[i] * first + d->second[i] * second, 1);
}

static void scale(const mf_layer_data *d, int32_t *ofmap)
{
    uint64_t plane = d->shape.h * d->shape.w, n = mf_shape_ofmap(&d->shape);
    for (uint64_t i = 0; i < n; i++)
        ofmap[i] = finish(d, (wide)d->ifmap[i] * d->second[i / plane], 1);
}

mf_status mf_vector_compute(const mf_layer_data *data, int32_t *ofmap, mf_diag *diag)
{
    MF_TRY(check(data, diag));
    switch (data->kind) {
    case MF_LAYER_POOL:
        pool(data, ofmap);
        break;
    case MF_LAYER_GLOBAL_POOL:
        global_pool(data, ofmap);
        break;
    case MF_LAYER_RESIDUAL_ADD:
        residual_add(data, ofmap);
        break;
    default:
        scale(data, ofmap);
    }
    return MF_OK;
}
