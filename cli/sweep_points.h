/* How do axes and entries make points? A point's number is written in a mixed radix: its entry of
 * the list first, then one digit per axis, the first axis outermost. So none need be kept, however
 * many they are. Private to the files of the specification. */
#ifndef MF_CLI_SWEEP_POINTS_H
#define MF_CLI_SWEEP_POINTS_H

#include "cli/sweep_spec.h"

/* An axis by its number: one of these, or a key of the accelerator. */
enum { MF_AXIS_NETWORK, MF_AXIS_OP, MF_AXIS_RESOLUTION, MF_AXIS_FIRST_KEY };

enum { MF_SWEEP_MOST_AXES = MF_AXIS_FIRST_KEY + MF_N_ACCELERATOR_KEYS + 1 };

typedef union mf_sweep_value {
    const char *network;
    size_t op;
    uint64_t resolution;
    mf_accelerator_value key;
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

typedef struct mf_sweep_space {
    mf_accelerator accelerator; /* where neither an entry nor an axis says more */
    const char *network;
    mf_sweep_axis axes[MF_SWEEP_MOST_AXES];
    size_t n_axes;
    mf_sweep_entry *entries;
    size_t n_entries, n_per_entry;
    size_t n_networks, n_resolutions; /* values of these axes; 1 where they are none */
    uint16_t *network_of;             /* [entry][network][resolution] */
} mf_sweep_space;

/* Count the points of a space that has been read, and load the networks they name. */
mf_status mf_sweep_lay_out(mf_setup *setup, mf_sweep *sweep, mf_diag *diag);

#endif
