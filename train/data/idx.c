/* Pairs of IDX files, as MNIST and the sets made after it have them (LeCun, Cortes, Burges).
 *
 *   0 0 type dimensions | size of each dimension, 32 bits, big-endian | values, last index fastest
 *
 * Pictures are unsigned bytes (type 8) in 3 dimensions, or in 4 with the channels last; labels are
 * unsigned bytes in 1. The number of classes stands nowhere: it is one more than the largest label
 * of both parts. */
#include "train/data/source.h"

#include <stdlib.h>
#include <string.h>

enum { UNSIGNED_BYTES = 8, MOST_DIMENSIONS = 4, N_LABELS = 256 };

typedef struct idx {
    const char *path;
    uint32_t n_dimensions, size[MOST_DIMENSIONS];
    const uint8_t *values;
} idx;

static mf_status parse(const char *path, const uint8_t *bytes, size_t n_bytes, uint32_t fewest,
                       uint32_t most, idx *out, mf_diag *diag)
{
    if (n_bytes < 4 || bytes[0] != 0 || bytes[1] != 0)
        return mf_fail(diag, MF_MALFORMED,
                       "%s: does not begin as an IDX file (0 0 type dimensions)", path);
    if (bytes[2] != UNSIGNED_BYTES)
        return mf_fail(diag, MF_INVALID,
                       "%s: IDX values of type %u; only unsigned bytes, 8, are taken", path,
                       bytes[2]);
    const uint32_t n = bytes[3];
    if (n < fewest || n > most)
        return mf_fail(diag, MF_INVALID, "%s: IDX of %u dimensions where %s have %u", path, n,
                       most == 1 ? "labels" : "pictures", fewest);
    const size_t header = 4 + 4 * (size_t)n;
    if (n_bytes < header)
        return mf_fail(diag, MF_MALFORMED, "%s: ends within its header", path);
    *out = (idx){.path = path, .n_dimensions = n, .values = bytes + header};
    size_t need = 1;
    bool overflow = false;
    for (uint32_t d = 0; d < n; d++) {
        const uint8_t *b = bytes + 4 + 4 * (size_t)d;
        out->size[d] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
        overflow = __builtin_mul_overflow(need, (size_t)out->size[d], &need) || overflow;
    }
    if (overflow || need != n_bytes - header)
        return mf_fail(diag, MF_MALFORMED,
                       "%s: its header announces %u items and their size, but %zu bytes of values "
                       "follow it",
                       path, out->size[0], n_bytes - header);
    return MF_OK;
}

/* Is this the name of a part's pictures, packed or not, for example "t10k-images-idx3-ubyte.gz"? */
static bool names_pictures(const char *name, bool training)
{
    bool part = training ? strstr(name, "train") != NULL
                         : strstr(name, "t10k") != NULL || strstr(name, "test") != NULL;
    return part && strstr(name, "images") != NULL && strstr(name, "idx") != NULL;
}

static size_t length_unpacked(const char *name)
{
    size_t n = strlen(name);
    return n > 3 && strcmp(name + n - 3, ".gz") == 0 ? n - 3 : n;
}

/* The name of a part's picture file without ".gz"; NULL where the folder has none. */
static mf_status find_pictures(const char *folder, bool training, mf_arena *arena,
                               const char **found, mf_diag *diag)
{
    const char **names;
    size_t n;
    MF_TRY(mf_list_folder(folder, arena, &names, &n, diag));
    *found = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!names_pictures(names[i], training))
            continue;
        const char *name = mf_arena_string_n(arena, names[i], length_unpacked(names[i]));
        if (!name)
            return mf_fail_memory(diag);
        if (*found && strcmp(*found, name) != 0)
            return mf_fail(diag, MF_INVALID, "%s: both %s and %s could be the %s pictures", folder,
                           *found, name, training ? "training" : "test");
        *found = name;
    }
    return MF_OK;
}

