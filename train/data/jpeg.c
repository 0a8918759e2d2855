/* JPEG through libjpeg-turbo. The only place that includes it. The library ends a failed call by
 * exit unless its error manager leaves otherwise: here by longjmp back into mf_decode_jpeg, with
 * the message kept. Nothing is printed. */
#include "train/data/decode.h"

#include <setjmp.h>
#include <stdio.h> /* jpeglib.h needs FILE and leaves including it to us */

#include <jerror.h>
#include <jpeglib.h>

/* What programs write has some ten scans; a picture with one more for every bit of every
 * coefficient takes a thousand times as long. */
enum { MOST_SCANS = 32 };

/* ITU-T T.81, table B.1: MARKER and one of these. TEM and RST0 to RST7 have no segment. */
enum { MARKER = 0xff, TEM = 0x01, RST0 = 0xd0, RST7 = 0xd7, SOS = 0xda };

/* Everything that must outlive a longjmp is in here and not in local variables. */
typedef struct decoder {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    jmp_buf leave;
    const char *path;
    mf_status status;
    mf_diag *diag;
} decoder;

static void leave(j_common_ptr common)
{
    decoder *d = common->client_data;
    char why[JMSG_LENGTH_MAX];
    common->err->format_message(common, why);
    d->status = mf_fail(d->diag, MF_MALFORMED, "%s: damaged JPEG: %s", d->path, why);
    longjmp(d->leave, 1);
}

/* Level -1 is a warning: the library would go on and paint missing parts grey. Harmless ones, which
 * cameras and scrapers leave in good files, are passed over. */
static void notice(j_common_ptr common, int level)
{
    const int code = common->err->msg_code;
    if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_ADOBE_XFORM &&
        code != JWRN_JFIF_MAJOR)
        leave(common);
}

static void ignore_message(j_common_ptr common)
{
    (void)common;
}

/* Cyan, magenta, yellow, black, which Adobe programs store inverted. In place: 4 bytes to 3. */
static void cmyk_to_rgb(const uint8_t *cmyk, bool inverted, size_t n, uint8_t *rgb)
{
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < 3; c++) {
            unsigned ink = cmyk[i * 4 + c], black = cmyk[i * 4 + 3];
            if (!inverted) {
                ink = 255 - ink;
                black = 255 - black;
            }
            rgb[i * 3 + c] = (uint8_t)(ink * black / 255);
        }
}

/* How many scans a JPEG has, without decoding any: its markers, passing over the segments behind
 * them, in which a thumbnail may have scans of its own. Stops where the library would. */
static size_t count_scans(const uint8_t *bytes, size_t n_bytes)
{
    size_t n = 0, at = 2; /* behind the start of the image */
    while (at + 4 <= n_bytes) {
        const uint8_t marker = bytes[at + 1];
        const size_t length = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
        const bool restart = marker >= RST0 && marker <= RST7;
        if (bytes[at] != MARKER || marker == 0 || marker == MARKER || marker == TEM || restart) {
            at++; /* coded data, or a filling byte */
            continue;
        }
        if (marker == JPEG_EOI || length < 2)
            break;
        n += marker == SOS;
        at += 2 + length;
    }
    return n;
}

static void decode(decoder *d, const uint8_t *bytes, size_t n_bytes, mf_arena *arena,
                   mf_image *image)
{
    struct jpeg_decompress_struct *jpeg = &d->jpeg;
    if (count_scans(bytes, n_bytes) > MOST_SCANS) {
        d->status = mf_fail(d->diag, MF_TOO_LARGE, "%s: a JPEG of more than %d scans", d->path,
                            (int)MOST_SCANS);
        return;
    }
    jpeg_mem_src(jpeg, bytes, (unsigned long)n_bytes);
    jpeg_read_header(jpeg, TRUE);
    d->status =
        mf_image_allocate(d->path, jpeg->image_height, jpeg->image_width, arena, image, d->diag);
    if (d->status != MF_OK)
        return;
    const bool cmyk = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
    jpeg->out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
    const size_t columns = jpeg->image_width;
    uint8_t *inks = cmyk ? mf_arena_array(arena, columns, 4) : NULL;
    if (cmyk && !inks) {
        d->status = mf_fail_memory(d->diag);
        return;
    }
    jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *row = image->pixels + jpeg->output_scanline * columns * 3;
        JSAMPROW into = cmyk ? inks : row;
        jpeg_read_scanlines(jpeg, &into, 1);
        if (cmyk)
            cmyk_to_rgb(inks, jpeg->saw_Adobe_marker, columns, row);
    }
    jpeg_finish_decompress(jpeg);
}

mf_status mf_decode_jpeg(const char *path, const uint8_t *bytes, size_t n_bytes, mf_arena *arena,
                         mf_image *image, mf_diag *diag)
{
    decoder d = {.path = path, .status = MF_OK, .diag = diag};
    d.jpeg.err = jpeg_std_error(&d.errors);
    d.jpeg.client_data = &d;
    d.errors.error_exit = leave;
    d.errors.emit_message = notice;
    d.errors.output_message = ignore_message;
    if (setjmp(d.leave) == 0) {
        jpeg_create_decompress(&d.jpeg);
        decode(&d, bytes, n_bytes, arena, image);
    }
    jpeg_destroy_decompress(&d.jpeg);
    return d.status;
}
