/* What can no nest around an array tile undercut? Its own loops are certain; of DRAM, what the best
 * buffer tile of any array needs. */
#include "dataflows/searcher.h"

#include <float.h>
#include <string.h>

double mf_searcher_value(const mf_searcher *s, double energy_pj, double cycles)
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

/* Energy of moving tiles between DRAM and buffer. */
static double transfer_energy(const mf_machine *m, const mf_flow *flow)
{
    const double *dram = m->access_pj[MF_LEVEL_DRAM],
                 *buffer = m->access_pj[MF_LEVEL_GLOBAL_BUFFER];
    double again = (double)flow[MF_PSUM].dram_reads,
           outputs = (double)(flow[MF_PSUM].dram_writes - flow[MF_PSUM].dram_reads);
    double ifmap = m->capacity.resident[MF_IFMAP] ? 0 : dram[MF_IFMAP] + buffer[MF_IFMAP];
    return (double)flow[MF_IFMAP].dram_reads * ifmap +
           (double)flow[MF_WEIGHT].dram_reads * dram[MF_WEIGHT] +
           2 * again * (dram[MF_PSUM] + buffer[MF_PSUM]) +
           outputs * (m->output_pj + buffer[MF_PSUM]);
}

/* Energy and time of a nest with these loops; of DRAM transfers only what the best buffer tile
 * needs. */
static double cost_bound(const mf_searcher *s, const mf_mapping *mapping, const mf_split *split,
                         mf_array_tile *tile)
{
    const mf_halo *rows = mf_searcher_rows(s, s->at), *columns = mf_searcher_columns(s, s->at);
    mf_counts counts;
    mf_cost cost;
    mf_reuse_combine(s->work, mapping, s->machine->slide_buffer, split, rows, columns, &counts);
    mf_tiles tiles = {{0}, {0}};
    for (int t = 0; t < MF_N_TENSORS; t++)
        tiles.array[t] = mf_tile_words(mapping, MF_ROWS, t, rows, columns);
    mf_cost_of(s->machine, mapping, &counts, &tiles, &cost);
    double moved = transfer_energy(s->machine, counts.flow),
           energy = cost.energy_pj + (s->dram_floor > moved ? s->dram_floor - moved : 0),
           bound = mf_searcher_value(s, energy, cost.cycles) * (1 - 1e-9);
    /* rounding is no reason */ /* rounding is no reason */
    tile->energy = energy < tile->energy ? energy : tile->energy;
    tile->bound = bound < tile->bound ? bound : tile->bound;
    return bound;
}

/* A nest that only has loops that every nest around this array tile has, once more than it can
 * help: those over dimensions that stay whole in the buffer. Whatever else moves only adds to it.
 */
static bool bound_by_whole(const mf_searcher *s, mf_split *split, mf_array_tile *tile)
{
    bool moves = false;
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        bool whole = s->dataflow->whole_in_buffer & MF_BIT(d);
        split[d].moves[MF_BUFFER_LOOPS] = whole && s->choices[d][s->at[d]].split.n[2] > 1;
        moves = moves || split[d].moves[MF_BUFFER_LOOPS];
    }
    if (!moves)
        return false;
    double bound = cost_bound(s, &s->mapping, split, tile);
    for (int f = 0; f < MF_N_FAMILIES; f++)
        tile->family[f] = bound;
    return true;
}

/* Where there is no such loop, some family's loop still is the innermost, and all others are
 * outside. */
static void bound_by_family(const mf_searcher *s, mf_split *split, mf_array_tile *tile)
{
    mf_mapping mapping = s->mapping;
    uint8_t *order = mapping.order[MF_BUFFER_LOOPS];
    bool any = false;
    for (int f = 0; f < MF_N_FAMILIES; f++) {
        int first = 0, last = MF_N_DIMENSIONS;
        bool moves = false;
        unsigned family = 0;
        for (int i = 0; i < mf_families[f].n; i++)
            family |= MF_BIT(mf_families[f].dimensions[i]);
        for (int d = MF_N_DIMENSIONS - 1; d >= 0; d--) {
            bool inside = family & MF_BIT(d);
            split[d].moves[MF_BUFFER_LOOPS] = inside && s->choices[d][s->at[d]].split.n[2] > 1;
            moves = moves || split[d].moves[MF_BUFFER_LOOPS];
            order[inside ? --last : first++] = (uint8_t)d;
        }
        tile->family[f] = moves ? cost_bound(s, &mapping, split, tile) : 0;
        any = any || moves;
    }
    if (!any)
        cost_bound(s, &mapping, split, tile);
}

void mf_searcher_bound(const mf_searcher *s, mf_array_tile *tile)
{
    mf_split split[MF_N_DIMENSIONS];
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        split[d] = s->choices[d][s->at[d]].split;
    tile->energy = tile->bound = DBL_MAX;
    if (!bound_by_whole(s, split, tile))
        bound_by_family(s, split, tile);
}

/* ---- what DRAM costs at least ------------------------------------------------------------------
 */

static uint64_t array_weight_bits(const mf_searcher *s)
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

/* Where the next candidate for a buffer tile begins: at the next size that needs fewer rounds. In
 * long dimensions a candidate stands for sizes up to a sixteenth larger: it takes the room of the
 * smallest and the rounds of the largest, which still is a bound. */
