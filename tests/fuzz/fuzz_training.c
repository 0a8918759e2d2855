/* A training's configuration, or else an assignment as --set makes them. What is written of it
 * reads as the same. */
#include "tests/fuzz/fuzz.h"

#include "train/training.h"

static mf_status read_from(mf_json_doc *doc, mf_arena *arena, mf_training *training, mf_diag *diag)
{
    static const char *const none[] = {NULL};
    mf_json root = mf_json_root(doc);
    *training = mf_training_defaults();
    return mf_training_read(&root, none, arena, training, diag);
}

static void write_to(const mf_training *training, mf_text *text)
{
    mf_text_puts(text, "{");
    mf_training_write(training, "", text);
    mf_text_puts(text, "}");
    MF_FUZZ_CHECK(!text->failed);
}

static void write_and_read(const mf_training *training, mf_arena *arena)
{
    mf_text first = {0}, second = {0};
    mf_training again;
    write_to(training, &first);
    mf_json_doc *doc = mf_fuzz_json((const uint8_t *)first.bytes, first.length);
    MF_FUZZ_CHECK(doc);
    MF_FUZZ_CHECK(read_from(doc, arena, &again, NULL) == MF_OK);
    write_to(&again, &second);
    MF_FUZZ_CHECK(strcmp(first.bytes, second.bytes) == 0);
    mf_text_free(&first);
    mf_text_free(&second);
    mf_json_destroy(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mf_arena *arena = mf_arena_create();
    mf_training training = mf_training_defaults();
    mf_diag diag = {0};
    mf_status status;
    mf_json_doc *doc = mf_fuzz_json(data, size);
    char *text = mf_fuzz_text(data, size);
    status = doc ? read_from(doc, arena, &training, &diag)
                 : mf_training_set(&training, text, arena, &diag);
    mf_fuzz_check_status(status, &diag);
    if (status == MF_OK) {
        write_and_read(&training, arena);
        mf_training_rate(&training, 10, 100);
    }
    free(text);
    mf_json_destroy(doc);
    mf_arena_destroy(arena);
    return 0;
}