/* "train-images-idx3-ubyte" belongs to "train-labels-idx1-ubyte". */
static char *labels_of(const char *name, mf_arena *arena)
{
    char *labels = mf_arena_string(arena, name);
    if (!labels)
        return NULL;
    memcpy(strstr(labels, "images"), "labels", 6);
    char *digit = strstr(labels, "idx") + 3;
    if (*digit == '3' || *digit == '4')
        *digit = '1';
    return labels;
}

static mf_status read_labels(const char *folder, const char *pictures, mf_arena *arena, idx *labels,
                             mf_diag *diag)
{
    const char *name = labels_of(pictures, arena), *path;
    char *bytes;
    size_t n_bytes;
    if (!name)
        return mf_fail_memory(diag);
    MF_TRY(mf_read_either(folder, name, arena, &path, &bytes, &n_bytes, diag));
    return parse(path, (const uint8_t *)bytes, n_bytes, 1, 1, labels, diag);
}

/* Over both parts, so that training and testing agree. Training demands a picture of each class:
 * one stray label would otherwise invent classes. */
static mf_status count_classes(const idx parts[2], uint32_t *n_classes, mf_diag *diag)
{
    bool seen[2][N_LABELS] = {{false}};
    uint32_t largest = 0;
    for (int part = 0; part < 2; part++)
        for (size_t i = 0; i < parts[part].size[0]; i++) {
            const uint8_t label = parts[part].values[i];
            seen[part][label] = true;
            largest = label > largest ? label : largest;
        }
    for (uint32_t c = 0; parts[1].path && c <= largest; c++)
        if (!seen[1][c])
            return mf_fail(diag, MF_INVALID, "%s: no picture of class %u, though labels reach %u",
                           parts[1].path, c, largest);
    *n_classes = largest + 1;
    return MF_OK;
}

static mf_status load(const char *folder, bool training, mf_arena *arena, mf_pictures **pictures,
                      mf_diag *diag)
{
    idx labels[2] = {{0}}, images; /* of the part held out, of the training part */
    const char *wanted = NULL;
    for (int part = 0; part < 2; part++) {
        const char *name;
        MF_TRY(find_pictures(folder, part == 1, arena, &name, diag));
        if (name)
            MF_TRY(read_labels(folder, name, arena, &labels[part], diag));
        if (training == (part == 1))
            wanted = name;
    }
    if (!wanted)
        return mf_fail(diag, MF_UNKNOWN_NAME, "%s: no IDX file of %s pictures, such as %s", folder,
                       training ? "training" : "test",
                       training ? "train-images-idx3-ubyte" : "t10k-images-idx3-ubyte");
    uint32_t n_classes = 0;
    MF_TRY(count_classes(labels, &n_classes, diag));
    const char *path;
    char *bytes;
    size_t n_bytes;
    MF_TRY(mf_read_either(folder, wanted, arena, &path, &bytes, &n_bytes, diag));
    MF_TRY(parse(path, (const uint8_t *)bytes, n_bytes, 3, 4, &images, diag));
    const idx *own = &labels[training];
    if (images.size[0] != own->size[0])
        return mf_fail(diag, MF_INVALID, "%s: %u pictures, but %s has %u labels", path,
                       images.size[0], own->path, own->size[0]);
    const uint32_t channels = images.n_dimensions == 4 ? images.size[3] : 1;
    MF_TRY(mf_pictures_create(path, images.size[0], images.size[1], images.size[2], channels,
                              n_classes, pictures, diag));
    const size_t n_pixels = (size_t)images.size[1] * images.size[2];
    memcpy((*pictures)->pixels, images.values, images.size[0] * n_pixels * channels);
    for (size_t i = 0; i < images.size[0]; i++)
        (*pictures)->labels[i] = own->values[i];
    return MF_OK;
}

mf_status mf_source_mnist(const char *where, const mf_pictures_options *options,
                          mf_pictures **pictures, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    if (!arena)
        return mf_fail_memory(diag);
    mf_status status = load(where, options->training, arena, pictures, diag);
    mf_arena_destroy(arena);
    return status;
}