static uint32_t next_tile(uint32_t size, uint32_t tile)
{
    uint32_t rounds = mf_ceil_div(size, tile), coarse = tile + tile / 16;
    if (rounds == 1)
        return size + 1;
    uint32_t next = mf_ceil_div(size, rounds - 1);
    return tile > 64 && coarse > next ? mf_least(coarse, size) : next;
}

/* The buffer tiles of all array tiles, as if arrays took one step at a time: what the best of them
 * moves, none that is built from larger steps can undercut. */
static void try_floor(mf_searcher *s, int depth, mf_split *split, const mf_halo *rows,
                      const mf_halo *columns)
{
    static const int order[] = {MF_N, MF_M, MF_C};
    enum { N_DEPTHS = sizeof order / sizeof order[0] };
    if (depth < N_DEPTHS) {
        int d = order[depth];
        uint32_t size = s->work->size[d];
        for (uint32_t tile = 1, next; tile <= size; tile = next) {
            next = next_tile(size, tile);
            s->mapping.tile[MF_BUFFER][d] = tile;
            split[d] = still_split(size, next - 1);
            try_floor(s, depth + 1, split, rows, columns);
        }
        return;
    }
    const mf_capacity *c = &s->machine->capacity;
    uint64_t bits = 0;
    for (int t = 0; t < MF_N_TENSORS; t++)
        bits += mf_buffer_bits(&s->mapping, c, t,
                               mf_tile_words(&s->mapping, MF_BUFFER, t, rows, columns));
    if (bits > c->buffer_bits)
        return;
    /* Weights that bypass the buffer come again for every buffer tile, unless the array holds all
     * that the tile needs. */
    bool reloaded =
        s->mapping.bypass_buffer[MF_WEIGHT] &&
        mf_tile_words(&s->mapping, MF_BUFFER, MF_WEIGHT, rows, columns) * c->bits[MF_WEIGHT] >
            array_weight_bits(s);
    split[MF_C].moves[MF_BUFFER_LOOPS] = reloaded;
    uint8_t orders[MF_MOST_ORDERS][MF_N_DIMENSIONS];
    bool moves[MF_N_FAMILIES];
    for (int f = 0; f < MF_N_FAMILIES; f++)
        moves[f] = mf_family_moves(split, f, MF_DRAM_LOOPS);
    int n = mf_list_orders(moves, orders);
    for (int i = 0; i < n; i++) {
        mf_counts counts;
        memcpy(s->mapping.order[MF_DRAM_LOOPS], orders[i], sizeof orders[i]);
        mf_reuse_combine(s->work, &s->mapping, s->machine->slide_buffer, split, rows, columns,
                         &counts);
        double energy = transfer_energy(s->machine, counts.flow);
        s->dram_floor = energy < s->dram_floor ? energy : s->dram_floor;
    }
}

/* At least so much, with tiles of `tile` to `last` rows: as many borders between them, whose halo
 * is read twice, less those that may lie in the padding; and a tile at least as high as the
 * smallest. */
static mf_halo least_halo(const mf_searcher *s, const mf_halo *whole, uint32_t tile, uint32_t last)
{
    const mf_work *work = s->work;
    mf_halo halo = *whole;
    uint64_t stride = work->stride, kernel = work->size[MF_R], pad = work->pad_rows,
             borders = mf_ceil_div(work->size[MF_E], last) - 1, in_padding = 2 * (pad / stride + 1),
             height = stride * (tile - 1) + kernel;
    if (kernel > stride && borders > in_padding)
        halo.buffer[MF_GRAIN_BUFFER] += (borders - in_padding) * (kernel - stride);
    height = height > 2 * pad ? height - 2 * pad : 0;
    if (height < halo.largest[MF_BUFFER])
        halo.largest[MF_BUFFER] = height;
    return halo;
}

void mf_searcher_find_floor(mf_searcher *s, const bool *bypass_buffer)
{
    const mf_work *work = s->work;
    mf_split split[MF_N_DIMENSIONS];
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
    memcpy(s->mapping.bypass_buffer, bypass_buffer, sizeof s->mapping.bypass_buffer);
    s->mapping.order[MF_BUFFER_LOOPS][0] =
        MF_C; /* images and rows pass by inside: once is enough */
    s->mapping.order[MF_BUFFER_LOOPS][MF_C] = 0;
    if (!bypass_buffer[MF_IFMAP] && !bypass_buffer[MF_PSUM]) {
        s->mapping.tile[MF_BUFFER][MF_G] = 1;
        split[MF_G] = still_split(work->size[MF_G], 1);
        uint32_t size = work->size[MF_E];
        const mf_halo whole = rows;
        for (uint32_t tile = 1, next; tile <= size; tile = next) {
            next = next_tile(size, tile);
            rows = least_halo(s, &whole, tile, next - 1);
            s->mapping.tile[MF_BUFFER][MF_E] = tile;
            split[MF_E] = still_split(size, next - 1);
            try_floor(s, 0, split, &rows, &columns);
        }
    }
    if (s->dram_floor == DBL_MAX) /* rows do not fit whole: no bound from here */
        s->dram_floor = 0;
}
