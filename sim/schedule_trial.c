/* What does a segment cost, as a part of a schedule that is being looked for? Its tasks one after the other;
 * most are like the one before, and nests are remembered. */
#include "sim/schedule_trial.h"

#include <string.h>

double mf_sums_value(mf_objective objective, const mf_sums *sum, const mf_sums *unit)
{
    switch (objective) {
    case MF_OBJECTIVE_ENERGY:
        return sum->energy_pj;
    case MF_OBJECTIVE_LATENCY:
        return sum->cycles;
    case MF_OBJECTIVE_BALANCED:
        return sum->energy_pj / unit->energy_pj + sum->cycles / unit->cycles;
    default:
        return sum->energy_pj * sum->cycles;
    }
}

/* What the last task of a layer cost: most are like the one before. */
typedef struct seen {
    mf_place place;
    mf_shape shape;
    mf_sums sum;
    uint64_t peak_bits;
    double weight_bits; /* from DRAM */
    mf_bound bound;
} seen;

static bool is_alike(const seen *s, const mf_shape *shape, const mf_place *place)
{
    return s->shape.e == shape->e && s->shape.h == shape->h &&
           s->shape.pad_rows == shape->pad_rows && s->place.held_bits == place->held_bits &&
           s->place.loaded_words == place->loaded_words &&
           s->place.loads_weights == place->loads_weights;
}

static mf_status price_task(mf_runner *r, size_t i, const mf_place *place, seen *last,
                            mf_diag *diag)
{
    mf_analytic_row rows[2];
    size_t n;
    mf_shape shape = mf_layer_band_shape(r->network, i, place->made);
    if (is_alike(last, &shape, place))
        return MF_OK;
    MF_TRY(mf_runner_task(r, i, place, false, rows, &n, diag));
    *last = (seen){
        *place, shape, {0, 0}, rows->peak_bits, rows->traffic.weight_bits, rows->found.cost.bound};
    for (size_t k = 0; k < n; k++) {
        last->sum.energy_pj += rows[k].energy_pj + rows[k].cycles * mf_runner_static_pj(r);
        last->sum.cycles += rows[k].cycles;
    }
    return MF_OK;
}

static mf_status price_tasks(mf_runner *r, const mf_schedule *s, const mf_layout *layout,
                             mf_arena *arena, mf_trial *t, mf_diag *diag)
{
    const mf_segment *g = &t->segment;
    seen *last = MF_NEW_ARRAY(arena, seen, g->n_layers);
    if (!last)
        return mf_fail_memory(diag);
    for (size_t task = 0; task < layout->n_tasks; task++) {
        mf_place place;
        size_t i = task % g->n_layers;
        if (!mf_rows_count(layout->tasks[task].made))
            continue;
        mf_status status =
            mf_runner_place(r, s, layout, task / g->n_layers, g->first + i, &place, diag);
        t->overfull = status == MF_NO_MAPPING;
        MF_TRY(status);
        MF_TRY(price_task(r, g->first + i, &place, &last[i], diag));
        t->sum.energy_pj += last[i].sum.energy_pj;
        t->sum.cycles += last[i].sum.cycles;
        t->peak_bits = last[i].peak_bits > t->peak_bits ? last[i].peak_bits : t->peak_bits;
        t->weight_bits += last[i].weight_bits;
        t->bound_cycles[last[i].bound] += last[i].sum.cycles;
    }
    return MF_OK;
}

/* Does any region alone, or all that are there at once, overfill the buffer? Asked before nests are. */
static bool overfills(mf_runner *r, const mf_layout *layout, uint64_t *most_bits)
{
    uint64_t all = mf_machine_buffer_bits(r->basis->accelerator);
    for (size_t k = 0; k < layout->n_regions; k++) {
        uint64_t bits = 0; /* most is held when a region begins */
        size_t task = layout->regions[k].begin;
        for (size_t i = 0; i < layout->n_regions; i++)
            if (layout->regions[i].begin <= task && task < layout->regions[i].end)
                bits += mf_runner_region_bits(r, &layout->regions[i]);
        *most_bits = bits > *most_bits ? bits : *most_bits;
    }
    return *most_bits > all;
}

void mf_trial_mark_weights(const mf_runner *r, mf_schedule *s, const mf_trial *t)
{
    for (size_t i = t->segment.first; i < t->segment.first + t->segment.n_layers; i++)
        s->weights_stay[i] = t->weights_stay && mf_layer_has_weights(&r->network->layers[i]);
}

void mf_trial_inputs(mf_runner *r, const mf_schedule *s, size_t first, size_t end, bool *from_dram,
                     bool *can_hold)
{
    *from_dram = false;
    *can_hold = true;
    for (size_t i = first; i < end; i++)
        for (size_t k = 0; k < r->network->layers[i].n_inputs; k++) {
            int map = r->network->layers[i].input[k];
            if (map >= (int)first || map < MF_NETWORK_INPUT || (map >= 0 && s->stays[map]))
                continue;
            *from_dram = true;
            *can_hold = *can_hold && mf_runner_can_hold(r, map, first, end);
        }
}

mf_status mf_trial_price(mf_runner *r, mf_schedule *s, mf_trial *t, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    mf_layout layout;
    mf_diag why = {0};
    if (!arena)
        return mf_fail_memory(diag);
    t->sum = (mf_sums){0, 0};
    t->peak_bits = t->held_bits = 0;
    t->weight_bits = 0;
    memset(t->bound_cycles, 0, sizeof t->bound_cycles);
    t->fits = t->overfull = false;
    mf_status status = mf_layout_make(s, &t->segment, arena, &layout, &why);
    if (status == MF_OK) {
        t->overfull = overfills(r, &layout, &t->held_bits);
        status = t->overfull ? MF_NO_MAPPING : price_tasks(r, s, &layout, arena, t, &why);
    }
    t->fits = status == MF_OK;
    mf_arena_destroy(arena);
    if (status == MF_OK || status == MF_NO_MAPPING)
        return MF_OK;
    if (diag)
        *diag = why;
    return status;
}
