/* PNG through libpng. The only place that includes it.
 *
 * Not its simplified interface, which takes 16-bit samples and those of files with a gamma of 1 for
 * linear light and makes them brighter: samples are what the file says, as everywhere else in
 * machine learning. */
#include "train/data/decode.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

typedef struct reader {
    const uint8_t *at;
    size_t n_left;
    char fault[128];
} reader;

static void read_bytes(png_structp png, png_bytep to, size_t n)
{
    reader *r = png_get_io_ptr(png);
    if (n > r->n_left)
        png_error(png, "it ends too early");
    memcpy(to, r->at, n);
    r->at += n;
    r->n_left -= n;
}

static void on_error(png_structp png, png_const_charp message)
{
    reader *r = png_get_error_ptr(png);
    snprintf(r->fault, sizeof r->fault, "%s", message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

/* 8-bit red, green, blue, whatever is in the file; what is transparent shows its colour. */
static void ask_for_rgb(png_structp png)
{
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_strip_alpha(png);
    png_set_gray_to_rgb(png);
    png_set_interlace_handling(png);
}

/* The rows of an interlaced file are whole only at its end. */
static mf_status read_rows(png_structp png, const mf_image_size *size, mf_arena *arena,
                           const mf_image_sink *sink, mf_diag *diag)
{
    const size_t row_bytes = (size_t)3 * size->columns;
    const bool whole = size->n_bytes != 0;
    const int n_passes = png_set_interlace_handling(png);
    uint8_t *pixels = mf_arena_array(arena, whole ? size->rows : 1, row_bytes);
    if (!pixels)
        return mf_fail_memory(diag);
    for (int pass = 0; pass < n_passes; pass++)
        for (size_t i = 0; i < size->rows; i++) {
            uint8_t *row = pixels + (whole ? i * row_bytes : 0);
            png_read_row(png, row, NULL);
            if (pass == n_passes - 1)
                sink->row(sink->user, row);
        }
    return MF_OK;
}

/* Everything that may jump, in a function whose callers have nothing in registers to lose. */
static mf_status decode(png_structp png, png_infop info, const char *path, mf_arena *arena,
                        const mf_image_sink *sink, mf_diag *diag)
{
    const reader *r = png_get_error_ptr(png);
    if (setjmp(png_jmpbuf(png)) != 0)
        return mf_fail(diag, MF_MALFORMED, "%s: damaged PNG: %s", path, r->fault);
    png_set_chunk_cache_max(png, 1); /* none of the texts, which may unpack to megabytes each */
    png_read_info(png, info);
    mf_image_size size = {.rows = png_get_image_height(png, info),
                          .columns = png_get_image_width(png, info)};
    size.n_coded = (uint64_t)size.rows * png_get_rowbytes(png, info);
    if (png_get_interlace_type(png, info) != PNG_INTERLACE_NONE) {
        size.n_bytes = (uint64_t)size.rows * size.columns * 3;
        size.n_coded *= 2;
    }
    MF_TRY(mf_image_begin(path, &size, sink, diag));
    ask_for_rgb(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != (size_t)3 * size.columns)
        return mf_fail(diag, MF_MALFORMED, "%s: damaged PNG: its samples make no colours", path);
    MF_TRY(read_rows(png, &size, arena, sink, diag));
    png_read_end(png, NULL);
    return MF_OK;
}

mf_status mf_decode_png(const char *path, const uint8_t *bytes, size_t n_bytes, mf_arena *arena,
                        const mf_image_sink *sink, mf_diag *diag)
{
    reader r = {.at = bytes, .n_left = n_bytes};
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    mf_status status;
    if (info) {
        png_set_read_fn(png, &r, read_bytes);
        status = decode(png, info, path, arena, sink, diag);
    } else {
        status = mf_fail_memory(diag);
    }
    png_destroy_read_struct(png ? &png : NULL, info ? &info : NULL, NULL);
    return status;
}
