/* y = conv(x, w): the weights are packed once, then every chunk of the map is read, every block of
 * its output pixels gathered (unless the map itself is the matrix), multiplied, and added to the
 * sums of batch norm while in the cache.
 *
 * Add: y = sum(x) + sum(w) - 2 sum(max(x, w)), the first a term per row, the second per column. */
#include "train/kernels/columns.h"
#include "train/kernels/internal.h"
#include "train/kernels/product.h"
#include "train/kernels/read.h"
#include "train/kernels/windows.h"

#include <string.h>

typedef struct job {
    const mf_shape *p;
    mf_family family;
    const mf_map *x;
    const float *w, *bias;
    float *y;
    bool sums;
    mf_unit unit;
    size_t columns, depth, packed, padded; /* of one group; floats of its weights and columns */
    mf_places places;
} job;

/* Bias, and the sum of the column's weights for Add. */
static void column_term(const job *j, size_t group)
{
    float *term = j->places.column + group * j->padded;
    const float *w = j->w + group * j->columns * j->depth;
    for (size_t m = 0; m < j->padded; m++) {
        bool real = m < j->columns;
        double sum = real && j->bias ? (double)j->bias[group * j->columns + m] : 0;
        for (size_t k = 0; real && j->family == MF_FAMILY_ADD && k < j->depth; k++)
            sum += (double)w[k * j->columns + m];
        term[m] = (float)sum;
    }
}

static void pack_share(const job *j)
{
    mf_range share = mf_share(j->depth, 1), groups = mf_share(j->p->g, 1);
    for (size_t g = 0; g < j->p->g; g++) {
        const float *w = j->w + (g * j->depth + share.begin) * j->columns;
        mf_pack(j->places.packed + g * j->packed, j->columns, j->depth, share.begin,
                share.end - share.begin, (mf_matrix){w, j->columns, 1});
    }
    for (size_t g = groups.begin; g < groups.end; g++)
        column_term(j, g);
}

/* Output pixels [begin, begin + n) of a chunk, of one group; y is the chunk's. */
static void run_block(const job *j, mf_windows windows, float *y, float *part, mf_ahead *ahead,
                      size_t group, size_t begin, size_t n)
{
    double *sums = mf_sums_of(&j->places, mf_team_rank()) + group * j->columns;
    const mf_scratch *s = &j->places.layout;
    bool adds = j->family == MF_FAMILY_ADD;
    windows.map += group * windows.depth;
    mf_product product = {.kind = adds ? MF_TILE_MAXIMUM : MF_TILE_PRODUCT,
                          .rows = n,
                          .columns = j->columns,
                          .depth = j->depth,
                          .a = windows.map + begin * windows.pitch,
                          .a_far = windows.pitch,
                          .b = j->places.packed + group * j->packed,
                          .c = y + begin * j->p->m + group * j->columns,
                          .c_row = j->p->m,
                          .column = adds || j->bias ? j->places.column + group * j->padded : NULL,
                          .row = adds ? part + s->row : NULL,
                          .sums = j->sums ? sums : NULL,
                          .squares = sums + j->p->m,
                          .ahead = ahead};
    if (!mf_windows_direct(&windows)) {
        mf_windows_gather(&windows, begin, n, part + s->panel);
        product.a = part + s->panel;
        product.a_far = j->depth;
    }
    if (adds)
        mf_row_sums(n, j->depth, product.a, product.a_far, part + s->row);
    mf_product_run(&product);
}

/* Units [first, first + n); after them the thread has n_next more to do. */
static void run_chunk(const job *j, const mf_reader *reader, float *part, size_t first, size_t n,
                      size_t n_next)
{
    const mf_shape *p = j->p;
    const float *x = mf_read(reader, first * j->unit.in, n * j->unit.in, part + j->places.layout.x);
    float *y = j->y + first * j->unit.out * p->m;
    size_t n_pixels = n * j->unit.out, block = mf_block_rows(j->depth), next = first + n;
    mf_windows windows = mf_windows_of_input(p, x);
    mf_ahead ahead = {.n = 0};
    mf_ahead_add(&ahead, y + n_pixels * p->m, n_next * j->unit.out * p->m);
    mf_ahead_add(&ahead, j->x->y + next * j->unit.in * p->c, n_next * j->unit.in * p->c);
    for (size_t i = 0; i < n_pixels; i += block)
        for (size_t g = 0; g < p->g; g++)
            run_block(j, windows, y, part, &ahead, g, i, mf_least(block, n_pixels - i));
}

static void run_share(const job *j)
{
    const mf_shape *p = j->p;
    size_t thread = mf_team_rank(), chunk = j->unit.chunk;
    float *part = mf_part_of(&j->places, thread);
    double *sums = mf_sums_of(&j->places, thread);
    mf_reader reader = mf_reader_of_map(j->x, p->c, part + j->places.layout.tables);
    if (j->sums)
        memset(sums, 0, 2 * p->m * sizeof *sums);
    mf_range share = mf_share(j->unit.n, j->unit.in == 1 ? MF_LEAST_BLOCK_ROWS : 1);
    for (size_t i = share.begin, n; i < share.end; i += n) {
        n = mf_least(chunk, share.end - i);
        run_chunk(j, &reader, part, i, n, mf_least(chunk, share.end - i - n));
    }
}

static void work(void *user)
{
    const job *j = user;
    pack_share(j);
    mf_team_barrier();
    run_share(j);
}

void mf_gather_sums(const mf_places *places, size_t n_threads, size_t channels,
                    const mf_channel_sums *sums)
{
    for (size_t t = 0; t < n_threads; t++) {
        const double *own = mf_sums_of(places, t);
        for (size_t c = 0; c < channels; c++) {
            sums->sum[c] = own[c] + (t ? sums->sum[c] : 0);
            sums->squares[c] = own[channels + c] + (t ? sums->squares[c] : 0);
        }
    }
}

void mf_conv_forward(const mf_shape *p, mf_family family, const mf_map *x, const float *w,
                     const float *bias, float *y, const mf_channel_sums *sums, float *scratch)
{
    if (mf_is_depthwise(p)) {
        mf_depthwise_forward(p, family, x, w, bias, y, sums, scratch);
        return;
    }
    job j = {.p = p,
             .family = family,
             .x = x,
             .w = w,
             .bias = bias,
             .y = y,
             .sums = sums != NULL,
             .unit = mf_unit_of(p),
             .columns = p->m / p->g,
             .depth = p->r * p->s * (p->c / p->g),
             .places = mf_places_of(p, scratch)};
    j.packed = mf_packed_size(j.columns, j.depth);
    j.padded = mf_packed_size(j.columns, 1);
    size_t n_threads = mf_team_for(mf_shape_macs(p));
    mf_team_run(n_threads, work, &j);
    if (sums)
        mf_gather_sums(&j.places, n_threads, p->m, sums);
}
