/* Fits of weights. What was read has scales to divide by, and written again it reads the same. */
#include "tests/fuzz/fuzz.h"

#include "train/weight_fits.h"

static void check(const mf_weight_fits *fits, mf_arena *arena)
{
    mf_text text = {0}, again = {0};
    mf_json_doc *doc;
    mf_weight_fits back;
    mf_diag diag = {0};
    for (size_t i = 0; i < fits->n; i++) {
        const mf_weight_fit *fit = &fits->all[i];
        MF_FUZZ_CHECK(fit->statistics.deviation > 0 && fit->statistics.b > 0);
        MF_FUZZ_CHECK(mf_weight_fits_find(fits, fit->layer));
    }
    mf_weight_fits_write(fits, &text);
    MF_FUZZ_CHECK(!text.failed);
    MF_FUZZ_CHECK(mf_json_parse(text.bytes, text.length, "again", &doc, &diag) == MF_OK);
    MF_FUZZ_CHECK(mf_weight_fits_read(doc, arena, &back, &diag) == MF_OK);
    mf_weight_fits_write(&back, &again);
    MF_FUZZ_CHECK(!again.failed && strcmp(text.bytes, again.bytes) == 0);
    mf_json_destroy(doc);
    mf_text_free(&text);
    mf_text_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mf_json_doc *doc = mf_fuzz_json(data, size);
    if (!doc)
        return 0;
    mf_arena *arena = mf_arena_create();
    mf_weight_fits fits;
    mf_diag diag = {0};
    mf_status status = mf_weight_fits_read(doc, arena, &fits, &diag);
    mf_fuzz_check_status(status, &diag);
    if (status == MF_OK)
        check(&fits, arena);
    mf_arena_destroy(arena);
    mf_json_destroy(doc);
    return 0;
}
