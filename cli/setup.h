/* From options to something that runs: the experiment's conventions with the user's changes, the
 * accelerator, the operators and the energy tables, all loaded and checked. */
#ifndef MF_CLI_SETUP_H
#define MF_CLI_SETUP_H

#include "cli/arguments.h"
#include "cli/catalog.h"
#include "cli/experiment.h"
#include "cli/sheet.h"
#include "models/formats/network_file.h"
#include "models/operation_counts.h"
#include "sim/pricer.h"

typedef struct mf_setup {
    mf_cli *cli;
    const mf_arguments *arguments;
    mf_arena *arena; /* borrowed from the arguments: lives as long as the command */
    mf_operators *operators;
    mf_experiment experiment;
    mf_accelerator accelerator;
    mf_published_conventions conventions;
    mf_energy_table *operation_energy, *access_energy;
    mf_pricer *pricer; /* of the published account, for `accelerator` */
} mf_setup;

/* One variant of a network, counted and costed. */
typedef struct mf_variant {
    const mf_network *network;
    const char *op;
    mf_operation_counts counts;
    mf_published_result result;
} mf_variant;

/* The columns and cells that name a variant and give its counts, for every table that has them. */
#define MF_VARIANT_COLUMNS                                                                         \
    {"network", "network", 0, 1}, {"op", "op", 0, 1}, {"n_params", "params M", 2, 1e-6},           \
        {"n_mult", "mult M", 2, 1e-6}, {"n_shift", "shift M", 2, 1e-6},                            \
    {                                                                                              \
        "n_add", "add M", 2, 1e-6                                                                  \
    }

void mf_variant_put(const mf_variant *variant, mf_sheet *sheet);

/* Load all operators of the catalog; owned by the caller. */
mf_status mf_setup_operators(mf_cli *cli, mf_arena *arena, mf_operators **operators, mf_diag *diag);

/* An accelerator from its file, which may be based on one of the catalog; `groups`: what it must have
 * beside what every accelerator has, as bits 1 << mf_key_group. */
mf_status mf_setup_accelerator(mf_cli *cli, const mf_json_doc *doc, unsigned groups,
                               mf_arena *arena, mf_accelerator *accelerator, mf_diag *diag);

/* Load everything but networks, as --experiment, --accelerator and --set say. Close also after a
 * failure. */
mf_status mf_setup_open(mf_setup *setup, mf_cli *cli, const mf_arguments *arguments, mf_slips side,
                        mf_diag *diag);
void mf_setup_close(mf_setup *setup);

/* Another accelerator by name or path, as --set changes it. */
mf_status mf_setup_load_accelerator(mf_setup *setup, const char *name, mf_accelerator *accelerator,
                                    mf_diag *diag);

/* What the published account's prices rest on now. */
mf_pricer_basis mf_setup_basis(const mf_setup *setup);

/* A new pricer for the accelerator and conventions that the setup has now; owned by the caller. */
mf_status mf_setup_pricer(mf_setup *setup, mf_diag *diag);

/* A hint: how to run, by the consistent account, what the published one has no mapping for. */
void mf_setup_offer_consistent(const mf_setup *setup, const mf_network *network, const char *op,
                               mf_diag *diag);

/* The changes that --resolution, --batch, --classes and --width ask for. */
mf_status mf_setup_network_options(const mf_arguments *arguments, mf_network_options *options,
                                   mf_diag *diag);

/* Load a network by name or path, with the options; owned by the caller. */
mf_status mf_setup_network(mf_cli *cli, const mf_arguments *arguments, const char *name,
                           mf_network **network, mf_diag *diag);

/* The operator of each layer in a variant, as the variant and --op-of say, into the arena. */
mf_status mf_setup_assign(const mf_operators *operators, const mf_arguments *arguments,
                          const mf_network *network, const char *variant, mf_assignment *assignment,
                          mf_diag *diag);

/* Count and cost one variant with the setup's pricer. */
mf_status mf_setup_run(mf_setup *setup, const mf_network *network, const char *op,
                       mf_variant *variant, mf_diag *diag);

/* Load each network, run each operator on it, and hand every variant to `at`, networks outermost. A
 * variant lives only during the call; `first` is true for the first operator of a network. */
mf_status mf_setup_each(mf_setup *setup, const char *const *networks, size_t n_networks,
                        const char *const *ops, size_t n_ops,
                        mf_status (*at)(void *user, const mf_variant *variant, bool first,
                                        mf_diag *diag),
                        void *user, mf_diag *diag);

#endif
