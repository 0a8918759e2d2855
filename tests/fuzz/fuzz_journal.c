/* What an interrupted sweep of seven points left. Where it can be gone on with, a point can be
 * added and is there the next time. */
#include "tests/fuzz/fuzz.h"

#include "cli/sweep_journal.h"

enum { N_POINTS = 7 };
#define DIGEST 0x0123456789abcdefu

static mf_status go_on(const char *output, bool add, mf_sweep_result *results)
{
    mf_sweep_journal journal;
    mf_diag diag = {0};
    mf_arena *arena = mf_arena_create();
    mf_sweep_faults faults = {0};
    const mf_sweep_result result = {.done = true};
    const mf_sweep_journal_of of = {DIGEST, results, N_POINTS, &faults, arena};
    mf_status status =
        mf_sweep_journal_open(&journal, output, true, (mf_part){0, 0}, &of, &diag);
    mf_fuzz_check_status(status, &diag);
    if (status == MF_OK && add)
        MF_FUZZ_CHECK(mf_sweep_journal_add(&journal, 3, &result, "line\none", &diag) == MF_OK);
    mf_sweep_journal_close(&journal, false);
    mf_sweep_faults_free(&faults);
    mf_arena_destroy(arena);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mf_sweep_result before[N_POINTS] = {{0}}, after[N_POINTS] = {{0}};
    const char *output = mf_fuzz_file("sweep.csv", NULL, 0);
    mf_fuzz_file("sweep.csv.journal", data ? data : (const uint8_t *)"", size);
    if (go_on(output, true, before) != MF_OK)
        return 0;
    MF_FUZZ_CHECK(go_on(output, false, after) == MF_OK);
    for (size_t i = 0; i < N_POINTS; i++)
        MF_FUZZ_CHECK(after[i].done == (before[i].done || i == 3));
    return 0;
}
