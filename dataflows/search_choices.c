/* Which ways are there to lay one dimension onto registers and PEs, and to cut it in the buffer?
 * All regular ones, less those that another one is no worse than in everything that a count, a
 * capacity or a time depends on (docs/DATAFLOWS.md, "What the search leaves out"). */
#include "dataflows/searcher.h"

#include <string.h>

/* What a choice contributes, whatever the buffer tile. */
typedef struct merit {
    uint64_t n, pes, last_pes, visits, macs;
    uint64_t pe_rows, last_pe_rows, row_visits; /* 0 where words on rows' buses have no price */
} merit;

static merit merit_of(const mf_searcher *s, uint32_t size, uint32_t reg, uint32_t columns,
                      uint32_t rows)
{
    mf_split split = mf_split_of(size, reg, columns, rows, size);
    uint32_t last = size - (uint32_t)(split.n[2] - 1) * rows;
    merit m = {split.n[2], split.pes[0], mf_ceil_div(last, reg), split.pes[2], split.macs, 0, 0, 0};
    if (s->by_pe_row) {
        m.pe_rows = split.pe_rows[0];
        m.last_pe_rows = mf_ceil_div(last, columns);
        m.row_visits = split.pe_rows[2];
    }
    return m;
}

/* Is `b`, with no fewer PEs and no smaller tiles, never better than `a`? The PEs at work on the
 * last tile matter only where it can be alone in its buffer tile beside others. */
static bool no_better(const merit *b, const merit *a)
{
    return a->n <= b->n && a->pes <= b->pes && a->visits <= b->visits && a->macs <= b->macs &&
           a->pe_rows <= b->pe_rows && a->row_visits <= b->row_visits &&
           ((a->last_pes <= b->last_pes && a->last_pe_rows <= b->last_pe_rows) || b->n <= 2);
}

/* Output rows (or columns) at both ends whose windows hang over into the padding. Tiles that are
 * no shorter there all lose the same to the padding. */
static void edges_of(const mf_work *work, int d, uint32_t *begin, uint32_t *end)
{
    uint64_t extent = d == MF_E ? work->h : work->w, kernel = work->size[d == MF_E ? MF_R : MF_S],
             pad = d == MF_E ? work->pad_rows : work->pad_columns, inside = 0;
    if (extent + pad >= kernel)
        inside = (extent + pad - kernel) / work->stride + 1;
    *begin = mf_ceil_div(pad, work->stride);
    *end = inside < work->size[d] ? work->size[d] - (uint32_t)inside : 0;
}

/* Does a tile of this size leave something too short at an edge, which then is not dominated? */
static bool short_at_edge(const mf_work *work, int d, uint32_t tile)
{
    uint32_t begin, end, size = work->size[d];
    if ((d != MF_E && d != MF_F) || tile >= size)
        return false;
    edges_of(work, d, &begin, &end);
    uint32_t last = size - (mf_ceil_div(size, tile) - 1) * tile;
    return tile < begin || last < end;
}

static uint32_t columns_of(uint32_t size, uint64_t reg, uint64_t pe_columns)
{
    return mf_least(reg * pe_columns, size);
}

/* Is a neighbour with one PE column or row less no worse? */
static bool needs_fewer_pes(const mf_searcher *s, int d, uint32_t reg, uint32_t pe_columns,
                            uint32_t pe_rows, const merit *own)
{
    uint32_t size = s->work->size[d];
    for (int which = 0; which < 2; which++) {
        uint32_t c = pe_columns - (which == 0), r = pe_rows - (which == 1);
        if (c == 0 || r == 0 || (which == 1 && s->dataflow->whole_on_rows & MF_BIT(d)))
            continue;
        uint32_t columns = columns_of(size, reg, c), rows = mf_least((uint64_t)columns * r, size);
        if (mf_ceil_div(size, rows) > own->n)
            continue;
        merit other = merit_of(s, size, reg, columns, rows);
        if (no_better(own, &other))
            return true;
    }
    return false;
}

