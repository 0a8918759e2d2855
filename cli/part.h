/* Which of the jobs of a sweep or an experiment does this run, of several that may be on machines of their
 * own, do? */
#ifndef MF_CLI_PART_H
#define MF_CLI_PART_H

#include "cli/arguments.h"

enum { MF_MOST_PARTS = 1000000 };

/* k of n, from 1; n = 0: all are one run's. */
typedef struct mf_part {
    uint64_t k, n;
} mf_part;

/* "3/16" of --part; all where it is not given. */
mf_status mf_part_take(const mf_arguments *arguments, mf_part *part, mf_diag *diag);

/* Jobs go round: neighbours, which are alike, are in different parts. */
bool mf_part_has(mf_part part, size_t job);

#define MF_PART_OPTION(what, condition)                                                            \
    {                                                                                              \
        "part", 0, "K/N",                                                                          \
            .about = "only the K-th of N parts, " what, .needs = (condition)                       \
    }

#endif
