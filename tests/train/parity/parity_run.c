/* What does the trainer make of given numbers? The half of tests/train/parity/parity.py that is
 * ours: it says which layers and parameters a network has, then trains it on parameters and images
 * that come in an .npz, and writes down all that a training step computes. It judges nothing.
 *
 *   parity_run --describe NETWORK ROWS CLASSES OP MODE               JSON on standard output
 *   parity_run NETWORK ROWS CLASSES OP MODE WEIGHTS.npz BATCH.npz OUT.npz [KERNELS]
 *
 * OP is an operator, or TARGET/AUGMENT or TARGET/AUGMENT/laplace: that network inside of a wider one
 * (train/augmented.h), with mapped weights or without. Which channels each step draws is said in the
 * description. MODE is q or ps, what Shift's weights are made of. WEIGHTS.npz holds each parameter by its name;
 * BATCH.npz `images` (NHWC), `labels`, `taught`, a teacher's outputs, and `settings`: rate, momentum,
 * decay, the teacher's temperature and weight, 0 for none. OUT.npz holds
 * `loss`, `logits` and each `<parameter>.gradient` of the first pass, `losses` after each of ten
 * steps, and the parameters then. */
#include "base/escape.h"
#include "base/npy.h"
#include "base/text.h"
#include "base/zip.h"
#include "models/formats/network_file.h"
#include "train/augmented.h"
#include "train/checkpoint.h"
#include "train/remap.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 10 };

/* The command line; what follows the mode is NULL where a description is asked for. */
typedef struct request {
    const char *network, *rows, *classes, *op, *mode, *weights, *batch, *out, *kernels;
} request;

/* What is trained. */
typedef struct subject {
    mf_arena *arena;
    mf_network *network;
    mf_operators *operators;
    size_t *op_of_layer;
    mf_augmented *augmented; /* or NULL */
    mf_model *model;         /* its target, or alone */
} subject;

/* "shift/mult/laplace", taken apart. */
typedef struct operators_said {
    const char *target, *augment; /* NULL: none */
    bool remaps;
} operators_said;

/* What BATCH.npz holds. */
typedef struct batch {
    mf_npy images, labels, taught;
    uint64_t n;
    float settings[5];
} batch;

/* ---- the model --------------------------------------------------------------------------------
 */

static mf_status find_mode(const char *name, mf_shift_mode *mode, mf_diag *diag)
{
    static const char *const names[MF_N_SHIFT_MODES] = {"q", "ps", "fixed"};
    for (int i = 0; i < MF_N_SHIFT_MODES; i++)
        if (strcmp(name, names[i]) == 0) {
            *mode = (mf_shift_mode)i;
            return MF_OK;
        }
    return mf_fail(diag, MF_USAGE, "%s is no mode of shift: q, ps or fixed", name);
}

static mf_status take_apart(const request *r, mf_arena *arena, operators_said *said, mf_diag *diag)
{
    char *words = mf_arena_string(arena, r->op);
    if (!words)
        return mf_fail_memory(diag);
    *said = (operators_said){.target = words};
    char *augment = strchr(words, '/'), *remap = augment ? strchr(augment + 1, '/') : NULL;
    if (augment)
        *augment = '\0';
    if (remap)
        *remap = '\0';
    said->augment = augment ? augment + 1 : NULL;
    said->remaps = remap && strcmp(remap + 1, "laplace") == 0;
    return MF_OK;
}

static mf_status load_network(const request *r, subject *s, mf_diag *diag)
{
    mf_network_options options = {.rows = strtoull(r->rows, NULL, 10),
                                  .columns = strtoull(r->rows, NULL, 10),
                                  .classes = strtoull(r->classes, NULL, 10)};
    return mf_network_load(r->network, &options, &s->network, diag);
}

