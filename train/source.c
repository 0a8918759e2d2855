/* Slices are walked in runs: as many of the innermost axes as lie together in both. */
#include "train/source.h"

#include <string.h>

/* A walk over the runs of a slice. */
typedef struct walk {
    uint64_t n_runs, length;        /* floats of a run */
    uint64_t at[MF_MOST_AXES];      /* of the outer axes */
    uint64_t strides[MF_MOST_AXES]; /* floats of the stored tensor */
    size_t n_outer;
} walk;

static walk begin(const mf_slice *s)
{
    walk w = {.n_runs = 1, .length = 1, .n_outer = s->n_axes};
    uint64_t stride = 1;
    for (size_t i = s->n_axes; i-- > 0; stride *= s->whole[i])
        w.strides[i] = stride;
    while (w.n_outer > 0) {
        w.length *= s->part[--w.n_outer];
        if (s->part[w.n_outer] != s->whole[w.n_outer])
            break;
    }
    for (size_t i = 0; i < w.n_outer; i++)
        w.n_runs *= s->part[i];
    return w;
}

/* Where does the run lie that is next? */
static uint64_t next(const mf_slice *s, walk *w)
{
    uint64_t offset = 0;
    for (size_t i = 0; i < w->n_outer; i++)
        offset += w->at[i] * w->strides[i];
    for (size_t i = w->n_outer; i-- > 0;) {
        if (++w->at[i] < s->part[i])
            break;
        w->at[i] = 0;
    }
    return offset;
}

bool mf_slice_is_whole(const mf_slice *s)
{
    for (size_t i = 0; i < s->n_axes; i++)
        if (s->part[i] != s->whole[i])
            return false;
    return true;
}

/* What a fully connected layer reads of a map is in rows, columns, channels: channels are an axis
 * of their own. */
void mf_slice_split_pixels(mf_slice *slice, uint64_t n_pixels)
{
    memmove(slice->whole + 2, slice->whole + 1, (slice->n_axes - 1) * sizeof *slice->whole);
    memmove(slice->part + 2, slice->part + 1, (slice->n_axes - 1) * sizeof *slice->part);
    slice->whole[1] = slice->whole[0] / n_pixels;
    slice->part[1] = slice->part[0] / n_pixels;
    slice->whole[0] = slice->part[0] = n_pixels;
    slice->n_axes++;
}

void mf_slice_take(const mf_slice *s, const float *stored, float *part)
{
    walk w = begin(s);
    for (uint64_t i = 0; i < w.n_runs; i++, part += w.length)
        memcpy(part, stored + next(s, &w), w.length * sizeof *part);
}

void mf_slice_put(const mf_slice *s, const float *part, float *stored)
{
    walk w = begin(s);
    for (uint64_t i = 0; i < w.n_runs; i++, part += w.length)
        memcpy(stored + next(s, &w), part, w.length * sizeof *part);
}

void mf_slice_clear(const mf_slice *s, float *stored)
{
    walk w = begin(s);
    for (uint64_t i = 0; i < w.n_runs; i++)
        memset(stored + next(s, &w), 0, w.length * sizeof *stored);
}

void mf_slice_add(const mf_slice *s, const float *part, float *stored)
{
    walk w = begin(s);
    for (uint64_t i = 0; i < w.n_runs; i++, part += w.length) {
        float *to = stored + next(s, &w);
        for (uint64_t k = 0; k < w.length; k++)
            to[k] += part[k];
    }
}

void mf_source_take(const mf_source *s)
{
    if (s->own->value == s->stored->value)
        return;
    mf_slice_take(&s->slice, s->stored->value, s->map ? s->sliced : s->own->value);
    if (s->map)
        s->map->forward(s->map, s);
}

void mf_source_put(const mf_source *s)
{
    if (s->own->value != s->stored->value && !s->map)
        mf_slice_put(&s->slice, s->own->value, s->stored->value);
}

void mf_source_give(const mf_source *s, bool adds)
{
    if (!s->own->gradient || s->own->gradient == s->stored->gradient)
        return;
    if (s->map)
        s->map->pull_back(s->map, s, s->own->gradient);
    if (adds || s->joins)
        mf_slice_add(&s->slice, s->own->gradient, s->stored->gradient);
    else
        mf_slice_put(&s->slice, s->own->gradient, s->stored->gradient);
}
