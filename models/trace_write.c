/* Writing a trace: arrays as they come, the manifest at the end. */
#include "base/escape.h"
#include "base/zip.h"
#include "models/trace.h"
#include "models/trace_format.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct mf_trace_writer {
    mf_arena *arena;
    mf_zip_writer *zip;
    const char *path;
    const char **names; /* of the layers so far */
    size_t n_layers;
    mf_text manifest;
    bool broken; /* something is written in part */
};

/* The beginning of the manifest; the only place where foreign text comes in. */
static mf_status put_head(mf_trace_writer *w, const char *network, const char *about, mf_diag *diag)
{
    mf_text *text = &w->manifest;
    mf_text_puts(text, "{\"format\": \"mulfree-trace\", \"version\": 1,\n \"network\": ");
    mf_escape_json(text, network);
    if (about) {
        mf_text_puts(text, ",\n \"about\": ");
        mf_escape_json(text, about);
    }
    mf_text_puts(text, ",\n \"layers\": [");
    return text->failed ? mf_fail_memory(diag) : MF_OK;
}

mf_status mf_trace_create(const char *path, const char *network, const char *about,
                          mf_trace_writer **writer, mf_diag *diag)
{
    mf_status status;
    if (!mf_trace_is_text(network) || (about && !mf_trace_is_text(about)))
        return mf_fail(
            diag, MF_INVALID,
            "%s: the network's name and the text about it are 1 to %d characters, none of "
            "them a control character",
            path, MF_TRACE_LONGEST_TEXT);
    mf_arena *arena = mf_arena_create();
    mf_trace_writer *w = arena ? MF_NEW(arena, mf_trace_writer) : NULL;
    if (!w) {
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    *w = (mf_trace_writer){.arena = arena,
                           .path = mf_arena_string(arena, path),
                           .names = MF_NEW_ARRAY(arena, const char *, MF_TRACE_MOST_LAYERS)};
    if (!w->path || !w->names)
        MF_TRY_DONE(mf_fail_memory(diag));
    MF_TRY_DONE(put_head(w, network, about, diag));
    MF_TRY_DONE(mf_zip_create(path, &w->zip, diag));
    *writer = w;
done:
    if (status != MF_OK)
        mf_trace_abandon(w);
    return status;
}

void mf_trace_abandon(mf_trace_writer *writer)
{
    if (!writer)
        return;
    mf_zip_abandon(writer->zip);
    mf_text_free(&writer->manifest);
    mf_arena_destroy(writer->arena);
}

/* ---- checks: nothing is written before all of them ---------------------------------------------
 */

static mf_status check_description(const mf_trace_writer *w, const mf_layer_data *layer,
                                   mf_diag *diag)
{
    mf_diag fault = {0};
    mf_status status = mf_trace_check_layer(layer, &fault);
    if (status != MF_OK)
        return mf_fail(diag, status, "%s: layer %.60s: %s", w->path, layer->name, fault.message);
    for (size_t i = 0; i < w->n_layers; i++)
        if (strcmp(w->names[i], layer->name) == 0)
            return mf_fail(diag, MF_INVALID, "%s: two layers are named \"%s\"", w->path,
                           layer->name);
    if (w->n_layers == MF_TRACE_MOST_LAYERS)
        return mf_fail(diag, MF_TOO_LARGE, "%s: more than %d layers", w->path,
                       MF_TRACE_MOST_LAYERS);
    return MF_OK;
}

static int64_t item_at(const mf_trace_array *array, const void *items, uint64_t index)
{
    return array->wide ? ((const int64_t *)items)[index] : ((const int32_t *)items)[index];
}

static mf_status check_array(const mf_trace_writer *w, const mf_layer_data *layer,
                             mf_trace_what what, mf_diag *diag)
{
    mf_trace_array array;
    const void *items = mf_trace_items(layer, what);
    bool expected = mf_trace_array_of(layer, what, &array);
    if (expected != (items != NULL))
        return mf_fail(diag, MF_INVALID, "%s: layer %s: %s of a layer of kind %s %s", w->path,
                       layer->name, mf_trace_array_names[what], mf_layer_kind_name(layer->kind),
                       expected ? "is missing" : "has no meaning");
    for (uint64_t i = 0; expected && i < array.n_items; i++) {
        int64_t value = item_at(&array, items, i);
        if (!mf_trace_array_takes(&array, value))
            return mf_trace_fail_item(w->path, layer, what, i, value, diag);
    }
    return MF_OK;
}

/* ---- arrays ------------------------------------------------------------------------------------
 */

/* The items in the type of the file; `items` itself where that is theirs. NULL when memory is out.
 */
static const void *narrow(const mf_trace_array *array, const void *items, mf_arena *arena)
{
    const size_t n_bytes = mf_npy_item_bytes(array->type);
    if (n_bytes == (array->wide ? sizeof(int64_t) : sizeof(int32_t)))
        return items;
    char *out = mf_arena_array(arena, (size_t)array->n_items, n_bytes);
    for (uint64_t i = 0; out && i < array->n_items; i++) {
        int64_t value = item_at(array, items, i); /* little-endian, as base/npy.c asserts */
        memcpy(out + i * n_bytes, &value, n_bytes);
    }
    return out;
}

static mf_status write_array(mf_trace_writer *w, const mf_layer_data *layer, mf_trace_what what,
                             const mf_trace_array *array, mf_arena *scratch, mf_trace_marks *marks,
                             mf_diag *diag)
{
    char name[MF_TRACE_ENTRY_BYTES];
    void *bytes = NULL;
    size_t n_bytes = 0;
    uint64_t n_zeros = 0;
    const void *items = mf_trace_items(layer, what);
    mf_npy npy = {.type = array->type, .n_dimensions = array->n_dimensions};
    memcpy(npy.size, array->size, sizeof array->size);
    npy.items = narrow(array, items, scratch);
    if (!npy.items)
        return mf_fail_memory(diag);
    for (uint64_t i = 0; i < array->n_items; i++)
        n_zeros += item_at(array, items, i) == 0;
    marks->zero_fraction[what] = (double)n_zeros / (double)array->n_items;
    marks->crc32[what] =
        mf_trace_crc32(npy.items, (size_t)array->n_items * mf_npy_item_bytes(array->type));
    MF_TRY(mf_npy_format(&npy, scratch, &bytes, &n_bytes, diag));
    mf_trace_entry_name(w->n_layers, layer->name, what, name);
    return mf_zip_add(w->zip, name, bytes, n_bytes, diag);
}

static mf_status write_layer(mf_trace_writer *w, const mf_layer_data *layer, mf_diag *diag)
{
    mf_trace_marks marks = {0};
    mf_trace_array array;
    char *name = mf_arena_string(w->arena, layer->name);
    if (!name)
        return mf_fail_memory(diag);
    for (int i = 0; i < MF_N_TRACE_ARRAYS; i++) {
        const mf_trace_what what = (mf_trace_what)i;
        if (!mf_trace_array_of(layer, what, &array))
            continue;
        mf_arena *scratch = mf_arena_create();
        mf_status status = scratch ? write_array(w, layer, what, &array, scratch, &marks, diag)
                                   : mf_fail_memory(diag);
        mf_arena_destroy(scratch);
        if (status != MF_OK)
            return status;
    }
    w->names[w->n_layers] = name;
    mf_text_puts(&w->manifest, w->n_layers++ ? ",\n  " : "\n  ");
    mf_trace_put_layer(&w->manifest, layer, &marks);
    return w->manifest.failed ? mf_fail_memory(diag) : MF_OK;
}

mf_status mf_trace_add(mf_trace_writer *writer, const mf_layer_data *data, mf_diag *diag)
{
    assert(data->name && (unsigned)data->kind < MF_N_LAYER_KINDS &&
           (unsigned)data->activation < MF_N_ACTIVATIONS);
    MF_TRY(check_description(writer, data, diag));
    for (int i = 0; i < MF_N_TRACE_ARRAYS; i++)
        MF_TRY(check_array(writer, data, (mf_trace_what)i, diag));
    mf_status status = write_layer(writer, data, diag);
    writer->broken = writer->broken || status != MF_OK;
    return status;
}

mf_status mf_trace_finish(mf_trace_writer *w, mf_diag *diag)
{
    mf_status status = MF_OK;
    mf_text_puts(&w->manifest, "\n ]}\n");
    if (w->broken)
        MF_TRY_DONE(mf_fail(diag, MF_IO, "%s: not written: a layer could not be added", w->path));
    if (w->n_layers == 0)
        MF_TRY_DONE(mf_fail(diag, MF_INVALID, "%s: a trace needs a layer", w->path));
    if (w->manifest.failed)
        MF_TRY_DONE(mf_fail_memory(diag));
    MF_TRY_DONE(mf_zip_add(w->zip, "manifest.json", w->manifest.bytes, w->manifest.length, diag));
    status = mf_zip_finish(w->zip, diag);
    w->zip = NULL; /* gone either way */
done:
    mf_trace_abandon(w);
    return status;
}
