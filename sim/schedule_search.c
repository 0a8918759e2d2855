/* Which schedule is best? Of these: segments of any layers that follow one another; bands of 1, 2, 4, 8, ...
 * rows of their last map, or all of it where a segment has one layer; halo held; rows of maps in DRAM held
 * or read again; where the accelerator has weights in its buffer, those of a segment stay all or none; and at
 * each cut any choice of the maps that are needed behind it stays in the buffer, the others are in DRAM. For
 * each task the best nest by the objective in what regions leave of the buffer. None of these schedules is
 * better by the objective over the network.
 *
 * Dynamic programming over cuts: what is behind a cut depends on what is before it only through the maps that
 * stay across it, so for each cut and each choice of them those mf_sums of energy and time are kept that no other
 * beats in both; all objectives grow with both. Segments of one band and several layers are left out: the
 * same layers as segments of their own, with maps that stay, move no more and hold no more.
 *
 * A segment whose regions alone overfill the buffer does so with more layers in front of it, too: each of its
 * regions is there as before, and the map that it read is one more. */
#include "sim/schedule_trial.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_LIVE = 6, /* maps that are looked at across a cut: the last made; older ones are in DRAM */
    MOST_HEIGHTS = 24
};

/* How the layers before a cut are best run, and by which segment it got there. */
typedef struct point {
    mf_sums sum;
    uint32_t first, state, index; /* the cut that the segment begins at, and the point there */
    uint64_t rows;
    bool rereads, weights_stay;
} point;

/* None is beaten in both; by energy, upwards. */
typedef struct front {
    point *list;
    size_t n, most;
} front;

typedef struct cut {
    size_t live[MOST_LIVE], n_live; /* maps that are needed behind it and may stay */
    front *fronts;                  /* [1 << n_live], by which of them stay */
} cut;

typedef struct search {
    mf_runner *runner;
    const mf_network *network;
    mf_schedule trial; /* its marks are those of the segment at hand */
    cut *cuts;         /* [n_layers + 1] */
    bool fuses;
} search;

/* ---- fronts ------------------------------------------------------------------------------------
 */

/* Is one number all that matters? Then less of the other only breaks ties. */
static bool beats(mf_objective objective, const mf_sums *a, const mf_sums *b)
{
    if (objective == MF_OBJECTIVE_ENERGY)
        return a->energy_pj < b->energy_pj ||
               (a->energy_pj == b->energy_pj && a->cycles <= b->cycles);
    if (objective == MF_OBJECTIVE_LATENCY)
        return a->cycles < b->cycles || (a->cycles == b->cycles && a->energy_pj <= b->energy_pj);
    return a->energy_pj <= b->energy_pj && a->cycles <= b->cycles;
}

static mf_status make_room(front *f, mf_diag *diag)
{
    if (f->n < f->most)
        return MF_OK;
    size_t most = f->most ? 2 * f->most : 8;
    point *grown = realloc(f->list, most * sizeof *grown);
    if (!grown)
        return mf_fail_memory(diag);
    f->list = grown;
    f->most = most;
    return MF_OK;
}

static mf_status insert(mf_objective objective, front *f, const point *p, mf_diag *diag)
{
    size_t low = 0, high = f->n, end;
    while (low < high) { /* behind all of less energy */
        size_t middle = (low + high) / 2;
        if (f->list[middle].sum.energy_pj < p->sum.energy_pj)
            low = middle + 1;
        else
            high = middle;
    }
    if ((low > 0 && beats(objective, &f->list[low - 1].sum, &p->sum)) ||
        (low < f->n && beats(objective, &f->list[low].sum, &p->sum)))
        return MF_OK;
    while (low > 0 && beats(objective, &p->sum, &f->list[low - 1].sum))
        low--;
    for (end = low; end < f->n && beats(objective, &p->sum, &f->list[end].sum);)
        end++;
    MF_TRY(make_room(f, diag));
    memmove(f->list + low + 1, f->list + end, (f->n - end) * sizeof *f->list);
    f->n = f->n - (end - low) + 1;
    f->list[low] = *p;
    return MF_OK;
}

/* ---- from cut to cut ---------------------------------------------------------------------------
 */

