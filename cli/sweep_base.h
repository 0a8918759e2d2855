/* Which options does a sweep's specification replace? What its axes set at every point comes from
 * no option: such an option is refused (cli/conditions.h). */
#ifndef MF_CLI_SWEEP_BASE_H
#define MF_CLI_SWEEP_BASE_H

#include "cli/account.h"
#include "cli/sweep_spec.h"

/* MF_USAGE for an axis that the account does not read, and for options and keys that no point of
 * the sweep takes its value from. */
mf_status mf_sweep_check_base(const mf_arguments *arguments, const mf_sweep *sweep, mf_diag *diag);

/* MF_USAGE for axes and keys that give no network of the sweep anything to change; `account` is
 * NULL where the published one runs. */
mf_status mf_sweep_check_keys(const mf_setup *setup, const mf_account *account,
                              const mf_sweep *sweep, mf_diag *diag);

/* The same after all points, of those about zeros: `zeros` are the conditions that held in one. */
mf_status mf_sweep_check_zeros(const mf_arguments *arguments, const mf_sweep *sweep,
                               mf_conditions zeros, mf_diag *diag);

/* Warn of the memories that lie outside what the table's law was made from: of the first such point, and
 * of how many others. */
void mf_sweep_warn_of_sizes(const mf_account *account, const mf_sweep *sweep);

#endif
