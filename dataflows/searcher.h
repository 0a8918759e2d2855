/* What the parts of the search share; nobody else includes this. search.h says what the search
 * does, docs/DATAFLOWS.md why what it leaves out is no loss.
 *
 *   search_choices.c  lists the ways to lay a dimension onto registers, PEs and buffer
 *   search_price.c    prices a nest, or what no nest of a kind can undercut, from its factors
 *   search_floor.c    says what no buffer tile can undercut between DRAM and buffer
 *   search_tiles.c    goes through the array tiles, from the best bound up
 *   search_loops.c    completes an array tile with the loops around it
 *   search.c          begins and ends */
#ifndef MF_DATAFLOWS_SEARCHER_H
#define MF_DATAFLOWS_SEARCHER_H

#include "base/arena.h"
#include "dataflows/search.h"

/* Dimensions that the same tensors depend on. Every tensor depends on two of the three families; a
 * loop of the third leaves its tile alone. All depend on groups. */
typedef enum mf_loop_family {
    MF_OUTPUTS,  /* N E F: all but weights */
    MF_FILTERS,  /* M: all but the ifmap */
    MF_CHANNELS, /* C R S: all but psums */
    MF_N_LOOP_FAMILIES
} mf_loop_family;

enum { MF_NO_LOOP_FAMILY = -1, MF_NO_DIMENSION = -1 };

/* A tile in the buffer of a dimension whose array tile is known. */
typedef struct mf_cut {
    uint32_t buffer;
    mf_split split;
} mf_cut;

/* A way to lay one dimension onto registers and PEs. */
typedef struct mf_tile_choice {
    uint32_t reg, columns, rows;  /* tiles */
    uint32_t pe_columns, pe_rows; /* PEs taken */
    mf_split split;               /* with the whole dimension in the buffer */
    mf_cut *cuts; /* largest buffer tile first: the first is whole, the last the array tile */
    size_t n_cuts;
} mf_tile_choice;

/* What a family contributes: the products of its dimensions' splits. */
typedef struct mf_factor {
    uint64_t n[3], pes[3], pe_rows[3];
} mf_factor;

/* All that the counts of a nest consist of. In a bound, less than any nest of that kind has. */
typedef struct mf_factors {
    mf_factor family[MF_N_LOOP_FAMILIES];
    uint64_t n_groups; /* array tiles of groups */
    uint64_t compute;  /* product of the dimensions' macs */
    /* Which n counts for the tensor the family does not matter to: of array tiles, of buffer tiles.
     */
    uint8_t array_scope[MF_N_LOOP_FAMILIES], buffer_scope[MF_N_LOOP_FAMILIES];
    uint64_t ifmap_array, ifmap_pe_row, ifmap_pe, ifmap_buffer; /* footprints, summed: words */
    mf_tiles tiles;
} mf_factors;

/* Energy, time and objective; in a bound none can be less. */
typedef struct mf_value {
    double value, energy_pj, cycles;
} mf_value;

/* The outputs' buffer tile, all of N, E and F. */
typedef struct mf_outputs_cut {
    const mf_cut *n, *e, *f;
    const mf_halo *rows, *columns;
    mf_factor factor;
    uint64_t ifmap_words, psum_words; /* of one channel, of one filter */
    bool moves[2];                    /* some DRAM loop, some buffer loop */
} mf_outputs_cut;

/* A branch of the enumeration: choices of some dimensions, and what no nest with them undercuts. */
typedef struct mf_branch {
    uint16_t choice[MF_N_DIMENSIONS];
    mf_value bound;
} mf_branch;

typedef struct mf_branches {
    mf_branch *list;
    size_t n, most;
} mf_branches;

/* The least of what a dimension that is still open can contribute. */
typedef struct mf_least_choice {
    uint64_t n, pes0, pes2, pe_rows0, pe_rows2, macs, rows;
} mf_least_choice;

