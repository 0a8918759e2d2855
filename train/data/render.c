/* Rendering, row by row:
 *
 *   bytes --window, flip--> float row --colours, normalise--> row --across--> narrow rows --down-->
 *
 * Normalising comes before resizing because there are fewer pixels then, and weights that sum to 1
 * let the two change places. A step that would change nothing is left out. */
#include "train/data/resize.h"
#include "train/data/view.h"

#include <string.h>

struct mf_renderer {
    mf_arena *arena;
    uint32_t source_rows, source_columns, channels, rows, columns;
    float *factors, *offsets; /* of a whole source row: value * factor + offset is normalised */
    float *row, *narrow;      /* one window row; all window rows, resized across */
    mf_taps across, down;
};

mf_renderer *mf_renderer_create(const mf_pictures *pictures, const mf_augmentation *augmentation,
                                uint32_t rows, uint32_t columns)
{
    mf_arena *arena = mf_arena_create();
    mf_renderer *r = arena ? MF_NEW(arena, mf_renderer) : NULL;
    if (!r) {
        mf_arena_destroy(arena);
        return NULL;
    }
    const uint32_t channels = pictures->channels;
    const size_t n = (size_t)pictures->columns * channels;
    *r = (mf_renderer){.arena = arena,
                       .source_rows = pictures->rows,
                       .source_columns = pictures->columns,
                       .channels = channels,
                       .rows = rows,
                       .columns = columns,
                       .factors = MF_NEW_ARRAY(arena, float, n),
                       .offsets = MF_NEW_ARRAY(arena, float, n),
                       .row = MF_NEW_ARRAY(arena, float, n),
                       .narrow =
                           MF_NEW_ARRAY(arena, float, (size_t)pictures->rows *columns *channels)};
    if (!r->factors || !r->offsets || !r->row || !r->narrow ||
        !mf_taps_allocate(&r->across, arena, pictures->columns, columns) ||
        !mf_taps_allocate(&r->down, arena, pictures->rows, rows)) {
        mf_arena_destroy(arena);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        const double deviation = augmentation->deviation[i % channels];
        r->factors[i] = (float)(1 / (255 * deviation));
        r->offsets[i] = (float)(-augmentation->mean[i % channels] / deviation);
    }
    return r;
}

void mf_renderer_destroy(mf_renderer *renderer)
{
    if (renderer)
        mf_arena_destroy(renderer->arena);
}

static void flip_row(float *row, size_t columns, size_t channels)
{
    for (size_t left = 0, right = columns - 1; left < right; left++, right--)
        for (size_t c = 0; c < channels; c++) {
            float kept = row[left * channels + c];
            row[left * channels + c] = row[right * channels + c];
            row[right * channels + c] = kept;
        }
}

/* Row `y` of the source as the window sees it, 0 to 255, black outside. */
static void cut_row(const mf_renderer *r, const uint8_t *picture, const mf_view *view, int64_t y,
                    float *row)
{
    const int64_t columns = r->source_columns, channels = r->channels;
    const int64_t begin = view->left > 0 ? view->left : 0;
    const int64_t right = (int64_t)view->left + view->columns;
    const int64_t end = right < columns ? right : columns;
    const size_t n = (size_t)view->columns * r->channels;
    if (y < 0 || y >= r->source_rows || begin >= end) {
        memset(row, 0, n * sizeof *row);
        return;
    }
    const size_t before = (size_t)((begin - view->left) * channels);
    const size_t inside = (size_t)((end - begin) * channels);
    const uint8_t *from = picture + (y * columns + begin) * channels;
    for (size_t i = 0; i < before; i++)
        row[i] = 0;
    for (size_t i = 0; i < inside; i++)
        row[before + i] = from[i];
    for (size_t i = before + inside; i < n; i++)
        row[i] = 0;
    if (view->flip)
        flip_row(row, view->columns, r->channels);
}

static float clamp(float x)
{
    x = x > 0 ? x : 0;
    return x < 255 ? x : 255;
}

/* Brightness scales; saturation moves away from or towards the grey of the same lightness (ITU-R
 * BT.601). Both stay within what a picture can hold. */
static void jitter_row(const mf_view *view, size_t columns, size_t channels, float *row)
{
    if (view->brightness != 1)
        for (size_t i = 0; i < columns * channels; i++)
            row[i] = clamp(row[i] * view->brightness);
    if (view->saturation == 1)
        return;
    const float saturation = view->saturation;
    for (size_t i = 0; i < columns; i++) {
        float *p = row + i * 3;
        float grey = (1 - saturation) * (0.299f * p[0] + 0.587f * p[1] + 0.114f * p[2]);
        p[0] = clamp(p[0] * saturation + grey);
        p[1] = clamp(p[1] * saturation + grey);
        p[2] = clamp(p[2] * saturation + grey);
    }
}

void mf_render(mf_renderer *r, const uint8_t *picture, const mf_view *view, float *out)
{
    const size_t n_in = (size_t)view->columns * r->channels;
    const size_t n_out = (size_t)r->columns * r->channels;
    const bool across = view->columns != r->columns, down = view->rows != r->rows;
    float *narrow = down ? r->narrow : out;
    if (across)
        mf_taps_make(&r->across, view->columns);
    if (down)
        mf_taps_make(&r->down, view->rows);
    for (uint32_t y = 0; y < view->rows; y++) {
        float *row = across ? r->row : narrow + y * n_out;
        cut_row(r, picture, view, (int64_t)view->top + y, row);
        jitter_row(view, view->columns, r->channels, row);
        for (size_t i = 0; i < n_in; i++)
            row[i] = row[i] * r->factors[i] + r->offsets[i];
        if (across)
            mf_resize_row(&r->across, r->channels, row, narrow + y * n_out);
    }
    for (uint32_t y = 0; down && y < r->rows; y++)
        mf_resize_column(&r->down, y, n_out, narrow, out + y * n_out);
}
