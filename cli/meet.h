/* Do all ranks (base/ranks.h) that run a command have the same in hand? */
#ifndef MF_CLI_MEET_H
#define MF_CLI_MEET_H

#include "cli/arguments.h"

#include <stdint.h>

/* Of commands that several ranks may run. */
#define MF_RANKS_OPTIONS(condition)                                                                \
    {"timeout", 0, "S", .about = "end all when a rank says nothing for S seconds (default: wait)", \
     .needs = (condition) | MF_IF_RANKS}

/* Is this process one of several? As far as its launcher says, before they meet. */
bool mf_is_one_of_several(void);

/* Start the ranks, with --timeout, and see that preparations went well on all of them and came to the same
 * digest: as mf_ranks_meet. One process gets back how its own went. */
mf_status mf_meet(const mf_arguments *arguments, mf_status mine, uint64_t digest,
                  const char *otherwise, mf_diag *diag);

#endif
