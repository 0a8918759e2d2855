/* Reading a specification. What its points are is sweep_points.c. */
#include "cli/sweep_points.h"

#include "base/faults.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/nearest.h"
#include "cli/conditions.h"
#include "cli/help.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
    MOST_AXES = MF_SWEEP_MOST_AXES,
    MOST_VALUES = 100000,
    MOST_POINTS = 1000000 /* whose results are in memory */
};

/* The axes that are no key of the accelerator. */
static const char *const other_axes[] = {
    [MF_AXIS_NETWORK] = "network", [MF_AXIS_OP] = "op", [MF_AXIS_RESOLUTION] = "resolution"};
enum { N_OTHER_AXES = MF_AXIS_FIRST_KEY };

const mf_other_word mf_sweep_other_words[] = {
#define MF_OTHER_WORD(word, name, instead) {word, name, instead},
#include "cli/sweep_words.def"
#undef MF_OTHER_WORD
    {NULL, NULL, NULL}};

typedef struct reader {
    mf_setup *setup;
    mf_sweep *sweep;
    mf_sweep_space *space;
} reader;

/* ---- values ------------------------------------------------------------------------------------
 */

static int other_axis(const char *name)
{
    for (int i = 0; i < N_OTHER_AXES; i++)
        if (strcmp(name, other_axes[i]) == 0)
            return i;
    return -1;
}

/* The number of an axis that check_axis has let through. */
static int axis_index(const char *name)
{
    int other = other_axis(name), key = 0;
    while (other < 0 && strcmp(mf_accelerator_keys[key], name) != 0)
        key++;
    return other < 0 ? MF_AXIS_FIRST_KEY + key : other;
}

static mf_status check_axis(const mf_json *place, mf_diag *diag)
{
    const char *names[MOST_AXES];
    size_t n = 0;
    for (; n < N_OTHER_AXES; n++)
        names[n] = other_axes[n];
    for (const char *const *key = mf_accelerator_keys; *key; key++)
        names[n++] = *key;
    for (size_t i = 0; i < n; i++)
        if (strcmp(place->key, names[i]) == 0)
            return MF_OK;
    mf_json_fail(place, diag, MF_INVALID, "unknown axis");
    const char *near = mf_nearest(place->key, names, n);
    if (!mf_other_word_hint(place->key, mf_sweep_other_words, diag) &&
        !mf_other_word_hint(place->key, mf_accelerator_other_words, diag) && near)
        mf_hint(diag, "did you mean \"%s\"?", near);
    return MF_INVALID;
}

/* The value of a numeric axis. */
static mf_status take_number(const char *name, double number, const mf_json *place,
                             mf_sweep_value *value, mf_diag *diag)
{
    mf_accelerator scratch = {0};
    if (other_axis(name) < 0) {
        MF_TRY(mf_accelerator_set(&scratch, name, number, place, diag));
        value->key = mf_accelerator_get(&scratch, axis_index(name) - MF_AXIS_FIRST_KEY);
        return MF_OK;
    }
    if (!(number >= 1 && number <= (double)MF_LARGEST_DIMENSION) || number != floor(number))
        return mf_json_fail(place, diag, MF_INVALID,
                            "%s: expected a whole number from 1 to %" PRIu64 ", found %.15g", name,
                            MF_LARGEST_DIMENSION, number);
    value->resolution = (uint64_t)number;
    return MF_OK;
}

/* The value of an axis from JSON. */
static mf_status take(reader *r, const char *name, const mf_json *from, mf_sweep_value *value,
                      mf_diag *diag)
{
    const char *text = NULL;
    double number = 0;
    mf_accelerator scratch = {0};
    mf_diag why = {0};
    switch (other_axis(name)) {
    case MF_AXIS_NETWORK:
        MF_TRY(mf_json_read_string(from, &text, diag));
        value->network = mf_arena_string(r->setup->arena, text);
        return value->network ? MF_OK : mf_fail_memory(diag);
    case MF_AXIS_OP:
        MF_TRY(mf_json_read_string(from, &text, diag));
        if (mf_operators_find(r->setup->operators, text, &value->op, &why) == MF_OK)
            return MF_OK;
        mf_json_fail(from, diag, MF_INVALID, "%s", why.message);
        mf_hint(diag, "%s", why.hint);
        return MF_INVALID;
    default:
        if (other_axis(name) < 0 && mf_json_is_string(from)) {
            MF_TRY(mf_accelerator_read(&scratch, name, from, from, diag));
            value->key = mf_accelerator_get(&scratch, axis_index(name) - MF_AXIS_FIRST_KEY);
            return MF_OK;
        }
        MF_TRY(mf_json_read_real(from, -DBL_MAX, DBL_MAX, &number, diag));
        return take_number(name, number, from, value, diag);
    }
}

