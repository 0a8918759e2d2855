/* Array tiles with bounds first, then the loops around the promising ones. */
#include "dataflows/search.h"

#include "base/arena.h"

#include <float.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ORDERS = 6 };

/* A way to lay one dimension onto registers and PEs. */
typedef struct choice {
    uint32_t reg, columns, rows;  /* tiles */
    uint32_t pe_columns, pe_rows; /* PEs taken */
    mf_split split;               /* with the whole dimension in the buffer */
} choice;

/* An array tile that fits. */
typedef struct inner {
    uint16_t choice[MF_N_DIMENSIONS];
    double bound, energy; /* no nest around it is better than this */
} inner;

typedef struct searcher {
    const mf_work *work;
    const mf_machine *machine;
    const mf_dataflow *dataflow;
    mf_objective objective;
    double least_energy, least_cycles; /* of the balanced objective */
    double dram_floor, dram_least; /* energy of DRAM and buffer fills: of the best buffer tile, of
                                      a buffer that holds everything */
    mf_arena *arena;
    choice *choices[MF_N_DIMENSIONS];
    size_t n_choices[MF_N_DIMENSIONS];
    mf_halo *row_halos,
        *column_halos; /* [choice of E][choice of R], [F][S], wholly in the buffer */
    inner *inners;
    size_t n_inners, most_inners;
    mf_mapping mapping; /* the nest under construction */
    uint16_t at[MF_N_DIMENSIONS];
    double best, best_energy, best_cycles;
    bool failed; /* out of memory */
    mf_found *found;
} searcher;

const char *mf_objective_name(int objective)
{
    static const char *const names[MF_N_OBJECTIVES] = {"energy", "latency", "edp", "balanced"};
    return names[objective];
}

static uint32_t ceil_div(uint64_t a, uint64_t b)
{
    return (uint32_t)((a + b - 1) / b);
}

static uint32_t least(uint64_t a, uint64_t b)
{
    return (uint32_t)(a < b ? a : b);
}

static double value_of(const searcher *s, double energy_pj, double cycles)
{
    switch (s->objective) {
    case MF_OBJECTIVE_ENERGY:
        return energy_pj;
    case MF_OBJECTIVE_LATENCY:
        return cycles;
    case MF_OBJECTIVE_BALANCED:
        return energy_pj / s->least_energy + cycles / s->least_cycles;
    default:
        return energy_pj * cycles;
    }
}

/* ---- one dimension -----------------------------------------------------------------------------
 */

static void add_choice(searcher *s, int d, uint32_t reg, uint32_t pe_columns, uint32_t pe_rows)
{
    uint32_t size = s->work->size[d];
    uint32_t columns = least((uint64_t)reg * pe_columns, size),
             rows = least((uint64_t)columns * pe_rows, size);
    s->choices[d][s->n_choices[d]++] = (choice){reg,
                                                columns,
                                                rows,
                                                ceil_div(columns, reg),
                                                ceil_div(rows, columns),
                                                mf_split_of(size, reg, rows, size)};
}

/* Steps in a PE for a dimension of which each PE has `share` steps to do: every size that needs
 * fewer rounds than the one before. */
static void add_register_choices(searcher *s, int d, uint32_t share, uint32_t pe_columns,
                                 uint32_t pe_rows)
{
    bool whole = s->dataflow->whole_in_register & MF_BIT(d),
         some = s->dataflow->in_register & MF_BIT(d);
    uint64_t room =
        s->machine->capacity.register_bits[MF_WEIGHT] / s->machine->capacity.bits[MF_WEIGHT];
    uint32_t most = some || whole ? least(share, room > 0 ? room : 1) : 1;
    for (uint32_t reg = 1; reg <= most; reg++)
        if (reg == 1 || ceil_div(share, reg) < ceil_div(share, reg - 1))
            add_choice(s, d, reg, pe_columns, pe_rows);
    if (!whole)
        return;
    /* Kernel rows that fit into no register file at once still can be cut; none is preferred to
     * whole. */
    uint64_t ifmap =
        s->machine->capacity.register_bits[MF_IFMAP] / s->machine->capacity.bits[MF_IFMAP];
    choice *list = s->choices[d];
    size_t n = s->n_choices[d];
    while (n > 1 && list[n - 1].reg > ifmap)
        n--;
    list[0] = list[n - 1];
    s->n_choices[d] = 1;
}

