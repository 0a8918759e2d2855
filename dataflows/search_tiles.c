/* Which array tile first? Dimensions are chosen in three steps: all but channels and filters, then
 * channels, then filters. Each step's branches are sorted by a bound that no nest below them can
 * undercut, and left alone once the best nest found is as good. */
#include "dataflows/searcher.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

static const int first_dimensions[] = {MF_R, MF_S, MF_N, MF_F, MF_E, MF_G};
enum { N_FIRST = sizeof first_dimensions / sizeof first_dimensions[0] };

/* ---- what is still open ------------------------------------------------------------------------
 */

static void lessen(mf_least_choice *a, const mf_least_choice *b)
{
    a->n = b->n < a->n ? b->n : a->n;
    a->pes0 = b->pes0 < a->pes0 ? b->pes0 : a->pes0;
    a->pes2 = b->pes2 < a->pes2 ? b->pes2 : a->pes2;
    a->pe_rows0 = b->pe_rows0 < a->pe_rows0 ? b->pe_rows0 : a->pe_rows0;
    a->pe_rows2 = b->pe_rows2 < a->pe_rows2 ? b->pe_rows2 : a->pe_rows2;
    a->macs = b->macs < a->macs ? b->macs : a->macs;
    a->rows = b->rows < a->rows ? b->rows : a->rows;
}

static const mf_least_choice nothing = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
                                        UINT64_MAX, UINT64_MAX, UINT64_MAX};

static mf_least_choice of_choice(const mf_tile_choice *c)
{
    return (mf_least_choice){
        c->split.n[2],       c->split.pes[0], c->split.pes[2], c->split.pe_rows[0],
        c->split.pe_rows[2], c->split.macs,   c->rows};
}

/* least[d]: of all choices within so many PE rows and columns; one entry for all where the array is
 * too large for a table. */
static mf_status list_least(mf_searcher *s, int d, mf_diag *diag)
{
    const mf_capacity *c = &s->machine->capacity;
    mf_least_table *t = &s->least[d];
    t->rows = mf_least(c->pe_rows, s->work->size[d]);
    t->columns = mf_least(c->pe_columns, s->work->size[d]);
    t->one = (uint64_t)(t->rows + 1) * (t->columns + 1) > 1 << 14;
    size_t width = t->one ? 1 : t->columns + 1, n = t->one ? 1 : (t->rows + 1) * width;
    t->list = MF_NEW_ARRAY(s->arena, mf_least_choice, n);
    if (!t->list)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n; i++)
        t->list[i] = nothing;
    for (size_t i = 0; i < s->n_choices[d]; i++) {
        const mf_tile_choice *choice = &s->choices[d][i];
        mf_least_choice one = of_choice(choice);
        lessen(&t->list[t->one ? 0 : choice->pe_rows * width + choice->pe_columns], &one);
    }
    for (size_t r = 0; r <= t->rows && !t->one; r++)
        for (size_t k = 0; k <= t->columns; k++) {
            if (r)
                lessen(&t->list[r * width + k], &t->list[(r - 1) * width + k]);
            if (k)
                lessen(&t->list[r * width + k], &t->list[r * width + k - 1]);
        }
    return MF_OK;
}

static const mf_least_choice *least_within(const mf_searcher *s, int d, uint64_t rows,
                                           uint64_t columns)
{
    const mf_least_table *t = &s->least[d];
    if (t->one)
        return t->list;
    return &t->list[mf_least(rows, t->rows) * (size_t)(t->columns + 1) +
                    mf_least(columns, t->columns)];
}

/* ---- bounds ------------------------------------------------------------------------------------
 */

static const mf_tile_choice *at(const mf_searcher *s, const uint16_t *choice, int d)
{
    return &s->choices[d][choice[d]];
}

static void multiply(mf_factor *f, const mf_least_choice *c, bool by_pe_row)
{
    f->n[2] *= c->n;
    f->pes[0] *= c->pes0;
    f->pes[1] *= c->pes0;
    f->pes[2] *= c->pes2;
    if (!by_pe_row)
        return;
    f->pe_rows[0] *= c->pe_rows0;
    f->pe_rows[1] *= c->pe_rows0;
    f->pe_rows[2] *= c->pe_rows2;
}

/* The ifmap's footprints with the least halo: one of E and F may slide, if it stays in its PE and
 * no channel loop is inside. */
