/* Arrays in and out. */
#include "train/checkpoint.h"

#include "base/file.h"
#include "base/npy.h"
#include "base/zip.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- out ---------------------------------------------------------------------------------------
 */

static mf_status add_array(mf_zip_writer *writer, const mf_parameter *p, const char *suffix,
                           const float *items, mf_diag *diag)
{
    mf_npy array = {.type = MF_NPY_F32, .n_dimensions = p->n_sizes, .items = items};
    char name[512];
    void *bytes;
    size_t n_bytes;
    memcpy(array.size, p->size, sizeof p->size);
    mf_arena *arena = mf_arena_create();
    if (!arena)
        return mf_fail_memory(diag);
    mf_status status = mf_npy_format(&array, arena, &bytes, &n_bytes, diag);
    snprintf(name, sizeof name, "%s%s.npy", p->name, suffix);
    if (status == MF_OK)
        status = mf_zip_add(writer, name, bytes, n_bytes, diag);
    mf_arena_destroy(arena);
    return status;
}

static mf_status add_text(mf_zip_writer *writer, const char *name, const char *text, mf_diag *diag)
{
    return mf_zip_add(writer, name, text, strlen(text), diag);
}

static mf_status add_all(mf_zip_writer *writer, const mf_checkpoint_texts *texts,
                         mf_parameters *store, mf_diag *diag)
{
    size_t n;
    const mf_parameter *p = mf_parameters_all(store, &n);
    MF_TRY(add_text(writer, "training.json", texts->training, diag));
    MF_TRY(add_text(writer, "network.json", texts->network, diag));
    for (size_t i = 0; i < n; i++) {
        MF_TRY(add_array(writer, &p[i], "", p[i].average ? p[i].average : p[i].value, diag));
        if (p[i].average)
            MF_TRY(add_array(writer, &p[i], ".raw", p[i].value, diag));
        if (p[i].momentum)
            MF_TRY(add_array(writer, &p[i], ".momentum", p[i].momentum, diag));
    }
    return MF_OK;
}

mf_status mf_checkpoint_save(const char *path, const mf_checkpoint_texts *texts,
                             mf_parameters *store, mf_diag *diag)
{
    mf_zip_writer *writer;
    MF_TRY(mf_zip_create(path, &writer, diag));
    mf_status status = add_all(writer, texts, store, diag);
    if (status == MF_OK)
        return mf_zip_finish(writer, diag);
    mf_zip_abandon(writer);
    return status;
}

/* ---- in ----------------------------------------------------------------------------------------
 */

/* Unpack one entry; the bytes belong to the caller. */
static mf_status unpack(mf_zip_reader *reader, const char *path, const char *name, uint64_t most,
                        char **bytes, size_t *n_bytes, mf_diag *diag)
{
    const mf_zip_entry *entry = mf_zip_find(reader, name);
    if (!entry)
        return mf_fail(diag, MF_INVALID, "%s: has no %s", path, name);
    if (entry->n_bytes > most)
        return mf_fail(diag, MF_TOO_LARGE,
                       "%s: %s has %" PRIu64 " bytes, expected %" PRIu64 " at most", path, name,
                       entry->n_bytes, most);
    *n_bytes = (size_t)entry->n_bytes;
    *bytes = malloc(*n_bytes + 1);
    if (!*bytes)
        return mf_fail_memory(diag);
    (*bytes)[*n_bytes] = '\0';
    mf_status status = mf_zip_read(reader, entry, *bytes, diag);
    if (status != MF_OK)
        free(*bytes);
    return status;
}

static mf_status read_text(mf_zip_reader *reader, const char *path, const char *name,
                           mf_arena *arena, const char **text, mf_diag *diag)
{
    enum { MOST_JSON = 1 << 20 };
    char *bytes;
    size_t n_bytes = 0;
    mf_status status = MF_OK;
    MF_TRY(unpack(reader, path, name, MOST_JSON, &bytes, &n_bytes, diag));
    if (strlen(bytes) != n_bytes)
        status = mf_fail(diag, MF_MALFORMED, "%s: %s: a zero byte, so no text", path, name);
    else if (!(*text = mf_arena_string(arena, bytes)))
        status = mf_fail_memory(diag);
    free(bytes);
    return status;
}

mf_status mf_checkpoint_read_texts(const char *path, mf_arena *arena, mf_checkpoint_texts *texts,
                                   mf_diag *diag)
{
    mf_zip_reader *reader;
    MF_TRY(mf_zip_open(path, &reader, diag));
    mf_status status = read_text(reader, path, "training.json", arena, &texts->training, diag);
    if (status == MF_OK)
        status = read_text(reader, path, "network.json", arena, &texts->network, diag);
    mf_zip_close(reader);
    return status;
}

static mf_status fail_shape(const char *what, const mf_npy *array, const mf_parameter *p,
                            mf_diag *diag)
{
    char found[128], expected[128];
    mf_sizes_write(array->size, array->n_dimensions, found, sizeof found);
    mf_sizes_write(p->size, p->n_sizes, expected, sizeof expected);
    return mf_fail(diag, MF_INVALID, "%s: %s%s, expected float32, %s", what,
                   array->type == MF_NPY_F32 ? "float32, " : "not float32, ", found, expected);
}

static mf_status check_array(const char *what, const mf_npy *array, const mf_parameter *p,
                             mf_diag *diag)
{
    bool same = array->type == MF_NPY_F32 && array->n_dimensions == p->n_sizes;
    for (size_t i = 0; same && i < p->n_sizes; i++)
        same = array->size[i] == p->size[i];
    if (!same)
        return fail_shape(what, array, p, diag);
    for (uint64_t i = 0; i < p->n; i++) {
        float x;
        memcpy(&x, (const char *)array->items + i * sizeof x, sizeof x);
        if (!isfinite(x))
            return mf_fail(diag, MF_INVALID, "%s: number %" PRIu64 " is not finite", what, i);
        if (x < 0 && strstr(p->name, ".running_variance"))
            return mf_fail(diag, MF_INVALID, "%s: number %" PRIu64 " is %g, a negative variance",
                           what, i, (double)x);
    }
    return MF_OK;
}

