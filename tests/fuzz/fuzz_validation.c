/* The head of a validation, with the bands of either engine. Its layers are searched, which may
 * take any time: cli.validate has them. */
#include "tests/fuzz/fuzz.h"

#include "sim/validation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int on_chip = 0; on_chip < 2; on_chip++) {
        mf_json_doc *doc = mf_fuzz_json(data, size);
        if (!doc)
            return 0;
        mf_arena *arena = mf_arena_create();
        mf_validation v;
        mf_diag diag = {0};
        mf_status status = mf_validation_read(doc, on_chip, arena, &v, &diag);
        mf_fuzz_check_status(status, &diag);
        if (status == MF_OK) {
            MF_FUZZ_CHECK(v.name && v.about && v.source && v.op && v.accelerator && v.table);
            MF_FUZZ_CHECK(v.objective < MF_N_OBJECTIVES);
            for (int q = 0; q < MF_N_QUANTITIES; q++)
                MF_FUZZ_CHECK(v.band[0][q] <= 100 && v.band[1][q] <= 100);
        }
        mf_arena_destroy(arena);
        mf_json_destroy(doc);
    }
    return 0;
}
