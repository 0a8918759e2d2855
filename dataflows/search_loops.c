/* Which loops are there around an array tile? First which families move within the buffer, and
 * which family's loops are innermost there and in DRAM: that settles what comes again for what.
 * Then, as long as a bound does not forbid it, the sizes of the buffer tile: outputs, filters,
 * channels. */
#include "dataflows/searcher.h"

#include <stdlib.h>
#include <string.h>

typedef struct nest {
    mf_searcher *s;
    const uint16_t *choice;
    const mf_tile_choice *filters, *channels;
    bool within[MF_N_LOOP_FAMILIES]; /* moves within the buffer */
    int buffer_family;       /* of the innermost loop that moves there, or MF_NO_LOOP_FAMILY */
    int dram_family;         /* the same of DRAM loops */
    uint64_t groups, kernel; /* steps in a buffer tile: of groups, of R x S */
    const mf_halo *rows, *columns; /* all in the buffer */
    mf_factors factors;
} nest;

static const mf_tile_choice *at(const nest *t, int d)
{
    return &t->s->choices[d][t->choice[d]];
}

/* ---- buffer tiles of outputs -------------------------------------------------------------------
 */

static int by_trips(const void *a, const void *b)
{
    const mf_outputs_cut *x = a, *y = b;
    if (x->factor.n[1] != y->factor.n[1])
        return x->factor.n[1] < y->factor.n[1] ? -1 : 1;
    if (x->ifmap_words != y->ifmap_words)
        return x->ifmap_words < y->ifmap_words ? -1 : 1;
    return x->n != y->n   ? (x->n < y->n ? -1 : 1)
           : x->e != y->e ? (x->e < y->e ? -1 : 1)
           : x->f < y->f  ? -1
                          : x->f > y->f;
}

static void add_outputs(mf_searcher *s, const mf_cut *n, const mf_cut *e, const mf_cut *f,
                        const mf_halo *rows, const mf_halo *columns)
{
    mf_outputs_cut *o = &s->outputs[s->n_outputs++];
    *o = (mf_outputs_cut){
        n, e, f, rows, columns, {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}, 0, 0, {false, false}};
    const mf_cut *cuts[] = {n, e, f};
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 3; k++) {
            o->factor.n[k] *= cuts[i]->split.n[k];
            o->factor.pes[k] *= cuts[i]->split.pes[k];
            o->factor.pe_rows[k] *= cuts[i]->split.pe_rows[k];
        }
        for (int level = 0; level < MF_N_LOOP_LEVELS; level++)
            o->moves[level] = o->moves[level] || cuts[i]->split.moves[level];
    }
    o->ifmap_words = (uint64_t)n->buffer * rows->largest[MF_BUFFER] * columns->largest[MF_BUFFER];
    o->psum_words = (uint64_t)n->buffer * e->buffer * f->buffer;
}

/* All that fit with the least of filters and channels, fewest trips first. They are the same for
 * all array tiles of a branch. */
static mf_status list_outputs(mf_searcher *s, const uint16_t *choice, mf_diag *diag)
{
    const mf_tile_choice *n = mf_searcher_cut(s, MF_N, choice[MF_N]),
                         *e = mf_searcher_cut(s, MF_E, choice[MF_E]),
                         *f = mf_searcher_cut(s, MF_F, choice[MF_F]);
    const mf_halo *rows = mf_searcher_halos(s, true, choice[MF_E], choice[MF_R]),
                  *columns = mf_searcher_halos(s, false, choice[MF_F], choice[MF_S]);
    if (!n || !e || !f || !rows || !columns)
        return mf_fail_memory(diag);
    size_t most = n->n_cuts * e->n_cuts * f->n_cuts;
    if (most > s->most_outputs) {
        mf_outputs_cut *grown = realloc(s->outputs, most * sizeof *grown);
        if (!grown)
            return mf_fail_memory(diag);
        s->outputs = grown;
        s->most_outputs = most;
    }
    s->n_outputs = 0;
    for (size_t i = 0; i < n->n_cuts; i++)
        for (size_t k = 0; k < e->n_cuts; k++)
            for (size_t l = 0; l < f->n_cuts; l++)
                add_outputs(s, &n->cuts[i], &e->cuts[k], &f->cuts[l], &rows[k], &columns[l]);
    qsort(s->outputs, s->n_outputs, sizeof *s->outputs, by_trips);
    s->outputs_known = true;
    return MF_OK;
}

