/* Which loops are there around an array tile? All buffer tiles worth a try, all orders worth a try.
 */
#include "dataflows/searcher.h"

#include <string.h>

const mf_family mf_families[MF_N_FAMILIES] = {
    {{MF_N, MF_E, MF_F}, 3}, {{MF_M}, 1}, {{MF_C, MF_R, MF_S}, 3}};

int mf_list_orders(const bool *moves, uint8_t orders[MF_MOST_ORDERS][MF_N_DIMENSIONS])
{
    static const uint8_t permutations[MF_MOST_ORDERS][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                                            {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    int n_orders = 0;
    for (int p = 0; p < MF_MOST_ORDERS; p++) {
        bool still_last = true; /* families that stand still come last and in one order only */
        int previous = -1;
        bool redundant = false;
        for (int i = 2; i >= 0; i--) {
            int family = permutations[p][i];
            if (moves[family])
                still_last = false;
            else if (!still_last || (previous >= 0 && family > previous))
                redundant = true;
            else
                previous = family;
        }
        if (redundant)
            continue;
        int k = 0;
        orders[n_orders][k++] = MF_G;
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < mf_families[permutations[p][i]].n; j++)
                orders[n_orders][k++] = mf_families[permutations[p][i]].dimensions[j];
        n_orders++;
    }
    return n_orders;
}

bool mf_family_moves(const mf_split *split, int family, mf_loop_level level)
{
    for (int i = 0; i < mf_families[family].n; i++)
        if (split[mf_families[family].dimensions[i]].moves[level])
            return true;
    return false;
}

static void try_nest(mf_searcher *s, const mf_split *split, const mf_halo *rows,
                     const mf_halo *columns, const mf_tiles *tiles)
{
    mf_counts counts;
    mf_cost cost;
    mf_reuse_combine(s->work, &s->mapping, s->machine->slide_buffer, split, rows, columns, &counts);
    mf_cost_of(s->machine, &s->mapping, &counts, tiles, &cost);
    s->found->tally.n_tried++;
    double value = mf_searcher_value(s, cost.energy_pj, cost.cycles);
    if (value > s->best ||
        (value == s->best && (cost.energy_pj > s->best_energy ||
                              (cost.energy_pj == s->best_energy && cost.cycles >= s->best_cycles))))
        return;
    s->best = value;
    s->best_energy = cost.energy_pj;
    s->best_cycles = cost.cycles;
    s->found->mapping = s->mapping;
    s->found->counts = counts;
    s->found->cost = cost;
}

/* The family of the innermost loop that takes more than one step; -1 if none does. */
static int innermost_family(const mf_split *split, const uint8_t *order, mf_loop_level level)
{
    for (int i = MF_N_DIMENSIONS - 1; i >= 0; i--)
        for (int f = 0; f < MF_N_FAMILIES && split[order[i]].moves[level]; f++)
            for (int k = 0; k < mf_families[f].n; k++)
                if (mf_families[f].dimensions[k] == order[i])
                    return f;
    return -1;
}

/* All orders of the loops around a buffer tile. */
static void try_orders(mf_searcher *s, const mf_array_tile *tile, const mf_split *split,
                       const mf_halo *rows, const mf_halo *columns)
{
    const mf_capacity *c = &s->machine->capacity;
    mf_tiles tiles = mf_tiles_of(&s->mapping, rows, columns);
    uint64_t bits = 0;
    for (int t = 0; t < MF_N_TENSORS; t++)
        bits += mf_buffer_bits(&s->mapping, c, t, tiles.buffer[t]);
    if (bits > c->buffer_bits) {
        s->found->tally.n_rejected_buffer++;
        return;
    }
    uint8_t dram[MF_MOST_ORDERS][MF_N_DIMENSIONS], buffer[MF_MOST_ORDERS][MF_N_DIMENSIONS];
    bool moves[MF_N_FAMILIES];
    for (int f = 0; f < MF_N_FAMILIES; f++)
        moves[f] = mf_family_moves(split, f, MF_DRAM_LOOPS);
    int n_dram = mf_list_orders(moves, dram), n_buffer = 1;
    memcpy(buffer[0], s->dataflow->buffer_order, sizeof buffer[0]);
    if (s->dataflow->any_order_for_points && s->work->size[MF_E] == 1 && s->work->size[MF_F] == 1) {
        for (int f = 0; f < MF_N_FAMILIES; f++)
            moves[f] = mf_family_moves(split, f, MF_BUFFER_LOOPS);
        n_buffer = mf_list_orders(moves, buffer);
    }
    for (int i = 0; i < n_buffer; i++) {
        memcpy(s->mapping.order[MF_BUFFER_LOOPS], buffer[i], sizeof buffer[i]);
        int innermost = innermost_family(split, buffer[i], MF_BUFFER_LOOPS);
        for (int k = 0; k < n_dram; k++) {
            int f = innermost >= 0 ? innermost : innermost_family(split, dram[k], MF_DRAM_LOOPS);
            memcpy(s->mapping.order[MF_DRAM_LOOPS], dram[k], sizeof dram[k]);
            if (f < 0 || tile->family[f] <= s->best)
                try_nest(s, split, rows, columns, &tiles);
            else
                s->found->tally.n_cut++;
        }
    }
}

/* The buffer tiles of a dimension worth a try: whole numbers of array tiles, each needing fewer
 * rounds than the one before. Calls itself for the next dimension. */
static void try_buffer_tiles(mf_searcher *s, const mf_array_tile *tile, int depth, bool cut_columns,
                             mf_split *split, mf_halo *rows, mf_halo *columns)
{
    static const int order[] = {MF_F, MF_E, MF_N, MF_M, MF_C};
    enum { N_DEPTHS = sizeof order / sizeof order[0] };
    if (depth == N_DEPTHS) {
        try_orders(s, tile, split, rows, columns);
        return;
    }
    int d = order[depth];
    uint32_t size = s->work->size[d], array = s->mapping.tile[MF_ROWS][d];
    uint32_t rounds = mf_ceil_div(size, array);
    bool whole = (s->dataflow->whole_in_buffer & MF_BIT(d)) && !cut_columns;
    for (uint32_t n = whole ? rounds : 1, next; n <= rounds; n = next) {
        uint32_t trips = mf_ceil_div(rounds, n);
        next = trips > 1 ? mf_ceil_div(rounds, trips - 1) : rounds + 1;
        s->mapping.tile[MF_BUFFER][d] = mf_least((uint64_t)array * n, size);
        split[d] = mf_split_of(size, s->mapping.tile[MF_REGISTER][d], array,
                               s->mapping.tile[MF_BUFFER][d]);
        if (d == MF_E)
            *rows = n == rounds ? *mf_searcher_rows(s, tile->choice)
                                : mf_halo_of(s->work, &s->mapping, true);
        if (d == MF_F)
            *columns = n == rounds ? *mf_searcher_columns(s, tile->choice)
                                   : mf_halo_of(s->work, &s->mapping, false);
        try_buffer_tiles(s, tile, depth + 1, cut_columns, split, rows, columns);
    }
}

void mf_searcher_complete(mf_searcher *s, const mf_array_tile *tile)
{
    mf_split split[MF_N_DIMENSIONS];
    mf_halo rows, columns;
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        mf_searcher_take(s, d, &s->choices[d][tile->choice[d]]);
        split[d] = s->choices[d][tile->choice[d]].split;
    }
    /* Groups share nothing: one array tile of them at a time is enough in the buffer. */
    s->mapping.tile[MF_BUFFER][MF_G] = s->mapping.tile[MF_ROWS][MF_G];
    split[MF_G] = mf_split_of(s->work->size[MF_G], s->mapping.tile[MF_REGISTER][MF_G],
                              s->mapping.tile[MF_ROWS][MF_G], s->mapping.tile[MF_BUFFER][MF_G]);
    const mf_search_tally *t = &s->found->tally;
    uint64_t before = t->n_tried + t->n_cut;
    try_buffer_tiles(s, tile, 0, false, split, &rows, &columns);
    if (t->n_tried + t->n_cut == before) /* rows are too long for the buffer: cut them */
        try_buffer_tiles(s, tile, 0, true, split, &rows, &columns);
}
