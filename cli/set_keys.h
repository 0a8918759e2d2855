/* --set: which keys are there to change, and who reads them? A key that nobody reads is refused
 * like an option that changes nothing (cli/conditions.h). */
#ifndef MF_CLI_SET_KEYS_H
#define MF_CLI_SET_KEYS_H

#include "cli/conditions.h"
#include "train/training.h"

/* Of commands that simulate: every --set is accelerator.KEY=VALUE or conventions.KEY=VALUE, and is
 * read by an account that runs. Unknown keys are found by whoever reads the file. */
mf_status mf_set_check(const mf_arguments *arguments, mf_diag *diag);

/* One key of an accelerator, as `what` names it in the message. */
mf_status mf_set_check_key(const mf_arguments *arguments, const char *what, const char *key,
                           mf_diag *diag);

/* The key of a training that is set by KEY or KEY=VALUE, or NULL. */
const mf_training_key *mf_set_training_key(const char *set);

/* What it needs to count, beside what its uses say. */
mf_conditions mf_set_conditions_of(const mf_training_key *key);

/* Of commands that train or run what was trained: every --set KEY=VALUE is read. `missing` is what
 * this network and training lack. */
mf_status mf_set_check_training(const mf_arguments *arguments, mf_training_uses missing,
                                mf_diag *diag);

#endif
