/* A fixed beginning, then a header that is a Python dictionary in text, then the items. The header
 * is read by one function per thing that may stand in it; none calls itself, so that no nesting is
 * deep enough to hurt. */
#include "base/npy.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Items are copied as they are. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "items of .npy are little-endian");

enum {
    MAGIC_BYTES = 6,
    VERSION_BYTES = 8, /* magic and version */
    LENGTH_BYTES_1 = 2,
    LENGTH_BYTES_2 = 4,
    HEADER_BYTES = 128, /* of what is written */
    QUOTED_MOST = 40    /* characters of the file that a message repeats */
};

static const char magic[MAGIC_BYTES] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};

static const struct {
    const char *name;
    size_t n_bytes;
} types[MF_N_NPY_TYPES] = {
#define MF_NPY_TYPE(name, descr, c_type) {descr, sizeof(c_type)},
    MF_NPY_TYPES(MF_NPY_TYPE)
#undef MF_NPY_TYPE
};

const char *mf_npy_type_name(mf_npy_type type)
{
    return types[type].name;
}

size_t mf_npy_item_bytes(mf_npy_type type)
{
    return types[type].n_bytes;
}

bool mf_npy_is_integer(mf_npy_type type)
{
    return types[type].name[1] != 'f';
}

int64_t mf_npy_integer(const mf_npy *array, uint64_t index)
{
    const char *items = array->items;
    assert(index < array->n_items && mf_npy_is_integer(array->type));
    switch (array->type) {
#define MF_NPY_TYPE(name, descr, c_type)                                                           \
    case MF_NPY_##name: {                                                                          \
        c_type value;                                                                              \
        memcpy(&value, items + index * sizeof value, sizeof value);                                \
        return value;                                                                              \
    }
        MF_NPY_INTEGERS(MF_NPY_TYPE)
#undef MF_NPY_TYPE
    default:
        return 0;
    }
}

/* False where the sizes that are not zero multiply to more bytes than an int64_t holds: numpy
 * refuses those too, and then no caller's stride overflows. */
static bool count_items(const mf_npy *array, uint64_t *n_items)
{
    uint64_t n_bytes = types[array->type].n_bytes;
    bool empty = false;
    for (size_t i = 0; i < array->n_dimensions; i++) {
        uint64_t size = array->size[i];
        if (size == 0)
            empty = true;
        else if (n_bytes > INT64_MAX / size)
            return false;
        else
            n_bytes *= size;
    }
    *n_items = empty ? 0 : n_bytes / types[array->type].n_bytes;
    return true;
}

/* ---- reading -----------------------------------------------------------------------------------
 */

/* Where reading is in the header; `begin` is that of the file. */
typedef struct cursor {
    const char *name, *begin, *at, *end;
} cursor;

typedef struct span {
    const char *at;
    size_t n;
} span;

static mf_status malformed(const cursor *c, mf_diag *diag, const char *why)
{
    return mf_fail(diag, MF_MALFORMED, "%s: damaged .npy header, byte %zu: %s", c->name,
                   (size_t)(c->at - c->begin), why);
}

static int quoted(span text)
{
    return text.n < QUOTED_MOST ? (int)text.n : QUOTED_MOST;
}

static bool equal(span text, const char *word)
{
    return text.n == strlen(word) && memcmp(text.at, word, text.n) == 0;
}

/* The next character that is no space, which is not passed; '\0' at the end. */
static char next(cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r'))
        c->at++;
    return c->at < c->end ? *c->at : '\0';
}

static bool take(cursor *c, char expected)
{
    if (next(c) != expected || c->at == c->end)
        return false;
    c->at++;
    return true;
}

static bool take_word(cursor *c, const char *word)
{
    size_t n = strlen(word);
    next(c);
    if ((size_t)(c->end - c->at) < n || memcmp(c->at, word, n) != 0)
        return false;
    c->at += n;
    return true;
}

