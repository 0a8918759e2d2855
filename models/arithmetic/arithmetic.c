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
