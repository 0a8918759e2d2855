/* Reading a trace: the manifest at once, the arrays of a layer when they are asked for. */
#include "models/trace.h"

#include "base/zip.h"
#include "models/trace_format.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LARGEST_MANIFEST_BYTES = 2 << 20, /* some 500 layers take one half */
    HEADER_ROOM_BYTES = 1 << 16       /* what an entry may have beside its items */
};

/* What a manifest's rounding may differ by. */
#define ZERO_FRACTION_TOLERANCE 1e-6

typedef struct item {
    mf_layer_data data;
    mf_trace_marks marks;
    const mf_zip_entry *entries[MF_N_TRACE_ARRAYS]; /* NULL where the kind has no such array */
} item;

struct mf_trace {
    mf_arena *arena;
    mf_zip_reader *zip;
    const char *path, *network, *about;
    item *items;
    size_t n_items;
};

/* ---- opening -----------------------------------------------------------------------------------
 */

static mf_status check_text(const mf_json *root, const char *key, const char *text, mf_diag *diag)
{
    if (mf_trace_is_text(text))
        return MF_OK;
    return mf_json_fail(root, diag, MF_INVALID,
                        "%s: expected 1 to %d characters, none of them a control character", key,
                        MF_TRACE_LONGEST_TEXT);
}

static mf_status read_head(mf_trace *t, const mf_json *root, mf_diag *diag)
{
    static const char *const formats[] = {"mulfree-trace"};
    static const char *const keys[] = {"format", "version", "network", "about", "layers", NULL};
    size_t choice;
    uint64_t number;
    mf_json version;
    MF_TRY(mf_json_choice(root, "format", formats, 1, &choice, diag));
    MF_TRY(mf_json_get(root, "version", &version, diag));
    MF_TRY(mf_json_read_count(&version, 1, UINT32_MAX, &number, diag));
    if (number != 1) /* before its keys, which may be new */
        return mf_json_fail(&version, diag, MF_INVALID,
                            "this is version %" PRIu64 " of the format; only 1 is read", number);
    MF_TRY(mf_json_only(root, keys, diag));
    MF_TRY(mf_json_copy_string(root, "network", t->arena, &t->network, diag));
    MF_TRY(check_text(root, "network", t->network, diag));
    if (!mf_json_find(root, "about", &version))
        return MF_OK;
    MF_TRY(mf_json_copy_string(root, "about", t->arena, &t->about, diag));
    return check_text(root, "about", t->about, diag);
}

static mf_status read_layers(mf_trace *t, const mf_json *root, mf_diag *diag)
{
    mf_json layers, at = {0};
    MF_TRY(mf_json_array(root, "layers", &layers, diag));
    size_t n = mf_json_size(&layers);
    if (n == 0)
        return mf_json_fail(&layers, diag, MF_INVALID, "there is no layer");
    if (n > MF_TRACE_MOST_LAYERS)
        return mf_json_fail(&layers, diag, MF_TOO_LARGE, "%zu layers, %d are the most", n,
                            MF_TRACE_MOST_LAYERS);
    t->items = MF_NEW_ARRAY(t->arena, item, n);
    if (!t->items)
        return mf_fail_memory(diag);
    for (; mf_json_next(&layers, &at); t->n_items++) {
        item *new = &t->items[t->n_items];
        MF_TRY(mf_trace_read_layer(&at, t->arena, &new->data, &new->marks, diag));
        for (size_t i = 0; i < t->n_items; i++)
            if (strcmp(t->items[i].data.name, new->data.name) == 0)
                return mf_json_fail(&at, diag, MF_INVALID, "layers[%zu] has the name \"%s\", too",
                                    i, new->data.name);
    }
    return MF_OK;
}

static mf_status parse_manifest(mf_trace *t, const char *text, size_t n_bytes, mf_diag *diag)
{
    mf_json_doc *doc = NULL;
    const char *name = mf_arena_format(t->arena, "%s: manifest.json", t->path);
    if (!name)
        return mf_fail_memory(diag);
    MF_TRY(mf_json_parse(text, n_bytes, name, &doc, diag));
    mf_json root = mf_json_root(doc);
    mf_status status = read_head(t, &root, diag);
    if (status == MF_OK)
        status = read_layers(t, &root, diag);
    mf_json_destroy(doc);
    return status;
}

