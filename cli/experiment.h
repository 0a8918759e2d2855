/* What does an experiment file say? Which table or figure it reproduces: networks, operators,
 * accelerator, conventions, the paper's known slips, and the numbers that the paper prints. */
#ifndef MF_CLI_EXPERIMENT_H
#define MF_CLI_EXPERIMENT_H

#include "base/arena.h"
#include "base/json.h"

/* One printed row; operation counts and parameters in millions, as printed. */
typedef struct mf_paper_row {
    const char *network, *op;
    double params_m, mult_m, shift_m, add_m, energy_mj, latency_ms;
} mf_paper_row;

/* A slip of the paper that some convention reproduces or corrects. */
typedef struct mf_slip {
    const char *name, *about;
} mf_slip;

/* Which of a slip's two sides to take; PLAIN leaves the conventions as the file states them. */
typedef enum mf_slips { MF_SLIPS_PLAIN, MF_SLIPS_PRINTED, MF_SLIPS_CORRECTED } mf_slips;

typedef struct mf_experiment {
    const char *name, *about, *source, *accelerator;
    const char **networks;
    size_t n_networks;
    const char **ops;
    size_t n_ops;
    mf_slip *slips;
    size_t n_slips;
    mf_paper_row *paper;
    size_t n_paper;
} mf_experiment;

/* Read an experiment into `arena`; the slips' side is merged into the document's "conventions",
 * which mf_published_conventions_read then reads. */
mf_status mf_experiment_read(mf_json_doc *doc, mf_slips side, mf_arena *arena,
                             mf_experiment *experiment, mf_diag *diag);

/* The printed row of a network and operator, or NULL. */
const mf_paper_row *mf_experiment_paper(const mf_experiment *experiment, const char *network,
                                        const char *op);

#endif
