/* Which point is best for each network and operator, which constraint keeps a better one out, and which
 * point comes nearest where none meets them? */
#ifndef MF_CLI_SWEEP_CHOICE_H
#define MF_CLI_SWEEP_CHOICE_H

#include "cli/sweep_run.h"

/* A quantity (sweep_quantities.def) of a point that ran. */
double mf_sweep_quantity_of(int quantity, const mf_sweep_result *result,
                            const mf_sweep_point *point);

/* Of one network and operator. Points are numbers of points, SIZE_MAX for none; ties go to the first. */
typedef struct mf_sweep_choice {
    bool occurs;                               /* a point of it is in the sweep */
    size_t best;                               /* of those that meet all constraints */
    size_t unconstrained;                      /* of all that ran */
    size_t without[MF_SWEEP_MOST_CONSTRAINTS]; /* of those that meet all but this one */
    size_t nearest; /* the one whose largest excess over a bound, relative to that, is least */
} mf_sweep_choice;

/* choices[n_networks * n_operators], in the arena of the setup. */
mf_status mf_sweep_choose(const mf_sweep_run *run, mf_sweep_choice **choices, mf_diag *diag);

/* Does a point that ran meet every constraint? */
bool mf_sweep_meets(const mf_sweep *sweep, const mf_sweep_result *result,
                    const mf_sweep_point *point);

/* Lines below the table that say so. */
mf_status mf_sweep_note_choices(const mf_sweep_run *run, mf_sheet *sheet, mf_diag *diag);

/* MF_INVALID, with the point that comes nearest, where no point of any network and operator meets the
 * constraints. */
mf_status mf_sweep_check_choices(const mf_sweep_run *run, mf_diag *diag);

#endif
