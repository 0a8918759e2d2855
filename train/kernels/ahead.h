/* What will be needed next? While one chunk of the maps is multiplied, the lines of the next are
 * asked for, one per step of a tile: a processor drops requests that come in crowds, and a step
 * takes long enough for the memory to keep up. Without it a product waits for every line that lies
 * outside the caches, because tiles walk through maps in strides that no hardware foresees. */
#ifndef MF_TRAIN_KERNELS_AHEAD_H
#define MF_TRAIN_KERNELS_AHEAD_H

#include <stddef.h>

enum { MF_LINE_FLOATS = 16, MF_AHEAD_RUNS = 4 };

/* Runs of lines that are still to be asked for, the last one first. */
typedef struct mf_ahead {
    struct {
        const float *at;
        size_t lines;
    } runs[MF_AHEAD_RUNS];
    size_t n;
} mf_ahead;

static inline void mf_ahead_add(mf_ahead *ahead, const float *from, size_t floats)
{
    size_t lines = floats / MF_LINE_FLOATS;
    if (!from || !lines)
        return;
    ahead->runs[ahead->n].at = from;
    ahead->runs[ahead->n++].lines = lines;
}

/* The first of `steps` lines for a tile of so many steps; `otherwise`, which is in the cache, once
 * nothing is left. A run may end within a tile: asking for a line that is not there does no harm.
 */
static inline const float *mf_ahead_take(mf_ahead *ahead, size_t steps, const float *otherwise)
{
    if (!ahead->n)
        return otherwise;
    size_t last = ahead->n - 1;
    const float *at = ahead->runs[last].at;
    if (ahead->runs[last].lines <= steps) {
        ahead->n = last;
        return at;
    }
    ahead->runs[last].at += steps * MF_LINE_FLOATS;
    ahead->runs[last].lines -= steps;
    return at;
}

#endif
