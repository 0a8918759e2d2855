/* Ranges, sums, and seven loops; products are in models/arithmetic/. Nothing here is fast on
 * purpose: it is what fast code is held against. */
#include "models/integer.h"

#include "models/arithmetic/arithmetic.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

mf_status mf_arithmetic_find(const char *op, mf_arithmetic *arithmetic, mf_diag *diag)
{
    char known[256] = "";
    for (int i = 0; i < MF_N_ARITHMETICS; i++) {
        const char *name = mf_arithmetic_record_of((mf_arithmetic)i)->name;
        if (strcmp(op, name) == 0) {
            *arithmetic = (mf_arithmetic)i;
            return MF_OK;
        }
        size_t n = strlen(known);
        const char *before = i == 0 ? "" : i + 1 < MF_N_ARITHMETICS ? ", " : " and ";
        snprintf(known + n, sizeof known - n, "%s%s", before, name);
    }
    return mf_fail(diag, MF_INVALID, "operator %s has prices but no arithmetic: %s can be executed",
                   op, known);
}

mf_status mf_integer_check_format(const mf_integer_format *format, mf_diag *diag)
{
    const mf_arithmetic_record *record = mf_arithmetic_record_of(format->arithmetic);
    uint64_t least = record->least_weight_bits, most = record->most_weight_bits;
    if (record->on_signs != (format->activation_bits == 1))
        return mf_fail(diag, MF_INVALID,
                       "activations of %" PRIu64 " bits cannot be executed, only %s",
                       format->activation_bits, record->on_signs ? "of 1" : "of 2 and more");
    if (format->weight_bits >= least && format->weight_bits <= most)
        return MF_OK;
    if (least == most)
        return mf_fail(diag, MF_INVALID,
                       "weights of %" PRIu64 " bits cannot be executed, only of %" PRIu64,
                       format->weight_bits, least);
    return mf_fail(diag, MF_INVALID,
                   "weights of %" PRIu64 " bits cannot be executed, only of %" PRIu64
                   " to %" PRIu64,
                   format->weight_bits, least, most);
}

mf_status mf_integer_format_of(const mf_operator *op, const mf_widths *widths,
                               mf_integer_format *format, mf_diag *diag)
{
    *format = (mf_integer_format){.activation_bits = widths->activation_bits,
                                  .weight_bits = widths->weight_bits,
                                  .psum_bits = widths->psum_bits,
                                  .product_shift = widths->product_shift};
    MF_TRY(mf_arithmetic_find(op->arithmetic, &format->arithmetic, diag));
    if (widths->floating)
        return mf_fail(diag, MF_INVALID,
                       "operator %s: fp%" PRIu64
                       " is priced, not executed; ask for integers with --bits",
                       op->name, widths->activation_bits);
    mf_diag why = {0};
    if (mf_integer_check_format(format, &why) != MF_OK)
        return mf_fail(diag, why.status, "operator %s: %s", op->name, why.message);
    return MF_OK;
}

static void twos_complement(uint64_t bits, int64_t *least, int64_t *most)
{
    *most = (int64_t)(((uint64_t)1 << (bits - 1)) - 1);
    *least = -*most - 1;
}

bool mf_integer_on_signs(const mf_integer_format *format)
{
    return mf_arithmetic_record_of(format->arithmetic)->on_signs;
}

int32_t mf_integer_sign(int32_t code)
{
    return code > 0 ? 1 : -1;
}

void mf_integer_activations(const mf_integer_format *format, int64_t *least, int64_t *most)
{
    twos_complement(format->activation_bits, least, most);
    if (mf_integer_on_signs(format))
        *most = 1;
}

void mf_integer_weights(const mf_integer_format *format, int64_t *least, int64_t *most)
{
    mf_arithmetic_record_of(format->arithmetic)->weights(format, least, most);
}

uint64_t mf_integer_sum_bits(const mf_integer_format *format, uint64_t n_products)
{
    uint64_t bits = mf_arithmetic_record_of(format->arithmetic)->product_bits(format);
    bits = bits > format->product_shift ? bits - format->product_shift : 0;
    bits++; /* rounding */
    while (n_products > 1) {
        bits++;
        n_products = (n_products + 1) / 2;
    }
    return bits;
}

/* To nearest, ties up; right for negative numbers because the division rounds down. */
static int64_t round_off(int64_t value, uint64_t bits)
{
    if (bits == 0)
        return value;
    int64_t unit = (int64_t)1 << bits, shifted = value + unit / 2;
    int64_t quotient = shifted / unit;
    return shifted % unit < 0 ? quotient - 1 : quotient;
}

int64_t mf_integer_product(const mf_integer_format *format, int32_t activation, int32_t weight)
{
    const mf_arithmetic_record *record = mf_arithmetic_record_of(format->arithmetic);
    return round_off(record->product(format, activation, weight), format->product_shift);
}

