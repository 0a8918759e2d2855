/* An array as numpy.save writes it; what was read is written again, and read again the same. */
#include "tests/fuzz/fuzz.h"

#include "base/npy.h"

static void look(const mf_npy *array)
{
    const uint64_t step = array->n_items / 64 + 1;
    for (uint64_t i = 0; mf_npy_is_integer(array->type) && i < array->n_items; i += step)
        mf_npy_integer(array, i);
    if (mf_npy_is_integer(array->type) && array->n_items)
        mf_npy_integer(array, array->n_items - 1);
}

static void write_and_read(const mf_npy *array)
{
    mf_arena *arena = mf_arena_create();
    void *bytes;
    size_t n_bytes;
    mf_npy again;
    MF_FUZZ_CHECK(mf_npy_format(array, arena, &bytes, &n_bytes, NULL) == MF_OK);
    MF_FUZZ_CHECK(mf_npy_parse("again", bytes, n_bytes, &again, NULL) == MF_OK);
    MF_FUZZ_CHECK(again.type == array->type && again.n_dimensions == array->n_dimensions);
    for (size_t d = 0; d < array->n_dimensions; d++)
        MF_FUZZ_CHECK(again.size[d] == array->size[d]);
    MF_FUZZ_CHECK(again.n_items == array->n_items);
    if (array->n_items)
        MF_FUZZ_CHECK(memcmp(again.items, array->items,
                             array->n_items * mf_npy_item_bytes(array->type)) == 0);
    mf_arena_destroy(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mf_npy array;
    mf_diag diag = {0};
    char *bytes = mf_fuzz_text(data, size);
    mf_status status = mf_npy_parse("input.npy", bytes, size, &array, &diag);
    mf_fuzz_check_status(status, &diag);
    if (status == MF_OK) {
        look(&array);
        write_and_read(&array);
    }
    free(bytes);
    return 0;
}
