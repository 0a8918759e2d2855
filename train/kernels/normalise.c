/* Batch norm with its activation, forward and backward. What belongs to a channel is expanded into
 * tables as long as a row, and a row is a whole number of vectors whenever that is possible: 8 or
 * 24 channels repeat until they are, so that all vectors are full. Channels too many for a table
 * are taken in chunks. */
#include "train/kernels/activation.h"
#include "train/kernels/internal.h"

#include <string.h>

enum {
    LONGEST = 512,      /* of a table */
    WANTED = 128,       /* of a row, so that loops are worth starting */
    ROWS_IN_FLOAT = 64, /* before sums become doubles */
    OPERATIONS = 8      /* that one number counts for when threads are chosen */
};

/* n_pixels x n_channels as rows of `length`, the last of them perhaps shorter. */
typedef struct layout {
    size_t channels, length, n_rows, rest; /* rest: floats of the last row if not all, else 0 */
} layout;

static layout layout_of(size_t n_pixels, size_t channels)
{
    size_t whole = channels;
    while (whole % MF_LANES)
        whole += whole <= LONGEST ? channels : MF_LANES - whole % MF_LANES;
    if (whole > LONGEST)
        return (layout){channels, channels, n_pixels, 0};
    size_t length = whole * ((WANTED + whole - 1) / whole), n = n_pixels * channels;
    return (layout){channels, length, (n + length - 1) / length, n % length};
}

/* A chunk of columns for the rows of one thread. */
typedef struct chunk {
    const layout *l;
    size_t first, width;
    mf_range rows;
} chunk;

/* table[i] = values[channel of column first + i]. */
static void expand(const chunk *k, const float *values, float *table)
{
    size_t c = k->first % k->l->channels;
    for (size_t i = 0; i < k->width; i++) {
        table[i] = values[c];
        c = c + 1 < k->l->channels ? c + 1 : 0;
    }
}

/* Floats of a row that the chunk has. */
static size_t width_of(const chunk *k, size_t row)
{
    return row + 1 == k->l->n_rows && k->l->rest ? k->l->rest : k->width;
}

typedef void chunk_work(const chunk *k, const void *user);

static void each_chunk(const layout *l, chunk_work *work, const void *user)
{
    chunk k = {.l = l, .rows = mf_share(l->n_rows, 1)};
    for (k.first = 0; k.first < l->length; k.first += k.width) {
        k.width = mf_least(LONGEST, l->length - k.first);
        if (k.rows.begin < k.rows.end)
            work(&k, user);
    }
}

/* One vector of a row at `at`, its columns from `i` on. */
#define EACH_VECTOR(k, row, body)                                                                  \
    do {                                                                                           \
        size_t width = width_of(k, row), i = 0, at = (row) * (k)->l->length + (k)->first;          \
        for (; i + MF_LANES <= width; i += MF_LANES)                                               \
            body(0, v_first(MF_LANES), i, at + i);                                                 \
        if (i < width)                                                                             \
            body(1, v_first(width - i), i, at + i);                                                \
    } while (0)

/* ---- forward -----------------------------------------------------------------------------------
 */

typedef struct forward {
    const float *y, *scale, *shift;
    mf_activation activation;
    float *a;
} forward;

MF_INLINE void forward_rows(const chunk *k, const forward *f, mf_activation activation)
{
    float scale[LONGEST], shift[LONGEST];
    expand(k, f->scale, scale);
    expand(k, f->shift, shift);
#define BODY(some, mask, i, at)                                                                    \
    v_store_if(some, mask, f->a + (at),                                                            \
               v_activate(activation, v_fma(v_load_if(some, mask, f->y + (at)),                    \
                                            v_load(scale + (i)), v_load(shift + (i)))))
    for (size_t row = k->rows.begin; row < k->rows.end; row++)
        EACH_VECTOR(k, row, BODY);
#undef BODY
}

