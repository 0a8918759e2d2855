/* A pair of IDX files: pictures, then labels behind "===". Both parts are the same. */
#include "tests/fuzz/fuzz.h"

#include "train/data/data.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char mark[] = "===";
    const uint8_t *end = size ? memmem(data, size, mark, sizeof mark - 1) : NULL;
    if (!end)
        return 0;
    const uint8_t *labels = end + sizeof mark - 1;
    for (int training = 0; training < 2; training++) {
        mf_fuzz_file(training ? "train-images-idx3-ubyte" : "t10k-images-idx3-ubyte", data,
                     (size_t)(end - data));
        mf_fuzz_file(training ? "train-labels-idx1-ubyte" : "t10k-labels-idx1-ubyte", labels,
                     (size_t)(data + size - labels));
    }
    char spec[160];
    snprintf(spec, sizeof spec, "mnist:%s", mf_fuzz_folder());
    for (int training = 0; training < 2; training++) {
        const mf_pictures_options options = {.training = training};
        mf_pictures *pictures;
        mf_diag diag = {0};
        mf_status status = mf_pictures_load(spec, &options, &pictures, &diag);
        mf_fuzz_check_status(status, &diag);
        if (status != MF_OK)
            continue;
        float mean[MF_MAX_CHANNELS], deviation[MF_MAX_CHANNELS];
        mf_pictures_measure(pictures, mean, deviation);
        for (size_t i = 0; i < pictures->n; i++)
            MF_FUZZ_CHECK(pictures->labels[i] < pictures->n_classes);
        mf_pictures_destroy(pictures);
    }
    return 0;
}
