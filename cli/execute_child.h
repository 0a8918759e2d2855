/* A network on a chip of its own, in a child process: for design points and variants that differ in
 * their PEs. */
#ifndef MF_CLI_EXECUTE_CHILD_H
#define MF_CLI_EXECUTE_CHILD_H

#include "sim/analytic.h"
#include "sim/systemc/chip.h"

/* Everything is borrowed. The numbers are made up from `seed`. */
typedef struct mf_execute_child {
    const mf_accelerator *accelerator;
    const mf_operators *operators;
    const mf_energy_table *table;
    const mf_analytic_options *options; /* with integer bits */
    const mf_network *network;
    size_t variant;
    const size_t *op_of_layer;
    uint64_t seed;
    mf_fidelity fidelity;
} mf_execute_child;

/* The sums of the account after execution; `result->rows` is NULL. */
mf_status mf_execute_in_child(const mf_execute_child *job, mf_analytic_result *result,
                              mf_diag *diag);

#endif
