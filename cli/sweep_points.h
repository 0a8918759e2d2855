/* How do axes and entries make points? A point's number is written in a mixed radix: its entry of
 * the list first, then one digit per axis, the first axis outermost. So none need be kept, however
 * many they are. Private to the files of the specification. */
#ifndef MF_CLI_SWEEP_POINTS_H
#define MF_CLI_SWEEP_POINTS_H

#include "cli/sweep_spec.h"

enum { MF_SWEEP_MOST_AXES = MF_AXIS_FIRST_KEY + MF_N_ACCELERATOR_KEYS + 1 };

/* Of an axis by its number. `text` as the specification has it, for axes of words. */
typedef struct mf_sweep_value {
    const char *text;
    union {
        size_t index; /* of an operator, accelerator, table, node or objective */
        uint64_t count;
        double real;
        mf_bits bits;
        const mf_dataflow *dataflow;
        mf_accelerator_value key;
    };
} mf_sweep_value;

typedef struct mf_sweep_axis {
    int which;
    mf_sweep_value *values;
    size_t n_values;
} mf_sweep_axis;

typedef struct mf_sweep_setting {
    int which;
    mf_sweep_value value;
} mf_sweep_setting;

/* What an entry of the list sets, under what the axes of the grid set. */
typedef struct mf_sweep_entry {
    mf_sweep_setting *settings;
    size_t n_settings;
} mf_sweep_entry;

/* Axes that make another network of a description. */
enum { MF_N_NETWORK_AXES = 4 };

typedef struct mf_sweep_space {
    mf_accelerator accelerator; /* where neither an entry nor an axis says more */
    const char *network;
    mf_sweep_axis axes[MF_SWEEP_MOST_AXES];
    size_t n_axes;
    mf_sweep_entry *entries;
    size_t n_entries, n_per_entry;
    size_t n_of[MF_N_NETWORK_AXES]; /* values of these axes; 1 where they are none */
    uint16_t *network_of;           /* [entry][network axes, as in network_axes] */
} mf_sweep_space;

/* What reads values. `sizes_vary`: word_bits is an axis, or the accelerator that has it, so that no size in
 * bytes says how many words it is. */
typedef struct mf_sweep_reader {
    mf_setup *setup;
    mf_sweep *sweep;
    mf_sweep_space *space;
    bool sizes_vary;
} mf_sweep_reader;

/* The name of an axis that is one; the values of an axis: an array, a range or one value; one value. */
mf_status mf_sweep_axis_check(const mf_json *place, mf_diag *diag);
mf_status mf_sweep_axis_take(mf_sweep_reader *r, const mf_json *member, mf_sweep_axis *axis,
                             mf_diag *diag);
mf_status mf_sweep_value_take(mf_sweep_reader *r, const char *axis, const mf_json *from,
                              mf_sweep_value *value, mf_diag *diag);

/* "pareto", "optimise" and "subject_to"; all that is wrong with them is one failure. */
mf_status mf_sweep_goals_take(const mf_json *root, mf_sweep *sweep, mf_diag *diag);

/* Tables by name, as --node and --dram change them, and nodes: into the sweep's lists, unless they are
 * there. Then every table at every node. */
mf_status mf_sweep_table_take(mf_setup *setup, mf_sweep *sweep, const char *name, size_t *index,
                              mf_diag *diag);
mf_status mf_sweep_node_take(mf_setup *setup, mf_sweep *sweep, double node_nm, size_t *index,
                             mf_diag *diag);
mf_status mf_sweep_scale_tables(mf_setup *setup, mf_sweep *sweep, mf_diag *diag);

/* What replaces the table of the options; NULL where neither axis says one. */
const mf_energy_table *mf_sweep_table_of(const mf_sweep *sweep, const mf_sweep_value *table,
                                         const mf_sweep_value *node);
void mf_sweep_tables_free(mf_sweep *sweep);

/* Count the points of a space that has been read, and load the networks they name. */
mf_status mf_sweep_lay_out(mf_setup *setup, mf_sweep *sweep, mf_diag *diag);

/* Of everything that determines the results: the program, all files that were read, and the options. */
mf_status mf_sweep_make_digest(mf_setup *setup, const char *path, mf_sweep *sweep, mf_diag *diag);

#endif