/* ---- footprints --------------------------------------------------------------------------------
 */

static bool stays(const nest *t, int out, int kernel)
{
    return !at(t, out)->split.spread && !at(t, kernel)->split.spread;
}

/* Before the outputs' buffer tile is known: at least so much. */
static void least_footprints(nest *t)
{
    mf_factors *k = &t->factors;
    const mf_halo *rows = t->rows, *columns = t->columns;
    bool slides = t->buffer_family != MF_CHANNELS, e = slides && stays(t, MF_E, MF_R),
         f = slides && stays(t, MF_F, MF_S);
    k->ifmap_buffer = rows->buffer[MF_GRAIN_WHOLE] * columns->buffer[MF_GRAIN_WHOLE];
    mf_searcher_least_footprints(t->s, rows, columns, e, f, k);
}

/* The dimension of the innermost loop within the buffer that replaces the ifmap's array tile. */
static int innermost_of_ifmap(const nest *t, const mf_outputs_cut *o)
{
    const uint8_t *order = t->s->dataflow->buffer_order;
    for (int i = MF_N_DIMENSIONS - 1; i >= 0; i--) {
        int d = order[i], f = mf_loop_family_of(d);
        if (f == MF_CHANNELS && t->within[f])
            return MF_C; /* or R, or S: none of them slides */
        if ((d == MF_N && o->n->split.moves[MF_BUFFER_LOOPS]) ||
            (d == MF_E && o->e->split.moves[MF_BUFFER_LOOPS]) ||
            (d == MF_F && o->f->split.moves[MF_BUFFER_LOOPS]))
            return d;
    }
    return MF_NO_DIMENSION;
}

/* `last`: the dimension of outputs whose DRAM loop is the innermost that replaces the ifmap. */
static void take_footprints(nest *t, const mf_outputs_cut *o, int last)
{
    mf_factors *k = &t->factors;
    int loop = innermost_of_ifmap(t, o), slid = MF_GRAIN_BUFFER;
    bool slide_buffer = t->s->machine->slide_buffer;
    if (loop == MF_NO_DIMENSION) {
        loop = last;
        slid = MF_GRAIN_WHOLE;
    }
    bool e = loop == MF_E && stays(t, MF_E, MF_R), f = loop == MF_F && stays(t, MF_F, MF_S);
    k->ifmap_array =
        o->rows->array[e ? slid : MF_GRAIN_ARRAY] * o->columns->array[f ? slid : MF_GRAIN_ARRAY];
    int e_grain = e ? slid : MF_GRAIN_OWN, f_grain = f ? slid : MF_GRAIN_OWN;
    k->ifmap_pe = o->rows->pe[e_grain] * o->columns->pe[f_grain];
    k->ifmap_pe_row = o->rows->pe_row[e_grain] * o->columns->pe_row[f_grain];
    k->ifmap_buffer =
        o->rows->buffer[slide_buffer && last == MF_E ? MF_GRAIN_WHOLE : MF_GRAIN_BUFFER] *
        o->columns->buffer[slide_buffer && last == MF_F ? MF_GRAIN_WHOLE : MF_GRAIN_BUFFER];
}

/* ---- a nest found ------------------------------------------------------------------------------
 */

