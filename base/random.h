/* Seeded random numbers without global state: the same seed gives the same numbers on every
 * machine. */
#ifndef MF_BASE_RANDOM_H
#define MF_BASE_RANDOM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A generator (xoshiro256**, seeded through splitmix64; Blackman and Vigna, 2018). Plain value: a
 * copy continues the same sequence. */
typedef struct mf_random {
    uint64_t state[4];
} mf_random;

mf_random mf_random_seed(uint64_t seed);

/* An independent generator for stream `index` of `seed`, for example one per worker or per layer.
 */
mf_random mf_random_stream(uint64_t seed, uint64_t index);

/* 64 random bits; an integer in [low, high] (low <= high), without modulo bias; a real in [0, 1).
 */
uint64_t mf_random_bits(mf_random *random);
uint64_t mf_random_between(mf_random *random, uint64_t low, uint64_t high);
double mf_random_real(mf_random *random);

#ifdef __cplusplus
}
#endif

#endif
