/* A shared counter and POSIX threads; no queue, because items are independent and numbered. */
#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

typedef struct shared {
    size_t n_items;
    atomic_size_t next;
    atomic_bool stop;
    bool (*work)(void *user, size_t item, size_t worker);
    void *user;
} shared;

typedef struct worker {
    pthread_t thread;
    shared *all;
    size_t index;
} worker;

size_t mf_parallel_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int n = CPU_COUNT(&set);
    return n > 0 ? (size_t)n : 1;
}

static void *run(void *argument)
{
    worker *me = argument;
    shared *all = me->all;
    while (!atomic_load(&all->stop)) {
        size_t item = atomic_fetch_add(&all->next, 1);
        if (item >= all->n_items)
            break;
        if (!all->work(all->user, item, me->index))
            atomic_store(&all->stop, true);
    }
    return NULL;
}

mf_status mf_parallel_for(size_t n_items, size_t n_workers,
                          bool (*work)(void *user, size_t item, size_t worker), void *user,
                          bool *finished, mf_diag *diag)
{
    shared all = {.n_items = n_items, .work = work, .user = user};
    worker *workers = calloc(n_workers, sizeof *workers);
    if (!workers)
        return mf_fail_memory(diag);
    mf_status status = MF_OK;
    size_t n_started = 1;
    workers[0] = (worker){.all = &all, .index = 0};
    for (; n_started < n_workers; n_started++) {
        workers[n_started] = (worker){.all = &all, .index = n_started};
        if (pthread_create(&workers[n_started].thread, NULL, run, &workers[n_started]) != 0) {
            atomic_store(&all.stop, true);
            status = mf_fail(diag, MF_NO_MEMORY, "cannot start %zu threads", n_workers);
            break;
        }
    }
    run(&workers[0]);
    for (size_t i = 1; i < n_started; i++)
        pthread_join(workers[i].thread, NULL);
    *finished = !atomic_load(&all.stop);
    free(workers);
    return status;
}