static void set_orders(const nest *t, int last, mf_mapping *m)
{
    uint8_t *dram = m->order[MF_DRAM_LOOPS], *buffer = m->order[MF_BUFFER_LOOPS];
    int inner = t->dram_family == MF_NO_LOOP_FAMILY ? MF_OUTPUTS : t->dram_family;
    static const uint8_t outputs[2][3] = {{MF_N, MF_E, MF_F}, {MF_N, MF_F, MF_E}};
    static const uint8_t families[MF_N_LOOP_FAMILIES][MF_N_LOOP_FAMILIES] = {
        {MF_FILTERS, MF_CHANNELS, MF_OUTPUTS},
        {MF_CHANNELS, MF_OUTPUTS, MF_FILTERS},
        {MF_OUTPUTS, MF_FILTERS, MF_CHANNELS}};
    int n = 0;
    dram[n++] = MF_G;
    for (int i = 0; i < MF_N_LOOP_FAMILIES; i++) {
        int f = families[inner][i];
        for (int k = 0; k < (f == MF_FILTERS ? 1 : 3); k++)
            dram[n++] =
                f == MF_OUTPUTS ? outputs[last == MF_E][k] : mf_loop_family_dimensions[f][k];
    }
    memcpy(buffer, t->s->dataflow->buffer_order, MF_N_DIMENSIONS);
    if (!mf_dataflow_orders_freely(t->s->dataflow, t->s->work))
        return;
    n = 0;
    buffer[n++] = MF_G;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < MF_N_DIMENSIONS; i++) {
            int d = t->s->dataflow->buffer_order[i];
            if (d != MF_G && (mf_loop_family_of(d) == t->buffer_family) == pass)
                buffer[n++] = (uint8_t)d;
        }
}

static void keep(const nest *t, const mf_outputs_cut *o, const mf_cut *m, const mf_cut *c, int last,
                 const mf_value *v)
{
    mf_mapping *mapping = &t->s->found->mapping;
    *mapping = t->s->mapping;
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        const mf_tile_choice *choice = at(t, d);
        mapping->tile[MF_REGISTER][d] = choice->reg;
        mapping->tile[MF_COLUMNS][d] = choice->columns;
        mapping->tile[MF_ROWS][d] = choice->rows;
    }
    uint32_t *buffer = mapping->tile[MF_BUFFER];
    memcpy(buffer, t->s->work->size, sizeof mapping->tile[MF_BUFFER]);
    buffer[MF_G] = at(t, MF_G)->rows;
    buffer[MF_N] = o->n->buffer;
    buffer[MF_E] = o->e->buffer;
    buffer[MF_F] = o->f->buffer;
    buffer[MF_M] = m->buffer;
    buffer[MF_C] = c->buffer;
    set_orders(t, last, mapping);
    t->s->best = *v;
}

static bool better(const mf_value *a, const mf_value *b)
{
    return a->value < b->value ||
           (a->value == b->value && (a->energy_pj < b->energy_pj ||
                                     (a->energy_pj == b->energy_pj && a->cycles < b->cycles)));
}

/* ---- buffer tiles ------------------------------------------------------------------------------
 */

/* The kernel is whole in the buffer; what of it is not in the array moves there. */
static void take_channels(nest *t, const mf_cut *c)
{
    mf_factor *f = &t->factors.family[MF_CHANNELS];
    for (int k = 0; k < 3; k++) {
        f->n[k] = c->split.n[k] * at(t, MF_R)->split.n[k] * at(t, MF_S)->split.n[k];
        f->pes[k] = c->split.pes[k] * at(t, MF_R)->split.pes[k] * at(t, MF_S)->split.pes[k];
        f->pe_rows[k] =
            c->split.pe_rows[k] * at(t, MF_R)->split.pe_rows[k] * at(t, MF_S)->split.pe_rows[k];
    }
}

static void take_filters(nest *t, const mf_cut *m)
{
    mf_factor *f = &t->factors.family[MF_FILTERS];
    memcpy(f->n, m->split.n, sizeof f->n);
    memcpy(f->pes, m->split.pes, sizeof f->pes);
    memcpy(f->pe_rows, m->split.pe_rows, sizeof f->pe_rows);
}