/* A segment that was priced with nothing passing by. */
typedef struct known_trial {
    uint32_t read, made;
    mf_trial trial;
} known_trial;

/* A step from cut `first` to cut `end`, and what is tried for it. */
typedef struct step {
    size_t first, end;
    uint32_t from, to; /* states */
    uint32_t read;     /* those of `from` that the segment reads */
    uint64_t
        passing_bits; /* of the others, which are there all the time, if somebody reads them later */
    uint64_t heights[MOST_HEIGHTS];
    bool dead[MOST_HEIGHTS]; /* regions overfill the buffer, with however many layers in front */
    size_t n_heights;
    known_trial *known;
    size_t n_known, most_known;
} step;

static mf_status extend(search *s, const step *p, const mf_trial *t, mf_diag *diag)
{
    const front *before = &s->cuts[p->first].fronts[p->from];
    front *after = &s->cuts[p->end].fronts[p->to];
    for (size_t i = 0; i < before->n; i++) {
        const mf_sums *sum = &before->list[i].sum;
        point made = {.sum = {sum->energy_pj + t->sum.energy_pj, sum->cycles + t->sum.cycles},
                      .first = (uint32_t)p->first,
                      .state = p->from,
                      .index = (uint32_t)i,
                      .rows = t->segment.rows,
                      .rereads = t->segment.rereads,
                      .weights_stay = t->weights_stay};
        MF_TRY(insert(s->runner->basis->options.objective, after, &made, diag));
    }
    return MF_OK;
}

static mf_status remember(step *p, uint32_t made, const mf_trial *t, mf_diag *diag)
{
    if (p->n_known == p->most_known) {
        size_t most = p->most_known ? 2 * p->most_known : 64;
        known_trial *grown = realloc(p->known, most * sizeof *grown);
        if (!grown)
            return mf_fail_memory(diag);
        p->known = grown;
        p->most_known = most;
    }
    p->known[p->n_known++] = (known_trial){p->read, made, *t};
    return MF_OK;
}

/* Price a segment beside what passes it by. As long as that fits beside the nests that are best without
 * it, they are the best with it, too (but where best is relative to what is best in so much room); and what
 * does not fit without does not fit with. */
static mf_status price_beside(search *s, step *p, uint32_t made, mf_trial *t, mf_diag *diag)
{
    uint64_t all = mf_machine_buffer_bits(s->runner->basis->accelerator);
    bool relative = s->runner->basis->options.objective == MF_OBJECTIVE_BALANCED && p->passing_bits;
    for (size_t i = 0; !relative && i < p->n_known; i++) {
        const known_trial *k = &p->known[i];
        if (k->read != p->read || k->made != made || k->trial.segment.rows != t->segment.rows ||
            k->trial.segment.rereads != t->segment.rereads ||
            k->trial.weights_stay != t->weights_stay)
            continue;
        if (k->trial.fits && k->trial.peak_bits + p->passing_bits > all)
            break;
        t->sum = k->trial.sum;
        t->fits = k->trial.fits;
        t->overfull = k->trial.overfull;
        return MF_OK;
    }
    mf_trial_mark_weights(s->runner, &s->trial, t);
    MF_TRY(mf_trial_price(s->runner, &s->trial, t, diag));
    return p->passing_bits ? MF_OK : remember(p, made, t, diag);
}

static mf_status try_variants(search *s, step *p, uint32_t made, mf_diag *diag)
{
    bool from_dram, can_hold, bands = p->end - p->first > 1, plain = p->from == 0 && made == 0,
                              weights = bands && s->runner->basis->accelerator->weights_in_buffer;
    mf_trial_inputs(s->runner, &s->trial, p->first, p->end, &from_dram, &can_hold);
    for (size_t h = 0; h < p->n_heights; h++)
        for (int variant = 0; variant < 4 && !p->dead[h]; variant++) {
            mf_trial t = {.segment = {p->first, p->end - p->first, p->heights[h], variant % 2 == 0},
                          .weights_stay = variant / 2 == 1};
            if (!t.segment.rereads && (!bands || !from_dram || !can_hold))
                continue;
            if (t.weights_stay && !weights)
                continue;
            t.segment.rereads = t.segment.rereads && bands && from_dram;
            MF_TRY(price_beside(s, p, made, &t, diag));
            p->dead[h] = plain && variant == 0 && t.overfull && bands;
            if (t.fits)
                MF_TRY(extend(s, p, &t, diag));
        }
    return MF_OK;
}

