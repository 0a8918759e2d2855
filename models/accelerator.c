/* One list of numeric keys serves the reader and the sweep. */
#include "models/accelerator.h"

#include "base/arena.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#define LARGEST_WORDS ((uint64_t)1 << 40)

/* Integer keys: name, place, largest value. "clock_mhz", the only real one, follows by hand. */
static const struct {
    const char *key;
    size_t offset;
    uint64_t largest;
} sizes[] = {
    {"pe_rows", offsetof(mf_accelerator, pe_rows), 65536},
    {"pe_columns", offsetof(mf_accelerator, pe_columns), 65536},
    {"ifmap_register_words", offsetof(mf_accelerator, ifmap_register_words), LARGEST_WORDS},
    {"weight_register_words", offsetof(mf_accelerator, weight_register_words), LARGEST_WORDS},
    {"psum_register_words", offsetof(mf_accelerator, psum_register_words), LARGEST_WORDS},
    {"buffer_words", offsetof(mf_accelerator, buffer_words), LARGEST_WORDS},
};

enum { N_SIZES = sizeof sizes / sizeof sizes[0] };

const char *const mf_accelerator_keys[] = {"pe_rows",
                                           "pe_columns",
                                           "ifmap_register_words",
                                           "weight_register_words",
                                           "psum_register_words",
                                           "buffer_words",
                                           "clock_mhz",
                                           NULL};

mf_status mf_accelerator_set(mf_accelerator *accelerator, const char *key, double number,
                             const mf_json *place, mf_diag *diag)
{
    for (size_t i = 0; i < N_SIZES; i++) {
        if (strcmp(key, sizes[i].key) != 0)
            continue;
        if (!(number >= 1 && number <= (double)sizes[i].largest) || number != floor(number))
            return mf_json_fail(place, diag, MF_INVALID,
                                "%s: expected a whole number from 1 to %" PRIu64 ", found %.15g",
                                key, sizes[i].largest, number);
        *(uint64_t *)((char *)accelerator + sizes[i].offset) = (uint64_t)number;
        return MF_OK;
    }
    if (!(number >= 1e-3 && number <= 1e6))
        return mf_json_fail(place, diag, MF_INVALID,
                            "%s: expected a number from 0.001 to 1e6, found %g", key, number);
    accelerator->clock_mhz = number;
    return MF_OK;
}

mf_status mf_accelerator_from_json(const mf_json_doc *doc, mf_arena *arena,
                                   mf_accelerator *accelerator, mf_diag *diag)
{
    const char *keys[3 + N_SIZES + 2] = {"name", "about", "source"};
    memcpy(keys + 3, mf_accelerator_keys, sizeof(char *) * (N_SIZES + 2));
    mf_json root = mf_json_root(doc), member;
    double number;
    MF_TRY(mf_json_only(&root, keys, diag));
    MF_TRY(mf_json_copy_string(&root, "name", arena, &accelerator->name, diag));
    MF_TRY(mf_json_copy_string(&root, "about", arena, &accelerator->about, diag));
    MF_TRY(mf_json_copy_string(&root, "source", arena, &accelerator->source, diag));
    for (const char *const *key = mf_accelerator_keys; *key; key++) {
        MF_TRY(mf_json_get(&root, *key, &member, diag));
        MF_TRY(mf_json_read_real(&member, -DBL_MAX, DBL_MAX, &number, diag));
        MF_TRY(mf_accelerator_set(accelerator, *key, number, &root, diag));
    }
    return MF_OK;
}

void mf_accelerator_copy(mf_accelerator *onto, const mf_accelerator *from, const char *key)
{
    for (size_t i = 0; i < N_SIZES; i++)
        if (strcmp(key, sizes[i].key) == 0) {
            memcpy((char *)onto + sizes[i].offset, (const char *)from + sizes[i].offset,
                   sizeof(uint64_t));
            return;
        }
    onto->clock_mhz = from->clock_mhz;
}

uint64_t mf_accelerator_pes(const mf_accelerator *accelerator)
{
    return accelerator->pe_rows * accelerator->pe_columns;
}