static void footprints(const mf_searcher *s, const uint16_t *choice, bool slides, mf_factors *k)
{
    const mf_halo *rows = mf_searcher_whole(s, true, choice[MF_E], choice[MF_R]),
                  *columns = mf_searcher_whole(s, false, choice[MF_F], choice[MF_S]);
    bool e = slides && !at(s, choice, MF_E)->split.spread && !at(s, choice, MF_R)->split.spread,
         f = slides && !at(s, choice, MF_F)->split.spread && !at(s, choice, MF_S)->split.spread;
    k->ifmap_array = rows->array[MF_GRAIN_ARRAY] * columns->array[MF_GRAIN_ARRAY];
    k->ifmap_buffer = rows->buffer[MF_GRAIN_WHOLE] * columns->buffer[MF_GRAIN_WHOLE];
    mf_searcher_least_footprints(s, rows, columns, e, f, k);
}

/* Words of the tiles in the array, and so at least of those in the buffer. */
static void tile_words(const mf_searcher *s, const uint16_t *choice, const uint64_t *size,
                       mf_tiles *tiles)
{
    const mf_halo *rows = mf_searcher_whole(s, true, choice[MF_E], choice[MF_R]),
                  *columns = mf_searcher_whole(s, false, choice[MF_F], choice[MF_S]);
    tiles->array[MF_IFMAP] =
        size[MF_N] * size[MF_G] * size[MF_C] * rows->largest[MF_ROWS] * columns->largest[MF_ROWS];
    tiles->array[MF_WEIGHT] = size[MF_G] * size[MF_M] * size[MF_C] * size[MF_R] * size[MF_S];
    tiles->array[MF_PSUM] = size[MF_N] * size[MF_G] * size[MF_M] * size[MF_E] * size[MF_F];
    for (int t = 0; t < MF_N_TENSORS; t++)
        tiles->buffer[t] = tiles->array[t];
}

static void meet(mf_value *least, const mf_value *v)
{
    least->value = v->value < least->value ? v->value : least->value;
    least->energy_pj = v->energy_pj < least->energy_pj ? v->energy_pj : least->energy_pj;
    least->cycles = v->cycles < least->cycles ? v->cycles : least->cycles;
}

/* Some family's loop is the innermost of all. The two tensors that depend on it come again for
 * every array tile of what they do not depend on; the third comes at least once. `open[d]`: the
 * least of a dimension that is not chosen yet, else NULL. */
static mf_value bound_tile(const mf_searcher *s, const uint16_t *choice,
                           const mf_least_choice *const *open, uint64_t open_macs)
{
    mf_factors k = {.n_groups = 1, .compute = 1};
    uint64_t size[MF_N_DIMENSIONS];
    bool may_move[MF_N_LOOP_FAMILIES] = {false}, any = false;
    for (int f = 0; f < MF_N_LOOP_FAMILIES; f++)
        k.family[f] = (mf_factor){{1, 1, 1}, {1, 1, 1}, {1, 1, 1}};
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        mf_least_choice c = open[d] ? *open[d] : of_choice(at(s, choice, d));
        int f = mf_loop_family_of(d);
        size[d] = c.rows;
        k.compute *= c.macs;
        if (f == MF_NO_LOOP_FAMILY)
            k.n_groups *= c.n;
        else
            multiply(&k.family[f], &c, s->by_pe_row);
        if (f != MF_NO_LOOP_FAMILY && (open[d] || c.n > 1))
            may_move[f] = any = true;
    }
    k.compute = k.compute > open_macs ? k.compute : open_macs;
    tile_words(s, choice, size, &k.tiles);
    mf_value least = {DBL_MAX, DBL_MAX, DBL_MAX};
    for (int f = 0; f < MF_N_LOOP_FAMILIES; f++) {
        if (!may_move[f] && (any || f > 0))
            continue;
        for (int g = 0; g < MF_N_LOOP_FAMILIES; g++)
            k.array_scope[g] = g == f ? 0 : 2;
        footprints(s, choice, f != MF_CHANNELS, &k);
        mf_value v = mf_searcher_bound(s, &k);
        meet(&least, &v);
    }
    return least;
}

/* ---- branches ----------------------------------------------------------------------------------
 */

static int by_bound(const void *a, const void *b)
{
    const mf_branch *x = a, *y = b;
    if (x->bound.value != y->bound.value)
        return x->bound.value < y->bound.value ? -1 : 1;
    if (x->bound.energy_pj != y->bound.energy_pj)
        return x->bound.energy_pj < y->bound.energy_pj ? -1 : 1;
    if (x->bound.cycles != y->bound.cycles)
        return x->bound.cycles < y->bound.cycles ? -1 : 1;
    return memcmp(x->choice, y->choice, sizeof x->choice);
}

