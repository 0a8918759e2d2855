/* Recognising files: magic bytes, then archives by their entries, then text. */
#include "cli/file_kind.h"

#include "base/file.h"
#include "base/zip.h"
#include "models/accelerator.h"
#include "train/training.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *what, *use;
} kinds[] = {
#define MF_FILE_KIND(NAME, what, use) {what, use},
#include "cli/file_kinds.def"
#undef MF_FILE_KIND
};

enum { PEEKED_BYTES = 1 << 16 };

const char *mf_file_kind_what(mf_file_kind kind)
{
    return kinds[kind].what;
}

const char *mf_file_kind_use(mf_file_kind kind)
{
    return kinds[kind].use;
}

/* ---- bytes -------------------------------------------------------------------------------------
 */

static const struct {
    mf_file_kind kind;
    size_t at, n;
    const char *bytes;
} magics[] = {{MF_FILE_PNG, 0, 8, "\x89PNG\r\n\x1a\n"},
              {MF_FILE_JPEG, 0, 3, "\xff\xd8\xff"},
              {MF_FILE_ARRAY, 0, 6, "\x93NUMPY"},
              {MF_FILE_HDF5, 0, 8, "\x89HDF\r\n\x1a\n"},
              {MF_FILE_TFLITE, 4, 4, "TFL3"},
              {MF_FILE_PDF, 0, 5, "%PDF-"},
              {MF_FILE_SVG, 0, 4, "<svg"},
              {MF_FILE_SVG, 0, 5, "<?xml"},
              {MF_FILE_PYTORCH, 0, 2, "\x80\x02"}}; /* a pickle, as before PyTorch 1.6 */

static mf_file_kind kind_of_magic(const char *bytes, size_t n)
{
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
        if (n >= magics[i].at + magics[i].n &&
            memcmp(bytes + magics[i].at, magics[i].bytes, magics[i].n) == 0)
            return magics[i].kind;
    return MF_FILE_UNKNOWN;
}

/* A protocol buffer that begins as ModelProto does: field 1, a small version; then one of the
 * fields 2 (producer), 7 (graph) and 8 (operator sets). */
static bool is_onnx(const char *bytes, size_t n)
{
    return n > 16 && bytes[0] == 0x08 && bytes[1] > 0 && bytes[1] < 32 &&
           (bytes[2] == 0x12 || bytes[2] == 0x3a || bytes[2] == 0x42);
}

static mf_file_kind kind_of_archive(const char *path)
{
    mf_zip_reader *reader;
    if (mf_zip_open(path, &reader, NULL) != MF_OK)
        return MF_FILE_UNKNOWN;
    mf_file_kind kind = MF_FILE_UNKNOWN;
    for (size_t i = 0; i < mf_zip_count(reader) && kind == MF_FILE_UNKNOWN; i++) {
        const char *name = mf_zip_at(reader, i)->name;
        if (mf_file_has_ending(name, "/data.pkl"))
            kind = MF_FILE_PYTORCH;
        else if (mf_file_has_ending(name, ".npy"))
            kind = MF_FILE_ARRAYS;
    }
    if (mf_zip_find(reader, "manifest.json"))
        kind = MF_FILE_TRACE;
    if (mf_zip_find(reader, "training.json"))
        kind = MF_FILE_CHECKPOINT;
    mf_zip_close(reader);
    return kind;
}

/* ---- JSON --------------------------------------------------------------------------------------
 */

/* Keys that only one kind has, in the order in which they decide: a validation has "mapping" and
 * "layers", too. */
static const struct {
    mf_file_kind kind;
    const char *key;
} keys[] = {{MF_FILE_NETWORK, "parts"},
            {MF_FILE_SCHEDULE, "segments"},
            {MF_FILE_SWEEP, "grid"},
            {MF_FILE_SWEEP, "pareto"},
            {MF_FILE_SWEEP, "list"},
            {MF_FILE_TRAININGS, "arms"},
            {MF_FILE_EXPERIMENT, "conventions"},
            {MF_FILE_EXPERIMENT, "slips"},
            {MF_FILE_OPERATOR, "per_mac"},
            {MF_FILE_ENERGY_TABLE, "accesses"},
            {MF_FILE_ENERGY_TABLE, "operations"},
            {MF_FILE_VALIDATION, "band_percent"},
            {MF_FILE_VALIDATION, "table"},
            {MF_FILE_WEIGHT_FITS, "fits"},
            {MF_FILE_LOG, "images_per_s"},
            {MF_FILE_RUNS, "experiment"},
            {MF_FILE_JOURNAL, "digest"},
            {MF_FILE_MAPPING, "tiles"},
            {MF_FILE_MAPPING, "mapping"},
            {MF_FILE_ACCELERATOR, "based_on"},
            {MF_FILE_STATISTICS, "layers"}};

enum { N_KEYS = sizeof keys / sizeof keys[0], BY_ACCELERATOR = N_KEYS, BY_TRAINING };

