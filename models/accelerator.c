/* One table of keys, made from accelerator_keys.def, serves the reader (accelerator_file.c), the sweep
 * and the listings. */
#include "models/accelerator.h"

#include "base/units.h"

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

/* "108 KB", "200 MHz": the number in the key's unit. */
static mf_status read_measure(const mf_accelerator *accelerator, int key, const mf_json *value,
                              double *number, mf_diag *diag)
{
    const char *text;
    char why[256];
    double word_bits = accelerator->given[MF_KEY_word_bits] ? (double)accelerator->word_bits : 0;
    MF_TRY(mf_json_read_string(value, &text, diag));
    if (mf_units_value(mf_accelerator_keys[key], text, word_bits, number, why, sizeof why))
        return MF_OK;
    return mf_json_fail(value, diag, MF_INVALID, "%s%s, found \"%.60s\"", why,
                        keys[key].type == RATE ? ", or \"unlimited\"" : "", text);
}

static mf_status read_choice(mf_accelerator *accelerator, int key, const mf_json *value,
                             mf_diag *diag)
{
    size_t word;
    MF_TRY(mf_json_read_choice(value, keys[key].words, n_words(key), &word, diag));
    *count_at(accelerator, key) = word;
    accelerator->given[key] = true;
    return MF_OK;
}

static bool is_unlimited(const mf_json *value)
{
    const char *text;
    return mf_json_is_string(value) && mf_json_read_string(value, &text, NULL) == MF_OK &&
           strcmp(text, "unlimited") == 0;
}

mf_status mf_accelerator_read(mf_accelerator *accelerator, const char *name, const mf_json *place,
                              const mf_json *value, mf_diag *diag)
{
    int key = find_key(name);
    double number;
    assert(key >= 0);
    if (keys[key].type == CHOICE)
        return read_choice(accelerator, key, value, diag);
    if (keys[key].type == RATE && is_unlimited(value)) {
        *real_at(accelerator, key) = INFINITY;
        accelerator->given[key] = true;
        return MF_OK;
    }
    if (mf_json_is_string(value))
        MF_TRY(read_measure(accelerator, key, value, &number, diag));
    else if (mf_json_is_number(value))
        MF_TRY(mf_json_read_real(value, -HUGE_VAL, HUGE_VAL, &number, diag));
    else /* for its message, with the range */
        MF_TRY(mf_json_read_real(value, keys[key].least, keys[key].most, &number, diag));
    return mf_accelerator_set(accelerator, name, number, place, diag);
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

size_t mf_accelerator_missing(const mf_accelerator *accelerator, unsigned groups, char *list,
                              size_t size)
{
    size_t n = 0;
    *list = '\0';
    for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++) {
        bool asked = false;
        for (int group = 0; group < MF_N_KEY_GROUPS; group++)
            asked = asked || (groups >> group & 1 && asked_for(key, (mf_key_group)group));
        if (!asked || accelerator->given[key] || came_later(key))
            continue;
        size_t length = strlen(list);
        snprintf(list + length, size - length, "%s%s", n++ ? ", " : "", mf_accelerator_keys[key]);
    }
    return n;
}

mf_status mf_accelerator_demand(const mf_accelerator *accelerator, mf_key_group group,
                                mf_diag *diag)
{
    char missing[MF_MISSING_KEYS_BYTES];
    size_t n = mf_accelerator_missing(accelerator, 1u << group, missing, sizeof missing);
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
