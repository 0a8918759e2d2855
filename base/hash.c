/* FNV-1a (Fowler, Noll, Vo). */
#include "base/hash.h"

uint64_t mf_hash_bytes(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ p[i]) * 0x100000001b3u;
    return hash;
}
