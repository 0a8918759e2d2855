/* Axes: their names, and the values that they take. */
#include "cli/sweep_points.h"

#include "base/nearest.h"
#include "cli/conditions.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_VALUES = 100000, MOST_ACCELERATORS = 256 };

static const char *const other_axes[] = {
#define MF_SWEEP_AXIS(NAME, name, title, needs) name,
#include "cli/sweep_axes.def"
#undef MF_SWEEP_AXIS
};

static const char *const other_titles[] = {
#define MF_SWEEP_AXIS(NAME, name, title, needs) title,
#include "cli/sweep_axes.def"
#undef MF_SWEEP_AXIS
};

const mf_other_word mf_sweep_other_words[] = {
#define MF_OTHER_WORD(word, name, instead) {word, name, instead},
#include "cli/sweep_words.def"
#undef MF_OTHER_WORD
    {NULL, NULL, NULL}};

int mf_sweep_axis_find(const char *name)
{
    for (int which = 0; which < MF_AXIS_FIRST_KEY + MF_N_ACCELERATOR_KEYS; which++)
        if (strcmp(name, mf_sweep_axis_name(which)) == 0)
            return which;
    return -1;
}

const char *mf_sweep_axis_name(int which)
{
    return which < MF_AXIS_FIRST_KEY ? other_axes[which]
                                     : mf_accelerator_keys[which - MF_AXIS_FIRST_KEY];
}

/* The key itself where it has no other title. */
const char *mf_sweep_axis_title(int which)
{
    static const struct {
        int key;
        const char *title;
    } titles[] = {{MF_KEY_pe_rows, "rows"},
                  {MF_KEY_pe_columns, "columns"},
                  {MF_KEY_ifmap_register_words, "ifmap words"},
                  {MF_KEY_weight_register_words, "weight words"},
                  {MF_KEY_psum_register_words, "psum words"},
                  {MF_KEY_buffer_words, "buffer words"},
                  {MF_KEY_clock_mhz, "MHz"}};
    if (which < MF_AXIS_FIRST_KEY)
        return other_titles[which];
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        if (titles[i].key == which - MF_AXIS_FIRST_KEY)
            return titles[i].title;
    return mf_sweep_axis_name(which);
}

bool mf_sweep_varies(const mf_sweep *sweep, const char *axis)
{
    for (size_t i = 0; i < sweep->n_axes; i++)
        if (strcmp(sweep->axes[i], axis) == 0)
            return true;
    return false;
}

void mf_sweep_axis_text(const mf_sweep *sweep, const mf_sweep_point *point, int which, char *text,
                        size_t size)
{
    const mf_sweep_network *n = &sweep->networks[point->network];
    if (which >= MF_AXIS_FIRST_KEY)
        mf_accelerator_value_text(&point->accelerator, which - MF_AXIS_FIRST_KEY, text, size);
    else if (which == MF_AXIS_RESOLUTION)
        snprintf(text, size, "%" PRIu64 "x%" PRIu64, n->network->input_rows,
                 n->network->input_columns);
    else if (which == MF_AXIS_WIDTH)
        snprintf(text, size, "%.15g", n->width > 0 ? n->width : 1);
    else if (which == MF_AXIS_BATCH)
        snprintf(text, size, "%" PRIu64, n->network->batch);
    else
        snprintf(text, size, "%s", point->text[which] ? point->text[which] : "");
}

void mf_sweep_put_network(const mf_sweep *sweep, const mf_sweep_network *n, mf_text *text)
{
    mf_text_puts(text, n->network->name);
    if (mf_sweep_varies(sweep, "resolution"))
        mf_text_printf(text, " %" PRIu64 "x%" PRIu64, n->network->input_rows,
                       n->network->input_columns);
    if (mf_sweep_varies(sweep, "width"))
        mf_text_printf(text, " width %g", n->width > 0 ? n->width : 1);
    if (mf_sweep_varies(sweep, "batch"))
        mf_text_printf(text, " batch %" PRIu64, n->network->batch);
}

/* "network, op, ..., and the keys of an accelerator". */
static void list_axes(char *list, size_t size)
{
    *list = '\0';
    for (int which = 0; which < MF_AXIS_FIRST_KEY; which++) {
        size_t n = strlen(list);
        snprintf(list + n, size - n, "%s, ", other_axes[which]);
    }
    size_t n = strlen(list);
    snprintf(list + n, size - n, "and the keys of `mulfree show eyeriss-12x14`");
}