/* ---- a layer -----------------------------------------------------------------------------------
 */

static mf_status check_codes(const char *what, const int32_t *codes, uint64_t n, int64_t least,
                             int64_t most, mf_diag *diag)
{
    for (uint64_t i = 0; i < n; i++)
        if (codes[i] < least || codes[i] > most)
            return mf_fail(diag, MF_INVALID,
                           "%s code %" PRIu64 " is %" PRId32 ", expected %" PRId64 " to %" PRId64,
                           what, i, codes[i], least, most);
    return MF_OK;
}

static mf_status check_signs(const int32_t *codes, uint64_t n, mf_diag *diag)
{
    for (uint64_t i = 0; i < n; i++)
        if (codes[i] == 0)
            return mf_fail(diag, MF_INVALID, "ifmap code %" PRIu64 " is 0, expected -1 or 1", i);
    return MF_OK;
}

/* The code at a row and column of one plane; the padding around it is zero. */
static int32_t at(const mf_shape *s, const int32_t *plane, uint64_t row, uint64_t column)
{
    if (row < s->pad_rows || column < s->pad_columns)
        return 0;
    row -= s->pad_rows;
    column -= s->pad_columns;
    return row < s->h && column < s->w ? plane[row * s->w + column] : 0;
}

/* One output: all channels of its group, all kernel positions. */
static int64_t sum_output(const mf_shape *s, const mf_integer_format *format, const int32_t *ifmap,
                          const int32_t *weights, uint64_t n, uint64_t m, uint64_t e, uint64_t f)
{
    uint64_t channels = s->c / s->g, first = m / (s->m / s->g) * channels;
    int64_t sum = 0;
    for (uint64_t c = 0; c < channels; c++) {
        const int32_t *plane = ifmap + (n * s->c + first + c) * s->h * s->w;
        const int32_t *kernel = weights + (m * channels + c) * s->r * s->s;
        for (uint64_t r = 0; r < s->r; r++)
            for (uint64_t k = 0; k < s->s; k++) {
                int32_t x = at(s, plane, e * s->stride + r, f * s->stride + k);
                sum += mf_integer_product(format, x, kernel[r * s->s + k]);
            }
    }
    return sum;
}

mf_status mf_integer_check(const mf_shape *s, const mf_integer_format *format, const int32_t *ifmap,
                           const int32_t *weights, mf_diag *diag)
{
    int64_t least, most;
    uint64_t bits = mf_integer_sum_bits(format, s->c / s->g * s->r * s->s);
    if (bits > 64)
        return mf_fail(diag, MF_TOO_LARGE,
                       "sums of these products may take %" PRIu64
                       " bits, more than 64: narrower codes or a larger product_shift are needed",
                       bits);
    mf_integer_activations(format, &least, &most);
    MF_TRY(check_codes("ifmap", ifmap, mf_shape_ifmap(s), least, most, diag));
    if (mf_integer_on_signs(format))
        MF_TRY(check_signs(ifmap, mf_shape_ifmap(s), diag));
    mf_integer_weights(format, &least, &most);
    return check_codes("weight", weights, mf_shape_weights(s), least, most, diag);
}

mf_status mf_integer_check_sums(const mf_shape *s, const mf_integer_format *format,
                                const int64_t *sums, mf_diag *diag)
{
    int64_t least, most;
    uint64_t i = 0;
    twos_complement(format->psum_bits, &least, &most);
    for (uint64_t n = 0; n < s->n; n++)
        for (uint64_t m = 0; m < s->m; m++)
            for (uint64_t e = 0; e < s->e; e++)
                for (uint64_t f = 0; f < s->f; f++, i++)
                    if (sums[i] < least || sums[i] > most)
                        return mf_fail(diag, MF_TOO_LARGE,
                                       "the sum of image %" PRIu64 ", channel %" PRIu64
                                       ", row %" PRIu64 ", column %" PRIu64 " is %" PRId64
                                       ": more than %" PRIu64 " bits",
                                       n, m, e, f, sums[i], format->psum_bits);
    return MF_OK;
}

mf_status mf_integer_layer(const mf_shape *s, const mf_integer_format *format, const int32_t *ifmap,
                           const int32_t *weights, int64_t *sums, mf_diag *diag)
{
    uint64_t i = 0;
    MF_TRY(mf_integer_check(s, format, ifmap, weights, diag));
    for (uint64_t n = 0; n < s->n; n++)
        for (uint64_t m = 0; m < s->m; m++)
            for (uint64_t e = 0; e < s->e; e++)
                for (uint64_t f = 0; f < s->f; f++)
                    sums[i++] = sum_output(s, format, ifmap, weights, n, m, e, f);
    return mf_integer_check_sums(s, format, sums, diag);
}
