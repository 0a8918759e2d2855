/* Which array tiles are there? For each dimension the ways to lay it onto registers and PEs, then
 * all combinations that fit into PEs and registers. */
#include "dataflows/searcher.h"

#include <stdlib.h>
#include <string.h>

static void add_choice(mf_searcher *s, int d, uint32_t reg, uint32_t pe_columns, uint32_t pe_rows)
{
    uint32_t size = s->work->size[d];
    uint32_t columns = mf_least((uint64_t)reg * pe_columns, size),
             rows = mf_least((uint64_t)columns * pe_rows, size);
    s->choices[d][s->n_choices[d]++] = (mf_tile_choice){reg,
                                                        columns,
                                                        rows,
                                                        mf_ceil_div(columns, reg),
                                                        mf_ceil_div(rows, columns),
                                                        mf_split_of(size, reg, rows, size)};
}

/* Steps in a PE for a dimension of which each PE has `share` steps to do: every size that needs
 * fewer rounds than the one before. */
static void add_register_choices(mf_searcher *s, int d, uint32_t share, uint32_t pe_columns,
                                 uint32_t pe_rows)
{
    bool whole = s->dataflow->whole_in_register & MF_BIT(d),
         some = s->dataflow->in_register & MF_BIT(d);
    uint64_t room =
        s->machine->capacity.register_bits[MF_WEIGHT] / s->machine->capacity.bits[MF_WEIGHT];
    uint32_t most = some || whole ? mf_least(share, room > 0 ? room : 1) : 1;
    for (uint32_t reg = 1; reg <= most; reg++)
        if (reg == 1 || mf_ceil_div(share, reg) < mf_ceil_div(share, reg - 1))
            add_choice(s, d, reg, pe_columns, pe_rows);
    if (!whole)
        return;
    /* Kernel rows that fit into no register file at once still can be cut; none is preferred to
     * whole. */
    uint64_t ifmap =
        s->machine->capacity.register_bits[MF_IFMAP] / s->machine->capacity.bits[MF_IFMAP];
    mf_tile_choice *list = s->choices[d];
    size_t n = s->n_choices[d];
    while (n > 1 && list[n - 1].reg > ifmap)
        n--;
    list[0] = list[n - 1];
    s->n_choices[d] = 1;
}

static mf_status list_choices(mf_searcher *s, int d, mf_diag *diag)
{
    const mf_dataflow *f = s->dataflow;
    const mf_capacity *c = &s->machine->capacity;
    uint32_t size = s->work->size[d];
    bool whole = f->whole_on_rows & MF_BIT(d);
    uint32_t most_columns = f->on_columns & MF_BIT(d) ? mf_least(c->pe_columns, size) : 1,
             most_rows = (f->on_rows & MF_BIT(d)) || whole ? mf_least(c->pe_rows, size) : 1;
    uint64_t room = (uint64_t)most_columns * most_rows;
    room *= (f->in_register | f->whole_in_register) & MF_BIT(d) ? mf_least(size, 4096) : 1;
    s->choices[d] = MF_NEW_ARRAY(s->arena, mf_tile_choice, room < 65535 ? room : 65535);
    if (!s->choices[d])
        return mf_fail_memory(diag);
    for (uint32_t rows = whole ? most_rows : 1; rows <= most_rows; rows++)
        for (uint32_t columns = 1; columns <= most_columns; columns++) {
            uint64_t pes = (uint64_t)rows * columns;
            uint32_t share = mf_ceil_div(size, pes);
            bool wasted = (columns > 1 && mf_ceil_div(size, pes - rows) == share) ||
                          (!whole && rows > 1 && mf_ceil_div(size, pes - columns) == share);
            if (!wasted && s->n_choices[d] < 60000)
                add_register_choices(s, d, share, columns, rows);
        }
    return MF_OK;
}

void mf_searcher_take(mf_searcher *s, int d, const mf_tile_choice *c)
{
    s->mapping.tile[MF_REGISTER][d] = c->reg;
    s->mapping.tile[MF_COLUMNS][d] = c->columns;
    s->mapping.tile[MF_ROWS][d] = c->rows;
    s->mapping.tile[MF_BUFFER][d] = s->work->size[d];
}

