/* dx, pixel by pixel and phase by phase (phase.h): each phase of the input is a product of the
 * gathered gradient of the output and turned weights. No sums are scattered, so that threads share
 * nothing.
 *
 * Add: clip(w - x) * g, where x is the input that the result belongs to. */
#include "train/kernels/internal.h"
#include "train/kernels/phase.h"
#include "train/kernels/product.h"
#include "train/kernels/windows.h"

#include <string.h>

typedef struct phase {
    mf_direction rows, columns;
    const float *packed;
} phase;

typedef struct job {
    const mf_shape *p;
    mf_family family;
    const float *x, *w, *g;
    float *dx;
    size_t c, m; /* of one group */
    mf_places places;
} job;

static size_t depth_of(const job *j, const phase *f)
{
    return f->rows.n_taps * f->columns.n_taps * j->m;
}

/* Each group's weights of the phase, transposed: steps are taps and outputs, columns inputs. */
static void pack_share(const job *j, const phase *f, float *packed)
{
    const mf_shape *p = j->p;
    size_t depth = depth_of(j, f), step = 0;
    mf_range share = mf_share(j->m, 1);
    for (size_t g = 0; g < p->g; g++, step = 0, packed += mf_packed_size(j->c, depth))
        for (size_t a = f->rows.n_taps; a-- > 0;)
            for (size_t b = f->columns.n_taps; b-- > 0; step += j->m) {
                size_t r = f->rows.r0 + p->stride * a, s = f->columns.r0 + p->stride * b;
                const float *w = j->w + ((g * p->r + r) * p->s + s) * j->c * j->m;
                mf_pack(packed, j->c, depth, step + share.begin, share.end - share.begin,
                        (mf_matrix){w + share.begin, 1, j->m});
            }
}

static mf_windows windows_of(const job *j, const phase *f)
{
    return (mf_windows){.map = j->g,
                        .rows = j->p->e,
                        .columns = j->p->f,
                        .pitch = j->p->m,
                        .depth = j->m,
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
static void run_block(const job *j, const phase *f, float *panel, size_t group, size_t begin,
                      size_t n, const float *x, float *dx)
{
    const mf_shape *p = j->p;
    size_t depth = depth_of(j, f);
    mf_windows windows = windows_of(j, f);
    windows.map += group * j->m;
    bool clips = j->family == MF_FAMILY_ADD;
    mf_product product = {.kind = clips ? MF_TILE_CLIP : MF_TILE_PRODUCT,
                          .rows = n,
                          .columns = j->c,
                          .depth = depth,
                          .a = windows.map + begin * windows.pitch,
                          .a_far = windows.pitch,
                          .b = f->packed + group * mf_packed_size(j->c, depth),
                          .x = clips ? x + group * j->c : NULL,
                          .x_row = p->c,
                          .c = dx + group * j->c,
                          .c_row = p->c};
    if (!mf_windows_direct(&windows)) {
        mf_windows_gather(&windows, begin, n, panel);
        product.a = panel;
        product.a_far = depth;
    }
    mf_product_run(&product);
}

static void run_apart(const job *j, const phase *f, float *part, size_t begin, size_t n)
{
    const mf_shape *p = j->p;
    float *dx = part + j->places.layout.out, *x = dx + n * p->c;
    for (size_t i = 0; i < n && j->family == MF_FAMILY_ADD; i++)
        memcpy(x + i * p->c, j->x + pixel_of(p, f, begin + i) * p->c, p->c * sizeof *x);
    for (size_t g = 0; g < p->g; g++)
        run_block(j, f, part + j->places.layout.panel, g, begin, n, x, dx);
    for (size_t i = 0; i < n; i++)
        memcpy(j->dx + pixel_of(p, f, begin + i) * p->c, dx + i * p->c, p->c * sizeof *dx);
}

static void run_share(const job *j, const phase *f)
{
    const mf_shape *p = j->p;
    float *part = mf_part_of(&j->places, (size_t)omp_get_thread_num());
    size_t block = mf_block_rows(depth_of(j, f));
    mf_range share = mf_share(p->n * f->rows.n_out * f->columns.n_out, MF_LEAST_BLOCK_ROWS);
    for (size_t i = share.begin; i < share.end; i += block) {
        size_t n = share.end - i < block ? share.end - i : block;
        if (p->stride > 1) {
            run_apart(j, f, part, i, n);
            continue;
        }
        for (size_t g = 0; g < p->g; g++)
            run_block(j, f, part + j->places.layout.panel, g, i, n, j->x ? j->x + i * p->c : NULL,
                      j->dx + i * p->c);
    }
}

/* All phases; first their weights, then, after everybody is done with them, their pixels. */
static void each_phase(const job *j, bool packs)
{
    const mf_shape *p = j->p;
    float *packed = j->places.packed;
    for (size_t a = 0; a < p->stride; a++)
        for (size_t b = 0; b < p->stride; b++) {
            phase f = {mf_direction_of(a, p->h, p->r, p->pad_rows, p->stride),
                       mf_direction_of(b, p->w, p->s, p->pad_columns, p->stride), packed};
            if (packs)
                pack_share(j, &f, packed);
            else
                run_share(j, &f);
            packed += p->g * mf_packed_size(j->c, depth_of(j, &f));
        }
}

void mf_conv_backward_input(const mf_shape *p, mf_family family, const float *x, const float *w,
                            const float *g, float *dx, float *scratch)
{
    if (mf_is_depthwise(p)) {
        if (family == MF_FAMILY_MULT)
            mf_depthwise_input(p, w, g, dx, scratch);
        else
            mf_depthwise_add_input(p, x, w, g, dx);
        return;
    }
    job j = {.p = p,
             .family = family,
             .x = x,
             .w = w,
             .g = g,
             .dx = dx,
             .c = p->c / p->g,
             .m = p->m / p->g,
             .places = mf_places_of(p, scratch)};
#pragma omp parallel num_threads(mf_team(mf_shape_macs(p)))
    {
        each_phase(&j, true);
#pragma omp barrier
        each_phase(&j, false);
    }
}