static mf_status assign_operators(const char *op, subject *s, mf_diag *diag)
{
    /* those that networks name, and its own */
    static const char *const named[] = {"mult", "shift", "add"};
    const char *paths[4];
    size_t n = 0, variant;
    bool has_own = false;
    for (size_t i = 0; i < 4; i++) {
        const char *name = i < 3 ? named[i] : op;
        if (i == 3 && has_own)
            break;
        has_own = has_own || strcmp(name, op) == 0;
        paths[n] = mf_arena_format(s->arena, MF_SOURCE_DIR "/models/operators/%s.json", name);
        if (!paths[n++])
            return mf_fail_memory(diag);
    }
    MF_TRY(mf_operators_load(paths, n, &s->operators, diag));
    MF_TRY(mf_operators_find(s->operators, op, &variant, diag));
    s->op_of_layer = MF_NEW_ARRAY(s->arena, size_t, s->network->n_weight_layers);
    if (!s->op_of_layer)
        return mf_fail_memory(diag);
    return mf_operators_assign(s->operators, s->network, variant, NULL, 0, s->op_of_layer, diag);
}

static mf_status make_augmented(subject *s, const operators_said *said,
                                const mf_model_options *options, mf_diag *diag)
{
    mf_augmented_options augmented = {.model = *options,
                                      .op = said->augment,
                                      .width = {2, {1, 1.3}},
                                      .expand = {2, {1, 1.3}},
                                      .weight = 1};
    const mf_remap_options how = {0};
    if (said->remaps)
        MF_TRY(mf_remaps_create(s->network, s->operators, s->op_of_layer, options, &how, s->arena,
                                &augmented.model.maps, diag));
    MF_TRY(mf_augmented_create(s->network, s->operators, s->op_of_layer, &augmented, &s->augmented,
                               diag));
    s->model = mf_augmented_target(s->augmented);
    return MF_OK;
}

static mf_status make_model(const request *r, uint64_t n, subject *s, mf_diag *diag)
{
    mf_model_options options = mf_model_defaults();
    options.batch = n;
    options.n_threads = 1;
    MF_TRY(find_mode(r->mode, &options.shift_mode, diag));
    options.kernels = r->kernels ? mf_kernels_named(r->kernels) : NULL;
    if (r->kernels && !options.kernels)
        return mf_fail(diag, MF_USAGE, "no kernels %s on this machine", r->kernels);
    operators_said said = {0};
    MF_TRY(take_apart(r, s->arena, &said, diag));
    MF_TRY(load_network(r, s, diag));
    MF_TRY(assign_operators(said.target, s, diag));
    if (said.augment)
        return make_augmented(s, &said, &options, diag);
    return mf_model_create(s->network, s->operators, s->op_of_layer, &options, &s->model, diag);
}

static void destroy(subject *s)
{
    if (s->augmented)
        mf_augmented_destroy(s->augmented);
    else
        mf_model_destroy(s->model);
    mf_network_destroy(s->network);
    mf_operators_destroy(s->operators);
    mf_arena_destroy(s->arena);
}

/* ---- what there is ----------------------------------------------------------------------------
 */

static void put_number(mf_text *text, const char *key, uint64_t value)
{
    mf_text_printf(text, ", \"%s\": %" PRIu64, key, value);
}

static void put_shape(mf_text *text, const mf_shape *k)
{
    put_number(text, "groups", k->g);
    put_number(text, "in_channels", k->c);
    put_number(text, "out_channels", k->m);
    put_number(text, "in_rows", k->h);
    put_number(text, "in_columns", k->w);
    put_number(text, "out_rows", k->e);
    put_number(text, "out_columns", k->f);
    put_number(text, "kernel_rows", k->r);
    put_number(text, "kernel_columns", k->s);
    put_number(text, "stride", k->stride);
    put_number(text, "pad_rows", k->pad_rows);
    put_number(text, "pad_columns", k->pad_columns);
}

static const char *truth(bool value)
{
    return value ? "true" : "false";
}

static void put_layer(mf_text *text, const subject *s, const mf_layer *layer)
{
    const char *op = layer->number < 0
                         ? "none"
                         : mf_operators_at(s->operators, s->op_of_layer[layer->number])->name;
    mf_text_puts(text, "{\"name\": ");
    mf_escape_json(text, layer->name);
    mf_text_printf(text, ", \"kind\": \"%s\", \"op\": \"%s\", \"input\": [",
                   mf_layer_kind_name(layer->kind), op);
    for (size_t k = 0; k < layer->n_inputs; k++)
        mf_text_printf(text, "%s%d", k ? ", " : "", layer->input[k]);
    mf_text_puts(text, "]");
    put_shape(text, &layer->shape);
    mf_text_printf(text, ", \"activation\": \"%s\", \"norm\": %s, \"bias\": %s, \"maximum\": %s}",
                   mf_activation_name(layer->activation), truth(layer->norm), truth(layer->bias),
                   truth(layer->maximum));
}