static mf_status read_array(mf_zip_reader *reader, const char *path, const mf_parameter *p,
                            const char *suffix, float *items, mf_diag *diag)
{
    char name[512], what[1024], *bytes;
    size_t n_bytes;
    mf_npy array;
    snprintf(name, sizeof name, "%s%s.npy", p->name, suffix);
    snprintf(what, sizeof what, "%s: %s", path, name);
    MF_TRY(unpack(reader, path, name, p->n * sizeof(float) + 4096, &bytes, &n_bytes, diag));
    mf_status status = mf_npy_parse(what, bytes, n_bytes, &array, diag);
    if (status == MF_OK)
        status = check_array(what, &array, p, diag);
    if (status == MF_OK)
        memcpy(items, array.items, p->n * sizeof(float));
    free(bytes);
    return status;
}

/* What is wanted of a file. */
typedef struct wanted {
    bool momentum;
    const char *but; /* a layer whose parameters stay as they are, or NULL */
    bool raw;        /* the file has averages, and raw values that are wanted, too */
} wanted;

static bool is_of(const char *name, const char *layer)
{
    size_t n = layer ? strlen(layer) : 0;
    return layer && strncmp(name, layer, n) == 0 && name[n] == '.';
}

static mf_status read_all(mf_zip_reader *reader, const char *path, const wanted *w,
                          const mf_parameter *p, size_t n, float *items, mf_diag *diag)
{
    for (size_t i = 0; i < n; i++) {
        if (is_of(p[i].name, w->but))
            continue;
        MF_TRY(read_array(reader, path, &p[i], "", items, diag));
        items += p[i].n;
        if (w->raw && p[i].learns) {
            MF_TRY(read_array(reader, path, &p[i], ".raw", items, diag));
            items += p[i].n;
        }
        if (!w->momentum || !p[i].momentum)
            continue;
        MF_TRY(read_array(reader, path, &p[i], ".momentum", items, diag));
        items += p[i].n;
    }
    return MF_OK;
}

static void take_all(const wanted *w, mf_parameter *p, size_t n, const float *from)
{
    for (size_t i = 0; i < n; i++) {
        if (is_of(p[i].name, w->but))
            continue;
        if (p[i].average)
            memcpy(p[i].average, from, p[i].n * sizeof *from);
        from += w->raw && p[i].learns ? p[i].n : 0;
        memcpy(p[i].value, from, p[i].n * sizeof *from);
        from += p[i].n;
        if (!w->momentum || !p[i].momentum)
            continue;
        memcpy(p[i].momentum, from, p[i].n * sizeof *from);
        from += p[i].n;
    }
}

static bool is_parameter(const char *name, const mf_parameter *p, size_t n)
{
    static const char *const endings[] = {".npy", ".momentum.npy", ".raw.npy"};
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(p[i].name);
        if (strncmp(name, p[i].name, length) != 0)
            continue;
        for (size_t k = 0; k < sizeof endings / sizeof *endings; k++)
            if (strcmp(name + length, endings[k]) == 0)
                return true;
    }
    return false;
}

/* An array that no layer has is a slip, or of another network: its numbers would be lost. */
static mf_status check_names(const mf_zip_reader *reader, const char *path, const wanted *w,
                             const mf_parameter *p, size_t n, mf_diag *diag)
{
    for (size_t i = 0; i < mf_zip_count(reader); i++) {
        const char *name = mf_zip_at(reader, i)->name;
        if (mf_file_has_ending(name, ".npy") && !is_of(name, w->but) && !is_parameter(name, p, n))
            return mf_fail(diag, MF_INVALID, "%s: %s: the network has no such array", path, name);
    }
    return MF_OK;
}

/* Has the file raw values behind averages? Then all that learns has them. */
static bool has_raw(const mf_zip_reader *reader, const mf_parameter *p, size_t n)
{
    char name[512];
    for (size_t i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%s.raw.npy", p[i].name);
        if (p[i].learns && mf_zip_find(reader, name))
            return true;
    }
    return false;
}

static mf_status load(const char *path, wanted *w, mf_parameters *store, mf_diag *diag)
{
    size_t n;
    uint64_t n_items = 0;
    mf_parameter *p = mf_parameters_all(store, &n);
    mf_zip_reader *reader;
    for (size_t i = 0; i < n; i++)
        n_items += 3 * p[i].n;
    float *items = malloc(n_items * sizeof *items);
    if (!items)
        return mf_fail_memory(diag);
    mf_status status = mf_zip_open(path, &reader, diag);
    if (status == MF_OK) {
        w->raw = w->momentum && has_raw(reader, p, n);
        status = read_all(reader, path, w, p, n, items, diag);
        if (status == MF_OK)
            status = check_names(reader, path, w, p, n, diag);
        mf_zip_close(reader);
    }
    if (status == MF_OK)
        take_all(w, p, n, items);
    free(items);
    return status;
}

mf_status mf_checkpoint_load(const char *path, bool momentum, mf_parameters *store, mf_diag *diag)
{
    return load(path, &(wanted){.momentum = momentum}, store, diag);
}

mf_status mf_checkpoint_load_but(const char *path, const char *but, mf_parameters *store,
                                 mf_diag *diag)
{
    return load(path, &(wanted){.but = but}, store, diag);
}
