/* Two pictures of two classes in a folder, the second behind a line with only "===". */
#include "tests/fuzz/fuzz.h"

#include "train/data/data.h"

#include <stdio.h>
#include <sys/stat.h>

static const char *specification(void)
{
    static char spec[160];
    if (!*spec) {
        snprintf(spec, sizeof spec, "folder:%s", mf_fuzz_folder());
        mkdir(mf_fuzz_file("first", NULL, 0), 0700);
        mkdir(mf_fuzz_file("second", NULL, 0), 0700);
    }
    return spec;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char mark[] = "\n===\n";
    const uint8_t *end = size ? memmem(data, size, mark, sizeof mark - 1) : NULL;
    const uint8_t *second = end ? end + sizeof mark - 1 : data;
    const size_t n_first = end ? (size_t)(end - data) : size;
    const char *spec = specification();
    if (!data)
        return 0;
    for (int i = 0; i < 2; i++) { /* two of each: one is held out */
        mf_fuzz_file(i ? "first/a.png" : "first/b.jpg", data, n_first);
        mf_fuzz_file(i ? "second/a.png" : "second/b.jpg", second, (size_t)(data + size - second));
    }
    const mf_pictures_options options = {.training = true, .rows = 8, .columns = 8};
    mf_pictures *pictures;
    mf_diag diag = {0};
    mf_status status = mf_pictures_load(spec, &options, &pictures, &diag);
    mf_fuzz_check_status(status, &diag);
    if (status == MF_OK) {
        MF_FUZZ_CHECK(pictures->n == 2 && pictures->n_classes == 2);
        mf_pictures_destroy(pictures);
    }
    return 0;
}
