/* An experiment of trainings. What was read of it is whole: arms have names of their own that are
 * files', networks and seeds. */
#include "tests/fuzz/fuzz.h"

#include "cli/plan.h"

static void check(const mf_plan *plan)
{
    MF_FUZZ_CHECK(plan->n_arms >= 1 && plan->n_arms <= MF_PLAN_MOST_ARMS && plan->n_seeds >= 1);
    for (size_t i = 0; i < plan->n_arms; i++) {
        const mf_plan_arm *arm = &plan->arms[i];
        MF_FUZZ_CHECK(*arm->name && !strchr(arm->name, '/') && *arm->name != '.');
        MF_FUZZ_CHECK(arm->subject.network && arm->subject.op);
        for (size_t k = 0; k < i; k++)
            MF_FUZZ_CHECK(strcmp(arm->name, plan->arms[k].name) != 0);
        for (size_t k = 0; k < arm->subject.n_op_of; k++)
            MF_FUZZ_CHECK(arm->subject.op_of[k]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mf_json_doc *doc = mf_fuzz_json(data, size);
    if (!doc)
        return 0;
    mf_arena *arena = mf_arena_create();
    mf_plan plan;
    mf_diag diag = {0};
    mf_status status = mf_plan_read(doc, NULL, arena, &plan, &diag);
    mf_fuzz_check_status(status, &diag);
    if (status == MF_OK)
        check(&plan);
    mf_arena_destroy(arena);
    mf_json_destroy(doc);
    return 0;
}
