/* What has an interrupted sweep already found out? Every finished point is one line of JSON in a
 * journal beside the output, written at once, so that even a killed program loses at most the
 * points in flight. The first line carries the digest of everything that determines the results: a
 * journal of another sweep is refused. */
#ifndef MF_CLI_SWEEP_JOURNAL_H
#define MF_CLI_SWEEP_JOURNAL_H

#include "base/arena.h"
#include "cli/sweep_faults.h"

#include <pthread.h>
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
    pthread_mutex_t mutex;
} mf_sweep_journal;

/* Open the journal of output file `output` (NULL: keep none). With `resume` the points of an
 * earlier run are put into `results[n_points]` and `faults`; without it an existing journal is
 * refused. Its name lives in `arena`. Must be closed, whatever it returned. */
mf_status mf_sweep_journal_open(mf_sweep_journal *journal, const char *output, bool resume,
                                uint64_t digest, mf_sweep_result *results, size_t n_points,
                                mf_sweep_faults *faults, mf_arena *arena, mf_diag *diag);

/* Keep one result, of a point that cannot run with the reason `why`, else NULL. Safe from several
 * threads. */
mf_status mf_sweep_journal_add(mf_sweep_journal *journal, size_t point,
                               const mf_sweep_result *result, const char *why, mf_diag *diag);

/* Close; `finished` removes the file, because the output now says it all. */
void mf_sweep_journal_close(mf_sweep_journal *journal, bool finished);

#endif
