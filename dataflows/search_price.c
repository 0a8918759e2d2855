/* What does a nest cost, of which only the factors of its counts are known? mf_cost_of prices it,
 * as everything else: energy and time never fall when a count, a repetition or a tile grows, so
 * factors that are no larger than those of any nest of a kind give a bound for that kind. */
#include "dataflows/searcher.h"

const uint8_t mf_loop_family_dimensions[MF_N_LOOP_FAMILIES][3] = {
    {MF_N, MF_E, MF_F}, {MF_M, MF_M, MF_M}, {MF_C, MF_R, MF_S}};

int mf_loop_family_of(int dimension)
{
    static const int8_t families[MF_N_DIMENSIONS] = {
        [MF_N] = MF_OUTPUTS,  [MF_G] = MF_NO_LOOP_FAMILY, [MF_M] = MF_FILTERS,
        [MF_C] = MF_CHANNELS, [MF_E] = MF_OUTPUTS,        [MF_F] = MF_OUTPUTS,
        [MF_R] = MF_CHANNELS, [MF_S] = MF_CHANNELS};
    return families[dimension];
}

int mf_loop_family_without(int tensor)
{
    return tensor == MF_IFMAP ? MF_FILTERS : tensor == MF_WEIGHT ? MF_OUTPUTS : MF_CHANNELS;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Where either the rows or the columns may be summed over whole outputs instead of their own grain. */
static uint64_t least_product(const uint64_t *rows, const uint64_t *columns, int own, bool e,
                              bool f)
{
    uint64_t least = rows[own] * columns[own];
    if (e)
        least = smaller(least, rows[MF_GRAIN_WHOLE] * columns[own]);
    if (f)
        least = smaller(least, rows[own] * columns[MF_GRAIN_WHOLE]);
    return least;
}

void mf_searcher_least_footprints(const mf_searcher *s, const mf_halo *rows, const mf_halo *columns,
                                  bool e_slides, bool f_slides, mf_factors *k)
{
    k->ifmap_array = least_product(rows->array, columns->array, MF_GRAIN_ARRAY, e_slides, f_slides);
    k->ifmap_pe = least_product(rows->pe, columns->pe, MF_GRAIN_OWN, e_slides, f_slides);
    if (s->by_pe_row)
        k->ifmap_pe_row =
            least_product(rows->pe_row, columns->pe_row, MF_GRAIN_OWN, e_slides, f_slides);
}

/* Relative to the least; where that is nothing (prices or rates are), as it is. */
static double over(double a, double least)
{
    return least > 0 ? a / least : a;
}

double mf_searcher_objective(const mf_searcher *s, double energy_pj, double cycles)
{
    switch (s->objective) {
    case MF_OBJECTIVE_ENERGY:
        return energy_pj;
    case MF_OBJECTIVE_LATENCY:
        return cycles;
    case MF_OBJECTIVE_BALANCED:
        return over(energy_pj, s->least_energy) + over(cycles, s->least_cycles);
    default:
        return energy_pj * cycles;
    }
}

/* What rows of PEs take of ifmap and weights. */
static void count_rows(const mf_searcher *s, const mf_factors *k, mf_counts *counts)
{
    for (int t = MF_IFMAP; t <= MF_WEIGHT; t++) {
        int f = mf_loop_family_without(t);
        counts->flow[t].row_words = s->words[t] * (t == MF_IFMAP ? k->ifmap_pe_row : 1) *
                                    k->family[f].pe_rows[k->array_scope[f]];
    }
}

static void count(const mf_searcher *s, const mf_factors *k, mf_counts *counts)
{
    const bool *bypass = s->mapping.bypass_buffer;
    counts->n_macs = s->n_macs;
    counts->n_padded_macs = s->n_padded_macs;
    counts->n_compute_cycles = k->compute;
    for (int t = 0; t < MF_N_TENSORS; t++) {
        int f = mf_loop_family_without(t);
        const mf_factor *other = &k->family[f];
        uint64_t n = other->n[k->array_scope[f]], pes = other->pes[k->array_scope[f]],
                 tiles = other->n[k->buffer_scope[f]], words = s->words[t];
        if (t == MF_IFMAP)
            mf_reuse_flow(t, bypass[t], words, words * k->ifmap_array * n,
                          words * k->ifmap_pe * pes, words * k->ifmap_buffer * tiles, counts);
        else
            mf_reuse_flow(t, bypass[t], words, words * n, words * pes, words * tiles, counts);
        if (t == MF_WEIGHT)
            counts->flow[t].loads =
                k->family[MF_FILTERS].n[2] * k->family[MF_CHANNELS].n[2] * k->n_groups * n;
    }
    if (s->by_pe_row)
        count_rows(s, k, counts);
}

mf_value mf_searcher_price(const mf_searcher *s, const mf_factors *factors)
{
    mf_counts counts;
    mf_cost cost;
    count(s, factors, &counts);
    mf_cost_of(s->machine, &s->mapping, &counts, &factors->tiles, &cost);
    return (mf_value){mf_searcher_objective(s, cost.energy_pj, cost.cycles), cost.energy_pj,
                      cost.cycles};
}

mf_value mf_searcher_bound(const mf_searcher *s, const mf_factors *factors)
{
    mf_counts counts;
    mf_cost cost;
    count(s, factors, &counts);
    mf_cost_of(s->machine, &s->mapping, &counts, &factors->tiles, &cost);
    double moved = mf_cost_transfers_pj(s->machine, &s->mapping, &counts),
           energy = cost.energy_pj + (s->floor_pj > moved ? s->floor_pj - moved : 0),
           cycles = cost.cycles > s->floor_cycles ? cost.cycles : s->floor_cycles;
    return (mf_value){mf_searcher_objective(s, energy, cycles), energy, cycles};
}

/* Less, the same but for rounding, more. */
static int compare(double a, double b)
{
    return a < b * (1 - 1e-10) ? -1 : a > b * (1 + 1e-10) ? 1 : 0;
}

bool mf_searcher_beyond(const mf_searcher *s, const mf_value *bound)
{
    return bound->value > s->ceiling;
}

bool mf_searcher_too_slow(const mf_searcher *s, uint64_t macs)
{
    double cycles = (double)macs * s->machine->position_cycles,
           value = mf_searcher_objective(s, s->least_pj,
                                         cycles > s->floor_cycles ? cycles : s->floor_cycles);
    return value > s->ceiling || compare(value, s->best.value) > 0;
}

bool mf_searcher_hopeless(const mf_searcher *s, const mf_value *bound)
{
    if (mf_searcher_beyond(s, bound))
        return true;
    int order = compare(bound->value, s->best.value);
    if (order == 0)
        order = compare(bound->energy_pj, s->best.energy_pj);
    if (order == 0)
        order = compare(bound->cycles, s->best.cycles);
    return order >= 0;
}
