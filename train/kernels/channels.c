/* The first channels of a map, taken out of it and added to it: where two operators share a layer,
 * each has a map of its own. */
#include "base/team.h"
#include "train/kernels/internal.h"

#include <string.h>

typedef struct channels {
    uint64_t n_pixels, n_whole, n_part;
    const float *from;
    float *to;
    const mf_channel_sums *sums;
} channels;

static void take(void *user, size_t begin, size_t end)
{
    const channels *c = user;
    for (size_t i = begin; i < end; i++)
        memcpy(c->to + i * c->n_part, c->from + i * c->n_whole, c->n_part * sizeof(float));
}

void mf_take_channels(uint64_t n_pixels, uint64_t n_whole, uint64_t n_part, const float *whole,
                      float *part)
{
    channels c = {n_pixels, n_whole, n_part, whole, part, NULL};
    mf_team_split(n_pixels, take, &c);
}

static void add(void *user, size_t begin, size_t end)
{
    const channels *c = user;
    for (size_t i = begin; i < end; i++) {
        const float *from = c->from + i * c->n_part;
        float *to = c->to + i * c->n_whole;
        for (size_t k = 0; k < c->n_part; k++)
            to[k] += from[k];
    }
}

/* Of a few channels over all pixels: the same sums for any number of threads. */
static void sum(void *user, size_t begin, size_t end)
{
    const channels *c = user;
    double *sums = c->sums->sum, *squares = c->sums->squares;
    memset(sums + begin, 0, (end - begin) * sizeof *sums);
    memset(squares + begin, 0, (end - begin) * sizeof *squares);
    for (uint64_t i = 0; i < c->n_pixels; i++) {
        const float *y = c->to + i * c->n_whole;
        for (size_t k = begin; k < end; k++) {
            double value = y[k];
            sums[k] += value;
            squares[k] += value * value;
        }
    }
}

void mf_add_channels(uint64_t n_pixels, uint64_t n_part, uint64_t n_whole, const float *part,
                     float *whole, const mf_channel_sums *sums)
{
    channels c = {n_pixels, n_whole, n_part, part, whole, sums};
    mf_team_split(n_pixels, add, &c);
    if (sums)
        mf_team_split(n_part, sum, &c);
}