static bool reads(const search *s, const step *p, size_t map)
{
    for (size_t i = p->first; i < p->end; i++)
        for (size_t k = 0; k < s->network->layers[i].n_inputs; k++)
            if (s->network->layers[i].input[k] == (int)map)
                return true;
    return false;
}

/* Set the marks of maps that stay before and behind a step. False where a map that is still needed is
 * none of those that are looked at behind it. */
static bool mark(search *s, step *p, uint32_t made)
{
    const cut *before = &s->cuts[p->first], *after = &s->cuts[p->end];
    memset(s->trial.stays, 0, s->network->n_layers * sizeof *s->trial.stays);
    p->to = made;
    p->read = 0;
    p->passing_bits = 0;
    for (size_t k = 0; k < after->n_live; k++)
        if (made >> k & 1)
            s->trial.stays[after->live[k]] = true;
    for (size_t i = 0; i < before->n_live; i++) {
        size_t map = before->live[i], k = 0;
        if (!(p->from >> i & 1))
            continue;
        s->trial.stays[map] = true;
        if (reads(s, p, map))
            p->read |= (uint32_t)1 << i;
        else
            p->passing_bits += mf_runner_map_bits(s->runner, map);
        if (s->trial.last_reader[map] < p->end)
            continue;
        while (k < after->n_live && after->live[k] != map)
            k++;
        if (k == after->n_live)
            return false;
        p->to |= (uint32_t)1 << k;
    }
    return true;
}

/* All choices of maps before and behind. */
static mf_status try_states(search *s, step *p, mf_diag *diag)
{
    const cut *before = &s->cuts[p->first], *after = &s->cuts[p->end];
    uint32_t fresh = 0; /* of the maps behind: those that the segment makes */
    for (size_t k = 0; k < after->n_live; k++)
        if (after->live[k] >= p->first)
            fresh |= (uint32_t)1 << k;
    for (p->from = 0; p->from < (uint32_t)1 << before->n_live; p->from++)
        for (uint32_t made = 0; made <= fresh; made++) {
            if ((made & ~fresh) || !before->fronts[p->from].n || !mark(s, p, made))
                continue;
            MF_TRY(try_variants(s, p, made, diag));
        }
    return MF_OK;
}

/* All segments that end with layer `end` - 1, short ones first. */
static mf_status go_to(search *s, step *p, mf_diag *diag)
{
    uint64_t rows = s->network->layers[p->end - 1].shape.e;
    p->first = p->end - 1;
    p->heights[0] = rows;
    p->n_heights = 1;
    MF_TRY(try_states(s, p, diag));
    p->n_heights = 0;
    for (uint64_t r = 1; r < rows && p->n_heights < MOST_HEIGHTS; r *= 2)
        p->heights[p->n_heights++] = r;
    while (s->fuses && p->first-- > 0) {
        size_t n_dead = 0;
        p->n_known = 0;
        if (!mf_runner_can_hold(s->runner, (int)p->first, p->first + 1, p->end))
            break;
        for (size_t h = 0; h < p->n_heights; h++)
            n_dead += p->dead[h];
        if (n_dead == p->n_heights)
            break;
        MF_TRY(try_states(s, p, diag));
    }
    return MF_OK;
}

static mf_status end_at(search *s, size_t end, mf_diag *diag)
{
    step p = {.end = end};
    mf_status status = go_to(s, &p, diag);
    free(p.known);
    return status;
}

/* ---- the network -------------------------------------------------------------------------------
 */

/* The maps that are needed behind each cut, the last made first. */
static mf_status list_live(search *s, mf_arena *arena, mf_diag *diag)
{
    size_t n = s->network->n_layers;
    s->cuts = MF_NEW_ARRAY(arena, cut, n + 1);
    if (!s->cuts)
        return mf_fail_memory(diag);
    for (size_t c = 0; c <= n; c++) {
        cut *at = &s->cuts[c];
        for (size_t map = c; map-- > 0 && at->n_live < MOST_LIVE;)
            if (s->trial.last_reader[map] >= c &&
                mf_runner_can_hold(s->runner, (int)map, map + 1, n))
                at->live[at->n_live++] = map;
        at->fronts = MF_NEW_ARRAY(arena, front, (size_t)1 << at->n_live);
        if (!at->fronts)
            return mf_fail_memory(diag);
    }
    return MF_OK;
}

