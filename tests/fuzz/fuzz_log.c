/* A training's log, from memory and, now and then, from a file. */
#include "tests/fuzz/fuzz.h"

#include "train/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mf_arena *arena = mf_arena_create();
    mf_logged *lines;
    size_t n;
    mf_diag diag = {0};
    char *text = mf_fuzz_text(data, size);
    mf_status status = mf_log_parse("input.jsonl", text, size, arena, &lines, &n, &diag);
    mf_fuzz_check_status(status, &diag);
    for (size_t i = 0; status == MF_OK && i < n; i++)
        MF_FUZZ_CHECK(lines[i].epoch >= 1);
    if (size && size % 16 == 0) {
        const char *path = mf_fuzz_file("input.jsonl", data, size);
        mf_fuzz_check_status(mf_log_read(path, arena, &lines, &n, &diag), &diag);
        mf_fuzz_check_status(mf_log_cut(path, 2, 0.5, &diag), &diag);
    }
    free(text);
    mf_arena_destroy(arena);
    return 0;
}
