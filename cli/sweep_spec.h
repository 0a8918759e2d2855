/* Which design points does a sweep visit? A specification is a JSON file (docs/SWEEPS.md):
 *
 *   "grid"    axis: values; every combination, the first axis outermost
 *   "list"    objects of axis: value; each is combined with the whole grid
 *   "pareto"  what to minimise, and which axes separate the fronts
 *
 * Axes are "network", "op", "resolution" and the accelerator's keys. What is no axis comes from the
 * experiment: its networks and operators (innermost) and its accelerator. */
#ifndef MF_CLI_SWEEP_SPEC_H
#define MF_CLI_SWEEP_SPEC_H

#include "cli/setup.h"

/* A network at one resolution, with its operators assigned. */
typedef struct mf_sweep_network {
    const char *name;
    uint64_t resolution; /* 0: the network's own */
    mf_network *network;
    mf_assignment *assignments; /* by operator index; all zero where no point needs it */
} mf_sweep_network;

/* One point. None is kept: mf_sweep_at makes it from its number (sweep_points.h). */
typedef struct mf_sweep_point {
    mf_accelerator accelerator;
    size_t network; /* index into mf_sweep.networks */
    size_t op;      /* operator index */
} mf_sweep_point;

/* Pareto objectives and the axes that separate fronts. */
enum { MF_SWEEP_ENERGY = 1, MF_SWEEP_LATENCY = 2, MF_SWEEP_PES = 4, MF_SWEEP_EDP = 8 };

typedef struct mf_sweep {
    const char *name, *about;
    mf_sweep_network *networks;
    size_t n_networks;
    struct mf_sweep_space *space; /* the axes and their values (sweep_points.h) */
    size_t n_points;
    size_t n_ops, op_stride; /* points i + k op_stride, k < n_ops, differ in the operator only */
    const char **axes; /* names of the axes that vary, for display */
    size_t *n_set;     /* how many of the list's entries set each: all of them, if the grid does */
    size_t n_axes, n_entries;
    unsigned minimise;              /* of MF_SWEEP_... */
    bool within_network, within_op; /* one front per network, per operator */
    uint64_t digest;                /* of everything that determines the results */
} mf_sweep;

/* Words that people bring from elsewhere for axes (sweep_words.def). */
extern const mf_other_word mf_sweep_other_words[];

/* Read the specification at `path`. Everything lives in the setup's arena but the networks, which
 * mf_sweep_free releases, also after a failure. */
mf_status mf_sweep_read(mf_setup *setup, const char *path, mf_sweep *sweep, mf_diag *diag);
void mf_sweep_free(mf_sweep *sweep);

/* Point `index` of [0, n_points). */
void mf_sweep_at(const mf_sweep *sweep, size_t index, mf_sweep_point *point);

#endif