/* A Python string without escapes, which no key and no type of numbers needs. */
static mf_status read_string(cursor *c, span *text, mf_diag *diag)
{
    char quote = next(c);
    if (quote != '\'' && quote != '"')
        return malformed(c, diag, "a text in quotes is expected here");
    const char *begin = ++c->at;
    for (; c->at < c->end && *c->at != quote; c->at++)
        if (*c->at < ' ' || *c->at > '~' || *c->at == '\\')
            return malformed(c, diag, "a text holds more than plain ASCII characters");
    if (c->at == c->end)
        return malformed(c, diag, "a text has no end");
    *text = (span){begin, (size_t)(c->at - begin)};
    c->at++;
    return MF_OK;
}

/* Single bytes have no order, whatever is written. */
static bool find_type(span text, mf_npy_type *type)
{
    for (int i = 0; i < MF_N_NPY_TYPES; i++) {
        const char *name = types[i].name;
        if (text.n != strlen(name) || memcmp(text.at + 1, name + 1, text.n - 1) != 0)
            continue;
        if (text.at[0] == name[0] || (types[i].n_bytes == 1 && strchr("<>=", text.at[0]))) {
            *type = (mf_npy_type)i;
            return true;
        }
    }
    return false;
}

static mf_status fail_type(const cursor *c, span text, mf_diag *diag)
{
    mf_npy_type type;
    char little[QUOTED_MOST] = "<";
    if (text.n > 1 && text.n < sizeof little && text.at[0] == '>') {
        memcpy(little + 1, text.at + 1, text.n - 1);
        if (find_type((span){little, text.n}, &type))
            return mf_fail(diag, MF_MALFORMED,
                           "%s: items are big-endian ('%.*s'): convert with array.astype('%s')",
                           c->name, quoted(text), text.at, little);
    }
#define MF_NPY_TYPE(name, descr, c_type) " '" descr "'"
    return mf_fail(diag, MF_MALFORMED,
                   "%s: items of type '%.*s' are not read: convert with array.astype() to one "
                   "of" MF_NPY_TYPES(MF_NPY_TYPE),
                   c->name, quoted(text), text.at);
#undef MF_NPY_TYPE
}

static mf_status read_descr(cursor *c, mf_npy *array, mf_diag *diag)
{
    span text;
    char first = next(c);
    if (first == '[' || first == '(' || first == '{')
        return mf_fail(diag, MF_MALFORMED,
                       "%s: items are structures, not numbers: save each field as an array of its "
                       "own, array['field']",
                       c->name);
    MF_TRY(read_string(c, &text, diag));
    return find_type(text, &array->type) ? MF_OK : fail_type(c, text, diag);
}

static mf_status read_order(cursor *c, mf_npy *array, mf_diag *diag)
{
    (void)array;
    if (take_word(c, "False"))
        return MF_OK;
    if (take_word(c, "True"))
        return mf_fail(diag, MF_MALFORMED,
                       "%s: items are in Fortran order: convert with "
                       "numpy.ascontiguousarray(array)",
                       c->name);
    return malformed(c, diag, "fortran_order is neither True nor False");
}

static mf_status read_size(cursor *c, uint64_t *size, mf_diag *diag)
{
    uint64_t value = 0;
    char first = next(c);
    if (first == '-')
        return malformed(c, diag, "a size is negative");
    if (first < '0' || first > '9')
        return malformed(c, diag, "a size is expected here");
    const char *begin = c->at;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
        uint64_t digit = (uint64_t)(*c->at - '0');
        if (value > (INT64_MAX - digit) / 10)
            return malformed(c, diag, "a size is too large");
        value = 10 * value + digit;
    }
    if (first == '0' && c->at - begin > 1)
        return malformed(c, diag, "a size begins with 0");
    *size = value;
    return MF_OK;
}

