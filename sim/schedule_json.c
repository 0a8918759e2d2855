/* Schedules in and out. */
#include "sim/schedule_json.h"

#include "base/escape.h"
#include "base/faults.h"
#include "base/nearest.h"

#include <inttypes.h>
#include <string.h>

/* ---- reading -----------------------------------------------------------------------------------
 */

static const char *const schedule_keys[] = {"network", "segments", NULL};
static const char *const segment_keys[] = {"layers",     "rows",         "finds", "keeps",
                                           "recomputes", "weights_stay", "input", NULL};
static const char *const inputs[] = {"held", "reread"};

typedef struct reader {
    const mf_network *network;
    mf_schedule *schedule;
    mf_arena *arena;
    const char **names; /* of the network's layers */
} reader;

static mf_status find_layer(const reader *r, const mf_json *value, size_t *layer, mf_diag *diag)
{
    const char *name;
    MF_TRY(mf_json_read_string(value, &name, diag));
    for (*layer = 0; *layer < r->network->n_layers; ++*layer)
        if (strcmp(r->names[*layer], name) == 0)
            return MF_OK;
    mf_status status = mf_json_fail(value, diag, MF_UNKNOWN_NAME, "%s has no layer \"%s\"",
                                    r->network->name, name);
    const char *nearest = mf_nearest(name, r->names, r->network->n_layers);
    if (nearest)
        mf_hint(diag, "did you mean \"%s\"?", nearest);
    return status;
}

/* The layers of a segment: the next ones of the network. */
static mf_status read_layers(const reader *r, const mf_json *object, size_t next,
                             mf_segment *segment, mf_diag *diag)
{
    mf_json list, item = {0};
    MF_TRY(mf_json_array(object, "layers", &list, diag));
    *segment = (mf_segment){.first = next};
    while (mf_json_next(&list, &item)) {
        size_t layer, expected = next + segment->n_layers;
        MF_TRY(find_layer(r, &item, &layer, diag));
        if (layer < expected)
            return mf_json_fail(&item, diag, MF_INVALID, "layer %s is in a segment already",
                                r->names[layer]);
        if (layer > expected)
            return mf_json_fail(&item, diag, MF_INVALID, "layer %s comes before %s",
                                r->names[expected], r->names[layer]);
        segment->n_layers++;
    }
    if (segment->n_layers == 0)
        return mf_json_fail(&list, diag, MF_INVALID, "a segment needs a layer");
    return MF_OK;
}

/* A list of layers, or nothing: of this segment, or of those before it. */
static mf_status read_marks(const reader *r, const mf_json *object, const char *key, size_t begin,
                            size_t end, const char *where, bool *marks, mf_diag *diag)
{
    mf_json list, item = {0};
    if (!mf_json_find(object, key, &list))
        return MF_OK;
    MF_TRY(mf_json_array(object, key, &list, diag));
    while (mf_json_next(&list, &item)) {
        size_t layer;
        MF_TRY(find_layer(r, &item, &layer, diag));
        if (layer < begin || layer >= end)
            return mf_json_fail(&item, diag, MF_INVALID, "layer %s is not %s", r->names[layer],
                                where);
        if (marks[layer])
            return mf_json_fail(&item, diag, MF_INVALID, "layer %s is there twice",
                                r->names[layer]);
        marks[layer] = true;
    }
    return MF_OK;
}

/* Who reads a map in the buffer says so, and finds what somebody kept. */
static mf_status check_finds(const reader *r, const mf_json *object, const mf_segment *segment,
                             const bool *finds, mf_diag *diag)
{
    const mf_schedule *s = r->schedule;
    for (size_t map = 0; map < segment->first; map++) {
        const char *reads_it = NULL;
        for (size_t i = segment->first; i < segment->first + segment->n_layers; i++)
            for (size_t k = 0; k < r->network->layers[i].n_inputs; k++)
                if (r->network->layers[i].input[k] == (int)map)
                    reads_it = r->names[i];
        if (finds[map] && !s->stays[map])
            return mf_json_fail(
                object, diag, MF_INVALID,
                "the map of %s is to be found in the buffer, but no segment keeps it",
                r->names[map]);
        if (finds[map] && !reads_it)
            return mf_json_fail(object, diag, MF_INVALID,
                                "the map of %s is found in the buffer, but no layer of the segment "
                                "reads it",
                                r->names[map]);
        if (s->stays[map] && reads_it && !finds[map])
            return mf_json_fail(
                object, diag, MF_INVALID,
                "layer %s reads the map of %s, which stays in the buffer: it has to "
                "be among \"finds\"",
                reads_it, r->names[map]);
    }
    return MF_OK;
}