static mf_status add_branch(mf_branches *list, const uint16_t *choice, const mf_value *bound,
                            mf_diag *diag)
{
    if (list->n == list->most) {
        size_t most = list->most ? 2 * list->most : 1024;
        mf_branch *grown = realloc(list->list, most * sizeof *grown);
        if (!grown)
            return mf_fail_memory(diag);
        list->list = grown;
        list->most = most;
    }
    mf_branch *branch = &list->list[list->n++];
    memcpy(branch->choice, choice, sizeof branch->choice);
    branch->bound = *bound;
    return MF_OK;
}

static void sort(mf_branches *list)
{
    if (list->n)
        qsort(list->list, list->n, sizeof *list->list, by_bound);
}

static bool latch_or_file(const mf_searcher *s, int t, uint64_t words)
{
    const mf_capacity *c = &s->machine->capacity;
    return s->mapping.bypass_register[t] ? words <= 1 : words * c->bits[t] <= c->register_bits[t];
}

/* Do so many channels and filters fit into a PE's registers? */
static bool registers_fit(const mf_searcher *s, const uint16_t *choice, uint64_t channels,
                          uint64_t filters)
{
    uint64_t reg[MF_N_DIMENSIONS];
    for (int i = 0; i < N_FIRST; i++)
        reg[first_dimensions[i]] = at(s, choice, first_dimensions[i])->reg;
    uint64_t rows = mf_searcher_whole(s, true, choice[MF_E], choice[MF_R])->largest[MF_REGISTER],
             columns =
                 mf_searcher_whole(s, false, choice[MF_F], choice[MF_S])->largest[MF_REGISTER];
    return latch_or_file(s, MF_IFMAP, reg[MF_N] * reg[MF_G] * channels * rows * columns) &&
           latch_or_file(s, MF_WEIGHT, reg[MF_G] * filters * channels * reg[MF_R] * reg[MF_S]) &&
           latch_or_file(s, MF_PSUM, reg[MF_N] * reg[MF_G] * filters * reg[MF_E] * reg[MF_F]);
}

/* ---- the steps ---------------------------------------------------------------------------------
 */

/* MAC positions of a PE, of all dimensions but channels and filters. */
static uint64_t macs_of(const mf_searcher *s, const uint16_t *choice)
{
    uint64_t macs = 1;
    for (int i = 0; i < N_FIRST; i++)
        macs *= at(s, choice, first_dimensions[i])->split.macs;
    return macs;
}

/* The third step: filters. */
static mf_status try_filters(mf_searcher *s, const mf_branch *branch, uint64_t rows,
                             uint64_t columns, mf_diag *diag)
{
    static const mf_least_choice *const closed[MF_N_DIMENSIONS] = {NULL};
    mf_search_tally *tally = &s->found->tally;
    mf_branch b = *branch;
    uint64_t macs = macs_of(s, b.choice) * at(s, b.choice, MF_C)->split.macs;
    s->leaves.n = 0;
    for (size_t i = 0; i < s->n_choices[MF_M]; i++) {
        const mf_tile_choice *c = &s->choices[MF_M][i];
        if (c->pe_rows > rows || c->pe_columns > columns) {
            tally->n_rejected_pes++;
            continue;
        }
        if (!registers_fit(s, b.choice, at(s, b.choice, MF_C)->reg, c->reg)) {
            tally->n_rejected_registers++;
            continue;
        }
        b.choice[MF_M] = (uint16_t)i;
        tally->n_array_tiles++;
        if (mf_searcher_too_slow(s, macs * c->split.macs)) {
            tally->n_pruned++;
            continue;
        }
        mf_value bound = bound_tile(s, b.choice, closed, 0);
        if (mf_searcher_hopeless(s, &bound))
            tally->n_pruned++;
        else
            MF_TRY(add_branch(&s->leaves, b.choice, &bound, diag));
    }
    sort(&s->leaves);
    for (size_t i = 0; i < s->leaves.n; i++)
        if (mf_searcher_hopeless(s, &s->leaves.list[i].bound))
            tally->n_pruned++;
        else
            MF_TRY(mf_searcher_complete(s, s->leaves.list[i].choice, diag));
    return MF_OK;
}

static void free_pes(const mf_searcher *s, const uint16_t *choice, uint64_t *rows,
                     uint64_t *columns)
{
    *rows = s->machine->capacity.pe_rows;
    *columns = s->machine->capacity.pe_columns;
    for (int i = 0; i < N_FIRST; i++) {
        *rows /= at(s, choice, first_dimensions[i])->pe_rows;
        *columns /= at(s, choice, first_dimensions[i])->pe_columns;
    }
}