static mf_status list_choices(searcher *s, int d, mf_diag *diag)
{
    const mf_dataflow *f = s->dataflow;
    const mf_capacity *c = &s->machine->capacity;
    uint32_t size = s->work->size[d];
    bool whole = f->whole_on_rows & MF_BIT(d);
    uint32_t most_columns = f->on_columns & MF_BIT(d) ? least(c->pe_columns, size) : 1,
             most_rows = (f->on_rows & MF_BIT(d)) || whole ? least(c->pe_rows, size) : 1;
    uint64_t room = (uint64_t)most_columns * most_rows;
    room *= (f->in_register | f->whole_in_register) & MF_BIT(d) ? least(size, 4096) : 1;
    s->choices[d] = MF_NEW_ARRAY(s->arena, choice, room < 65535 ? room : 65535);
    if (!s->choices[d])
        return mf_fail_memory(diag);
    for (uint32_t rows = whole ? most_rows : 1; rows <= most_rows; rows++)
        for (uint32_t columns = 1; columns <= most_columns; columns++) {
            uint64_t pes = (uint64_t)rows * columns;
            uint32_t share = ceil_div(size, pes);
            bool wasted = (columns > 1 && ceil_div(size, pes - rows) == share) ||
                          (!whole && rows > 1 && ceil_div(size, pes - columns) == share);
            if (!wasted && s->n_choices[d] < 60000)
                add_register_choices(s, d, share, columns, rows);
        }
    return MF_OK;
}

/* ---- array tiles -------------------------------------------------------------------------------
 */

static void take_choice(searcher *s, int d, const choice *c)
{
    s->mapping.tile[MF_REGISTER][d] = c->reg;
    s->mapping.tile[MF_COLUMNS][d] = c->columns;
    s->mapping.tile[MF_ROWS][d] = c->rows;
    s->mapping.tile[MF_BUFFER][d] = s->work->size[d];
}

static mf_status list_halos(searcher *s, bool rows, mf_halo **halos, mf_diag *diag)
{
    int out = rows ? MF_E : MF_F, kernel = rows ? MF_R : MF_S;
    *halos = MF_NEW_ARRAY(s->arena, mf_halo, s->n_choices[out] * s->n_choices[kernel]);
    if (!*halos)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < s->n_choices[out]; i++)
        for (size_t k = 0; k < s->n_choices[kernel]; k++) {
            take_choice(s, out, &s->choices[out][i]);
            take_choice(s, kernel, &s->choices[kernel][k]);
            (*halos)[i * s->n_choices[kernel] + k] = mf_halo_of(s->work, &s->mapping, rows);
        }
    return MF_OK;
}

static const mf_halo *rows_of(const searcher *s, const uint16_t *at)
{
    return &s->row_halos[at[MF_E] * s->n_choices[MF_R] + at[MF_R]];
}

static const mf_halo *columns_of(const searcher *s, const uint16_t *at)
{
    return &s->column_halos[at[MF_F] * s->n_choices[MF_S] + at[MF_S]];
}

static bool registers_fit(const searcher *s)
{
    const mf_capacity *c = &s->machine->capacity;
    for (int t = 0; t < MF_N_TENSORS; t++) {
        uint64_t words =
            mf_tile_words(&s->mapping, MF_REGISTER, t, rows_of(s, s->at), columns_of(s, s->at));
        if (s->mapping.bypass_register[t] ? words > 1 : words * c->bits[t] > c->register_bits[t])
            return false;
    }
    return true;
}