static mf_status read_segment(const reader *r, const mf_json *object, size_t next,
                              mf_segment *segment, mf_diag *diag)
{
    mf_schedule *s = r->schedule;
    mf_faults faults = {0};
    mf_json input;
    size_t choice = 0;
    bool *finds = MF_NEW_ARRAY(r->arena, bool, r->network->n_layers);
    if (!finds)
        return mf_fail_memory(diag);
    MF_TRY(mf_json_only(object, segment_keys, diag));
    MF_TRY(read_layers(r, object, next, segment, diag));
    size_t end = next + segment->n_layers;
    segment->rows = r->network->layers[end - 1].shape.e;
    MF_ALSO(mf_json_count_or(object, "rows", 1, segment->rows, &segment->rows, &faults.latest));
    MF_ALSO(read_marks(r, object, "keeps", next, end, "of this segment", s->stays, &faults.latest));
    MF_ALSO(read_marks(r, object, "recomputes", next, end, "of this segment", s->recomputes,
                       &faults.latest));
    MF_ALSO(read_marks(r, object, "weights_stay", next, end, "of this segment", s->weights_stay,
                       &faults.latest));
    MF_ALSO(read_marks(r, object, "finds", 0, next, "of a segment before", finds, &faults.latest));
    if (mf_json_find(object, "input", &input))
        MF_ALSO(mf_json_read_choice(&input, inputs, 2, &choice, &faults.latest));
    segment->rereads = choice == 1;
    MF_TRY(mf_faults_end(&faults, diag));
    return check_finds(r, object, segment, finds, diag);
}

static mf_status read_segments(const reader *r, const mf_json *list, mf_diag *diag)
{
    mf_schedule *s = r->schedule;
    mf_json item = {0};
    size_t next = 0;
    s->n_segments = 0;
    while (mf_json_next(list, &item)) {
        if (next == r->network->n_layers)
            return mf_json_fail(&item, diag, MF_INVALID, "all layers of %s are in segments already",
                                r->network->name);
        MF_TRY(read_segment(r, &item, next, &s->segments[s->n_segments], diag));
        next += s->segments[s->n_segments++].n_layers;
    }
    if (next < r->network->n_layers)
        return mf_json_fail(list, diag, MF_INVALID, "layer %s is in no segment", r->names[next]);
    return MF_OK;
}

mf_status mf_schedule_read(const mf_json *object, const mf_network *network, mf_arena *arena,
                           mf_schedule *schedule, mf_diag *diag)
{
    reader r = {network, schedule, arena, MF_NEW_ARRAY(arena, const char *, network->n_layers)};
    const char *name;
    mf_json list;
    mf_diag why = {0};
    if (!r.names)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < network->n_layers; i++)
        r.names[i] = network->layers[i].name;
    MF_TRY(mf_schedule_layer_by_layer(network, arena, schedule, diag));
    MF_TRY(mf_json_only(object, schedule_keys, diag));
    MF_TRY(mf_json_string(object, "network", &name, diag));
    if (strcmp(name, network->name) != 0)
        return mf_json_fail(object, diag, MF_INVALID, "a schedule of %s, and the network is %s",
                            name, network->name);
    MF_TRY(mf_json_array(object, "segments", &list, diag));
    MF_TRY(read_segments(&r, &list, diag));
    mf_status status = mf_schedule_check(schedule, &why);
    return status == MF_OK ? MF_OK : mf_json_fail(object, diag, status, "%s", why.message);
}

