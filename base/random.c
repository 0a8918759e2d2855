/* xoshiro256** and its seeding. */
#include "base/random.h"

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

mf_random mf_random_seed(uint64_t seed)
{
    mf_random random;
    for (int i = 0; i < 4; i++)
        random.state[i] = splitmix(&seed);
    return random;
}

mf_random mf_random_stream(uint64_t seed, uint64_t index)
{
    uint64_t mixed = index;
    return mf_random_seed(seed ^ splitmix(&mixed));
}

static uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t mf_random_bits(mf_random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t mf_random_between(mf_random *random, uint64_t low, uint64_t high)
{
    uint64_t span = high - low + 1;
    if (span == 0)
        return mf_random_bits(random);
    uint64_t unfair = (0 - span) % span, bits;
    do
        bits = mf_random_bits(random);
    while (bits < unfair);
    return low + bits % span;
}

double mf_random_real(mf_random *random)
{
    return (double)(mf_random_bits(random) >> 11) * 0x1p-53;
}
