/* What would the paper's simulator have printed for a network? The published predictor applied
 * layer by layer, with every convention that it takes (and that a more careful account would not) a
 * named key: see mf_published_conventions, bench/experiments/table3.json and docs/ENERGY_MODEL.md.
 */
#ifndef MF_SIM_PUBLISHED_H
#define MF_SIM_PUBLISHED_H

#include "base/json.h"
#include "base/log.h"
#include "energy_tables/energy_table.h"
#include "models/accelerator.h"
#include "models/network.h"
#include "models/operator.h"
#include "sim/published_search.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a depthwise layer of G channels is handed to the predictor. */
typedef enum mf_published_depthwise {
    MF_PUBLISHED_ONE_SHARED_INPUT, /* C = 1, M = G: its input is counted once for all channels */
    MF_PUBLISHED_OWN_INPUT         /* N = N*G, C = M = 1: each channel is an image of its own */
} mf_published_depthwise;

/* How wide a word of an operator's data is. */
typedef enum mf_published_data_bits {
    MF_PUBLISHED_FLOOR_AVERAGE, /* floor((activation + weight) / 2), for all data alike */
    MF_PUBLISHED_ACTIVATION     /* the activation's width, for all data alike */
} mf_published_data_bits;

/* The conventions, as the "conventions" object of an experiment names them. Arrays have one element
 * per operator, in the order of the mf_operators they were read with. */
typedef struct mf_published_conventions {
    mf_published_depthwise depthwise;
    bool single_row_tiles; /* E1 = 1 is allowed for every layer, not only for 1 x 1 maps */
    bool inclusive_pes, inclusive_ifmap_register, inclusive_weight_register;
    bool inclusive_psum_register,
        inclusive_buffer; /* a limit may be reached, not only approached */
    mf_published_data_bits data_bits;
    uint64_t latency_reference_bits;              /* latency is scaled by data bits / this */
    bool bill_all_operations;                     /* of a MAC position, not only its costliest */
    const char *operation_energy, *access_energy; /* names of energy tables */
    mf_objective objective;
    const char **operation_type; /* number type an operator is billed at; NULL if none is given */
    bool (*free_level)[MF_PUBLISHED_LEVELS];
    bool *classifier_as_stem; /* the last layer is billed as the first once more */
} mf_published_conventions;

/* Its keys, and those of its "limits", ending in NULL. */
extern const char *const mf_published_convention_keys[], *const mf_published_limit_keys[];

/* The only value of a convention that has no other; NULL for one that has. */
const char *mf_published_convention_fixed(const char *key);

/* Read a "conventions" object; strings and arrays live in `arena`. */
mf_status mf_published_conventions_read(const mf_json *object, const mf_operators *operators,
                                        mf_arena *arena, mf_published_conventions *conventions,
                                        mf_diag *diag);

/* One layer of one variant. */
typedef struct mf_published_layer {
    const mf_layer *layer;
    const mf_layer *billed_as; /* usually `layer` itself */
    size_t op;                 /* operator index */
    uint64_t n_groups;         /* the predictor's layer is counted that many times */
    mf_published_choice cost;  /* all groups together; the mapping is that of one */
    mf_published_tally tally;
    double utilisation; /* active PEs of all PEs, 0 to 1 */
} mf_published_layer;

/* One variant of the network. `layers[n_weight_layers]`. */
typedef struct mf_published_result {
    mf_published_layer *layers;
    size_t n_layers;
    double energy_mj, latency_ms;
    double utilisation; /* weighted by cycles */
} mf_published_result;

/* A simulator for one accelerator: prices are looked up once, identical layers are searched once.
 * Keeps pointers to what it was made from. Not thread-safe; one per thread. */
typedef struct mf_published mf_published;

mf_status mf_published_create(const mf_accelerator *accelerator, const mf_operators *operators,
                              const mf_published_conventions *conventions,
                              const mf_energy_table *operation_energy,
                              const mf_energy_table *access_energy, const mf_log *log,
                              mf_published **simulator, mf_diag *diag);
void mf_published_destroy(mf_published *simulator);

/* Cost one variant; `op_of_layer` from mf_operators_assign. `result->layers` lives in `arena`. */
mf_status mf_published_run(mf_published *simulator, const mf_network *network, size_t variant,
                           const size_t *op_of_layer, mf_arena *arena, mf_published_result *result,
                           mf_diag *diag);

/* What all searches of this simulator went through so far; shared layers count once. */
mf_published_tally mf_published_total(const mf_published *simulator);

/* "dram", ... "compute". */
const char *mf_published_part_name(int part);

#ifdef __cplusplus
}
#endif

#endif
