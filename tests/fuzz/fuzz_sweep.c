/* A sweep's specification, with all that it names from the catalogue. */
#include "tests/fuzz/fuzz.h"

#include "cli/sweep_spec.h"

/* Every point has its network loaded and its operator assigned, the last one too. */
static void check_points(const mf_sweep *sweep)
{
    const size_t step = sweep->n_points / 1000 + 1;
    for (size_t i = 0; i < sweep->n_points; i += step) {
        mf_sweep_point p;
        mf_sweep_at(sweep, sweep->n_points - 1 - i, &p);
        MF_FUZZ_CHECK(p.network < sweep->n_networks);
        MF_FUZZ_CHECK(sweep->networks[p.network].assignments[p.op].op_of_layer != NULL);
    }
}

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
    mf_status status = mf_sweep_read(&setup, path, &sweep, &diag);
    mf_fuzz_check_status(status, &diag);
    if (status == MF_OK)
        check_points(&sweep);
    mf_sweep_free(&sweep);
    mf_setup_close(&setup);
    mf_arena_destroy(arena);
    return 0;
}
