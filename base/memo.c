/* Chains behind 2^n heads; twice as many heads once there are as many entries. */
#include "base/memo.h"

#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry {
    struct entry *next;
    uint64_t hash;
    max_align_t bytes[]; /* the value, then the key */
} entry;

struct mf_memo {
    mf_arena *arena;
    size_t key_bytes, value_bytes, n, n_heads;
    entry **heads;
};

enum { FIRST_HEADS = 64 };

mf_status mf_memo_create(size_t key_bytes, size_t value_bytes, mf_memo **memo, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    mf_memo *m = arena ? MF_NEW(arena, mf_memo) : NULL;
    entry **heads = calloc(FIRST_HEADS, sizeof *heads);
    if (!m || !heads) {
        free(heads);
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    *m = (mf_memo){.arena = arena,
                   .key_bytes = key_bytes,
                   .value_bytes = value_bytes,
                   .n_heads = FIRST_HEADS,
                   .heads = heads};
    *memo = m;
    return MF_OK;
}

void mf_memo_destroy(mf_memo *memo)
{
    if (!memo)
        return;
    free(memo->heads);
    mf_arena_destroy(memo->arena);
}

/* Eight bytes at a time: keys are long, and looked up for every layer. */
static uint64_t hash_of(const mf_memo *memo, const void *key)
{
    const unsigned char *p = key;
    uint64_t hash = memo->key_bytes;
    for (size_t left = memo->key_bytes; left > 0;) {
        uint64_t word = 0;
        size_t n = left < sizeof word ? left : sizeof word;
        memcpy(&word, p, n);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
        p += n;
        left -= n;
    }
    return hash;
}

static const void *key_of(const mf_memo *memo, const entry *e)
{
    return (const char *)e->bytes + memo->value_bytes;
}

void *mf_memo_find(const mf_memo *memo, const void *key)
{
    uint64_t hash = hash_of(memo, key);
    for (entry *e = memo->heads[hash & (memo->n_heads - 1)]; e; e = e->next)
        if (e->hash == hash && memcmp(key_of(memo, e), key, memo->key_bytes) == 0)
            return e->bytes;
    return NULL;
}

/* Without memory for more heads the chains grow longer, and nothing else. */
static void grow(mf_memo *memo)
{
    size_t n = memo->n_heads * 2;
    entry **heads = calloc(n, sizeof *heads);
    if (!heads)
        return;
    for (size_t i = 0; i < memo->n_heads; i++)
        for (entry *e = memo->heads[i], *next; e; e = next) {
            next = e->next;
            e->next = heads[e->hash & (n - 1)];
            heads[e->hash & (n - 1)] = e;
        }
    free(memo->heads);
    memo->heads = heads;
    memo->n_heads = n;
}

void *mf_memo_add(mf_memo *memo, const void *key)
{
    entry *e = mf_arena_array(memo->arena, 1, sizeof *e + memo->value_bytes + memo->key_bytes);
    if (!e)
        return NULL;
    if (memo->n == memo->n_heads)
        grow(memo);
    e->hash = hash_of(memo, key);
    memcpy((char *)e->bytes + memo->value_bytes, key, memo->key_bytes);
    entry **head = &memo->heads[e->hash & (memo->n_heads - 1)];
    e->next = *head;
    *head = e;
    memo->n++;
    return e->bytes;
}

size_t mf_memo_count(const mf_memo *memo)
{
    return memo->n;
}
