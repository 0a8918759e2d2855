/* How does long work end well when someone presses Ctrl-C? It asks between two steps, cleans up and
 * says so. */
#ifndef MF_CLI_INTERRUPT_H
#define MF_CLI_INTERRUPT_H

#include "base/status.h"

/* From now on SIGINT, SIGTERM and SIGHUP are remembered, unless they are ignored; the second of its
 * kind ends the process at once. Or no longer. */
void mf_interrupt_catch(bool on);

/* Did one come? */
bool mf_interrupt_came(void);

/* MF_INTERRUPTED once one came. */
mf_status mf_interrupt_check(mf_diag *diag);

#endif
