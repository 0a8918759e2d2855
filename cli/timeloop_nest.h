/* Which nests can Timeloop's mapping files say, and how?
 *
 * There every level has a factor per dimension: how many tiles of the level below it runs over, and
 * how many of them the last time ("M=20,16"). Only the very last tile of all may be smaller. Here
 * each tile may end in a remainder, so that 96 filters can be two buffer tiles of 48 and each of
 * those array tiles of 20, 20 and 8. Such a nest is evened out: 16, 16 and 16. */
#ifndef MF_CLI_TIMELOOP_NEST_H
#define MF_CLI_TIMELOOP_NEST_H

#include "dataflows/reuse.h"

/* The levels that have factors, from the inside out. */
typedef enum mf_timeloop_level {
    MF_TIMELOOP_REGISTER, /* steps in a PE */
    MF_TIMELOOP_PES,      /* PEs of the array */
    MF_TIMELOOP_BUFFER,   /* array tiles in a buffer tile */
    MF_TIMELOOP_DRAM,     /* buffer tiles */
    MF_N_TIMELOOP_LEVELS
} mf_timeloop_level;

/* Steps of a loop, and steps where all loops around it are in their last one. */
typedef struct mf_timeloop_factor {
    uint32_t steps, last;
} mf_timeloop_factor;

/* The factors of one dimension. The nest must be even. */
void mf_timeloop_factors(const mf_mapping *nest, const mf_work *work, int dimension,
                         mf_timeloop_factor factors[MF_N_TIMELOOP_LEVELS]);

/* Does every tile of the dimension divide the one around it, or is that one the whole dimension? */
bool mf_timeloop_is_even(const mf_mapping *nest, const mf_work *work, int dimension);

/* The even nest that is closest to `mapping`: with as many buffer tiles, array tiles, steps of the
 * busiest PE and visits of PEs per dimension, in this order, as can be had, within the same PEs and
 * registers. `changed` gets the bits of the dimensions that differ. MF_NO_MAPPING if none fits. */
mf_status mf_timeloop_even(const mf_mapping *mapping, const mf_work *work,
                           const mf_capacity *capacity, mf_mapping *even, unsigned *changed,
                           mf_diag *diag);

/* Words of a tensor's tile as Timeloop sees it: with all tiles full, and ifmap rows and columns
 * from the first to the last that a tile touches, on padding or not. `outermost` is the level whose
 * factors the tile includes. */
uint64_t mf_timeloop_tile_words(const mf_mapping *nest, const mf_work *work, int tensor,
                                mf_timeloop_level outermost);

#endif