static bool take_tiles(nest *t, const mf_outputs_cut *o, uint64_t filters, uint64_t channels)
{
    const mf_capacity *c = &t->s->machine->capacity;
    uint64_t *words = t->factors.tiles.buffer, bits = 0;
    words[MF_IFMAP] = t->groups * channels * o->ifmap_words;
    words[MF_WEIGHT] = t->groups * filters * channels * t->kernel;
    words[MF_PSUM] = t->groups * filters * o->psum_words;
    for (int i = 0; i < MF_N_TENSORS; i++)
        bits += mf_buffer_bits(&t->s->mapping, c, i, words[i]);
    return bits <= c->buffer_bits;
}

static bool hopeless(const nest *t)
{
    mf_value bound = mf_searcher_bound(t->s, &t->factors);
    bool cut = mf_searcher_hopeless(t->s, &bound);
    t->s->found->tally.n_cut += cut;
    return cut;
}

/* Each family that moves within the buffer has more than an array tile there, every other has one.
 */
static const mf_cut *first_cut(const mf_tile_choice *c, bool within)
{
    return within ? c->cuts : c->cuts + c->n_cuts - 1;
}

static bool agrees(const mf_cut *c, const mf_tile_choice *choice, bool within)
{
    return within == (c->buffer > choice->rows);
}

static void try_channels(nest *t, const mf_outputs_cut *o, const mf_cut *m, int last)
{
    const mf_tile_choice *list = t->channels;
    bool kernel_moves = at(t, MF_R)->split.n[2] > 1 || at(t, MF_S)->split.n[2] > 1;
    for (const mf_cut *c = first_cut(list, t->within[MF_CHANNELS]); c < list->cuts + list->n_cuts;
         c++) {
        if (!kernel_moves && !agrees(c, list, t->within[MF_CHANNELS]))
            continue;
        bool moves = c->split.n[1] > 1;
        if ((t->dram_family == MF_CHANNELS && !moves) ||
            (t->dram_family == MF_NO_LOOP_FAMILY && moves))
            continue;
        if (!take_tiles(t, o, m->buffer, c->buffer)) {
            t->s->found->tally.n_rejected_buffer++;
            continue;
        }
        take_channels(t, c);
        mf_value v = mf_searcher_price(t->s, &t->factors);
        t->s->found->tally.n_tried++;
        if (better(&v, &t->s->best))
            keep(t, o, m, c, last, &v);
    }
}

static void forget_channels(nest *t)
{
    const mf_cut *c = first_cut(t->channels, t->within[MF_CHANNELS]);
    take_channels(t, c);
}

static void forget_filters(nest *t)
{
    take_filters(t, first_cut(t->filters, t->within[MF_FILTERS]));
}

static void try_filters(nest *t, const mf_outputs_cut *o, int last)
{
    const mf_tile_choice *list = t->filters;
    for (const mf_cut *m = first_cut(list, t->within[MF_FILTERS]); m < list->cuts + list->n_cuts;
         m++) {
        if (!agrees(m, list, t->within[MF_FILTERS]))
            continue;
        bool moves = m->split.n[1] > 1;
        if ((t->dram_family == MF_FILTERS && !moves) ||
            (t->dram_family == MF_NO_LOOP_FAMILY && moves))
            continue;
        take_filters(t, m);
        forget_channels(t);
        if (!take_tiles(t, o, m->buffer, t->channels->rows)) {
            t->s->found->tally.n_rejected_buffer++;
            continue;
        }
        if (!hopeless(t))
            try_channels(t, o, m, last);
    }
}

/* With which of E and F innermost? It matters where the ifmap slides along it. */
static void try_lasts(nest *t, const mf_outputs_cut *o)
{
    bool e = o->e->split.moves[MF_DRAM_LOOPS], f = o->f->split.moves[MF_DRAM_LOOPS];
    if (t->dram_family == MF_CHANNELS || t->dram_family == MF_NO_LOOP_FAMILY)
        e = f = false;
    for (int which = 0; which < 2; which++) {
        int last = which == 0 ? (f ? MF_F : e ? MF_E : MF_NO_DIMENSION) : MF_E;
        if (which == 1 && !(e && f))
            break;
        take_footprints(t, o, last);
        forget_filters(t);
        forget_channels(t);
        take_tiles(t, o, t->filters->rows, t->channels->rows);
        if (!hopeless(t))
            try_filters(t, o, last);
    }
}

