/* Which format is it? By the first bytes, because names lie: ImageNet itself has a PNG called JPEG.
 */
#include "train/data/decode.h"
#include "train/data/data.h"

#include <inttypes.h>
#include <string.h>

static const uint64_t million = 1000000;

mf_status mf_image_begin(const char *path, const mf_image_size *size, const mf_image_sink *sink,
                         mf_diag *diag)
{
    const uint32_t rows = size->rows, columns = size->columns;
    const uint64_t n_pixels = (uint64_t)rows * columns;
    if (n_pixels == 0)
        return mf_fail(diag, MF_MALFORMED, "%s: an image of %u x %u pixels", path, rows, columns);
    if (n_pixels > MF_MOST_MEGAPIXELS * million)
        mf_fail(diag, MF_TOO_LARGE, "%s: %u x %u pixels, above %d megapixels", path, rows, columns,
                MF_MOST_MEGAPIXELS);
    else if (size->n_bytes > MF_MOST_IMAGE_MEGABYTES * million)
        mf_fail(diag, MF_TOO_LARGE,
                "%s: %u x %u pixels, progressive or interlaced: %" PRIu64 " MB to hold, above %d",
                path, rows, columns, size->n_bytes / million, MF_MOST_IMAGE_MEGABYTES);
    else if (size->n_coded > MF_MOST_CODED_MEGABYTES * million)
        mf_fail(diag, MF_TOO_LARGE,
                "%s: %u x %u pixels that take as long as %" PRIu64 " MB of plain PNG, above %d",
                path, rows, columns, size->n_coded / million, MF_MOST_CODED_MEGABYTES);
    else
        return sink->begin(sink->user, size, diag);
    mf_hint(diag,
            "make it smaller, or save it as a JPEG that is not progressive; training takes "
            "pictures of %d pixels a side at most",
            MF_MAX_SIDE_PIXELS);
    return MF_TOO_LARGE;
}

mf_status mf_decode(const char *path, const uint8_t *bytes, size_t n_bytes, mf_arena *arena,
                    const mf_image_sink *sink, mf_diag *diag)
{
    static const uint8_t jpeg[] = {0xff, 0xd8, 0xff}, png[] = {0x89, 'P', 'N', 'G'};
    if (n_bytes >= sizeof jpeg && memcmp(bytes, jpeg, sizeof jpeg) == 0)
        return mf_decode_jpeg(path, bytes, n_bytes, arena, sink, diag);
    if (n_bytes >= sizeof png && memcmp(bytes, png, sizeof png) == 0)
        return mf_decode_png(path, bytes, n_bytes, arena, sink, diag);
    if (n_bytes < 4)
        return mf_fail(diag, MF_MALFORMED, "%s: only %zu bytes, neither JPEG nor PNG", path,
                       n_bytes);
    return mf_fail(diag, MF_MALFORMED,
                   "%s: neither JPEG nor PNG: begins with bytes %02x %02x %02x %02x", path,
                   bytes[0], bytes[1], bytes[2], bytes[3]);
}
