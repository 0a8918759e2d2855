/* One table of keys, made from accelerator_keys.def, serves the reader, the sweep and the listings.
 */
#include "models/accelerator.h"

#include "base/arena.h"
#include "base/faults.h"
#include "base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define LARGEST_WORDS ((uint64_t)1 << 40)

typedef enum key_type { COUNT, REAL, RATE, CHOICE } key_type;

enum { MOST_WORDS = 4 };

static const struct {
    key_type type;
    mf_key_group group;
    size_t offset;
    double least, most;
    const char *words[MOST_WORDS];
} keys[] = {
#define AT(key, group) MF_GROUP_##group, offsetof(mf_accelerator, key)
#define MF_COUNT_KEY(key, group, least, most)                                                      \
    {COUNT, AT(key, group), least, (double)(most), {NULL}},
#define MF_REAL_KEY(key, group, least, most) {REAL, AT(key, group), least, most, {NULL}},
#define MF_RATE_KEY(key, group)              {RATE, AT(key, group), 1e-6, 1e12, {NULL}},
#define MF_CHOICE_KEY(key, group, ...)       {CHOICE, AT(key, group), 0, 0, {__VA_ARGS__}},
#include "models/accelerator_keys.def"
#undef MF_COUNT_KEY
#undef MF_REAL_KEY
#undef MF_RATE_KEY
#undef MF_CHOICE_KEY
};

const char *const mf_accelerator_keys[] = {
#define MF_COUNT_KEY(key, group, least, most) #key,
#define MF_REAL_KEY(key, group, least, most)  #key,
#define MF_RATE_KEY(key, group)               #key,
#define MF_CHOICE_KEY(key, group, ...)        #key,
#include "models/accelerator_keys.def"
#undef MF_COUNT_KEY
#undef MF_REAL_KEY
#undef MF_RATE_KEY
#undef MF_CHOICE_KEY
    NULL};

enum { N_OTHER_MEMBERS = 5 };

const char *const mf_accelerator_other_members[N_OTHER_MEMBERS + 1] = {"name",  "about", "source",
                                                                       "facts", "pools", NULL};

const mf_other_word mf_accelerator_other_words[] = {
#define MF_OTHER_WORD(word, name, instead) {word, name, instead},
#include "models/accelerator_words.def"
#undef MF_OTHER_WORD
    {NULL, NULL, NULL}};

static int find_key(const char *name)
{
    for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++)
        if (strcmp(name, mf_accelerator_keys[key]) == 0)
            return key;
    return -1;
}

static uint64_t *count_at(const mf_accelerator *accelerator, int key)
{
    return (uint64_t *)((char *)accelerator + keys[key].offset);
}

static double *real_at(const mf_accelerator *accelerator, int key)
{
    return (double *)((char *)accelerator + keys[key].offset);
}

static bool whole(key_type type)
{
    return type == COUNT || type == CHOICE;
}

static size_t n_words(int key)
{
    size_t n = 0;
    while (n < MOST_WORDS && keys[key].words[n])
        n++;
    return n;
}

/* ---- values ------------------------------------------------------------------------------------
 */

mf_status mf_accelerator_set(mf_accelerator *accelerator, const char *name, double number,
                             const mf_json *place, mf_diag *diag)
{
    int key = find_key(name);
    assert(key >= 0);
    key_type type = keys[key].type;
    double least = keys[key].least, most = keys[key].most;
    if (type == CHOICE)
        return mf_json_fail(place, diag, MF_INVALID, "%s: expected a word such as \"%s\", found %g",
                            name, keys[key].words[0], number);
    bool good = number >= least && number <= most;
    if (type == COUNT) {
        if (!good || number != floor(number))
            return mf_json_fail(place, diag, MF_INVALID,
                                "%s: expected a whole number from %.0f to %.0f, found %.15g", name,
                                least, most, number);
        *count_at(accelerator, key) = (uint64_t)number;
    } else {
        if (!good)
            return mf_json_fail(place, diag, MF_INVALID,
                                "%s: expected a number from %.10g to %.10g%s, found %g", name,
                                least, most, type == RATE ? " or \"unlimited\"" : "", number);
        *real_at(accelerator, key) = number;
    }
    accelerator->given[key] = true;
    return MF_OK;
}