static bool is_one_of(const char *const *names, const char *key, size_t n)
{
    for (; *names; names++)
        if (strlen(*names) == n && memcmp(*names, key, n) == 0)
            return true;
    return false;
}

/* The place of a key in the order of decisions; more than BY_TRAINING for one of no kind. */
static int decides(const char *key, size_t n)
{
    for (int i = 0; i < N_KEYS; i++)
        if (strlen(keys[i].key) == n && memcmp(keys[i].key, key, n) == 0)
            return i;
    if (is_one_of(mf_accelerator_keys, key, n))
        return BY_ACCELERATOR;
    for (const mf_training_key *k = mf_training_keys; k->name; k++)
        if (strlen(k->name) == n && memcmp(k->name, key, n) == 0)
            return BY_TRAINING;
    return BY_TRAINING + 1;
}

/* Behind the closing quote of a string that begins behind `p`. */
static const char *skip_string(const char *p)
{
    while (*p && *p != '"')
        p += p[0] == '\\' && p[1] ? 2 : 1;
    return *p ? p + 1 : p;
}

/* The keys of the outermost object, also of text that is cut off or not quite JSON. */
static mf_file_kind kind_of_json(const char *text)
{
    int depth = 0, best = BY_TRAINING + 1;
    for (const char *p = text; *p;) {
        if (*p == '"') {
            const char *key = p + 1, *end = skip_string(key), *next = end + strspn(end, " \t\r\n");
            if (depth == 1 && *next == ':') {
                int at = decides(key, (size_t)(end - key) - 1);
                best = at < best ? at : best;
            }
            p = end;
            continue;
        }
        depth += (*p == '{' || *p == '[') - (*p == '}' || *p == ']');
        p++;
        if (depth == 0) /* what follows in JSON lines is alike */
            break;
    }
    return best < N_KEYS            ? keys[best].kind
           : best == BY_ACCELERATOR ? MF_FILE_ACCELERATOR
           : best == BY_TRAINING    ? MF_FILE_CONFIG
                                    : MF_FILE_UNKNOWN;
}

/* ---- other text --------------------------------------------------------------------------------
 */

/* Does the text have a line that begins with `word`? */
static bool has_line(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, word, n) == 0)
            return true;
    }
    return false;
}

static mf_file_kind kind_of_text(char *text)
{
    static const char *const yaml[] = {"problem:", "architecture:", "mapping:", "mapspace:"};
    const char *begin = text + strspn(text, " \t\r\n");
    if (*begin == '{')
        return kind_of_json(begin);
    if (*begin == '[' && begin[1 + strspn(begin + 1, " \t\r\n")] == '{')
        return MF_FILE_ROWS;
    for (size_t i = 0; i < sizeof yaml / sizeof yaml[0]; i++)
        if (has_line(text, yaml[i]))
            return MF_FILE_TIMELOOP;
    text[strcspn(text, "\r\n")] = '\0';
    return strcasestr(text, "ifmap height") || strcasestr(text, "filter height") ? MF_FILE_SCALESIM
                                                                                 : MF_FILE_UNKNOWN;
}

/* ---- files -------------------------------------------------------------------------------------
 */

mf_file_kind mf_file_kind_of(const char *path)
{
    static const char zip[] = {'P', 'K', 3, 4};
    char bytes[PEEKED_BYTES + 1];
    size_t n = mf_file_peek(path, bytes, PEEKED_BYTES);
    bytes[n] = '\0';
    if (n >= sizeof zip && memcmp(bytes, zip, sizeof zip) == 0)
        return kind_of_archive(path);
    mf_file_kind kind = kind_of_magic(bytes, n);
    if (kind != MF_FILE_UNKNOWN)
        return kind;
    if (is_onnx(bytes, n))
        return MF_FILE_ONNX;
    return strlen(bytes) == n ? kind_of_text(bytes) : MF_FILE_UNKNOWN;
}

/* "`mulfree sweep x.json` runs it", with FILE replaced. */
static void put_use(const char *use, const char *path, char *out, size_t size)
{
    const char *file = strstr(use, "FILE");
    if (!file) {
        snprintf(out, size, "%s", use);
        return;
    }
    size_t n = (size_t)(file - use);
    snprintf(out, size, "%.*s%s", (int)n, use, path);
    n = strlen(out);
    put_use(file + 4, path, out + n, size - n);
}

mf_status mf_file_kind_check(const char *path, unsigned wanted, mf_diag *diag)
{
    mf_file_kind kind = mf_file_kind_of(path);
    if (kind == MF_FILE_UNKNOWN || wanted & MF_FILE_BIT(kind))
        return MF_OK;
    int first = 0;
    while (!(wanted & MF_FILE_BIT(first)))
        first++;
    char use[sizeof diag->hint];
    put_use(kinds[kind].use, path, use, sizeof use);
    mf_fail(diag, MF_INVALID, "%s: this is %s, and %s is wanted", path, kinds[kind].what,
            kinds[first].what);
    mf_hint(diag, "%s", use);
    return MF_INVALID;
}
