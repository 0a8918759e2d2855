/* --set: which keys are there to change, and who reads them? A key that nobody reads is refused
 * like an option that changes nothing (cli/conditions.h). */
#ifndef MF_CLI_SET_KEYS_H
#define MF_CLI_SET_KEYS_H

#include "cli/conditions.h"

/* Of commands that simulate: every --set is accelerator.KEY=VALUE or conventions.KEY=VALUE, and is
 * read by an account that runs. Unknown keys are found by whoever reads the file. */
mf_status mf_set_check(const mf_arguments *arguments, mf_diag *diag);

/* One key of an accelerator, as `what` names it in the message. */
mf_status mf_set_check_key(const mf_arguments *arguments, const char *what, const char *key,
                           mf_diag *diag);

/* What keys with these uses (mf_training_use) need. */
mf_conditions mf_set_conditions_of(unsigned use);

/* What a key of training needs to count: KEY, or KEY=VALUE. */
mf_conditions mf_set_needs_of_training(const char *set);

/* Of commands that train or run what was trained: every --set KEY=VALUE is read. `lacks` are
 * conditions (MF_IF_SHIFTS ...) that do not hold for this network and training. */
mf_status mf_set_check_training(const mf_arguments *arguments, mf_conditions lacks, mf_diag *diag);

#endif
