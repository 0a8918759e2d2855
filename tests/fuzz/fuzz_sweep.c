/* A sweep's specification, with all that it names from the catalogue. */
#include "tests/fuzz/fuzz.h"

#include "cli/sweep_spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = mf_fuzz_file("sweep.json", data, size);
    mf_arena *arena = mf_arena_create();
    mf_cli cli = {.data_root = MF_SOURCE_DIR};
    mf_arguments arguments;
    mf_setup setup;
    mf_sweep sweep = {0};
    mf_diag diag = {0};
    mf_fuzz_arguments(&mf_command_sweep, &path, 1, arena, &arguments);
    MF_FUZZ_CHECK(mf_setup_open(&setup, &cli, &arguments, MF_SLIPS_PLAIN, &diag) == MF_OK);
    mf_fuzz_check_status(mf_sweep_read(&setup, path, &sweep, &diag), &diag);
    mf_sweep_free(&sweep);
    mf_setup_close(&setup);
    mf_arena_destroy(arena);
    return 0;
}
