/* How does a source of pictures fill a set? It finds its files, makes an empty set of the right
 * size, and writes pixels and labels into it. For the sources themselves and their tests. */
#ifndef MF_TRAIN_DATA_SOURCE_H
#define MF_TRAIN_DATA_SOURCE_H

#include "base/arena.h"
#include "train/data/data.h"

#ifdef __cplusplus
extern "C" {
#endif

/* mf_source_<name>(where, options, &pictures, diag): load from `where`, the text after the colon.
 */
#define MF_SOURCE(name, usage, about)                                                              \
    mf_status mf_source_##name(const char *where, const mf_pictures_options *options,              \
                               mf_pictures **pictures, mf_diag *diag);
#include "train/data/sources.def"
#undef MF_SOURCE

/* A set of black pictures of class 0. MF_INVALID for sizes out of range, MF_TOO_LARGE for more than
 * memory can address. `name` is copied. */
mf_status mf_pictures_create(const char *name, size_t n, uint32_t rows, uint32_t columns,
                             uint32_t channels, uint32_t n_classes, mf_pictures **pictures,
                             mf_diag *diag);

/* The names in a folder, sorted by bytes, without hidden ones. Owned by the arena. */
mf_status mf_list_folder(const char *path, mf_arena *arena, const char ***names, size_t *n,
                         mf_diag *diag);
bool mf_is_folder(const char *path);

/* Read `folder`/`name`, or if that does not exist `folder`/`name`.gz; `*path` is the one read. */
mf_status mf_read_either(const char *folder, const char *name, mf_arena *arena, const char **path,
                         char **bytes, size_t *n_bytes, mf_diag *diag);

/* Name the classes by the lines of `folder`/`name`; empty lines do not count. Without such a file
 * they stay nameless; another number of lines than classes is MF_INVALID. */
mf_status mf_pictures_name_classes(mf_pictures *pictures, const char *folder, const char *name,
                                   mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