static mf_status list_halos(mf_searcher *s, bool rows, mf_halo **halos, mf_diag *diag)
{
    int out = rows ? MF_E : MF_F, kernel = rows ? MF_R : MF_S;
    *halos = MF_NEW_ARRAY(s->arena, mf_halo, s->n_choices[out] * s->n_choices[kernel]);
    if (!*halos)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < s->n_choices[out]; i++)
        for (size_t k = 0; k < s->n_choices[kernel]; k++) {
            mf_searcher_take(s, out, &s->choices[out][i]);
            mf_searcher_take(s, kernel, &s->choices[kernel][k]);
            (*halos)[i * s->n_choices[kernel] + k] = mf_halo_of(s->work, &s->mapping, rows);
        }
    return MF_OK;
}

mf_status mf_searcher_prepare(mf_searcher *s, mf_diag *diag)
{
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        MF_TRY(list_choices(s, d, diag));
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        mf_searcher_take(s, d, &s->choices[d][0]);
    MF_TRY(list_halos(s, true, &s->row_halos, diag));
    return list_halos(s, false, &s->column_halos, diag);
}

const mf_halo *mf_searcher_rows(const mf_searcher *s, const uint16_t *at)
{
    return &s->row_halos[at[MF_E] * s->n_choices[MF_R] + at[MF_R]];
}

const mf_halo *mf_searcher_columns(const mf_searcher *s, const uint16_t *at)
{
    return &s->column_halos[at[MF_F] * s->n_choices[MF_S] + at[MF_S]];
}

static bool registers_fit(const mf_searcher *s)
{
    const mf_capacity *c = &s->machine->capacity;
    for (int t = 0; t < MF_N_TENSORS; t++) {
        uint64_t words = mf_tile_words(&s->mapping, MF_REGISTER, t, mf_searcher_rows(s, s->at),
                                       mf_searcher_columns(s, s->at));
        if (s->mapping.bypass_register[t] ? words > 1 : words * c->bits[t] > c->register_bits[t])
            return false;
    }
    return true;
}

static void add_tile(mf_searcher *s)
{
    if (s->n_tiles == s->most_tiles) {
        size_t most = s->most_tiles ? 2 * s->most_tiles : 4096;
        mf_array_tile *grown = realloc(s->tiles, most * sizeof *grown);
        if (!grown) {
            s->failed = true;
            return;
        }
        s->tiles = grown;
        s->most_tiles = most;
    }
    mf_array_tile *tile = &s->tiles[s->n_tiles];
    memcpy(tile->choice, s->at, sizeof tile->choice);
    mf_searcher_bound(s, tile);
    s->n_tiles++;
}

/* The choices with as many PEs as choice `i` end here; steps per PE grow within them. */
static size_t group_end(const mf_searcher *s, int d, size_t i)
{
    const mf_tile_choice *list = s->choices[d], *c = &list[i];
    while (++i < s->n_choices[d] && list[i].pe_rows == c->pe_rows &&
           list[i].pe_columns == c->pe_columns)
        ;
    return i;
}

/* Choose for one dimension after the other; `rows` and `columns` are the PEs still free. False when
 * a PE's registers overflow whatever the dimensions still open do. */
static bool list_tiles(mf_searcher *s, int depth, uint64_t rows, uint64_t columns)
{
    static const int order[MF_N_DIMENSIONS] = {MF_R, MF_S, MF_N, MF_F, MF_E, MF_G, MF_C, MF_M};
    mf_search_tally *tally = &s->found->tally;
    if (depth == MF_N_DIMENSIONS) {
        bool fits = registers_fit(s);
        if (fits)
            add_tile(s);
        return fits;
    }
    int d = order[depth];
    bool any = false;
    for (size_t i = 0; i < s->n_choices[d] && !s->failed;) {
        const mf_tile_choice *c = &s->choices[d][i];
        if (c->pe_rows > rows || c->pe_columns > columns) {
            size_t end = group_end(s, d, i);
            tally->n_rejected_pes += end - i;
            i = end;
            continue;
        }
        s->at[d] = (uint16_t)i;
        mf_searcher_take(s, d, c);
        if (list_tiles(s, depth + 1, rows / c->pe_rows, columns / c->pe_columns)) {
            any = true;
            i++;
            continue;
        }
        size_t end = group_end(s, d, i); /* more steps per PE need more registers still */
        if (depth + 1 == MF_N_DIMENSIONS)
            tally->n_rejected_registers += end - i;
        i = end;
    }
    return any;
}

void mf_searcher_list_tiles(mf_searcher *s)
{
    const mf_capacity *c = &s->machine->capacity;
    list_tiles(s, 0, c->pe_rows, c->pe_columns);
}
