/* What is in an array that numpy.save wrote, and which bytes does numpy.load take back? The .npy
 * format in memory; a .npz is a zip archive (base/zip.h) of these.
 *
 *   \x93NUMPY  major minor  n  {'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }  items
 *
 * Only plain little-endian numbers in C order: what is none of that fails with a line that says
 * what to convert it to. Reading trusts nothing: it looks at no byte outside those it was given,
 * takes no memory, and its time grows with the length of the header alone.
 * Source: numpy's documentation, "numpy.lib.format", versions 1.0, 2.0 and 3.0. */
#ifndef MF_BASE_NPY_H
#define MF_BASE_NPY_H

#include "base/arena.h"
#include "base/status.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(NAME, numpy's name of it, C type): the only list of item types. */
#define MF_NPY_INTEGERS(X)                                                                         \
    X(I8, "|i1", int8_t)                                                                           \
    X(U8, "|u1", uint8_t)                                                                          \
    X(I16, "<i2", int16_t)                                                                         \
    X(I32, "<i4", int32_t)                                                                         \
    X(I64, "<i8", int64_t)
#define MF_NPY_TYPES(X) MF_NPY_INTEGERS(X) X(F32, "<f4", float)

typedef enum mf_npy_type {
#define MF_NPY_TYPE(name, descr, c_type) MF_NPY_##name,
    MF_NPY_TYPES(MF_NPY_TYPE)
#undef MF_NPY_TYPE
        MF_N_NPY_TYPES
} mf_npy_type;

enum { MF_NPY_MAX_DIMENSIONS = 8 };

/* An array. `size` lists the dimensions, outermost first; no dimensions are one item, a dimension
 * of zero is none. `items` are in C order, the last dimension varying fastest, and belong to
 * whoever owns the bytes they came from. They may lie at any address: take them out with memcpy or
 * mf_npy_integer, never through a pointer to their type. */
typedef struct mf_npy {
    mf_npy_type type;
    size_t n_dimensions;
    uint64_t size[MF_NPY_MAX_DIMENSIONS];
    uint64_t n_items;
    const void *items;
} mf_npy;

/* "<i4"; the bytes of one item; whether mf_npy_integer reads it. */
const char *mf_npy_type_name(mf_npy_type type);
size_t mf_npy_item_bytes(mf_npy_type type);
bool mf_npy_is_integer(mf_npy_type type);

/* Read the array that `bytes` are, no more and no less of them; `array->items` points into `bytes`.
 * MF_MALFORMED with a message that begins with `name` for anything else, with `array` left as it
 * was. No product of sizes overflows an int64_t, in bytes or in items, even where other dimensions
 * are zero. */
mf_status mf_npy_parse(const char *name, const void *bytes, size_t n_bytes, mf_npy *array,
                       mf_diag *diag);

/* The item at `index` < n_items, in C order, of an array of integers. */
int64_t mf_npy_integer(const mf_npy *array, uint64_t index);

/* The bytes that numpy.save writes for this array, a header of 128 bytes and the items, owned by
 * the arena. `n_items` is not read: it follows from the sizes. `items` may be NULL where there are
 * none. MF_INVALID for too many dimensions, MF_TOO_LARGE where the sizes overflow. */
mf_status mf_npy_format(const mf_npy *array, mf_arena *arena, void **bytes, size_t *n_bytes,
                        mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
