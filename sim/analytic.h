/* What does a consistent account say of a network? Every layer's best mapping, searched once per
 * distinct layer; energy of every operation and of every access at its own width; latency bound by
 * PEs, buses or DRAM; and the work between the layers (pooling, sums, scaling, requantisation) in
 * rows of its own. */
#ifndef MF_SIM_ANALYTIC_H
#define MF_SIM_ANALYTIC_H

#include "base/memo.h"
#include "dataflows/search.h"
#include "models/network.h"
#include "sim/assignment.h"
#include "sim/machine.h"
#include "sim/nest_hints.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How to run. */
typedef struct mf_analytic_options {
    const mf_dataflow *dataflow;
    mf_objective objective;
    mf_bits bits;      /* zero: each operator's own widths */
    bool keep_on_chip; /* maps that only the next step reads stay, where that helps; see
                          analytic_kept.c */
    bool iso_area;     /* as many PEs of each operator as fit where `area_um2` of silicon is */
    double area_um2;   /* 0: that of the accelerator's array with multipliers of the same widths */
} mf_analytic_options;

/* What an account rests on, whatever the network. Everything is borrowed. */
typedef struct mf_analytic_basis {
    const mf_accelerator *accelerator;
    const mf_operators *operators;
    const mf_prices *prices; /* of the accelerator */
    mf_analytic_options options;
    mf_nest_hints *hints; /* nests of other accelerators; NULL: none */
} mf_analytic_basis;

/* One row: a layer on the array, or what the vector unit does after or between such layers. */
typedef struct mf_analytic_row {
    const mf_layer *layer;
    const char *work; /* "conv" ... on the array; "requantise", "pool", ... on the vector unit */
    bool vector;
    size_t op; /* on the array: operator index */
    mf_widths widths;
    uint64_t pe_rows, pe_columns; /* of the pool it runs on */
    mf_zeros zeros;
    mf_machine machine;
    mf_found found;                   /* on the array; of the vector unit only found.cost's sums */
    bool keeps_input[MF_MOST_INPUTS]; /* is that map, all of it, in the buffer? */
    bool keeps_output;
    bool known;                              /* searched before, for an identical layer */
    uint64_t n_operations;                   /* of the vector unit */
    double vector_buffer_pj, vector_dram_pj; /* what its words cost there, of energy_pj */
    double energy_pj, cycles;                /* counted in the totals */
    double utilisation; /* MAC positions per PE and cycle of the array, 0 to 1 */
} mf_analytic_row;

typedef struct mf_analytic_result {
    mf_analytic_row *rows;
    size_t n_rows;
    double energy_mj, latency_ms;
    double array_mj, vector_mj, static_mj;               /* the parts of energy_mj */
    double access_mj[MF_N_LEVELS][MF_N_TENSORS], mac_mj; /* of array_mj */
    double vector_buffer_mj, vector_dram_mj;             /* of vector_mj */
    double array_ms, vector_ms;
    double utilisation;    /* of the array's PEs while layers run, weighted by cycles */
    mf_search_tally tally; /* shared layers count once */
    /* Could the zeros of a layer save steps, and words coded as runs, on some accelerator? */
    bool zeros_may_gate, zeros_may_code;
} mf_analytic_result;

/* A memo of searches for any number of runs: its keys hold all that a search depends on, the
 * accelerator included. Whoever creates it destroys it. */
mf_status mf_analytic_memo_create(mf_memo **memo, mf_diag *diag);

/* Run a network as it is assigned. What it returns lives in `arena`. A failure names the layer.
 * `memo` NULL: one of this run alone. MF_INVALID where maps should stay on chip, and the network
 * does not say which layer reads which. */
mf_status mf_analytic_run(const mf_analytic_basis *basis, const mf_network *network,
                          const mf_assignment *assignment, mf_memo *memo, mf_arena *arena,
                          mf_analytic_result *result, mf_diag *diag);

/* Everything about one layer with weights but its mapping: widths, PEs and machine, into `row`.
 * There must be a memo. */
mf_status mf_analytic_prepare(const mf_analytic_basis *basis, const mf_network *network,
                              const mf_assignment *assignment, const mf_layer *layer, mf_memo *memo,
                              mf_arena *arena, mf_analytic_row *row, mf_diag *diag);

/* The widths asked for a layer that runs on `op`: of its numbers where it has some, its own, what
 * the variant keeps, or those of all; zero for the operator's own. */
mf_bits mf_analytic_bits(const mf_operators *operators, const mf_analytic_options *options,
                         const mf_assignment *assignment, const mf_operator *op,
                         const mf_layer *layer);

/* Into `sum`: what the zeros of a layer could save, were the accelerator's keys other ones. */
void mf_analytic_note_zeros(const mf_analytic_row *row, mf_analytic_result *sum);

/* The PEs that an operator's layers run on; widths are those of the first. */
typedef struct mf_op_array {
    size_t op;
    uint64_t pe_rows, pe_columns;
    mf_widths widths;
} mf_op_array;

/* One per operator of a result, at most `most`, in the order of their first layers; how many. */
size_t mf_analytic_arrays(const mf_analytic_result *result, mf_op_array *arrays, size_t most);

/* The same of a network before anything is searched: columns that the area allows. */
mf_status mf_analytic_plan(const mf_analytic_basis *basis, const mf_network *network,
                           const mf_assignment *assignment, mf_arena *arena, mf_op_array *arrays,
                           size_t most, size_t *n, mf_diag *diag);

/* The sums of a result whose rows are filled in. */
void mf_analytic_sum(const mf_analytic_basis *basis, mf_analytic_result *result);

#ifdef __cplusplus
}
#endif

#endif
