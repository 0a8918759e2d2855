/* Which design points does a sweep visit? A specification is a JSON file (docs/SWEEPS.md):
 *
 *   "grid"    axis: values; every combination, the first axis outermost
 *   "list"    objects of axis: value; each is combined with the whole grid
 *   "pareto"  what to minimise, and which axes separate the fronts
 *   "optimise", "subject_to"   what the best point has least of, and what it must keep to
 *
 * Axes are those of sweep_axes.def and the accelerator's keys. What is no axis comes from the options,
 * and the networks and operators (innermost) from the experiment. */
#ifndef MF_CLI_SWEEP_SPEC_H
#define MF_CLI_SWEEP_SPEC_H

#include "cli/setup.h"

/* An axis by its number: one of these, or a key of the accelerator. */
enum {
#define MF_SWEEP_AXIS(NAME, name, title, needs) MF_AXIS_##NAME,
#include "cli/sweep_axes.def"
#undef MF_SWEEP_AXIS
    MF_AXIS_FIRST_KEY
};

/* A network at one resolution, width and batch, with its operators assigned. */
typedef struct mf_sweep_network {
    const char *name;
    uint64_t resolution, batch; /* 0: the network's own, or the option's */
    double width;               /* likewise */
    mf_network *network;
    mf_assignment *assignments; /* by operator index; all zero where no point needs it */
} mf_sweep_network;

/* One point. None is kept: mf_sweep_at makes it from its number (sweep_points.h). */
typedef struct mf_sweep_point {
    mf_accelerator accelerator;
    const mf_accelerator *base; /* that its keys are put over; NULL: the one of the options */
    size_t network;             /* index into mf_sweep.networks */
    size_t op;                  /* operator index */
    const char *text[MF_AXIS_FIRST_KEY]; /* of axes of words, where one says it; else NULL */
    /* What replaces the options of the account; NULL, and -1, where none does. */
    const mf_energy_table *table;
    const mf_dataflow *dataflow;
    const mf_bits *bits;
    int objective;
} mf_sweep_point;

/* What points are judged by. */
enum {
#define MF_SWEEP_QUANTITY(NAME, key, title, unit, direction, value) MF_SWEEP_##NAME,
#include "cli/sweep_quantities.def"
#undef MF_SWEEP_QUANTITY
    MF_N_SWEEP_QUANTITIES
};
const char *mf_sweep_quantity_name(int quantity);  /* "energy_mj" */
const char *mf_sweep_quantity_title(int quantity); /* "energy, mJ" */
bool mf_sweep_more_is_better(int quantity);
int mf_sweep_quantity_find(const char *name); /* -1 for none */

/* Is it an objective, what is optimised, or bounded? */
struct mf_sweep;
bool mf_sweep_judges_by(const struct mf_sweep *sweep, int quantity);

enum { MF_SWEEP_MOST_CONSTRAINTS = 2 * MF_N_SWEEP_QUANTITIES };
typedef struct mf_sweep_constraint {
    int quantity;
    bool at_most; /* else at least */
    double bound;
} mf_sweep_constraint;

typedef struct mf_sweep {
    const char *name, *about;
    mf_sweep_network *networks;
    size_t n_networks;
    mf_accelerator *accelerators; /* that the axis names, as --set changes them */
    const char **accelerator_names;
    size_t n_accelerators;
    mf_energy_table **tables;
    const char **table_names;
    size_t n_tables;
    bool tables_replaced; /* every point names one of these */
    uint64_t *nodes_nm;
    size_t n_nodes;
    mf_energy_table **scaled; /* [table of the options, then of the axis][node] */
    size_t n_scaled;
    struct mf_sweep_space *space; /* the axes and their values (sweep_points.h) */
    size_t n_points;
    size_t n_ops, op_stride; /* points i + k op_stride, k < n_ops, differ in the operator only */
    const char **axes;       /* names of the axes that vary, for display */
    size_t *n_set; /* how many of the list's entries set each: all of them, if the grid does */
    size_t n_axes, n_entries;
    unsigned minimise; /* bits 1 << quantity: objectives of the fronts */
    int optimise;      /* what the best point has least of, or most */
    mf_sweep_constraint constraints[MF_SWEEP_MOST_CONSTRAINTS];
    size_t n_constraints;
    int sort;   /* quantity, or MF_N_SWEEP_QUANTITIES + key of the accelerator; -1: by number */
    size_t top; /* rows of each network and operator; 0: all */
    bool within_network, within_op; /* one front per network, per operator */
    uint64_t digest;                /* of everything that determines the results */
} mf_sweep;

/* Words that people bring from elsewhere for axes (sweep_words.def). */
extern const mf_other_word mf_sweep_other_words[];

/* Read the specification at `path`. Everything lives in the setup's arena but the networks, which
 * mf_sweep_free releases, also after a failure. */
mf_status mf_sweep_read(mf_setup *setup, const char *path, mf_sweep *sweep, mf_diag *diag);
void mf_sweep_free(mf_sweep *sweep);

/* The number of an axis by name, or -1; the name of one, and what stands above its column. */
int mf_sweep_axis_find(const char *name);
const char *mf_sweep_axis_name(int which);
const char *mf_sweep_axis_title(int which);

/* Does the axis vary? What a point has there, as its file would have it, "" for an axis of words that
 * nothing sets; "network 96x96 width 0.5 batch 2", as far as these vary. */
bool mf_sweep_varies(const mf_sweep *sweep, const char *axis);
void mf_sweep_axis_text(const mf_sweep *sweep, const mf_sweep_point *point, int which, char *text,
                        size_t size);
void mf_sweep_put_network(const mf_sweep *sweep, const mf_sweep_network *network, mf_text *text);

/* Point `index` of [0, n_points). */
void mf_sweep_at(const mf_sweep *sweep, size_t index, mf_sweep_point *point);

#endif
