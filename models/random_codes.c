#include "models/random_codes.h"

#include "models/requantise.h"

enum { SMALLEST_SPAN = 4 };

static int32_t clamp(int64_t code, uint64_t bits)
{
    int64_t most = (int64_t)((uint64_t)1 << (bits - 1)) - 1;
    return (int32_t)(code < -most - 1 ? -most - 1 : code > most ? most : code);
}

/* The sum of four uniform numbers, which are the quarters of one random word. */
void mf_draw_bell(mf_random *random, int64_t span, uint64_t bits, uint64_t n, int32_t *codes)
{
    if (span < SMALLEST_SPAN)
        span = SMALLEST_SPAN;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t word = mf_random_bits(random);
        int64_t sum = -2 * 0xffff; /* the mean */
        for (int k = 0; k < 4; k++, word >>= 16)
            sum += (int64_t)(word & 0xffff);
        codes[i] = clamp(mf_round_shift(sum * span, 17), bits);
    }
}