/* The second step: channels. */
static mf_status try_channels(mf_searcher *s, const mf_branch *branch, mf_diag *diag)
{
    uint64_t rows, columns;
    mf_branch b = *branch;
    const mf_least_choice *open[MF_N_DIMENSIONS] = {NULL};
    free_pes(s, b.choice, &rows, &columns);
    uint64_t macs = macs_of(s, b.choice);
    s->outputs_known = false;
    s->children.n = 0;
    for (size_t i = 0; i < s->n_choices[MF_C]; i++) {
        const mf_tile_choice *c = &s->choices[MF_C][i];
        if (c->pe_rows > rows || c->pe_columns > columns) {
            s->found->tally.n_rejected_pes++;
            continue;
        }
        if (!registers_fit(s, b.choice, c->reg, 1)) {
            s->found->tally.n_rejected_registers++;
            continue;
        }
        b.choice[MF_C] = (uint16_t)i;
        open[MF_M] = least_within(s, MF_M, rows / c->pe_rows, columns / c->pe_columns);
        if (mf_searcher_too_slow(s, macs * c->split.macs * open[MF_M]->macs)) {
            s->found->tally.n_cut++;
            continue;
        }
        mf_value bound = bound_tile(s, b.choice, open, 0);
        if (mf_searcher_hopeless(s, &bound))
            s->found->tally.n_cut++;
        else
            MF_TRY(add_branch(&s->children, b.choice, &bound, diag));
    }
    sort(&s->children);
    for (size_t i = 0; i < s->children.n; i++) {
        const mf_branch *child = &s->children.list[i];
        const mf_tile_choice *c = at(s, child->choice, MF_C);
        if (mf_searcher_hopeless(s, &child->bound))
            s->found->tally.n_cut++;
        else
            MF_TRY(try_filters(s, child, rows / c->pe_rows, columns / c->pe_columns, diag));
    }
    return MF_OK;
}

/* The first step: all else, one dimension after the other. */
static mf_status list_nodes(mf_searcher *s, int depth, uint16_t *choice, uint64_t rows,
                            uint64_t columns, mf_diag *diag)
{
    if (depth == N_FIRST) {
        const mf_least_choice *open[MF_N_DIMENSIONS] = {NULL};
        if (!registers_fit(s, choice, 1, 1)) {
            s->found->tally.n_rejected_registers++;
            return MF_OK;
        }
        open[MF_M] = least_within(s, MF_M, rows, columns);
        open[MF_C] = least_within(s, MF_C, rows, columns);
        uint64_t macs = (uint64_t)s->work->size[MF_M] * s->work->size[MF_C];
        macs = (macs + rows * columns - 1) / (rows * columns);
        macs *= macs_of(s, choice);
        if (mf_searcher_too_slow(s, macs)) {
            s->found->tally.n_cut++;
            return MF_OK;
        }
        mf_value bound = bound_tile(s, choice, open, macs);
        if (mf_searcher_beyond(s, &bound)) {
            s->found->tally.n_cut++;
            return MF_OK;
        }
        return add_branch(&s->nodes, choice, &bound, diag);
    }
    int d = first_dimensions[depth];
    for (size_t i = 0; i < s->n_choices[d]; i++) {
        const mf_tile_choice *c = &s->choices[d][i];
        if (c->pe_rows > rows || c->pe_columns > columns) {
            s->found->tally.n_rejected_pes++;
            continue;
        }
        choice[d] = (uint16_t)i;
        MF_TRY(list_nodes(s, depth + 1, choice, rows / c->pe_rows, columns / c->pe_columns, diag));
    }
    return MF_OK;
}

mf_status mf_searcher_go_through(mf_searcher *s, mf_diag *diag)
{
    uint16_t choice[MF_N_DIMENSIONS] = {0};
    const mf_capacity *c = &s->machine->capacity;
    if (!s->least[MF_M].list) {
        MF_TRY(list_least(s, MF_M, diag));
        MF_TRY(list_least(s, MF_C, diag));
    }
    s->nodes.n = 0;
    MF_TRY(list_nodes(s, 0, choice, c->pe_rows, c->pe_columns, diag));
    sort(&s->nodes);
    for (size_t i = 0; i < s->nodes.n; i++)
        if (mf_searcher_hopeless(s, &s->nodes.list[i].bound))
            s->found->tally.n_cut++;
        else
            MF_TRY(try_channels(s, &s->nodes.list[i], diag));
    return MF_OK;
}
