/* `mulfree compare --accounting ...`: the published and the consistent account beside each other,
 * and what leads from one to the other. */
#ifndef MF_CLI_COMPARE_ACCOUNTS_H
#define MF_CLI_COMPARE_ACCOUNTS_H

#include "cli/account.h"

/* Refuse keys that change nothing, before anything runs (cli/key_facts.h); `account` is NULL where
 * the published one runs alone. */
mf_status mf_compare_check_keys(const mf_setup *setup, const mf_account *account,
                                const char *const *networks, size_t n_networks,
                                const char *const *ops, size_t n_ops, mf_diag *diag);

/* All networks with all operators, into a sheet that is written out. */
mf_status mf_compare_accounts(mf_setup *setup, bool published, bool consistent,
                              const char *const *networks, size_t n_networks,
                              const char *const *ops, size_t n_ops, mf_diag *diag);

#endif
