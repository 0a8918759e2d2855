/* One look-up per level and tensor. */
#include "sim/prices.h"

mf_status mf_prices_make(const mf_accelerator *accelerator, const mf_energy_table *table,
                         mf_prices *prices, mf_diag *diag)
{
    (void)accelerator;
    prices->table = table;
    for (int level = 0; level < MF_N_LEVELS; level++)
        for (int t = 0; t < MF_N_TENSORS; t++) {
            const mf_access_cost *cost;
            MF_TRY(mf_energy_table_find_access(table, mf_level_name(level), mf_tensor_name(t),
                                               &cost, diag));
            prices->at[level][t] = (mf_access_price){cost->energy, cost->energy, cost->word_bits};
        }
    return MF_OK;
}

double mf_read_price(const mf_access_price *price, uint64_t bits)
{
    return price->read * (double)bits / (double)price->word_bits;
}

double mf_write_price(const mf_access_price *price, uint64_t bits)
{
    return price->write * (double)bits / (double)price->word_bits;
}
