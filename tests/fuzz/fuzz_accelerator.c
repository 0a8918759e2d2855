/* An accelerator; every key's value can be shown, and changed to its own. */
#include "tests/fuzz/fuzz.h"

#include "models/accelerator.h"

static void look(const mf_accelerator *accelerator)
{
    char text[128];
    double number;
    mf_pool pool;
    mf_diag diag = {0};
    for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++) {
        if (accelerator->given[key])
            mf_accelerator_value_text(accelerator, key, text, sizeof text);
        mf_accelerator_number(accelerator, key, &number);
        mf_key_group group = mf_accelerator_key_group(mf_accelerator_keys[key]);
        mf_diag why = {0};
        mf_fuzz_check_status(mf_accelerator_demand(accelerator, group, &why), &why);
    }
    mf_fuzz_check_status(mf_accelerator_pool(accelerator, "add", &pool, &diag), &diag);
    MF_FUZZ_CHECK(mf_accelerator_compare(accelerator, accelerator) == 0);
    mf_accelerator_pes(accelerator);
}

/* The file's own keys, read once more one by one as a sweep does. */
static void read_keys(const mf_json_doc *doc, mf_accelerator *accelerator)
{
    mf_json root = mf_json_root(doc), value;
    for (const char *const *key = mf_accelerator_keys; *key; key++) {
        mf_diag diag = {0};
        if (mf_json_find(&root, *key, &value))
            mf_fuzz_check_status(mf_accelerator_read(accelerator, *key, &root, &value, &diag),
                                 &diag);
    }
}

static mf_status find_none(void *user, const char *name, mf_arena *arena, const char **path,
                           mf_diag *diag)
{
    (void)user, (void)arena, (void)path;
    return mf_fail(diag, MF_UNKNOWN_NAME, "unknown accelerator \"%.60s\"", name);
}

/* The same for who wants all keys, and knows no other accelerator. */
static void read_all(const mf_json_doc *doc, mf_arena *arena)
{
    mf_accelerator accelerator;
    mf_accelerator_wants wants = {.find = find_none, .groups = (1u << MF_N_KEY_GROUPS) - 1};
    mf_diag diag = {0};
    mf_fuzz_check_status(mf_accelerator_from_json_with(doc, &wants, arena, &accelerator, &diag),
                         &diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mf_json_doc *doc = mf_fuzz_json(data, size);
    if (!doc)
        return 0;
    mf_arena *arena = mf_arena_create();
    mf_diag diag = {0};
    mf_accelerator accelerator;
    mf_status status = mf_accelerator_from_json(doc, arena, &accelerator, &diag);
    mf_fuzz_check_status(status, &diag);
    read_all(doc, arena);
    if (status == MF_OK) {
        look(&accelerator);
        read_keys(doc, &accelerator);
    }
    mf_arena_destroy(arena);
    mf_json_destroy(doc);
    return 0;
}
