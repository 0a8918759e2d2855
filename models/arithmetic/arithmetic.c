/* The table, and what operators have in common. */
#include "models/arithmetic/arithmetic.h"

static const mf_arithmetic_record *const records[MF_N_ARITHMETICS] = {
#define MF_ARITHMETIC(name, NAME) &mf_arithmetic_##name,
#include "models/arithmetic/arithmetics.def"
#undef MF_ARITHMETIC
};

const mf_arithmetic_record *mf_arithmetic_record_of(mf_arithmetic arithmetic)
{
    return records[arithmetic];
}

void mf_arithmetic_twos_complement(const mf_integer_format *format, int64_t *least, int64_t *most)
{
    *most = (int64_t)(((uint64_t)1 << (format->weight_bits - 1)) - 1);
    *least = -*most - 1;
}

void mf_arithmetic_sign_weights(const mf_integer_format *format, int64_t *least, int64_t *most)
{
    (void)format;
    *least = 0;
    *most = 1;
}

uint64_t mf_arithmetic_draw_signs(mf_random *random, const mf_integer_format *format,
                                  uint64_t ifmap_fraction_bits, uint64_t n, int32_t *codes)
{
    (void)format, (void)ifmap_fraction_bits;
    for (uint64_t i = 0; i < n; i++)
        codes[i] = (int32_t)mf_random_between(random, 0, 1);
    return 0;
}

int64_t mf_arithmetic_signed(const mf_integer_format *format, int64_t x, int32_t code)
{
    (void)format;
    return code ? -x : x;
}