static mf_status read_key(const mf_json *root, const mf_json *value, int key,
                          mf_accelerator *accelerator, mf_diag *diag)
{
    double number;
    size_t word;
    if (keys[key].type == CHOICE) {
        MF_TRY(mf_json_read_choice(value, keys[key].words, n_words(key), &word, diag));
        *count_at(accelerator, key) = word;
        accelerator->given[key] = true;
        return MF_OK;
    }
    const char *text = "";
    if (keys[key].type == RATE && mf_json_is_string(value))
        MF_TRY(mf_json_read_string(value, &text, diag));
    if (strcmp(text, "unlimited") == 0) {
        *real_at(accelerator, key) = INFINITY;
        accelerator->given[key] = true;
        return MF_OK;
    }
    if (!mf_json_is_number(value)) /* for its message, with the range */
        MF_TRY(mf_json_read_real(value, keys[key].least, keys[key].most, &number, diag));
    MF_TRY(mf_json_read_real(value, -HUGE_VAL, HUGE_VAL, &number, diag));
    return mf_accelerator_set(accelerator, mf_accelerator_keys[key], number, root, diag);
}

mf_status mf_accelerator_read(mf_accelerator *accelerator, const char *name, const mf_json *value,
                              mf_diag *diag)
{
    int key = find_key(name);
    assert(key >= 0);
    return read_key(value, value, key, accelerator, diag);
}

mf_key_group mf_accelerator_key_group(const char *name)
{
    int key = find_key(name);
    assert(key >= 0);
    return keys[key].group;
}

int mf_accelerator_compare(const mf_accelerator *a, const mf_accelerator *b)
{
    for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++) {
        double x = whole(keys[key].type) ? (double)*count_at(a, key) : *real_at(a, key),
               y = whole(keys[key].type) ? (double)*count_at(b, key) : *real_at(b, key);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

mf_accelerator_value mf_accelerator_get(const mf_accelerator *from, int key)
{
    mf_accelerator_value value;
    memcpy(&value, (const char *)from + keys[key].offset, sizeof value);
    return value;
}

void mf_accelerator_put(mf_accelerator *onto, int key, mf_accelerator_value value)
{
    memcpy((char *)onto + keys[key].offset, &value, sizeof value);
    onto->given[key] = true;
}

void mf_accelerator_value_text(const mf_accelerator *accelerator, int key, char *text, size_t size)
{
    if (!accelerator->given[key])
        snprintf(text, size, "-");
    else if (keys[key].type == CHOICE)
        snprintf(text, size, "%s", keys[key].words[*count_at(accelerator, key)]);
    else if (keys[key].type == COUNT)
        snprintf(text, size, "%" PRIu64, *count_at(accelerator, key));
    else if (isinf(*real_at(accelerator, key)))
        snprintf(text, size, "unlimited");
    else
        snprintf(text, size, "%.15g", *real_at(accelerator, key));
}

bool mf_accelerator_number(const mf_accelerator *accelerator, int key, double *number)
{
    if (!accelerator->given[key] || keys[key].type == CHOICE)
        return false;
    *number =
        keys[key].type == COUNT ? (double)*count_at(accelerator, key) : *real_at(accelerator, key);
    return !isinf(*number);
}

bool mf_accelerator_try(mf_accelerator *accelerator, int key, size_t i)
{
    enum { FEW = 64 };
    double least = keys[key].least, most = keys[key].most;
    bool few = keys[key].type == COUNT && most - least < FEW;
    size_t n = keys[key].type == CHOICE ? n_words(key) : few ? (size_t)(most - least) + 1 : 2;
    if (i >= n)
        return false;
    double number = i == 0 || few ? least + (double)i : most;
    if (keys[key].type == CHOICE)
        *count_at(accelerator, key) = i;
    else if (keys[key].type == COUNT)
        *count_at(accelerator, key) = (uint64_t)number;
    else
        *real_at(accelerator, key) = number;
    return true;
}

/* What the account asks for includes what it only uses for some networks and nests; the chip has banks. */
static bool asked_for(int key, mf_key_group group)
{
    return keys[key].group == group ||
           (group == MF_GROUP_ACCOUNT &&
            (keys[key].group == MF_GROUP_ZEROS || keys[key].group == MF_GROUP_NESTS)) ||
           (group == MF_GROUP_CHIP && keys[key].group == MF_GROUP_BANKS);
}

/* Files that were written before a key was there still mean what they meant: its first word. */
static bool came_later(int key)
{
    return key == MF_KEY_weights_in_buffer;
}

mf_status mf_accelerator_demand(const mf_accelerator *accelerator, mf_key_group group,
                                mf_diag *diag)
{
    char missing[768] = "";
    size_t n = 0;
    for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++)
        if (asked_for(key, group) && !accelerator->given[key] && !came_later(key)) {
            size_t length = strlen(missing);
            snprintf(missing + length, sizeof missing - length, "%s%s", n++ ? ", " : "",
                     mf_accelerator_keys[key]);
        }
    if (!n)
        return MF_OK;
    mf_fail(diag, MF_INVALID, "accelerator %s: %s %s missing", accelerator->name, missing,
            n == 1 ? "is" : "are");
    mf_hint(diag,
            "add %s to the file, or --set accelerator.KEY=VALUE; "
            "`mulfree show eyeriss-12x14 --file` prints one that has all keys",
            n == 1 ? "it" : "them");
    return MF_INVALID;
}

