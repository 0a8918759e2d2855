/* Weights of Shift are decoded into the numbers they multiply by, so that its products are those of
 * Mult. Then, image by image: a layer with several filters per group gathers what some output
 * pixels see and takes inner products with the filters; one with a single filter per group adds
 * tap after tap to whole rows. One source for two instruction sets, chosen at run time. */
#include "models/integer_quick.h"

#include "base/parallel.h"

#include <stdlib.h>
#include <string.h>

typedef struct job {
    const mf_shape *s;
    bool adds; /* Add: -|x - w| */
    uint64_t shift;
    const int32_t *ifmap, *weights; /* decoded */
    int64_t *sums;
    uint64_t depth, filters; /* of a group */
    uint64_t most;           /* products whose sum 32 bits hold for sure */
    int32_t *panels;         /* one per worker */
    uint64_t panel;          /* numbers of one */
    bool wide;               /* has the processor AVX2? */
} job;

enum { PIXELS = 16 }; /* gathered at once */

#define INLINE static inline __attribute__((always_inline))

INLINE uint32_t product(bool adds, int32_t half, uint64_t shift, int32_t x, int32_t w)
{
    int32_t p = adds ? (x < w ? x - w : w - x) : x * w;
    return (uint32_t)((p + half) >> shift);
}

/* ---- inner products ----------------------------------------------------------------------------
 */

/* Four filters, `far` apart, on one pixel. */
INLINE void inner_products(bool adds, int32_t half, uint64_t shift, uint64_t far, uint64_t depth,
                           const int32_t *x, const int32_t *w, uint32_t *sum)
{
    const int32_t *w1 = w + far, *w2 = w1 + far, *w3 = w2 + far;
    uint32_t a = 0, b = 0, c = 0, d = 0;
    for (uint64_t k = 0; k < depth; k++) {
        a += product(adds, half, shift, x[k], w[k]);
        b += product(adds, half, shift, x[k], w1[k]);
        c += product(adds, half, shift, x[k], w2[k]);
        d += product(adds, half, shift, x[k], w3[k]);
    }
    sum[0] = a;
    sum[1] = b;
    sum[2] = c;
    sum[3] = d;
}

INLINE uint32_t inner_product(bool adds, int32_t half, uint64_t shift, uint64_t depth,
                              const int32_t *x, const int32_t *w)
{
    uint32_t sum = 0;
    for (uint64_t k = 0; k < depth; k++)
        sum += product(adds, half, shift, x[k], w[k]);
    return sum;
}

/* What output pixel (e, f) sees of a group, channel after channel as weights lie. */
static void gather(const mf_shape *s, const int32_t *planes, uint64_t e, uint64_t f, int32_t *to)
{
    for (uint64_t c = 0; c < s->c / s->g; c++)
        for (uint64_t r = 0; r < s->r; r++)
            for (uint64_t k = 0; k < s->s; k++) {
                uint64_t row = e * s->stride + r - s->pad_rows,
                         column = f * s->stride + k - s->pad_columns;
                bool inside =
                    row < s->h && column < s->w; /* also where the difference is negative */
                *to++ = inside ? planes[(c * s->h + row) * s->w + column] : 0;
            }
}

/* Pixels of one image and group, for all filters; sums of 32 bits for as long as these hold them.
 */