/* Energy of moving tiles between DRAM and buffer. */
static double transfer_energy(const mf_machine *m, const mf_flow *flow)
{
    const double *dram = m->access_pj[MF_LEVEL_DRAM],
                 *buffer = m->access_pj[MF_LEVEL_GLOBAL_BUFFER];
    double again = (double)flow[MF_PSUM].dram_reads,
           outputs = (double)(flow[MF_PSUM].dram_writes - flow[MF_PSUM].dram_reads);
    return (double)flow[MF_IFMAP].dram_reads * (dram[MF_IFMAP] + buffer[MF_IFMAP]) +
           (double)flow[MF_WEIGHT].dram_reads * dram[MF_WEIGHT] +
           2 * again * (dram[MF_PSUM] + buffer[MF_PSUM]) +
           outputs * (m->output_pj + buffer[MF_PSUM]);
}

/* Dimensions that the same tensors depend on move together: an order that puts another loop between
 * them is never better than one that does not. Groups do not matter to anything when outermost. */
static const struct {
    uint8_t dimensions[3], n;
} families[3] = {{{MF_N, MF_E, MF_F}, 3}, {{MF_M}, 1}, {{MF_C, MF_R, MF_S}, 3}};

/* Energy and time of a nest with these loops; of DRAM transfers only what the best buffer tile
 * needs. */
static void cost_bound(const searcher *s, const mf_mapping *mapping, const mf_split *split,
                       inner *in)
{
    const mf_halo *rows = rows_of(s, s->at), *columns = columns_of(s, s->at);
    mf_counts counts;
    mf_cost cost;
    mf_reuse_combine(s->work, mapping, s->machine->slide_buffer, split, rows, columns, &counts);
    mf_tiles tiles = {{0}, {0}};
    for (int t = 0; t < MF_N_TENSORS; t++)
        tiles.array[t] = mf_tile_words(mapping, MF_ROWS, t, rows, columns);
    mf_cost_of(s->machine, mapping, &counts, &tiles, &cost);
    double energy = cost.energy_pj + s->dram_floor - s->dram_least,
           bound = value_of(s, energy, cost.cycles) * (1 - 1e-9); /* rounding is no reason */
    in->energy = energy < in->energy ? energy : in->energy;
    in->bound = bound < in->bound ? bound : in->bound;
}

/* A nest that only has loops that every nest around this array tile has, once more than it can
 * help: those over dimensions that stay whole in the buffer. Whatever else moves only adds to it.
 */
static bool bound_by_whole(const searcher *s, mf_split *split, inner *in)
{
    bool moves = false;
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        bool whole = s->dataflow->whole_in_buffer & MF_BIT(d);
        split[d].moves[MF_BUFFER_LOOPS] = whole && s->choices[d][s->at[d]].split.n[2] > 1;
        moves = moves || split[d].moves[MF_BUFFER_LOOPS];
    }
    if (moves)
        cost_bound(s, &s->mapping, split, in);
    return moves;
}

/* Where there is no such loop, some family's loop still is the innermost, and all others are
 * outside. */
static void bound_by_family(const searcher *s, mf_split *split, inner *in)
{
    mf_mapping mapping = s->mapping;
    uint8_t *order = mapping.order[MF_BUFFER_LOOPS];
    bool any = false;
    for (int f = 0; f < 3; f++) {
        int first = 0, last = MF_N_DIMENSIONS;
        bool moves = false;
        unsigned family = 0;
        for (int i = 0; i < families[f].n; i++)
            family |= MF_BIT(families[f].dimensions[i]);
        for (int d = MF_N_DIMENSIONS - 1; d >= 0; d--) {
            bool inside = family & MF_BIT(d);
            split[d].moves[MF_BUFFER_LOOPS] = inside && s->choices[d][s->at[d]].split.n[2] > 1;
            moves = moves || split[d].moves[MF_BUFFER_LOOPS];
            order[inside ? --last : first++] = (uint8_t)d;
        }
        if (moves)
            cost_bound(s, &mapping, split, in);
        any = any || moves;
    }
    if (!any)
        cost_bound(s, &mapping, split, in);
}