/* ---- reading -----------------------------------------------------------------------------------
 */

static mf_status read_facts(const mf_json *root, mf_arena *arena, mf_accelerator *accelerator,
                            mf_diag *diag)
{
    static const char *const members[] = {"status", "source", NULL};
    mf_json facts, fact = {0};
    mf_faults faults = {0};
    if (!mf_json_find(root, "facts", &facts))
        return MF_OK;
    MF_TRY(mf_json_only(&facts, mf_accelerator_keys, diag));
    while (mf_json_next(&facts, &fact)) {
        mf_fact *to = &accelerator->facts[find_key(fact.key)];
        size_t status = 0;
        MF_ALSO(mf_json_only(&fact, members, &faults.latest));
        MF_ALSO(mf_json_choice(&fact, "status", mf_fact_statuses, MF_N_FACT_STATUSES, &status,
                               &faults.latest));
        to->status = mf_fact_statuses[status];
        MF_ALSO(mf_json_copy_string(&fact, "source", arena, &to->source, &faults.latest));
    }
    return mf_faults_end(&faults, diag);
}

static mf_status read_pool_operators(const mf_json *item, mf_arena *arena, mf_pool *pool,
                                     mf_diag *diag)
{
    mf_json list, word = {0};
    MF_TRY(mf_json_array(item, "operators", &list, diag));
    const char **names = MF_NEW_ARRAY(arena, const char *, mf_json_size(&list));
    if (!names)
        return mf_fail_memory(diag);
    while (mf_json_next(&list, &word)) {
        const char *name;
        MF_TRY(mf_json_read_string(&word, &name, diag));
        if (!(names[pool->n_operators++] = mf_arena_string(arena, name)))
            return mf_fail_memory(diag);
    }
    pool->operators = names;
    return MF_OK;
}

static mf_status read_pools(const mf_json *root, mf_arena *arena, mf_accelerator *accelerator,
                            mf_diag *diag)
{
    static const char *const members[] = {"name", "pe_rows", "pe_columns", "operators", NULL};
    mf_json list, item = {0};
    mf_faults faults = {0};
    if (!mf_json_find(root, "pools", &list))
        return MF_OK;
    MF_TRY(mf_json_array(root, "pools", &list, diag));
    mf_pool *pools = MF_NEW_ARRAY(arena, mf_pool, mf_json_size(&list));
    if (!pools)
        return mf_fail_memory(diag);
    while (mf_json_next(&list, &item)) {
        mf_pool *pool = &pools[accelerator->n_pools++];
        MF_ALSO(mf_json_only(&item, members, &faults.latest));
        MF_ALSO(mf_json_copy_string(&item, "name", arena, &pool->name, &faults.latest));
        MF_ALSO(mf_json_count(&item, "pe_rows", 1, 65536, &pool->pe_rows, &faults.latest));
        MF_ALSO(mf_json_count(&item, "pe_columns", 1, 65536, &pool->pe_columns, &faults.latest));
        MF_ALSO(read_pool_operators(&item, arena, pool, &faults.latest));
    }
    accelerator->pools = pools;
    return mf_faults_end(&faults, diag);
}

