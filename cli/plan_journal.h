/* Which runs of an experiment are over? A line of JSON for each that ended, in runs.journal of the
 * experiment's folder, with the digest of everything that determines the run: one that was made
 * with other keys is noticed. The first line names the experiment. What is not over is told by its
 * checkpoint alone. */
#ifndef MF_CLI_PLAN_JOURNAL_H
#define MF_CLI_PLAN_JOURNAL_H

#include "base/arena.h"
#include "base/status.h"
#include "cli/part.h"

#include <stddef.h>
#include <stdint.h>

/* What came of a run: numbers of its last epoch, or why there are none. Shares are 0 to 1. */
#define MF_EACH_OUTCOME(MF_OUTCOME)                                                                \
    MF_OUTCOME(loss)                                                                               \
    MF_OUTCOME(top1)                                                                               \
    MF_OUTCOME(test_loss)                                                                          \
    MF_OUTCOME(test_top1)                                                                          \
    MF_OUTCOME(test_top5)

typedef struct mf_outcome {
    const char *arm;
    uint64_t seed, digest, epochs;
    const char *fault; /* NULL: it came to its end */
#define MF_OUTCOME(member) double member;
    MF_EACH_OUTCOME(MF_OUTCOME)
#undef MF_OUTCOME
} mf_outcome;

typedef struct mf_plan_journal {
    const char *path;
    int descriptor;
    mf_outcome *outcomes;
    size_t n;
} mf_plan_journal;

/* Open the journal at `path` of an experiment, or begin it; what runs came to goes into
 * `journal->outcomes`, in the arena. A line cut off by a crash does not count. MF_INVALID for the
 * journal of another experiment. Must be closed, whatever it returned. */
mf_status mf_plan_journal_open(mf_plan_journal *journal, const char *path, const char *experiment,
                               mf_arena *arena, mf_diag *diag);

/* Outcomes of another journal of the experiment, which somebody may be writing, join those. */
mf_status mf_plan_journal_join(mf_plan_journal *journal, const char *path,
                                    const char *experiment, mf_arena *arena, mf_diag *diag);

/* "runs.journal"; of a part, "runs.3-of-16.journal". */
void mf_plan_journal_name(mf_part part, char name[64]);

/* Keep what a run came to. */
mf_status mf_plan_journal_add(mf_plan_journal *journal, const mf_outcome *outcome, mf_diag *diag);

void mf_plan_journal_close(mf_plan_journal *journal);

#endif
