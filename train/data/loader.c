/* A ring of batches between the threads that fill it and the one that trains.
 *
 *   opened    [ 7: half rendered ][ 6: rendered ][ 5: the caller's ]   released
 *
 * A batch is opened (its pictures chosen) in order, its pictures are handed out in small portions
 * to whichever thread is free, and it is delivered in order. Whoever renders a picture does the
 * same: everything random comes from (seed, epoch, picture). */
#include "base/arena.h"
#include "base/random.h"
#include "train/data/view.h"

#include <pthread.h>
#include <stdlib.h>

enum { N_SLOTS = 3, PORTION = 8, MOST_THREADS = 256, IMAGE_ALIGNMENT = 64 };

typedef struct slot {
    float *images;
    uint32_t *labels, *indices;
    size_t n, n_handed_out, n_rendered; /* handed out from options.from on */
    size_t end;                         /* of those that are made */
    mf_position position;
    uint64_t key; /* of its epoch's random streams, one per picture */
} slot;

typedef struct worker {
    pthread_t thread;
    mf_loader *loader;
    mf_renderer *renderer;
} worker;

/* Batches are counted from the last seek: released <= delivered <= opened <= released + n_slots.
 * The mutex guards all but what is set at creation and the pictures handed out. */
struct mf_loader {
    const mf_pictures *pictures;
    mf_loader_options options;
    size_t n_batches, image_floats;
    mf_arena *arena;
    worker *workers; /* at least one, for the renderer; threads only where asked for */
    size_t n_started;

    pthread_mutex_t mutex;
    pthread_cond_t work, rendered;
    slot slots[N_SLOTS];
    size_t n_slots;
    uint64_t n_opened, n_delivered, n_released;
    size_t n_busy; /* threads that are rendering */
    bool stop, paused;
    mf_position to_open, to_deliver;
    uint32_t *order; /* of the epoch below */
    uint64_t order_epoch, order_key;
    bool ordered;
};

/* ---- what is in a batch ------------------------------------------------------------------------
 */

static void order_epoch(mf_loader *loader, uint64_t epoch)
{
    if (loader->ordered && loader->order_epoch == epoch)
        return;
    const size_t n = loader->pictures->n;
    mf_random random = mf_random_stream(loader->options.seed, epoch);
    loader->order_key = mf_random_bits(&random);
    for (size_t i = 0; i < n; i++)
        loader->order[i] = (uint32_t)i;
    for (size_t i = n; loader->options.shuffle && i > 1; i--) {
        size_t j = mf_random_between(&random, 0, i - 1);
        uint32_t kept = loader->order[i - 1];
        loader->order[i - 1] = loader->order[j];
        loader->order[j] = kept;
    }
    loader->order_epoch = epoch;
    loader->ordered = true;
}

static mf_position after(const mf_loader *loader, mf_position position)
{
    if (++position.batch == loader->n_batches)
        position = (mf_position){.epoch = position.epoch + 1};
    return position;
}

static void open_batch(mf_loader *loader)
{
    slot *s = &loader->slots[loader->n_opened++ % loader->n_slots];
    const size_t first = loader->to_open.batch * loader->options.batch_size;
    const size_t left = loader->pictures->n - first;
    order_epoch(loader, loader->to_open.epoch);
    s->n = left < loader->options.batch_size ? left : loader->options.batch_size;
    const bool part = loader->options.to > 0;
    s->end = part && loader->options.to < s->n ? loader->options.to : s->n;
    s->n_handed_out = loader->options.from < s->end ? loader->options.from : s->end;
    s->n_rendered = s->n_handed_out;
    s->position = loader->to_open;
    s->key = loader->order_key;
    for (size_t i = 0; i < s->n; i++) {
        s->indices[i] = loader->order[first + i];
        s->labels[i] = loader->pictures->labels[s->indices[i]];
    }
    loader->to_open = after(loader, loader->to_open);
}

static void render(const mf_loader *loader, mf_renderer *renderer, const slot *s, size_t i)
{
    const mf_pictures *pictures = loader->pictures;
    const uint32_t index = s->indices[i];
    mf_random random = mf_random_stream(s->key, index);
    mf_view view =
        mf_view_draw(&loader->options.augmentation, pictures->rows, pictures->columns, &random);
    mf_render(renderer, mf_pictures_at(pictures, index), &view,
              s->images + i * loader->image_floats);
}

/* ---- handing out --------------------------------------------------------------------------------
 */

/* The slot that has pictures left to hand out, opening the next batch if there is room; NULL when
 * there is nothing to do. */
