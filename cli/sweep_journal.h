/* What has an interrupted sweep already found out? Every finished point is one line of JSON in a
 * journal beside the output, written at once, so that even a killed program loses at most the
 * points in flight. The first line carries the digest of everything that determines the results: a
 * journal of another sweep is refused. */
#ifndef MF_CLI_SWEEP_JOURNAL_H
#define MF_CLI_SWEEP_JOURNAL_H

#include "base/arena.h"
#include "cli/part.h"
#include "cli/sweep_faults.h"

#include <stdint.h>

/* The result of one point; of a point on which some layer cannot run, `fault` says where its reason
 * is (0: it can). */
typedef struct mf_sweep_result {
    bool done;
    double energy_mj, latency_ms, utilisation;
    uint64_t fault;
    double area_mm2; /* where it is asked for; follows from the point, so no journal has it */
} mf_sweep_result;

typedef struct mf_sweep_journal {
    char *path; /* NULL: nothing is kept */
    bool found; /* one of an earlier run */
    int descriptor;
} mf_sweep_journal;

/* What journals are of, and where their results go. */
typedef struct mf_sweep_journal_of {
    uint64_t digest;
    mf_sweep_result *results; /* [n_points] */
    size_t n_points;
    mf_sweep_faults *faults;
    mf_arena *arena; /* names live in it */
} mf_sweep_journal_of;

/* Open the journal of output file `output` (NULL: keep none), or of a part of it. With `resume` the
 * points of an earlier run are read; without it an existing journal is refused, but for that of a part,
 * which goes on from there always. Must be closed, whatever it returned. */
mf_status mf_sweep_journal_open(mf_sweep_journal *journal, const char *output, bool resume,
                                mf_part part, const mf_sweep_journal_of *of, mf_diag *diag);

/* Read what all of n parts found. MF_INVALID where one is missing. */
mf_status mf_sweep_journal_merge(const char *output, uint64_t n, const mf_sweep_journal_of *of,
                                 mf_diag *diag);

/* Its name, in the arena, or NULL where there is no memory. */
char *mf_sweep_journal_name(const char *output, mf_part part, mf_arena *arena);

/* Keep one result, of a point that cannot run with the reason `why`, else NULL. */
mf_status mf_sweep_journal_add(mf_sweep_journal *journal, size_t point,
                               const mf_sweep_result *result, const char *why, mf_diag *diag);

/* Close; `finished` removes the file, because the output now says it all. */
void mf_sweep_journal_close(mf_sweep_journal *journal, bool finished);

#endif
