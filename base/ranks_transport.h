/* What ranks_alone.c and ranks_mpi.c give: who is there, and bytes from one to another. */
#ifndef MF_BASE_RANKS_TRANSPORT_H
#define MF_BASE_RANKS_TRANSPORT_H

#include "base/ranks.h"

bool mf_transport_can(void);

/* All of them start; 1 and 0 where there is no MPI. */
mf_status mf_transport_start(size_t *size, size_t *rank, mf_diag *diag);

/* Begin to send or receive one message of at most INT_MAX bytes; has it gone, or come? */
void mf_transport_begin(bool sends, size_t peer, void *bytes, int n);
bool mf_transport_done(void);

bool mf_transport_poll(size_t *from);
void mf_transport_end(void);
void mf_transport_abort(int exit_code); /* ends all ranks, this one as well */

#endif