static void put_parameter(mf_text *text, const mf_parameter *p)
{
    mf_text_puts(text, "{\"name\": ");
    mf_escape_json(text, p->name);
    mf_text_puts(text, ", \"shape\": [");
    for (size_t i = 0; i < p->n_sizes; i++)
        mf_text_printf(text, "%s%" PRIu64, i ? ", " : "", p->size[i]);
    mf_text_printf(text, "], \"learns\": %s, \"decays\": %s}", truth(p->gradient != NULL),
                   truth(p->decays));
}

/* Output channels of all layers, for each pass. */
static void put_draws(mf_text *text, const subject *s)
{
    const mf_channel_spaces *spaces = mf_augmented_spaces(s->augmented);
    uint64_t *channels = MF_NEW_ARRAY(s->arena, uint64_t, spaces->n);
    text->failed |= !channels;
    mf_text_puts(text, ",\n\"draws\": [");
    for (uint64_t step = 0; channels && step <= STEPS; step++) {
        mf_augmented_draw(s->augmented, MF_AUGMENTED_RANDOM, step, channels);
        mf_text_puts(text, step ? "],\n[" : "\n[");
        for (size_t i = 0; i < s->network->n_layers; i++)
            mf_text_printf(text, "%s%" PRIu64, i ? ", " : "", channels[spaces->of_layer[i]]);
    }
    mf_text_puts(text, "]]");
}

static void put_description(mf_text *text, const subject *s)
{
    size_t n;
    const mf_parameter *p = mf_model_parameters(s->model, &n);
    mf_text_printf(text, "{\"input\": [%" PRIu64 ", %" PRIu64 ", %" PRIu64 "],\n\"layers\": [",
                   s->network->input_rows, s->network->input_columns, s->network->input_channels);
    for (size_t i = 0; i < s->network->n_layers; i++) {
        mf_text_puts(text, i ? ",\n" : "\n");
        put_layer(text, s, &s->network->layers[i]);
    }
    mf_text_puts(text, "],\n\"parameters\": [");
    for (size_t i = 0; i < n; i++) {
        mf_text_puts(text, i ? ",\n" : "\n");
        put_parameter(text, &p[i]);
    }
    mf_text_puts(text, "]");
    if (s->augmented)
        put_draws(text, s);
    mf_text_puts(text, "}\n");
}

static mf_status describe(const request *r, subject *s, mf_diag *diag)
{
    mf_text text = {0};
    MF_TRY(make_model(r, 1, s, diag));
    put_description(&text, s);
    bool failed = text.failed;
    if (!failed)
        fputs(text.bytes, stdout);
    mf_text_free(&text);
    return failed ? mf_fail_memory(diag) : MF_OK;
}

/* ---- numbers in -------------------------------------------------------------------------------
 */

static mf_status read_array(mf_zip_reader *reader, const char *name, mf_npy_type type,
                            mf_arena *arena, mf_npy *array, mf_diag *diag)
{
    const mf_zip_entry *entry = mf_zip_find(reader, name);
    if (!entry)
        return mf_fail(diag, MF_INVALID, "has no %s", name);
    char *bytes = MF_NEW_ARRAY(arena, char, (size_t)entry->n_bytes);
    if (!bytes)
        return mf_fail_memory(diag);
    MF_TRY(mf_zip_read(reader, entry, bytes, diag));
    MF_TRY(mf_npy_parse(name, bytes, (size_t)entry->n_bytes, array, diag));
    if (array->type != type)
        return mf_fail(diag, MF_INVALID, "%s: numbers are %s, expected %s", name,
                       mf_npy_type_name(array->type), mf_npy_type_name(type));
    return MF_OK;
}

