/* Each level and tensor: which entry, which size, which law. */
#include "sim/prices.h"

#include <stdio.h>
#include <string.h>

/* ---- sizes -------------------------------------------------------------------------------------
 */

static mf_status demand(const mf_accelerator *accelerator, const int *keys, size_t n,
                        const mf_energy_table *table, const char *memory, mf_diag *diag)
{
    char missing[128] = "";
    size_t n_missing = 0;
    for (size_t i = 0; i < n; i++)
        if (!accelerator->given[keys[i]]) {
            size_t length = strlen(missing);
            snprintf(missing + length, sizeof missing - length, "%s%s", n_missing++ ? ", " : "",
                     mf_accelerator_keys[keys[i]]);
        }
    if (!n_missing)
        return MF_OK;
    mf_fail(diag, MF_INVALID,
            "accelerator %s: %s %s missing: energy table %s prices the %s by size",
            accelerator->name, missing, n_missing > 1 ? "are" : "is", table->name, memory);
    mf_hint(diag, "add %s to the file, or --set accelerator.KEY=VALUE; flat-45nm knows no sizes",
            n_missing > 1 ? "them" : "it");
    return MF_INVALID;
}

static mf_status size_of_buffer(const mf_accelerator *a, const mf_energy_table *table,
                                mf_memory *memory, mf_diag *diag)
{
    static const int keys[] = {MF_KEY_word_bits, MF_KEY_buffer_banks, MF_KEY_buffer_bank_bits};
    MF_TRY(demand(a, keys, 3, table, "buffer", diag));
    *memory = (mf_memory){a->buffer_words * a->word_bits, a->buffer_banks, a->buffer_bank_bits};
    return MF_OK;
}

/* A scratchpad is one bank, and its port a word of the accelerator. */
static mf_status size_of_scratchpad(const mf_accelerator *a, const mf_energy_table *table,
                                    int tensor, mf_memory *memory, mf_diag *diag)
{
    const uint64_t words[MF_N_TENSORS] = {a->ifmap_register_words, a->weight_register_words,
                                          a->psum_register_words};
    static const int keys[] = {MF_KEY_word_bits};
    MF_TRY(demand(a, keys, 1, table, "scratchpads", diag));
    *memory = (mf_memory){words[tensor] * a->word_bits, 1, a->word_bits};
    return MF_OK;
}

mf_status mf_memory_size(const mf_accelerator *a, const mf_energy_table *table, int level,
                         int tensor, mf_memory *memory, mf_diag *diag)
{
    return level == MF_LEVEL_GLOBAL_BUFFER ? size_of_buffer(a, table, memory, diag)
                                           : size_of_scratchpad(a, table, tensor, memory, diag);
}

mf_status mf_sized_memories(const mf_accelerator *accelerator, const mf_energy_table *table,
                            mf_sized_memory *memories, size_t *n, mf_diag *diag)
{
    static const char *const scratchpads[] = {"ifmap scratchpad", "weight scratchpad",
                                              "psum scratchpad"};
    static const int levels[] = {MF_LEVEL_REGISTERS, MF_LEVEL_GLOBAL_BUFFER};
    *n = 0;
    for (size_t i = 0; i < 2; i++)
        for (int t = 0; t < MF_N_TENSORS; t++) {
            bool buffer = levels[i] == MF_LEVEL_GLOBAL_BUFFER;
            mf_sized_memory *m = &memories[*n];
            MF_TRY(mf_energy_table_find_access(table, mf_level_name(levels[i]), mf_tensor_name(t),
                                               &m->cost, diag));
            if (!m->cost->law || (*n > 0 && buffer && m[-1].cost == m->cost)) /* told already */
                continue;
            m->name = buffer ? "buffer" : scratchpads[t];
            MF_TRY(mf_memory_size(accelerator, table, levels[i], t, &m->memory, diag));
            ++*n;
        }
    return MF_OK;
}

bool mf_prices_know_banks(const mf_energy_table *table)
{
    size_t length = strlen(mf_level_name(MF_LEVEL_GLOBAL_BUFFER));
    for (size_t i = 0; i < table->n_accesses; i++)
        if (table->accesses[i].law &&
            strncmp(table->accesses[i].level, mf_level_name(MF_LEVEL_GLOBAL_BUFFER), length) == 0)
            return true;
    return false;
}

/* ---- prices ------------------------------------------------------------------------------------
 */

static void choose_law(const mf_access_cost *cost, const mf_memory *memory, mf_laws laws,
                       mf_access_price *price)
{
    mf_memory_law_prices(cost->law, memory, &price->read, &price->write);
    for (size_t i = 0; laws != MF_LAWS_OWN && i < cost->n_other_laws; i++) {
        double read, write;
        if (!mf_memory_law_holds(&cost->other_laws[i], memory))
            continue;
        mf_memory_law_prices(&cost->other_laws[i], memory, &read, &write);
        bool cheaper = read + write < price->read + price->write;
        if (cheaper == (laws == MF_LAWS_CHEAPEST)) {
            price->read = read;
            price->write = write;
        }
    }
}

static double wire_price(const mf_energy_table *table, mf_laws laws)
{
    double best = table->wire ? table->wire->energy_pj_per_mm_bit : 0;
    for (size_t i = 0; laws != MF_LAWS_OWN && i < table->n_other_wires; i++) {
        double other = table->other_wires[i].energy_pj_per_mm_bit;
        if ((other < best) == (laws == MF_LAWS_CHEAPEST))
            best = other;
    }
    return best;
}

static mf_status make_price(const mf_accelerator *accelerator, const mf_energy_table *table,
                            mf_laws laws, int level, int tensor, mf_access_price *price,
                            mf_diag *diag)
{
    const mf_access_cost *cost;
    mf_memory memory;
    if (level == MF_LEVEL_NETWORK && table->wire) { /* by length */
        *price = (mf_access_price){0, 0, 1};
        return MF_OK;
    }
    MF_TRY(mf_energy_table_find_access(table, mf_level_name(level), mf_tensor_name(tensor), &cost,
                                       diag));
    *price = (mf_access_price){cost->read, cost->write, cost->word_bits};
    if (!cost->law)
        return MF_OK;
    MF_TRY(mf_memory_size(accelerator, table, level, tensor, &memory, diag));
    choose_law(cost, &memory, laws, price);
    return MF_OK;
}

mf_status mf_prices_make(const mf_accelerator *accelerator, const mf_energy_table *table,
                         mf_laws laws, mf_prices *prices, mf_diag *diag)
{
    const mf_access_cost *file;
    prices->table = table;
    prices->wire_pj_per_mm_bit = wire_price(table, laws);
    for (int level = 0; level < MF_N_LEVELS; level++)
        for (int t = 0; t < MF_N_TENSORS; t++)
            MF_TRY(make_price(accelerator, table, laws, level, t, &prices->at[level][t], diag));
    MF_TRY(mf_energy_table_find_access(table, mf_level_name(MF_LEVEL_REGISTERS),
                                       mf_tensor_name(MF_IFMAP), &file, diag));
    prices->look_up = (mf_access_price){file->read, file->write, file->word_bits};
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
