/* Threads that wait for a number to change: calls, returns and barriers count up. */
#include "base/team.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Before a waiting thread sleeps: some 100 microseconds, which parts of a layer seldom take. Giving
 * the core away in between made it worse where others want it. */
enum { SPINS = 3000 };

/* ---- waiting -----------------------------------------------------------------------------------
 */

/* A number that grows, and threads that wait for the next one. */
typedef struct turn {
    atomic_uint number, sleepers;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
} turn;

#define TURN                                                                                       \
    {                                                                                              \
        .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER                    \
    }

static void relax(void)
{
#if defined __x86_64__
    __builtin_ia32_pause();
#endif
}

/* Sleepers are counted before the number is looked at again, and the number grows before they are
 * looked for: one of the two sees the other. */
static void sleep_until_next(turn *t, unsigned before)
{
    pthread_mutex_lock(&t->mutex);
    atomic_fetch_add(&t->sleepers, 1);
    while (atomic_load(&t->number) == before)
        pthread_cond_wait(&t->changed, &t->mutex);
    atomic_fetch_sub(&t->sleepers, 1);
    pthread_mutex_unlock(&t->mutex);
}

static void wait_for_next(turn *t, unsigned before)
{
    for (int i = 0; i < SPINS; i++, relax())
        if (atomic_load_explicit(&t->number, memory_order_acquire) != before)
            return;
    sleep_until_next(t, before);
}

static void next(turn *t)
{
    atomic_fetch_add(&t->number, 1);
    if (atomic_load(&t->sleepers) == 0)
        return;
    pthread_mutex_lock(&t->mutex);
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->mutex);
}

/* The last of n to arrive lets the others go. */
typedef struct barrier {
    atomic_size_t n_here;
    turn turn;
} barrier;

static void meet(barrier *b, size_t n)
{
    unsigned before = atomic_load(&b->turn.number);
    if (atomic_fetch_add(&b->n_here, 1) + 1 < n) {
        wait_for_next(&b->turn, before);
        return;
    }
    atomic_store(&b->n_here, 0);
    next(&b->turn);
}

/* ---- the team ----------------------------------------------------------------------------------
 */

static struct {
    size_t n_threads; /* the caller among them; as many as may be used, and as there are */
    size_t n_made;
    turn begin;
    barrier within, end;
    void (*work)(void *user);
    void *user;
    size_t n; /* threads of this call */
} team = {
    .n_threads = 1, .n_made = 1, .begin = TURN, .within = {.turn = TURN}, .end = {.turn = TURN}};

static _Thread_local size_t own_rank, own_size = 1;

/* What a new thread is told: its rank, and the call before its first. */
typedef struct member {
    size_t rank;
    unsigned before;
} member;

static void *serve(void *user)
{
    member self = *(member *)user;
    free(user);
    for (;; self.before++) {
        wait_for_next(&team.begin, self.before);
        if (self.rank < team.n) {
            own_rank = self.rank;
            own_size = team.n;
            team.work(team.user);
        }
        meet(&team.end, team.n_made);
    }
    return NULL;
}

mf_status mf_team_set(size_t n_threads, mf_diag *diag)
{
    while (team.n_made < n_threads) {
        pthread_t thread;
        member *one = malloc(sizeof *one);
        if (!one)
            return mf_fail_memory(diag);
        *one = (member){team.n_made, atomic_load(&team.begin.number)};
        if (pthread_create(&thread, NULL, serve, one) != 0) {
            free(one);
            return mf_fail(diag, MF_NO_MEMORY, "thread %zu cannot be started: ask for fewer",
                           team.n_made + 1);
        }
        pthread_detach(thread);
        team.n_made++;
    }
    team.n_threads = n_threads ? n_threads : 1;
    return MF_OK;
}

size_t mf_team_threads(void)
{
    return team.n_threads;
}

void mf_team_run(size_t n_threads, void (*work)(void *user), void *user)
{
    if (n_threads <= 1) {
        work(user);
        return;
    }
    team.work = work;
    team.user = user;
    team.n = n_threads;
    next(&team.begin);
    own_size = n_threads;
    work(user);
    own_size = 1;
    meet(&team.end, team.n_made);
}

size_t mf_team_rank(void)
{
    return own_rank;
}

size_t mf_team_size(void)
{
    return own_size;
}

void mf_team_barrier(void)
{
    if (own_size > 1)
        meet(&team.within, own_size);
}

typedef struct split {
    size_t n;
    void (*range)(void *user, size_t begin, size_t end);
    void *user;
} split;

static void run_part(void *user)
{
    const split *s = user;
    size_t begin = s->n * own_rank / own_size, end = s->n * (own_rank + 1) / own_size;
    if (begin < end)
        s->range(s->user, begin, end);
}

void mf_team_split(size_t n, void (*range)(void *user, size_t begin, size_t end), void *user)
{
    split s = {n, range, user};
    mf_team_run(n < team.n_threads ? n : team.n_threads, run_part, &s);
}