static void bound_inner(const searcher *s, inner *in)
{
    mf_split split[MF_N_DIMENSIONS];
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        split[d] = s->choices[d][s->at[d]].split;
    in->energy = in->bound = DBL_MAX;
    if (!bound_by_whole(s, split, in))
        bound_by_family(s, split, in);
}

static void add_inner(searcher *s)
{
    if (s->n_inners == s->most_inners) {
        size_t most = s->most_inners ? 2 * s->most_inners : 4096;
        inner *grown = realloc(s->inners, most * sizeof *grown);
        if (!grown) {
            s->failed = true;
            return;
        }
        s->inners = grown;
        s->most_inners = most;
    }
    inner *in = &s->inners[s->n_inners];
    memcpy(in->choice, s->at, sizeof in->choice);
    bound_inner(s, in);
    s->n_inners++;
}

/* Choose for one dimension after the other; `rows` and `columns` are the PEs still free. */
static void list_inners(searcher *s, int depth, uint64_t rows, uint64_t columns)
{
    static const int order[MF_N_DIMENSIONS] = {MF_R, MF_S, MF_N, MF_F, MF_E, MF_G, MF_C, MF_M};
    if (depth == MF_N_DIMENSIONS) {
        if (registers_fit(s))
            add_inner(s);
        else
            s->found->tally.n_rejected_registers++;
        return;
    }
    int d = order[depth];
    for (size_t i = 0; i < s->n_choices[d] && !s->failed; i++) {
        const choice *c = &s->choices[d][i];
        if (c->pe_rows > rows || c->pe_columns > columns) {
            s->found->tally.n_rejected_pes++;
            continue;
        }
        s->at[d] = (uint16_t)i;
        take_choice(s, d, c);
        list_inners(s, depth + 1, rows / c->pe_rows, columns / c->pe_columns);
    }
}

/* ---- loops around an array tile ----------------------------------------------------------------
 */

