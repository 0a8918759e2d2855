/* What does one vector instruction do? The thin layer between the kernels and the instruction set:
 * a vector of MF_LANES floats (vf) with the operators + - * of GCC's vector extension, loads and
 * stores of all or of the first few lanes (vm), and the few operations that need an intrinsic. */
#ifndef MF_TRAIN_KERNELS_VECTOR_H
#define MF_TRAIN_KERNELS_VECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined __AVX2__
#include <immintrin.h>
#endif

#define MF_INLINE static inline __attribute__((always_inline, unused))

/* Loops over constants unroll, so that arrays become registers; four steps of a long sum at a time.
 * With a check before every access that is more than the compiler can chew (minutes per file): then
 * loops stay loops. */
#ifdef MF_SANITIZED
#define MF_UNROLL
#define MF_UNROLL_STEPS
#else
#define MF_UNROLL       _Pragma("GCC unroll 16")
#define MF_UNROLL_STEPS _Pragma("GCC unroll 4")
#endif

#if defined __AVX512F__ && defined __AVX512DQ__

enum { MF_LANES = 16 };
typedef __m512 vf;
typedef __mmask16 vm;

/* All lanes the same; the lanes before n (1 <= n <= MF_LANES). */
MF_INLINE vf v_all(float x)
{
    return _mm512_set1_ps(x);
}
MF_INLINE vm v_first(size_t n)
{
    return (vm)(0xffffu >> (16 - n));
}
MF_INLINE vf v_load(const float *p)
{
    return _mm512_loadu_ps(p);
}
MF_INLINE void v_store(float *p, vf x)
{
    _mm512_storeu_ps(p, x);
}
/* Only the lanes of the mask touch memory; the others read as 0. */
MF_INLINE vf v_load_some(vm mask, const float *p)
{
    return _mm512_maskz_loadu_ps(mask, p);
}
MF_INLINE void v_store_some(vm mask, float *p, vf x)
{
    _mm512_mask_storeu_ps(p, mask, x);
}
MF_INLINE vf v_fma(vf a, vf b, vf c)
{
    return _mm512_fmadd_ps(a, b, c);
}
MF_INLINE vf v_max(vf a, vf b)
{
    return _mm512_max_ps(a, b);
}
MF_INLINE vf v_min(vf a, vf b)
{
    return _mm512_min_ps(a, b);
}
/* min(max(x, -1), 1): the number of smaller magnitude with the sign of x, one instruction. */
MF_INLINE vf v_clip(vf x)
{
    return _mm512_range_ps(x, _mm512_set1_ps(1), 2);
}
MF_INLINE vf v_abs(vf x)
{
    return _mm512_abs_ps(x);
}
MF_INLINE vf v_floor(vf x)
{
    return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
}
/* x > y ? a : b. */
MF_INLINE vf v_if_greater(vf x, vf y, vf a, vf b)
{
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, y, _CMP_GT_OQ), b, a);
}
/* The sum of all lanes. */
MF_INLINE float v_sum(vf x)
{
    return _mm512_reduce_add_ps(x);
}

#elif defined __AVX2__ && defined __FMA__

enum { MF_LANES = 8 };
typedef __m256 vf;
typedef __m256i vm;

MF_INLINE vf v_all(float x)
{
    return _mm256_set1_ps(x);
}
MF_INLINE vm v_first(size_t n)
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), lane);
}
MF_INLINE vf v_load(const float *p)
{
    return _mm256_loadu_ps(p);
}
MF_INLINE void v_store(float *p, vf x)
{
    _mm256_storeu_ps(p, x);
}
MF_INLINE vf v_load_some(vm mask, const float *p)
{
    return _mm256_maskload_ps(p, mask);
}
MF_INLINE void v_store_some(vm mask, float *p, vf x)
{
    _mm256_maskstore_ps(p, mask, x);
}
MF_INLINE vf v_fma(vf a, vf b, vf c)
{
    return _mm256_fmadd_ps(a, b, c);
}
MF_INLINE vf v_max(vf a, vf b)
{
    return _mm256_max_ps(a, b);
}
MF_INLINE vf v_min(vf a, vf b)
{
    return _mm256_min_ps(a, b);
}
MF_INLINE vf v_clip(vf x)
{
    return _mm256_min_ps(_mm256_max_ps(x, _mm256_set1_ps(-1)), _mm256_set1_ps(1));
}
MF_INLINE vf v_abs(vf x)
{
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x);
}
MF_INLINE vf v_floor(vf x)
{
    return _mm256_floor_ps(x);
}
MF_INLINE vf v_if_greater(vf x, vf y, vf a, vf b)
{
    return _mm256_blendv_ps(b, a, _mm256_cmp_ps(x, y, _CMP_GT_OQ));
}
MF_INLINE float v_sum(vf x)
{
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1)),
           two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#else

