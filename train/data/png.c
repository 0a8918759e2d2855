/* PNG through libpng's simplified interface, which catches its own errors. The only place that
 * includes libpng. */
#include "train/data/decode.h"

#include <png.h>
#include <string.h>

mf_status mf_decode_png(const char *path, const uint8_t *bytes, size_t n_bytes, mf_arena *arena,
                        mf_image *image, mf_diag *diag)
{
    png_image png;
    memset(&png, 0, sizeof png);
    png.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&png, bytes, n_bytes))
        return mf_fail(diag, MF_MALFORMED, "%s: damaged PNG: %s", path, png.message);
    mf_status status = mf_image_allocate(path, png.height, png.width, arena, image, diag);
    if (status != MF_OK) {
        png_image_free(&png);
        return status;
    }
    png.format = PNG_FORMAT_RGB;
    const png_color black = {0, 0, 0};
    /* Frees what it holds whether it succeeds or not. */
    if (!png_image_finish_read(&png, &black, image->pixels, 0, NULL))
        return mf_fail(diag, MF_MALFORMED, "%s: damaged PNG: %s", path, png.message);
    return MF_OK;
}
