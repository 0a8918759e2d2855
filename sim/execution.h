/* What happens when a network runs on the chip? Takes a network's account, whose tasks it executes one
 * after the other on given numbers, layer by layer or in bands of rows that flow through several layers, holds
 * every output against what is expected, and puts what was measured into the account: counts, gated
 * positions, coded words and cycles of the chip instead of those of the closed forms. Energy is the same function
 * of counts as ever. What stays in the buffer is there as codes, in no more room than the account says
 * (sim/held.h): the array writes them as they leave it, and reads them there. */
#ifndef MF_SIM_EXECUTION_H
#define MF_SIM_EXECUTION_H

#include "models/layer_data.h"
#include "sim/analytic.h"
#include "sim/systemc/chip.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One row of the account on the chip, its tasks summed; of vector work only what was loaded for it. */
typedef struct mf_execution_row {
    bool executed;
    mf_chip_report report;
    mf_cost analytic; /* what closed forms say of the same layer with the measured data */
    mf_zeros zeros;   /* measured, of the whole maps */
    uint64_t n_checked;
} mf_execution_row;

typedef struct mf_execution_options {
    mf_fidelity fidelity;
    mf_chip_watch *watch; /* NULL: nobody */
    void *watch_user;
    /* Of each task, as it ran, and of each layer, after the last task of its segment, with or without
     * weights; NULL: nobody. */
    void (*task_done)(void *user, const mf_analytic_task *task, const mf_chip_report *report);
    void (*layer_done)(void *user, const mf_analytic_row *row, const mf_execution_row *measured);
    void *layer_user;
    bool (*stop)(void); /* asked before each task, then MF_INTERRUPTED; NULL: nobody */
} mf_execution_options;

/* A run of a network. `account` must be of integers (mf_analytic_run with bits) and with unknown
 * zeros (MF_INVALID); its rows' energy and cycles are replaced. Everything is borrowed and must
 * outlive the execution. */
typedef struct mf_execution {
    const mf_analytic_basis *basis;
    const mf_network *network;
    mf_analytic_result *account;
    mf_chip *chip;
    mf_execution_options options;
    mf_execution_row *rows; /* [account->n_rows], of the caller, zero */
    uint64_t n_layers, n_checked;
    struct mf_execution_state *state; /* of its own, from begin to end */
} mf_execution;

/* Before the first layer; and afterwards, whatever happened. */
mf_status mf_execution_begin(mf_execution *execution, mf_diag *diag);
void mf_execution_end(mf_execution *execution);

/* What the accelerator and the operator's datapath say of the chip's time. MF_INVALID where one of
 * them does not. */
mf_status mf_execution_timing(const mf_accelerator *accelerator, const mf_operator *op,
                              mf_chip_timing *timing, mf_diag *diag);

/* The zeros among the codes that a layer reads and writes. */
mf_zeros mf_execution_zeros(const mf_layer_data *data);

/* Would words with such a share of zeros be run-length coded? Where that makes them fewer: the
 * coder can be switched off. */
bool mf_execution_codes(const mf_accelerator *accelerator, uint64_t bits, double zeros);

/* Put what a run measured (gated positions, coded bits) into a machine that was made with unknown
 * zeros, and price the run's counts with it. `cost` has the time of the closed forms. */
void mf_execution_price(mf_machine *machine, const mf_work *work, const mf_mapping *mapping,
                        const mf_chip_report *report, mf_cost *cost);

/* The PEs of the chip that runs an account: as many as its largest pool has, used or not; under
 * iso-area, where operators have other numbers of PEs than the pools, the most that one of them
 * has.
 */
void mf_execution_size(const mf_analytic_basis *basis, const mf_analytic_result *account,
                       uint64_t *pe_rows, uint64_t *pe_columns);

/* The sink of mf_forward_random and of traces, which hand over one layer after the other: run
 * network->layers[layer_index] on these numbers, or keep them until its segment is complete and run that.
 * `execution` is an mf_execution. Layers without weights are computed by the vector unit and
 * checked. MF_DIFFERENT, with the layer and the first position, when an output is not what is
 * expected, or a row that a layer looks for in the buffer is not there. */
mf_status mf_execution_layer(void *execution, size_t layer_index, const mf_layer_data *data,
                             mf_diag *diag);

/* After the last layer: the sums of the account. MF_INVALID if layers were left out. */
mf_status mf_execution_finish(mf_execution *execution, mf_diag *diag);

/* All of that, begin and end too: every layer on the numbers of the trace that the network comes from, or on
 * numbers made up from `seed`, one segment in memory at a time. */
mf_status mf_execution_run(mf_execution *execution, const size_t *op_of_layer, uint64_t seed,
                           mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
