/* A mapping, for a convolution, a grouped one with a stride, and a classifier. What is written of
 * it reads as the same. */
#include "tests/fuzz/fuzz.h"

#include "dataflows/mapping_json.h"

static const mf_shape shapes[] = {{.n = 1,
                                   .m = 64,
                                   .c = 32,
                                   .g = 1,
                                   .h = 14,
                                   .w = 14,
                                   .r = 3,
                                   .s = 3,
                                   .e = 14,
                                   .f = 14,
                                   .stride = 1,
                                   .pad_rows = 1,
                                   .pad_columns = 1},
                                  {.n = 2,
                                   .m = 96,
                                   .c = 96,
                                   .g = 96,
                                   .h = 13,
                                   .w = 11,
                                   .r = 5,
                                   .s = 5,
                                   .e = 7,
                                   .f = 6,
                                   .stride = 2,
                                   .pad_rows = 2,
                                   .pad_columns = 2},
                                  {.n = 1,
                                   .m = 1000,
                                   .c = 512,
                                   .g = 1,
                                   .h = 1,
                                   .w = 1,
                                   .r = 1,
                                   .s = 1,
                                   .e = 1,
                                   .f = 1,
                                   .stride = 1}};

static void write_and_read(const mf_mapping *mapping, const mf_work *work)
{
    mf_text text = {0}, program = {0};
    mf_mapping again;
    mf_mapping_write(mapping, 2, &text);
    MF_FUZZ_CHECK(!text.failed);
    mf_json_doc *doc = mf_fuzz_json((const uint8_t *)text.bytes, text.length);
    MF_FUZZ_CHECK(doc);
    mf_json root = mf_json_root(doc);
    MF_FUZZ_CHECK(mf_mapping_read(&root, work, &again, NULL) == MF_OK);
    MF_FUZZ_CHECK(memcmp(mapping, &again, sizeof again) == 0);
    mf_mapping_program(mapping, work, &program);
    mf_text_free(&program);
    mf_text_free(&text);
    mf_json_destroy(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mf_json_doc *doc = mf_fuzz_json(data, size);
    if (!doc)
        return 0;
    mf_json root = mf_json_root(doc);
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        mf_work work = mf_work_of(&shapes[i]);
        mf_mapping mapping;
        mf_diag diag = {0};
        mf_status status = mf_mapping_read(&root, &work, &mapping, &diag);
        mf_fuzz_check_status(status, &diag);
        if (status == MF_OK)
            write_and_read(&mapping, &work);
    }
    mf_json_destroy(doc);
    return 0;
}