static void forward_chunk(const chunk *k, const void *user)
{
    const forward *f = user;
    switch (f->activation) {
#define MF_ACTIVATION(NAME, name)                                                                  \
    case MF_ACTIVATION_##NAME:                                                                     \
        forward_rows(k, f, MF_ACTIVATION_##NAME);                                                  \
        break;
#include "models/activations.def"
#undef MF_ACTIVATION
    case MF_N_ACTIVATIONS:
        break;
    }
}

void mf_normalise(uint64_t n_pixels, uint64_t n_channels, const float *y, const float *scale,
                  const float *shift, mf_activation activation, float *a)
{
    layout l = layout_of(n_pixels, n_channels);
    forward f = {y, scale, shift, activation, a};
#pragma omp parallel num_threads(mf_team(n_pixels *n_channels *OPERATIONS))
    each_chunk(&l, forward_chunk, &f);
}

/* ---- backward ----------------------------------------------------------------------------------
 */

typedef struct backward {
    const float *y, *mean, *inverse, *gamma, *beta, *da;
    mf_activation activation;
    const double *sums; /* of the second pass */
    double n;
    float *dy;
    const mf_places *places; /* of the first */
} backward;

/* Tables of both passes: z = y * scale + shift. */
typedef struct tables {
    float mean[LONGEST], scale[LONGEST], shift[LONGEST];
} tables;

static void fill(const chunk *k, const backward *b, tables *t)
{
    float inverse[LONGEST], beta[LONGEST];
    expand(k, b->mean, t->mean);
    expand(k, b->gamma, t->scale);
    expand(k, b->inverse, inverse);
    expand(k, b->beta, beta);
    for (size_t i = 0; i < k->width; i++) {
        t->scale[i] *= inverse[i];
        t->shift[i] = beta[i] - t->mean[i] * t->scale[i];
    }
}

/* The thread's sums grow by those of the columns, and these become 0. */
static void flush(const chunk *k, double *sums, float *columns)
{
    size_t c = k->first % k->l->channels;
    for (size_t i = 0; i < k->width; i++) {
        sums[c] += (double)columns[i];
        c = c + 1 < k->l->channels ? c + 1 : 0;
    }
    memset(columns, 0, k->width * sizeof *columns);
}

MF_INLINE void sums_rows(const chunk *k, const backward *b, mf_activation activation)
{
    double *sums = mf_sums_of(b->places, (size_t)omp_get_thread_num());
    tables t;
    float dz_sum[LONGEST + MF_LANES] = {0}, product_sum[LONGEST + MF_LANES] = {0};
    fill(k, b, &t);
#define BODY(some, mask, i, at)                                                                    \
    do {                                                                                           \
        vf y = v_load_if(some, mask, b->y + (at)), da = v_load_if(some, mask, b->da + (at)),       \
           z = v_fma(y, v_load(t.scale + (i)), v_load(t.shift + (i))),                             \
           dz = v_slope(activation, z, da);                                                        \
        v_store(dz_sum + (i), v_load(dz_sum + (i)) + dz);                                          \
        v_store(product_sum + (i),                                                                 \
                v_fma(dz, y - v_load(t.mean + (i)), v_load(product_sum + (i))));                   \
    } while (0)
    for (size_t row = k->rows.begin; row < k->rows.end; row++) {
        EACH_VECTOR(k, row, BODY);
        if ((row - k->rows.begin) % ROWS_IN_FLOAT == ROWS_IN_FLOAT - 1 || row + 1 == k->rows.end) {
            flush(k, sums, dz_sum);
            flush(k, sums + k->l->channels, product_sum);
        }
    }
#undef BODY
}

static void sums_chunk(const chunk *k, const void *user)
{
    const backward *b = user;
    switch (b->activation) {
#define MF_ACTIVATION(NAME, name)                                                                  \
    case MF_ACTIVATION_##NAME:                                                                     \
        sums_rows(k, b, MF_ACTIVATION_##NAME);                                                     \
        break;
#include "models/activations.def"
#undef MF_ACTIVATION
    case MF_N_ACTIVATIONS:
        break;
    }
}

void mf_normalise_backward_sums(uint64_t n_pixels, uint64_t n_channels, const float *y,
                                const float *mean, const float *inverse_deviation,
                                const float *gamma, const float *beta, mf_activation activation,
                                const float *da, double *sums, float *scratch)
{
    layout l = layout_of(n_pixels, n_channels);
    mf_shape none = {.m = n_channels, .g = 1};
    mf_places places = mf_places_of(&none, scratch);
    backward b = {.y = y,
                  .mean = mean,
                  .inverse = inverse_deviation,
                  .gamma = gamma,
                  .beta = beta,
                  .da = da,
                  .activation = activation,
                  .places = &places};
    int n_threads = 1;
#pragma omp parallel num_threads(mf_team(n_pixels *n_channels *OPERATIONS))
    {
#pragma omp single nowait
        n_threads = omp_get_num_threads();
        memset(mf_sums_of(&places, (size_t)omp_get_thread_num()), 0,
               2 * n_channels * sizeof(double));
        each_chunk(&l, sums_chunk, &b);
    }
    mf_gather_sums(&places, n_threads, n_channels, &(mf_channel_sums){sums, sums + n_channels});
    for (size_t c = 0; c < n_channels; c++)
        sums[n_channels + c] *= (double)inverse_deviation[c];
}

/* dy = dz * scale + (y - mean) * slope + offset, where scale = gamma * inverse. */
MF_INLINE void backward_rows(const chunk *k, const backward *b, mf_activation activation)
{
    tables t;
    float slope[LONGEST], offset[LONGEST];
    fill(k, b, &t);
    for (size_t i = 0; i < k->width; i++) {
        size_t c = (k->first + i) % k->l->channels;
        double scale = (double)b->gamma[c] * (double)b->inverse[c];
        offset[i] = (float)(-scale * b->sums[c] / b->n);
        slope[i] = (float)(-scale * (double)b->inverse[c] * b->sums[k->l->channels + c] / b->n);
    }
#define BODY(some, mask, i, at)                                                                    \
    do {                                                                                           \
        vf y = v_load_if(some, mask, b->y + (at)), da = v_load_if(some, mask, b->da + (at)),       \
           scale = v_load(t.scale + (i)), z = v_fma(y, scale, v_load(t.shift + (i))),              \
           dz = v_slope(activation, z, da),                                                        \
           rest = v_fma(y - v_load(t.mean + (i)), v_load(slope + (i)), v_load(offset + (i)));      \
        v_store_if(some, mask, b->dy + (at), v_fma(dz, scale, rest));                              \
    } while (0)
    for (size_t row = k->rows.begin; row < k->rows.end; row++)
        EACH_VECTOR(k, row, BODY);
#undef BODY
}

static void backward_chunk(const chunk *k, const void *user)
{
    const backward *b = user;
    switch (b->activation) {
#define MF_ACTIVATION(NAME, name)                                                                  \
    case MF_ACTIVATION_##NAME:                                                                     \
        backward_rows(k, b, MF_ACTIVATION_##NAME);                                                 \
        break;
#include "models/activations.def"
#undef MF_ACTIVATION
    case MF_N_ACTIVATIONS:
        break;
    }
}

void mf_normalise_backward(uint64_t n_pixels, uint64_t n_channels, const float *y,
                           const float *mean, const float *inverse_deviation, const float *gamma,
                           const float *beta, mf_activation activation, const double *sums,
                           const float *da, float *dy)
{
    layout l = layout_of(n_pixels, n_channels);
    backward b = {.y = y,
                  .mean = mean,
                  .inverse = inverse_deviation,
                  .gamma = gamma,
                  .beta = beta,
                  .da = da,
                  .activation = activation,
                  .sums = sums,
                  .n = (double)n_pixels,
                  .dy = dy};
#pragma omp parallel num_threads(mf_team(n_pixels *n_channels *OPERATIONS))
    each_chunk(&l, backward_chunk, &b);
}
