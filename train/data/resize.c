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
static void central_window(const mf_image *image, uint32_t rows, uint32_t columns,
                           uint32_t *window_rows, uint32_t *window_columns)
{
    const uint64_t by_rows = (uint64_t)image->columns * rows;
    const uint64_t by_columns = (uint64_t)image->rows * columns;
    *window_rows = image->rows;
    *window_columns = image->columns;
    if (by_rows < by_columns)
        *window_rows = (uint32_t)((by_rows + columns / 2) / columns);
    else
        *window_columns = (uint32_t)((by_columns + rows / 2) / rows);
    *window_rows = *window_rows ? *window_rows : 1;
    *window_columns = *window_columns ? *window_columns : 1;
}

mf_status mf_resize_image(const mf_image *image, uint32_t rows, uint32_t columns, mf_arena *arena,
                          uint8_t *out, mf_diag *diag)
{
    uint32_t window_rows, window_columns;
    central_window(image, rows, columns, &window_rows, &window_columns);
    const size_t top = (image->rows - window_rows) / 2;
    const size_t left = (image->columns - window_columns) / 2;
    const size_t n = (size_t)columns * 3;
    mf_taps across, down;
    float *row = MF_NEW_ARRAY(arena, float, (size_t)window_columns * 3);
    float *narrow = mf_arena_array(arena, window_rows, n * sizeof(float));
    float *line = MF_NEW_ARRAY(arena, float, n);
    if (!row || !narrow || !line || !mf_taps_allocate(&across, arena, window_columns, columns) ||
        !mf_taps_allocate(&down, arena, window_rows, rows))
        return mf_fail_memory(diag);
    mf_taps_make(&across, window_columns);
    mf_taps_make(&down, window_rows);
    for (size_t r = 0; r < window_rows; r++) {
        const uint8_t *from = image->pixels + ((top + r) * image->columns + left) * 3;
        for (size_t i = 0; i < (size_t)window_columns * 3; i++)
            row[i] = from[i];
        mf_resize_row(&across, 3, row, narrow + r * n);
    }
    for (uint32_t r = 0; r < rows; r++) {
        mf_resize_column(&down, r, n, narrow, line);
        for (size_t i = 0; i < n; i++)
            out[r * n + i] = line[i] < 254.5f ? (uint8_t)(line[i] + 0.5f) : 255;
    }
    return MF_OK;
}
