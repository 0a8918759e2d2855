/* After sorting by group and objectives a point can only be beaten by one before it, and only
 * points of the front need be compared with: one of those that are equal, because the others say the
 * same, and of two objectives the latest, which is the best so far in the second. */
#include "cli/pareto.h"

#include <stdint.h>
#include <stdlib.h>

static int in_order(const void *a, const void *b)
{
    const mf_pareto_point *p = a, *q = b;
    if (p->group != q->group)
        return p->group < q->group ? -1 : 1;
    for (size_t i = 0; i < MF_PARETO_MOST_OBJECTIVES; i++)
        if (p->objectives[i] != q->objectives[i])
            return p->objectives[i] < q->objectives[i] ? -1 : 1;
    return p->index < q->index ? -1 : 1;
}

static bool beats(const mf_pareto_point *p, const mf_pareto_point *q, size_t n_objectives)
{
    bool better = false;
    for (size_t i = 0; i < n_objectives; i++) {
        if (p->objectives[i] > q->objectives[i])
            return false;
        better = better || p->objectives[i] < q->objectives[i];
    }
    return better;
}

static bool are_equal(const mf_pareto_point *p, const mf_pareto_point *q)
{
    bool equal = p->group == q->group;
    for (size_t i = 0; i < MF_PARETO_MOST_OBJECTIVES; i++)
        equal = equal && p->objectives[i] == q->objectives[i];
    return equal;
}

void mf_pareto_mark(mf_pareto_point *points, size_t n_points, size_t n_objectives)
{
    for (size_t i = 0; i < n_points; i++)
        for (size_t k = n_objectives; k < MF_PARETO_MOST_OBJECTIVES; k++)
            points[i].objectives[k] = 0;
    if (n_points)
        qsort(points, n_points, sizeof *points, in_order);
    const size_t none = SIZE_MAX;
    size_t last = none; /* the latest point of the front of this group */
    for (size_t i = 0; i < n_points; i++) {
        if (i > 0 && are_equal(&points[i], &points[i - 1])) {
            points[i].best = points[i - 1].best;
            continue;
        }
        if (i > 0 && points[i].group != points[i - 1].group)
            last = none;
        points[i].best = true;
        for (size_t k = last; k != none && points[i].best;
             k = n_objectives <= 2 ? none : points[k].previous)
            points[i].best = !beats(&points[k], &points[i], n_objectives);
        points[i].previous = last;
        if (points[i].best)
            last = i;
    }
}

size_t mf_pareto_keep(mf_pareto_point *points, size_t n_points, size_t n_objectives)
{
    size_t n = 0;
    mf_pareto_mark(points, n_points, n_objectives);
    for (size_t i = 0; i < n_points; i++)
        if (points[i].best)
            points[n++] = points[i];
    return n;
}
