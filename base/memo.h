/* What is known already of a question that takes long to answer? Values by the bytes of their keys,
 * in a hash table that grows. Whoever makes a key writes every byte of it: of a struct with padding
 * that means its members one by one, or zeros first. Not thread-safe: one memo per thread. */
#ifndef MF_BASE_MEMO_H
#define MF_BASE_MEMO_H

#include "base/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mf_memo mf_memo;

/* An empty memo for keys of `key_bytes` and values of `value_bytes`, owned by the caller. Destroy
 * accepts NULL. */
mf_status mf_memo_create(size_t key_bytes, size_t value_bytes, mf_memo **memo, mf_diag *diag);
void mf_memo_destroy(mf_memo *memo);

/* The value of a key, or NULL; it stays where it is for as long as the memo. */
void *mf_memo_find(const mf_memo *memo, const void *key);

/* A new value, all zero, of a key that has none yet; NULL when memory is out. */
void *mf_memo_add(mf_memo *memo, const void *key);

size_t mf_memo_count(const mf_memo *memo);

#ifdef __cplusplus
}
#endif

#endif
