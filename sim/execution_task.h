/* What do the files of an execution tell each other? A layer of the segment at work, and what the buffer
 * holds. Private to sim/: execution_segment.c collects a segment and walks through its tasks, execution_task.c runs
 * one, execution_check.c holds what it made against what is expected. */
#ifndef MF_SIM_EXECUTION_TASK_H
#define MF_SIM_EXECUTION_TASK_H

#include "sim/analytic_runner.h"
#include "sim/execution.h"
#include "sim/held.h"

/* A layer while its tasks run. */
typedef struct mf_running {
    size_t layer;
    mf_layer_data data; /* of all of it */
    mf_zeros zeros;     /* measured in these */
    /* Of the vector unit: inputs that it reads in the buffer, each as large as the whole map, with the rows
     * in place that it has read; and its outputs. */
    int32_t *inputs[MF_MOST_INPUTS], *outputs;
    mf_analytic_row rows[2]; /* its tasks, measured and summed, and what follows them */
    size_t n_rows;
    mf_execution_row measured;
} mf_running;

struct mf_execution_state {
    mf_held *maps, *weights; /* [1 + n_layers], the network's input first; [n_layers] */
    mf_arena *arena;         /* of the segment that is being collected */
    size_t segment, n_collected;
    mf_running *running; /* [n_layers of the segment] */
};

/* What of a map is held, and of a layer's weights. */
static inline mf_held *mf_state_map(const mf_execution *x, int map)
{
    return &x->state->maps[map + 1];
}


/* Run task `task` of the segment, for layer `running`, and add it to its rows. */
mf_status mf_execution_task(mf_execution *execution, mf_running *running, size_t task,
                            mf_diag *diag);

/* Is input `k`, as far as the layer reads it in the buffer for these rows, what the layer that made it is
 * expected to have left there? */
mf_status mf_execution_check_found(const mf_execution *execution, const mf_running *running,
                                   size_t k, mf_rows made, mf_diag *diag);

/* Are rows `made` of a layer right: psums [N][M][rows made][F] and the codes that follow from them; codes of
 * all rows; and what was left of them in the buffer? */
mf_status mf_execution_check_psums(const mf_layer_data *data, mf_rows made, const int64_t *psums,
                                   mf_diag *diag);
mf_status mf_execution_check_codes(const mf_layer_data *data, mf_rows made, const int32_t *ofmap,
                                   mf_diag *diag);
mf_status mf_execution_check_left(const mf_layer_data *data, mf_rows made, const mf_held *held,
                                  mf_diag *diag);

/* Are the numbers for the operator and of the widths that the account is for? */
mf_status mf_execution_check_format(const mf_layer_data *data, const mf_operator *op,
                                    const mf_widths *widths, mf_diag *diag);

/* Does input `k` of a layer run over its map as it was written, row by row? Else it takes all of it, as one
 * column or factors. */
bool mf_execution_by_rows(const mf_network *network, size_t layer, size_t k);

#endif
