/* Rings of rows. */
#include "sim/held.h"

#include <stdlib.h>

static mf_status make(mf_held *held, mf_diag *diag)
{
    held->codes = calloc(held->n_planes * held->rows * held->row_words, sizeof *held->codes);
    held->row_at = malloc(held->rows * sizeof *held->row_at);
    if (!held->codes || !held->row_at) {
        mf_held_drop(held);
        return mf_fail_memory(diag);
    }
    for (uint64_t i = 0; i < held->rows; i++)
        held->row_at[i] = UINT64_MAX;
    return MF_OK;
}

mf_status mf_held_make_map(const mf_network *network, int map, uint64_t rows, uint64_t word_bits,
                           mf_held *held, mf_diag *diag)
{
    uint64_t columns = map < 0 ? network->input_columns : network->layers[map].shape.f;
    *held = (mf_held){.n_planes = mf_map_row_words(network, map) / columns,
                      .rows = rows,
                      .row_words = columns,
                      .word_bits = word_bits};
    return make(held, diag);
}

mf_status mf_held_make_weights(uint64_t n_words, uint64_t word_bits, mf_held *held, mf_diag *diag)
{
    *held = (mf_held){.n_planes = 1, .rows = 1, .row_words = n_words, .word_bits = word_bits};
    return make(held, diag);
}

void mf_held_drop(mf_held *held)
{
    free(held->codes);
    free(held->row_at);
    *held = (mf_held){.codes = NULL};
}

uint64_t mf_held_bits(const mf_held *held)
{
    return held->codes ? held->n_planes * held->rows * held->row_words * held->word_bits : 0;
}

void mf_held_note(mf_held *held, mf_rows rows)
{
    for (uint64_t row = rows.begin; row < rows.end; row++)
        held->row_at[row % held->rows] = row;
}

uint64_t mf_held_missing(const mf_held *held, mf_rows rows)
{
    uint64_t row = rows.begin;
    while (row < rows.end && held->codes && held->row_at[row % held->rows] == row)
        row++;
    return row;
}

int32_t *mf_held_row(const mf_held *held, uint64_t plane, uint64_t row)
{
    return held->codes + (plane * held->rows + row % held->rows) * held->row_words;
}
