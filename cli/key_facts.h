/* What is there for a key of --set, or an axis, to change? A network without depthwise layers gives
 * conventions.depthwise nothing to decide, whatever its value: such a key is refused like an option
 * that changes nothing (cli/conditions.h). What a key needs is said in cli/set_keys.c; what layers,
 * operators and widths have is found here, before anything runs. */
#ifndef MF_CLI_KEY_FACTS_H
#define MF_CLI_KEY_FACTS_H

#include "cli/account.h"

/* Of all variants of a run together. `runs` is [mf_operators_count]: on some layer. */
typedef struct mf_key_facts {
    mf_conditions hold; /* of those that layers tell: MF_IF_DEPTHWISE ... */
    const mf_accelerator *accelerator;
    const mf_operators *operators;
    bool *runs;
    bool banks; /* the chip runs, or the table prices the buffer by its banks */
    bool
        lengths; /* does the table price wires by their length? Then areas are lengths, whatever runs */
} mf_key_facts;

/* `account` is NULL where the published one runs alone. */
mf_status mf_key_facts_begin(mf_key_facts *facts, const mf_setup *setup, const mf_account *account,
                             mf_diag *diag);

/* One layer as it is assigned, with weights or without. */
mf_status mf_key_facts_layer(mf_key_facts *facts, const mf_account *account,
                             const mf_assignment *assignment, const mf_layer *layer, mf_diag *diag);

/* All layers of a variant. */
mf_status mf_key_facts_variant(mf_key_facts *facts, const mf_account *account,
                               const mf_network *network, const mf_assignment *assignment,
                               mf_diag *diag);

/* Refuse every --set for which nothing is there, and --iso-area where all PEs are multipliers. */
mf_status mf_key_facts_check(const mf_key_facts *facts, const mf_arguments *arguments,
                             mf_diag *diag);

/* The same for one axis, which `what` names. */
mf_status mf_key_facts_check_axis(const mf_key_facts *facts, const mf_arguments *arguments,
                                  const char *what, const char *key, mf_diag *diag);

/* All of this for networks by name, each as each operator (NULL: the network's own). */
mf_status mf_key_facts_check_all(const mf_setup *setup, const mf_account *account,
                                 const char *const *networks, size_t n_networks,
                                 const char *const *ops, size_t n_ops, mf_diag *diag);

#endif
