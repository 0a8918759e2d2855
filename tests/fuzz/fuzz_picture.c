/* A JPEG or PNG file: decoded, and brought to another size. */
#include "tests/fuzz/fuzz.h"

#include "train/data/decode.h"
#include "train/data/resize.h"

typedef struct image {
    mf_arena *arena;
    mf_resize resize;
    size_t n_rows;
} image;

static mf_status begin(void *user, const mf_image_size *size, mf_diag *diag)
{
    image *i = user;
    MF_FUZZ_CHECK((uint64_t)size->rows * size->columns <= MF_MOST_MEGAPIXELS * 1000000ull);
    MF_FUZZ_CHECK(size->n_bytes <= MF_MOST_IMAGE_MEGABYTES * 1000000ull);
    i->n_rows = size->rows;
    return mf_resize_begin(&i->resize, size->rows, size->columns, 8, 8, i->arena, diag);
}

static void row(void *user, const uint8_t *pixels)
{
    image *i = user;
    mf_resize_add(&i->resize, pixels);
    i->n_rows--;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    typedef mf_status decoder(const char *, const uint8_t *, size_t, mf_arena *,
                              const mf_image_sink *, mf_diag *);
    static decoder *const decoders[] = {mf_decode, mf_decode_jpeg, mf_decode_png};
    uint8_t *bytes = (uint8_t *)mf_fuzz_text(data, size), small[8 * 8 * 3];
    for (size_t k = 0; k < 3; k++) {
        image i = {.arena = mf_arena_create()};
        const mf_image_sink sink = {.begin = begin, .row = row, .user = &i};
        mf_diag diag = {0};
        mf_status status = decoders[k]("input", bytes, size, i.arena, &sink, &diag);
        mf_fuzz_check_status(status, &diag);
        if (status == MF_OK) {
            MF_FUZZ_CHECK(i.n_rows == 0);
            mf_resize_end(&i.resize, small);
        }
        mf_arena_destroy(i.arena);
    }
    free(bytes);
    return 0;
}