/* Steps that a PE's registers have room for. */
static uint32_t most_in_register(const mf_searcher *s, int d)
{
    const mf_capacity *c = &s->machine->capacity;
    uint64_t most = s->work->size[d];
    if (!(s->dataflow->in_register & MF_BIT(d)))
        return 1;
    for (int t = 0; t < MF_N_TENSORS; t++) {
        uint64_t words = c->register_bits[t] / c->bits[t];
        if (!(mf_tensor_dimensions(t) & MF_BIT(d)) || (d == MF_S && t == MF_IFMAP))
            continue; /* of a kernel row's ifmap words, some may be padding */
        if (s->dataflow->bypass_register[t] || words < 1)
            words = 1;
        most = words < most ? words : most;
    }
    return (uint32_t)most;
}

typedef struct choice_list {
    mf_tile_choice *list;
    size_t n, most;
} choice_list;

static mf_status add_choice(mf_searcher *s, choice_list *l, const mf_tile_choice *choice,
                            mf_diag *diag)
{
    if (l->n == UINT16_MAX)
        return mf_fail(diag, MF_NO_MAPPING,
                       "more than %d ways to lay one dimension onto the array: the array is too "
                       "large to be searched",
                       UINT16_MAX);
    if (l->n == l->most) {
        size_t most = l->most ? 2 * l->most : 64;
        mf_tile_choice *grown = MF_NEW_ARRAY(s->arena, mf_tile_choice, most);
        if (!grown)
            return mf_fail_memory(diag);
        if (l->n)
            memcpy(grown, l->list, l->n * sizeof *grown);
        l->list = grown;
        l->most = most;
    }
    l->list[l->n++] = *choice;
    return MF_OK;
}

/* All that take so many PEs, fewer steps per PE first. */
static mf_status add_group(mf_searcher *s, int d, uint32_t pe_columns, uint32_t pe_rows,
                           choice_list *l, mf_diag *diag)
{
    uint32_t size = s->work->size[d], most = most_in_register(s, d);
    bool kernel = d == MF_R || d == MF_S, outputs = d == MF_E || d == MF_F;
    size_t first = l->n;
    for (uint32_t reg = 1; reg <= most; reg++) {
        uint32_t columns = columns_of(size, reg, pe_columns),
                 rows = mf_least((uint64_t)columns * pe_rows, size);
        if (mf_ceil_div(columns, reg) < pe_columns || mf_ceil_div(rows, columns) < pe_rows)
            break; /* PEs without work, the more so with more steps in each */
        merit own = merit_of(s, size, reg, columns, rows);
        bool wasted = !kernel && !(outputs && short_at_edge(s->work, d, rows)) &&
                      needs_fewer_pes(s, d, reg, pe_columns, pe_rows, &own);
        for (size_t i = first; i < l->n && !wasted && !kernel; i++) {
            merit other = merit_of(s, size, l->list[i].reg, l->list[i].columns, l->list[i].rows);
            wasted = no_better(&own, &other);
        }
        if (!wasted)
            MF_TRY(
                add_choice(s, l,
                           &(mf_tile_choice){.reg = reg,
                                             .columns = columns,
                                             .rows = rows,
                                             .pe_columns = pe_columns,
                                             .pe_rows = pe_rows,
                                             .split = mf_split_of(size, reg, columns, rows, size)},
                           diag));
    }
    return MF_OK;
}

static mf_status list_dimension(mf_searcher *s, int d, mf_diag *diag)
{
    const mf_dataflow *f = s->dataflow;
    const mf_capacity *c = &s->machine->capacity;
    uint32_t size = s->work->size[d];
    bool whole = f->whole_on_rows & MF_BIT(d);
    uint32_t most_columns = f->on_columns & MF_BIT(d) ? mf_least(c->pe_columns, size) : 1,
             most_rows = (f->on_rows & MF_BIT(d)) || whole ? mf_least(c->pe_rows, size) : 1;
    choice_list list = {0};
    for (uint32_t rows = whole ? most_rows : 1; rows <= most_rows; rows++)
        for (uint32_t columns = 1; columns <= most_columns; columns++)
            MF_TRY(add_group(s, d, columns, rows, &list, diag));
    s->choices[d] = list.list;
    s->n_choices[d] = list.n;
    return MF_OK;
}

static void take(mf_searcher *s, int d, const mf_tile_choice *c, uint32_t buffer)
{
    s->mapping.tile[MF_REGISTER][d] = c->reg;
    s->mapping.tile[MF_COLUMNS][d] = c->columns;
    s->mapping.tile[MF_ROWS][d] = c->rows;
    s->mapping.tile[MF_BUFFER][d] = buffer;
}

