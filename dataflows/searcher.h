/* What the parts of the search share; nobody else includes this. search.h says what the search
 * does.
 *
 *   search_tiles.c    lists the array tiles that fit
 *   search_bounds.c   says what no nest around an array tile can undercut
 *   search_loops.c    completes an array tile with all loops around it
 *   search.c          goes from the best bound up */
#ifndef MF_DATAFLOWS_SEARCHER_H
#define MF_DATAFLOWS_SEARCHER_H

#include "base/arena.h"
#include "dataflows/search.h"

enum { MF_MOST_ORDERS = 6, MF_N_FAMILIES = 3 };

/* A way to lay one dimension onto registers and PEs. */
typedef struct mf_tile_choice {
    uint32_t reg, columns, rows;  /* tiles */
    uint32_t pe_columns, pe_rows; /* PEs taken */
    mf_split split;               /* with the whole dimension in the buffer */
} mf_tile_choice;

/* An array tile that fits. */
typedef struct mf_array_tile {
    uint16_t choice[MF_N_DIMENSIONS];
    double bound, energy;         /* no nest around it is better than this */
    double family[MF_N_FAMILIES]; /* none whose innermost loop is of this family is better */
} mf_array_tile;

typedef struct mf_searcher {
    const mf_work *work;
    const mf_machine *machine;
    const mf_dataflow *dataflow;
    mf_objective objective;
    double least_energy, least_cycles; /* of the balanced objective */
    double dram_floor; /* energy of what the best buffer tile moves between DRAM and buffer */
    mf_arena *arena;
    mf_tile_choice *choices[MF_N_DIMENSIONS];
    size_t n_choices[MF_N_DIMENSIONS];
    mf_halo *row_halos, *column_halos; /* [choice of E][choice of R], [F][S]; all in the buffer */
    mf_array_tile *tiles;
    size_t n_tiles, most_tiles;
    mf_mapping mapping; /* the nest under construction */
    uint16_t at[MF_N_DIMENSIONS];
    double best, best_energy, best_cycles;
    bool failed; /* out of memory */
    mf_found *found;
} mf_searcher;

/* Dimensions that the same tensors depend on move together: an order that puts another loop between
 * them is never better than one that does not. Groups do not matter to anything when outermost. */
typedef struct mf_family {
    uint8_t dimensions[3], n;
} mf_family;

extern const mf_family mf_families[MF_N_FAMILIES];

static inline uint32_t mf_ceil_div(uint64_t a, uint64_t b)
{
    return (uint32_t)((a + b - 1) / b);
}

static inline uint32_t mf_least(uint64_t a, uint64_t b)
{
    return (uint32_t)(a < b ? a : b);
}

/* search_tiles.c: list the choices of each dimension; take one into the nest under construction;
 * list all array tiles that fit; the footprints of a combination of choices. */
mf_status mf_searcher_prepare(mf_searcher *s, mf_diag *diag);
void mf_searcher_take(mf_searcher *s, int d, const mf_tile_choice *choice);
void mf_searcher_list_tiles(mf_searcher *s);
const mf_halo *mf_searcher_rows(const mf_searcher *s, const uint16_t *at);
const mf_halo *mf_searcher_columns(const mf_searcher *s, const uint16_t *at);

/* search_bounds.c */
double mf_searcher_value(const mf_searcher *s, double energy_pj, double cycles);
void mf_searcher_bound(const mf_searcher *s, mf_array_tile *tile);
void mf_searcher_find_floor(mf_searcher *s, const bool *bypass_buffer);

/* search_loops.c: the orders worth a try of the families that move. */
int mf_list_orders(const bool *moves, uint8_t orders[MF_MOST_ORDERS][MF_N_DIMENSIONS]);
bool mf_family_moves(const mf_split *split, int family, mf_loop_level level);
void mf_searcher_complete(mf_searcher *s, const mf_array_tile *tile);

#endif
