/* `mulfree diff`: what changed between two results? Rows of two JSON files are matched by what
 * identifies them (network, operator, layer, array ...), and every other value is compared. */
#include "base/json.h"
#include "cli/file_kind.h"
#include "cli/output.h"
#include "models/accelerator.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What identifies a row, in any result of this program, together with the keys of the accelerator;
 * all else is a value. */
static const char *const identity_keys[] = {"network", "op",   "number",     "layer", "operation",
                                            "kind",    "name", "resolution", NULL};

/* Position says nothing about a row of a sweep. */
static const char *const ignored_keys[] = {"point", "file", NULL};

static const mf_column columns[] = {
    {"row", "row", 0, 1},   {"key", "value", 0, 1}, {"a", "A", 0, 1},  {"b", "B", 0, 1},
    {"change", NULL, 0, 1}, {NULL, "change", 0, 1}, {NULL, NULL, 0, 0}};

typedef struct diff_row {
    mf_json json;
    const char *identity;
    size_t order;
    size_t partner; /* order of the matching row of the other file; SIZE_MAX: none */
} diff_row;

typedef struct diff_file {
    mf_json_doc *doc;
    mf_json root;
    diff_row *rows;    /* in file order */
    diff_row **sorted; /* by identity, then file order */
    size_t n;
} diff_file;

typedef struct differ {
    const mf_arguments *arguments;
    mf_arena *arena;
    mf_sheet *sheet;
    double tolerance;
    size_t n_differences;
} differ;

static bool listed(const char *key, const char *const *keys)
{
    for (; *keys; keys++)
        if (strcmp(key, *keys) == 0)
            return true;
    return false;
}

/* A value as people and the JSON output see it. */
static const char *value_text(mf_arena *arena, const mf_json *value)
{
    mf_text text = {0};
    const char *string = "";
    bool flag = false;
    double number = 0;
    if (mf_json_read_string(value, &string, NULL) == MF_OK)
        mf_text_puts(&text, string);
    else if (mf_json_read_real(value, -DBL_MAX, DBL_MAX, &number, NULL) == MF_OK)
        mf_text_json_real(&text, number);
    else if (mf_json_read_bool(value, &flag, NULL) == MF_OK)
        mf_text_puts(&text, flag ? "true" : "false");
    else
        mf_text_puts(&text, "none");
    const char *copy = text.failed ? NULL : mf_arena_string(arena, text.bytes ? text.bytes : "");
    mf_text_free(&text);
    return copy;
}

/* Append the values of those of `keys` that the row has; numbers with their key. */
static const char *append_values(differ *d, const mf_json *row, const char *const *keys,
                                 const char *text)
{
    for (; *keys && text; keys++) {
        mf_json member;
        if (!mf_json_find(row, *keys, &member))
            continue;
        const char *value = value_text(d->arena, &member);
        bool named = mf_json_is_number(&member);
        text = value ? mf_arena_format(d->arena, "%s%s%s%s%s", text, *text ? " " : "",
                                       named ? *keys : "", named ? "=" : "", value)
                     : NULL;
    }
    return text;
}

static mf_status identify(differ *d, const mf_json *row, const char **identity, mf_diag *diag)
{
    const char *text = append_values(d, row, identity_keys, "");
    *identity = text ? append_values(d, row, mf_accelerator_keys, text) : NULL;
    return *identity ? MF_OK : mf_fail_memory(diag);
}

static int by_identity(const void *a, const void *b)
{
    const diff_row *p = *(diff_row *const *)a, *q = *(diff_row *const *)b;
    int order = strcmp(p->identity, q->identity);
    return order ? order : p->order < q->order ? -1 : p->order > q->order;
}

static mf_status load(differ *d, const char *path, diff_file *file, mf_diag *diag)
{
    MF_TRY(mf_file_kind_check(path, MF_FILE_BIT(MF_FILE_ROWS), diag));
    MF_TRY(mf_json_load(path, &file->doc, diag));
    file->root = mf_json_root(file->doc);
    if (!mf_json_is_array(&file->root))
        return mf_json_fail(&file->root, diag, MF_INVALID,
                            "expected an array of rows, as --format json writes it");
    size_t n = mf_json_size(&file->root);
    file->rows = MF_NEW_ARRAY(d->arena, diff_row, n);
    file->sorted = MF_NEW_ARRAY(d->arena, diff_row *, n);
    if (!file->rows || !file->sorted)
        return mf_fail_memory(diag);
    mf_json item = {0};
    while (mf_json_next(&file->root, &item)) {
        diff_row *row = &file->rows[file->n];
        *row = (diff_row){.json = item, .order = file->n, .partner = SIZE_MAX};
        if (!mf_json_is_object(&item))
            return mf_json_fail(&item, diag, MF_INVALID, "expected a row, an object");
        MF_TRY(identify(d, &item, &row->identity, diag));
        file->sorted[file->n++] = row;
    }
    if (file->n)
        qsort(file->sorted, file->n, sizeof *file->sorted, by_identity);
    return MF_OK;
}

static void match(diff_file *a, diff_file *b)
{
    for (size_t i = 0, k = 0; i < a->n && k < b->n;) {
        int order = strcmp(a->sorted[i]->identity, b->sorted[k]->identity);
        if (order == 0) {
            a->sorted[i]->partner = b->sorted[k]->order;
            b->sorted[k]->partner = a->sorted[i]->order;
        }
        i += order <= 0;
        k += order >= 0;
    }
}

