/* How far is the long work? A bar on standard error, and only on a terminal. Safe to call from
 * several threads. */
#ifndef MF_CLI_PROGRESS_H
#define MF_CLI_PROGRESS_H

#include "cli/command.h"

#include <pthread.h>
#include <time.h>

typedef struct mf_progress {
    bool shown;
    const char *what;
    size_t n_items, n_done;
    struct timespec begin, last;
    pthread_mutex_t mutex;
} mf_progress;

void mf_progress_begin(mf_progress *progress, const mf_cli *cli, const char *what, size_t n_items);
void mf_progress_step(mf_progress *progress, size_t n);
void mf_progress_end(mf_progress *progress);

#endif
