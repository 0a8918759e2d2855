/* What stops the next fusion? For each cut between two segments the two as one, in bands of each height: what
 * it would need of the buffer, or what it would cost and which resource it would wait for. */
#include "sim/schedule_trial.h"

#include <assert.h>
#include <string.h>

/* The first map of segment `a` that segment `b` cannot read in the buffer; -1: none. */
static int unreadable(mf_runner *r, const mf_segment *a, const mf_segment *b)
{
    for (size_t i = a->first; i < b->first; i++)
        if (!mf_runner_can_hold(r, (int)i, a->first, b->first + b->n_layers))
            return (int)i;
    return -1;
}

/* A segment of the schedule as it is. */
static mf_status price_one(mf_runner *r, mf_schedule *s, const mf_segment *segment, mf_trial *trial,
                           mf_diag *diag)
{
    *trial = (mf_trial){.segment = *segment};
    for (size_t i = segment->first; i < segment->first + segment->n_layers; i++) {
        s->weights_stay[i] = r->schedule.weights_stay[i];
        s->recomputes[i] = r->schedule.recomputes[i];
        trial->weights_stay = trial->weights_stay || s->weights_stay[i];
    }
    MF_TRY(mf_trial_price(r, s, trial, diag));
    assert(trial->fits); /* the schedule runs, with more beside it */
    return MF_OK;
}

static int slowest(const mf_trial *t)
{
    int slowest = 0;
    for (int b = 1; b < MF_N_BOUNDS; b++)
        if (t->bound_cycles[b] > t->bound_cycles[slowest])
            slowest = b;
    return slowest;
}

/* The two as one, in bands of `rows`; a better stop is kept. */
static mf_status try_height(mf_runner *r, mf_schedule *s, const mf_trial *apart, mf_trial *together,
                            mf_stop *stop, mf_diag *diag)
{
    mf_objective objective = r->basis->options.objective;
    mf_sums before = {apart[0].sum.energy_pj + apart[1].sum.energy_pj,
                      apart[0].sum.cycles + apart[1].sum.cycles};
    mf_trial_mark_weights(r, s, together);
    MF_TRY(mf_trial_price(r, s, together, diag));
    if (!together->fits) {
        if (stop->kind != MF_STOP_COST &&
            (stop->kind == MF_STOP_NONE || together->held_bits < stop->held_bits)) {
            stop->kind = together->overfull ? MF_STOP_REGIONS : MF_STOP_TILES;
            stop->held_bits = together->held_bits;
            stop->rows = together->segment.rows;
        }
        return MF_OK;
    }
    double value = mf_sums_value(objective, &together->sum, &before);
    if (stop->kind == MF_STOP_COST && value >= stop->value)
        return MF_OK;
    *stop = (mf_stop){.kind = MF_STOP_COST,
                      .value = value,
                      .rows = together->segment.rows,
                      .held_bits = together->held_bits,
                      .energy_ratio = together->sum.energy_pj / before.energy_pj,
                      .cycles_ratio = together->sum.cycles / before.cycles,
                      .weight_bits_more =
                          together->weight_bits - apart[0].weight_bits - apart[1].weight_bits,
                      .bound = (mf_bound)slowest(together)};
    return MF_OK;
}

static mf_status explain_cut(mf_runner *r, mf_schedule *s, size_t g, mf_stop *stop, mf_diag *diag)
{
    const mf_segment *a = &r->schedule.segments[g], *b = a + 1;
    size_t end = b->first + b->n_layers;
    mf_trial apart[2];
    bool from_dram, can_hold;
    *stop = (mf_stop){.kind = MF_STOP_NONE, .map = unreadable(r, a, b)};
    if (stop->map >= 0) {
        stop->kind = MF_STOP_MAP;
        return MF_OK;
    }
    memcpy(s->stays, r->schedule.stays, r->network->n_layers * sizeof *s->stays);
    for (int i = 0; i < 2; i++)
        MF_TRY(price_one(r, s, a + i, &apart[i], diag));
    for (size_t i = a->first; i < b->first; i++) /* read in the segment alone */
        s->stays[i] = s->stays[i] && r->schedule.last_reader[i] >= end;
    memset(s->recomputes + a->first, 0, (end - a->first) * sizeof *s->recomputes);
    mf_trial_inputs(r, s, a->first, end, &from_dram, &can_hold);
    for (uint64_t rows = 1; rows < r->network->layers[end - 1].shape.e; rows *= 2)
        for (int rereads = 0; rereads < 2; rereads++) {
            mf_trial together = {
                .segment = {a->first, end - a->first, rows, rereads && from_dram},
                .weights_stay = apart[0].weights_stay || apart[1].weights_stay};
            if (!rereads && !(from_dram && can_hold))
                continue;
            MF_TRY(try_height(r, s, apart, &together, stop, diag));
        }
    return MF_OK;
}

mf_status mf_runner_explain(mf_runner *r, mf_stop *stops, mf_diag *diag)
{
    mf_schedule trial;
    MF_TRY(mf_schedule_layer_by_layer(r->network, r->arena, &trial, diag));
    for (size_t g = 0; g + 1 < r->schedule.n_segments; g++)
        MF_TRY(explain_cut(r, &trial, g, &stops[g], diag));
    return MF_OK;
}
