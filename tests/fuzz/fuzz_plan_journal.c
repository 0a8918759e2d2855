/* What an experiment of trainings left. Where it can be gone on with, outcomes can be added and are
 * there the next time, behind those that were there before. */
#include "tests/fuzz/fuzz.h"

#include "cli/plan_journal.h"

static mf_status go_on(const char *path, const mf_outcome *add, size_t *n, mf_outcome *last)
{
    mf_plan_journal journal;
    mf_diag diag = {0};
    mf_arena *arena = mf_arena_create();
    mf_status status = mf_plan_journal_open(&journal, path, "t", arena, &diag);
    mf_fuzz_check_status(status, &diag);
    *n = journal.n;
    if (status == MF_OK && add)
        MF_FUZZ_CHECK(mf_plan_journal_add(&journal, add, &diag) == MF_OK);
    if (status == MF_OK && last) {
        *last = journal.outcomes[journal.n - 1];
        MF_FUZZ_CHECK(strcmp(last->arm, "a\nb") == 0);
        MF_FUZZ_CHECK(!last->fault || strcmp(last->fault, "line\none") == 0);
    }
    mf_plan_journal_close(&journal);
    mf_arena_destroy(arena);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const mf_outcome outcomes[] = {
        {.arm = "a\nb", .seed = 3, .digest = 0x0123456789abcdef, .epochs = 7, .test_top1 = 0.1},
        {.arm = "a\nb", .seed = 4, .digest = ~(uint64_t)0, .fault = "line\none"}};
    const char *path = mf_fuzz_file("runs.journal", data ? data : (const uint8_t *)"", size);
    for (size_t i = 0; i < 2; i++) {
        size_t before, after;
        mf_outcome last;
        if (go_on(path, &outcomes[i], &before, NULL) != MF_OK)
            return 0;
        MF_FUZZ_CHECK(go_on(path, NULL, &after, &last) == MF_OK);
        MF_FUZZ_CHECK(after == before + 1 && last.seed == outcomes[i].seed &&
                      last.digest == outcomes[i].digest && last.epochs == outcomes[i].epochs &&
                      last.test_top1 == outcomes[i].test_top1);
    }
    return 0;
}
