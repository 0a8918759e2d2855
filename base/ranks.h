/* Which of several processes of one program is this, and what do they tell each other? Under a launcher
 * of MPI every process, a rank, runs the same command line; rank 0 reads and writes files and speaks to
 * people. `mulfree` is built with ranks_alone.c and is always the only one, `mulfree-mpi` with
 * ranks_mpi.c, the one file that includes MPI's header.
 *
 * Until mf_ranks_start a process knows what its launcher says, and may fork; MPI begins there. Who waits
 * sleeps more and more, up to half a millisecond at a time: more ranks than cores are no waste. The order
 * of what one rank sends to another is kept; sums are for the caller to make, in an order of its own.
 *
 * What is sent is bytes as they lie in memory: all ranks are the same program on the same kind of
 * machine, which mf_ranks_meet tells. Called by one thread. */
#ifndef MF_BASE_RANKS_H
#define MF_BASE_RANKS_H

#include "base/status.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the launcher says, by its environment variables, before the start: how many, and which one is this,
 * from 0; 1 and 0 where it says nothing. */
size_t mf_ranks_launched(size_t *rank);

/* After the start; before it, and in a process that is none of them, 1 and 0. */
size_t mf_ranks_size(void);
size_t mf_ranks_rank(void);

/* Is this rank 0, as far as is known? It alone speaks to people, and writes files. */
bool mf_ranks_speaks(void);

/* Has this program MPI? */
bool mf_ranks_can(void);

/* Give up, with MF_IO, on a rank that says nothing for so many seconds; 0: never, at first. */
void mf_ranks_patience(double seconds);
double mf_ranks_patience_s(void);

/* All ranks call it, once; where there is one, nothing happens. */
mf_status mf_ranks_start(mf_diag *diag);

/* After the start. Both wait; the receiver says how much it expects. */
mf_status mf_ranks_send(size_t to, const void *bytes, size_t n, mf_diag *diag);
mf_status mf_ranks_receive(size_t from, void *bytes, size_t n, mf_diag *diag);

/* Is there something to be received, and from which rank? Does not wait. */
bool mf_ranks_poll(size_t *from);

/* From rank 0 to all, by a tree. */
mf_status mf_ranks_broadcast(void *bytes, size_t n, mf_diag *diag);

/* All ranks, each with how its preparations went: MF_OK where they went well everywhere and `digest` is
 * that of rank 0; else all of them get the failure of the first rank that has one. `otherwise` says of a
 * rank with another digest what it does, as in "rank 2 " + "reads other files than rank 0". */
mf_status mf_ranks_meet(mf_status mine, uint64_t digest, const char *otherwise, mf_diag *diag);

/* The end, with what the program comes to, when that is said. A failure that did not come from
 * mf_ranks_meet is not known to the others, which may wait for this rank: they are ended, too. */
void mf_ranks_end(mf_status status);

#ifdef __cplusplus
}
#endif

#endif
