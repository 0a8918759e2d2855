/* One thread's readers, sums and place for dx, out of its part of the scratch; and the sums of all
 * threads, added in the order of their ranks. */
#include "train/kernels/backward.h"

#include "train/kernels/columns.h"
#include "train/kernels/vector.h"

#include <string.h>

static bool sums_g(const mf_conv_gradients *b)
{
    return b->db || b->family == MF_FAMILY_ADD;
}

mf_gradient_pass mf_gradient_pass_begin(const mf_conv_gradients *b, const mf_places *places)
{
    size_t thread = mf_team_rank(), c = b->shape->c, m = b->shape->m;
    float *part = mf_part_of(places, thread), *tables = part + places->layout.tables,
          *of_summer = tables + MF_READER_TABLES * mf_row_floats(c),
          *of_g = of_summer + MF_SUMMER_TABLES * mf_row_floats(c);
    double *sums = mf_sums_of(places, thread);
    mf_gradient_pass pass = {.b = b,
                             .part = part,
                             .layout = &places->layout,
                             .x = mf_reader_of_map(&b->x, c, tables),
                             .g = mf_reader_of_gradient(&b->g, m, of_g),
                             .g_sums = sums + 2 * c};
    memset(sums, 0, (2 * c + m) * sizeof *sums);
    if (b->norm.sum)
        pass.summer = mf_summer_of(&b->x, b->norm.mean, c, of_summer, sums);
    return pass;
}

void mf_gradient_pass_sum(mf_gradient_pass *pass, size_t n_pixels, const float *g)
{
    size_t m = pass->b->shape->m;
    if (sums_g(pass->b))
        mf_column_sum(n_pixels, m, g, m, pass->g_sums);
}

float *mf_gradient_pass_dx(const mf_gradient_pass *pass, size_t first)
{
    if (pass->b->adds)
        return pass->part + pass->layout->dx;
    return pass->b->dx + first * pass->b->shape->c;
}

void mf_gradient_pass_done(mf_gradient_pass *pass, size_t first, size_t n_pixels, float *dx)
{
    size_t c = pass->b->shape->c;
    float *all = pass->b->dx + first * c;
    if (pass->b->x.signs)
        mf_pass_signs(&pass->x, first, n_pixels, dx);
    if (pass->b->adds)
        v_add_arrays(n_pixels * c, dx, all, all);
    if (pass->b->norm.sum)
        mf_summer_add(&pass->summer, first, n_pixels, all);
}

void mf_gradient_pass_end(mf_gradient_pass *pass)
{
    if (pass->b->norm.sum)
        mf_summer_end(&pass->summer);
}

const double *mf_gradient_pass_gather(const mf_conv_gradients *b, const mf_places *places,
                                      size_t n_threads)
{
    size_t c = b->shape->c, m = b->shape->m;
    double *all = mf_sums_of(places, 0);
    for (size_t t = 1; t < n_threads; t++) {
        const double *own = mf_sums_of(places, t);
        for (size_t i = 0; i < 2 * c + m; i++)
            all[i] += own[i];
    }
    if (b->norm.sum) {
        memcpy(b->norm.sum, all, c * sizeof *all);
        memcpy(b->norm.product, all + c, c * sizeof *all);
    }
    for (size_t i = 0; i < m && b->db; i++)
        b->db[i] = (float)all[2 * c + i];
    return all + 2 * c;
}
