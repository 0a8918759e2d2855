/* CIFAR files made of short records: per picture its labels and one byte, which fills its planes.
 * First a byte of flags: 1 for CIFAR-100, 2 for the held-out part, 4 to cut the last record short;
 * the last line, behind "===", names the classes. */
#include "tests/fuzz/fuzz.h"

#include "train/data/data.h"

#include <stdio.h>

enum { PICTURE_BYTES = 3072, MOST_RECORDS = 64 };

static size_t unfold(const uint8_t *data, size_t size, size_t n_labels, uint8_t *bytes)
{
    size_t n = size / (n_labels + 1), at = 0;
    for (size_t i = 0; i < n && i < MOST_RECORDS; i++, data += n_labels + 1) {
        memcpy(bytes + at, data, n_labels);
        memset(bytes + at + n_labels, data[n_labels], PICTURE_BYTES);
        at += n_labels + PICTURE_BYTES;
    }
    return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const files[][2] = {{"test_batch.bin", "data_batch_1.bin"},
                                           {"test.bin", "train.bin"}};
    static uint8_t bytes[MOST_RECORDS * (PICTURE_BYTES + 2)];
    static const char mark[] = "===";
    if (size < 2)
        return 0;
    const bool hundred = data[0] & 1, training = !(data[0] & 2), cut = data[0] & 4;
    const uint8_t *names = memmem(data, size, mark, 3);
    const size_t n_data = names ? (size_t)(names - data) : size;
    size_t n = unfold(data + 1, n_data - (n_data > 0), hundred ? 2 : 1, bytes);
    n -= cut && n ? 1 : 0;
    if (!hundred && training) /* all five or none */
        for (int i = 2; i <= 5; i++) {
            char name[32];
            snprintf(name, sizeof name, "data_batch_%d.bin", i);
            mf_fuzz_file(name, bytes, n);
        }
    mf_fuzz_file(files[hundred][training], bytes, n);
    mf_fuzz_file(hundred ? "fine_label_names.txt" : "batches.meta.txt", names ? names + 3 : NULL,
                 names ? (size_t)(data + size - names - 3) : 0);
    char spec[192];
    snprintf(spec, sizeof spec, "%s:%s", hundred ? "cifar100" : "cifar10", mf_fuzz_folder());
    const mf_pictures_options options = {.training = training};
    mf_pictures *pictures;
    mf_diag diag = {0};
    mf_status status = mf_pictures_load(spec, &options, &pictures, &diag);
    mf_fuzz_check_status(status, &diag);
    if (status != MF_OK)
        return 0;
    for (size_t i = 0; i < pictures->n; i++)
        MF_FUZZ_CHECK(pictures->labels[i] < pictures->n_classes);
    mf_pictures_destroy(pictures);
    return 0;
}