typedef struct mf_least_table {
    mf_least_choice *list; /* [PE rows][PE columns], or one for all */
    uint32_t rows, columns;
    bool one;
} mf_least_table;

typedef struct mf_searcher {
    const mf_work *work;
    const mf_machine *machine;
    const mf_dataflow *dataflow;
    mf_objective objective;
    double least_energy, least_cycles; /* of the balanced objective */
    double floor_pj, floor_cycles;     /* between DRAM and buffer, whatever the nest */
    double least_pj; /* these transfers, and what MAC positions take by themselves */
    mf_arena *arena;
    mf_tile_choice *choices[MF_N_DIMENSIONS];
    size_t n_choices[MF_N_DIMENSIONS];
    /* Of columns, [choice of F][choice of S], and of rows, [E][R]: all in the buffer; for each cut.
     */
    mf_halo *whole_halos[2], **cut_halos[2];
    uint64_t words[MF_N_TENSORS]; /* of each tensor, once; of the ifmap, its planes */
    uint64_t n_macs, n_padded_macs;
    bool by_pe_row;     /* do words on the buses of PE rows cost anything? */
    mf_mapping mapping; /* bypasses; scratch for tiles */
    mf_least_table least[MF_N_DIMENSIONS];
    mf_branches nodes, children, leaves;
    mf_outputs_cut *outputs; /* of the branch under way */
    size_t n_outputs, most_outputs;
    bool outputs_known;
    mf_value best;
    const mf_mapping *like; /* nests that are good elsewhere */
    size_t n_like;
    double ceiling; /* what the best of them costs here; DBL_MAX: none fits */
    mf_found *found;
} mf_searcher;

extern const uint8_t mf_loop_family_dimensions[MF_N_LOOP_FAMILIES][3];
int mf_loop_family_of(int dimension); /* MF_NO_LOOP_FAMILY: groups */
/* The family that a tensor does not depend on. */
int mf_loop_family_without(int tensor);

static inline uint32_t mf_ceil_div(uint64_t a, uint64_t b)
{
    return (uint32_t)((a + b - 1) / b);
}

static inline uint32_t mf_least(uint64_t a, uint64_t b)
{
    return (uint32_t)(a < b ? a : b);
}

/* search_choices.c. Cuts and halos are made when first asked for; NULL: out of memory. */
mf_status mf_searcher_list_choices(mf_searcher *s, mf_diag *diag);
const mf_tile_choice *mf_searcher_cut(mf_searcher *s, int d, size_t choice);
const mf_halo *mf_searcher_halos(mf_searcher *s, bool rows, size_t out, size_t kernel);
const mf_halo *mf_searcher_whole(const mf_searcher *s, bool rows, size_t out, size_t kernel);

/* search_price.c. The ifmap's footprints in the array with the least halo there may be: one of E and F
 * slides, where they may. */
void mf_searcher_least_footprints(const mf_searcher *s, const mf_halo *rows, const mf_halo *columns,
                                  bool e_slides, bool f_slides, mf_factors *factors);
double mf_searcher_objective(const mf_searcher *s, double energy_pj, double cycles);
mf_value mf_searcher_price(const mf_searcher *s, const mf_factors *factors);
mf_value mf_searcher_bound(const mf_searcher *s, const mf_factors *factors);
bool mf_searcher_hopeless(const mf_searcher *s, const mf_value *bound);
bool mf_searcher_beyond(const mf_searcher *s, const mf_value *bound); /* the ceiling */
/* Is every nest of so many MAC positions per PE hopeless, however cheap? Sooner told than by a bound. */
bool mf_searcher_too_slow(const mf_searcher *s, uint64_t macs);

/* search_floor.c */
mf_status mf_searcher_find_floor(mf_searcher *s, mf_diag *diag);

/* search_tiles.c */
mf_status mf_searcher_go_through(mf_searcher *s, mf_diag *diag);

/* search_loops.c */
mf_status mf_searcher_complete(mf_searcher *s, const uint16_t *choice, mf_diag *diag);

#endif
