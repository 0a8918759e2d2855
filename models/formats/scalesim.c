/* Lines, fields, layers. */
#include "models/formats/scalesim.h"

#include "base/arena.h"
#include "base/file.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { NAME, ROWS, COLUMNS, FILTER_ROWS, FILTER_COLUMNS, CHANNELS, FILTERS, STRIDE, N_FIELDS };

static const char *const field_names[N_FIELDS + 1] = {
    "layer name", "ifmap height", "ifmap width",   "filter height", "filter width",
    "channels",   "filters",      "stride height", "stride width"};

typedef struct reader {
    const char *path;
    size_t line;
    mf_network *network;
} reader;

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    for (size_t n = strlen(text); n > 0 && isspace((unsigned char)text[n - 1]); n--)
        text[n - 1] = '\0';
    return text;
}

/* A name must not carry what a terminal or a JSON reader chokes on. */
static void make_printable(char *text)
{
    for (; *text; text++)
        if (*text < 0x20 || *text > 0x7e)
            *text = '?';
}

static mf_status read_number(const reader *r, const char *text, size_t field, uint64_t *out,
                             mf_diag *diag)
{
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    if (isdigit((unsigned char)*text) && *end == '\0' && errno == 0 && *out >= 1 &&
        *out <= MF_LARGEST_DIMENSION)
        return MF_OK;
    return mf_fail(diag, MF_INVALID,
                   "%s: line %zu: %s: expected a whole number from 1 to %" PRIu64
                   ", found \"%.40s\"",
                   r->path, r->line, field_names[field], MF_LARGEST_DIMENSION, text);
}

/* Cuts a line at its commas; empty fields at the end do not count. */
static size_t cut(char *line, char **fields, size_t most)
{
    size_t n = 0, n_used = 0;
    for (char *rest = line, *field; (field = strsep(&rest, ",")) && n < most;) {
        fields[n] = trim(field);
        n_used = *fields[n++] ? n : n_used;
    }
    return n_used;
}

static mf_status read_layer(reader *r, char **fields, size_t n_fields, mf_diag *diag)
{
    mf_network *network = r->network;
    mf_layer *layer = &network->layers[network->n_layers];
    uint64_t v[N_FIELDS + 1];
    mf_diag why = {0};
    if (mf_network_check_size(network->n_layers + 1, &why) != MF_OK)
        return mf_fail(diag, why.status, "%s: line %zu: %s", r->path, r->line, why.message);
    if (n_fields != N_FIELDS && n_fields != N_FIELDS + 1) {
        mf_fail(diag, MF_INVALID,
                "%s: line %zu: expected a name and 7 or 8 numbers, found %zu fields", r->path,
                r->line, n_fields);
        if (n_fields == 4)
            mf_hint(diag, "M, N, K files are not read: write the layer as a 1x1 convolution");
        return MF_INVALID;
    }
    for (size_t i = ROWS; i < n_fields; i++)
        MF_TRY(read_number(r, fields[i], i, &v[i], diag));
    if (n_fields > N_FIELDS && v[N_FIELDS] != v[STRIDE])
        return mf_fail(diag, MF_INVALID, "%s: line %zu: strides %" PRIu64 " and %" PRIu64 " differ",
                       r->path, r->line, v[STRIDE], v[N_FIELDS]);
    if (v[FILTER_ROWS] > v[ROWS] || v[FILTER_COLUMNS] > v[COLUMNS])
        return mf_fail(diag, MF_INVALID,
                       "%s: line %zu: a %" PRIu64 "x%" PRIu64 " filter does not fit the %" PRIu64
                       "x%" PRIu64 " ifmap",
                       r->path, r->line, v[FILTER_ROWS], v[FILTER_COLUMNS], v[ROWS], v[COLUMNS]);
    *layer = (mf_layer){.kind = v[ROWS] == 1 && v[COLUMNS] == 1 ? MF_LAYER_FC : MF_LAYER_CONV,
                        .number = (int)network->n_layers,
                        .part = (int)network->n_layers};
    make_printable(fields[NAME]);
    layer->name = mf_arena_string(network->arena, fields[NAME]);
    layer->role = mf_layer_kind_name(layer->kind);
    layer->shape =
        (mf_shape){.n = network->batch,
                   .m = v[FILTERS],
                   .c = v[CHANNELS],
                   .g = 1,
                   .h = v[ROWS],
                   .w = v[COLUMNS],
                   .r = v[FILTER_ROWS],
                   .s = v[FILTER_COLUMNS],
                   .e = (v[ROWS] - v[FILTER_ROWS] + v[STRIDE] + v[STRIDE] - 1) / v[STRIDE],
                   .f = (v[COLUMNS] - v[FILTER_COLUMNS] + v[STRIDE] + v[STRIDE] - 1) / v[STRIDE],
                   .stride = v[STRIDE]};
    if (!layer->name)
        return mf_fail_memory(diag);
    if (mf_shape_check(&layer->shape, &why) != MF_OK)
        return mf_fail(diag, why.status, "%s: line %zu: %s", r->path, r->line, why.message);
    MF_TRY(mf_layer_set_inputs(network->arena, layer, 1, &(int){MF_NETWORK_INPUT}, &layer->shape.c,
                               diag));
    network->n_layers++;
    network->n_weight_layers++;
    return MF_OK;
}

static mf_status read_lines(reader *r, char *text, mf_diag *diag)
{
    mf_network *network = r->network;
    size_t n_lines = 1;
    for (const char *p = text; *p; p++)
        n_lines += *p == '\n';
    network->layers = MF_NEW_ARRAY(network->arena, mf_layer,
                                   n_lines < MF_MOST_LAYERS ? n_lines : MF_MOST_LAYERS + 1);
    if (!network->layers)
        return mf_fail_memory(diag);
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
        char *fields[N_FIELDS + 4];
        size_t n = cut(line, fields, N_FIELDS + 4);
        /* The first line holds the headings, whatever they are. */
        if (++r->line > 1 && n > 0)
            MF_TRY(read_layer(r, fields, n, diag));
    }
    if (network->n_layers == 0)
        return mf_fail(diag, MF_INVALID, "%s: no layer behind the heading line", r->path);
    const mf_shape *first = &network->layers[0].shape;
    network->input_channels = first->c;
    network->input_rows = first->h;
    network->input_columns = first->w;
    network->classes = network->layers[network->n_layers - 1].shape.m;
    return mf_network_finish(network, diag);
}

mf_status mf_network_from_scalesim(char *text, const char *path, const mf_network_options *options,
                                   mf_network **out, mf_diag *diag)
{
    if (options && (options->rows || options->classes || options->width_multiplier > 0))
        return mf_fail(
            diag, MF_USAGE,
            "%s: resolution, classes and width of a SCALE-Sim topology cannot be changed: its "
            "layers are fixed",
            path);
    mf_arena *arena = mf_arena_create();
    mf_network *network = arena ? MF_NEW(arena, mf_network) : NULL;
    if (!network) {
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    const char *file = mf_file_name(path);
    *network = (mf_network){.arena = arena,
                            .about = "SCALE-Sim topology",
                            .batch = options && options->batch ? options->batch : 1,
                            .width_multiplier = 1.0};
    network->name = mf_arena_string_n(arena, file, strcspn(file, "."));
    network->source = mf_arena_string(arena, path);
    reader r = {.path = path, .network = network};
    mf_status status =
        !network->name || !network->source ? mf_fail_memory(diag) : read_lines(&r, text, diag);
    if (status == MF_OK)
        *out = network;
    else
        mf_arena_destroy(arena);
    return status;
}