static mf_status read_entries(mf_zip_reader *reader, mf_arena *arena, batch *b, mf_diag *diag)
{
    mf_npy settings;
    MF_TRY(read_array(reader, "images.npy", MF_NPY_F32, arena, &b->images, diag));
    MF_TRY(read_array(reader, "labels.npy", MF_NPY_I32, arena, &b->labels, diag));
    MF_TRY(read_array(reader, "taught.npy", MF_NPY_F32, arena, &b->taught, diag));
    MF_TRY(read_array(reader, "settings.npy", MF_NPY_F32, arena, &settings, diag));
    if (b->images.n_dimensions != 4 || b->labels.n_items != b->images.size[0] ||
        b->taught.n_items % b->images.size[0] ||
        settings.n_items != sizeof b->settings / sizeof *b->settings)
        return mf_fail(diag, MF_INVALID, "images, labels or settings of another shape");
    memcpy(b->settings, settings.items, sizeof b->settings);
    b->n = b->images.size[0];
    return MF_OK;
}

static mf_status read_batch(const char *path, mf_arena *arena, batch *b, mf_diag *diag)
{
    mf_zip_reader *reader;
    MF_TRY(mf_zip_open(path, &reader, diag));
    mf_status status = read_entries(reader, arena, b, diag);
    mf_zip_close(reader);
    return status;
}

/* Arrays of an .npz lie at any address: images and labels are moved to where floats may be. */
static mf_status align_batch(const subject *s, const batch *b, float **images, uint32_t **labels,
                             mf_diag *diag)
{
    const mf_network *network = s->network;
    if (b->images.size[1] != network->input_rows || b->images.size[2] != network->input_columns ||
        b->images.size[3] != network->input_channels)
        return mf_fail(diag, MF_INVALID, "images of another shape than the network's");
    *images = MF_NEW_ARRAY(s->arena, float, b->images.n_items);
    *labels = MF_NEW_ARRAY(s->arena, uint32_t, b->n);
    if (!*images || !*labels)
        return mf_fail_memory(diag);
    memcpy(*images, b->images.items, b->images.n_items * sizeof **images);
    for (uint64_t i = 0; i < b->n; i++)
        (*labels)[i] = (uint32_t)mf_npy_integer(&b->labels, i);
    return MF_OK;
}

/* ---- numbers out ------------------------------------------------------------------------------
 */

static mf_status add_array(mf_zip_writer *writer, mf_arena *arena, const char *name,
                           const char *suffix, mf_npy array, mf_diag *diag)
{
    void *bytes;
    size_t n_bytes;
    const char *entry = mf_arena_format(arena, "%s%s.npy", name, suffix);
    array.type = MF_NPY_F32;
    if (!entry)
        return mf_fail_memory(diag);
    MF_TRY(mf_npy_format(&array, arena, &bytes, &n_bytes, diag));
    return mf_zip_add(writer, entry, bytes, n_bytes, diag);
}

static mf_status add_parameter(mf_zip_writer *writer, mf_arena *arena, const mf_parameter *p,
                               const char *suffix, const float *items, mf_diag *diag)
{
    mf_npy array = {.n_dimensions = p->n_sizes, .items = items};
    memcpy(array.size, p->size, sizeof p->size);
    return add_array(writer, arena, p->name, suffix, array, diag);
}

/* What the first pass computed. */
static mf_status write_pass(mf_zip_writer *writer, const subject *s, uint64_t n, float loss,
                            mf_diag *diag)
{
    size_t n_parameters, last = s->network->n_layers - 1;
    uint64_t classes = s->network->layers[last].shape.m, n_logits = n * classes;
    const mf_parameter *p = mf_model_parameters(s->model, &n_parameters);
    float *logits = MF_NEW_ARRAY(s->arena, float, n_logits);
    if (!logits)
        return mf_fail_memory(diag);
    MF_TRY(add_array(writer, s->arena, "loss", "", (mf_npy){.items = &loss}, diag));
    if (!s->augmented) { /* of a target they are gone when the wider network has run */
        mf_model_output(s->model, last, n, logits);
        MF_TRY(add_array(writer, s->arena, "logits", "",
                         (mf_npy){.n_dimensions = 2, .size = {n, classes}, .items = logits}, diag));
    }
    for (size_t i = 0; i < n_parameters; i++)
        if (p[i].gradient)
            MF_TRY(add_parameter(writer, s->arena, &p[i], ".gradient", p[i].gradient, diag));
    return MF_OK;
}

