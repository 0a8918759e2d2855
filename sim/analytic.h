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
#include "sim/floorplan.h"
#include "sim/machine.h"
#include "sim/nest_hints.h"
#include "sim/schedule_layout.h"

#ifdef __cplusplus
extern "C" {
#endif

/* In which order, and with what staying on chip (sim/schedule.h)? */
typedef enum mf_schedule_kind {
    MF_SCHEDULE_LAYER,    /* layer by layer, every map to DRAM and back */
    MF_SCHEDULE_RESIDENT, /* layer by layer, the best choice of maps that stay whole */
    MF_SCHEDULE_FUSED,    /* the best segments, bands and maps that stay */
    MF_SCHEDULE_GIVEN,
    MF_N_SCHEDULE_KINDS
} mf_schedule_kind;

const char *mf_schedule_kind_name(int kind);

/* How to run. */
typedef struct mf_analytic_options {
    const mf_dataflow *dataflow;
    mf_objective objective;
    mf_bits bits;                     /* zero: each operator's own widths */
    mf_schedule_kind schedule;        /* what stays on chip from task to task */
    const mf_json_doc *schedule_file; /* of MF_SCHEDULE_GIVEN: of the network that runs */
    bool explains;                    /* why segments end where they do */
    bool iso_area;   /* as many PEs of each operator as fit where `area_um2` of silicon is */
    double area_um2; /* 0: that of the accelerator's array with multipliers of the same widths */
} mf_analytic_options;

/* What an account rests on, whatever the network. Everything is borrowed. */
typedef struct mf_analytic_basis {
    const mf_accelerator *accelerator;
    const mf_operators *operators;
    const mf_prices *prices; /* of the accelerator */
    mf_analytic_options options;
    mf_nest_hints *hints; /* nests of other accelerators; NULL: none */
} mf_analytic_basis;

/* Bits between DRAM and chip. */
typedef struct mf_traffic {
    double ifmap_bits, weight_bits, psum_bits, output_bits;
} mf_traffic;

static inline double mf_traffic_bits(const mf_traffic *t)
{
    return t->ifmap_bits + t->weight_bits + t->psum_bits + t->output_bits;
}

/* Words that come from DRAM into the buffer before a task begins, and what one costs on its way; nothing
 * overlaps with that. */
typedef struct mf_load {
    double n_words, dram_pj, buffer_pj, dram_cycles;
} mf_load;

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
    mf_floorplan floorplan;           /* where wires are priced by their length; else nothing */
    mf_found found;                   /* on the array; of the vector unit only found.cost's sums */
    bool keeps_input[MF_MOST_INPUTS]; /* is that map, all of it, in the buffer? */
    bool keeps_output;
    bool known; /* searched before, for an identical layer */
    /* Of a schedule. What follows is summed over the layer's tasks, but mapping, machine and shape are
     * those of the task with the most MACs. */
    size_t segment;
    uint64_t n_tasks; /* bands with something to do; 1 in a segment of one band */
    mf_shape shape;
    uint64_t held_bits,
        peak_bits;            /* in the buffer, at most: regions; regions, and tiles beside them */
    mf_traffic traffic;       /* between DRAM and chip, before any coding */
    uint64_t recomputed_rows; /* made again, of the layer's map */
    mf_load load[MF_N_TENSORS]; /* of one task, of maps and of weights; the sums have it already */
    uint64_t n_operations;      /* of the vector unit */
    double vector_buffer_pj, vector_dram_pj; /* what its words cost there, of energy_pj */
    double energy_pj, cycles;                /* counted in the totals */
    double utilisation; /* MAC positions per PE and cycle of the array, 0 to 1 */
} mf_analytic_row;

/* Where a task finds what it needs, and leaves what it makes. */
typedef struct mf_place {
    mf_rows made;
    uint64_t held_bits; /* of the buffer: regions that are there meanwhile, its own among them */
    bool in_buffer[MF_MOST_INPUTS]; /* does it read that input there? */
    bool output_in_buffer, output_to_dram, weights_in_buffer;
    uint64_t loaded_words; /* of maps in DRAM that it brings into their regions before it begins */
    bool loads_weights;    /* into theirs */
} mf_place;

/* A layer's work for one band, as a row of its own; `row.layer` NULL: it has none. */
typedef struct mf_analytic_task {
    mf_place place;
    mf_analytic_row row;
} mf_analytic_task;

/* Why two segments of a schedule are not one: what the best of such segments, in bands of `rows`, would
 * break or cost. */
typedef enum mf_stop_kind {
    MF_STOP_NONE,    /* the last map has one row: there are no bands */
    MF_STOP_MAP,     /* `map` is read as another than it was written */
    MF_STOP_REGIONS, /* what has to be held overfills the buffer */
    MF_STOP_TILES,   /* it leaves too little for a nest */
    MF_STOP_COST,    /* it is worse */
    MF_N_STOP_KINDS
} mf_stop_kind;

typedef struct mf_stop {
    mf_stop_kind kind;
    int map;
    uint64_t rows, held_bits;
    double value, energy_ratio, cycles_ratio; /* as one, to what they are apart */
    double weight_bits_more;                  /* from DRAM */
    mf_bound bound;                           /* of most of its time */
} mf_stop;

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
    mf_schedule schedule;     /* that was run; it and what follows in the arena */
    const mf_layout *layouts; /* [schedule.n_segments] */
    mf_analytic_task **tasks; /* [schedule.n_segments][layout's n_tasks] */
    mf_stop *stops;     /* [schedule.n_segments - 1], where the options ask for them; else NULL */
    uint64_t peak_bits; /* of the buffer, during any task */
    mf_traffic traffic; /* between DRAM and chip, before any coding */
} mf_analytic_result;

/* The least that any schedule of the network moves, at the widths of the result's rows. */
double mf_analytic_compulsory_bits(const mf_network *network, const mf_analytic_result *result);

/* A memo of searches for any number of runs: its keys hold all that a search depends on, the
 * accelerator included. Whoever creates it destroys it. */
mf_status mf_analytic_memo_create(mf_memo **memo, mf_diag *diag);

/* Run a network as it is assigned. What it returns lives in `arena`. A failure names the layer.
 * `memo` NULL: one of this run alone. MF_INVALID where maps should stay on chip, and the network
 * does not say which layer reads which, or the given schedule is not one of this network. */
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

/* A datapath for each array of a chip, [n], as mf_area_of wants them; how many PEs it has in all. Under
 * iso-area each operator has PEs of its own, else they share the accelerator's. The array of `op` comes
 * first: its words are those of the vector unit. */
uint64_t mf_analytic_datapaths(const mf_analytic_basis *basis, size_t op, mf_op_array *arrays,
                               size_t n, mf_datapath *datapaths);

/* The sums of a result whose rows are filled in. */
void mf_analytic_sum(const mf_analytic_basis *basis, mf_analytic_result *result);

#ifdef __cplusplus
}
#endif

#endif
