/* Does the model agree with what was published of a real chip? A description (docs/VALIDATION.md)
 * names accelerator, operator and energy table and has layers with published numbers; each is
 * priced as it is described, by closed forms or on the SystemC chip, and held against its band. */
#ifndef MF_SIM_VALIDATION_H
#define MF_SIM_VALIDATION_H

#include "base/arena.h"
#include "base/json.h"
#include "dataflows/search.h"
#include "energy_tables/energy_table.h"
#include "models/accelerator.h"
#include "models/operator.h"
#include "sim/area.h"
#include "sim/systemc/chip.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mf_quantity {
#define MF_QUANTITY(NAME, name, text) MF_QUANTITY_##NAME,
#include "sim/quantities.def"
#undef MF_QUANTITY
    MF_N_QUANTITIES
} mf_quantity;

const char *mf_quantity_name(int quantity); /* "active_pes" ... */
const char *mf_quantity_text(int quantity);

/* Flip-flops of the chip: all of them, and those that no gating of clocks can spare. `status` is NULL where
 * the description has none. */
typedef struct mf_validation_clocks {
    uint64_t n_flip_flops, n_always;
    double energy_pj; /* of one and a cycle */
    const char *status, *source;
} mf_validation_clocks;

/* A description that was read; what it names is loaded by the caller. Strings live in the arena or
 * in the document, which must outlive it. */
typedef struct mf_validation {
    const char *name, *about, *source;
    const char *op, *accelerator, *table;
    mf_bits bits;
    bool search; /* the best mapping, not the one that is given */
    mf_objective objective;
    double band[2][MF_N_QUANTITIES]; /* of layers, of the total; percent, negative for none */
    bool lower_is_better[MF_N_QUANTITIES];
    bool on_chip;
    /* the table whose areas and leakages are those of the chip, and its node; NULL: not asked for */
    const char *area_table;
    uint64_t area_node_nm;
    mf_validation_clocks clocks;
    const mf_json_doc *doc;
} mf_validation;

/* Read all but the layers. `on_chip`: with the bands of the SystemC chip where it has some. */
mf_status mf_validation_read(const mf_json_doc *doc, bool on_chip, mf_arena *arena,
                             mf_validation *validation, mf_diag *diag);

/* A number of a layer, or of the total, beside the published one. */
typedef struct mf_validation_row {
    const char *layer;
    bool first; /* of its layer */
    mf_quantity quantity;
    double model, published, difference_percent;
    double band_percent; /* negative: not held to any */
    bool within;
} mf_validation_row;

/* The search's best mappings of a layer, as parts of the given one's energy, time and EDP. */
typedef struct mf_validation_best {
    const char *layer;
    double energy, latency, edp;
} mf_validation_best;

typedef struct mf_validation_result {
    mf_validation_row *rows;
    size_t n_rows;
    mf_validation_best *best; /* where mappings are given */
    size_t n_best;
    size_t n_compared, n_outside; /* rows with a band, and those outside */
    /* on the chip: the time that all PEs at work all the time would take, and where the rest went
     */
    double peak_cycles, compute_cycles, stall_cycles[MF_N_STALLS];
    /* beside what the account prices: parts of the chip (none without an area table), what clocks take */
    mf_area area;
    double gated_mw, clocked_mw;
} mf_validation_result;

/* Price all layers and compare. `area_table` is the one that the description names, at its node, or NULL.
 * Everything is borrowed; the result lives in `arena`. On the chip it makes the chip of the process, and
 * frees it. */
mf_status mf_validation_run(const mf_validation *validation, const mf_accelerator *accelerator,
                            const mf_operator *op, const mf_energy_table *table,
                            const mf_energy_table *area_table, mf_arena *arena,
                            mf_validation_result *result, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