static mf_status write_end(mf_zip_writer *writer, const subject *s, const float *losses,
                           mf_diag *diag)
{
    size_t n;
    const mf_parameter *p = mf_model_parameters(s->model, &n);
    MF_TRY(add_array(writer, s->arena, "losses", "",
                     (mf_npy){.n_dimensions = 1, .size = {STEPS}, .items = losses}, diag));
    for (size_t i = 0; i < n; i++)
        MF_TRY(add_parameter(writer, s->arena, &p[i], "", p[i].value, diag));
    return MF_OK;
}

/* ---- training ---------------------------------------------------------------------------------
 */

/* Before every pass, as a training does. */
static mf_status teach(const subject *s, const batch *b, mf_diag *diag)
{
    float *taught = MF_NEW_ARRAY(s->arena, float, b->taught.n_items);
    if (!taught)
        return mf_fail_memory(diag);
    if (b->taught.n_items != b->n * s->network->classes)
        return mf_fail(diag, MF_INVALID, "taught outputs of another shape than the network's");
    memcpy(taught, b->taught.items, b->taught.n_items * sizeof *taught);
    mf_lesson lesson = {taught, (double)b->settings[3], (double)b->settings[4]};
    if (lesson.weight > 0)
        mf_model_teach(s->model, &lesson);
    return MF_OK;
}

static mf_status pass(const subject *s, const float *images, const uint32_t *labels, uint64_t n,
                      uint64_t step, mf_model_score *score, mf_diag *diag)
{
    if (s->augmented)
        return mf_augmented_train(s->augmented, MF_AUGMENTED_RANDOM, images, labels, n, step, score,
                                  diag);
    return mf_model_train(s->model, images, labels, n, step, score, diag);
}

static mf_status train(const subject *s, const batch *b, mf_zip_writer *writer, mf_diag *diag)
{
    float *images = NULL, losses[STEPS];
    uint32_t *labels = NULL;
    mf_model_score score;
    const float *set = b->settings;
    MF_TRY(align_batch(s, b, &images, &labels, diag));
    MF_TRY(teach(s, b, diag));
    MF_TRY(pass(s, images, labels, b->n, 0, &score, diag));
    MF_TRY(write_pass(writer, s, b->n, (float)score.loss, diag));
    for (int step = 0; step < STEPS; step++) {
        mf_model_update(s->model, (double)set[0], (double)set[1], (double)set[2]);
        MF_TRY(pass(s, images, labels, b->n, (uint64_t)step + 1, &score, diag));
        losses[step] = (float)score.loss;
    }
    return write_end(writer, s, losses, diag);
}

static mf_status run(const request *r, subject *s, mf_diag *diag)
{
    batch b = {0};
    mf_zip_writer *writer;
    MF_TRY(read_batch(r->batch, s->arena, &b, diag));
    MF_TRY(make_model(r, b.n, s, diag));
    MF_TRY(mf_checkpoint_load(r->weights, false, mf_model_store(s->model), diag));
    MF_TRY(mf_zip_create(r->out, &writer, diag));
    mf_status status = train(s, &b, writer, diag);
    if (status == MF_OK)
        return mf_zip_finish(writer, diag);
    mf_zip_abandon(writer);
    return status;
}

int main(int argc, char **argv)
{
    bool describes = argc == 7 && strcmp(argv[1], "--describe") == 0;
    char **a = argv + (describes ? 2 : 1);
    if (!describes && argc != 9 && argc != 10) {
        fputs("usage: parity_run [--describe] NETWORK ROWS CLASSES OP MODE [WEIGHTS BATCH OUT "
              "[KERNELS]]\n",
              stderr);
        return 2;
    }
    request r = {.network = a[0], .rows = a[1], .classes = a[2], .op = a[3], .mode = a[4]};
    if (!describes) {
        r.weights = a[5];
        r.batch = a[6];
        r.out = a[7];
        r.kernels = a[8]; /* argv ends with NULL */
    }
    mf_diag diag = {0};
    subject s = {.arena = mf_arena_create()};
    mf_status status = s.arena ? MF_OK : mf_fail_memory(&diag);
    if (status == MF_OK)
        status = describes ? describe(&r, &s, &diag) : run(&r, &s, &diag);
    if (status != MF_OK)
        fprintf(stderr, "parity_run: %s: %s\n", r.network, diag.message);
    destroy(&s);
    return mf_status_exit_code(status);
}
