/* Strict JSON in: how is a file turned into checked values, and how is each complaint given its
 * place? The only place that includes cJSON.
 *
 * A document is read once; `mf_json` is a cursor into it that knows its own path. Every reader
 * names file and path in its message ("zoo/x.json: parts[3].stride: expected ..."). Nothing is
 * guessed: an unknown, repeated or missing key, a number that is no JSON number, text after the end
 * are errors. Keys that may be left out are read by the `_or` readers, which leave the caller's
 * default alone. */
#ifndef MF_BASE_JSON_H
#define MF_BASE_JSON_H

#include "base/arena.h"
#include "base/nearest.h"
#include "base/status.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mf_json_doc mf_json_doc;

/* A few bytes of gzip can hold any number of values, and each takes some hundred bytes in memory:
 * MF_TOO_LARGE above this many. */
enum { MF_JSON_MOST_VALUES = 1 << 20 };

/* A place in a document. Plain value; valid while the document and the parent cursor live. */
typedef struct mf_json {
    const mf_json_doc *doc;
    const void *node;
    const struct mf_json *parent;
    const char *key;
    size_t index;
} mf_json;

/* Read a file (gzip allowed), or a text of `n_bytes` followed by a zero that messages call `name`.
 * The document is owned by the caller; destroy accepts NULL. */
mf_status mf_json_load(const char *path, mf_json_doc **doc, mf_diag *diag);
mf_status mf_json_parse(const char *text, size_t n_bytes, const char *name, mf_json_doc **doc,
                        mf_diag *diag);
void mf_json_destroy(mf_json_doc *doc);

/* Replace (or add, to an object that exists) the value at `path`, written as in messages:
 * "conventions.depthwise", "parts[0].channels". `value` is taken as JSON where it is JSON, else as
 * a string. */
mf_status mf_json_override(mf_json_doc *doc, const char *path, const char *value, mf_diag *diag);

/* Copy every member of the object `members` into the object at `path`, over what is there. */
mf_status mf_json_merge(mf_json_doc *doc, const char *path, const mf_json *members, mf_diag *diag);

/* The name messages use for the document, and its outermost value. */
const char *mf_json_name(const mf_json_doc *doc);
mf_json mf_json_root(const mf_json_doc *doc);

/* Fail with file and path of `value` in front of the message. */
mf_status mf_json_fail(const mf_json *value, mf_diag *diag, mf_status status, const char *format,
                       ...) __attribute__((format(printf, 4, 5)));

/* Kind tests. */
bool mf_json_is_object(const mf_json *value);
bool mf_json_is_array(const mf_json *value);
bool mf_json_is_string(const mf_json *value);
bool mf_json_is_number(const mf_json *value);

/* Members. `only` demands an object and complains about all keys that are not in the
 * NULL-terminated list, each with what was probably meant; `others` (may be NULL) are words from
 * elsewhere. `find` is false where the key is absent. Readers of an object that is written by hand
 * collect what is wrong with MF_ALSO (base/faults.h) and complain once. */
mf_status mf_json_only(const mf_json *object, const char *const *keys, mf_diag *diag);
mf_status mf_json_only_of(const mf_json *object, const char *const *keys,
                          const mf_other_word *others, mf_diag *diag);
bool mf_json_find(const mf_json *object, const char *key, mf_json *member);
mf_status mf_json_get(const mf_json *object, const char *key, mf_json *member, mf_diag *diag);

/* Elements of an array or members of an object, in file order: start with a zeroed `item` and go on
 * while `next` is true. A member has its name in `key`, an element its number in `index`. */
size_t mf_json_size(const mf_json *container);
bool mf_json_next(const mf_json *container, mf_json *item);
mf_status mf_json_array(const mf_json *object, const char *key, mf_json *array, mf_diag *diag);

/* Values at the cursor. Ranges are inclusive. A string is borrowed from the document. */
mf_status mf_json_read_string(const mf_json *value, const char **out, mf_diag *diag);
mf_status mf_json_read_count(const mf_json *value, uint64_t low, uint64_t high, uint64_t *out,
                             mf_diag *diag);
mf_status mf_json_read_real(const mf_json *value, double low, double high, double *out,
                            mf_diag *diag);
mf_status mf_json_read_bool(const mf_json *value, bool *out, mf_diag *diag);
mf_status mf_json_read_choice(const mf_json *value, const char *const *names, size_t n_names,
                              size_t *out, mf_diag *diag);

/* A string member copied into `arena`, for what outlives the document. */
mf_status mf_json_copy_string(const mf_json *object, const char *key, mf_arena *arena,
                              const char **out, mf_diag *diag);

/* The same for the member `key` of an object that must have it ... */
mf_status mf_json_string(const mf_json *object, const char *key, const char **out, mf_diag *diag);
mf_status mf_json_count(const mf_json *object, const char *key, uint64_t low, uint64_t high,
                        uint64_t *out, mf_diag *diag);
mf_status mf_json_real(const mf_json *object, const char *key, double low, double high, double *out,
                       mf_diag *diag);
mf_status mf_json_choice(const mf_json *object, const char *key, const char *const *names,
                         size_t n_names, size_t *out, mf_diag *diag);

/* ... and for one that may: `*out` keeps its value where the key is absent. */
mf_status mf_json_string_or(const mf_json *object, const char *key, const char **out,
                            mf_diag *diag);
mf_status mf_json_count_or(const mf_json *object, const char *key, uint64_t low, uint64_t high,
                           uint64_t *out, mf_diag *diag);
mf_status mf_json_bool_or(const mf_json *object, const char *key, bool *out, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