static mf_status read_manifest(mf_trace *t, mf_diag *diag)
{
    const mf_zip_entry *entry = mf_zip_find(t->zip, "manifest.json");
    if (!entry)
        return mf_fail(diag, MF_INVALID, "%s: not a trace: there is no manifest.json", t->path);
    if (entry->n_bytes > LARGEST_MANIFEST_BYTES)
        return mf_fail(diag, MF_TOO_LARGE, "%s: manifest.json has %" PRIu64 " bytes, %d at most",
                       t->path, entry->n_bytes, LARGEST_MANIFEST_BYTES);
    char *text = calloc(entry->n_bytes + 1, 1);
    if (!text)
        return mf_fail_memory(diag);
    mf_status status = mf_zip_read(t->zip, entry, text, diag);
    if (status == MF_OK)
        status = parse_manifest(t, text, (size_t)entry->n_bytes, diag);
    free(text);
    return status;
}

static mf_status find_entry(mf_trace *t, size_t index, mf_trace_what what, mf_diag *diag)
{
    item *layer = &t->items[index];
    char name[MF_TRACE_ENTRY_BYTES];
    mf_trace_entry_name(index, layer->data.name, what, name);
    const mf_zip_entry *entry = mf_zip_find(t->zip, name);
    if (!entry)
        return mf_fail(diag, MF_INVALID, "%s: layer %s: %s is missing: there is no %s", t->path,
                       layer->data.name, mf_trace_array_names[what], name);
    if (entry->n_bytes > MF_TRACE_MOST_BYTES + HEADER_ROOM_BYTES)
        return mf_fail(diag, MF_TOO_LARGE,
                       "%s: layer %s: %s unpacks to %" PRIu64 " bytes, %" PRIu64 " are the most",
                       t->path, layer->data.name, mf_trace_array_names[what], entry->n_bytes,
                       MF_TRACE_MOST_BYTES);
    layer->entries[what] = entry;
    return MF_OK;
}

/* Every array is there, and nothing that a reader would take for one and never see. */
static mf_status find_entries(mf_trace *t, mf_diag *diag)
{
    mf_trace_array array;
    const size_t n = mf_zip_count(t->zip);
    const mf_zip_entry *first = mf_zip_at(t->zip, 0);
    bool *known = MF_NEW_ARRAY(t->arena, bool, n);
    if (!known)
        return mf_fail_memory(diag);
    known[mf_zip_find(t->zip, "manifest.json") - first] = true;
    for (size_t i = 0; i < t->n_items; i++)
        for (int k = 0; k < MF_N_TRACE_ARRAYS; k++)
            if (mf_trace_array_of(&t->items[i].data, (mf_trace_what)k, &array)) {
                MF_TRY(find_entry(t, i, (mf_trace_what)k, diag));
                known[t->items[i].entries[k] - first] = true;
            }
    for (size_t i = 0; i < n; i++)
        if (!known[i])
            return mf_fail(diag, MF_INVALID, "%s: no layer of the manifest has an array %.200s",
                           t->path, mf_zip_at(t->zip, i)->name);
    return MF_OK;
}

/* Takes the archive, also where it fails. */
static mf_status open_archive(const char *path, mf_zip_reader *zip, mf_trace **trace, mf_diag *diag)
{
    mf_status status = MF_OK;
    mf_arena *arena = mf_arena_create();
    mf_trace *t = arena ? MF_NEW(arena, mf_trace) : NULL;
    if (!t) {
        mf_arena_destroy(arena);
        mf_zip_close(zip);
        return mf_fail_memory(diag);
    }
    *t = (mf_trace){.arena = arena, .zip = zip, .path = mf_arena_string(arena, path)};
    if (!t->path)
        MF_TRY_DONE(mf_fail_memory(diag));
    MF_TRY_DONE(read_manifest(t, diag));
    MF_TRY_DONE(find_entries(t, diag));
    *trace = t;
done:
    if (status != MF_OK)
        mf_trace_close(t);
    return status;
}

