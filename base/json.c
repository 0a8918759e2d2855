/* Documents and cursors: loading, members, and the typed readers with their messages. */
#include "base/json.h"

#include "base/faults.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/units.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mf_json_doc {
    mf_arena *arena;
    const char *name;
    cJSON *root;
};

/* ---- memory -----------------------------------------------------------------------------------
 * cJSON says "no" alike to what is not JSON and when memory is out: remember which. */

static _Thread_local bool memory_is_out;

static void *allocate(size_t n_bytes)
{
    void *bytes = malloc(n_bytes);
    memory_is_out = memory_is_out || !bytes;
    return bytes;
}

static void use_own_memory(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = allocate, .free_fn = free});
}

/* NULL with memory_is_out, or where the text is not JSON: then `end` is there. */
static cJSON *parse(const char *text, size_t n_bytes, const char **end, bool whole)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, use_own_memory);
    memory_is_out = false;
    return cJSON_ParseWithLengthOpts(text, n_bytes, end, whole);
}

static const cJSON *node_of(const mf_json *value)
{
    return value->node;
}

/* ---- loading ----------------------------------------------------------------------------------
 */

static mf_status fail_at(const char *name, const char *text, size_t offset, const char *what,
                         mf_diag *diag)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < offset && text[i]; i++) {
        column = text[i] == '\n' ? 1 : column + 1;
        line += text[i] == '\n';
    }
    return mf_fail(diag, MF_MALFORMED, "%s: line %zu, column %zu: %s", name, line, column, what);
}

static int compare_keys(const void *a, const void *b)
{
    const mf_json *p = a, *q = b;
    int keys = strcmp(p->key, q->key);
    return keys ? keys : p->index < q->index ? -1 : 1;
}

/* The first member whose key was there before, if there is one: keys in order have equals side by
 * side. */
static mf_status check_keys_of(const mf_json *object, mf_diag *diag)
{
    size_t n = mf_json_size(object), i = 0;
    mf_json item = {0}, *members = n > 1 ? malloc(n * sizeof *members) : NULL;
    const mf_json *again = NULL;
    if (n < 2)
        return MF_OK;
    if (!members)
        return mf_fail_memory(diag);
    while (mf_json_next(object, &item))
        members[i++] = item;
    qsort(members, n, sizeof *members, compare_keys);
    for (i = 1; i < n; i++)
        if (strcmp(members[i - 1].key, members[i].key) == 0 &&
            (!again || members[i].index < again->index))
            again = &members[i];
    mf_status status =
        again ? mf_json_fail(again, diag, MF_MALFORMED, "this key is given twice") : MF_OK;
    free(members);
    return status;
}

static mf_status check_repeated_keys(const mf_json *value, mf_diag *diag)
{
    mf_json item = {0};
    if (mf_json_is_object(value))
        MF_TRY(check_keys_of(value, diag));
    while (mf_json_next(value, &item))
        if (mf_json_is_object(&item) || mf_json_is_array(&item))
            MF_TRY(check_repeated_keys(&item, diag));
    return MF_OK;
}

/* Each takes some 100 bytes in memory and may take two as text. At least as many as there are. */
static bool has_too_many_values(const char *text, size_t n_bytes)
{
    size_t n = 1;
    bool quoted = false;
    for (size_t i = 0; i < n_bytes; i++) {
        if (quoted && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted)
            n += text[i] == ',' || text[i] == '[' || text[i] == '{';
    }
    return n > MF_JSON_MOST_VALUES;
}

