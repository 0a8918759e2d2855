/* What sources do with files: list folders, read one that may be packed, read class names. */
#include "train/data/source.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Doubling arrays in the arena: what they leave behind is no more than the last one. */
static bool append(mf_arena *arena, const char ***names, size_t *n, size_t *capacity,
                   const char *name)
{
    if (*n == *capacity) {
        size_t larger = *capacity ? *capacity * 2 : 64;
        const char **grown = MF_NEW_ARRAY(arena, const char *, larger);
        if (!grown)
            return false;
        if (*n)
            memcpy(grown, *names, *n * sizeof *grown);
        *names = grown;
        *capacity = larger;
    }
    const char *copy = mf_arena_string(arena, name);
    (*names)[(*n)++] = copy;
    return copy != NULL;
}

mf_status mf_list_folder(const char *path, mf_arena *arena, const char ***names, size_t *n,
                         mf_diag *diag)
{
    DIR *folder = opendir(path);
    if (!folder)
        return mf_fail(diag, errno == ENOENT || errno == ENOTDIR ? MF_UNKNOWN_NAME : MF_IO,
                       "%s: cannot be read as a folder: %s", path, strerror(errno));
    size_t capacity = 0;
    *n = 0;
    *names = NULL;
    bool good = true;
    int code = 0;
    while (good) {
        errno = 0; /* the only way to tell the end from a failure */
        struct dirent *entry = readdir(folder);
        code = errno;
        if (!entry)
            break;
        if (entry->d_name[0] != '.')
            good = append(arena, names, n, &capacity, entry->d_name);
    }
    closedir(folder);
    if (!good)
        return mf_fail_memory(diag);
    if (code != 0)
        return mf_fail(diag, MF_IO, "%s: cannot be read as a folder: %s", path, strerror(code));
    if (*n)
        qsort(*names, *n, sizeof **names, compare_names);
    return MF_OK;
}

bool mf_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

mf_status mf_read_either(const char *folder, const char *name, mf_arena *arena, const char **path,
                         char **bytes, size_t *n_bytes, mf_diag *diag)
{
    const char *plain = mf_arena_format(arena, "%s/%s", folder, name);
    const char *packed = mf_arena_format(arena, "%s/%s.gz", folder, name);
    if (!plain || !packed)
        return mf_fail_memory(diag);
    *path = !exists(plain) && exists(packed) ? packed : plain;
    return mf_file_read(*path, arena, bytes, n_bytes, diag);
}

mf_status mf_pictures_name_classes(mf_pictures *pictures, const char *folder, const char *name,
                                   mf_diag *diag)
{
    mf_arena *arena = pictures->arena;
    const char *path = mf_arena_format(arena, "%s/%s", folder, name);
    const char **names = MF_NEW_ARRAY(arena, const char *, pictures->n_classes);
    if (!path || !names)
        return mf_fail_memory(diag);
    if (!exists(path))
        return MF_OK;
    char *text;
    size_t n_bytes;
    MF_TRY(mf_file_read(path, arena, &text, &n_bytes, diag));
    size_t n = 0;
    for (char *rest, *line = strtok_r(text, "\r\n", &rest); line;
         line = strtok_r(NULL, "\r\n", &rest), n++)
        if (n < pictures->n_classes)
            names[n] = line;
    if (n != pictures->n_classes)
        return mf_fail(diag, MF_INVALID, "%s: %zu class names for %u classes", path, n,
                       pictures->n_classes);
    pictures->class_names = names;
    return MF_OK;
}
