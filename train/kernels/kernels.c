/* Which build runs here? Compiled once; MF_HAS_X86_BUILDS says that the AVX2 and AVX-512 builds are
 * linked in beside the portable one. */
#include "train/kernels/kernels.h"

#include "train/kernels/scratch.h"

#include <string.h>

extern const mf_kernels mf_portable_kernels;
#ifdef MF_HAS_X86_BUILDS
extern const mf_kernels mf_avx2_kernels, mf_avx512_kernels;
#endif

/* The n-th build from the best on that this processor runs; NULL after the last. */
static const mf_kernels *nth(size_t n)
{
#ifdef MF_HAS_X86_BUILDS
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && n-- == 0)
        return &mf_avx512_kernels;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && n-- == 0)
        return &mf_avx2_kernels;
#endif
    return n == 0 ? &mf_portable_kernels : NULL;
}

const mf_kernels *mf_kernels_best(void)
{
    return nth(0);
}

const mf_kernels *mf_kernels_named(const char *name)
{
    const mf_kernels *found;
    for (size_t n = 0; (found = nth(n)) != NULL; n++)
        if (!strcmp(name, found->name))
            return found;
    return NULL;
}

uint64_t mf_kernels_scratch(const mf_shape *shape, int n_threads)
{
    return mf_scratch_of(shape, (size_t)n_threads).total;
}