/* How many of the outputs' buffer tiles, fewest trips first, are worth a try? As if the one at `i`,
 * which makes the fewest trips of all from there on, had the least of all else. */
static size_t count_outputs(nest *t)
{
    mf_searcher *s = t->s;
    size_t low = 0, high = s->n_outputs;
    mf_factor *f = &t->factors.family[MF_OUTPUTS], least = *f;
    while (low < high) {
        size_t i = low + (high - low) / 2;
        *f = least;
        f->n[1] = s->outputs[i].factor.n[1] > least.n[1] ? s->outputs[i].factor.n[1] : least.n[1];
        if (hopeless(t))
            high = i;
        else
            low = i + 1;
    }
    return low;
}

static void try_outputs(nest *t)
{
    mf_searcher *s = t->s;
    size_t n = count_outputs(t);
    for (size_t i = 0; i < n; i++) {
        const mf_outputs_cut *o = &s->outputs[i];
        if (o->moves[MF_BUFFER_LOOPS] != t->within[MF_OUTPUTS])
            continue;
        bool moves = o->moves[MF_DRAM_LOOPS];
        if ((t->dram_family == MF_OUTPUTS && !moves) ||
            (t->dram_family == MF_NO_LOOP_FAMILY && moves))
            continue;
        if (!take_tiles(t, o, t->filters->rows, t->channels->rows)) {
            s->found->tally.n_rejected_buffer++;
            continue;
        }
        t->factors.family[MF_OUTPUTS] = o->factor;
        try_lasts(t, o);
    }
}

/* ---- kinds of nests ----------------------------------------------------------------------------
 */

/* Which n counts for the tensor that a family does not matter to? Of the innermost loop that
 * replaces the tensor's tile, the family's loops are inside (they count at no level from there on)
 * or outside. */
static void set_scopes(nest *t)
{
    for (int g = 0; g < MF_N_LOOP_FAMILIES; g++) {
        bool others_within = false;
        for (int f = 0; f < MF_N_LOOP_FAMILIES; f++)
            others_within = others_within || (f != g && t->within[f]);
        uint8_t outer = t->dram_family != MF_NO_LOOP_FAMILY && t->dram_family != g;
        t->factors.buffer_scope[g] = outer;
        t->factors.array_scope[g] = others_within ? (t->buffer_family == g ? 1 : 2) : outer;
    }
}

static void try_kind(nest *t)
{
    const mf_searcher *s = t->s;
    mf_factors *k = &t->factors;
    const mf_cut *cuts[] = {NULL, NULL, NULL};
    set_scopes(t);
    least_footprints(t);
    forget_filters(t);
    forget_channels(t);
    k->family[MF_OUTPUTS] = (mf_factor){{1, 1, 1}, {1, 1, 1}, {1, 1, 1}};
    static const uint8_t outputs[] = {MF_N, MF_E, MF_F};
    for (int i = 0; i < 3; i++) {
        cuts[i] = first_cut(at(t, outputs[i]), t->within[MF_OUTPUTS]);
        for (int l = 0; l < 3; l++) {
            k->family[MF_OUTPUTS].n[l] *= cuts[i]->split.n[l];
            k->family[MF_OUTPUTS].pes[l] *= cuts[i]->split.pes[l];
            k->family[MF_OUTPUTS].pe_rows[l] *= cuts[i]->split.pe_rows[l];
        }
    }
    for (int i = 0; i < MF_N_TENSORS; i++)
        k->tiles.buffer[i] = k->tiles.array[i];
    (void)s;
    if (!hopeless(t))
        try_outputs(t);
}

/* May a family's loops be innermost in DRAM? Not if all its tiles are in the array already. */
static void try_dram_families(nest *t, const bool *may_move)
{
    for (int f = MF_NO_LOOP_FAMILY; f < MF_N_LOOP_FAMILIES; f++) {
        bool possible = f == MF_NO_LOOP_FAMILY || may_move[f];
        for (int g = 0; g < MF_N_LOOP_FAMILIES && f == MF_NO_LOOP_FAMILY; g++)
            possible = possible && (t->within[g] || !may_move[g]);
        t->dram_family = f;
        if (possible)
            try_kind(t);
    }
}