static int list_orders(const bool *moves, uint8_t orders[MOST_ORDERS][MF_N_DIMENSIONS])
{
    static const uint8_t permutations[MOST_ORDERS][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                                         {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    int n_orders = 0;
    for (int p = 0; p < MOST_ORDERS; p++) {
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
            for (int j = 0; j < families[permutations[p][i]].n; j++)
                orders[n_orders][k++] = families[permutations[p][i]].dimensions[j];
        n_orders++;
    }
    return n_orders;
}

static bool family_moves(const mf_split *split, int family, mf_loop_level level)
{
    for (int i = 0; i < families[family].n; i++)
        if (split[families[family].dimensions[i]].moves[level])
            return true;
    return false;
}

static void try_nest(searcher *s, const mf_split *split, const mf_halo *rows,
                     const mf_halo *columns, const mf_tiles *tiles)
{
    mf_counts counts;
    mf_cost cost;
    mf_reuse_combine(s->work, &s->mapping, s->machine->slide_buffer, split, rows, columns, &counts);
    mf_cost_of(s->machine, &s->mapping, &counts, tiles, &cost);
    s->found->tally.n_tried++;
    double value = value_of(s, cost.energy_pj, cost.cycles);
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

/* All orders of the loops around a buffer tile. */
static void try_orders(searcher *s, const mf_split *split, const mf_halo *rows,
                       const mf_halo *columns)
{
    const mf_capacity *c = &s->machine->capacity;
    mf_tiles tiles = mf_tiles_of(&s->mapping, rows, columns);
    uint64_t bits = 0;
    for (int t = 0; t < MF_N_TENSORS; t++)
        if (!s->mapping.bypass_buffer[t])
            bits += tiles.buffer[t] * c->bits[t] * (c->buffering[t] == MF_BUFFERING_DOUBLE ? 2 : 1);
    if (bits > c->buffer_bits) {
        s->found->tally.n_rejected_buffer++;
        return;
    }
    uint8_t dram[MOST_ORDERS][MF_N_DIMENSIONS], buffer[MOST_ORDERS][MF_N_DIMENSIONS];
    bool moves[3];
    for (int f = 0; f < 3; f++)
        moves[f] = family_moves(split, f, MF_DRAM_LOOPS);
    int n_dram = list_orders(moves, dram), n_buffer = 1;
    memcpy(buffer[0], s->dataflow->buffer_order, sizeof buffer[0]);
    if (s->dataflow->any_order_for_points && s->work->size[MF_E] == 1 && s->work->size[MF_F] == 1) {
        for (int f = 0; f < 3; f++)
            moves[f] = family_moves(split, f, MF_BUFFER_LOOPS);
        n_buffer = list_orders(moves, buffer);
    }
    for (int i = 0; i < n_buffer; i++) {
        memcpy(s->mapping.order[MF_BUFFER_LOOPS], buffer[i], sizeof buffer[i]);
        for (int k = 0; k < n_dram; k++) {
            memcpy(s->mapping.order[MF_DRAM_LOOPS], dram[k], sizeof dram[k]);
            try_nest(s, split, rows, columns, &tiles);
        }
    }
}

/* The buffer tiles of a dimension worth a try: whole numbers of array tiles, each needing fewer
 * rounds than the one before. Calls itself for the next dimension. */
static void try_buffer_tiles(searcher *s, const uint16_t *at, int depth, bool cut_columns,
                             mf_split *split, mf_halo *rows, mf_halo *columns)
{
    static const int order[] = {MF_F, MF_E, MF_N, MF_M, MF_C};
    enum { N_DEPTHS = sizeof order / sizeof order[0] };
    if (depth == N_DEPTHS) {
        try_orders(s, split, rows, columns);
        return;
    }
    int d = order[depth];
    uint32_t size = s->work->size[d], array = s->mapping.tile[MF_ROWS][d];
    uint32_t rounds = ceil_div(size, array), least_rounds = 0;
    bool whole = (s->dataflow->whole_in_buffer & MF_BIT(d)) && !cut_columns;
    for (uint32_t n = whole ? rounds : 1; n <= rounds; n++) {
        uint32_t trips = ceil_div(rounds, n);
        if (trips == least_rounds)
            continue;
        least_rounds = trips;
        s->mapping.tile[MF_BUFFER][d] = least((uint64_t)array * n, size);
        split[d] = mf_split_of(size, s->mapping.tile[MF_REGISTER][d], array,
                               s->mapping.tile[MF_BUFFER][d]);
        if (d == MF_E)
            *rows = n == rounds ? *rows_of(s, at) : mf_halo_of(s->work, &s->mapping, true);
        if (d == MF_F)
            *columns = n == rounds ? *columns_of(s, at) : mf_halo_of(s->work, &s->mapping, false);
        try_buffer_tiles(s, at, depth + 1, cut_columns, split, rows, columns);
    }
}

static void complete(searcher *s, const inner *in)
{
    mf_split split[MF_N_DIMENSIONS];
    mf_halo rows, columns;
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        take_choice(s, d, &s->choices[d][in->choice[d]]);
        split[d] = s->choices[d][in->choice[d]].split;
    }
    /* Groups share nothing: one array tile of them at a time is enough in the buffer. */
    s->mapping.tile[MF_BUFFER][MF_G] = s->mapping.tile[MF_ROWS][MF_G];
    split[MF_G] = mf_split_of(s->work->size[MF_G], s->mapping.tile[MF_REGISTER][MF_G],
                              s->mapping.tile[MF_ROWS][MF_G], s->mapping.tile[MF_BUFFER][MF_G]);
    uint64_t before = s->found->tally.n_tried;
    try_buffer_tiles(s, in->choice, 0, false, split, &rows, &columns);
    if (s->found->tally.n_tried == before) /* rows are too long for the buffer: cut them */
        try_buffer_tiles(s, in->choice, 0, true, split, &rows, &columns);
}

/* ---- what DRAM costs at least ------------------------------------------------------------------
 */

static uint64_t array_weight_bits(const searcher *s)
{
    const mf_capacity *c = &s->machine->capacity;
    return c->pe_rows * c->pe_columns *
           (s->dataflow->bypass_register[MF_WEIGHT] ? c->bits[MF_WEIGHT]
                                                    : c->register_bits[MF_WEIGHT]);
}

/* A dimension with one step per array tile, whose loop over array tiles is left out of account. */
static mf_split still_split(uint32_t size, uint32_t buffer)
{
    mf_split split = mf_split_of(size, 1, 1, buffer);
    split.moves[MF_BUFFER_LOOPS] = false;
    return split;
}

/* The buffer tiles of all array tiles, as if arrays took one step at a time: what the best of them
 * moves, none that is built from larger steps can undercut. */
static void try_floor(searcher *s, int depth, mf_split *split, const mf_halo *rows,
                      const mf_halo *columns)
{
    static const int order[] = {MF_N, MF_M, MF_C};
    enum { N_DEPTHS = sizeof order / sizeof order[0] };
    if (depth < N_DEPTHS) {
        int d = order[depth];
        uint32_t size = s->work->size[d], least_rounds = 0;
        for (uint32_t tile = 1; tile <= size; tile++) {
            uint32_t rounds = ceil_div(size, tile);
            if (rounds == least_rounds)
                continue;
            least_rounds = rounds;
            s->mapping.tile[MF_BUFFER][d] = tile;
            split[d] = still_split(size, tile);
            try_floor(s, depth + 1, split, rows, columns);
        }
        return;
    }
    const mf_capacity *c = &s->machine->capacity;
    uint64_t bits = 0;
    for (int t = 0; t < MF_N_TENSORS; t++)
        if (t != MF_WEIGHT)
            bits += mf_tile_words(&s->mapping, MF_BUFFER, t, rows, columns) * c->bits[t] *
                    (c->buffering[t] == MF_BUFFERING_DOUBLE ? 2 : 1);
    if (bits > c->buffer_bits)
        return;
    /* Weights that bypass the buffer come again for every buffer tile, unless the array holds all
     * that the tile needs. */
    bool reloaded =
        s->mapping.bypass_buffer[MF_WEIGHT] &&
        mf_tile_words(&s->mapping, MF_BUFFER, MF_WEIGHT, rows, columns) * c->bits[MF_WEIGHT] >
            array_weight_bits(s);
    split[MF_C].moves[MF_BUFFER_LOOPS] = reloaded;
    uint8_t orders[MOST_ORDERS][MF_N_DIMENSIONS];
    bool moves[3];
    for (int f = 0; f < 3; f++)
        moves[f] = family_moves(split, f, MF_DRAM_LOOPS);
    int n = list_orders(moves, orders);
    for (int i = 0; i < n; i++) {
        mf_counts counts;
        memcpy(s->mapping.order[MF_DRAM_LOOPS], orders[i], sizeof orders[i]);
        mf_reuse_combine(s->work, &s->mapping, s->machine->slide_buffer, split, rows, columns,
                         &counts);
        double energy = transfer_energy(s->machine, counts.flow);
        s->dram_floor = energy < s->dram_floor ? energy : s->dram_floor;
    }
}

/* Of all heights of a tile that need as many rounds: the least room and the fewest rows read. */
static mf_halo least_halo(searcher *s, uint32_t *tile)
{
    uint32_t size = s->work->size[MF_E], rounds = ceil_div(size, *tile);
    mf_halo best = {0};
    for (bool first = true; *tile <= size && ceil_div(size, *tile) == rounds; ++*tile) {
        s->mapping.tile[MF_BUFFER][MF_E] = *tile;
        mf_halo halo = mf_halo_of(s->work, &s->mapping, true);
        if (first)
            best = halo;
        for (int i = 0; i < 2; i++)
            best.buffer[i] = halo.buffer[i] < best.buffer[i] ? halo.buffer[i] : best.buffer[i];
        if (halo.largest[MF_BUFFER] < best.largest[MF_BUFFER])
            best.largest[MF_BUFFER] = halo.largest[MF_BUFFER];
        first = false;
    }
    return best;
}

static void find_floor(searcher *s, const bool *bypass_buffer)
{
    const mf_work *work = s->work;
    mf_split split[MF_N_DIMENSIONS];
    mf_counts counts;
    s->dram_floor = DBL_MAX;
    s->mapping = (mf_mapping){0};
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        for (int level = 0; level < MF_BUFFER; level++)
            s->mapping.tile[level][d] = 1;
        s->mapping.tile[MF_BUFFER][d] = work->size[d];
        s->mapping.order[MF_DRAM_LOOPS][d] = s->mapping.order[MF_BUFFER_LOOPS][d] = (uint8_t)d;
        split[d] = still_split(work->size[d], work->size[d]);
    }
    mf_halo rows = mf_halo_of(work, &s->mapping, true),
            columns = mf_halo_of(work, &s->mapping, false);
    mf_reuse_combine(work, &s->mapping, false, split, &rows, &columns, &counts);
    s->dram_least = transfer_energy(s->machine, counts.flow);
    memcpy(s->mapping.bypass_buffer, bypass_buffer, sizeof s->mapping.bypass_buffer);
    s->mapping.order[MF_BUFFER_LOOPS][0] =
        MF_C; /* images and rows pass by inside: once is enough */
    s->mapping.order[MF_BUFFER_LOOPS][MF_C] = 0;
    if (!bypass_buffer[MF_IFMAP] && !bypass_buffer[MF_PSUM]) {
        s->mapping.tile[MF_BUFFER][MF_G] = 1;
        split[MF_G] = still_split(work->size[MF_G], 1);
        for (uint32_t tile = 1; tile <= work->size[MF_E];) {
            uint32_t at = tile;
            rows = least_halo(s, &tile);
            s->mapping.tile[MF_BUFFER][MF_E] = at;
            split[MF_E] = still_split(work->size[MF_E], at);
            try_floor(s, 0, split, &rows, &columns);
        }
    }
    if (s->dram_floor == DBL_MAX) /* rows do not fit whole: no bound from here */
        s->dram_floor = s->dram_least;
}

/* ---- the search --------------------------------------------------------------------------------
 */

static int by_bound(const void *a, const void *b)
{
    const inner *x = a, *y = b;
    if (x->bound != y->bound)
        return x->bound < y->bound ? -1 : 1;
    if (x->energy != y->energy)
        return x->energy < y->energy ? -1 : 1;
    return memcmp(x->choice, y->choice, sizeof x->choice);
}

static bool hopeless(const searcher *s, const inner *in)
{
    return in->bound > s->best ||
           (in->bound * (1 + 2e-9) >= s->best && in->energy * (1 - 1e-9) > s->best_energy);
}

/* Complete the most promising array tile, then those that still may beat it, best first. */
static void complete_all(searcher *s)
{
    size_t first = 0, n = 0;
    for (size_t i = 1; i < s->n_inners; i++)
        if (by_bound(&s->inners[i], &s->inners[first]) < 0)
            first = i;
    if (s->n_inners)
        complete(s, &s->inners[first]);
    for (size_t i = 0; i < s->n_inners; i++)
        if (i != first && !hopeless(s, &s->inners[i]))
            s->inners[n++] = s->inners[i];
    s->found->tally.n_pruned += s->n_inners - n - (s->n_inners > 0);
    if (n)
        qsort(s->inners, n, sizeof *s->inners, by_bound);
    for (size_t i = 0; i < n; i++)
        if (hopeless(s, &s->inners[i]))
            s->found->tally.n_pruned++;
        else
            complete(s, &s->inners[i]);
}

static mf_status fail_empty(const searcher *s, mf_diag *diag)
{
    const mf_search_tally *t = &s->found->tally;
    if (t->n_array_tiles == 0)
        return mf_fail(diag, MF_NO_MAPPING,
                       "no %s nest fits: of the array tiles, %" PRIu64
                       " need too many PEs and %" PRIu64 " overfill the registers of a PE",
                       s->dataflow->name, t->n_rejected_pes, t->n_rejected_registers);
    return mf_fail(diag, MF_NO_MAPPING,
                   "no %s nest fits: all %" PRIu64 " tried with %" PRIu64
                   " array tiles overfill the buffer of %" PRIu64 " bits",
                   s->dataflow->name, t->n_rejected_buffer, t->n_array_tiles,
                   s->machine->capacity.buffer_bits);
}

static mf_status search_once(searcher *s, const bool *bypass_buffer, mf_objective objective,
                             mf_diag *diag)
{
    s->objective = objective;
    s->best = s->best_energy = s->best_cycles = DBL_MAX;
    s->n_inners = 0;
    s->mapping = (mf_mapping){0};
    memcpy(s->mapping.bypass_buffer, bypass_buffer, sizeof s->mapping.bypass_buffer);
    memcpy(s->mapping.bypass_register, s->dataflow->bypass_register,
           sizeof s->mapping.bypass_register);
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        take_choice(s, d, &s->choices[d][0]);
        s->mapping.order[MF_DRAM_LOOPS][d] = s->mapping.order[MF_BUFFER_LOOPS][d] =
            s->dataflow->buffer_order[d];
    }
    list_inners(s, 0, s->machine->capacity.pe_rows, s->machine->capacity.pe_columns);
    if (s->failed)
        return mf_fail_memory(diag);
    s->found->tally.n_array_tiles += s->n_inners;
    complete_all(s);
    if (s->best == DBL_MAX)
        return fail_empty(s, diag);
    return MF_OK;
}