enum { MF_LANES = 4 };
typedef float vf __attribute__((vector_size(16)));
typedef int32_t vi __attribute__((vector_size(16)));
typedef size_t vm;

MF_INLINE vf v_all(float x)
{
    return (vf){x, x, x, x};
}
MF_INLINE vm v_first(size_t n)
{
    return n;
}
MF_INLINE vf v_load(const float *p)
{
    vf x;
    __builtin_memcpy(&x, p, sizeof x);
    return x;
}
MF_INLINE void v_store(float *p, vf x)
{
    __builtin_memcpy(p, &x, sizeof x);
}
MF_INLINE vf v_load_some(vm mask, const float *p)
{
    vf x = {p[0], 0, 0, 0};
    for (size_t i = 1; i < mask; i++)
        x[i] = p[i];
    return x;
}
MF_INLINE void v_store_some(vm mask, float *p, vf x)
{
    for (size_t i = 0; i < mask; i++)
        p[i] = x[i];
}
MF_INLINE vf v_if_greater(vf x, vf y, vf a, vf b)
{
    vi yes = x > y;
    return (vf)((yes & (vi)a) | (~yes & (vi)b));
}
MF_INLINE vf v_fma(vf a, vf b, vf c)
{
    return a * b + c;
}
MF_INLINE vf v_max(vf a, vf b)
{
    return v_if_greater(a, b, a, b);
}
MF_INLINE vf v_min(vf a, vf b)
{
    return v_if_greater(b, a, a, b);
}
MF_INLINE vf v_clip(vf x)
{
    return v_min(v_max(x, v_all(-1)), v_all(1));
}
MF_INLINE vf v_abs(vf x)
{
    return (vf)((vi)x & INT32_MAX);
}
MF_INLINE vf v_floor(vf x)
{
    for (int i = 0; i < MF_LANES; i++)
        x[i] = __builtin_floorf(x[i]);
    return x;
}
MF_INLINE float v_sum(vf x)
{
    return (x[0] + x[2]) + (x[1] + x[3]);
}

#endif

/* As many doubles, in whatever number of registers; not passed between functions, because how that
 * is done depends on the instruction set. */
typedef double vd __attribute__((vector_size(8 * MF_LANES)));
#define V_DOUBLES(x) __builtin_convertvector(x, vd)

MF_INLINE vf v_zero(void)
{
    return v_all(0);
}

/* A vector of which only the lanes of `mask` exist in memory, or all of them. */
MF_INLINE vf v_load_if(int some, vm mask, const float *p)
{
    return some ? v_load_some(mask, p) : v_load(p);
}
MF_INLINE void v_store_if(int some, vm mask, float *p, vf x)
{
    if (some)
        v_store_some(mask, p, x);
    else
        v_store(p, x);
}

MF_INLINE size_t mf_least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Vectors that hold n floats, and the mask of the last of them. */
MF_INLINE size_t mf_vectors(size_t n)
{
    return (n + MF_LANES - 1) / MF_LANES;
}
MF_INLINE vm mf_last_mask(size_t n)
{
    return v_first(n - (mf_vectors(n) - 1) * MF_LANES);
}

/* n floats, fewer than MF_LANES. Without mask registers a masked store is slower than single
 * floats, on some processors ten times.
 */
MF_INLINE void v_copy_few(size_t n, const float *from, float *to)
{
#if defined __AVX512F__ && defined __AVX512DQ__
    if (n)
        v_store_some(v_first(n), to, v_load_some(v_first(n), from));
#else
    for (size_t i = 0; i < n; i++)
        to[i] = from[i];
#endif
}

/* y = x + z, numbers that stand alone; y may be one of them. */
MF_INLINE void v_add_arrays(size_t n, const float *x, const float *z, float *y)
{
    size_t i = 0;
    for (; i + MF_LANES <= n; i += MF_LANES)
        v_store(y + i, v_load(x + i) + v_load(z + i));
    for (; i < n; i++)
        y[i] = x[i] + z[i];
}

#endif
