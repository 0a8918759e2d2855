/* dx, pixel by pixel and phase by phase (phase.h): each phase of the input is a product of the
 * gathered gradient of the output and turned weights. No sums are scattered, so that threads share
 * nothing.
 *
 * Add: clip(w - x) * g, where x is the input that the result belongs to. */
#include "train/kernels/conv_parts.h"
#include "train/kernels/phase.h"
#include "train/kernels/product.h"
#include "train/kernels/windows.h"

#include <string.h>

typedef struct phase {
    mf_direction rows, columns;
    const float *packed;
} phase;

static size_t depth_of(const mf_dense *d, const phase *f)
{
    return f->rows.n_taps * f->columns.n_taps * d->m;
}

/* Each group's weights of the phase, transposed: steps are taps and outputs, columns inputs. */
static void pack_share(const mf_dense *d, const phase *f, float *packed)
{
    const mf_shape *p = d->p;
    size_t depth = depth_of(d, f), step = 0;
    mf_range share = mf_share(d->m, 1);
    for (size_t g = 0; g < p->g; g++, step = 0, packed += mf_packed_size(d->c, depth))
        for (size_t a = f->rows.n_taps; a-- > 0;)
            for (size_t b = f->columns.n_taps; b-- > 0; step += d->m) {
                size_t r = f->rows.r0 + p->stride * a, s = f->columns.r0 + p->stride * b;
                const float *w = d->b->w + ((g * p->r + r) * p->s + s) * d->c * d->m;
                mf_pack(packed, d->c, depth, step + share.begin, share.end - share.begin,
                        (mf_matrix){w + share.begin, 1, d->m});
            }
}

static mf_windows windows_of(const mf_dense *d, const phase *f, const float *g)
{
    return (mf_windows){.map = g,
                        .rows = d->p->e,
                        .columns = d->p->f,
                        .pitch = d->p->m,
                        .depth = d->m,
                        .tap_rows = f->rows.n_taps,
                        .tap_columns = f->columns.n_taps,
                        .stride = 1,
                        .first_row = f->rows.first,
                        .first_column = f->columns.first,
                        .out_rows = f->rows.n_out,
                        .out_columns = f->columns.n_out};
}

/* Where the pixels of a phase lie: all maps with a stride are copied to and from. */
static size_t pixel_of(const mf_shape *p, const phase *f, size_t i)
{
    size_t out = f->rows.n_out * f->columns.n_out, image = i / out,
           row = i % out / f->columns.n_out * p->stride + f->rows.phase,
           column = i % f->columns.n_out * p->stride + f->columns.phase;
    return (image * p->h + row) * p->w + column;
}

/* Pixels [begin, begin + n) of the phase, of one group; x and dx are those of the first pixel. */
static void run_block(const mf_dense *d, const phase *f, const mf_chunk *chunk, size_t group,
                      size_t begin, size_t n, const float *x, float *dx)
{
    float *panel = chunk->part + d->places.layout.panel;
    const mf_shape *p = d->p;
    size_t depth = depth_of(d, f);
    mf_windows windows = windows_of(d, f, chunk->g);
    windows.map += group * d->m;
    bool clips = d->b->family == MF_FAMILY_ADD;
    mf_product product = {.kind = clips ? MF_TILE_CLIP : MF_TILE_PRODUCT,
                          .rows = n,
                          .columns = d->c,
                          .depth = depth,
                          .a = windows.map + begin * windows.pitch,
                          .a_far = windows.pitch,
                          .b = f->packed + group * mf_packed_size(d->c, depth),
                          .x = clips ? x + group * d->c : NULL,
                          .x_row = p->c,
                          .c = dx + group * d->c,
                          .c_row = p->c,
                          .ahead = chunk->ahead};
    if (!mf_windows_direct(&windows)) {
        mf_windows_gather(&windows, begin, n, panel);
        product.a = panel;
        product.a_far = depth;
    }
    mf_product_run(&product);
}

/* With a stride, pixels of a phase lie apart: they are brought together and spread again. */
static void run_apart(const mf_dense *d, const phase *f, const mf_chunk *chunk, size_t begin,
                      size_t n, float *dx)
{
    const mf_shape *p = d->p;
    float *results = chunk->part + d->places.layout.out, *inputs = results + n * p->c;
    for (size_t i = 0; i < n && d->b->family == MF_FAMILY_ADD; i++)
        memcpy(inputs + i * p->c, chunk->x + pixel_of(p, f, begin + i) * p->c,
               p->c * sizeof *inputs);
    for (size_t group = 0; group < p->g; group++)
        run_block(d, f, chunk, group, begin, n, inputs, results);
    for (size_t i = 0; i < n; i++)
        memcpy(dx + pixel_of(p, f, begin + i) * p->c, results + i * p->c, p->c * sizeof *dx);
}

static void run_phase(const mf_dense *d, const phase *f, const mf_chunk *chunk, float *dx)
{
    const mf_shape *p = d->p;
    size_t block = mf_block_rows(depth_of(d, f)),
           n_pixels = chunk->units * d->unit.in * f->rows.n_out * f->columns.n_out / (p->h * p->w);
    for (size_t i = 0; i < n_pixels; i += block) {
        size_t n = mf_least(block, n_pixels - i);
        if (p->stride > 1) {
            run_apart(d, f, chunk, i, n, dx);
            continue;
        }
        for (size_t group = 0; group < p->g; group++)
            run_block(d, f, chunk, group, i, n, chunk->x + i * p->c, dx + i * p->c);
    }
}

/* The n-th phase, and where its weights are. */
static phase phase_of(const mf_dense *d, size_t a, size_t b, float *packed)
{
    const mf_shape *p = d->p;
    return (phase){mf_direction_of(a, p->h, p->r, p->pad_rows, p->stride),
                   mf_direction_of(b, p->w, p->s, p->pad_columns, p->stride), packed};
}

static size_t packed_floats(const mf_dense *d, const phase *f)
{
    return d->p->g * mf_packed_size(d->c, depth_of(d, f));
}

void mf_input_pack(const mf_dense *d)
{
    float *packed = d->places.packed;
    for (size_t a = 0; a < d->p->stride; a++)
        for (size_t b = 0; b < d->p->stride; b++) {
            phase f = phase_of(d, a, b, packed);
            pack_share(d, &f, packed);
            packed += packed_floats(d, &f);
        }
}

void mf_input_chunk(const mf_dense *d, const mf_chunk *chunk, float *dx)
{
    float *packed = d->places.packed;
    for (size_t a = 0; a < d->p->stride; a++)
        for (size_t b = 0; b < d->p->stride; b++) {
            phase f = phase_of(d, a, b, packed);
            run_phase(d, &f, chunk, dx);
            packed += packed_floats(d, &f);
        }
}
