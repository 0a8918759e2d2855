/* Folders of images, one per class:
 *
 *   DIR/train/CLASS and DIR/val/CLASS (or DIR/test/CLASS): the parts as they are
 *   DIR/train/CLASS or DIR/CLASS alone: a fifth of each class is held out
 *
 * Classes are the sorted names of the folders. Which images are held out depends on their names
 * only. Images are decoded on all cores and brought to one size. */
#include "train/data/decode.h"
#include "train/data/resize.h"
#include "train/data/source.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/parallel.h"
#include "base/random.h"

#include <pthread.h>
#include <string.h>
#include <strings.h>

enum { DEFAULT_SIDE_PIXELS = 64, HELD_OUT_ONE_IN = 5 };

typedef struct image_file {
    const char *path;
    uint32_t label;
} image_file;

/* What was found; everything belongs to the arena. */
typedef struct listing {
    mf_arena *arena;
    const char **classes;
    size_t n_classes;
    image_file *files;
    size_t n, capacity;
} listing;

/* ---- which files --------------------------------------------------------------------------------
 */

static bool is_image_name(const char *name)
{
    static const char *const endings[] = {".jpg", ".jpeg", ".png"};
    const size_t n = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const size_t m = strlen(endings[i]);
        if (n > m && strcasecmp(name + n - m, endings[i]) == 0)
            return true;
    }
    return false;
}

static mf_status list_classes(const char *part, listing *list, mf_diag *diag)
{
    const char **names;
    size_t n;
    MF_TRY(mf_list_folder(part, list->arena, &names, &n, diag));
    list->classes = MF_NEW_ARRAY(list->arena, const char *, n);
    if (!list->classes)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n; i++) {
        const char *path = mf_arena_format(list->arena, "%s/%s", part, names[i]);
        if (!path)
            return mf_fail_memory(diag);
        if (mf_is_folder(path))
            list->classes[list->n_classes++] = names[i];
    }
    if (list->n_classes < 2)
        return mf_fail(diag, MF_INVALID, "%s: %zu class folders; at least 2 are needed", part,
                       list->n_classes);
    return MF_OK;
}

static mf_status add_file(listing *list, const char *folder, const char *name, size_t label,
                          mf_diag *diag)
{
    if (list->n == list->capacity) {
        size_t larger = list->capacity ? list->capacity * 2 : 256;
        image_file *grown = MF_NEW_ARRAY(list->arena, image_file, larger);
        if (!grown)
            return mf_fail_memory(diag);
        if (list->n)
            memcpy(grown, list->files, list->n * sizeof *grown);
        list->files = grown;
        list->capacity = larger;
    }
    const char *path = mf_arena_format(list->arena, "%s/%s", folder, name);
    if (!path)
        return mf_fail_memory(diag);
    list->files[list->n++] = (image_file){.path = path, .label = (uint32_t)label};
    return MF_OK;
}

/* Shuffled with a seed made from the names, so that neighbours (frames of a film) do not all go the
 * same way. The held-out ones are the first. */
static void shuffle_names(const char **names, size_t n)
{
    uint64_t seed = MF_HASH_BEGIN;
    for (size_t i = 0; i < n; i++)
        seed = mf_hash_bytes(seed, names[i], strlen(names[i]) + 1);
    mf_random random = mf_random_seed(seed);
    for (size_t i = n; i > 1; i--) {
        size_t j = mf_random_between(&random, 0, i - 1);
        const char *kept = names[i - 1];
        names[i - 1] = names[j];
        names[j] = kept;
    }
}

