/* JPEG through libjpeg-turbo. The only place that includes it. The library ends a failed call by
 * exit unless its error manager leaves otherwise: here by longjmp back into mf_decode_jpeg, with
 * the message kept. Nothing is printed. */
#include "train/data/decode.h"

#include <setjmp.h>
#include <stdio.h> /* jpeglib.h needs FILE and leaves including it to us */

#include <jerror.h>
#include <jpeglib.h>

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

static uint64_t blocks_of(const jpeg_component_info *component)
{
    return (uint64_t)component->width_in_blocks * component->height_in_blocks;
}

/* The blocks that a scan visits: those of the components it names, of each once if it names all as
 * the library does. `ids` are pairs of a name and the tables it is coded with. */
static uint64_t blocks_of_scan(const struct jpeg_decompress_struct *jpeg, const uint8_t *ids,
                               size_t n_ids)
{
    uint64_t n = 0;
    for (size_t k = 0; k < n_ids; k++)
        for (int i = 0; i < jpeg->num_components; i++)
            if (jpeg->comp_info[i].component_id == ids[2 * k])
                n += blocks_of(&jpeg->comp_info[i]);
    return n;
}

/* How many blocks all scans of a JPEG visit, without decoding any: a picture of one colour may have
 * a scan for every bit of every coefficient. Goes from marker to marker, passing over the segments
 * behind them, in which a thumbnail may have scans of its own, and stops where the library would.
 */
static uint64_t count_blocks(const struct jpeg_decompress_struct *jpeg, const uint8_t *bytes,
                             size_t n_bytes)
{
    uint64_t n = 0;
    size_t at = 2; /* behind the start of the image */
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
        if (marker == SOS && at + 5 <= n_bytes && at + 5 + 2u * bytes[at + 4] <= n_bytes)
            n += blocks_of_scan(jpeg, bytes + at + 5, bytes[at + 4]);
        at += 2 + length;
    }
    return n;
}

/* Coefficients are kept where a picture comes in several scans. */
static mf_image_size size_of(struct jpeg_decompress_struct *jpeg, const uint8_t *bytes,
                             size_t n_bytes)
{
    mf_image_size size = {.rows = jpeg->image_height,
                          .columns = jpeg->image_width,
                          .n_coded = count_blocks(jpeg, bytes, n_bytes) * (DCTSIZE2 / 2)};
    for (int i = 0; jpeg_has_multiple_scans(jpeg) && i < jpeg->num_components; i++)
        size.n_bytes += blocks_of(&jpeg->comp_info[i]) * sizeof(JBLOCK);
    return size;
}

static void decode(decoder *d, const uint8_t *bytes, size_t n_bytes, mf_arena *arena,
                   const mf_image_sink *sink)
{
    struct jpeg_decompress_struct *jpeg = &d->jpeg;
    jpeg_mem_src(jpeg, bytes, (unsigned long)n_bytes);
    jpeg_read_header(jpeg, TRUE);
    const mf_image_size size = size_of(jpeg, bytes, n_bytes);
    d->status = mf_image_begin(d->path, &size, sink, d->diag);
    if (d->status != MF_OK)
        return;
    const bool cmyk = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
    jpeg->out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
    const size_t columns = jpeg->image_width;
    uint8_t *row = mf_arena_array(arena, columns, cmyk ? 4 : 3);
    if (!row) {
        d->status = mf_fail_memory(d->diag);
        return;
    }
    jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW into = row;
        jpeg_read_scanlines(jpeg, &into, 1);
        if (cmyk)
            cmyk_to_rgb(row, jpeg->saw_Adobe_marker, columns, row);
        sink->row(sink->user, row);
    }
    jpeg_finish_decompress(jpeg);
}

mf_status mf_decode_jpeg(const char *path, const uint8_t *bytes, size_t n_bytes, mf_arena *arena,
                         const mf_image_sink *sink, mf_diag *diag)
{
    decoder d = {.path = path, .status = MF_OK, .diag = diag};
    d.jpeg.err = jpeg_std_error(&d.errors);
    d.jpeg.client_data = &d;
    d.errors.error_exit = leave;
    d.errors.emit_message = notice;
    d.errors.output_message = ignore_message;
    if (setjmp(d.leave) == 0) {
        jpeg_create_decompress(&d.jpeg);
        decode(&d, bytes, n_bytes, arena, sink);
    }
    jpeg_destroy_decompress(&d.jpeg);
    return d.status;
}