static mf_status list_halos(mf_searcher *s, bool rows, mf_diag *diag)
{
    int d = rows ? MF_E : MF_F, k = rows ? MF_R : MF_S;
    size_t n = s->n_choices[d] * s->n_choices[k];
    s->whole_halos[rows] = MF_NEW_ARRAY(s->arena, mf_halo, n);
    s->cut_halos[rows] = MF_NEW_ARRAY(s->arena, mf_halo *, n);
    if (!s->whole_halos[rows] || !s->cut_halos[rows])
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n; i++) {
        take(s, d, &s->choices[d][i / s->n_choices[k]], s->work->size[d]);
        take(s, k, &s->choices[k][i % s->n_choices[k]], s->work->size[k]);
        s->whole_halos[rows][i] = mf_halo_of(s->work, &s->mapping, rows, s->by_pe_row);
    }
    return MF_OK;
}

mf_status mf_searcher_list_choices(mf_searcher *s, mf_diag *diag)
{
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        MF_TRY(list_dimension(s, d, diag));
    MF_TRY(list_halos(s, false, diag));
    return list_halos(s, true, diag);
}

const mf_halo *mf_searcher_whole(const mf_searcher *s, bool rows, size_t out, size_t kernel)
{
    return &s->whole_halos[rows][out * s->n_choices[rows ? MF_R : MF_S] + kernel];
}

/* Is a buffer tile of `m` of the `n` array tiles worth a try? The smallest for its number of
 * trips; one whose last trip is short of PEs (as it is where it is short of rows of PEs); one that is
 * short at an edge. */
static bool worth_a_cut(const mf_searcher *s, int d, const mf_tile_choice *c, uint32_t m)
{
    uint32_t n = (uint32_t)c->split.n[2], size = s->work->size[d];
    if (m == 1 || mf_ceil_div(n, m - 1) > mf_ceil_div(n, m))
        return true;
    uint32_t last = size - (n - 1) * c->rows;
    if ((n - 1) % m == 0 && mf_ceil_div(last, c->reg) < c->split.pes[0])
        return true;
    return short_at_edge(s->work, d, mf_least((uint64_t)m * c->rows, size));
}

const mf_tile_choice *mf_searcher_cut(mf_searcher *s, int d, size_t choice)
{
    mf_tile_choice *c = &s->choices[d][choice];
    uint32_t n = (uint32_t)c->split.n[2], size = s->work->size[d];
    size_t n_cuts = 0;
    if (c->cuts)
        return c;
    for (uint32_t m = n; m >= 1; m--)
        n_cuts += worth_a_cut(s, d, c, m);
    mf_cut *cuts = MF_NEW_ARRAY(s->arena, mf_cut, n_cuts);
    if (!cuts)
        return NULL;
    n_cuts = 0;
    for (uint32_t m = n; m >= 1; m--)
        if (worth_a_cut(s, d, c, m)) {
            uint32_t buffer = mf_least((uint64_t)m * c->rows, size);
            cuts[n_cuts++] =
                (mf_cut){buffer, mf_split_of(size, c->reg, c->columns, c->rows, buffer)};
        }
    c->cuts = cuts;
    c->n_cuts = n_cuts;
    return c;
}

const mf_halo *mf_searcher_halos(mf_searcher *s, bool rows, size_t out, size_t kernel)
{
    int d = rows ? MF_E : MF_F, k = rows ? MF_R : MF_S;
    mf_halo **slot = &s->cut_halos[rows][out * s->n_choices[k] + kernel];
    if (*slot)
        return *slot;
    const mf_tile_choice *c = mf_searcher_cut(s, d, out);
    if (!c)
        return NULL;
    *slot = MF_NEW_ARRAY(s->arena, mf_halo, c->n_cuts);
    if (!*slot)
        return NULL;
    take(s, k, &s->choices[k][kernel], s->work->size[k]);
    for (size_t i = 0; i < c->n_cuts; i++) {
        take(s, d, c, c->cuts[i].buffer);
        (*slot)[i] = mf_halo_of(s->work, &s->mapping, rows, s->by_pe_row);
    }
    return *slot;
}