static mf_status prepare(searcher *s, mf_diag *diag)
{
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        MF_TRY(list_choices(s, d, diag));
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        take_choice(s, d, &s->choices[d][0]);
    MF_TRY(list_halos(s, true, &s->row_halos, diag));
    return list_halos(s, false, &s->column_halos, diag);
}

mf_status mf_search(const mf_work *work, const mf_machine *machine, const mf_dataflow *dataflow,
                    const bool *bypass_buffer, mf_objective objective, mf_found *found,
                    mf_diag *diag)
{
    searcher s = {.work = work,
                  .machine = machine,
                  .dataflow = dataflow,
                  .arena = mf_arena_create(),
                  .found = found};
    mf_status status;
    *found = (mf_found){0};
    if (!s.arena)
        return mf_fail_memory(diag);
    find_floor(&s, bypass_buffer);
    MF_TRY_DONE(prepare(&s, diag));
    if (objective == MF_OBJECTIVE_BALANCED) {
        MF_TRY_DONE(search_once(&s, bypass_buffer, MF_OBJECTIVE_ENERGY, diag));
        s.least_energy = found->cost.energy_pj;
        MF_TRY_DONE(search_once(&s, bypass_buffer, MF_OBJECTIVE_LATENCY, diag));
        s.least_cycles = found->cost.cycles;
    }
    MF_TRY_DONE(search_once(&s, bypass_buffer, objective, diag));
    mf_mapping_normalise(&found->mapping, work);
done:
    free(s.inners);
    mf_arena_destroy(s.arena);
    return status;
}