static mf_status list_class(const char *part, size_t label, bool split, bool training,
                            listing *list, mf_diag *diag)
{
    const char **names, *folder = mf_arena_format(list->arena, "%s/%s", part, list->classes[label]);
    size_t n_all, n = 0;
    if (!folder)
        return mf_fail_memory(diag);
    MF_TRY(mf_list_folder(folder, list->arena, &names, &n_all, diag));
    for (size_t i = 0; i < n_all; i++)
        if (is_image_name(names[i]))
            names[n++] = names[i];
    if (n == 0)
        return mf_fail(diag, MF_INVALID, "%s: no .jpg, .jpeg or .png among its %zu files", folder,
                       n_all);
    size_t from = 0, to = n;
    if (split) {
        if (n < 2)
            return mf_fail(diag, MF_INVALID, "%s: 1 image; holding some out needs at least 2",
                           folder);
        size_t n_held_out = n < HELD_OUT_ONE_IN ? 1 : n / HELD_OUT_ONE_IN;
        shuffle_names(names, n);
        from = training ? n_held_out : 0;
        to = training ? n : n_held_out;
    }
    for (size_t i = from; i < to; i++)
        MF_TRY(add_file(list, folder, names[i], label, diag));
    return MF_OK;
}

/* A class of the held-out part that training does not know would never be predicted. */
static mf_status check_known(const char *part, const listing *list, mf_diag *diag)
{
    listing own = {.arena = list->arena};
    MF_TRY(list_classes(part, &own, diag));
    for (size_t i = 0, j = 0; i < own.n_classes; i++) {
        while (j < list->n_classes && strcmp(list->classes[j], own.classes[i]) < 0)
            j++;
        if (j == list->n_classes || strcmp(list->classes[j], own.classes[i]) != 0)
            return mf_fail(diag, MF_INVALID, "%s/%s: there is no such class to train on", part,
                           own.classes[i]);
    }
    return MF_OK;
}

static mf_status list_files(const char *where, bool training, listing *list, mf_diag *diag)
{
    const char *train = mf_arena_format(list->arena, "%s/train", where);
    const char *held_out = mf_arena_format(list->arena, "%s/val", where);
    if (held_out && !mf_is_folder(held_out))
        held_out = mf_arena_format(list->arena, "%s/test", where);
    if (!train || !held_out)
        return mf_fail_memory(diag);
    const char *classes_in = mf_is_folder(train) ? train : where;
    const bool split = classes_in == where || !mf_is_folder(held_out);
    const char *part = split || training ? classes_in : held_out;
    MF_TRY(list_classes(classes_in, list, diag));
    if (part == held_out)
        MF_TRY(check_known(part, list, diag));
    for (size_t label = 0; label < list->n_classes; label++)
        MF_TRY(list_class(part, label, split, training, list, diag));
    return MF_OK;
}

/* ---- decoding -----------------------------------------------------------------------------------
 */

typedef struct job {
    const listing *list;
    mf_pictures *pictures;
    pthread_mutex_t mutex;     /* guards all below */
    pthread_cond_t given_back; /* some of the bytes */
    uint64_t n_bytes;          /* held by images that are being decoded */
    size_t failed_item;
    mf_status status;
    mf_diag diag;
} job;

/* An image on its way from its file into the set. */
typedef struct passage {
    job *all;
    mf_arena *arena;
    uint64_t n_bytes;
    mf_resize resize;
} passage;

/* All threads together hold what one image may: those that need much wait for each other. */
static void take_bytes(passage *p, uint64_t n_bytes)
{
    job *all = p->all;
    pthread_mutex_lock(&all->mutex);
    while (all->n_bytes && all->n_bytes + n_bytes > MF_MOST_IMAGE_MEGABYTES * (uint64_t)1000000)
        pthread_cond_wait(&all->given_back, &all->mutex);
    all->n_bytes += p->n_bytes = n_bytes;
    pthread_mutex_unlock(&all->mutex);
}

static void give_back_bytes(passage *p)
{
    pthread_mutex_lock(&p->all->mutex);
    p->all->n_bytes -= p->n_bytes;
    pthread_cond_broadcast(&p->all->given_back);
    pthread_mutex_unlock(&p->all->mutex);
}

static mf_status begin_image(void *user, const mf_image_size *size, mf_diag *diag)
{
    passage *p = user;
    const mf_pictures *pictures = p->all->pictures;
    take_bytes(p, size->n_bytes);
    return mf_resize_begin(&p->resize, size->rows, size->columns, pictures->rows, pictures->columns,
                           p->arena, diag);
}

