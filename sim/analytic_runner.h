/* What do the files of the consistent account tell each other? A network on its way through it.
 * Private to sim/: analytic.c runs layers, analytic_arrays.c says on which PEs, analytic_kept.c says which maps stay on chip,
 * analytic_memory.c remembers searches. */
#ifndef MF_SIM_ANALYTIC_RUNNER_H
#define MF_SIM_ANALYTIC_RUNNER_H

#include "base/arena.h"
#include "models/readers.h"
#include "sim/analytic.h"

typedef struct mf_runner {
    const mf_analytic_basis *basis;
    const mf_network *network;
    const mf_assignment *assignment;
    mf_arena *arena;
    mf_memo *memo;
    mf_readers *readers;  /* [n_layers] */
    bool *kept;           /* [n_layers]: the output of a layer stays on chip; NULL: none does */
    uint64_t *pe_columns; /* of each operator's PEs under iso-area; NULL without */
} mf_runner;

/* What there is to know before the first layer runs. Maps that stay are chosen up to `last`. */
mf_status mf_runner_begin(mf_runner *runner, size_t last, mf_diag *diag);

/* Divide the area among the operators that the variant needs, into runner->pe_columns. Rows stay, columns
 * change. */
mf_status mf_runner_divide_area(mf_runner *runner, mf_diag *diag);

/* The widths of a layer with weights that runs on `op`. */
mf_status mf_runner_widths_on(const mf_runner *runner, const mf_layer *layer, const mf_operator *op,
                              mf_widths *widths, mf_diag *diag);

/* The widths of a layer, with weights or without. */
mf_status mf_runner_widths(const mf_runner *runner, const mf_layer *layer, mf_widths *widths,
                           mf_diag *diag);

/* Run a layer with the maps of runner->kept: one row, or two with what follows it. `shows`: they
 * are rows of the account, and not only tried. A failure names the layer. */
mf_status mf_runner_layer(const mf_runner *runner, const mf_layer *layer, bool shows,
                          mf_analytic_row *rows, size_t *n_rows, mf_diag *diag);

/* A layer searched before. */
typedef struct mf_known {
    bool shown; /* in a row of an account, and not only tried for a map that might stay */
    mf_found found;
} mf_known;

/* The best mapping of a row that is prepared: as it is known from before, or searched now. */
mf_status mf_runner_search(const mf_runner *runner, const mf_work *work, const mf_analytic_row *row,
                           mf_known **known, mf_diag *diag);

/* Choose runner->kept for the outputs of layers 0 to `last`. */
mf_status mf_runner_choose_kept(mf_runner *runner, size_t last, mf_diag *diag);

/* Tell a row which of its maps are in the buffer, and its machine that they take room there and
 * move to and from DRAM for nothing. MF_NO_MAPPING where they leave no room for anything else. */
mf_status mf_runner_keep_maps(const mf_runner *runner, mf_analytic_row *row, mf_diag *diag);

#endif
