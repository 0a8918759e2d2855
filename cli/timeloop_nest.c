/* An even nest is found per dimension, among all sizes of register tiles and numbers of PEs that
 * are no larger than the mapping's own. */
#include "cli/timeloop_nest.h"

static uint32_t ceil_div(uint32_t a, uint32_t b)
{
    return (a + b - 1) / b;
}

static uint32_t least(uint64_t a, uint32_t b)
{
    return a < b ? (uint32_t)a : b;
}

/* Numbers of steps from the inside out. */
static void steps_of(const mf_mapping *nest, const mf_work *work, int d,
                     uint32_t steps[MF_N_TIMELOOP_LEVELS])
{
    uint32_t reg = nest->tile[MF_REGISTER][d], rows = nest->tile[MF_ROWS][d],
             buffer = nest->tile[MF_BUFFER][d];
    steps[MF_TIMELOOP_REGISTER] = reg;
    steps[MF_TIMELOOP_PES] = ceil_div(rows, reg);
    steps[MF_TIMELOOP_BUFFER] = ceil_div(buffer, rows);
    steps[MF_TIMELOOP_DRAM] = ceil_div(work->size[d], buffer);
}

/* The last position of all is a number whose digits have the steps for bases. */
void mf_timeloop_factors(const mf_mapping *nest, const mf_work *work, int dimension,
                         mf_timeloop_factor factors[MF_N_TIMELOOP_LEVELS])
{
    uint32_t steps[MF_N_TIMELOOP_LEVELS], rest = work->size[dimension] - 1;
    steps_of(nest, work, dimension, steps);
    for (int level = 0; level < MF_N_TIMELOOP_LEVELS; level++) {
        factors[level] = (mf_timeloop_factor){steps[level], rest % steps[level] + 1};
        rest /= steps[level];
    }
}

bool mf_timeloop_is_even(const mf_mapping *nest, const mf_work *work, int dimension)
{
    uint32_t size = work->size[dimension], rows = nest->tile[MF_ROWS][dimension],
             buffer = nest->tile[MF_BUFFER][dimension];
    return (rows == size || rows % nest->tile[MF_REGISTER][dimension] == 0) &&
           (buffer == size || buffer % rows == 0);
}

/* ---- evening out -------------------------------------------------------------------------------
 */

/* Tiles of one dimension. */
typedef struct tiles {
    uint32_t reg, rows, buffer;
} tiles;

/* How far are they from the mapping's own? The first figure that differs decides. */
typedef struct distance {
    uint64_t by[4];
} distance;

static uint64_t apart(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

static distance distance_of(uint32_t size, const mf_split *own, const tiles *t)
{
    mf_split split = mf_split_of(size, t->reg, t->rows, t->rows, t->buffer);
    return (distance){{apart(own->n[1], split.n[1]), apart(own->n[2], split.n[2]),
                       apart(own->macs, split.macs), apart(own->pes[2], split.pes[2])}};
}

static bool nearer(const distance *a, const distance *b)
{
    for (int i = 0; i < 4; i++)
        if (a->by[i] != b->by[i])
            return a->by[i] < b->by[i];
    return false;
}

/* The columns hold as many PEs as before, or all. */
static void put_tiles(mf_mapping *nest, int d, const tiles *t)
{
    uint32_t columns = ceil_div(nest->tile[MF_COLUMNS][d], nest->tile[MF_REGISTER][d]);
    nest->tile[MF_REGISTER][d] = t->reg;
    nest->tile[MF_COLUMNS][d] = least((uint64_t)columns * t->reg, t->rows);
    nest->tile[MF_ROWS][d] = t->rows;
    nest->tile[MF_BUFFER][d] = t->buffer;
}

/* The nearest even tiles; no larger than the mapping's at any level where `within`. */
static void even_dimension(const mf_mapping *mapping, const mf_work *work, int d, bool within,
                           mf_mapping *even)
{
    uint32_t size = work->size[d], reg = mapping->tile[MF_REGISTER][d],
             rows = mapping->tile[MF_ROWS][d], buffer = mapping->tile[MF_BUFFER][d];
    mf_split own = mf_split_of(size, reg, rows, rows, buffer);
    tiles best = {1, 1, 1};
    distance shortest = {{UINT64_MAX}};
    for (uint32_t r = reg; r >= 1; r--)
        for (uint32_t pes = ceil_div(rows, reg); pes >= 1; pes--) {
            uint32_t array = least((uint64_t)r * pes, size);
            for (uint32_t more = 0; more < 2; more++) {
                uint32_t n = buffer / array + more;
                tiles t = {r, array, least((uint64_t)array * n, size)};
                if (n == 0 || (within && (array > rows || t.buffer > buffer)))
                    continue;
                distance far = distance_of(size, &own, &t);
                if (nearer(&far, &shortest)) {
                    shortest = far;
                    best = t;
                }
            }
        }
    put_tiles(even, d, &best);
}

mf_status mf_timeloop_even(const mf_mapping *mapping, const mf_work *work,
                           const mf_capacity *capacity, mf_mapping *even, unsigned *changed,
                           mf_diag *diag)
{
    mf_diag why = {0};
    *changed = 0;
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        if (!mf_timeloop_is_even(mapping, work, d))
            *changed |= MF_BIT(d);
    for (int within = 0; within < 2; within++) {
        *even = *mapping;
        for (int d = 0; d < MF_N_DIMENSIONS; d++)
            if (*changed & MF_BIT(d))
                even_dimension(mapping, work, d, within, even);
        if (!*changed || mf_mapping_check_capacity(even, work, capacity, &why) == MF_OK)
            return MF_OK;
    }
    return mf_fail(diag, MF_NO_MAPPING, "remainders cannot be evened out for Timeloop: %s",
                   why.message);
}

/* ---- footprints --------------------------------------------------------------------------------
 */

uint64_t mf_timeloop_tile_words(const mf_mapping *nest, const mf_work *work, int tensor,
                                mf_timeloop_level outermost)
{
    uint64_t tile[MF_N_DIMENSIONS], words = 1;
    unsigned depends = mf_tensor_dimensions(tensor);
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        uint32_t steps[MF_N_TIMELOOP_LEVELS];
        steps_of(nest, work, d, steps);
        tile[d] = 1;
        for (int level = 0; level <= (int)outermost; level++)
            tile[d] *= steps[level];
    }
    if (tensor == MF_IFMAP) {
        words = (work->stride * (tile[MF_E] - 1) + tile[MF_R]) *
                (work->stride * (tile[MF_F] - 1) + tile[MF_S]);
        depends &= MF_BIT(MF_N) | MF_BIT(MF_G) | MF_BIT(MF_C);
    }
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        if (depends & MF_BIT(d))
            words *= tile[d];
    return words;
}
