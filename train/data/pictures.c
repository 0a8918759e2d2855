/* Sets of pictures whatever their source: making, choosing the source, measuring, comparing. */
#include "train/data/source.h"

#include "base/nearest.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

typedef struct source {
    const char *name, *usage, *about;
    mf_status (*load)(const char *where, const mf_pictures_options *options, mf_pictures **pictures,
                      mf_diag *diag);
} source;

static const source sources[] = {
#define MF_SOURCE(name, usage, about) {#name, usage, about, mf_source_##name},
#include "train/data/sources.def"
#undef MF_SOURCE
};

enum { N_SOURCES = sizeof sources / sizeof sources[0] };

mf_status mf_pictures_create(const char *name, size_t n, uint32_t rows, uint32_t columns,
                             uint32_t channels, uint32_t n_classes, mf_pictures **pictures,
                             mf_diag *diag)
{
    if (rows == 0 || columns == 0 || rows > MF_MAX_SIDE_PIXELS || columns > MF_MAX_SIDE_PIXELS)
        return mf_fail(diag, MF_INVALID, "%s: pictures of %u x %u pixels; 1 to %d a side are taken",
                       name, rows, columns, MF_MAX_SIDE_PIXELS);
    if (channels != 1 && channels != 3)
        return mf_fail(diag, MF_INVALID, "%s: pictures of %u channels; 1 and 3 are taken", name,
                       channels);
    if (n == 0)
        return mf_fail(diag, MF_INVALID, "%s: no picture at all", name);
    if (n > UINT32_MAX)
        return mf_fail(diag, MF_TOO_LARGE, "%s: %zu pictures, above 2^32 - 1", name, n);
    mf_arena *arena = mf_arena_create();
    mf_pictures *p = arena ? MF_NEW(arena, mf_pictures) : NULL;
    if (!p) {
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    *p = (mf_pictures){.n = n,
                       .rows = rows,
                       .columns = columns,
                       .channels = channels,
                       .n_classes = n_classes,
                       .arena = arena};
    p->name = mf_arena_string(arena, name);
    p->pixels = mf_arena_array(arena, n, (size_t)rows * columns * channels);
    p->labels = MF_NEW_ARRAY(arena, uint32_t, n);
    if (!p->name || !p->pixels || !p->labels) {
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    *pictures = p;
    return MF_OK;
}

void mf_pictures_destroy(mf_pictures *pictures)
{
    if (pictures)
        mf_arena_destroy(pictures->arena);
}

bool mf_pictures_source(size_t index, const char **usage, const char **about)
{
    if (index >= N_SOURCES)
        return false;
    *usage = sources[index].usage;
    *about = sources[index].about;
    return true;
}

static mf_status fail_unknown(const char *spec, mf_diag *diag)
{
    const char *names[N_SOURCES];
    mf_text word = {0}, usages = {0};
    mf_text_add(&word, spec, strcspn(spec, ":"));
    for (size_t i = 0; i < N_SOURCES; i++) {
        names[i] = sources[i].name;
        mf_text_printf(&usages, "%s%s", i ? ", " : "", sources[i].usage);
    }
    mf_status status = mf_fail(diag, MF_UNKNOWN_NAME, "no such picture source: \"%s\"", spec);
    const char *near =
        word.failed ? NULL : mf_nearest(word.bytes ? word.bytes : "", names, N_SOURCES);
    if (near)
        mf_hint(diag, "did you mean \"%s\"?", near);
    else if (!usages.failed)
        mf_hint(diag, "sources are %s", usages.bytes);
    mf_text_free(&word);
    mf_text_free(&usages);
    return status;
}

mf_status mf_pictures_load(const char *spec, const mf_pictures_options *options,
                           mf_pictures **pictures, mf_diag *diag)
{
    const size_t length = strcspn(spec, ":");
    const char *where = spec[length] == ':' ? spec + length + 1 : "";
    for (size_t i = 0; i < N_SOURCES; i++) {
        if (strlen(sources[i].name) != length || memcmp(spec, sources[i].name, length) != 0)
            continue;
        bool wants_place = strchr(sources[i].usage, ':') != NULL;
        if (wants_place != (*where != '\0'))
            return mf_fail(diag, MF_INVALID, "\"%s\": write it as %s", spec, sources[i].usage);
        MF_TRY(sources[i].load(where, options, pictures, diag));
        char *name = mf_arena_string((*pictures)->arena, spec);
        if (name)
            (*pictures)->name = name;
        return MF_OK;
    }
    return fail_unknown(spec, diag);
}

/* Integer sums: exact, so that no order of adding matters. */
void mf_pictures_measure(const mf_pictures *pictures, float mean[MF_MAX_CHANNELS],
                         float deviation[MF_MAX_CHANNELS])
{
    const size_t channels = pictures->channels;
    const size_t n_pixels = pictures->n * pictures->rows * pictures->columns;
    for (size_t c = 0; c < MF_MAX_CHANNELS; c++) {
        mean[c] = 0;
        deviation[c] = 1;
    }
    for (size_t c = 0; c < channels; c++) {
        uint64_t sum = 0, squares = 0;
        for (size_t i = 0; i < n_pixels; i++) {
            uint32_t x = pictures->pixels[i * channels + c];
            sum += x;
            squares += x * x;
        }
        double average = (double)sum / (double)n_pixels;
        double variance = (double)squares / (double)n_pixels - average * average;
        mean[c] = (float)(average / 255);
        deviation[c] = (float)(sqrt(variance > 0 ? variance : 0) / 255);
    }
}

mf_status mf_pictures_match(const mf_pictures *training, const mf_pictures *held_out, mf_diag *diag)
{
    if (training->channels != held_out->channels)
        return mf_fail(diag, MF_INVALID, "%s has pictures of %u channels, %s of %u", training->name,
                       training->channels, held_out->name, held_out->channels);
    if (training->n_classes != held_out->n_classes)
        return mf_fail(diag, MF_INVALID, "%s has %u classes, %s %u", training->name,
                       training->n_classes, held_out->name, held_out->n_classes);
    if (!training->class_names || !held_out->class_names)
        return MF_OK;
    for (uint32_t c = 0; c < training->n_classes; c++)
        if (strcmp(training->class_names[c], held_out->class_names[c]) != 0)
            return mf_fail(diag, MF_INVALID, "class %u is \"%s\" in %s but \"%s\" in %s", c,
                           training->class_names[c], training->name, held_out->class_names[c],
                           held_out->name);
    return MF_OK;
}
