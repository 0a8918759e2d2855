/* Which points are not beaten in everything by another? */
#ifndef MF_CLI_PARETO_H
#define MF_CLI_PARETO_H

#include <stdbool.h>
#include <stddef.h>

enum { MF_PARETO_MOST_OBJECTIVES = 8 };

/* One candidate: points compete within the same `group`, in `n_objectives` values to be minimised.
 */
typedef struct mf_pareto_point {
    size_t group, index;
    double objectives[MF_PARETO_MOST_OBJECTIVES];
    bool best;       /* out: no point of the group is as good in all objectives and better in one */
    size_t previous; /* used while marking: the front's point before this one */
} mf_pareto_point;

/* Mark the Pareto points; reorders `points`. */
void mf_pareto_mark(mf_pareto_point *points, size_t n_points, size_t n_objectives);

/* Keep the Pareto points alone, in front; how many they are. What is beaten here stays beaten
 * whatever else comes, so fronts of many points can be found some points at a time. */
size_t mf_pareto_keep(mf_pareto_point *points, size_t n_points, size_t n_objectives);

#endif