INLINE void run_pixels(const job *j, bool adds, bool rounds, const int32_t *panel, uint64_t n,
                       const int32_t *w, int64_t *sums)
{
    uint64_t shift = rounds ? j->shift : 0, area = j->s->e * j->s->f, depth = j->depth, m = 0;
    int32_t half = rounds ? (int32_t)1 << (shift - 1) : 0;
    for (; m + 4 <= j->filters; m += 4)
        for (uint64_t i = 0; i < n; i++) {
            int64_t all[4] = {0, 0, 0, 0};
            for (uint64_t k = 0; k < depth; k += j->most) {
                uint32_t sum[4];
                inner_products(adds, half, shift, depth, depth - k < j->most ? depth - k : j->most,
                               panel + i * depth + k, w + m * depth + k, sum);
                for (uint64_t q = 0; q < 4; q++)
                    all[q] += (int32_t)sum[q];
            }
            for (uint64_t q = 0; q < 4; q++)
                sums[(m + q) * area + i] = all[q];
        }
    for (; m < j->filters; m++)
        for (uint64_t i = 0; i < n; i++) {
            int64_t all = 0;
            for (uint64_t k = 0; k < depth; k += j->most)
                all += (int32_t)inner_product(adds, half, shift,
                                              depth - k < j->most ? depth - k : j->most,
                                              panel + i * depth + k, w + m * depth + k);
            sums[m * area + i] = all;
        }
}

/* ---- rows --------------------------------------------------------------------------------------
 */

/* One row of the input with its padding, from where the first output begins. */
static void pad_row(const mf_shape *s, const int32_t *plane, uint64_t row, int32_t *to)
{
    uint64_t width = (s->f - 1) * s->stride + s->s, inside = s->w;
    memset(to, 0, width * sizeof *to);
    if (row >= s->h) /* also where it lies above */
        return;
    uint64_t room = width > s->pad_columns ? width - s->pad_columns : 0;
    memcpy(to + (room ? s->pad_columns : 0), plane + row * s->w,
           (inside < room ? inside : room) * sizeof *to);
}

/* One filter: the row's taps on all outputs of a row. */
INLINE void add_taps(const mf_shape *s, bool adds, int32_t half, uint64_t shift, const int32_t *x,
                     const int32_t *w, uint32_t *sum)
{
    for (uint64_t k = 0; k < s->s; k++) {
        if (s->stride == 1)
            for (uint64_t f = 0; f < s->f; f++)
                sum[f] += product(adds, half, shift, x[f + k], w[k]);
        else
            for (uint64_t f = 0; f < s->f; f++)
                sum[f] += product(adds, half, shift, x[f * s->stride + k], w[k]);
    }
}

/* What 32 bits have of a row of sums goes to those of 64. */
INLINE void flush(uint64_t n, uint32_t *some, int64_t *all)
{
    for (uint64_t f = 0; f < n; f++)
        all[f] += (int32_t)some[f];
    memset(some, 0, n * sizeof *some);
}

/* One group with one filter, on one image. */
INLINE void run_rows(const job *j, bool adds, bool rounds, int32_t *panel, const int32_t *planes,
                     const int32_t *w, int64_t *sums)
{
    const mf_shape *s = j->s;
    uint64_t shift = rounds ? j->shift : 0, n_added = 0;
    int32_t half = rounds ? (int32_t)1 << (shift - 1) : 0, *x = panel + s->f;
    uint32_t *some = (uint32_t *)panel;
    memset(some, 0, s->f * sizeof *some);
    for (uint64_t e = 0; e < s->e; e++, sums += s->f) {
        memset(sums, 0, s->f * sizeof *sums);
        for (uint64_t c = 0; c < s->c / s->g; c++)
            for (uint64_t r = 0; r < s->r; r++) {
                if (n_added + s->s > j->most) {
                    flush(s->f, some, sums);
                    n_added = 0;
                }
                pad_row(s, planes + c * s->h * s->w, e * s->stride + r - s->pad_rows, x);
                add_taps(s, adds, half, shift, x, w + (c * s->r + r) * s->s, some);
                n_added += s->s;
            }
        flush(s->f, some, sums);
        n_added = 0;
    }
}

/* ---- one image ---------------------------------------------------------------------------------
 */