/* A Python tuple: (), (3,) and (3, 4), but neither (3) nor (,). */
static mf_status read_shape(cursor *c, mf_npy *array, mf_diag *diag)
{
    bool comma = true;
    if (!take(c, '('))
        return malformed(c, diag, "the shape is no tuple of sizes such as (3, 4)");
    while (!take(c, ')')) {
        if (!comma)
            return malformed(c, diag, "',' or ')' is expected after a size");
        if (array->n_dimensions == MF_NPY_MAX_DIMENSIONS)
            return mf_fail(diag, MF_MALFORMED,
                           "%s: more than %d dimensions: convert with array.reshape()", c->name,
                           MF_NPY_MAX_DIMENSIONS);
        MF_TRY(read_size(c, &array->size[array->n_dimensions++], diag));
        comma = take(c, ',');
    }
    if (array->n_dimensions == 1 && !comma)
        return malformed(c, diag, "the shape is a number, not a tuple such as (3,)");
    return MF_OK;
}

static const struct {
    const char *name;
    mf_status (*read)(cursor *c, mf_npy *array, mf_diag *diag);
} keys[] = {{"descr", read_descr}, {"fortran_order", read_order}, {"shape", read_shape}};

enum { N_KEYS = sizeof keys / sizeof *keys };

static mf_status read_pair(cursor *c, mf_npy *array, bool seen[N_KEYS], mf_diag *diag)
{
    span key;
    size_t i = 0;
    MF_TRY(read_string(c, &key, diag));
    while (i < N_KEYS && !equal(key, keys[i].name))
        i++;
    if (i == N_KEYS)
        return mf_fail(diag, MF_MALFORMED, "%s: damaged .npy header: unknown key '%.*s'", c->name,
                       quoted(key), key.at);
    if (seen[i])
        return mf_fail(diag, MF_MALFORMED, "%s: damaged .npy header: key '%s' is there twice",
                       c->name, keys[i].name);
    seen[i] = true;
    if (!take(c, ':'))
        return malformed(c, diag, "':' is expected after a key");
    return keys[i].read(c, array, diag);
}

static mf_status read_header(cursor *c, mf_npy *array, mf_diag *diag)
{
    bool seen[N_KEYS] = {false}, comma = true;
    if (!take(c, '{'))
        return malformed(c, diag, "'{' is expected here");
    while (!take(c, '}')) {
        if (!comma)
            return malformed(c, diag, "',' or '}' is expected after a value");
        MF_TRY(read_pair(c, array, seen, diag));
        comma = take(c, ',');
    }
    next(c);
    if (c->at != c->end)
        return malformed(c, diag, "there is something after '}'");
    for (size_t i = 0; i < N_KEYS; i++)
        if (!seen[i])
            return mf_fail(diag, MF_MALFORMED, "%s: damaged .npy header: key '%s' is missing",
                           c->name, keys[i].name);
    return MF_OK;
}

static mf_status fail_early(const cursor *c, mf_diag *diag)
{
    return mf_fail(diag, MF_MALFORMED, "%s: not a whole .npy array: it ends within its header",
                   c->name);
}

/* Set `at` and `end` to those of the dictionary; `end` is that of the file before. */
static mf_status find_header(cursor *c, mf_diag *diag)
{
    const uint8_t *p = (const uint8_t *)c->begin;
    size_t left = (size_t)(c->end - c->begin);
    if (memcmp(p, magic, left < MAGIC_BYTES ? left : MAGIC_BYTES) != 0)
        return mf_fail(diag, MF_MALFORMED, "%s: not a .npy array: it does not begin as one",
                       c->name);
    if (left < VERSION_BYTES)
        return fail_early(c, diag);
    if (p[6] < 1 || p[6] > 3 || p[7] != 0)
        return mf_fail(diag, MF_MALFORMED,
                       "%s: .npy format version %u.%u is not read, only 1.0, 2.0 and 3.0", c->name,
                       p[6], p[7]);
    size_t width = p[6] == 1 ? LENGTH_BYTES_1 : LENGTH_BYTES_2;
    uint32_t length = 0;
    left -= VERSION_BYTES;
    if (left < width)
        return fail_early(c, diag);
    memcpy(&length, p + VERSION_BYTES, width);
    if (length > left - width)
        return fail_early(c, diag);
    c->at = c->begin + VERSION_BYTES + width;
    c->end = c->at + length;
    return MF_OK;
}

