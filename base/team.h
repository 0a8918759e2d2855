/* How do a few threads work on one thing at once, thousands of times a second? A team that stays:
 * the caller is rank 0, the others wait for the next call. Whoever waits first spins, which is
 * fastest where every thread has a core of its own, and soon sleeps, without which a machine that
 * others use, too, would come to a standstill (measured: docs/SPEED.md).
 *
 * One thread of a process calls; work does not call for more work. */
#ifndef MF_BASE_TEAM_H
#define MF_BASE_TEAM_H

#include "base/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The threads that later calls may use, 1 at first; kept if there are so many already. MF_NO_MEMORY
 * when they cannot be made. */
mf_status mf_team_set(size_t n_threads, mf_diag *diag);
size_t mf_team_threads(void);

/* Call work(user) on each of n_threads (1 to mf_team_threads()), and return when all have. */
void mf_team_run(size_t n_threads, void (*work)(void *user), void *user);

/* Within work: which thread of how many is this; wait until all are here. Elsewhere 0 of 1. */
size_t mf_team_rank(void);
size_t mf_team_size(void);
void mf_team_barrier(void);

/* Call range(user, begin, end) on consecutive parts of [0, n), one per thread. */
void mf_team_split(size_t n, void (*range)(void *user, size_t begin, size_t end), void *user);

#ifdef __cplusplus
}
#endif

#endif