/* {"from": 4, "to": 32, "step": 4} or {"from": 4, "to": 64, "times": 2} as an array of numbers. */
static mf_status spread_range(reader *r, const mf_json *range, mf_sweep_axis *a, mf_diag *diag)
{
    static const char *const keys[] = {"from", "to", "step", "times", NULL};
    double from, to, step = 0, times = 1;
    mf_json member;
    int other = a->which;
    if (other == MF_AXIS_NETWORK || other == MF_AXIS_OP)
        return mf_json_fail(range, diag, MF_INVALID, "expected names, not a range");
    MF_TRY(mf_json_only(range, keys, diag));
    MF_TRY(mf_json_real(range, "from", 1e-3, 1e12, &from, diag));
    MF_TRY(mf_json_real(range, "to", from, 1e12, &to, diag));
    bool has_step = mf_json_find(range, "step", &member);
    bool has_times = mf_json_find(range, "times", &member);
    if (has_step == has_times)
        return mf_json_fail(range, diag, MF_INVALID, "give either \"step\" or \"times\"");
    if (has_step)
        MF_TRY(mf_json_real(range, "step", 1e-3, 1e12, &step, diag));
    else
        MF_TRY(mf_json_real(range, "times", 1.001, 1e6, &times, diag));
    /* The last value may miss "to" by rounding alone. */
    const double tolerance = 1 + 1e-9;
    double count = has_step ? floor((to * tolerance - from) / step) + 1
                            : floor(log(to / from * tolerance) / log(times)) + 1;
    if (count > MOST_VALUES)
        return mf_json_fail(range, diag, MF_TOO_LARGE, "more than %d values", MOST_VALUES);
    a->values = MF_NEW_ARRAY(r->setup->arena, mf_sweep_value, (size_t)count);
    if (!a->values)
        return mf_fail_memory(diag);
    double x = from;
    while (a->n_values < (size_t)count) {
        MF_TRY(take_number(range->key, x, range, &a->values[a->n_values], diag));
        a->n_values++;
        x = has_step ? from + (double)a->n_values * step : x * times;
    }
    return MF_OK;
}

static mf_status read_axis(reader *r, const mf_json *member, mf_sweep_axis *a, mf_diag *diag)
{
    MF_TRY(check_axis(member, diag));
    a->which = axis_index(member->key);
    if (mf_json_is_object(member))
        return spread_range(r, member, a, diag);
    size_t n = mf_json_is_array(member) ? mf_json_size(member) : 1;
    if (n == 0)
        return mf_json_fail(member, diag, MF_INVALID, "the axis has no values");
    if (n > MOST_VALUES)
        return mf_json_fail(member, diag, MF_TOO_LARGE, "more than %d values", MOST_VALUES);
    a->values = MF_NEW_ARRAY(r->setup->arena, mf_sweep_value, n);
    if (!a->values)
        return mf_fail_memory(diag);
    if (!mf_json_is_array(member))
        return take(r, member->key, member, &a->values[a->n_values++], diag);
    mf_json item = {0};
    while (mf_json_next(member, &item))
        MF_TRY(take(r, member->key, &item, &a->values[a->n_values++], diag));
    return MF_OK;
}

/* ---- axes --------------------------------------------------------------------------------------
 */

static void note_axis(mf_sweep *sweep, int which, size_t n_set)
{
    const char *name =
        which < N_OTHER_AXES ? other_axes[which] : mf_accelerator_keys[which - MF_AXIS_FIRST_KEY];
    size_t i = 0;
    while (i < sweep->n_axes && strcmp(sweep->axes[i], name) != 0)
        i++;
    if (i == MOST_AXES)
        return;
    sweep->n_axes = i < sweep->n_axes ? sweep->n_axes : i + 1;
    sweep->axes[i] = name;
    sweep->n_set[i] += n_set;
}

