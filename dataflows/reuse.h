/* How often does a loop nest touch each level of the memory hierarchy? Exact counts for any
 * mapping, without walking it.
 *
 * The rules that the counts follow (tests/dataflows/walk.h walks a nest by them, step by step):
 *
 *   - A level holds one tile of each tensor that does not bypass it. A loop that takes more than
 *     one step and that the tensor depends on makes the tile stale whenever it starts or advances; a
 *     stale tile is replaced as a whole when it is next needed. Loops inside the innermost such
 *     loop leave it alone: that is what stationary means.
 *   - Sliding: when the innermost such loop runs over E or F, only what the tile before did not
 *     hold is fetched as it advances. Registers slide along a dimension that is not spread over PEs;
 *     the buffer slides if the accelerator says so (`slide_buffer`).
 *   - The array network is multicast: a word that several PEs need in one step leaves its source
 *     once on the column bus (`bus_words`), is taken once by the bus of each PE row with a PE that
 *     needs it (`row_words`), and arrives at each such PE (`deliveries`).
 *   - A psum tile starts at zero. When it is replaced, the PEs that worked on it are summed along
 *     the array (`psum_hops`, one per word and link), and the sum is written to the level above;
 *     when it comes back it is read again. Either way it is on one row's bus.
 *   - Padding is never moved. */
#ifndef MF_DATAFLOWS_REUSE_H
#define MF_DATAFLOWS_REUSE_H

#include "dataflows/mapping.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What one dimension contributes, a function of its tiles alone. Index of `n` and `pes`: 0, no
 * loop over it counts; 1, its DRAM loop does; 2, its buffer loop does, too. */
typedef struct mf_split {
    uint64_t n[3];   /* tiles that go by: 1, buffer tiles, array tiles */
    uint64_t pes[3]; /* the same with each counted as often as PEs work on its first array tile */
    uint64_t pe_rows[3]; /* ... as rows of PEs do */
    uint64_t macs;       /* sum over array tiles of the steps of the busiest PE */
    bool moves[2];       /* the DRAM loop, the buffer loop take more than one step */
    bool spread;         /* over more than one PE */
} mf_split;

/* Which tiles of E and R (or F and S) are meant, in a sum of footprints. */
typedef enum mf_grain {
    MF_GRAIN_WHOLE,
    MF_GRAIN_BUFFER,
    MF_GRAIN_ARRAY,
    MF_GRAIN_PE,
    MF_GRAIN_PE_ROW,           /* what a row of PEs works on */
    MF_GRAIN_OWN = MF_GRAIN_PE /* index of a sum's own grain, where that is a PE or a row of PEs */
} mf_grain;

/* What E and R (or F and S) contribute together: ifmap rows (or columns) touched, summed over all
 * pairs of tiles. Index: the grain of E (or F). The kernel's is the same, or that of the inner sum.
 */
typedef struct mf_halo {
    uint64_t buffer[2]; /* kernel by buffer tiles; E whole, by buffer tiles */
    uint64_t array[3];  /* kernel by array tiles; E whole, by buffer, by array tiles */
    uint64_t pe[4];     /* kernel by PE; E whole, by buffer, by array tiles, by PE */
    uint64_t pe_row[4]; /* kernel by PE row; E whole, by buffer, by array tiles, by PE row */
    uint64_t
        inside; /* pairs of output and kernel position that fall on the input, not on padding */
    uint64_t largest[MF_N_TILE_LEVELS]; /* of one tile at MF_REGISTER, MF_ROWS, MF_BUFFER */
} mf_halo;

/* What the dimensions of a nest contribute, each alone and in pairs. */
typedef struct mf_contributions {
    mf_split split[MF_N_DIMENSIONS];
    mf_halo rows, columns; /* of E and R, of F and S */
} mf_contributions;

/* What a tensor does, in words. For psums, reads are of sums that come back to be added to, and
 * `bus_words` is both directions. */
typedef struct mf_flow {
    uint64_t loads; /* array tiles brought in, or psum tiles begun or resumed */
    uint64_t dram_reads, dram_writes;
    uint64_t buffer_reads, buffer_writes;
    uint64_t bus_words; /* between array and buffer (or DRAM), each word once */
    uint64_t row_words; /* on the buses of PE rows, each word once per row; of psums, bus_words */
    uint64_t
        deliveries; /* words arriving at PEs; for psums, PE visits: words x PEs that add to them */
} mf_flow;

/* Words of the finished output, of the flow of psums: every psum tile but the last of each word
 * comes back. */
static inline uint64_t mf_flow_outputs(const mf_flow *psum)
{
    return psum->dram_writes - psum->dram_reads;
}

typedef struct mf_counts {
    uint64_t n_macs;        /* all positions, padding included */
    uint64_t n_padded_macs; /* of those, on padding */
    uint64_t n_steps;       /* array steps */
    uint64_t
        n_compute_cycles; /* one position per PE and cycle, waiting for the busiest of each step */
    mf_flow flow[MF_N_TENSORS];
    uint64_t psum_hops;
} mf_counts;

/* Those of two runs. */
void mf_counts_add(mf_counts *sum, const mf_counts *counts);

/* The tile on the columns matters to the rows of PEs alone: where PEs are does not change how many
 * there are. */
mf_split mf_split_of(uint32_t size, uint32_t reg, uint32_t columns, uint32_t rows, uint32_t buffer);
void mf_splits_of(const mf_work *work, const mf_mapping *mapping, mf_split *split);

/* PEs with work in the first array step, which is a full one. */
uint64_t mf_active_pes(const mf_work *work, const mf_mapping *mapping);

/* `rows` (else columns): of E and R or of F and S. `by_pe_row`: the sums over rows of PEs, too; else
 * they are 0. */
mf_halo mf_halo_of(const mf_work *work, const mf_mapping *mapping, bool rows, bool by_pe_row);

mf_contributions mf_contributions_of(const mf_work *work, const mf_mapping *mapping);

/* Counts from contributions that the caller has at hand. */
void mf_reuse_combine(const mf_work *work, const mf_mapping *mapping, bool slide_buffer,
                      const mf_contributions *contributions, mf_counts *counts);

/* A tensor's flow, all but `loads` and, of ifmap and weights, `row_words`, from the words of it there
 * are, those that array tiles bring (or, of psums, take away), those that arrive at PEs, and those that
 * buffer tiles bring. */
void mf_reuse_flow(int tensor, bool bypass_buffer, uint64_t words, uint64_t array_words,
                   uint64_t deliveries, uint64_t buffer_words, mf_counts *counts);

/* Counts from nothing but the nest, which must be well-formed (mf_mapping_check_nest). No count
 * can overflow where the MAC positions do not. */
void mf_reuse_count(const mf_work *work, const mf_mapping *mapping, bool slide_buffer,
                    mf_counts *counts);

/* Words of one tile: `level` is MF_REGISTER, MF_ROWS or MF_BUFFER. */
uint64_t mf_tile_words(const mf_mapping *mapping, mf_tile_level level, int tensor,
                       const mf_contributions *contributions);

/* Bits of the buffer that a tile of `words` words takes. */
uint64_t mf_buffer_bits(const mf_mapping *mapping, const mf_capacity *capacity, int tensor,
                        uint64_t words);

/* Does a well-formed nest fit? MF_NO_MAPPING with the first capacity that breaks, and by how much.
 */
mf_status mf_mapping_check_capacity(const mf_mapping *mapping, const mf_work *work,
                                    const mf_capacity *capacity, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
