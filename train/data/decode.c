/* Which format is it? By the first bytes, because names lie: ImageNet itself has a PNG called JPEG.
 */
#include "train/data/decode.h"

#include <string.h>

mf_status mf_image_allocate(const char *path, uint32_t rows, uint32_t columns, mf_arena *arena,
                            mf_image *image, mf_diag *diag)
{
    const uint64_t n_pixels = (uint64_t)rows * columns;
    if (n_pixels == 0)
        return mf_fail(diag, MF_MALFORMED, "%s: an image of %u x %u pixels", path, rows, columns);
    if (n_pixels > (uint64_t)MF_MOST_MEGAPIXELS * 1000000)
        return mf_fail(diag, MF_TOO_LARGE, "%s: %u x %u pixels, above %d megapixels", path, rows,
                       columns, MF_MOST_MEGAPIXELS);
    *image = (mf_image){
        .pixels = mf_arena_array(arena, (size_t)n_pixels, 3), .rows = rows, .columns = columns};
    return image->pixels ? MF_OK : mf_fail_memory(diag);
}

mf_status mf_decode(const char *path, const uint8_t *bytes, size_t n_bytes, mf_arena *arena,
                    mf_image *image, mf_diag *diag)
{
    static const uint8_t jpeg[] = {0xff, 0xd8, 0xff}, png[] = {0x89, 'P', 'N', 'G'};
    if (n_bytes >= sizeof jpeg && memcmp(bytes, jpeg, sizeof jpeg) == 0)
        return mf_decode_jpeg(path, bytes, n_bytes, arena, image, diag);
    if (n_bytes >= sizeof png && memcmp(bytes, png, sizeof png) == 0)
        return mf_decode_png(path, bytes, n_bytes, arena, image, diag);
    if (n_bytes < 4)
        return mf_fail(diag, MF_MALFORMED, "%s: only %zu bytes, neither JPEG nor PNG", path,
                       n_bytes);
    return mf_fail(diag, MF_MALFORMED,
                   "%s: neither JPEG nor PNG: begins with bytes %02x %02x %02x %02x", path,
                   bytes[0], bytes[1], bytes[2], bytes[3]);
}
