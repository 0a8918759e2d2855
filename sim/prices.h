/* What do an operation and an access cost on this accelerator? Made once of an energy table and an
 * accelerator, and read by all who price accesses: machines (and so the search and its bounds), the
 * vector unit, maps that stay on chip. */
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
} mf_prices;

/* MF_INVALID when the table lacks a level. */
mf_status mf_prices_make(const mf_accelerator *accelerator, const mf_energy_table *table,
                         mf_prices *prices, mf_diag *diag);

/* Of a word of `bits` bits, in proportion to its width: words lie packed in the rows of a memory. */
double mf_read_price(const mf_access_price *price, uint64_t bits);
double mf_write_price(const mf_access_price *price, uint64_t bits);

#ifdef __cplusplus
}
#endif

#endif
