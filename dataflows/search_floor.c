/* What do the transfers between DRAM and buffer take at least, whatever the array does? As if array
 * tiles were single steps: for each number of trips the smallest tile, which takes the least room,
 * and of the halos and the padding what is most favourable. */
#include "dataflows/searcher.h"

#include <float.h>

/* The buffer tiles of a dimension that make so many trips. */
typedef struct trip {
    uint64_t n, tile;
    uint64_t inputs;  /* rows (or columns) of the ifmap, summed over the tiles: at least */
    uint64_t largest; /* of one tile: at least */
} trip;

typedef struct floors {
    mf_searcher *s;
    trip *trips[MF_N_DIMENSIONS];
    size_t n_trips[MF_N_DIMENSIONS];
    uint64_t whole[2]; /* columns, rows of the ifmap that are touched */
    double pj, cycles;
} floors;

/* How far the window of the output `before_end` steps before the last hangs over the end. */
static uint64_t overhang(const mf_work *work, bool rows, uint64_t before_end)
{
    int d = rows ? MF_E : MF_F, k = rows ? MF_R : MF_S;
    uint64_t size = work->size[d], pad = rows ? work->pad_rows : work->pad_columns,
             extent = pad + (rows ? work->h : work->w);
    if (before_end >= size)
        return 0;
    uint64_t reach = work->stride * (size - 1 - before_end) + work->size[k];
    return reach > extent ? reach - extent : 0;
}

/* The sum over `t->n` tiles of at least `t->tile` outputs is that of all windows less what may lie
 * in the padding: tiles begin no earlier than at multiples of the tile, and end, but for a last one
 * of a single output, no later before the end. */
static void measure(const mf_work *work, bool rows, uint64_t whole, trip *t)
{
    uint64_t size = work->size[rows ? MF_E : MF_F], kernel = work->size[rows ? MF_R : MF_S],
             stride = work->stride, pad = rows ? work->pad_rows : work->pad_columns, missing = 0;
    t->inputs = whole;
    t->largest = 0;
    if (kernel <= stride) { /* windows do not overlap: no halo */
        uint64_t lost = mf_ceil_div(pad, stride) + mf_ceil_div(overhang(work, rows, 0), stride);
        t->largest = t->tile > lost ? (t->tile - lost) * kernel : 0;
        return;
    }
    for (uint64_t i = 0; i < t->n && stride * i * t->tile < pad; i++)
        missing += pad - stride * i * t->tile;
    for (uint64_t i = 0; i < t->n; i++) {
        uint64_t over = overhang(work, rows, i == 0 ? 0 : 1 + (i - 1) * t->tile);
        if (!over)
            break;
        missing += over;
    }
    uint64_t sum = stride * size + (kernel - stride) * t->n, most = stride * (t->tile - 1) + kernel,
             ends = pad + overhang(work, rows, 0);
    if (sum > whole + missing)
        t->inputs = sum - missing;
    if (most > ends)
        t->largest = most - ends;
}

static mf_status list_trips(floors *f, int d, mf_diag *diag)
{
    uint32_t size = f->s->work->size[d];
    size_t n = 0;
    f->trips[d] = MF_NEW_ARRAY(f->s->arena, trip, size);
    if (!f->trips[d])
        return mf_fail_memory(diag);
    for (uint32_t k = 1; k <= size; k++) { /* trips that some tile makes */
        trip t = {k, mf_ceil_div(size, k), 1, 1};
        if (mf_ceil_div(size, t.tile) != k)
            continue;
        if (d == MF_E || d == MF_F)
            measure(f->s->work, d == MF_E, f->whole[d == MF_E], &t);
        f->trips[d][n++] = t;
    }
    f->n_trips[d] = n;
    return MF_OK;
}

/* Repetitions of ifmap, weights and psums. */
static void transfer(const floors *f, uint64_t inputs, uint64_t ifmap, uint64_t weight,
                     uint64_t psum, double *pj, double *cycles)
{
    const mf_searcher *s = f->s;
    mf_counts counts;
    mf_reuse_flow(MF_IFMAP, false, 0, 0, 0, s->words[MF_IFMAP] * inputs * ifmap, &counts);
    mf_reuse_flow(MF_WEIGHT, false, 0, 0, 0, s->words[MF_WEIGHT] * weight, &counts);
    mf_reuse_flow(MF_PSUM, false, s->words[MF_PSUM], s->words[MF_PSUM], s->words[MF_PSUM],
                  s->words[MF_PSUM] * psum, &counts);
    *pj = mf_cost_transfers_pj(s->machine, &s->mapping, &counts);
    *cycles = mf_cost_transfers_cycles(s->machine, &counts);
}