mf_status mf_sweep_axis_check(const mf_json *place, mf_diag *diag)
{
    const char *names[MF_SWEEP_MOST_AXES];
    size_t n = 0;
    char list[256];
    if (mf_sweep_axis_find(place->key) >= 0)
        return MF_OK;
    for (; n < MF_AXIS_FIRST_KEY + MF_N_ACCELERATOR_KEYS; n++)
        names[n] = mf_sweep_axis_name((int)n);
    mf_json_fail(place, diag, MF_INVALID, "unknown axis");
    const char *near = mf_nearest(place->key, names, n);
    list_axes(list, sizeof list);
    if (mf_other_word_hint(place->key, mf_sweep_other_words, diag) ||
        mf_other_word_hint(place->key, mf_accelerator_other_words, diag))
        return MF_INVALID;
    if (near)
        mf_hint(diag, "did you mean \"%s\"? Axes are %s", near, list);
    else
        mf_hint(diag, "axes are %s", list);
    return MF_INVALID;
}

/* ---- values ------------------------------------------------------------------------------------
 */

static mf_status take_count(const char *name, double number, const mf_json *place,
                            mf_sweep_value *value, mf_diag *diag)
{
    if (!(number >= 1 && number <= (double)MF_LARGEST_DIMENSION) || number != floor(number))
        return mf_json_fail(place, diag, MF_INVALID,
                            "%s: expected a whole number from 1 to %" PRIu64 ", found %.15g", name,
                            MF_LARGEST_DIMENSION, number);
    value->count = (uint64_t)number;
    return MF_OK;
}

static mf_status take_bits(mf_sweep_reader *r, const char *text, const mf_json *place,
                           mf_sweep_value *value, mf_diag *diag)
{
    mf_diag why = {0};
    value->text = mf_arena_string(r->setup->arena, text);
    if (!value->text)
        return mf_fail_memory(diag);
    if (mf_bits_parse(text, &value->bits, &why) == MF_OK)
        return MF_OK;
    return mf_json_fail(place, diag, MF_INVALID, "%s", why.message);
}

static mf_status take_node(mf_sweep_reader *r, double number, const mf_json *place,
                           mf_sweep_value *value, mf_diag *diag)
{
    mf_diag why = {0};
    mf_status status = mf_sweep_node_take(r->setup, r->sweep, number, &value->index, &why);
    value->text = mf_arena_format(r->setup->arena, "%.15g", number);
    if (!value->text)
        return mf_fail_memory(diag);
    return status == MF_OK ? MF_OK : mf_json_fail(place, diag, status, "node: %s", why.message);
}

/* The value of a numeric axis. */
static mf_status take_number(mf_sweep_reader *r, int which, double number, const mf_json *place,
                             mf_sweep_value *value, mf_diag *diag)
{
    mf_accelerator scratch = {0};
    char text[32];
    const char *name = mf_sweep_axis_name(which);
    switch (which) {
    case MF_AXIS_RESOLUTION:
    case MF_AXIS_BATCH:
        return take_count(name, number, place, value, diag);
    case MF_AXIS_WIDTH:
        if (!(number >= 0.01 && number <= 100))
            return mf_json_fail(place, diag, MF_INVALID,
                                "width: expected a number from 0.01 to 100, found %g", number);
        value->real = number;
        return MF_OK;
    case MF_AXIS_NODE:
        return take_node(r, number, place, value, diag);
    case MF_AXIS_BITS:
        snprintf(text, sizeof text, "%.15g", number);
        return take_bits(r, text, place, value, diag);
    default:
        MF_TRY(mf_accelerator_set(&scratch, name, number, place, diag));
        value->key = mf_accelerator_get(&scratch, which - MF_AXIS_FIRST_KEY);
        return MF_OK;
    }
}

/* A word or a size of a key. */
static mf_status take_key(mf_sweep_reader *r, int which, const mf_json *from, mf_sweep_value *value,
                          mf_diag *diag)
{
    mf_accelerator scratch = {0};
    const mf_accelerator *base = &r->setup->accelerator;
    if (!r->sizes_vary && base->given[MF_KEY_word_bits])
        mf_accelerator_put(&scratch, MF_KEY_word_bits, mf_accelerator_get(base, MF_KEY_word_bits));
    MF_TRY(mf_accelerator_read(&scratch, mf_sweep_axis_name(which), from, from, diag));
    value->key = mf_accelerator_get(&scratch, which - MF_AXIS_FIRST_KEY);
    return MF_OK;
}

/* Something that a name stands for failed: say where. */
static mf_status fail_at(const mf_json *from, mf_status status, const mf_diag *why, mf_diag *diag)
{
    mf_json_fail(from, diag, status, "%s", why->message);
    mf_hint(diag, "%s", why->hint);
    return status;
}

