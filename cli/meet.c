/* The ranks of a command. */
#include "cli/meet.h"

#include "base/ranks.h"

bool mf_is_one_of_several(void)
{
    size_t rank;
    return mf_ranks_launched(&rank) > 1;
}

mf_status mf_meet(const mf_arguments *arguments, mf_status mine, uint64_t digest,
                  const char *otherwise, mf_diag *diag)
{
    uint64_t patience_s = 0;
    if (!mf_is_one_of_several())
        return mine;
    if (mine == MF_OK)
        mine = mf_arguments_count(arguments, "timeout", 1, 1000000, &patience_s, diag);
    mf_ranks_patience((double)patience_s);
    return mf_ranks_meet(mine, digest, otherwise, diag);
}
