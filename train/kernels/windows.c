/* Neighbouring taps of one kernel row are neighbours in an NHWC map when all channels are read: one
 * copy per kernel row; otherwise one per tap. */
#include "train/kernels/windows.h"

#include "train/kernels/vector.h"

mf_windows mf_windows_of_input(const mf_shape *p, const float *x)
{
    return (mf_windows){.map = x,
                        .rows = p->h,
                        .columns = p->w,
                        .pitch = p->c,
                        .depth = p->c / p->g,
                        .tap_rows = p->r,
                        .tap_columns = p->s,
                        .stride = p->stride,
                        .first_row = -(ptrdiff_t)p->pad_rows,
                        .first_column = -(ptrdiff_t)p->pad_columns,
                        .out_rows = p->e,
                        .out_columns = p->f};
}

size_t mf_windows_length(const mf_windows *w)
{
    return w->tap_rows * w->tap_columns * w->depth;
}

bool mf_windows_direct(const mf_windows *w)
{
    return w->tap_rows == 1 && w->tap_columns == 1 && w->stride == 1 && w->first_row == 0 &&
           w->first_column == 0 && w->out_rows == w->rows && w->out_columns == w->columns;
}

static void copy(float *to, const float *from, size_t n)
{
    size_t i = 0;
    for (; i + MF_LANES <= n; i += MF_LANES)
        v_store(to + i, v_load(from + i));
    v_copy_few(n - i, from + i, to + i);
}

static void clear(float *to, size_t n)
{
    size_t i = 0;
    for (; i + MF_LANES <= n; i += MF_LANES)
        v_store(to + i, v_zero());
    if (i < n)
        v_store_some(v_first(n - i), to + i, v_zero());
}

/* The taps of one kernel row at the edge of the map, from `column` on, of which only those inside
 * the map exist. */
static void gather_row(const mf_windows *w, const float *row, ptrdiff_t column, float *to)
{
    ptrdiff_t taps = (ptrdiff_t)w->tap_columns, columns = (ptrdiff_t)w->columns;
    ptrdiff_t begin = column < 0 ? -column : 0,
              end = columns - column < taps ? columns - column : taps;
    begin = begin > taps ? taps : begin;
    end = end < begin ? begin : end;
    clear(to, (size_t)begin * w->depth);
    const float *from = row + (column + begin) * (ptrdiff_t)w->pitch;
    float *inside = to + (size_t)begin * w->depth;
    if (w->depth == w->pitch)
        copy(inside, from, (size_t)(end - begin) * w->depth);
    else
        for (ptrdiff_t i = begin; i < end; i++, from += w->pitch, inside += w->depth)
            copy(inside, from, w->depth);
    clear(to + (size_t)end * w->depth, (size_t)(taps - end) * w->depth);
}

static void gather_pixel(const mf_windows *w, const float *image, size_t out_row, size_t out_column,
                         float *to)
{
    size_t length = w->tap_columns * w->depth;
    ptrdiff_t row = (ptrdiff_t)(out_row * w->stride) + w->first_row,
              column = (ptrdiff_t)(out_column * w->stride) + w->first_column;
    bool inside = w->depth == w->pitch && column >= 0 &&
                  column + (ptrdiff_t)w->tap_columns <= (ptrdiff_t)w->columns;
    for (size_t r = 0; r < w->tap_rows; r++, row++, to += length) {
        if (row < 0 || row >= (ptrdiff_t)w->rows)
            clear(to, length);
        else if (inside)
            copy(to, image + ((size_t)row * w->columns + (size_t)column) * w->pitch, length);
        else
            gather_row(w, image + (size_t)row * w->columns * w->pitch, column, to);
    }
}

void mf_windows_gather(const mf_windows *w, size_t first, size_t n, float *panel)
{
    size_t length = mf_windows_length(w), out = w->out_rows * w->out_columns;
    size_t image = first / out, row = first % out / w->out_columns, column = first % w->out_columns;
    for (size_t i = 0; i < n; i++, panel += length) {
        gather_pixel(w, w->map + image * w->rows * w->columns * w->pitch, row, column, panel);
        if (++column < w->out_columns)
            continue;
        column = 0;
        if (++row < w->out_rows)
            continue;
        row = 0;
        image++;
    }
}