/* Every layer alone, every map in DRAM: what the balanced objective is relative to. */
static mf_status price_plain(search *s, mf_sums *plain, mf_diag *diag)
{
    *plain = (mf_sums){0, 0};
    memset(s->trial.stays, 0, s->network->n_layers * sizeof *s->trial.stays);
    for (size_t i = 0; i < s->network->n_layers; i++) {
        mf_trial t = {.segment = {i, 1, s->network->layers[i].shape.e, false}};
        MF_TRY(mf_trial_price(s->runner, &s->trial, &t, diag));
        if (!t.fits) { /* once more, for its reason */
            mf_place place = {.made = {0, t.segment.rows}, .output_to_dram = true};
            mf_analytic_row rows[2];
            size_t n;
            return mf_runner_task(s->runner, i, &place, false, rows, &n, diag);
        }
        plain->energy_pj += t.sum.energy_pj;
        plain->cycles += t.sum.cycles;
    }
    return MF_OK;
}

/* Backwards along the points; segments come out in reverse. */
static void take(const search *s, const point *p, mf_schedule *schedule)
{
    size_t end = s->network->n_layers, n = 0;
    uint32_t state = 0;
    for (;;) {
        schedule->segments[n++] = (mf_segment){p->first, end - p->first, p->rows, p->rereads};
        for (size_t k = 0; k < s->cuts[end].n_live; k++)
            if (state >> k & 1)
                schedule->stays[s->cuts[end].live[k]] = true;
        for (size_t i = p->first; i < end; i++)
            schedule->weights_stay[i] =
                p->weights_stay && mf_layer_has_weights(&s->network->layers[i]);
        end = p->first;
        state = p->state;
        if (end == 0)
            break;
        p = &s->cuts[end].fronts[state].list[p->index];
    }
    schedule->n_segments = n;
    for (size_t i = 0; i < n / 2; i++) {
        mf_segment swapped = schedule->segments[i];
        schedule->segments[i] = schedule->segments[n - 1 - i];
        schedule->segments[n - 1 - i] = swapped;
    }
}

static mf_status go_through(search *s, mf_schedule *schedule, mf_diag *diag)
{
    mf_objective objective = s->runner->basis->options.objective;
    const front *found = &s->cuts[s->network->n_layers].fronts[0];
    const point none = {.sum = {0, 0}}, *best = NULL;
    mf_sums plain;
    MF_TRY(price_plain(s, &plain, diag));
    MF_TRY(insert(objective, &s->cuts[0].fronts[0], &none, diag));
    for (size_t end = 1; end <= s->network->n_layers; end++)
        MF_TRY(end_at(s, end, diag));
    for (size_t i = 0; i < found->n; i++)
        if (!best || mf_sums_value(objective, &found->list[i].sum, &plain) <
                         mf_sums_value(objective, &best->sum, &plain))
            best = &found->list[i];
    take(s, best, schedule);
    return MF_OK;
}

mf_status mf_runner_choose_schedule(mf_runner *r, bool fuses, mf_diag *diag)
{
    search s = {.runner = r, .network = r->network, .fuses = fuses};
    mf_arena *arena = mf_arena_create();
    mf_status status;
    if (!arena)
        return mf_fail_memory(diag);
    MF_TRY_DONE(mf_schedule_layer_by_layer(r->network, arena, &s.trial, diag));
    MF_TRY_DONE(list_live(&s, arena, diag));
    MF_TRY_DONE(go_through(&s, &r->schedule, diag));
done:
    for (size_t c = 0; s.cuts && c <= r->network->n_layers; c++)
        for (size_t k = 0; s.cuts[c].fronts && k < (size_t)1 << s.cuts[c].n_live; k++)
            free(s.cuts[c].fronts[k].list);
    mf_arena_destroy(arena);
    return status;
}
