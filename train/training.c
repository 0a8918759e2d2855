/* The list of keys, expanded. */
#include "train/training.h"

#include "base/arena.h"
#include "base/escape.h"
#include "base/faults.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef enum key_type { COUNT, REAL, WORD, TEXT, NUMBERS } key_type;

typedef struct key {
    key_type type;
    size_t offset;
    double least, most;
    const char *const *words;
    size_t n_words;       /* or the most numbers */
    const char *fallback; /* of words, texts and numbers */
} key;

#define WORDS(...)                                                                                 \
    (const char *const[]){__VA_ARGS__}, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)

static const key keys[] = {
#define MF_COUNT(name, use, value, low, high, text)                                                \
    {COUNT, offsetof(mf_training, name), low, (double)(high), NULL, 0, NULL},
#define MF_REAL(name, use, value, low, high, text)                                                 \
    {REAL, offsetof(mf_training, name), low, high, NULL, 0, NULL},
#define MF_WORD(name, use, value, text, ...)                                                       \
    {WORD, offsetof(mf_training, name), 0, 0, WORDS(__VA_ARGS__), value},
#define MF_TEXT(name, use, value, text) {TEXT, offsetof(mf_training, name), 0, 0, NULL, 0, value},
#define MF_NUMBERS(name, use, word, count, low, high, text)                                        \
    {NUMBERS, offsetof(mf_training, name), low, high, NULL, count, word},
#include "train/training_keys.def"
#undef MF_COUNT
#undef MF_REAL
#undef MF_WORD
#undef MF_TEXT
#undef MF_NUMBERS
};

enum { N_KEYS = sizeof keys / sizeof keys[0] };

static const char *const use_when[] = {
#define MF_TRAINING_USE(NAME, when) when,
#include "train/training_uses.def"
#undef MF_TRAINING_USE
};

mf_status mf_training_need(const char *what, mf_training_uses uses, mf_training_uses missing,
                           mf_diag *diag)
{
    for (int i = 0; i < MF_N_TRAINING_USES; i++)
        if ((uses & missing) >> i & 1)
            return mf_fail(diag, MF_USAGE, "%s counts only %s", what, use_when[i]);
    return MF_OK;
}

