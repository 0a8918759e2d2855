/* A zip archive, byte for byte; every entry is unpacked. The input comes first from memory, then
 * from a file, and both must say the same. */
#include "tests/fuzz/fuzz.h"

#include "base/zip.h"

enum { MOST_UNPACKED_BYTES = 1 << 20 };

static void unpack(mf_zip_reader *reader)
{
    for (size_t i = 0; i < mf_zip_count(reader); i++) {
        const mf_zip_entry *entry = mf_zip_at(reader, i);
        MF_FUZZ_CHECK(mf_zip_find(reader, entry->name) == entry);
        if (entry->n_bytes > MOST_UNPACKED_BYTES)
            continue;
        mf_diag diag = {0};
        void *bytes = malloc(entry->n_bytes ? entry->n_bytes : 1);
        MF_FUZZ_CHECK(bytes);
        mf_fuzz_check_status(mf_zip_read(reader, entry, bytes, &diag), &diag);
        free(bytes);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mf_zip_reader *reader;
    mf_diag diag = {0};
    mf_status status = mf_zip_open_bytes("input.zip", data, size, &reader, &diag);
    mf_fuzz_check_status(status, &diag);
    if (status == MF_OK) {
        unpack(reader);
        mf_zip_close(reader);
    }
    if (size % 16 != 0) /* files are slow */
        return 0;
    mf_status again = mf_zip_open(mf_fuzz_file("input.zip", data, size), &reader, &diag);
    MF_FUZZ_CHECK(again == status);
    if (again == MF_OK) {
        unpack(reader);
        mf_zip_close(reader);
    }
    return 0;
}