static slot *next_slot(mf_loader *loader)
{
    if (loader->paused)
        return NULL;
    if (loader->n_opened > loader->n_delivered) {
        slot *newest = &loader->slots[(loader->n_opened - 1) % loader->n_slots];
        if (newest->n_handed_out < newest->end)
            return newest;
    }
    if (loader->n_opened - loader->n_released == loader->n_slots)
        return NULL;
    open_batch(loader);
    return &loader->slots[(loader->n_opened - 1) % loader->n_slots];
}

/* Render one portion of `s`. Called and left with the mutex held. */
static void render_portion(mf_loader *loader, mf_renderer *renderer, slot *s)
{
    const size_t from = s->n_handed_out;
    const size_t to = s->end - from < PORTION ? s->end : from + PORTION;
    s->n_handed_out = to;
    loader->n_busy++;
    pthread_mutex_unlock(&loader->mutex);
    for (size_t i = from; i < to; i++)
        render(loader, renderer, s, i);
    pthread_mutex_lock(&loader->mutex);
    loader->n_busy--;
    s->n_rendered += to - from;
    if (s->n_rendered == s->end || loader->paused)
        pthread_cond_signal(&loader->rendered);
}

static void *run(void *argument)
{
    worker *me = argument;
    mf_loader *loader = me->loader;
    pthread_mutex_lock(&loader->mutex);
    while (!loader->stop) {
        slot *s = next_slot(loader);
        if (s)
            render_portion(loader, me->renderer, s);
        else
            pthread_cond_wait(&loader->work, &loader->mutex);
    }
    pthread_mutex_unlock(&loader->mutex);
    return NULL;
}

mf_batch mf_loader_next(mf_loader *loader)
{
    pthread_mutex_lock(&loader->mutex);
    loader->n_released = loader->n_delivered;
    pthread_cond_broadcast(&loader->work);
    for (slot *own; loader->n_started == 0 && (own = next_slot(loader));)
        render_portion(loader, loader->workers[0].renderer, own);
    const slot *s = &loader->slots[loader->n_delivered % loader->n_slots];
    while (loader->n_opened == loader->n_delivered || s->n_rendered < s->end)
        pthread_cond_wait(&loader->rendered, &loader->mutex);
    loader->n_delivered++;
    loader->to_deliver = after(loader, s->position);
    mf_batch batch = {.images = s->images,
                      .labels = s->labels,
                      .indices = s->indices,
                      .n = s->n,
                      .position = s->position};
    pthread_mutex_unlock(&loader->mutex);
    return batch;
}

/* ---- position -----------------------------------------------------------------------------------
 */

size_t mf_loader_n_batches(const mf_loader *loader)
{
    return loader->n_batches;
}

mf_position mf_loader_position(const mf_loader *loader)
{
    return loader->to_deliver; /* written by the calling thread only */
}

mf_status mf_loader_seek(mf_loader *loader, mf_position position, mf_diag *diag)
{
    if (position.batch >= loader->n_batches)
        return mf_fail(diag, MF_INVALID, "position: batch %zu of an epoch of %zu batches of %s",
                       position.batch, loader->n_batches, loader->pictures->name);
    pthread_mutex_lock(&loader->mutex);
    loader->paused = true;
    while (loader->n_busy > 0)
        pthread_cond_wait(&loader->rendered, &loader->mutex);
    loader->paused = false;
    loader->n_opened = loader->n_delivered = loader->n_released = 0;
    loader->to_open = loader->to_deliver = position;
    pthread_cond_broadcast(&loader->work);
    pthread_mutex_unlock(&loader->mutex);
    return MF_OK;
}

/* ---- creation -----------------------------------------------------------------------------------
 */

static mf_status check(const mf_pictures *pictures, const mf_loader_options *options, mf_diag *diag)
{
    const uint64_t side = options->rows > options->columns ? options->rows : options->columns;
    if (options->batch_size == 0)
        return mf_fail(diag, MF_INVALID, "loader: batches of 0 pictures");
    if (options->drop_last && options->batch_size > pictures->n)
        return mf_fail(diag, MF_INVALID, "loader: batches of %zu, but %s has only %zu pictures",
                       options->batch_size, pictures->name, pictures->n);
    if ((options->rows == 0) != (options->columns == 0) || side > MF_MAX_SIDE_PIXELS)
        return mf_fail(diag, MF_INVALID, "loader: images of %u x %u pixels; 1 to %d a side",
                       options->rows, options->columns, MF_MAX_SIDE_PIXELS);
    if (options->n_threads > MOST_THREADS)
        return mf_fail(diag, MF_INVALID, "loader: %zu threads; at most %d", options->n_threads,
                       MOST_THREADS);
    return mf_augmentation_check(&options->augmentation, pictures, diag);
}

