/* A file, gzip or plain, as every reader gets it; then as JSON. */
#include "tests/fuzz/fuzz.h"

#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = mf_fuzz_file("input.json", data ? data : (const uint8_t *)"", size);
    mf_arena *arena = mf_arena_create();
    char *bytes, *few;
    size_t n_bytes, n_few;
    mf_json_doc *doc;
    mf_diag diag = {0}, why = {0};
    mf_status status = mf_file_read(path, arena, &bytes, &n_bytes, &diag);
    mf_fuzz_check_status(status, &diag);
    if (status == MF_OK)
        MF_FUZZ_CHECK(bytes[n_bytes] == '\0');
    mf_diag limit = {0};
    mf_status most = mf_file_read_most(path, size, arena, &few, &n_few, &limit);
    mf_fuzz_check_status(most, &limit);
    MF_FUZZ_CHECK((most == MF_OK) == (status == MF_OK && n_bytes <= size));
    mf_status loaded = mf_json_load(path, &doc, &why);
    mf_fuzz_check_status(loaded, &why);
    if (loaded == MF_OK)
        mf_json_destroy(doc);
    MF_FUZZ_CHECK(status == MF_OK || loaded != MF_OK);
    mf_arena_destroy(arena);
    return 0;
}
