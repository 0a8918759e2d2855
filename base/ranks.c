/* Waiting, trees, and agreement, over either transport. */
#include "base/clock.h"
#include "base/ranks_transport.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct {
    bool started;
    bool together; /* all know of the failure */
    size_t size, rank;
    double patience_s;
} ranks;

/* ---- who is there ------------------------------------------------------------------------------
 */

/* Open MPI; MPICH, Intel MPI and Slurm's own; Slurm with PMIx. */
static const char *const launchers[][2] = {{"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"},
                                           {"PMI_SIZE", "PMI_RANK"},
                                           {"SLURM_STEP_NUM_TASKS", "PMIX_RANK"}};

static size_t number_of(const char *variable, size_t otherwise)
{
    const char *text = getenv(variable);
    char *end;
    if (!text || !*text)
        return otherwise;
    unsigned long n = strtoul(text, &end, 10);
    return *end || n > INT_MAX ? otherwise : (size_t)n;
}

size_t mf_ranks_launched(size_t *rank)
{
    enum { N = sizeof launchers / sizeof launchers[0] };
    for (size_t i = 0; i < N; i++) {
        size_t size = number_of(launchers[i][0], 0);
        *rank = number_of(launchers[i][1], size);
        if (*rank < size)
            return size;
    }
    *rank = 0;
    return 1;
}

size_t mf_ranks_size(void)
{
    return ranks.started ? ranks.size : 1;
}

size_t mf_ranks_rank(void)
{
    return ranks.rank;
}

bool mf_ranks_speaks(void)
{
    size_t rank = ranks.rank;
    if (!ranks.started)
        mf_ranks_launched(&rank);
    return rank == 0;
}

bool mf_ranks_can(void)
{
    return mf_transport_can();
}

void mf_ranks_patience(double seconds)
{
    ranks.patience_s = seconds;
}

double mf_ranks_patience_s(void)
{
    return ranks.patience_s;
}

mf_status mf_ranks_start(mf_diag *diag)
{
    if (ranks.started)
        return MF_OK;
    size_t size = 1, rank = 0;
    MF_TRY(mf_transport_start(&size, &rank, diag));
    ranks.size = size;
    ranks.rank = rank;
    ranks.started = true;
    return MF_OK;
}

/* ---- messages ----------------------------------------------------------------------------------
 */

/* Rank 0, which says why, is the first to give up. */
static bool out_of_patience(double begin_s)
{
    double most_s = ranks.patience_s * (ranks.rank ? 2 : 1);
    return most_s > 0 && mf_clock_s() - begin_s > most_s;
}

/* Shared memory answers in microseconds; a rank that computes, in seconds. */
static mf_status finish(size_t peer, mf_diag *diag)
{
    enum { SPINS = 200 };
    long nap_ns = MF_NAP_LEAST_NS;
    double begin_s = mf_clock_s();
    for (int i = 0; !mf_transport_done(); i++) {
        if (i < SPINS)
            continue;
        mf_nap(&nap_ns);
        if (out_of_patience(begin_s))
            return mf_fail(diag, MF_IO, "rank %zu has said nothing for %g s", peer, ranks.patience_s);
    }
    return MF_OK;
}

static mf_status carry(bool sends, size_t peer, char *bytes, size_t n, mf_diag *diag)
{
    enum { MOST_BYTES = 1 << 30 };
    while (n) {
        int part = n < MOST_BYTES ? (int)n : MOST_BYTES;
        mf_transport_begin(sends, peer, bytes, part);
        MF_TRY(finish(peer, diag));
        bytes += part;
        n -= (size_t)part;
    }
    return MF_OK;
}

mf_status mf_ranks_send(size_t to, const void *bytes, size_t n, mf_diag *diag)
{
    return carry(true, to, (char *)bytes, n, diag);
}

mf_status mf_ranks_receive(size_t from, void *bytes, size_t n, mf_diag *diag)
{
    return carry(false, from, bytes, n, diag);
}

bool mf_ranks_poll(size_t *from)
{
    return mf_transport_poll(from);
}

/* A binomial tree: a rank hears from the one without its highest bit, and tells those with a higher one. */
mf_status mf_ranks_broadcast(void *bytes, size_t n, mf_diag *diag)
{
    size_t bit = 1;
    while (bit <= ranks.rank)
        bit *= 2;
    if (ranks.rank)
        MF_TRY(mf_ranks_receive(ranks.rank - bit / 2, bytes, n, diag));
    for (; ranks.rank + bit < ranks.size; bit *= 2)
        MF_TRY(mf_ranks_send(ranks.rank + bit, bytes, n, diag));
    return MF_OK;
}

/* ---- agreement ---------------------------------------------------------------------------------
 */

typedef struct news {
    mf_status status;
    uint64_t digest;
    mf_diag diag;
} news;

/* What rank 0 makes of another's. */
static void judge(news *all, const news *other, size_t rank, const char *otherwise)
{
    if (all->status != MF_OK)
        return;
    if (other->status != MF_OK) {
        all->status = mf_fail(&all->diag, other->status, "rank %zu: %s", rank, other->diag.message);
        mf_hint(&all->diag, "%s", other->diag.hint);
    } else if (other->digest != all->digest) {
        all->status = mf_fail(&all->diag, MF_INVALID, "rank %zu %s", rank, otherwise);
    }
}

static mf_status hear_all(news *all, const char *otherwise, mf_diag *diag)
{
    for (size_t i = 1; i < ranks.size; i++) {
        news other;
        MF_TRY(mf_ranks_receive(i, &other, sizeof other, diag));
        judge(all, &other, i, otherwise);
    }
    return MF_OK;
}

mf_status mf_ranks_meet(mf_status mine, uint64_t digest, const char *otherwise, mf_diag *diag)
{
    news all = {.status = mine, .digest = digest};
    mf_diag why = {0};
    if (mine != MF_OK && diag)
        all.diag = *diag;
    mf_status status = mf_ranks_start(&why);
    if (status == MF_OK && ranks.size == 1)
        return mine;
    if (status == MF_OK)
        status = ranks.rank ? mf_ranks_send(0, &all, sizeof all, &why)
                            : hear_all(&all, otherwise, &why);
    if (status == MF_OK)
        status = mf_ranks_broadcast(&all, sizeof all, &why);
    if (status == MF_OK) {
        ranks.together = all.status != MF_OK;
        status = all.status;
        why = all.diag;
    }
    if (status != MF_OK && diag)
        *diag = why;
    return status;
}

void mf_ranks_end(mf_status status)
{
    const struct timespec for_rank_0 = {2, 0}; /* to say what it has to say of the same failure */
    if (!ranks.started)
        return;
    if (ranks.size > 1 && status != MF_OK && !ranks.together) {
        if (ranks.rank)
            nanosleep(&for_rank_0, NULL);
        mf_transport_abort(mf_status_exit_code(status));
    }
    mf_transport_end();
}