static mf_status read_grid(reader *r, const mf_json *root, mf_diag *diag)
{
    mf_json grid, member = {0};
    if (!mf_json_find(root, "grid", &grid))
        return MF_OK;
    if (!mf_json_is_object(&grid))
        return mf_json_fail(&grid, diag, MF_INVALID, "expected an object of axis: values");
    while (mf_json_next(&grid, &member)) {
        if (r->space->n_axes == MOST_AXES)
            return mf_json_fail(&grid, diag, MF_TOO_LARGE, "more than %d axes", MOST_AXES);
        MF_TRY(read_axis(r, &member, &r->space->axes[r->space->n_axes++], diag));
    }
    return MF_OK;
}

/* An axis that the specification leaves out takes its values from the experiment, innermost. */
static mf_status add_default(reader *r, int which, const char *const *names, size_t n,
                             mf_diag *diag)
{
    if (r->space->n_axes == MOST_AXES)
        return mf_fail(diag, MF_TOO_LARGE, "more than %d axes", MOST_AXES);
    mf_sweep_axis *a = &r->space->axes[r->space->n_axes++];
    *a =
        (mf_sweep_axis){.which = which, .values = MF_NEW_ARRAY(r->setup->arena, mf_sweep_value, n)};
    if (!a->values)
        return mf_fail_memory(diag);
    for (; a->n_values < n; a->n_values++) {
        mf_sweep_value *value = &a->values[a->n_values];
        if (which == MF_AXIS_OP)
            MF_TRY(mf_operators_find(r->setup->operators, names[a->n_values], &value->op, diag));
        else
            value->network = names[a->n_values];
    }
    return MF_OK;
}

/* ---- points ------------------------------------------------------------------------------------
 */

/* Every axis that is named must be one, before any is spread out. */
static mf_status check_axes(const mf_json *root, mf_diag *diag)
{
    mf_json grid, list, entry = {0}, member = {0};
    mf_faults faults = {0};
    if (mf_json_find(root, "grid", &grid) && mf_json_is_object(&grid))
        while (mf_json_next(&grid, &member))
            MF_ALSO(check_axis(&member, &faults.latest));
    if (mf_json_find(root, "list", &list) && mf_json_is_array(&list))
        while (mf_json_next(&list, &entry)) {
            member = (mf_json){0};
            while (mf_json_is_object(&entry) && mf_json_next(&entry, &member))
                MF_ALSO(check_axis(&member, &faults.latest));
        }
    return mf_faults_end(&faults, diag);
}

/* What each entry of the list sets. Without a list there is one that sets nothing. */
static mf_status read_list(reader *r, const mf_json *root, mf_diag *diag)
{
    mf_json list, entry = {0};
    bool has_list = mf_json_find(root, "list", &list);
    if (has_list && (!mf_json_is_array(&list) || mf_json_size(&list) == 0))
        return mf_json_fail(&list, diag, MF_INVALID, "expected an array of objects of axis: value");
    size_t n = has_list ? mf_json_size(&list) : 1;
    if (n > MOST_POINTS)
        return mf_json_fail(&list, diag, MF_TOO_LARGE, "%zu entries; %d points are the most", n,
                            MOST_POINTS);
    mf_sweep_entry *entries = MF_NEW_ARRAY(r->setup->arena, mf_sweep_entry, n);
    if (!entries)
        return mf_fail_memory(diag);
    r->space->entries = entries;
    r->space->n_entries = n;
    while (has_list && mf_json_next(&list, &entry)) {
        mf_json member = {0};
        if (!mf_json_is_object(&entry))
            return mf_json_fail(&entry, diag, MF_INVALID, "expected an object of axis: value");
        entries->settings = MF_NEW_ARRAY(r->setup->arena, mf_sweep_setting, mf_json_size(&entry));
        if (!entries->settings)
            return mf_fail_memory(diag);
        while (mf_json_next(&entry, &member)) {
            MF_TRY(check_axis(&member, diag));
            mf_sweep_setting *setting = &entries->settings[entries->n_settings++];
            setting->which = axis_index(member.key);
            note_axis(r->sweep, setting->which, 1);
            MF_TRY(take(r, member.key, &member, &setting->value, diag));
        }
        entries++;
    }
    return MF_OK;
}

