/* What does the chip offer? An array of PEs with three register files each, one global buffer,
 * buses and a DRAM channel. Accelerators are data: `accelerators/<name>.json`; accelerator_keys.def
 * lists and explains the keys. */
#ifndef MF_MODELS_ACCELERATOR_H
#define MF_MODELS_ACCELERATOR_H

#include "base/json.h"
#include "base/status.h"
#include "models/fact.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One per key, also its position in mf_accelerator_keys. */
enum {
#define MF_COUNT_KEY(key, group, least, most) MF_KEY_##key,
#define MF_REAL_KEY(key, group, least, most)  MF_KEY_##key,
#define MF_RATE_KEY(key, group)               MF_KEY_##key,
#define MF_CHOICE_KEY(key, group, ...)        MF_KEY_##key,
#include "models/accelerator_keys.def"
#undef MF_COUNT_KEY
#undef MF_REAL_KEY
#undef MF_RATE_KEY
#undef MF_CHOICE_KEY
    MF_N_ACCELERATOR_KEYS
};

typedef enum mf_key_group {
    MF_GROUP_MACHINE,
    MF_GROUP_ACCOUNT,
    MF_GROUP_ZEROS,
    MF_GROUP_NESTS,
    MF_GROUP_AREA,
    MF_GROUP_BANKS,
    MF_GROUP_CHIP,
    MF_N_KEY_GROUPS
} mf_key_group;

/* A part of the array whose PEs have the datapaths of some operators. */
typedef struct mf_pool {
    const char *name;
    uint64_t pe_rows, pe_columns;
    const char *const *operators;
    size_t n_operators;
} mf_pool;

enum { MF_MOST_BASES = 16, MF_MISSING_KEYS_BYTES = 1024 };

/* An unlimited rate is INFINITY; a choice is the position of its word. Fields of keys that the file
 * does not give are zero: ask mf_accelerator_demand before using them. Without "pools", every PE
 * has every operator's datapath. Strings belong to whoever filled the struct. */
typedef struct mf_accelerator {
    const char *name, *about, *source;
#define MF_COUNT_KEY(key, group, least, most) uint64_t key;
#define MF_REAL_KEY(key, group, least, most)  double key;
#define MF_RATE_KEY(key, group)               double key;
#define MF_CHOICE_KEY(key, group, ...)        uint64_t key;
#include "models/accelerator_keys.def"
#undef MF_COUNT_KEY
#undef MF_REAL_KEY
#undef MF_RATE_KEY
#undef MF_CHOICE_KEY
    bool given[MF_N_ACCELERATOR_KEYS];
    mf_fact facts[MF_N_ACCELERATOR_KEYS];
    const mf_pool *pools;
    size_t n_pools;
    const char *bases[MF_MOST_BASES]; /* names of those whose keys it inherits, the oldest first */
    size_t n_bases;
} mf_accelerator;

/* The keys a sweep may vary, in the order of the struct, ending in NULL. */
extern const char *const mf_accelerator_keys[];

/* Members of the file that are no such key, ending in NULL. */
extern const char *const mf_accelerator_other_members[];

/* Words that people bring from elsewhere for keys (accelerator_words.def). */
extern const mf_other_word mf_accelerator_other_words[];

/* What a reader of files wants beside the file. `find` says which file the name in "based_on" means and
 * what is wrong with a name of none; NULL: NAME.json beside the file. `groups`: bits 1 << mf_key_group,
 * whose keys must be there, too. */
typedef struct mf_accelerator_wants {
    mf_status (*find)(void *user, const char *name, struct mf_arena *arena, const char **path,
                      mf_diag *diag);
    void *user;
    unsigned groups;
} mf_accelerator_wants;

/* Read an accelerator; its strings are copied into `arena`. All that is wrong is one failure, and so
 * are all keys that are missing. What a file is "based_on" (a name, or a path from the file's folder)
 * gives it all keys that it does not have, with their facts; a key that it has is its own, with its
 * own fact or none. MF_INVALID where files are based on each other in a circle. */
mf_status mf_accelerator_from_json(const mf_json_doc *doc, struct mf_arena *arena,
                                   mf_accelerator *accelerator, mf_diag *diag);
mf_status mf_accelerator_from_json_with(const mf_json_doc *doc, const mf_accelerator_wants *wants,
                                        struct mf_arena *arena, mf_accelerator *accelerator,
                                        mf_diag *diag);

mf_status mf_accelerator_load(const char *path, struct mf_arena *arena, mf_accelerator *accelerator,
                              mf_diag *diag);

/* Set one of mf_accelerator_keys to a number that came from `place`, which the message of a number
 * out of range names. Keys whose values are words cannot be set so. */
mf_status mf_accelerator_set(mf_accelerator *accelerator, const char *key, double number,
                             const mf_json *place, mf_diag *diag);

/* The same from a JSON value: a number, "unlimited" or a word, as the key has it, or a number with a
 * unit (base/units.def): "200 MHz"; of words "108 KB", too, where the accelerator has word_bits. */
mf_status mf_accelerator_read(mf_accelerator *accelerator, const char *key, const mf_json *place,
                              const mf_json *value, mf_diag *diag);

/* Which account asks for a key; an order of accelerators by all their values. */
mf_key_group mf_accelerator_key_group(const char *key);
int mf_accelerator_compare(const mf_accelerator *a, const mf_accelerator *b);

/* The value of one key by itself, for those who hold many: taken out of an accelerator in which it
 * was set, and put into another. `key` is an index into mf_accelerator_keys. */
typedef union mf_accelerator_value {
    uint64_t count;
    double real;
} mf_accelerator_value;
mf_accelerator_value mf_accelerator_get(const mf_accelerator *from, int key);
void mf_accelerator_put(mf_accelerator *onto, int key, mf_accelerator_value value);

/* Set a key to the `i`-th of the values that show whether it makes any difference: all of them
 * where they are few, else the least and the most. False, and nothing is set, where there is none.
 */
bool mf_accelerator_try(mf_accelerator *accelerator, int key, size_t i);

/* The keys of `groups` (bits 1 << mf_key_group) that are missing, into `list` of MF_MISSING_KEYS_BYTES;
 * how many they are. Keys that came later than files without them are not. */
size_t mf_accelerator_missing(const mf_accelerator *accelerator, unsigned groups, char *list,
                              size_t size);

/* MF_INVALID with all keys of `group` that are missing. */
mf_status mf_accelerator_demand(const mf_accelerator *accelerator, mf_key_group group,
                                mf_diag *diag);

/* The value of a key where it is a finite number; false for words and "unlimited". */
bool mf_accelerator_number(const mf_accelerator *accelerator, int key, double *number);

/* A value as its file would have it: a number, "unlimited" or a word. Into `text`. */
void mf_accelerator_value_text(const mf_accelerator *accelerator, int key, char *text, size_t size);

/* PEs of the whole array. */
uint64_t mf_accelerator_pes(const mf_accelerator *accelerator);

/* The PEs that run an operator: the first pool that names it. MF_NO_MAPPING if none does. */
mf_status mf_accelerator_pool(const mf_accelerator *accelerator, const char *op, mf_pool *pool,
                              mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
