/* `mulfree compare --accounting ...`: the published and the consistent account beside each other,
 * and what leads from one to the other. */
#ifndef MF_CLI_COMPARE_ACCOUNTS_H
#define MF_CLI_COMPARE_ACCOUNTS_H

#include "cli/account.h"

/* All networks with all operators, into a sheet that is written out. */
mf_status mf_compare_accounts(mf_setup *setup, bool published, bool consistent,
                              const char *const *networks, size_t n_networks,
                              const char *const *ops, size_t n_ops, mf_diag *diag);

#endif
