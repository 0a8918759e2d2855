/* Separable resizing. Inner loops run over contiguous floats so that the compiler vectorises them;
 * sums are in a fixed order, so that every machine gets the same bits. */
#include "train/data/resize.h"

/* The most inputs that a triangle of 2 * in / out can hold inside. */
static uint32_t tap_width(uint32_t n_in, uint32_t n_out)
{
    uint32_t width = n_in <= n_out ? 2 : (2 * n_in + n_out - 1) / n_out;
    return width < n_in ? width : n_in;
}

bool mf_taps_allocate(mf_taps *taps, mf_arena *arena, uint32_t most_in, uint32_t n_out)
{
    *taps =
        (mf_taps){.n_out = n_out,
                  .first = MF_NEW_ARRAY(arena, uint32_t, n_out),
                  .weights = MF_NEW_ARRAY(arena, float, (size_t)n_out *tap_width(most_in, n_out))};
    return taps->first && taps->weights;
}

/* The triangle around the output pixel's centre; what would fall outside is shared by the others.
 */
static void make_tap(mf_taps *taps, uint32_t o)
{
    const double scale = (double)taps->n_in / taps->n_out;
    const double reach = scale > 1 ? scale : 1;
    const double centre = (o + 0.5) * scale;
    const double left = centre - reach - 0.5; /* input i has its centre at i + 0.5 */
    uint32_t first = left < 0 ? 0 : (uint32_t)left + 1;
    if (first > taps->n_in - taps->width)
        first = taps->n_in - taps->width;
    double sum = 0;
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t k = 0; k < taps->width; k++) {
            double distance = (first + k + 0.5 - centre) / reach;
            double height = 1 - (distance < 0 ? -distance : distance);
            if (height < 0)
                height = 0;
            if (pass == 0)
                sum += height;
            else
                taps->weights[o * taps->width + k] = (float)(height / sum);
        }
    taps->first[o] = first;
}

void mf_taps_make(mf_taps *taps, uint32_t n_in)
{
    if (taps->n_in == n_in)
        return;
    taps->n_in = n_in;
    taps->width = tap_width(n_in, taps->n_out);
    for (uint32_t o = 0; o < taps->n_out; o++)
        make_tap(taps, o);
}

/* Two taps of three channels: what enlarging colour pictures does, written out for speed. */
static void enlarge_colour(const mf_taps *taps, const float *in, float *out)
{
    for (uint32_t o = 0; o < taps->n_out; o++) {
        const float *from = in + (size_t)taps->first[o] * 3;
        const float a = taps->weights[2 * o], b = taps->weights[2 * o + 1];
        out[3 * o] = a * from[0] + b * from[3];
        out[3 * o + 1] = a * from[1] + b * from[4];
        out[3 * o + 2] = a * from[2] + b * from[5];
    }
}

void mf_resize_row(const mf_taps *taps, uint32_t channels, const float *in, float *out)
{
    if (taps->width == 2 && channels == 3) {
        enlarge_colour(taps, in, out);
        return;
    }
    for (uint32_t o = 0; o < taps->n_out; o++) {
        const float *from = in + (size_t)taps->first[o] * channels;
        const float *weights = taps->weights + (size_t)o * taps->width;
        for (uint32_t c = 0; c < channels; c++) {
            float sum = 0;
            for (uint32_t k = 0; k < taps->width; k++)
                sum += weights[k] * from[k * channels + c];
            out[o * channels + c] = sum;
        }
    }
}

void mf_resize_column(const mf_taps *taps, uint32_t o, size_t n, const float *in, float *out)
{
    const float *from = in + taps->first[o] * n;
    const float *weights = taps->weights + (size_t)o * taps->width;
    if (taps->width == 2) {
        for (size_t i = 0; i < n; i++)
            out[i] = weights[0] * from[i] + weights[1] * from[n + i];
        return;
    }
    for (size_t i = 0; i < n; i++)
        out[i] = weights[0] * from[i];
    for (uint32_t k = 1; k < taps->width; k++)
        for (size_t i = 0; i < n; i++)
            out[i] += weights[k] * from[k * n + i];
}

/* The central window of rows x columns proportions: one side whole, the other cut. */
static void central_window(uint32_t image_rows, uint32_t image_columns, uint32_t rows,
                           uint32_t columns, uint32_t *window_rows, uint32_t *window_columns)
{
    const uint64_t by_rows = (uint64_t)image_columns * rows;
    const uint64_t by_columns = (uint64_t)image_rows * columns;
    *window_rows = image_rows;
    *window_columns = image_columns;
    if (by_rows < by_columns)
        *window_rows = (uint32_t)((by_rows + columns / 2) / columns);
    else
        *window_columns = (uint32_t)((by_columns + rows / 2) / rows);
    *window_rows = *window_rows ? *window_rows : 1;
    *window_columns = *window_columns ? *window_columns : 1;
}

mf_status mf_resize_begin(mf_resize *resize, uint32_t image_rows, uint32_t image_columns,
                          uint32_t rows, uint32_t columns, mf_arena *arena, mf_diag *diag)
{
    uint32_t window_rows, window_columns;
    central_window(image_rows, image_columns, rows, columns, &window_rows, &window_columns);
    const size_t n = (size_t)columns * 3;
    *resize = (mf_resize){.top = (image_rows - window_rows) / 2,
                          .left = (image_columns - window_columns) / 2,
                          .row = MF_NEW_ARRAY(arena, float, (size_t)window_columns * 3),
                          .narrow = MF_NEW_ARRAY(arena, float, n),
                          .out = mf_arena_array(arena, rows, n * sizeof(float))};
    if (!resize->row || !resize->narrow || !resize->out ||
        !mf_taps_allocate(&resize->across, arena, window_columns, columns) ||
        !mf_taps_allocate(&resize->down, arena, window_rows, rows))
        return mf_fail_memory(diag);
    mf_taps_make(&resize->across, window_columns);
    mf_taps_make(&resize->down, window_rows);
    return MF_OK;
}

/* Adds a row of the window to each output that it is an input of, from the first input to the last:
 * the order of mf_resize_column. */
void mf_resize_add(mf_resize *resize, const uint8_t *pixels)
{
    const mf_taps *across = &resize->across, *down = &resize->down;
    const size_t n = (size_t)across->n_out * 3;
    const uint32_t r = resize->at++ - resize->top; /* wraps around above the window */
    if (r >= down->n_in)
        return;
    for (size_t i = 0; i < (size_t)across->n_in * 3; i++)
        resize->row[i] = pixels[(size_t)resize->left * 3 + i];
    mf_resize_row(across, 3, resize->row, resize->narrow);
    for (uint32_t o = resize->open; o < down->n_out && down->first[o] <= r; o++) {
        const uint32_t k = r - down->first[o];
        if (k >= down->width) {
            resize->open += o == resize->open;
            continue;
        }
        const float weight = down->weights[(size_t)o * down->width + k];
        float *out = resize->out + o * n;
        for (size_t i = 0; i < n; i++)
            out[i] = (k ? out[i] : 0) + weight * resize->narrow[i];
    }
}

void mf_resize_end(const mf_resize *resize, uint8_t *out)
{
    const size_t n = (size_t)resize->down.n_out * resize->across.n_out * 3;
    for (size_t i = 0; i < n; i++)
        out[i] = resize->out[i] < 254.5f ? (uint8_t)(resize->out[i] + 0.5f) : 255;
}