const mf_training_key mf_training_keys[] = {
#define MF_COUNT(name, use, value, least, most, text)                                              \
    {#name, #value, #least " to " #most, text, use},
#define MF_REAL(name, use, value, least, most, text)                                               \
    {#name, #value, #least " to " #most, text, use},
#define MF_WORD(name, use, value, text, ...) {#name, value, #__VA_ARGS__, text, use},
#define MF_TEXT(name, use, value, text)      {#name, value, "", text, use},
#define MF_NUMBERS(name, use, word, count, least, most, text)                                      \
    {#name, word, #least " to " #most, text, use},
#include "train/training_keys.def"
#undef MF_COUNT
#undef MF_REAL
#undef MF_WORD
#undef MF_TEXT
#undef MF_NUMBERS
    {NULL, NULL, NULL, NULL, 0}};

const mf_other_word mf_training_other_words[] = {
#define MF_OTHER_WORD(word, name, instead) {word, name, instead},
#include "train/training_words.def"
#undef MF_OTHER_WORD
    {NULL, NULL, NULL}};

static uint64_t *count_at(mf_training *t, size_t i)
{
    return (uint64_t *)((char *)t + keys[i].offset);
}

static double *real_at(mf_training *t, size_t i)
{
    return (double *)((char *)t + keys[i].offset);
}

static const char **text_at(mf_training *t, size_t i)
{
    return (const char **)((char *)t + keys[i].offset);
}

mf_training mf_training_defaults(void)
{
    mf_training t = {
#define MF_COUNT(name, use, value, least, most, text) .name = value,
#define MF_REAL(name, use, value, least, most, text)  .name = value,
#define MF_WORD(name, use, value, text, ...)
#define MF_TEXT(name, use, value, text) .name = value,
#define MF_NUMBERS(name, use, word, count, least, most, text)
#include "train/training_keys.def"
#undef MF_COUNT
#undef MF_REAL
#undef MF_WORD
#undef MF_TEXT
#undef MF_NUMBERS
    };
    for (size_t i = 0; i < N_KEYS; i++)
        for (size_t k = 0; keys[i].type == WORD && k < keys[i].n_words; k++)
            if (strcmp(keys[i].words[k], keys[i].fallback) == 0)
                *count_at(&t, i) = k;
    return t;
}

static mf_numbers *numbers_at(mf_training *t, size_t i)
{
    return (mf_numbers *)((char *)t + keys[i].offset);
}

/* The positions of words. */
enum { SCHEDULE_COSINE, SCHEDULE_STEP };

/* "0.48,0.46,0.41", as --set has it, or the word for none. */
static mf_status split_numbers(const char *text, size_t i, mf_numbers *numbers, mf_diag *diag)
{
    mf_numbers found = {0};
    bool more = strcmp(text, keys[i].fallback) != 0;
    while (more) {
        char *end;
        double x = found.n < keys[i].n_words ? strtod(text, &end) : NAN;
        if (!(x >= keys[i].least && x <= keys[i].most) || end == text || (*end && *end != ','))
            return mf_fail(diag, MF_INVALID,
                           "%s: expected \"%s\" or up to %zu numbers from %g to %g with commas "
                           "between them; found \"%s\"",
                           mf_training_keys[i].name, keys[i].fallback, keys[i].n_words,
                           keys[i].least, keys[i].most, text);
        found.x[found.n++] = x;
        more = *end == ',';
        text = end + 1;
    }
    *numbers = found;
    return MF_OK;
}

static mf_status read_numbers(const mf_json *value, size_t i, mf_numbers *numbers, mf_diag *diag)
{
    const key *k = &keys[i];
    const char *text;
    mf_json item = {0};
    mf_numbers found = {.n = 1};
    if (mf_json_is_number(value)) {
        MF_TRY(mf_json_read_real(value, k->least, k->most, found.x, diag));
    } else if (!mf_json_is_array(value)) {
        MF_TRY(mf_json_read_string(value, &text, diag));
        return split_numbers(text, i, numbers, diag);
    } else {
        if (mf_json_size(value) < 1 || mf_json_size(value) > k->n_words)
            return mf_fail(diag, MF_INVALID, "%s: %zu numbers, expected 1 to %zu",
                           mf_training_keys[i].name, mf_json_size(value), k->n_words);
        for (found.n = 0; mf_json_next(value, &item); found.n++)
            MF_TRY(mf_json_read_real(&item, k->least, k->most, &found.x[found.n], diag));
    }
    *numbers = found;
    return MF_OK;
}

static void write_numbers(const mf_numbers *numbers, const char *word, mf_text *text)
{
    if (!numbers->n)
        mf_escape_json(text, word);
    for (size_t i = 0; i < numbers->n; i++) {
        mf_text_puts(text, i ? ", " : "[");
        mf_text_json_real(text, numbers->x[i]);
    }
    mf_text_puts(text, numbers->n ? "]" : "");
}

static mf_status read_key(const mf_json *value, size_t i, mf_arena *arena, mf_training *t,
                          mf_diag *diag)
{
    const key *k = &keys[i];
    const char *text;
    size_t word;
    switch (k->type) {
    case COUNT:
        return mf_json_read_count(value, (uint64_t)k->least, (uint64_t)k->most, count_at(t, i),
                                  diag);
    case REAL:
        return mf_json_read_real(value, k->least, k->most, real_at(t, i), diag);
    case WORD:
        MF_TRY(mf_json_read_choice(value, k->words, k->n_words, &word, diag));
        *count_at(t, i) = word;
        return MF_OK;
    case NUMBERS:
        return read_numbers(value, i, numbers_at(t, i), diag);
    default:
        MF_TRY(mf_json_read_string(value, &text, diag));
        *text_at(t, i) = mf_arena_string(arena, text);
        return *text_at(t, i) ? MF_OK : mf_fail_memory(diag);
    }
}

mf_status mf_training_read(const mf_json *object, const char *const *others, mf_arena *arena,
                           mf_training *training, mf_diag *diag)
{
    const char *allowed[N_KEYS + 32];
    size_t n = 0;
    for (; n < N_KEYS; n++)
        allowed[n] = mf_training_keys[n].name;
    for (; *others && n < N_KEYS + 31; others++)
        allowed[n++] = *others;
    allowed[n] = NULL;
    mf_faults faults = {0};
    MF_ALSO(mf_json_only_of(object, allowed, mf_training_other_words, &faults.latest));
    for (size_t i = 0; i < N_KEYS; i++) {
        mf_json value;
        if (mf_json_find(object, mf_training_keys[i].name, &value))
            MF_ALSO(read_key(&value, i, arena, training, &faults.latest));
    }
    return mf_faults_end(&faults, diag);
}

/* A text that JSON takes for a number: a layer's, a file's. */
static bool set_numeric_text(mf_training *t, const char *name, const char *value, mf_arena *arena)
{
    char *end;
    strtod(value, &end);
    for (size_t i = 0; i < N_KEYS && !*end; i++)
        if (keys[i].type == TEXT && strcmp(mf_training_keys[i].name, name) == 0)
            return (*text_at(t, i) = mf_arena_string(arena, value)) != NULL;
    return false;
}

mf_status mf_training_set(mf_training *training, const char *assignment, mf_arena *arena,
                          mf_diag *diag)
{
    static const char *const none[] = {NULL};
    const char *equals = strchr(assignment, '=');
    mf_json_doc *doc = NULL;
    if (!equals || equals == assignment || !equals[1])
        return mf_fail(diag, MF_USAGE, "--set: expected KEY=VALUE such as rate=0.1, found \"%s\"",
                       assignment);
    char *name = mf_arena_string_n(arena, assignment, (size_t)(equals - assignment));
    if (!name)
        return mf_fail_memory(diag);
    if (set_numeric_text(training, name, equals + 1, arena))
        return MF_OK;
    MF_TRY(mf_json_parse("{}", 2, "--set", &doc, diag));
    mf_status status = mf_json_override(doc, name, equals + 1, diag);
    if (status == MF_OK) {
        mf_json root = mf_json_root(doc);
        status = mf_training_read(&root, none, arena, training, diag);
    }
    mf_json_destroy(doc);
    return status;
}

static void write_value(const mf_training *training, size_t i, mf_text *text)
{
    mf_training copy = *training;
    switch (keys[i].type) {
    case COUNT:
        mf_text_printf(text, "%" PRIu64, *count_at(&copy, i));
        break;
    case REAL:
        mf_text_json_real(text, *real_at(&copy, i));
        break;
    case WORD:
        mf_escape_json(text, keys[i].words[*count_at(&copy, i)]);
        break;
    case NUMBERS:
        write_numbers(numbers_at(&copy, i), keys[i].fallback, text);
        break;
    default:
        mf_escape_json(text, *text_at(&copy, i));
    }
}

void mf_training_show(const mf_training *training, const char *name, mf_text *text)
{
    for (size_t i = 0; i < N_KEYS; i++)
        if (strcmp(mf_training_keys[i].name, name) == 0)
            write_value(training, i, text);
}

void mf_training_write(const mf_training *training, const char *indent, mf_text *text)
{
    for (size_t i = 0; i < N_KEYS; i++) {
        mf_text_printf(text, "%s\"%s\": ", indent, mf_training_keys[i].name);
        write_value(training, i, text);
        mf_text_puts(text, i + 1 < N_KEYS ? ",\n" : "\n");
    }
}

void mf_training_write_changed(const mf_training *training, mf_text *text)
{
    const mf_training defaults = mf_training_defaults();
    for (size_t i = 0; i < N_KEYS; i++) {
        mf_text now = {0}, by_default = {0};
        write_value(training, i, &now);
        write_value(&defaults, i, &by_default);
        text->failed |= now.failed || by_default.failed;
        if (!text->failed && strcmp(now.bytes, by_default.bytes) != 0)
            mf_text_printf(text, "\"%s\": %s\n", mf_training_keys[i].name, now.bytes);
        mf_text_free(&now);
        mf_text_free(&by_default);
    }
}

bool mf_training_steps(const mf_training *t)
{
    return t->schedule == SCHEDULE_STEP;
}

/* How often has the rate been multiplied by step_factor? */
static uint64_t steps_down(const mf_training *t, double epoch)
{
    const mf_numbers halves = {2, {0.5 * (double)t->epochs, 0.75 * (double)t->epochs}},
                     *at = t->milestones.n ? &t->milestones : &halves;
    uint64_t n = 0;
    for (size_t i = 0; i < at->n; i++)
        n += epoch >= at->x[i];
    return n;
}

double mf_training_rate(const mf_training *t, uint64_t step, uint64_t steps_per_epoch)
{
    double warmup = t->warmup_epochs * (double)steps_per_epoch, at = (double)step,
           all = (double)t->epochs * (double)steps_per_epoch;
    if (at < warmup)
        return t->warmup_rate + (t->rate - t->warmup_rate) * at / warmup;
    if (mf_training_steps(t))
        return t->rate * pow(t->step_factor, (double)steps_down(t, at / (double)steps_per_epoch));
    if (all <= warmup)
        return t->rate;
    double share = (at - warmup) / (all - warmup);
    if (t->schedule == SCHEDULE_COSINE)
        return 0.5 * t->rate * (1 + cos(acos(-1.0) * share));
    return t->rate * (1 - share);
}

const char *mf_training_teacher(const mf_training *t)
{
    return strcmp(t->teacher, "none") != 0 ? t->teacher : NULL;
}

double mf_training_forgets(const mf_training *t, uint64_t step)
{
    double begun = (1 + (double)step) / (10 + (double)step);
    return 1 - (t->ema < begun ? t->ema : begun);
}

mf_status mf_training_freeze(const mf_training *t, mf_model *model, mf_diag *diag)
{
    const mf_network *network = mf_model_network(model);
    if (strcmp(t->freeze, "none") == 0)
        return MF_OK;
    mf_arena *arena = mf_arena_create();
    size_t n = 0, most = strlen(t->freeze) + 1;
    const char **words = arena ? MF_NEW_ARRAY(arena, const char *, most) : NULL;
    bool *frozen = words ? MF_NEW_ARRAY(arena, bool, network->n_weight_layers) : NULL;
    mf_status status = frozen ? MF_OK : mf_fail_memory(diag);
    for (const char *p = t->freeze; status == MF_OK && p; p = strchr(p, ',')) {
        p += n > 0; /* the comma */
        words[n] = mf_arena_string_n(arena, p, strcspn(p, ","));
        status = words[n++] ? MF_OK : mf_fail_memory(diag);
    }
    if (status == MF_OK)
        status = mf_layers_select(network, words, n, frozen, diag);
    if (status == MF_OK)
        status = mf_model_freeze(model, frozen, diag);
    mf_arena_destroy(arena);
    return status;
}

mf_model_options mf_training_model(const mf_training *t)
{
    mf_model_options o = mf_model_defaults();
    o.batch = t->batch;
    o.seed = t->seed;
    o.n_threads = (int)t->threads;
    o.shift_mode = (mf_shift_mode)t->shift_mode;
    o.shift_bits = t->shift_bits;
    o.activation_integer_bits = t->activation_integer_bits;
    o.activation_fraction_bits = t->activation_fraction_bits;
    o.add_eta = t->add_eta;
    o.add_deviation = t->add_deviation;
    o.residual_gamma = t->residual_gamma;
    o.norm_momentum = t->norm_momentum;
    o.norm_epsilon = t->norm_epsilon;
    o.dropout = t->dropout;
    o.label_smoothing = t->label_smoothing;
    return o;
}

/* The lists' own defaults are the words of their keys. */
static mf_multiples multiples_of(const mf_numbers *numbers)
{
    mf_multiples m = {3, {1, 1.6, 2.2}};
    if (numbers->n)
        m.n = numbers->n;
    for (size_t i = 0; i < numbers->n; i++)
        m.x[i] = numbers->x[i];
    return m;
}

bool mf_training_augments(const mf_training *t)
{
    return strcmp(t->augment, "none") != 0;
}

mf_augmented_options mf_training_augmented(const mf_training *t)
{
    return (mf_augmented_options){.model = mf_training_model(t),
                                  .op = t->augment,
                                  .width = multiples_of(&t->augment_width),
                                  .expand = multiples_of(&t->augment_expand),
                                  .weight = t->augment_weight,
                                  .mutate_start = t->mutate_start,
                                  .mutate_stop = t->mutate_stop,
                                  .depth = t->augment_depth,
                                  .depth_start = t->augment_depth_start,
                                  .depth_stop = t->augment_depth_stop,
                                  .apart = !t->weight_sharing,
                                  .mix = t->augment_mix,
                                  .norms_apart = t->augment_norms};
}

mf_augmented_mode mf_training_augmented_mode(const mf_training *t, uint64_t epoch)
{
    double at = (double)epoch / (double)t->epochs;
    bool width = at < t->augment_width_until, expand = at < t->augment_expand_until;
    if (width)
        return expand ? MF_AUGMENTED_RANDOM : MF_AUGMENTED_MIN_EXPAND;
    return expand ? MF_AUGMENTED_MIN_WIDTH : MF_AUGMENTED_NONE;
}

bool mf_training_sorts(const mf_training *t, uint64_t epoch)
{
    return mf_training_augments(t) && t->weight_sharing &&
           (double)epoch < t->augment_sort_until * (double)t->epochs;
}

bool mf_training_remaps(const mf_training *t)
{
    return t->remap != 0 || t->remap_kl > 0;
}

const char *mf_training_remap_fit(const mf_training *t)
{
    return strcmp(t->remap_fit, "none") != 0 ? t->remap_fit : NULL;
}

mf_remap_options mf_training_remap(const mf_training *t)
{
    static const mf_remap_form forms[] = {MF_REMAP_PLAIN, MF_REMAP_LAPLACE, MF_REMAP_LINEAR,
                                          MF_REMAP_KERNEL};
    return (mf_remap_options){.form = forms[t->remap],
                              .fitted = mf_training_remap_fit(t) != NULL,
                              .fc = (mf_fc)t->remap_fc,
                              .location = t->remap_location,
                              .scale = t->remap_scale,
                              .skip = t->remap_skip,
                              .moments = (mf_remap_moments)t->remap_moments,
                              .differentiates = t->remap_gradient,
                              .kl = t->remap_kl};
}