mf_status mf_trace_open(const char *path, mf_trace **trace, mf_diag *diag)
{
    mf_zip_reader *zip;
    MF_TRY(mf_zip_open(path, &zip, diag));
    return open_archive(path, zip, trace, diag);
}

mf_status mf_trace_open_bytes(const char *name, const void *bytes, size_t n_bytes, mf_trace **trace,
                              mf_diag *diag)
{
    mf_zip_reader *zip;
    MF_TRY(mf_zip_open_bytes(name, bytes, n_bytes, &zip, diag));
    return open_archive(name, zip, trace, diag);
}

void mf_trace_close(mf_trace *trace)
{
    if (!trace)
        return;
    mf_zip_close(trace->zip);
    mf_arena_destroy(trace->arena);
}

const char *mf_trace_network(const mf_trace *trace)
{
    return trace->network;
}

const char *mf_trace_about(const mf_trace *trace)
{
    return trace->about;
}

size_t mf_trace_count(const mf_trace *trace)
{
    return trace->n_items;
}

const mf_layer_data *mf_trace_layer(const mf_trace *trace, size_t index)
{
    assert(index < trace->n_items);
    return &trace->items[index].data;
}

bool mf_trace_has_weights(const mf_trace *trace, size_t index)
{
    return mf_trace_kind_has_weights(mf_trace_layer(trace, index)->kind);
}

/* ---- loading -----------------------------------------------------------------------------------
 */

/* An array on its way from the file into memory. */
typedef struct loading {
    const mf_trace *trace;
    const item *layer;
    mf_trace_what what;
    mf_trace_array expected;
    mf_npy found;
    const char *name; /* "<path>: layer <layer>: <array>", for messages */
} loading;

/* (64, 3, 7, 7), as numpy prints shapes. */
static const char *shape_text(mf_arena *arena, const uint64_t *size, size_t n)
{
    const char *text = "(";
    for (size_t i = 0; i < n && text; i++)
        text = mf_arena_format(arena, "%s%s%" PRIu64, text, i ? ", " : "", size[i]);
    text = text ? mf_arena_format(arena, "%s%s)", text, n == 1 ? "," : "") : NULL;
    return text ? text : "?";
}

static mf_status check_shape(const loading *l, mf_arena *scratch, mf_diag *diag)
{
    const mf_npy *found = &l->found;
    const mf_trace_array *expected = &l->expected;
    if (!mf_npy_is_integer(found->type))
        return mf_fail(diag, MF_INVALID,
                       "%s: items of type '%s', expected integers: convert with array.astype('%s')",
                       l->name, mf_npy_type_name(found->type), mf_npy_type_name(expected->type));
    if (found->n_dimensions == expected->n_dimensions &&
        memcmp(found->size, expected->size, expected->n_dimensions * sizeof *found->size) == 0)
        return MF_OK;
    return mf_fail(diag, MF_INVALID, "%s: shape %s, expected %s", l->name,
                   shape_text(scratch, found->size, found->n_dimensions),
                   shape_text(scratch, expected->size, expected->n_dimensions));
}

static mf_status check_marks(const loading *l, uint64_t n_zeros, mf_diag *diag)
{
    const mf_trace_marks *marks = &l->layer->marks;
    const size_t n_bytes = (size_t)l->found.n_items * mf_npy_item_bytes(l->found.type);
    if (marks->has_crc32[l->what]) {
        uint32_t crc = mf_trace_crc32(l->found.items, n_bytes), said = marks->crc32[l->what];
        if (crc != said)
            return mf_fail(diag, MF_INVALID,
                           "%s: crc32 is %08" PRIx32 ", but the manifest says %08" PRIx32, l->name,
                           crc, said);
    }
    if (marks->has_zero_fraction[l->what]) {
        double fraction = (double)n_zeros / (double)l->expected.n_items;
        double said = marks->zero_fraction[l->what];
        if (fabs(fraction - said) > ZERO_FRACTION_TOLERANCE)
            return mf_fail(diag, MF_INVALID,
                           "%s: the fraction of zeros is %.9g, but the manifest says %.9g", l->name,
                           fraction, said);
    }
    return MF_OK;
}

