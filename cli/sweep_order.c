/* In which order are rows shown, and which of them? */
#include "cli/sweep_choice.h"
#include "cli/sweep_view.h"

#include "base/nearest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Quantities, then keys. */
static const char *name_of(int sort)
{
    return sort < MF_N_SWEEP_QUANTITIES ? mf_sweep_quantity_name(sort)
                                        : mf_accelerator_keys[sort - MF_N_SWEEP_QUANTITIES];
}

static const char *list_quantities(char *list, size_t size)
{
    *list = '\0';
    for (int q = 0; q < MF_N_SWEEP_QUANTITIES; q++) {
        size_t n = strlen(list);
        snprintf(list + n, size - n, "%s%s", n ? ", " : "", mf_sweep_quantity_name(q));
    }
    return list;
}

mf_status mf_sweep_order_take(const mf_arguments *arguments, mf_sweep *sweep, mf_diag *diag)
{
    enum { N_NAMES = MF_N_SWEEP_QUANTITIES + MF_N_ACCELERATOR_KEYS };
    const char *sort = mf_arguments_value(arguments, "sort"), *names[N_NAMES];
    char list[256];
    uint64_t top = 0;
    MF_TRY(mf_arguments_count(arguments, "top", 1, UINT32_MAX, &top, diag));
    sweep->top = (size_t)top;
    sweep->sort = top ? sweep->optimise : -1;
    if (!sort)
        return MF_OK;
    for (int i = 0; i < N_NAMES; i++) {
        names[i] = name_of(i);
        if (strcmp(sort, names[i]) == 0) {
            sweep->sort = i;
            return MF_OK;
        }
    }
    const char *near = mf_nearest(sort, names, N_NAMES);
    mf_fail(diag, MF_USAGE, "--sort: \"%s\" is no quantity of points and no key", sort);
    if (near)
        mf_hint(diag, "did you mean \"%s\"?", near);
    else
        mf_hint(diag, "quantities are %s", list_quantities(list, sizeof list));
    return MF_USAGE;
}

/* What a row is sorted by: numbers to be small, one before the other. */
typedef struct place {
    double group, rank, value;
    size_t index;
} place;

static int in_order(const void *a, const void *b)
{
    const place *p = a, *q = b;
    if (p->group != q->group)
        return p->group < q->group ? -1 : 1;
    if (p->rank != q->rank)
        return p->rank < q->rank ? -1 : 1;
    if (p->value != q->value)
        return p->value < q->value ? -1 : 1;
    return p->index < q->index ? -1 : 1;
}

/* Words and what is not given come last. */
static double value_of(const mf_sweep *s, const mf_sweep_result *r, const mf_sweep_point *p)
{
    double number;
    if (s->sort < MF_N_SWEEP_QUANTITIES) {
        number = mf_sweep_quantity_of(s->sort, r, p);
        return isnan(number) ? INFINITY : mf_sweep_more_is_better(s->sort) ? -number : number;
    }
    return mf_accelerator_number(&p->accelerator, s->sort - MF_N_SWEEP_QUANTITIES, &number)
               ? number
               : INFINITY;
}

static void fill_place(const mf_sweep_run *run, size_t index, place *to)
{
    enum { MEETS, VIOLATES, CANNOT_RUN };
    const mf_sweep *s = run->sweep;
    const mf_sweep_result *r = &run->results[index];
    mf_sweep_point p;
    mf_sweep_at(s, index, &p);
    *to = (place){.index = index, .value = INFINITY, .rank = r->fault ? CANNOT_RUN : MEETS};
    if (!r->fault)
        to->value = value_of(s, r, &p);
    if (!s->top)
        return;
    to->group = (double)(p.network * mf_operators_count(run->setup->operators) + p.op);
    if (!r->fault && !mf_sweep_meets(s, r, &p))
        to->rank = VIOLATES;
}

/* The first of each group. */
static size_t keep_top(place *places, size_t n, size_t top)
{
    size_t kept = 0, of_group = 0;
    for (size_t i = 0; i < n; i++) {
        of_group = i > 0 && places[i].group == places[i - 1].group ? of_group + 1 : 0;
        if (of_group < top)
            places[kept++] = places[i];
    }
    return kept;
}

mf_status mf_sweep_order(const mf_sweep_run *run, size_t *order, size_t *n, mf_diag *diag)
{
    const mf_sweep *s = run->sweep;
    *n = s->n_points;
    if (s->sort < 0) {
        for (size_t i = 0; i < *n; i++)
            order[i] = i;
        return MF_OK;
    }
    place *places = calloc(*n, sizeof *places);
    if (!places)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < *n; i++)
        fill_place(run, i, &places[i]);
    qsort(places, *n, sizeof *places, in_order);
    if (s->top)
        *n = keep_top(places, *n, s->top);
    for (size_t i = 0; i < *n; i++)
        order[i] = places[i].index;
    free(places);
    return MF_OK;
}
