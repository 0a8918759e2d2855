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

/* Everything that may jump, in a function whose callers have nothing in registers to lose. */
static mf_status decode(png_structp png, png_infop info, const char *path, mf_arena *arena,
                        mf_image *image, mf_diag *diag)
{
    const reader *r = png_get_error_ptr(png);
    if (setjmp(png_jmpbuf(png)) != 0)
        return mf_fail(diag, MF_MALFORMED, "%s: damaged PNG: %s", path, r->fault);
    png_read_info(png, info);
    const uint32_t rows = png_get_image_height(png, info), columns = png_get_image_width(png, info);
    MF_TRY(mf_image_allocate(path, rows, columns, arena, image, diag));
    png_bytep *at = MF_NEW_ARRAY(arena, png_bytep, rows);
    if (!at)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < rows; i++)
        at[i] = image->pixels + i * 3 * columns;
    ask_for_rgb(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != (size_t)3 * columns)
        return mf_fail(diag, MF_MALFORMED, "%s: damaged PNG: its samples make no colours", path);
    png_read_image(png, at);
    png_read_end(png, NULL);
    return MF_OK;
}

mf_status mf_decode_png(const char *path, const uint8_t *bytes, size_t n_bytes, mf_arena *arena,
                        mf_image *image, mf_diag *diag)
{
    reader r = {.at = bytes, .n_left = n_bytes};
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    mf_status status;
    if (info) {
        png_set_read_fn(png, &r, read_bytes);
        status = decode(png, info, path, arena, image, diag);
    } else {
        status = mf_fail_memory(diag);
    }
    png_destroy_read_struct(png ? &png : NULL, info ? &info : NULL, NULL);
    return status;
}
