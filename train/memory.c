/* From the kernel, which gives zeros and takes memory only once it is touched. */
#include "train/memory.h"

#include <stdlib.h>
#include <sys/mman.h>

uint64_t mf_whole_lines(uint64_t n_floats)
{
    return (n_floats + MF_FLOATS_PER_LINE - 1) / MF_FLOATS_PER_LINE * MF_FLOATS_PER_LINE;
}

mf_status mf_memory_take(uint64_t n_floats, float **block, mf_diag *diag)
{
    size_t bytes = n_floats * sizeof(float);
    void *taken = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *block = NULL;
    if (taken == MAP_FAILED)
        return mf_fail(diag, MF_NO_MEMORY, "the model needs %.1f GB: try a smaller batch",
                       (double)bytes * 1e-9);
    madvise(taken, bytes, MADV_HUGEPAGE);
    *block = taken;
    return MF_OK;
}

void mf_memory_give(float *block, uint64_t n_floats)
{
    if (block)
        munmap(block, n_floats * sizeof(float));
}

void mf_claims_at(mf_claims *c, float **pointer, uint64_t offset)
{
    if (c->n == c->capacity) {
        size_t capacity = c->capacity ? 2 * c->capacity : 256;
        mf_claim *more = realloc(c->items, capacity * sizeof *more);
        if (!more) {
            c->failed = true;
            return;
        }
        c->items = more;
        c->capacity = capacity;
    }
    c->items[c->n++] = (mf_claim){pointer, offset};
}

uint64_t mf_claims_reserve(mf_claims *c, uint64_t n)
{
    uint64_t offset = c->n_floats;
    c->n_floats += mf_whole_lines(n);
    return offset;
}

void mf_claims_want(mf_claims *c, float **pointer, uint64_t n)
{
    mf_claims_at(c, pointer, mf_claims_reserve(c, n));
}

void mf_claims_set(const mf_claims *c, float *block)
{
    for (size_t i = 0; i < c->n; i++)
        *c->items[i].pointer = block + c->items[i].offset;
}

void mf_claims_free(mf_claims *c)
{
    free(c->items);
    *c = (mf_claims){0};
}