static mf_status read_points(reader *r, const mf_json *root, mf_diag *diag)
{
    mf_sweep_space *space = r->space;
    mf_json list;
    bool has[N_OTHER_AXES] = {false};
    MF_TRY(read_grid(r, root, diag));
    r->sweep->n_entries = mf_json_find(root, "list", &list) ? mf_json_size(&list) : 1;
    for (size_t i = 0; i < space->n_axes; i++)
        note_axis(r->sweep, space->axes[i].which, r->sweep->n_entries);
    MF_TRY(read_list(r, root, diag));
    for (size_t i = 0; i < r->sweep->n_axes; i++)
        if (other_axis(r->sweep->axes[i]) >= 0)
            has[other_axis(r->sweep->axes[i])] = true;
    const mf_experiment *e = &r->setup->experiment;
    if (!has[MF_AXIS_NETWORK])
        MF_TRY(add_default(r, MF_AXIS_NETWORK, e->networks, e->n_networks, diag));
    if (!has[MF_AXIS_OP])
        MF_TRY(add_default(r, MF_AXIS_OP, e->ops, e->n_ops, diag));
    double n = (double)space->n_entries;
    for (size_t i = 0; i < space->n_axes; i++)
        n *= (double)space->axes[i].n_values;
    if (n > MOST_POINTS)
        return mf_json_fail(root, diag, MF_TOO_LARGE, "%.0f points; %d are the most", n,
                            MOST_POINTS);
    space->accelerator = r->setup->accelerator;
    space->network = e->networks[0];
    return mf_sweep_lay_out(r->setup, r->sweep, diag);
}

/* ---- the rest ----------------------------------------------------------------------------------
 */

static mf_status read_pareto(mf_sweep *s, const mf_json *root, mf_diag *diag)
{
    static const char *const keys[] = {"minimise", "within", NULL};
    static const char *const objectives[] = {"energy_mj", "latency_ms", "n_pes", "edp_mj_ms"};
    static const char *const separators[] = {"network", "op"};
    mf_json pareto, list, item = {0};
    size_t choice;
    s->minimise = MF_SWEEP_ENERGY | MF_SWEEP_LATENCY;
    s->within_network = s->within_op = true;
    if (!mf_json_find(root, "pareto", &pareto))
        return MF_OK;
    MF_TRY(mf_json_only(&pareto, keys, diag));
    if (mf_json_find(&pareto, "minimise", &list)) {
        MF_TRY(mf_json_array(&pareto, "minimise", &list, diag));
        s->minimise = 0;
        while (mf_json_next(&list, &item)) {
            MF_TRY(mf_json_read_choice(&item, objectives, 4, &choice, diag));
            s->minimise |= 1u << choice;
        }
        if (!s->minimise)
            return mf_json_fail(&list, diag, MF_INVALID, "nothing to minimise");
    }
    if (mf_json_find(&pareto, "within", &list)) {
        MF_TRY(mf_json_array(&pareto, "within", &list, diag));
        s->within_network = s->within_op = false;
        item = (mf_json){0};
        while (mf_json_next(&list, &item)) {
            MF_TRY(mf_json_read_choice(&item, separators, 2, &choice, diag));
            s->within_network = s->within_network || choice == 0;
            s->within_op = s->within_op || choice == 1;
        }
    }
    return MF_OK;
}

static mf_status hash_file(mf_setup *setup, mf_kind kind, const char *name, uint64_t *digest,
                           mf_diag *diag)
{
    const char *path;
    char *bytes;
    size_t n;
    MF_TRY(mf_catalog_path(setup->cli, kind, name, setup->arena, &path, diag));
    MF_TRY(mf_file_read_most(path, MF_LARGEST_TEXT_BYTES, setup->arena, &bytes, &n, diag));
    *digest = mf_hash_bytes(*digest, bytes, n);
    return MF_OK;
}

/* Everything that determines the results: the program, all files that were read, and the options.
 */