/* Take the numbers out of the file's type into `items`. */
static mf_status convert(const loading *l, void *items, mf_diag *diag)
{
    const mf_trace_array *expected = &l->expected;
    uint64_t n_zeros = 0;
    for (uint64_t i = 0; i < expected->n_items; i++) {
        int64_t value = mf_npy_integer(&l->found, i);
        if (!mf_trace_array_takes(expected, value))
            return mf_trace_fail_item(l->trace->path, &l->layer->data, l->what, i, value, diag);
        if (expected->wide)
            ((int64_t *)items)[i] = value;
        else
            ((int32_t *)items)[i] = (int32_t)value;
        n_zeros += value == 0;
    }
    return check_marks(l, n_zeros, diag);
}

static mf_status parse_array(loading *l, const void *bytes, size_t n_bytes, mf_arena *scratch,
                             mf_arena *arena, void **items, mf_diag *diag)
{
    l->name = mf_arena_format(scratch, "%s: layer %s: %s", l->trace->path, l->layer->data.name,
                              mf_trace_array_names[l->what]);
    if (!l->name)
        return mf_fail_memory(diag);
    MF_TRY(mf_npy_parse(l->name, bytes, n_bytes, &l->found, diag));
    MF_TRY(check_shape(l, scratch, diag));
    *items = mf_arena_array(arena, (size_t)l->expected.n_items,
                            l->expected.wide ? sizeof(int64_t) : sizeof(int32_t));
    return *items ? convert(l, *items, diag) : mf_fail_memory(diag);
}

/* `bytes` are the file's and gone before the next array is read. */
static mf_status load_array(mf_trace *t, const item *layer, mf_trace_what what, mf_arena *arena,
                            void **items, mf_diag *diag)
{
    mf_status status;
    loading l = {.trace = t, .layer = layer, .what = what};
    const mf_zip_entry *entry = layer->entries[what];
    mf_arena *scratch = mf_arena_create();
    void *bytes = malloc((size_t)entry->n_bytes + 1);
    if (!scratch || !bytes)
        MF_TRY_DONE(mf_fail_memory(diag));
    mf_trace_array_of(&layer->data, what, &l.expected);
    MF_TRY_DONE(mf_zip_read(t->zip, entry, bytes, diag));
    MF_TRY_DONE(parse_array(&l, bytes, (size_t)entry->n_bytes, scratch, arena, items, diag));
done:
    free(bytes);
    mf_arena_destroy(scratch);
    return status;
}

static void set_items(mf_layer_data *data, mf_trace_what what, const void *items)
{
    if (what == MF_TRACE_IFMAP) {
        data->ifmap = items;
        return;
    }
    if (what <= MF_TRACE_LAST_INPUT) {
        data->others[what - 1].codes = items;
        return;
    }
    switch (what) {
#define MF_TRACE_ARRAY(NAME, name)                                                                 \
    case MF_TRACE_##NAME:                                                                          \
        data->name = items;                                                                        \
        break;
        MF_TRACE_ARRAYS(MF_TRACE_ARRAY)
#undef MF_TRACE_ARRAY
    default:
        break;
    }
}

mf_status mf_trace_load(mf_trace *trace, size_t index, mf_arena *arena, mf_layer_data *data,
                        mf_diag *diag)
{
    assert(index < trace->n_items);
    const item *layer = &trace->items[index];
    mf_layer_data loaded = layer->data;
    for (int i = 0; i < MF_N_TRACE_ARRAYS; i++) {
        void *items = NULL;
        if (!layer->entries[i])
            continue;
        MF_TRY(load_array(trace, layer, (mf_trace_what)i, arena, &items, diag));
        set_items(&loaded, (mf_trace_what)i, items);
    }
    *data = loaded;
    return MF_OK;
}

mf_status mf_trace_each(mf_trace *trace, mf_trace_reader *with, void *user, mf_diag *diag)
{
    mf_status status = MF_OK;
    for (size_t i = 0; i < mf_trace_count(trace) && status == MF_OK; i++) {
        mf_layer_data data;
        mf_arena *arena = mf_arena_create();
        status = arena ? mf_trace_load(trace, i, arena, &data, diag) : mf_fail_memory(diag);
        if (status == MF_OK)
            status = with(user, i, &data, diag);
        mf_arena_destroy(arena);
    }
    return status;
}
