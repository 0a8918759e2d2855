/* A checkpoint's entries (mf_fuzz_archive), read as --resume does: texts, network, weights and
 * momentum. */
#include "tests/fuzz/fuzz.h"

#include "cli/train_setup.h"
#include "train/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n_bytes;
    uint8_t *archive = mf_fuzz_archive(data, size, &n_bytes);
    const char *path = mf_fuzz_file("input.npz", archive, n_bytes);
    mf_arena *arena = mf_arena_create();
    mf_cli cli = {.data_root = MF_SOURCE_DIR};
    mf_arguments arguments;
    mf_train_setup setup;
    mf_checkpoint_texts texts;
    mf_diag diag = {0}, why = {0};
    mf_status read = mf_checkpoint_read_texts(path, arena, &texts, &diag);
    mf_fuzz_check_status(read, &diag);
    mf_fuzz_arguments(&mf_command_train, NULL, 0, arena, &arguments);
    mf_status resumed = mf_train_setup_resume(&setup, &cli, &arguments, path, true, &why);
    mf_fuzz_check_status(resumed, &why);
    MF_FUZZ_CHECK(read == MF_OK || resumed != MF_OK);
    if (resumed == MF_OK) { /* the weights once more, by themselves */
        mf_diag again = {0};
        MF_FUZZ_CHECK(mf_checkpoint_load(path, true, mf_model_store(setup.model), &again) == MF_OK);
    }
    mf_train_setup_close(&setup);
    mf_arena_destroy(arena);
    free(archive);
    return 0;
}
