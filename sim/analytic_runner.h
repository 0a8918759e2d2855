/* What do the files of the consistent account tell each other? A network on its way through it.
 * Private to sim/: analytic.c runs networks, analytic_arrays.c says on which PEs, analytic_task.c runs a layer
 * and a band of it, analytic_load.c says what comes before, analytic_add.c sums bands, analytic_memory.c remembers searches, schedule_search.c says what stays on chip. */
#ifndef MF_SIM_ANALYTIC_RUNNER_H
#define MF_SIM_ANALYTIC_RUNNER_H

#include "base/arena.h"
#include "models/readers.h"
#include "sim/analytic.h"
#include "sim/schedule_layout.h"

typedef struct mf_runner {
    const mf_analytic_basis *basis;
    const mf_network *network;
    const mf_assignment *assignment;
    mf_arena *arena;
    mf_memo *memo;
    mf_readers *readers;       /* [n_layers] */
    mf_analytic_row *prepared; /* [n_layers]: all but what depends on the task; no layer: not yet */
    mf_schedule schedule;
    mf_layout *layouts;   /* [schedule.n_segments] */
    uint64_t *pe_columns; /* of each operator's PEs under iso-area; NULL without */
    mf_op_array *arrays;  /* [n_arrays]; NULL until a floorplan is asked for */
    size_t n_arrays;
} mf_runner;

/* What there is to know before the first layer runs. The schedule is chosen here. */
mf_status mf_runner_begin(mf_runner *runner, mf_diag *diag);

/* Divide the area among the operators that the variant needs, into runner->pe_columns. Rows stay, columns
 * change. */
mf_status mf_runner_divide_area(mf_runner *runner, mf_diag *diag);

/* Where a row that is prepared runs: PEs with the datapaths of all operators of the network that share
 * them. Prices its machine anew. Nothing where wires are not priced by their length. */
mf_status mf_runner_lay_out_array(mf_runner *runner, mf_analytic_row *row, mf_diag *diag);

/* The widths of a layer with weights that runs on `op`. */
mf_status mf_runner_widths_on(const mf_runner *runner, const mf_layer *layer, const mf_operator *op,
                              mf_widths *widths, mf_diag *diag);

/* The widths of a layer, with weights or without. */
mf_status mf_runner_widths(const mf_runner *runner, const mf_layer *layer, mf_widths *widths,
                           mf_diag *diag);

/* The place of a task in a layout. `MF_NO_MAPPING` where regions do not fit into the buffer. */
mf_status mf_runner_place(mf_runner *runner, const mf_schedule *schedule, const mf_layout *layout,
                          uint64_t band, size_t layer, mf_place *place, mf_diag *diag);

/* Run a task: one row, or two with what follows it. A failure names the layer. */
mf_status mf_runner_task(mf_runner *runner, size_t layer, const mf_place *place, bool shows,
                         mf_analytic_row *rows, size_t *n_rows, mf_diag *diag);

/* Add a task's row to the sum of its layer. */
void mf_runner_add(mf_analytic_row *sum, const mf_analytic_row *task);

/* A layer with weights or without: everything that is the same for all of its tasks. */
mf_status mf_runner_prepare(mf_runner *runner, size_t layer, const mf_analytic_row **row,
                            mf_diag *diag);

/* What a place changes of a prepared row. */
mf_status mf_runner_put_place(const mf_runner *runner, size_t layer, const mf_place *place,
                              mf_analytic_row *row, mf_diag *diag);

/* The vector unit after a task on the array, into `row`: it keeps pace, or the rest of its time shows.
 * No operations: nothing follows. */
mf_status mf_task_after(const mf_analytic_basis *basis, const mf_analytic_row *task,
                        mf_analytic_row *row, mf_diag *diag);

/* What is loaded before a task begins, as it is priced in its row; what that costs in all; and two costs
 * as one. */
void mf_task_put_loads(const mf_analytic_basis *basis, const mf_place *place, mf_analytic_row *row);
mf_cost mf_task_load_cost(const mf_analytic_row *row);
void mf_cost_add(mf_cost *sum, const mf_cost *cost);

/* Bits of a task between DRAM and chip, from its counts and loads, into its row. */
void mf_task_note_traffic(const mf_place *place, mf_analytic_row *row);
void mf_traffic_add(mf_traffic *sum, const mf_traffic *traffic);

/* Bits of all of a layer's map, and of a region. */
uint64_t mf_runner_map_bits(mf_runner *runner, size_t map);
uint64_t mf_runner_region_bits(mf_runner *runner, const mf_region *region);

/* Do the readers of map `map` among layers [first, end) read it in the buffer as it is written: every
 * word, at its width? Of MF_NETWORK_INPUT: all at one width. */
bool mf_runner_can_hold(mf_runner *runner, int map, size_t first, size_t end);

/* The energy of static power, per cycle. */
double mf_runner_static_pj(const mf_runner *runner);

/* A layer searched before, for buffers of so many bits. */
typedef struct mf_known {
    bool shown;                     /* in a row of an account, and not only tried for a schedule */
    bool none;                      /* nothing fits into `most_bits` or fewer */
    uint64_t least_bits, most_bits; /* it is the best in any number of bits between these */
    uint64_t tile_bits;             /* what its tiles take of the buffer */
    mf_found found;
} mf_known;

/* The best mapping of a row that is prepared: as it is known from before, or searched now. */
mf_status mf_runner_search(const mf_runner *runner, const mf_work *work, const mf_analytic_row *row,
                           mf_known **known, mf_diag *diag);

/* The best schedule (sim/schedule_search.c), and one that is given; into runner->schedule. */
mf_status mf_runner_choose_schedule(mf_runner *runner, bool fuses, mf_diag *diag);
mf_status mf_runner_check_schedule(mf_runner *runner, mf_diag *diag);

#endif