INLINE void run_group(const job *j, bool adds, bool rounds, int32_t *panel, uint64_t n, uint64_t g)
{
    const mf_shape *s = j->s;
    uint64_t area = s->e * s->f;
    const int32_t *planes = j->ifmap + (n * s->c + g * (s->c / s->g)) * s->h * s->w,
                  *w = j->weights + g * j->filters * j->depth;
    int64_t *sums = j->sums + (n * s->m + g * j->filters) * area;
    if (j->filters == 1) {
        run_rows(j, adds, rounds, panel, planes, w, sums);
        return;
    }
    for (uint64_t i = 0; i < area; i += PIXELS) {
        uint64_t some = area - i < PIXELS ? area - i : PIXELS;
        for (uint64_t k = 0; k < some; k++)
            gather(s, planes, (i + k) / s->f, (i + k) % s->f, panel + k * j->depth);
        run_pixels(j, adds, rounds, panel, some, w, sums + i);
    }
}

INLINE void run_image(const job *j, int32_t *panel, uint64_t n)
{
    for (uint64_t g = 0; g < j->s->g; g++) {
        if (j->adds && j->shift)
            run_group(j, true, true, panel, n, g);
        else if (j->adds)
            run_group(j, true, false, panel, n, g);
        else if (j->shift)
            run_group(j, false, true, panel, n, g);
        else
            run_group(j, false, false, panel, n, g);
    }
}

#if defined __x86_64__
__attribute__((target("avx2"))) static void run_wide(const job *j, int32_t *panel, uint64_t n)
{
    run_image(j, panel, n);
}
static bool has_wide(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2");
}
#else
static void run_wide(const job *j, int32_t *panel, uint64_t n)
{
    run_image(j, panel, n);
}
static bool has_wide(void)
{
    return false;
}
#endif

static bool work(void *user, size_t item, size_t worker)
{
    const job *j = user;
    int32_t *panel = j->panels + worker * j->panel;
    if (j->wide)
        run_wide(j, panel, item);
    else
        run_image(j, panel, item);
    return true;
}

/* ---- a layer -----------------------------------------------------------------------------------
 */

/* Shift: the power of two that a code stands for, in units of 2^-15. */
static int32_t decode_shift(const mf_integer_format *f, int32_t code)
{
    int32_t exponent = code % MF_SHIFT_SIGN, power = (1 << MF_SHIFT_FRACTION_BITS) >> exponent;
    if (f->zero_code && exponent == MF_SHIFT_FRACTION_BITS)
        return 0;
    return code < MF_SHIFT_SIGN ? power : -power;
}

/* DenseShift: three bits, the topmost a sign. */
static int32_t decode_denseshift(const mf_integer_format *f, int32_t code)
{
    (void)f;
    return code < 4 ? 1 << code : -(1 << (code - 4));
}

/* APoT: all sums of two powers, by width; above them their negatives. */
static int32_t decode_apot(const mf_integer_format *f, int32_t code)
{
    static const int8_t magnitudes[][16] = {
        {0, 4, 2, 1},
        {0, 8, 4, 1, 2, 10, 6, 3},
        {0, 32, 8, 2, 16, 48, 24, 18, 4, 36, 12, 6, 1, 33, 9, 3}};
    int32_t n = 1 << (f->weight_bits - 1);
    return code < n ? magnitudes[f->weight_bits - 3][code]
                    : -magnitudes[f->weight_bits - 3][code - n];
}

/* Signs of activations are -1 and 1, and 0 in padding: a product counts them up and down. */
static int32_t decode_binary(const mf_integer_format *f, int32_t code)
{
    (void)f;
    return 1 - 2 * code;
}

static uint64_t of_products(uint64_t x, uint64_t w)
{
    return x + w - 1;
}

static uint64_t of_shifts(uint64_t x, uint64_t w)
{
    (void)w;
    return x + MF_SHIFT_FRACTION_BITS;
}

static uint64_t of_dense_shifts(uint64_t x, uint64_t w)
{
    (void)w;
    return x + 4;
}

static uint64_t of_sums_of_powers(uint64_t x, uint64_t w)
{
    return x + (w == 3 ? 3 : w == 4 ? 4 : 6);
}