static mf_status take_accelerator(mf_sweep_reader *r, const mf_json *from, mf_sweep_value *value,
                                  mf_diag *diag)
{
    mf_sweep *s = r->sweep;
    mf_diag why = {0};
    for (value->index = 0; value->index < s->n_accelerators; value->index++)
        if (strcmp(s->accelerator_names[value->index], value->text) == 0)
            return MF_OK;
    if (!s->accelerators) {
        s->accelerators = MF_NEW_ARRAY(r->setup->arena, mf_accelerator, MOST_ACCELERATORS);
        s->accelerator_names = MF_NEW_ARRAY(r->setup->arena, const char *, MOST_ACCELERATORS);
    }
    if (!s->accelerators || !s->accelerator_names)
        return mf_fail_memory(diag);
    if (s->n_accelerators == MOST_ACCELERATORS)
        return mf_json_fail(from, diag, MF_TOO_LARGE, "more than %d accelerators",
                            (int)MOST_ACCELERATORS);
    mf_status status =
        mf_setup_load_accelerator(r->setup, value->text, &s->accelerators[s->n_accelerators], &why);
    if (status != MF_OK)
        return fail_at(from, status, &why, diag);
    s->accelerator_names[s->n_accelerators++] = value->text;
    return MF_OK;
}

static mf_status take_table(mf_sweep_reader *r, const mf_json *from, mf_sweep_value *value,
                            mf_diag *diag)
{
    mf_diag why = {0};
    mf_status status = mf_sweep_table_take(r->setup, r->sweep, value->text, &value->index, &why);
    return status == MF_OK ? MF_OK : fail_at(from, status, &why, diag);
}

static mf_status take_objective(const mf_json *from, mf_sweep_value *value, mf_diag *diag)
{
    const char *names[MF_N_OBJECTIVES];
    for (int i = 0; i < MF_N_OBJECTIVES; i++)
        names[i] = mf_objective_name(i);
    return mf_json_read_choice(from, names, MF_N_OBJECTIVES, &value->index, diag);
}

/* The value of an axis of words. */
static mf_status take_word(mf_sweep_reader *r, int which, const mf_json *from,
                           mf_sweep_value *value, mf_diag *diag)
{
    const char *text = NULL;
    mf_diag why = {0};
    mf_status status = MF_OK;
    MF_TRY(mf_json_read_string(from, &text, diag));
    value->text = mf_arena_string(r->setup->arena, text);
    if (!value->text)
        return mf_fail_memory(diag);
    if (which == MF_AXIS_OP)
        status = mf_operators_find(r->setup->operators, text, &value->index, &why);
    else if (which == MF_AXIS_DATAFLOW)
        status = mf_dataflow_find(text, &value->dataflow, &why);
    else if (which == MF_AXIS_OBJECTIVE)
        return take_objective(from, value, diag);
    else if (which == MF_AXIS_ACCELERATOR)
        return take_accelerator(r, from, value, diag);
    else if (which == MF_AXIS_TABLE)
        return take_table(r, from, value, diag);
    else if (which == MF_AXIS_BITS)
        return take_bits(r, text, from, value, diag);
    return status == MF_OK ? MF_OK : fail_at(from, MF_INVALID, &why, diag);
}

static bool takes_words(int which)
{
    return which < MF_AXIS_FIRST_KEY && which != MF_AXIS_RESOLUTION && which != MF_AXIS_BATCH &&
           which != MF_AXIS_WIDTH && which != MF_AXIS_NODE;
}

mf_status mf_sweep_value_take(mf_sweep_reader *r, const char *axis, const mf_json *from,
                              mf_sweep_value *value, mf_diag *diag)
{
    int which = mf_sweep_axis_find(axis);
    double number = 0;
    if (takes_words(which) && !(which == MF_AXIS_BITS && mf_json_is_number(from)))
        return take_word(r, which, from, value, diag);
    if (which >= MF_AXIS_FIRST_KEY && mf_json_is_string(from))
        return take_key(r, which, from, value, diag);
    MF_TRY(mf_json_read_real(from, -DBL_MAX, DBL_MAX, &number, diag));
    return take_number(r, which, number, from, value, diag);
}

/* ---- axes --------------------------------------------------------------------------------------
 */

/* {"from": 4, "to": 32, "step": 4} or {"from": 4, "to": 64, "times": 2} as an array of numbers. */
static mf_status spread_range(mf_sweep_reader *r, const mf_json *range, mf_sweep_axis *a,
                              mf_diag *diag)
{
    static const char *const keys[] = {"from", "to", "step", "times", NULL};
    double from, to, step = 0, times = 1;
    mf_json member;
    if (takes_words(a->which))
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
        MF_TRY(take_number(r, a->which, x, range, &a->values[a->n_values], diag));
        a->n_values++;
        x = has_step ? from + (double)a->n_values * step : x * times;
    }
    return MF_OK;
}

mf_status mf_sweep_axis_take(mf_sweep_reader *r, const mf_json *member, mf_sweep_axis *a,
                             mf_diag *diag)
{
    MF_TRY(mf_sweep_axis_check(member, diag));
    a->which = mf_sweep_axis_find(member->key);
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
        return mf_sweep_value_take(r, member->key, member, &a->values[a->n_values++], diag);
    mf_json item = {0};
    while (mf_json_next(member, &item))
        MF_TRY(mf_sweep_value_take(r, member->key, &item, &a->values[a->n_values++], diag));
    return MF_OK;
}
