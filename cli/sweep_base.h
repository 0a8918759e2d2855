/* Which options does a sweep's specification replace? What its axes set at every point comes from
 * no option: such an option is refused (cli/conditions.h). */
#ifndef MF_CLI_SWEEP_BASE_H
#define MF_CLI_SWEEP_BASE_H

#include "cli/sweep_spec.h"

/* MF_USAGE for an axis that the account does not read, and for options and keys that no point of
 * the sweep takes its value from. */
mf_status mf_sweep_check_base(const mf_arguments *arguments, const mf_sweep *sweep, mf_diag *diag);

#endif
