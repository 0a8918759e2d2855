/* The mean over shards, by a binary tree. */
#include "train/shards.h"

#include "base/arena.h"

#include <string.h>

enum { STEP_BITS = 48 };

/* Of a subtree: gradients, then what statistics moved by. */
struct mf_shards {
    mf_arena *arena;
    uint64_t n, n_floats;
    const mf_parameters *store;
    float *before;  /* statistics before the step */
    float **levels; /* [levels] of n_floats: sums of left halves, while the right ones are made */
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
    if (!s->before || !s->levels)
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
    mf_model_score *score;
} sum;

/* One shard, from the statistics before the step; what they moved by stands in their place. */
static mf_status pass_one(const sum *t, uint64_t shard, mf_diag *diag)
{
    mf_model_score score = {0};
    uint64_t n = t->runs.n_values - t->runs.n_learn;
    float *statistics = t->runs.values + t->runs.n_learn;
    memcpy(statistics, t->s->before, n * sizeof *statistics);
    MF_TRY(t->pass(t->user, shard, &score, diag));
    for (uint64_t i = 0; i < n; i++)
        statistics[i] -= t->s->before[i];
    mf_model_score_add(t->score, &score);
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
    *score = (mf_model_score){0};
    if (s->n == 1)
        return pass(user, 0, score, diag);
    const sum t = {s, mf_parameters_runs(s->store), pass, user, score};
    memcpy(s->before, t.runs.values + t.runs.n_learn,
           (t.runs.n_values - t.runs.n_learn) * sizeof *s->before);
    MF_TRY(add_up(&t, 0, s->n, s->levels, diag));
    divide(&t);
    return MF_OK;
}