/* ---- comparing ---------------------------------------------------------------------------------
 */

static void add_difference(differ *d, const diff_row *row, const char *key, const mf_json *a,
                           const mf_json *b)
{
    double x, y;
    mf_sheet *s = d->sheet;
    d->n_differences++;
    mf_sheet_row(s, MF_ROW_PLAIN);
    mf_sheet_text(s, row->identity);
    mf_sheet_text(s, key);
    mf_sheet_text(s, a ? value_text(d->arena, a) : "");
    mf_sheet_text(s, b ? value_text(d->arena, b) : "");
    bool numbers = a && b && mf_json_read_real(a, -DBL_MAX, DBL_MAX, &x, NULL) == MF_OK &&
                   mf_json_read_real(b, -DBL_MAX, DBL_MAX, &y, NULL) == MF_OK && x != 0;
    if (numbers) {
        mf_sheet_real(s, y / x - 1);
        mf_sheet_text(s, mf_arena_format(d->arena, "%+.3f %%", 100 * (y / x - 1)));
    } else {
        mf_sheet_none(s);
        mf_sheet_text(s, a && b ? "" : a ? "only in A" : "only in B");
    }
}

static bool same(const differ *d, const mf_json *a, const mf_json *b)
{
    double x, y;
    if (mf_json_read_real(a, -DBL_MAX, DBL_MAX, &x, NULL) == MF_OK &&
        mf_json_read_real(b, -DBL_MAX, DBL_MAX, &y, NULL) == MF_OK)
        return fabs(x - y) <= d->tolerance * fmax(fabs(x), fabs(y));
    const char *s = value_text(d->arena, a), *t = value_text(d->arena, b);
    return s && t && strcmp(s, t) == 0 && mf_json_is_string(a) == mf_json_is_string(b);
}

/* Keys that are no values: compared before, or saying nothing. */
static bool is_value(const char *key)
{
    return !listed(key, identity_keys) && !listed(key, mf_accelerator_keys) &&
           !listed(key, ignored_keys);
}

static void compare_rows(differ *d, const diff_row *a, const diff_row *b)
{
    mf_json member = {0}, other;
    while (mf_json_next(&a->json, &member)) {
        if (!is_value(member.key))
            continue;
        if (!mf_json_find(&b->json, member.key, &other))
            add_difference(d, a, member.key, &member, NULL);
        else if (!same(d, &member, &other))
            add_difference(d, a, member.key, &member, &other);
    }
    member = (mf_json){0};
    while (mf_json_next(&b->json, &member))
        if (is_value(member.key) && !mf_json_find(&a->json, member.key, &other))
            add_difference(d, b, member.key, NULL, &member);
}

static void add_lonely(differ *d, const diff_row *row, bool in_a)
{
    d->n_differences++;
    mf_sheet_row(d->sheet, MF_ROW_PLAIN);
    mf_sheet_text(d->sheet, row->identity);
    for (int i = 0; i < 3; i++)
        mf_sheet_none(d->sheet);
    mf_sheet_none(d->sheet);
    mf_sheet_text(d->sheet, in_a ? "row only in A" : "row only in B");
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    differ d = {.arguments = arguments, .arena = arguments->arena, .tolerance = 1e-9};
    diff_file a = {0}, b = {0};
    mf_status status;
    MF_TRY(mf_arguments_expect(arguments, 2, 2, diag));
    MF_TRY(mf_arguments_real(arguments, "tolerance", 0, 1, &d.tolerance, diag));
    d.sheet = mf_sheet_create(d.arena, columns);
    MF_TRY_DONE(load(&d, arguments->words[0], &a, diag));
    MF_TRY_DONE(load(&d, arguments->words[1], &b, diag));
    match(&a, &b);
    for (size_t i = 0; i < a.n; i++) {
        if (a.rows[i].partner == SIZE_MAX)
            add_lonely(&d, &a.rows[i], true);
        else
            compare_rows(&d, &a.rows[i], &b.rows[a.rows[i].partner]);
    }
    for (size_t i = 0; i < b.n; i++)
        if (b.rows[i].partner == SIZE_MAX)
            add_lonely(&d, &b.rows[i], false);
    mf_sheet_heading(d.sheet, mf_arena_format(d.arena, "A: %s, B: %s", arguments->words[0],
                                              arguments->words[1]));
    mf_sheet_note(d.sheet, mf_arena_format(d.arena, "%zu differences in %zu and %zu rows",
                                           d.n_differences, a.n, b.n));
    MF_TRY_DONE(mf_output_sheet(cli, arguments, d.sheet, diag));
    status = d.n_differences ? MF_DIFFERENT : MF_OK;
done:
    mf_json_destroy(a.doc);
    mf_json_destroy(b.doc);
    return status;
}

static const mf_option options[] = {
    {"tolerance", 't', "X",
     .about = "relative difference of numbers that counts as equal (default 1e-9)"},
    MF_OUTPUT_OPTIONS,
    MF_COMMON_OPTIONS,
    MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree diff before.json after.json", "every value that changed; exit code 1 if any did"},
    {"mulfree diff before.json after.json --tolerance 0", "to the last bit"},
    {NULL, NULL}};

const mf_command mf_command_diff = {
    .name = "diff",
    .summary = "show what changed between two results written with --format json",
    .arguments = "A.json B.json",
    .about = "Rows are matched by network, operator, layer and array. Exit code 0: nothing "
             "changed; 1: something did.",
    .words = "files",
    .options = options,
    .examples = examples,
    .run = run,
};