mf_status mf_npy_parse(const char *name, const void *bytes, size_t n_bytes, mf_npy *array,
                       mf_diag *diag)
{
    mf_npy a = {.n_dimensions = 0};
    if (n_bytes == 0) /* where `bytes` may be NULL */
        return mf_fail(diag, MF_MALFORMED, "%s: not a .npy array: it is empty", name);
    const char *begin = bytes, *end = begin + n_bytes;
    cursor c = {.name = name, .begin = begin, .at = begin, .end = end};
    MF_TRY(find_header(&c, diag));
    MF_TRY(read_header(&c, &a, diag));
    if (!count_items(&a, &a.n_items))
        return mf_fail(diag, MF_MALFORMED, "%s: its sizes multiply to more than memory can hold",
                       name);
    uint64_t n_needed = a.n_items * types[a.type].n_bytes, n_there = (uint64_t)(end - c.end);
    if (n_needed != n_there)
        return mf_fail(diag, MF_MALFORMED,
                       "%s: its shape needs %" PRIu64 " bytes of items, but it has %" PRIu64, name,
                       n_needed, n_there);
    a.items = c.end;
    *array = a;
    return MF_OK;
}

/* ---- writing -----------------------------------------------------------------------------------
 */

/* All before the items, in numpy's own words. Sizes that count_items lets through have 26 digits at
 * most, which makes 106 bytes; numpy adds room for the first size to grow to 21 digits, at most
 * 126, and fills up with spaces to a multiple of 64. No dimensions make 66. So all headers are as
 * long. */
static void put_header(char header[HEADER_BYTES], const mf_npy *array)
{
    const uint16_t length = HEADER_BYTES - VERSION_BYTES - LENGTH_BYTES_1;
    char text[HEADER_BYTES];
    size_t n =
        (size_t)snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                         types[array->type].name);
    for (size_t i = 0; i < array->n_dimensions; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%" PRIu64, i ? ", " : "",
                              array->size[i]);
    n += (size_t)snprintf(text + n, sizeof text - n, "%s), }", array->n_dimensions == 1 ? "," : "");
    assert(n < length);
    memset(header, ' ', HEADER_BYTES);
    memcpy(header, magic, MAGIC_BYTES);
    header[6] = 1;
    header[7] = 0;
    memcpy(header + VERSION_BYTES, &length, sizeof length);
    memcpy(header + HEADER_BYTES - length, text, n);
    header[HEADER_BYTES - 1] = '\n';
}

mf_status mf_npy_format(const mf_npy *array, mf_arena *arena, void **bytes, size_t *n_bytes,
                        mf_diag *diag)
{
    uint64_t n_items = 0;
    if (array->n_dimensions > MF_NPY_MAX_DIMENSIONS)
        return mf_fail(diag, MF_INVALID, "a .npy array of %zu dimensions: %d are the most here",
                       array->n_dimensions, MF_NPY_MAX_DIMENSIONS);
    if (!count_items(array, &n_items))
        return mf_fail(diag, MF_TOO_LARGE,
                       "a .npy array whose sizes multiply to more than memory can hold");
    size_t n_data = n_items * types[array->type].n_bytes;
    char *out = MF_NEW_ARRAY(arena, char, HEADER_BYTES + n_data);
    if (!out)
        return mf_fail_memory(diag);
    put_header(out, array);
    if (n_data)
        memcpy(out + HEADER_BYTES, array->items, n_data);
    *bytes = out;
    *n_bytes = HEADER_BYTES + n_data;
    return MF_OK;
}