static mf_status read_member(const mf_json *root, int key, mf_accelerator *accelerator,
                             mf_diag *diag)
{
    mf_json member;
    if (keys[key].group != MF_GROUP_MACHINE &&
        !mf_json_find(root, mf_accelerator_keys[key], &member))
        return MF_OK;
    MF_TRY(mf_json_get(root, mf_accelerator_keys[key], &member, diag));
    return read_key(root, &member, key, accelerator, diag);
}

static bool lacks_machine_keys(const mf_json *root)
{
    mf_json member;
    for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++)
        if (keys[key].group == MF_GROUP_MACHINE &&
            !mf_json_find(root, mf_accelerator_keys[key], &member))
            return true;
    return false;
}

mf_status mf_accelerator_from_json(const mf_json_doc *doc, mf_arena *arena,
                                   mf_accelerator *accelerator, mf_diag *diag)
{
    const char *members[N_OTHER_MEMBERS + MF_N_ACCELERATOR_KEYS + 1];
    memcpy(members, mf_accelerator_other_members, sizeof(char *) * N_OTHER_MEMBERS);
    memcpy(members + N_OTHER_MEMBERS, mf_accelerator_keys,
           sizeof(char *) * (MF_N_ACCELERATOR_KEYS + 1));
    mf_json root = mf_json_root(doc);
    mf_faults faults = {0};
    *accelerator = (mf_accelerator){0};
    MF_ALSO(mf_json_only_of(&root, members, mf_accelerator_other_words, &faults.latest));
    MF_ALSO(mf_json_copy_string(&root, "name", arena, &accelerator->name, &faults.latest));
    MF_ALSO(mf_json_copy_string(&root, "about", arena, &accelerator->about, &faults.latest));
    MF_ALSO(mf_json_copy_string(&root, "source", arena, &accelerator->source, &faults.latest));
    for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++)
        MF_ALSO(read_member(&root, key, accelerator, &faults.latest));
    MF_ALSO(read_facts(&root, arena, accelerator, &faults.latest));
    MF_ALSO(read_pools(&root, arena, accelerator, &faults.latest));
    mf_status status = mf_faults_end(&faults, diag);
    if (status != MF_OK && lacks_machine_keys(&root))
        mf_hint(diag, "`mulfree show eyeriss-12x14 --file` prints a complete accelerator to edit");
    return status;
}

mf_status mf_accelerator_load(const char *path, mf_arena *arena, mf_accelerator *accelerator,
                              mf_diag *diag)
{
    mf_json_doc *doc;
    MF_TRY(mf_json_load(path, &doc, diag));
    mf_status status = mf_accelerator_from_json(doc, arena, accelerator, diag);
    mf_json_destroy(doc);
    return status;
}

/* ---- PEs ---------------------------------------------------------------------------------------
 */

uint64_t mf_accelerator_pes(const mf_accelerator *accelerator)
{
    return accelerator->pe_rows * accelerator->pe_columns;
}

mf_status mf_accelerator_pool(const mf_accelerator *accelerator, const char *op, mf_pool *pool,
                              mf_diag *diag)
{
    *pool = (mf_pool){
        .name = "array", .pe_rows = accelerator->pe_rows, .pe_columns = accelerator->pe_columns};
    if (!accelerator->n_pools)
        return MF_OK;
    for (size_t i = 0; i < accelerator->n_pools; i++)
        for (size_t k = 0; k < accelerator->pools[i].n_operators; k++)
            if (strcmp(accelerator->pools[i].operators[k], op) == 0) {
                *pool = accelerator->pools[i];
                return MF_OK;
            }
    return mf_fail(diag, MF_NO_MAPPING, "accelerator %s: no pool of PEs has the datapath of %s",
                   accelerator->name, op);
}
