/* What do an operation and an access cost on this accelerator? Made once of an energy table and an
 * accelerator, and read by all who price accesses: machines (and so the search and its bounds), the
 * vector unit, maps that stay. Where the table has a law, each scratchpad and the buffer are priced at
 * their own size, port and number of banks. */
#ifndef MF_SIM_PRICES_H
#define MF_SIM_PRICES_H

#include "dataflows/cost.h"
#include "energy_tables/energy_table.h"
#include "models/accelerator.h"

#ifdef __cplusplus
extern "C" {
#endif

/* In the table's unit (pJ, or MACs where it is relative) per `word_bits` bits. On the network both
 * are that of a word that passes. */
typedef struct mf_access_price {
    double read, write;
    uint64_t word_bits;
} mf_access_price;

typedef struct mf_prices {
    const mf_energy_table *table; /* borrowed: operations, static power, areas */
    mf_access_price at[MF_N_LEVELS][MF_N_TENSORS];
    double wire_pj_per_mm_bit; /* of the array network; 0 where it is priced by the word. What a
                                  machine makes of it: sim/floorplan.h */
    mf_access_price
        look_up; /* in a table of the vector unit: a register file as large as the priced */
} mf_prices;

/* Which of an entry's laws: its own, or the one that is cheapest (dearest) for a read and a write in the
 * memory at hand, of its own and those others that hold there. Of wires likewise. */
typedef enum mf_laws { MF_LAWS_OWN, MF_LAWS_CHEAPEST, MF_LAWS_DEAREST } mf_laws;

/* MF_INVALID when the table lacks a level, or the accelerator a size that a law needs. */
mf_status mf_prices_make(const mf_accelerator *accelerator, const mf_energy_table *table,
                         mf_laws laws, mf_prices *prices, mf_diag *diag);

/* Of a word of `bits` bits, in proportion to its width: words lie packed in the rows of a memory. */
double mf_read_price(const mf_access_price *price, uint64_t bits);
double mf_write_price(const mf_access_price *price, uint64_t bits);

/* ---- memories that laws price ------------------------------------------------------------------
 */

/* One scratchpad in each PE, or the buffer. */
typedef struct mf_sized_memory {
    const char *name;           /* "ifmap scratchpad" ... "buffer" */
    const mf_access_cost *cost; /* with a law */
    mf_memory memory;
} mf_sized_memory;

enum { MF_MOST_SIZED_MEMORIES = 2 * MF_N_TENSORS };

/* The size of a tensor's scratchpad or of the buffer. MF_INVALID where the accelerator lacks a key that
 * says it; `table` is who asks. */
mf_status mf_memory_size(const mf_accelerator *accelerator, const mf_energy_table *table, int level,
                         int tensor, mf_memory *memory, mf_diag *diag);

/* Those memories of the accelerator that the table has a law for, [MF_MOST_SIZED_MEMORIES]. */
mf_status mf_sized_memories(const mf_accelerator *accelerator, const mf_energy_table *table,
                            mf_sized_memory *memories, size_t *n, mf_diag *diag);

/* Does the price of some level depend on the number of banks and their ports? */
bool mf_prices_know_banks(const mf_energy_table *table);

#ifdef __cplusplus
}
#endif

#endif
