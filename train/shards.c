/* The mean over shards, by a binary tree. */
#include "train/shards.h"

#include "base/arena.h"
#include "base/ranks.h"

#include <string.h>

enum { STEP_BITS = 48 };

/* Of a subtree: gradients, then what statistics moved by. */
struct mf_shards {
    mf_arena *arena;
    uint64_t n, n_floats;
    const mf_parameters *store;
    float *before;  /* statistics before the step */
    float **levels; /* [levels] of n_floats: sums of left halves, while the right ones are made */
    mf_model_score *scores; /* [n] */
};

uint64_t mf_shard_step(uint64_t step, uint64_t shard)
{
    return step + (shard << STEP_BITS);
}

uint64_t mf_step_of_shards(uint64_t step)
{
    return step & (((uint64_t)1 << STEP_BITS) - 1);
}

static uint64_t left_half(uint64_t n)
{
    uint64_t half = 1;
    while (2 * half < n)
        half *= 2;
    return half;
}

static size_t levels_of(uint64_t n)
{
    size_t levels = 0;
    while (n > 1) {
        n = left_half(n); /* the larger one */
        levels++;
    }
    return levels;
}

static mf_status make_room(mf_shards *s, mf_diag *diag)
{
    mf_parameter_runs runs = mf_parameters_runs(s->store);
    size_t n_levels = levels_of(s->n);
    s->n_floats = runs.n_values;
    if (!n_levels)
        return MF_OK;
    s->before = MF_NEW_ARRAY(s->arena, float, runs.n_values - runs.n_learn);
    s->levels = MF_NEW_ARRAY(s->arena, float *, n_levels);
    s->scores = MF_NEW_ARRAY(s->arena, mf_model_score, s->n);
    if (!s->before || !s->levels || !s->scores)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n_levels; i++)
        if (!(s->levels[i] = MF_NEW_ARRAY(s->arena, float, s->n_floats)))
            return mf_fail_memory(diag);
    return MF_OK;
}