static mf_status check_segment_form(const mf_json *segment, mf_diag *diag)
{
    mf_json list;
    uint64_t rows = 1;
    size_t choice;
    mf_faults faults = {0};
    MF_TRY(mf_json_only(segment, segment_keys, diag));
    MF_ALSO(mf_json_array(segment, "layers", &list, &faults.latest));
    MF_ALSO(mf_json_count_or(segment, "rows", 1, MF_LARGEST_DIMENSION, &rows, &faults.latest));
    for (size_t k = 0; segment_keys[k]; k++) {
        mf_json item = {0};
        const char *name;
        if (strcmp(segment_keys[k], "rows") == 0 || !mf_json_find(segment, segment_keys[k], &list))
            continue;
        if (strcmp(segment_keys[k], "input") == 0) {
            MF_ALSO(mf_json_read_choice(&list, inputs, 2, &choice, &faults.latest));
            continue;
        }
        mf_status status = mf_json_array(segment, segment_keys[k], &list, &faults.latest);
        MF_ALSO(status);
        while (status == MF_OK && mf_json_next(&list, &item))
            MF_ALSO(mf_json_read_string(&item, &name, &faults.latest));
    }
    return mf_faults_end(&faults, diag);
}

mf_status mf_schedule_check_form(const mf_json *object, mf_diag *diag)
{
    const char *name;
    mf_json list, item = {0};
    mf_faults faults = {0};
    MF_TRY(mf_json_only(object, schedule_keys, diag));
    MF_ALSO(mf_json_string(object, "network", &name, &faults.latest));
    mf_status status = mf_json_array(object, "segments", &list, &faults.latest);
    MF_ALSO(status);
    while (status == MF_OK && mf_json_next(&list, &item))
        MF_ALSO(check_segment_form(&item, &faults.latest));
    return mf_faults_end(&faults, diag);
}

/* ---- writing -----------------------------------------------------------------------------------
 */

static void write_name(const char *name, const char **separator, mf_text *text)
{
    mf_text_puts(text, *separator);
    mf_escape_json(text, name);
    *separator = ", ";
}

/* Those of layers [begin, end) that are marked; nothing where none is. */
static void write_marks(const mf_schedule *s, const char *key, size_t begin, size_t end,
                        const bool *marks, mf_text *text)
{
    const char *separator = "";
    for (size_t i = begin; i < end; i++)
        if (marks[i]) {
            if (!*separator)
                mf_text_printf(text, ",\n    \"%s\": [", key);
            write_name(s->network->layers[i].name, &separator, text);
        }
    if (*separator)
        mf_text_puts(text, "]");
}

static void write_finds(const mf_schedule *s, const mf_segment *segment, mf_text *text)
{
    const char *separator = "";
    size_t end = segment->first + segment->n_layers;
    for (size_t map = 0; map < segment->first; map++) {
        bool reads = false;
        for (size_t i = segment->first; i < end; i++)
            for (size_t k = 0; k < s->network->layers[i].n_inputs; k++)
                reads = reads || s->network->layers[i].input[k] == (int)map;
        if (!s->stays[map] || !reads)
            continue;
        if (!*separator)
            mf_text_puts(text, ",\n    \"finds\": [");
        write_name(s->network->layers[map].name, &separator, text);
    }
    if (*separator)
        mf_text_puts(text, "]");
}

static void write_segment(const mf_schedule *s, const mf_segment *segment, mf_text *text)
{
    const char *separator = "";
    size_t end = segment->first + segment->n_layers;
    mf_text_puts(text, "   {\"layers\": [");
    for (size_t i = segment->first; i < end; i++)
        write_name(s->network->layers[i].name, &separator, text);
    mf_text_printf(text, "],\n    \"rows\": %" PRIu64, segment->rows);
    write_finds(s, segment, text);
    write_marks(s, "keeps", segment->first, end, s->stays, text);
    write_marks(s, "recomputes", segment->first, end, s->recomputes, text);
    write_marks(s, "weights_stay", segment->first, end, s->weights_stay, text);
    if (segment->rereads)
        mf_text_puts(text, ",\n    \"input\": \"reread\"");
    mf_text_puts(text, "}");
}

void mf_schedule_write(const mf_schedule *s, mf_text *text)
{
    const char *separator = "";
    mf_text_puts(text, "{\"network\": ");
    write_name(s->network->name, &separator, text);
    mf_text_puts(text, ",\n \"segments\": [\n");
    for (size_t i = 0; i < s->n_segments; i++) {
        write_segment(s, &s->segments[i], text);
        mf_text_puts(text, i + 1 < s->n_segments ? ",\n" : "\n");
    }
    mf_text_puts(text, " ]}\n");
}
