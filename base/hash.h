/* Are these the same bytes as before? A 64-bit FNV-1a digest: enough to notice a changed file, not
 * to withstand an adversary. */
#ifndef MF_BASE_HASH_H
#define MF_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MF_HASH_BEGIN ((uint64_t)0xcbf29ce484222325u)

/* The digest of what `hash` stands for followed by `n` more bytes. */
uint64_t mf_hash_bytes(uint64_t hash, const void *bytes, size_t n);

#ifdef __cplusplus
}
#endif

#endif