static void add_row(void *user, const uint8_t *pixels)
{
    passage *p = user;
    mf_resize_add(&p->resize, pixels);
}

static mf_status load_image(passage *p, size_t item, mf_diag *diag)
{
    mf_pictures *pictures = p->all->pictures;
    const char *path = p->all->list->files[item].path;
    const mf_image_sink sink = {.begin = begin_image, .row = add_row, .user = p};
    char *bytes;
    size_t n_bytes;
    MF_TRY(mf_file_read(path, p->arena, &bytes, &n_bytes, diag));
    MF_TRY(mf_decode(path, (const uint8_t *)bytes, n_bytes, p->arena, &sink, diag));
    mf_resize_end(&p->resize, pictures->pixels + item * pictures->rows * pictures->columns * 3);
    return MF_OK;
}

/* Items are handed out in order, so the first one that fails is always found, however many threads
 * there are: keep that one. */
static bool load_item(void *user, size_t item, size_t worker)
{
    job *all = user;
    (void)worker;
    mf_diag diag = {0};
    passage p = {.all = all, .arena = mf_arena_create()};
    mf_status status = p.arena ? load_image(&p, item, &diag) : mf_fail_memory(&diag);
    mf_arena_destroy(p.arena);
    give_back_bytes(&p);
    if (status == MF_OK)
        return true;
    pthread_mutex_lock(&all->mutex);
    if (all->status == MF_OK || item < all->failed_item) {
        all->status = status;
        all->diag = diag;
        all->failed_item = item;
    }
    pthread_mutex_unlock(&all->mutex);
    return false;
}

static mf_status load_all(const listing *list, mf_pictures *pictures, mf_diag *diag)
{
    job all = {.list = list,
               .pictures = pictures,
               .mutex = PTHREAD_MUTEX_INITIALIZER,
               .given_back = PTHREAD_COND_INITIALIZER};
    bool finished;
    mf_status status =
        mf_parallel_for(list->n, mf_parallel_cores(), load_item, &all, &finished, diag);
    pthread_cond_destroy(&all.given_back);
    pthread_mutex_destroy(&all.mutex);
    if (status == MF_OK && all.status != MF_OK) {
        status = all.status;
        if (diag)
            *diag = all.diag;
    }
    return status;
}

static mf_status load(const char *where, const mf_pictures_options *options, listing *list,
                      mf_pictures **pictures, mf_diag *diag)
{
    MF_TRY(list_files(where, options->training, list, diag));
    mf_pictures *made;
    MF_TRY(mf_pictures_create(where, list->n, options->rows ? options->rows : DEFAULT_SIDE_PIXELS,
                              options->columns ? options->columns : DEFAULT_SIDE_PIXELS, 3,
                              (uint32_t)list->n_classes, &made, diag));
    const char **names = MF_NEW_ARRAY(made->arena, const char *, list->n_classes);
    mf_status status = names ? MF_OK : mf_fail_memory(diag);
    made->class_names = names;
    for (size_t c = 0; status == MF_OK && c < list->n_classes; c++)
        if (!(names[c] = mf_arena_string(made->arena, list->classes[c])))
            status = mf_fail_memory(diag);
    for (size_t i = 0; i < list->n; i++)
        made->labels[i] = list->files[i].label;
    if (status == MF_OK)
        status = load_all(list, made, diag);
    if (status != MF_OK) {
        mf_pictures_destroy(made);
        return status;
    }
    *pictures = made;
    return MF_OK;
}

mf_status mf_source_folder(const char *where, const mf_pictures_options *options,
                           mf_pictures **pictures, mf_diag *diag)
{
    listing list = {.arena = mf_arena_create()};
    if (!list.arena)
        return mf_fail_memory(diag);
    mf_status status = load(where, options, &list, pictures, diag);
    mf_arena_destroy(list.arena);
    return status;
}
