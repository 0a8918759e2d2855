/* CIFAR-10 and CIFAR-100, binary version (Krizhevsky, 2009). A record is its labels, one byte each
 * (CIFAR-100: coarse, then fine), then planes of 1,024 red, green and blue bytes, top row first. */
#include "train/data/source.h"

enum { SIDE = 32, PLANE_BYTES = SIDE * SIDE, PICTURE_BYTES = 3 * PLANE_BYTES, MOST_FILES = 5 };

/* What distinguishes the two sets. */
typedef struct cifar {
    const char *name, *names_file;
    uint32_t n_labels; /* label bytes of a record; the last one is used */
    uint32_t n_coarse; /* values of the one before it */
    uint32_t n_classes;
    const char *training[MOST_FILES + 1], *testing[2];
} cifar;

static const cifar cifar10 = {.name = "cifar10",
                              .names_file = "batches.meta.txt",
                              .n_labels = 1,
                              .n_classes = 10,
                              .training = {"data_batch_1.bin", "data_batch_2.bin",
                                           "data_batch_3.bin", "data_batch_4.bin",
                                           "data_batch_5.bin"},
                              .testing = {"test_batch.bin"}};

static const cifar cifar100 = {.name = "cifar100",
                               .names_file = "fine_label_names.txt",
                               .n_labels = 2,
                               .n_coarse = 20,
                               .n_classes = 100,
                               .training = {"train.bin"},
                               .testing = {"test.bin"}};

typedef struct records {
    const char *path;
    const uint8_t *bytes;
    size_t n_records;
} records;

static mf_status read_file(const cifar *set, const char *folder, const char *name, mf_arena *arena,
                           records *file, mf_diag *diag)
{
    char *bytes;
    size_t n_bytes;
    mf_status status = mf_read_either(folder, name, arena, &file->path, &bytes, &n_bytes, diag);
    if (status == MF_UNKNOWN_NAME)
        mf_hint(diag, "the folder of %s, binary version, has %s and %s", set->name,
                set->training[0], set->testing[0]);
    MF_TRY(status);
    const size_t record = set->n_labels + PICTURE_BYTES;
    if (n_bytes == 0 || n_bytes % record != 0)
        return mf_fail(diag, MF_MALFORMED,
                       "%s: %zu bytes are no whole number of %s records of %zu bytes", file->path,
                       n_bytes, set->name, record);
    file->bytes = (const uint8_t *)bytes;
    file->n_records = n_bytes / record;
    return MF_OK;
}

static void interleave(const uint8_t *planes, uint8_t *pixels)
{
    for (size_t i = 0; i < PLANE_BYTES; i++)
        for (size_t c = 0; c < 3; c++)
            pixels[i * 3 + c] = planes[c * PLANE_BYTES + i];
}

static mf_status unpack(const cifar *set, const records *file, mf_pictures *pictures, size_t first,
                        mf_diag *diag)
{
    for (size_t i = 0; i < file->n_records; i++) {
        const uint8_t *record = file->bytes + i * (set->n_labels + PICTURE_BYTES);
        const uint8_t label = record[set->n_labels - 1];
        if (set->n_coarse && record[0] >= set->n_coarse)
            return mf_fail(diag, MF_INVALID,
                           "%s: record %zu: coarse label %u; they go from 0 to %u", file->path, i,
                           record[0], set->n_coarse - 1);
        if (label >= set->n_classes)
            return mf_fail(diag, MF_INVALID, "%s: record %zu: label %u; they go from 0 to %u",
                           file->path, i, label, set->n_classes - 1);
        pictures->labels[first + i] = label;
        interleave(record + set->n_labels, pictures->pixels + (first + i) * PICTURE_BYTES);
    }
    return MF_OK;
}

static mf_status load(const cifar *set, const char *folder, bool training, mf_pictures **pictures,
                      mf_diag *diag)
{
    mf_pictures *made = NULL;
    mf_status status = MF_OK;
    mf_arena *arena = mf_arena_create();
    if (!arena)
        return mf_fail_memory(diag);
    records files[MOST_FILES];
    size_t n_files = 0, n_records = 0, first = 0;
    for (const char *const *name = training ? set->training : set->testing; *name; name++) {
        MF_TRY_DONE(read_file(set, folder, *name, arena, &files[n_files], diag));
        n_records += files[n_files++].n_records;
    }
    MF_TRY_DONE(mf_pictures_create(folder, n_records, SIDE, SIDE, 3, set->n_classes, &made, diag));
    for (size_t i = 0; i < n_files; i++) {
        MF_TRY_DONE(unpack(set, &files[i], made, first, diag));
        first += files[i].n_records;
    }
    MF_TRY_DONE(mf_pictures_name_classes(made, folder, set->names_file, diag));
    *pictures = made;
    made = NULL;
done:
    mf_pictures_destroy(made);
    mf_arena_destroy(arena);
    return status;
}

mf_status mf_source_cifar10(const char *where, const mf_pictures_options *options,
                            mf_pictures **pictures, mf_diag *diag)
{
    return load(&cifar10, where, options->training, pictures, diag);
}

mf_status mf_source_cifar100(const char *where, const mf_pictures_options *options,
                             mf_pictures **pictures, mf_diag *diag)
{
    return load(&cifar100, where, options->training, pictures, diag);
}