static bool allocate(mf_loader *loader)
{
    const mf_loader_options *o = &loader->options;
    const size_t n_workers = o->n_threads ? o->n_threads : 1;
    const size_t n = o->batch_size < loader->pictures->n ? o->batch_size : loader->pictures->n;
    size_t bytes;
    if (__builtin_mul_overflow(n, loader->image_floats * sizeof(float), &bytes) ||
        bytes > SIZE_MAX - IMAGE_ALIGNMENT)
        return false;
    bytes = (bytes + IMAGE_ALIGNMENT - 1) / IMAGE_ALIGNMENT * IMAGE_ALIGNMENT;
    for (size_t i = 0; i < loader->n_slots; i++) {
        slot *s = &loader->slots[i];
        s->images = aligned_alloc(IMAGE_ALIGNMENT, bytes);
        s->labels = MF_NEW_ARRAY(loader->arena, uint32_t, n);
        s->indices = MF_NEW_ARRAY(loader->arena, uint32_t, n);
        if (!s->images || !s->labels || !s->indices)
            return false;
    }
    loader->order = MF_NEW_ARRAY(loader->arena, uint32_t, loader->pictures->n);
    loader->workers = MF_NEW_ARRAY(loader->arena, worker, n_workers);
    if (!loader->order || !loader->workers)
        return false;
    for (size_t i = 0; i < n_workers; i++) {
        mf_renderer *renderer =
            mf_renderer_create(loader->pictures, &o->augmentation, o->rows, o->columns);
        loader->workers[i] = (worker){.loader = loader, .renderer = renderer};
        if (!renderer)
            return false;
    }
    return true;
}

mf_status mf_loader_create(const mf_pictures *pictures, const mf_loader_options *options,
                           mf_loader **out, mf_diag *diag)
{
    MF_TRY(check(pictures, options, diag));
    mf_arena *arena = mf_arena_create();
    mf_loader *loader = arena ? MF_NEW(arena, mf_loader) : NULL;
    if (!loader) {
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    loader->arena = arena;
    loader->pictures = pictures;
    loader->options = *options;
    if (options->rows == 0) {
        loader->options.rows = pictures->rows;
        loader->options.columns = pictures->columns;
    }
    loader->image_floats =
        (size_t)loader->options.rows * loader->options.columns * pictures->channels;
    loader->n_batches = pictures->n / options->batch_size;
    if (!options->drop_last && pictures->n % options->batch_size != 0)
        loader->n_batches++;
    loader->n_slots = options->n_threads ? N_SLOTS : 1;
    pthread_mutex_init(&loader->mutex, NULL);
    pthread_cond_init(&loader->work, NULL);
    pthread_cond_init(&loader->rendered, NULL);
    mf_status status = allocate(loader) ? MF_OK : mf_fail_memory(diag);
    while (status == MF_OK && loader->n_started < options->n_threads) {
        worker *w = &loader->workers[loader->n_started];
        if (pthread_create(&w->thread, NULL, run, w) == 0)
            loader->n_started++;
        else
            status = mf_fail(diag, MF_NO_MEMORY, "cannot start %zu threads", options->n_threads);
    }
    if (status != MF_OK) {
        mf_loader_destroy(loader);
        return status;
    }
    *out = loader;
    return MF_OK;
}

void mf_loader_destroy(mf_loader *loader)
{
    if (!loader)
        return;
    pthread_mutex_lock(&loader->mutex);
    loader->stop = true;
    pthread_cond_broadcast(&loader->work);
    pthread_mutex_unlock(&loader->mutex);
    for (size_t i = 0; i < loader->n_started; i++)
        pthread_join(loader->workers[i].thread, NULL);
    const size_t n_workers = loader->options.n_threads ? loader->options.n_threads : 1;
    for (size_t i = 0; loader->workers && i < n_workers; i++)
        mf_renderer_destroy(loader->workers[i].renderer);
    for (size_t i = 0; i < loader->n_slots; i++)
        free(loader->slots[i].images);
    pthread_cond_destroy(&loader->rendered);
    pthread_cond_destroy(&loader->work);
    pthread_mutex_destroy(&loader->mutex);
    mf_arena_destroy(loader->arena);
}