mf_status mf_json_parse(const char *text, size_t n_bytes, const char *name, mf_json_doc **out,
                        mf_diag *diag)
{
    size_t offset = 0;
    const char *fault = mf_json_text_fault(text, n_bytes, &offset);
    if (fault)
        return fail_at(name, text, offset, fault, diag);
    if (has_too_many_values(text, n_bytes))
        return mf_fail(diag, MF_TOO_LARGE, "%s: more than %d values", name, MF_JSON_MOST_VALUES);
    const char *end = text;
    cJSON *root = parse(text, n_bytes, &end, false);
    if (!root && memory_is_out)
        return mf_fail_memory(diag);
    if (!root) {
        size_t at = (size_t)(end - text);
        bool early = strspn(text + at, " \t\r\n") >= n_bytes - at || text[at] == '\0';
        return fail_at(name, text, at, early ? "the JSON text ends too early" : "not JSON here",
                       diag);
    }
    end += strspn(end, " \t\r\n");
    if ((size_t)(end - text) < n_bytes) {
        cJSON_Delete(root);
        return fail_at(name, text, (size_t)(end - text), "text after the end of the JSON value",
                       diag);
    }
    mf_arena *arena = mf_arena_create();
    mf_json_doc *doc = arena ? MF_NEW(arena, mf_json_doc) : NULL;
    char *own_name = doc ? mf_arena_string(arena, name) : NULL;
    if (!own_name) {
        cJSON_Delete(root);
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    *doc = (mf_json_doc){.arena = arena, .name = own_name, .root = root};
    mf_json top = mf_json_root(doc);
    mf_status status = check_repeated_keys(&top, diag);
    if (status != MF_OK) {
        mf_json_destroy(doc);
        return status;
    }
    *out = doc;
    return MF_OK;
}

mf_status mf_json_load(const char *path, mf_json_doc **doc, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    if (!arena)
        return mf_fail_memory(diag);
    char *text;
    size_t n_bytes;
    mf_status status = mf_file_read_most(path, MF_LARGEST_TEXT_BYTES, arena, &text, &n_bytes, diag);
    if (status == MF_OK)
        status = mf_json_parse(text, n_bytes, path, doc, diag);
    mf_arena_destroy(arena);
    return status;
}

void mf_json_destroy(mf_json_doc *doc)
{
    if (!doc)
        return;
    cJSON_Delete(doc->root);
    mf_arena_destroy(doc->arena);
}

const char *mf_json_name(const mf_json_doc *doc)
{
    return doc->name;
}

mf_json mf_json_root(const mf_json_doc *doc)
{
    return (mf_json){.doc = doc, .node = doc->root};
}

/* ---- overriding -------------------------------------------------------------------------------
 */

/* Cuts the next step off `*path`: a name, or "[3]" as an index. False at the end or on bad writing.
 */
static bool next_step(const char **path, char *name, size_t size, size_t *index)
{
    const char *p = *path;
    *index = SIZE_MAX;
    if (*p == '[') {
        char *end;
        *index = strtoull(p + 1, &end, 10);
        if (end == p + 1 || *end != ']')
            return false;
        p = end + 1;
        name[0] = '\0';
    } else {
        size_t n = strcspn(p, ".[");
        if (n == 0 || n >= size)
            return false;
        memcpy(name, p, n);
        name[n] = '\0';
        p += n;
    }
    if (*p == '.')
        p++;
    *path = p;
    return true;
}

static cJSON *value_from_text(const char *value)
{
    size_t offset;
    const char *end = value;
    cJSON *node = NULL;
    memory_is_out = false;
    if (!mf_json_text_fault(value, strlen(value), &offset))
        node = parse(value, strlen(value) + 1, &end, true);
    return node || memory_is_out ? node : cJSON_CreateString(value);
}

mf_status mf_json_override(mf_json_doc *doc, const char *path, const char *value, mf_diag *diag)
{
    cJSON *at = doc->root;
    const char *rest = path;
    char name[128];
    size_t index;
    for (;;) {
        if (!next_step(&rest, name, sizeof name, &index))
            return mf_fail(diag, MF_USAGE, "\"%s\" is not a path such as a.b or a[0].b", path);
        bool last = *rest == '\0';
        cJSON *next = NULL;
        if (index == SIZE_MAX)
            next = cJSON_GetObjectItemCaseSensitive(at, name);
        else if (cJSON_IsArray(at) && index < INT32_MAX)
            next = cJSON_GetArrayItem(at, (int)index);
        bool may_add = last && index == SIZE_MAX && cJSON_IsObject(at);
        if (!next && !may_add)
            return mf_fail(diag, MF_INVALID, "%s: there is no \"%s\" to set", doc->name, path);
        if (last) {
            cJSON *replacement = value_from_text(value);
            bool done = replacement &&
                        (index != SIZE_MAX ? cJSON_ReplaceItemInArray(at, (int)index, replacement)
                         : next ? cJSON_ReplaceItemInObjectCaseSensitive(at, name, replacement)
                                : cJSON_AddItemToObject(at, name, replacement));
            return done ? MF_OK : mf_fail_memory(diag);
        }
        at = next;
    }
}

mf_status mf_json_merge(mf_json_doc *doc, const char *path, const mf_json *members, mf_diag *diag)
{
    cJSON *target = cJSON_GetObjectItemCaseSensitive(doc->root, path);
    if (!cJSON_IsObject(target) || !mf_json_is_object(members))
        return mf_fail(diag, MF_INVALID, "%s: \"%s\" is no object", doc->name, path);
    for (const cJSON *m = node_of(members)->child; m; m = m->next) {
        cJSON *copy = cJSON_Duplicate(m, 1);
        bool there = cJSON_GetObjectItemCaseSensitive(target, m->string) != NULL;
        bool done = copy && (there ? cJSON_ReplaceItemInObjectCaseSensitive(target, m->string, copy)
                                   : cJSON_AddItemToObject(target, m->string, copy));
        if (!done)
            return mf_fail_memory(diag);
    }
    return MF_OK;
}

/* ---- places and messages ----------------------------------------------------------------------
 */

static void put_path(const mf_json *value, char *out, size_t size)
{
    out[0] = '\0';
    if (!value->parent)
        return;
    put_path(value->parent, out, size);
    size_t n = strlen(out);
    if (value->key)
        snprintf(out + n, size - n, "%s%s", n ? "." : "", value->key);
    else
        snprintf(out + n, size - n, "[%zu]", value->index);
}

mf_status mf_json_fail(const mf_json *value, mf_diag *diag, mf_status status, const char *format,
                       ...)
{
    char path[256], message[1024];
    put_path(value, path, sizeof path);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return mf_fail(diag, status, "%s: %s%s%s", value->doc->name, path, path[0] ? ": " : "",
                   message);
}

/* How a message shows what was found: short values as they stand, others by their kind. */
static void put_found(const mf_json *value, char *out, size_t size)
{
    const cJSON *node = node_of(value);
    if (cJSON_IsObject(node) || cJSON_IsArray(node)) {
        snprintf(out, size, "%s", cJSON_IsObject(node) ? "an object" : "an array");
    } else if (cJSON_IsString(node)) {
        snprintf(out, size, "\"%.60s\"", node->valuestring);
    } else if (cJSON_IsNumber(node)) {
        snprintf(out, size, "%.15g", node->valuedouble);
    } else {
        snprintf(out, size, "%s",
                 cJSON_IsNull(node)   ? "null"
                 : cJSON_IsTrue(node) ? "true"
                                      : "false");
    }
}

static mf_status fail_expected(const mf_json *value, mf_diag *diag, const char *expected)
{
    char found[96];
    put_found(value, found, sizeof found);
    return mf_json_fail(value, diag, MF_INVALID, "expected %s, found %s", expected, found);
}

/* The same where a number is wanted: "200MHz" is one for most people. */
static mf_status fail_number(const mf_json *value, mf_diag *diag, const char *expected)
{
    char hint[256];
    fail_expected(value, diag, expected);
    if (mf_json_is_string(value) &&
        mf_units_hint(value->key, node_of(value)->valuestring, hint, sizeof hint))
        mf_hint(diag, "%s", hint);
    return MF_INVALID;
}

/* ---- members ----------------------------------------------------------------------------------
 */

bool mf_json_is_object(const mf_json *value)
{
    return cJSON_IsObject(node_of(value));
}

bool mf_json_is_array(const mf_json *value)
{
    return cJSON_IsArray(node_of(value));
}

bool mf_json_is_string(const mf_json *value)
{
    return cJSON_IsString(node_of(value));
}

bool mf_json_is_number(const mf_json *value)
{
    return cJSON_IsNumber(node_of(value));
}

/* A key that differs from a known one only behind its last underscore has the wrong unit. */
static const char *same_quantity(const char *key, const char *const *keys, size_t n)
{
    const char *unit = strrchr(key, '_');
    for (size_t i = 0; unit && i < n; i++) {
        size_t stem = (size_t)(unit - key) + 1;
        if (strncmp(key, keys[i], stem) == 0 && mf_units_is_end(keys[i] + stem))
            return keys[i];
    }
    return NULL;
}

static mf_status fail_unknown(const mf_json *object, const char *key, const char *const *keys,
                              size_t n, const mf_other_word *others, mf_diag *diag)
{
    mf_json_fail(object, diag, MF_INVALID, "unknown key \"%.60s\"", key);
    if (mf_other_word_hint(key, others, diag))
        return MF_INVALID;
    const char *unit = same_quantity(key, keys, n);
    const char *near = mf_nearest(key, keys, n);
    if (unit)
        mf_hint(diag, "this quantity is given as \"%s\": mind the unit", unit);
    else if (near)
        mf_hint(diag, "did you mean \"%s\"?", near);
    return MF_INVALID;
}

mf_status mf_json_only_of(const mf_json *object, const char *const *keys,
                          const mf_other_word *others, mf_diag *diag)
{
    if (!mf_json_is_object(object))
        return fail_expected(object, diag, "an object");
    mf_faults faults = {0};
    size_t n = 0;
    while (keys[n])
        n++;
    for (const cJSON *member = node_of(object)->child; member; member = member->next) {
        bool known = false;
        for (size_t i = 0; i < n && !known; i++)
            known = strcmp(keys[i], member->string) == 0;
        bool shown = faults.n_shown == faults.n; /* else no hint: 200,000 would take a second */
        if (!known)
            MF_ALSO(fail_unknown(object, member->string, keys, shown ? n : 0, shown ? others : NULL,
                                 &faults.latest));
    }
    return mf_faults_end(&faults, diag);
}

mf_status mf_json_only(const mf_json *object, const char *const *keys, mf_diag *diag)
{
    return mf_json_only_of(object, keys, NULL, diag);
}

bool mf_json_find(const mf_json *object, const char *key, mf_json *member)
{
    const cJSON *node = cJSON_GetObjectItemCaseSensitive(node_of(object), key);
    if (!node)
        return false;
    *member = (mf_json){.doc = object->doc, .node = node, .parent = object, .key = node->string};
    return true;
}

mf_status mf_json_get(const mf_json *object, const char *key, mf_json *member, mf_diag *diag)
{
    if (!mf_json_is_object(object))
        return fail_expected(object, diag, "an object");
    if (mf_json_find(object, key, member))
        return MF_OK;
    return mf_json_fail(object, diag, MF_INVALID, "the key \"%s\" is missing", key);
}

size_t mf_json_size(const mf_json *container)
{
    return (size_t)cJSON_GetArraySize(node_of(container));
}

bool mf_json_next(const mf_json *container, mf_json *item)
{
    const cJSON *node = item->node ? node_of(item)->next : node_of(container)->child;
    *item = (mf_json){.doc = container->doc,
                      .node = node,
                      .parent = container,
                      .key = node && mf_json_is_object(container) ? node->string : NULL,
                      .index = item->node ? item->index + 1 : 0};
    return node != NULL;
}

mf_status mf_json_array(const mf_json *object, const char *key, mf_json *array, mf_diag *diag)
{
    MF_TRY(mf_json_get(object, key, array, diag));
    return mf_json_is_array(array) ? MF_OK : fail_expected(array, diag, "an array");
}

/* ---- values -----------------------------------------------------------------------------------
 */

mf_status mf_json_read_string(const mf_json *value, const char **out, mf_diag *diag)
{
    if (!mf_json_is_string(value))
        return fail_expected(value, diag, "a string");
    *out = node_of(value)->valuestring;
    return MF_OK;
}

mf_status mf_json_read_count(const mf_json *value, uint64_t low, uint64_t high, uint64_t *out,
                             mf_diag *diag)
{
    double number = mf_json_is_number(value) ? node_of(value)->valuedouble : NAN;
    /* 2^53: beyond it a JSON number no longer is an exact integer. */
    if (number >= 0 && number <= 0x1p53 && number == floor(number) && (uint64_t)number >= low &&
        (uint64_t)number <= high) {
        *out = (uint64_t)number;
        return MF_OK;
    }
    char expected[96];
    snprintf(expected, sizeof expected, "a whole number from %" PRIu64 " to %" PRIu64, low, high);
    return fail_number(value, diag, expected);
}

mf_status mf_json_read_real(const mf_json *value, double low, double high, double *out,
                            mf_diag *diag)
{
    double number = mf_json_is_number(value) ? node_of(value)->valuedouble : NAN;
    if (number >= low && number <= high && isfinite(number)) {
        *out = number;
        return MF_OK;
    }
    char expected[96];
    snprintf(expected, sizeof expected, "a number from %g to %g", low, high);
    return fail_number(value, diag, expected);
}

mf_status mf_json_read_bool(const mf_json *value, bool *out, mf_diag *diag)
{
    if (!cJSON_IsBool(node_of(value)))
        return fail_expected(value, diag, "true or false");
    *out = cJSON_IsTrue(node_of(value));
    return MF_OK;
}

mf_status mf_json_read_choice(const mf_json *value, const char *const *names, size_t n_names,
                              size_t *out, mf_diag *diag)
{
    const char *word = "";
    if (mf_json_is_string(value))
        MF_TRY(mf_json_read_string(value, &word, diag));
    for (size_t i = 0; i < n_names; i++)
        if (strcmp(word, names[i]) == 0) {
            *out = i;
            return MF_OK;
        }
    char list[256] = "";
    for (size_t i = 0; i < n_names; i++) {
        size_t n = strlen(list);
        snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", names[i]);
    }
    fail_expected(value, diag, n_names == 1 ? list : "one of the known words");
    const char *near = *word ? mf_nearest(word, names, n_names) : NULL;
    if (near)
        mf_hint(diag, "did you mean \"%s\"? (known: %s)", near, list);
    else
        mf_hint(diag, "known: %s", list);
    return MF_INVALID;
}

/* ---- members by key ---------------------------------------------------------------------------
 */

mf_status mf_json_string(const mf_json *object, const char *key, const char **out, mf_diag *diag)
{
    mf_json member = {0};
    MF_TRY(mf_json_get(object, key, &member, diag));
    return mf_json_read_string(&member, out, diag);
}

mf_status mf_json_copy_string(const mf_json *object, const char *key, mf_arena *arena,
                              const char **out, mf_diag *diag)
{
    const char *text = NULL;
    MF_TRY(mf_json_string(object, key, &text, diag));
    *out = mf_arena_string(arena, text);
    return *out ? MF_OK : mf_fail_memory(diag);
}

mf_status mf_json_count(const mf_json *object, const char *key, uint64_t low, uint64_t high,
                        uint64_t *out, mf_diag *diag)
{
    mf_json member = {0};
    MF_TRY(mf_json_get(object, key, &member, diag));
    return mf_json_read_count(&member, low, high, out, diag);
}

mf_status mf_json_real(const mf_json *object, const char *key, double low, double high, double *out,
                       mf_diag *diag)
{
    mf_json member = {0};
    MF_TRY(mf_json_get(object, key, &member, diag));
    return mf_json_read_real(&member, low, high, out, diag);
}

mf_status mf_json_choice(const mf_json *object, const char *key, const char *const *names,
                         size_t n_names, size_t *out, mf_diag *diag)
{
    mf_json member = {0};
    MF_TRY(mf_json_get(object, key, &member, diag));
    return mf_json_read_choice(&member, names, n_names, out, diag);
}

mf_status mf_json_string_or(const mf_json *object, const char *key, const char **out, mf_diag *diag)
{
    mf_json member = {0};
    return mf_json_find(object, key, &member) ? mf_json_read_string(&member, out, diag) : MF_OK;
}

mf_status mf_json_count_or(const mf_json *object, const char *key, uint64_t low, uint64_t high,
                           uint64_t *out, mf_diag *diag)
{
    mf_json member = {0};
    return mf_json_find(object, key, &member) ? mf_json_read_count(&member, low, high, out, diag)
                                              : MF_OK;
}

mf_status mf_json_bool_or(const mf_json *object, const char *key, bool *out, mf_diag *diag)
{
    mf_json member = {0};
    return mf_json_find(object, key, &member) ? mf_json_read_bool(&member, out, diag) : MF_OK;
}