static uint64_t of_signs(uint64_t x, uint64_t w)
{
    (void)w;
    return x + 1;
}

static uint64_t of_differences(uint64_t x, uint64_t w)
{
    return (x > w ? x : w) + 1;
}

/* How each operator is brought to one of the two products above. Written apart from
 * models/arithmetic/, against which it is checked. */
static const struct {
    bool adds;
    int32_t (*decode)(const mf_integer_format *f, int32_t code); /* NULL: the code itself */
    uint64_t (*bits)(uint64_t activation_bits, uint64_t weight_bits);
} ways[MF_N_ARITHMETICS] = {
    [MF_ARITHMETIC_MULT] = {false, NULL, of_products},
    [MF_ARITHMETIC_SHIFT] = {false, decode_shift, of_shifts},
    [MF_ARITHMETIC_ADD] = {true, NULL, of_differences},
    [MF_ARITHMETIC_DENSESHIFT] = {false, decode_denseshift, of_dense_shifts},
    [MF_ARITHMETIC_APOT] = {false, decode_apot, of_sums_of_powers},
    [MF_ARITHMETIC_BINARY] = {false, decode_binary, of_signs},
    [MF_ARITHMETIC_XNOR] = {false, decode_binary, of_signs}};

/* Products whose sum 32 bits hold, half a unit of rounding included; 0 if they do not hold one. */
static uint64_t most_products(const mf_integer_format *f)
{
    uint64_t n = 1;
    if (ways[f->arithmetic].bits(f->activation_bits, f->weight_bits) > 31 ||
        f->product_shift > 29 || mf_integer_sum_bits(f, 1) > 32)
        return 0;
    while (n < 65536 && mf_integer_sum_bits(f, 2 * n) <= 32)
        n *= 2;
    return n;
}

static mf_status run(job *j, const mf_integer_format *f, const int32_t *codes, int32_t *decoded,
                     size_t n_workers, mf_diag *diag)
{
    bool finished;
    int32_t (*decode)(const mf_integer_format *, int32_t) = ways[f->arithmetic].decode;
    for (uint64_t i = 0; i < mf_shape_weights(j->s); i++)
        decoded[i] = decode ? decode(f, codes[i]) : codes[i];
    j->weights = decoded;
    return mf_parallel_for(j->s->n, n_workers, work, j, &finished, diag);
}

mf_status mf_integer_layer_quick(const mf_shape *s, const mf_integer_format *format,
                                 const int32_t *ifmap, const int32_t *weights, int64_t *sums,
                                 mf_diag *diag)
{
    enum { WORTH_THREADS = 4000000 };
    uint64_t most = most_products(format), least = s->m == s->g ? s->s : 1;
    if (most < least)
        return mf_integer_layer(s, format, ifmap, weights, sums, diag);
    MF_TRY(mf_integer_check(s, format, ifmap, weights, diag));
    size_t n_workers = mf_shape_macs(s) < WORTH_THREADS ? 1 : mf_parallel_cores();
    job j = {.s = s,
             .adds = ways[format->arithmetic].adds,
             .shift = format->product_shift,
             .ifmap = ifmap,
             .sums = sums,
             .depth = s->c / s->g * s->r * s->s,
             .filters = s->m / s->g,
             .most = most,
             .wide = has_wide()};
    uint64_t rows = s->f + (s->f - 1) * s->stride + s->s, block = PIXELS * j.depth;
    j.panel = rows > block ? rows : block;
    j.panels = malloc(n_workers * j.panel * sizeof *j.panels);
    int32_t *decoded = malloc(mf_shape_weights(s) * sizeof *decoded);
    mf_status status = MF_OK;
    if (j.panels && decoded)
        status = run(&j, format, weights, decoded, n_workers, diag);
    else
        status = mf_fail_memory(diag);
    free(j.panels);
    free(decoded);
    MF_TRY(status);
    return mf_integer_check_sums(s, format, sums, diag);
}
