/* Convolution arithmetic and overflow-checked element counts. */
#include "models/shape.h"

#include <inttypes.h>

uint64_t mf_shape_windows(uint64_t size, uint64_t kernel, uint64_t stride, uint64_t pad,
                          bool ceil_mode)
{
    uint64_t padded = size + 2 * pad;
    if (kernel > padded)
        return 0;
    uint64_t windows = (padded - kernel) / stride + 1;
    bool partial = (padded - kernel) % stride != 0;
    if (ceil_mode && partial && windows * stride < size + pad)
        windows++;
    return windows;
}

uint64_t mf_shape_ifmap(const mf_shape *shape)
{
    return shape->n * shape->c * shape->h * shape->w;
}

uint64_t mf_shape_weights(const mf_shape *shape)
{
    return shape->m * (shape->c / shape->g) * shape->r * shape->s;
}

uint64_t mf_shape_ofmap(const mf_shape *shape)
{
    return shape->n * shape->m * shape->e * shape->f;
}

uint64_t mf_shape_macs(const mf_shape *shape)
{
    return shape->n * shape->e * shape->f * mf_shape_weights(shape);
}

static bool fits(const uint64_t *factors, size_t n)
{
    uint64_t product = 1;
    for (size_t i = 0; i < n; i++)
        if (__builtin_mul_overflow(product, factors[i], &product) || product > MF_LARGEST_COUNT)
            return false;
    return true;
}

mf_status mf_shape_check(const mf_shape *p, mf_diag *diag)
{
    const uint64_t ifmap[] = {p->n, p->c, p->h, p->w};
    const uint64_t ofmap[] = {p->n, p->m, p->e, p->f};
    const uint64_t macs[] = {p->n, p->m, p->c / p->g, p->r, p->s, p->e, p->f};
    if (p->pad_rows > p->r || p->pad_columns > p->s)
        return mf_fail(diag, MF_INVALID,
                       "a padding of %" PRIu64 " by %" PRIu64 " is wider than the %" PRIu64
                       "x%" PRIu64 " kernel",
                       p->pad_rows, p->pad_columns, p->r, p->s);
    if (fits(ifmap, 4) && fits(ofmap, 4) && fits(macs, 7))
        return MF_OK;
    return mf_fail(diag, MF_TOO_LARGE,
                   "N=%" PRIu64 " C=%" PRIu64 " M=%" PRIu64 " %" PRIu64 "x%" PRIu64
                   " input, %" PRIu64 "x%" PRIu64 " kernel: more than 2^53 elements or MACs",
                   p->n, p->c, p->m, p->h, p->w, p->r, p->s);
}
