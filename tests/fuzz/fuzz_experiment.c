/* An experiment, with both sides of its slips, and its conventions. */
#include "tests/fuzz/fuzz.h"

#include "cli/experiment.h"
#include "sim/published.h"

static void read_conventions(const mf_json_doc *doc, mf_arena *arena)
{
    static const char *const paths[] = {MF_SOURCE_DIR "/models/operators/add.json",
                                        MF_SOURCE_DIR "/models/operators/mult.json",
                                        MF_SOURCE_DIR "/models/operators/shift.json"};
    static mf_operators *operators;
    if (!operators)
        MF_FUZZ_CHECK(mf_operators_load(paths, 3, &operators, NULL) == MF_OK);
    mf_json root = mf_json_root(doc), object;
    mf_published_conventions conventions;
    mf_diag diag = {0};
    if (mf_json_get(&root, "conventions", &object, &diag) != MF_OK)
        return;
    mf_status status =
        mf_published_conventions_read(&object, operators, arena, &conventions, &diag);
    mf_fuzz_check_status(status, &diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const mf_slips sides[] = {MF_SLIPS_PLAIN, MF_SLIPS_PRINTED, MF_SLIPS_CORRECTED};
    for (size_t i = 0; i < 3; i++) {
        mf_json_doc *doc = mf_fuzz_json(data, size);
        if (!doc)
            return 0;
        mf_arena *arena = mf_arena_create();
        mf_experiment experiment;
        mf_diag diag = {0};
        mf_status status = mf_experiment_read(doc, sides[i], arena, &experiment, &diag);
        mf_fuzz_check_status(status, &diag);
        if (status == MF_OK) {
            mf_experiment_paper(&experiment, "mobilenetv2-w0.35", "mult");
            read_conventions(doc, arena);
        }
        mf_arena_destroy(arena);
        mf_json_destroy(doc);
    }
    return 0;
}
