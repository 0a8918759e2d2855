/* A JPEG or PNG file: decoded, and brought to another size. */
#include "tests/fuzz/fuzz.h"

#include "train/data/decode.h"
#include "train/data/resize.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    typedef mf_status decoder(const char *, const uint8_t *, size_t, mf_arena *, mf_image *,
                              mf_diag *);
    static decoder *const decoders[] = {mf_decode, mf_decode_jpeg, mf_decode_png};
    uint8_t *bytes = (uint8_t *)mf_fuzz_text(data, size), small[8 * 8 * 3];
    for (size_t i = 0; i < 3; i++) {
        mf_arena *arena = mf_arena_create();
        mf_image image;
        mf_diag diag = {0};
        mf_status status = decoders[i]("input", bytes, size, arena, &image, &diag);
        mf_fuzz_check_status(status, &diag);
        if (status == MF_OK) {
            MF_FUZZ_CHECK((uint64_t)image.rows * image.columns <= MF_MOST_MEGAPIXELS * 1000000ull);
            mf_fuzz_check_status(mf_resize_image(&image, 8, 8, arena, small, &diag), &diag);
        }
        mf_arena_destroy(arena);
    }
    free(bytes);
    return 0;
}