static void try_buffer_families(nest *t, const bool *may_move)
{
    const mf_dataflow *f = t->s->dataflow;
    if (mf_dataflow_orders_freely(f, t->s->work)) {
        bool any = false;
        for (int g = 0; g < MF_N_LOOP_FAMILIES; g++)
            if (t->within[g]) {
                any = true;
                t->buffer_family = g;
                try_dram_families(t, may_move);
            }
        t->buffer_family = MF_NO_LOOP_FAMILY;
        if (!any)
            try_dram_families(t, may_move);
        return;
    }
    t->buffer_family = MF_NO_LOOP_FAMILY;
    for (int i = MF_N_DIMENSIONS - 1; i >= 0 && t->buffer_family == MF_NO_LOOP_FAMILY; i--) {
        int g = mf_loop_family_of(f->buffer_order[i]);
        if (g != MF_NO_LOOP_FAMILY && t->within[g])
            t->buffer_family = g;
    }
    try_dram_families(t, may_move);
}

static void begin(nest *t)
{
    const mf_searcher *s = t->s;
    mf_factors *k = &t->factors;
    t->groups = at(t, MF_G)->rows;
    t->kernel = (uint64_t)s->work->size[MF_R] * s->work->size[MF_S];
    t->rows = mf_searcher_whole(s, true, t->choice[MF_E], t->choice[MF_R]);
    t->columns = mf_searcher_whole(s, false, t->choice[MF_F], t->choice[MF_S]);
    k->n_groups = at(t, MF_G)->split.n[2];
    k->compute = 1;
    uint64_t size[MF_N_DIMENSIONS];
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        k->compute *= at(t, d)->split.macs;
        size[d] = at(t, d)->rows;
    }
    k->tiles.array[MF_IFMAP] = size[MF_N] * size[MF_G] * size[MF_C] * t->rows->largest[MF_ROWS] *
                               t->columns->largest[MF_ROWS];
    k->tiles.array[MF_WEIGHT] = size[MF_G] * size[MF_M] * size[MF_C] * size[MF_R] * size[MF_S];
    k->tiles.array[MF_PSUM] = size[MF_N] * size[MF_G] * size[MF_M] * size[MF_E] * size[MF_F];
}

mf_status mf_searcher_complete(mf_searcher *s, const uint16_t *choice, mf_diag *diag)
{
    nest t = {.s = s, .choice = choice};
    if (!s->outputs_known)
        MF_TRY(list_outputs(s, choice, diag));
    t.filters = mf_searcher_cut(s, MF_M, choice[MF_M]);
    t.channels = mf_searcher_cut(s, MF_C, choice[MF_C]);
    if (!t.filters || !t.channels)
        return mf_fail_memory(diag);
    begin(&t);
    bool kernel_moves = at(&t, MF_R)->split.n[2] > 1 || at(&t, MF_S)->split.n[2] > 1;
    const bool may_move[MF_N_LOOP_FAMILIES] = {
        at(&t, MF_N)->split.n[2] > 1 || at(&t, MF_E)->split.n[2] > 1 ||
            at(&t, MF_F)->split.n[2] > 1,
        t.filters->split.n[2] > 1, t.channels->split.n[2] > 1};
    for (int bits = 0; bits < 1 << MF_N_LOOP_FAMILIES; bits++) {
        bool possible = !kernel_moves || bits & 1 << MF_CHANNELS;
        for (int f = 0; f < MF_N_LOOP_FAMILIES; f++) {
            t.within[f] = bits & 1 << f;
            possible =
                possible && (!t.within[f] || may_move[f] || (f == MF_CHANNELS && kernel_moves));
        }
        if (possible)
            try_buffer_families(&t, may_move);
    }
    return MF_OK;
}