mf_status mf_shards_create(uint64_t n, const mf_parameters *store, mf_shards **out, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    mf_shards *s = arena ? MF_NEW(arena, mf_shards) : NULL;
    *out = NULL;
    if (!s) {
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    *s = (mf_shards){.arena = arena, .n = n, .store = store};
    mf_status status = make_room(s, diag);
    if (status == MF_OK)
        *out = s;
    else
        mf_shards_destroy(s);
    return status;
}

void mf_shards_destroy(mf_shards *s)
{
    if (s)
        mf_arena_destroy(s->arena);
}

typedef struct sum {
    mf_shards *s;
    mf_parameter_runs runs;
    mf_shard_pass *pass;
    void *user;
} sum;

/* One shard, from the statistics before the step; what they moved by stands in their place. */
static mf_status pass_one(const sum *t, uint64_t shard, mf_diag *diag)
{
    uint64_t n = t->runs.n_values - t->runs.n_learn;
    float *statistics = t->runs.values + t->runs.n_learn;
    memcpy(statistics, t->s->before, n * sizeof *statistics);
    t->s->scores[shard] = (mf_model_score){0};
    MF_TRY(t->pass(t->user, shard, &t->s->scores[shard], diag));
    for (uint64_t i = 0; i < n; i++)
        statistics[i] -= t->s->before[i];
    return MF_OK;
}

static void keep(const sum *t, float *kept)
{
    const mf_parameter_runs *r = &t->runs;
    memcpy(kept, r->gradients, r->n_learn * sizeof *kept);
    memcpy(kept + r->n_learn, r->values + r->n_learn, (r->n_values - r->n_learn) * sizeof *kept);
}

static void add(const sum *t, const float *kept)
{
    const mf_parameter_runs *r = &t->runs;
    for (uint64_t i = 0; i < r->n_learn; i++)
        r->gradients[i] = kept[i] + r->gradients[i];
    for (uint64_t i = r->n_learn; i < r->n_values; i++)
        r->values[i] = kept[i] + r->values[i];
}

/* The tree is as deep as log2 of the shards. */
static mf_status add_up(const sum *t, uint64_t first, uint64_t n, float **levels, mf_diag *diag)
{
    if (n == 1)
        return pass_one(t, first, diag);
    uint64_t half = left_half(n);
    MF_TRY(add_up(t, first, half, levels + 1, diag));
    keep(t, *levels);
    MF_TRY(add_up(t, first + half, n - half, levels + 1, diag));
    add(t, *levels);
    return MF_OK;
}

/* ---- over ranks --------------------------------------------------------------------------------
 */

/* How many of the ranks of n shards take the left half: their share, and at least one on either side,
 * none without a shard. */
static size_t ranks_of_left(uint64_t n, size_t n_ranks)
{
    uint64_t left = left_half(n), right = n - left, share = (n_ranks * left + n / 2) / n,
             most = left < n_ranks - 1 ? left : n_ranks - 1,
             least = n_ranks > right + 1 ? n_ranks - right : 1;
    return (size_t)(share < least ? least : share > most ? most : share);
}

void mf_shards_of_rank(uint64_t n, size_t n_ranks, size_t rank, uint64_t *first, uint64_t *end)
{
    for (*first = 0; n_ranks > 1;) {
        size_t left = ranks_of_left(n, n_ranks);
        uint64_t half = left_half(n);
        bool goes_left = rank < left;
        *first += goes_left ? 0 : half;
        rank -= goes_left ? 0 : left;
        n = goes_left ? half : n - half;
        n_ranks = goes_left ? left : n_ranks - left;
    }
    *end = *first + n;
}

/* Gradients and statistics, which lie in two runs of memory. */
static mf_status send_sum(const sum *t, size_t to, mf_diag *diag)
{
    const mf_parameter_runs *r = &t->runs;
    MF_TRY(mf_ranks_send(to, r->gradients, r->n_learn * sizeof(float), diag));
    return mf_ranks_send(to, r->values + r->n_learn, (r->n_values - r->n_learn) * sizeof(float),
                         diag);
}

/* n_shards from the first one on are those of n_ranks ranks from the first one on, which has the sum in
 * the end. */
static mf_status meet_halves(const sum *t, uint64_t first_shard, uint64_t n_shards,
                             size_t first_rank, size_t n_ranks, mf_diag *diag)
{
    size_t me = mf_ranks_rank();
    if (n_ranks == 1)
        return MF_OK;
    size_t left = ranks_of_left(n_shards, n_ranks), other = first_rank + left;
    uint64_t half = left_half(n_shards), n_right = n_shards - half;
    mf_model_score *scores = t->s->scores + first_shard + half;
    MF_TRY(me < other ? meet_halves(t, first_shard, half, first_rank, left, diag)
                      : meet_halves(t, first_shard + half, n_right, other, n_ranks - left, diag));
    if (me == other) {
        MF_TRY(mf_ranks_send(first_rank, scores, n_right * sizeof *scores, diag));
        return send_sum(t, first_rank, diag);
    }
    if (me != first_rank)
        return MF_OK;
    MF_TRY(mf_ranks_receive(other, scores, n_right * sizeof *scores, diag));
    MF_TRY(mf_ranks_receive(other, *t->s->levels, t->runs.n_learn * sizeof(float), diag));
    MF_TRY(mf_ranks_receive(other, *t->s->levels + t->runs.n_learn,
                            (t->runs.n_values - t->runs.n_learn) * sizeof(float), diag));
    add(t, *t->s->levels); /* in either order: a + b is b + a */
    return MF_OK;
}

static mf_status tell_all(const sum *t, mf_diag *diag)
{
    const mf_parameter_runs *r = &t->runs;
    MF_TRY(mf_ranks_broadcast(t->s->scores, t->s->n * sizeof *t->s->scores, diag));
    MF_TRY(mf_ranks_broadcast(r->gradients, r->n_learn * sizeof(float), diag));
    return mf_ranks_broadcast(r->values + r->n_learn, (r->n_values - r->n_learn) * sizeof(float),
                              diag);
}

/* ---- a step ------------------------------------------------------------------------------------
 */

static void divide(const sum *t)
{
    const mf_parameter_runs *r = &t->runs;
    float n = (float)t->s->n;
    for (uint64_t i = 0; i < r->n_learn; i++)
        r->gradients[i] /= n;
    for (uint64_t i = r->n_learn; i < r->n_values; i++)
        r->values[i] = t->s->before[i - r->n_learn] + r->values[i] / n;
}

mf_status mf_shards_step(mf_shards *s, mf_shard_pass *pass, void *user, mf_model_score *score,
                         mf_diag *diag)
{
    size_t n_ranks = mf_ranks_size(), rank = mf_ranks_rank();
    uint64_t first, end;
    *score = (mf_model_score){0};
    if (s->n == 1)
        return pass(user, 0, score, diag);
    const sum t = {s, mf_parameters_runs(s->store), pass, user};
    memcpy(s->before, t.runs.values + t.runs.n_learn,
           (t.runs.n_values - t.runs.n_learn) * sizeof *s->before);
    mf_shards_of_rank(s->n, n_ranks, rank, &first, &end);
    mf_status status = add_up(&t, first, end - first, s->levels, diag);
    if (n_ranks > 1) {
        MF_TRY(mf_ranks_meet(status, 0, "", diag));
        MF_TRY(meet_halves(&t, 0, s->n, 0, n_ranks, diag));
    }
    MF_TRY(status);
    if (rank == 0)
        divide(&t);
    if (n_ranks > 1)
        MF_TRY(tell_all(&t, diag));
    for (uint64_t i = 0; i < s->n; i++)
        mf_model_score_add(score, &s->scores[i]);
    return MF_OK;
}
