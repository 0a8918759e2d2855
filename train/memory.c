/* From the kernel, which gives zeros and takes memory only once it is touched. */
#include "train/memory.h"

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