static mf_status make_digest(mf_setup *setup, const char *path, mf_sweep *s, mf_diag *diag)
{
    static const char *const options[] = {"experiment", "accelerator", "set",      "resolution",
                                          "batch",      "classes",     "width",    "op-of",
                                          "accounting", "table",       "dataflow", "objective",
                                          "bits",       "area-um2",    "node",     "dram"};
    const char *table = mf_arguments_value(setup->arguments, "table");
    const char *experiment = mf_arguments_value(setup->arguments, "experiment");
    const char *accelerator = mf_arguments_value(setup->arguments, "accelerator");
    const char **operators;
    size_t n_operators;
    const char *version = mf_help_version_text();
    s->digest = mf_hash_bytes(MF_HASH_BEGIN, version, strlen(version));
    MF_TRY(hash_file(setup, MF_KIND_SWEEP, path, &s->digest, diag));
    MF_TRY(
        hash_file(setup, MF_KIND_EXPERIMENT, experiment ? experiment : "table3", &s->digest, diag));
    MF_TRY(hash_file(setup, MF_KIND_ACCELERATOR,
                     accelerator ? accelerator : setup->experiment.accelerator, &s->digest, diag));
    MF_TRY(hash_file(setup, MF_KIND_ENERGY_TABLE, setup->conventions.operation_energy, &s->digest,
                     diag));
    MF_TRY(
        hash_file(setup, MF_KIND_ENERGY_TABLE, setup->conventions.access_energy, &s->digest, diag));
    MF_TRY(hash_file(setup, MF_KIND_ENERGY_TABLE, table ? table : "consistent-45nm", &s->digest,
                     diag));
    if (mf_arguments_has(setup->arguments, "keep-on-chip"))
        s->digest = mf_hash_bytes(s->digest, "keep-on-chip", 12);
    if (mf_arguments_has(setup->arguments, "iso-area"))
        s->digest = mf_hash_bytes(s->digest, "iso-area", 8);
    MF_TRY(mf_catalog_names(setup->cli, MF_KIND_OPERATOR, setup->arena, &operators, &n_operators,
                            diag));
    for (size_t i = 0; i < n_operators; i++)
        MF_TRY(hash_file(setup, MF_KIND_OPERATOR, operators[i], &s->digest, diag));
    for (size_t i = 0; i < s->n_networks; i++)
        MF_TRY(hash_file(setup, MF_KIND_NETWORK, s->networks[i].name, &s->digest, diag));
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        size_t n;
        const char **values = mf_arguments_values(setup->arguments, options[i], &n);
        for (size_t k = 0; values && k < n; k++) {
            s->digest = mf_hash_bytes(s->digest, options[i], strlen(options[i]) + 1);
            s->digest = mf_hash_bytes(s->digest, values[k], strlen(values[k]) + 1);
        }
    }
    return MF_OK;
}

mf_status mf_sweep_read(mf_setup *setup, const char *name, mf_sweep *sweep, mf_diag *diag)
{
    static const char *const keys[] = {"name", "about", "grid", "list", "pareto", NULL};
    reader r = {.setup = setup, .sweep = sweep, .space = MF_NEW(setup->arena, mf_sweep_space)};
    const char *path;
    mf_json_doc *doc = NULL;
    mf_status status;
    *sweep = (mf_sweep){.axes = MF_NEW_ARRAY(setup->arena, const char *, MOST_AXES),
                        .n_set = MF_NEW_ARRAY(setup->arena, size_t, MOST_AXES),
                        .space = r.space};
    if (!sweep->axes || !sweep->n_set || !r.space)
        return mf_fail_memory(diag);
    MF_TRY(mf_catalog_path(setup->cli, MF_KIND_SWEEP, name, setup->arena, &path, diag));
    MF_TRY(mf_json_load(path, &doc, diag));
    mf_json root = mf_json_root(doc);
    mf_faults faults = {0};
    MF_ALSO(mf_json_only(&root, keys, &faults.latest));
    MF_ALSO(mf_json_copy_string(&root, "name", setup->arena, &sweep->name, &faults.latest));
    MF_ALSO(mf_json_copy_string(&root, "about", setup->arena, &sweep->about, &faults.latest));
    MF_ALSO(read_pareto(sweep, &root, &faults.latest));
    MF_ALSO(check_axes(&root, &faults.latest));
    MF_TRY_DONE(mf_faults_end(&faults, diag));
    MF_TRY_DONE(read_points(&r, &root, diag));
    MF_TRY_DONE(make_digest(setup, name, sweep, diag));
done:
    mf_json_destroy(doc);
    return status;
}

void mf_sweep_free(mf_sweep *sweep)
{
    for (size_t i = 0; i < sweep->n_networks; i++)
        mf_network_destroy(sweep->networks[i].network);
}
