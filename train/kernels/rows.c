/* Rows that are still wanted move to the front of the buffer, and as many new ones are read behind
 * them as there is room for. */
#include "train/kernels/rows.h"

#include "train/kernels/scratch.h"
#include "train/kernels/vector.h"

#include <string.h>

mf_rows mf_rows_of(const mf_reader *reader, size_t row_pixels, size_t n_rows, size_t most,
                   float *buffer)
{
    size_t floats = row_pixels * reader->channels;
    return (mf_rows){.reader = reader,
                     .pixels = row_pixels,
                     .floats = floats,
                     .n_rows = n_rows,
                     .buffer = buffer,
                     .capacity = most + mf_rows_ahead(floats)};
}

/* Rows before `begin` go; the others move to the front. */
static void forget(mf_rows *r, size_t begin)
{
    if (begin < r->begin || begin >= r->end)
        r->begin = r->end = begin;
    memmove(r->buffer, r->buffer + (begin - r->begin) * r->floats,
            (r->end - begin) * r->floats * sizeof *r->buffer);
    r->begin = begin;
}

const float *mf_rows_get(mf_rows *r, size_t begin, size_t end)
{
    if (r->reader->plain)
        return mf_read(r->reader, begin * r->pixels, 0, NULL);
    if (begin < r->begin || end > r->end) {
        forget(r, begin);
        size_t last = mf_least(begin + r->capacity, r->n_rows), n = last - r->end;
        mf_read(r->reader, r->end * r->pixels, n * r->pixels,
                r->buffer + (r->end - begin) * r->floats);
        r->end = last;
    }
    return r->buffer + (begin - r->begin) * r->floats;
}
