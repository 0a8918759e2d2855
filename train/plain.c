/* Loops as the definitions have them, image by image over the team: next to convolutions these
 * layers are rare and small. */
#include "train/plain.h"

#include "base/team.h"

#include <math.h>
#include <string.h>

/* What all of them work on; each uses what it needs. */
typedef struct job {
    const mf_shape *p, *from;
    const float *x, *other;
    const uint32_t *arg;
    float *y;
    uint32_t *arg_out;
} job;

static void run(const job *j, void (*range)(void *user, size_t begin, size_t end))
{
    job copy = *j;
    mf_team_split(j->p->n, range, &copy);
}

/* ---- pools -------------------------------------------------------------------------------------
 */

/* One pixel of a pool: the window's part inside the map. */
static void pool_pixel(const mf_shape *p, const float *x, uint64_t e, uint64_t f, float *y,
                       uint32_t *arg)
{
    uint64_t inside = 0;
    for (uint64_t c = 0; c < p->c; c++)
        y[c] = arg ? -INFINITY : 0;
    for (uint64_t r = 0; r < p->r; r++)
        for (uint64_t s = 0; s < p->s; s++) {
            uint64_t row = e * p->stride + r - p->pad_rows,
                     column = f * p->stride + s - p->pad_columns;
            if (row >= p->h || column >= p->w) /* also where the difference is negative */
                continue;
            const float *from = x + (row * p->w + column) * p->c;
            inside++;
            for (uint64_t c = 0; c < p->c; c++) {
                if (!arg) {
                    y[c] += from[c];
                } else if (from[c] > y[c]) {
                    y[c] = from[c];
                    arg[c] = (uint32_t)(row * p->w + column);
                }
            }
        }
    for (uint64_t c = 0; c < p->c && !arg && inside; c++)
        y[c] /= (float)inside;
}

static void pool_range(void *user, size_t begin, size_t end)
{
    const job *j = user;
    const mf_shape *p = j->p;
    for (size_t i = begin; i < end; i++)
        for (uint64_t e = 0; e < p->e; e++)
            for (uint64_t f = 0; f < p->f; f++) {
                uint64_t at = ((i * p->e + e) * p->f + f) * p->c;
                pool_pixel(p, j->x + i * p->h * p->w * p->c, e, f, j->y + at,
                           j->arg_out ? j->arg_out + at : NULL);
            }
}

void mf_plain_pool(const mf_shape *p, const float *x, float *y, uint32_t *arg)
{
    run(&(job){.p = p, .x = x, .y = y, .arg_out = arg}, pool_range);
}

/* An average pool gives each element of the window its share, a maximum pool all to the winner. */
static void pool_image(const mf_shape *p, const float *g, const uint32_t *arg, float *dx)
{
    memset(dx, 0, p->h * p->w * p->c * sizeof *dx);
    for (uint64_t e = 0; e < p->e; e++)
        for (uint64_t f = 0; f < p->f; f++, g += p->c, arg += arg ? p->c : 0) {
            uint64_t top = e * p->stride, left = f * p->stride, low = p->pad_rows,
                     side = p->pad_columns;
            uint64_t r0 = top < low ? low - top : 0, s0 = left < side ? side - left : 0,
                     r1 = p->h + low - top < p->r ? p->h + low - top : p->r,
                     s1 = p->w + side - left < p->s ? p->w + side - left : p->s;
            float share = 1 / (float)((r1 - r0) * (s1 - s0));
            if (arg) {
                for (uint64_t c = 0; c < p->c; c++)
                    dx[arg[c] * p->c + c] += g[c];
                continue;
            }
            for (uint64_t r = r0; r < r1; r++)
                for (uint64_t k = s0; k < s1; k++)
                    for (uint64_t c = 0; c < p->c; c++)
                        dx[((top + r - low) * p->w + left + k - side) * p->c + c] += share * g[c];
        }
}

static void pool_backward_range(void *user, size_t begin, size_t end)
{
    const job *j = user;
    const mf_shape *p = j->p;
    uint64_t in = p->h * p->w * p->c, out = p->e * p->f * p->c;
    for (size_t i = begin; i < end; i++)
        pool_image(p, j->x + i * out, j->arg ? j->arg + i * out : NULL, j->y + i * in);
}

void mf_plain_pool_backward(const mf_shape *p, const float *g, const uint32_t *arg, float *dx)
{
    run(&(job){.p = p, .x = g, .arg = arg, .y = dx}, pool_backward_range);
}

static void global_range(void *user, size_t begin, size_t end)
{
    const job *j = user;
    const mf_shape *p = j->p;
    uint64_t n_pixels = p->h * p->w;
    float share = 1 / (float)n_pixels;
    for (size_t i = begin; i < end; i++) {
        float *y = j->y + i * p->c;
        const float *from = j->x + i * n_pixels * p->c;
        memset(y, 0, p->c * sizeof *y);
        for (uint64_t k = 0; k < n_pixels; k++, from += p->c)
            for (uint64_t c = 0; c < p->c; c++)
                y[c] += from[c];
        for (uint64_t c = 0; c < p->c; c++)
            y[c] *= share;
    }
}