static void take_least(floors *f, uint64_t inputs, uint64_t ifmap, uint64_t weight, uint64_t psum)
{
    double pj, cycles;
    transfer(f, inputs, ifmap, weight, psum, &pj, &cycles);
    f->pj = pj < f->pj ? pj : f->pj;
    f->cycles = cycles < f->cycles ? cycles : f->cycles;
}

/* Which family's DRAM loops are innermost? What does not depend on it comes once. */
static void try_orders(floors *f, uint64_t inputs, uint64_t outputs, uint64_t filters,
                       uint64_t channels, bool weights_stay)
{
    take_least(f, inputs, filters, weights_stay ? 1 : outputs, channels);
    take_least(f, inputs, 1, outputs, channels);
    take_least(f, inputs, filters, outputs, 1);
}

static uint64_t array_weights(const mf_searcher *s)
{
    const mf_capacity *c = &s->machine->capacity;
    uint64_t words = s->dataflow->bypass_register[MF_WEIGHT]
                         ? 1
                         : c->register_bits[MF_WEIGHT] / c->bits[MF_WEIGHT];
    return c->pe_rows * c->pe_columns * words;
}

/* All filters with these outputs; of channels as many as there is room for. Weights that bypass the
 * buffer come again for every tile of outputs, unless the array holds all that the tile needs. */
static void try_filters(floors *f, const trip *n, const trip *e, const trip *g)
{
    mf_searcher *s = f->s;
    const mf_capacity *c = &s->machine->capacity;
    uint64_t inputs = e->inputs * g->inputs,
             kernel = (uint64_t)s->work->size[MF_R] * s->work->size[MF_S];
    double pj, cycles;
    if (s->machine->slide_buffer) {
        uint64_t down = f->whole[1] * g->inputs, along = e->inputs * f->whole[0];
        inputs = down < along ? down : along;
    }
    transfer(f, inputs, 1, 1, 1, &pj, &cycles);
    if (pj >= f->pj && cycles >= f->cycles)
        return;
    for (size_t i = 0; i < f->n_trips[MF_M]; i++) {
        const trip *m = &f->trips[MF_M][i];
        uint64_t psum =
                     mf_buffer_bits(&s->mapping, c, MF_PSUM, n->tile * e->tile * g->tile * m->tile),
                 channel =
                     mf_buffer_bits(&s->mapping, c, MF_IFMAP, n->tile * e->largest * g->largest) +
                     mf_buffer_bits(&s->mapping, c, MF_WEIGHT, m->tile * kernel);
        uint64_t all = s->work->size[MF_C], most = all, outputs = n->n * e->n * g->n;
        if (psum > c->buffer_bits)
            continue;
        if (channel && (c->buffer_bits - psum) / channel < most)
            most = (c->buffer_bits - psum) / channel;
        if (most < 1)
            continue;
        bool bypass = s->mapping.bypass_buffer[MF_WEIGHT];
        try_orders(f, inputs, outputs, m->n, mf_ceil_div(all, most), !bypass);
        uint64_t held = array_weights(s) / (m->tile * kernel);
        most = held < most ? held : most;
        if (bypass && most >= 1)
            try_orders(f, inputs, outputs, m->n, mf_ceil_div(all, most), true);
    }
}

mf_status mf_searcher_find_floor(mf_searcher *s, mf_diag *diag)
{
    floors f = {.s = s, .pj = DBL_MAX, .cycles = DBL_MAX};
    s->floor_pj = s->floor_cycles = 0;
    if (s->mapping.bypass_buffer[MF_IFMAP] || s->mapping.bypass_buffer[MF_PSUM])
        return MF_OK;
    for (int rows = 0; rows < 2; rows++)
        f.whole[rows] = mf_searcher_whole(s, rows, 0, 0)->buffer[MF_GRAIN_WHOLE];
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        MF_TRY(list_trips(&f, d, diag));
    for (size_t n = 0; n < f.n_trips[MF_N]; n++)
        for (size_t e = 0; e < f.n_trips[MF_E]; e++)
            for (size_t g = 0; g < f.n_trips[MF_F]; g++)
                try_filters(&f, &f.trips[MF_N][n], &f.trips[MF_E][e], &f.trips[MF_F][g]);
    if (f.pj < DBL_MAX) {
        s->floor_pj = f.pj;
        s->floor_cycles = f.cycles;
    }
    return MF_OK;
}