void mf_plain_global_pool(const mf_shape *p, const float *x, float *y)
{
    run(&(job){.p = p, .x = x, .y = y}, global_range);
}

static void global_backward_range(void *user, size_t begin, size_t end)
{
    const job *j = user;
    const mf_shape *p = j->p;
    uint64_t n_pixels = p->h * p->w;
    float share = 1 / (float)n_pixels;
    for (size_t i = begin; i < end; i++)
        for (uint64_t k = 0; k < n_pixels; k++)
            for (uint64_t c = 0; c < p->c; c++)
                j->y[(i * n_pixels + k) * p->c + c] = share * j->x[i * p->c + c];
}

void mf_plain_global_pool_backward(const mf_shape *p, const float *g, float *dx)
{
    run(&(job){.p = p, .x = g, .y = dx}, global_backward_range);
}

/* ---- scaling -----------------------------------------------------------------------------------
 */

static void scale_range(void *user, size_t begin, size_t end)
{
    const job *j = user;
    const mf_shape *p = j->p;
    uint64_t n_pixels = p->h * p->w;
    for (size_t i = begin; i < end; i++)
        for (uint64_t k = 0; k < n_pixels; k++) {
            uint64_t at = (i * n_pixels + k) * p->c;
            for (uint64_t c = 0; c < p->c; c++)
                j->y[at + c] = j->x[at + c] * j->other[i * p->c + c];
        }
}

void mf_plain_scale(const mf_shape *p, const float *factors, const float *x, float *y)
{
    run(&(job){.p = p, .x = x, .other = factors, .y = y}, scale_range);
}

static void factors_range(void *user, size_t begin, size_t end)
{
    const job *j = user;
    const mf_shape *p = j->p;
    uint64_t n_pixels = p->h * p->w;
    for (size_t i = begin; i < end; i++) {
        float *d = j->y + i * p->c;
        memset(d, 0, p->c * sizeof *d);
        for (uint64_t k = 0; k < n_pixels; k++)
            for (uint64_t c = 0; c < p->c; c++) {
                uint64_t at = (i * n_pixels + k) * p->c + c;
                d[c] += j->other[at] * j->x[at];
            }
    }
}

void mf_plain_scale_factors(const mf_shape *p, const float *x, const float *g, float *dfactors)
{
    run(&(job){.p = p, .x = x, .other = g, .y = dfactors}, factors_range);
}

/* ---- shortcuts ---------------------------------------------------------------------------------
 */

/* 9 rows to 5 is every second one. */
static uint64_t stride_of(const mf_shape *p, const mf_shape *from)
{
    return (from->e + p->h - 1) / p->h;
}

static void padded_range(void *user, size_t begin, size_t end)
{
    const job *j = user;
    const mf_shape *p = j->p, *from = j->from;
    uint64_t stride = stride_of(p, from), before = (p->c - from->m) / 2;
    for (size_t i = begin; i < end; i++)
        for (uint64_t h = 0; h < p->h; h++)
            for (uint64_t w = 0; w < p->w; w++) {
                uint64_t at = ((i * p->h + h) * p->w + w) * p->c,
                         there = ((i * from->e + h * stride) * from->f + w * stride) * from->m;
                for (uint64_t c = 0; c < p->c; c++) {
                    bool inside = c >= before && c < before + from->m;
                    j->y[at + c] = j->x[at + c] + (inside ? j->other[there + c - before] : 0);
                }
            }
}

void mf_plain_padded(const mf_shape *p, const mf_shape *from, const float *x, const float *shortcut,
                     float *y)
{
    run(&(job){.p = p, .from = from, .x = x, .other = shortcut, .y = y}, padded_range);
}

static void padded_backward_range(void *user, size_t begin, size_t end)
{
    const job *j = user;
    const mf_shape *p = j->p, *from = j->from;
    uint64_t stride = stride_of(p, from), before = (p->c - from->m) / 2;
    for (size_t i = begin; i < end; i++)
        for (uint64_t h = 0; h < p->h; h++)
            for (uint64_t w = 0; w < p->w; w++) {
                const float *g = j->x + ((i * p->h + h) * p->w + w) * p->c + before;
                float *to = j->y + ((i * from->e + h * stride) * from->f + w * stride) * from->m;
                for (uint64_t c = 0; c < from->m; c++)
                    to[c] = g[c];
            }
}

void mf_plain_padded_backward(const mf_shape *p, const mf_shape *from, const float *g,
                              float *dshortcut)
{
    memset(dshortcut, 0, mf_shape_ofmap(from) * sizeof *dshortcut);
    run(&(job){.p = p, .from = from, .x = g, .y = dshortcut}, padded_backward_range);
}
