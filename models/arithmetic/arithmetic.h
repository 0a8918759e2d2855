/* What is the integer arithmetic of an operator? One record each, in a file of its own beside this
 * one: the reference that models/integer.c runs. */
#ifndef MF_MODELS_ARITHMETIC_ARITHMETIC_H
#define MF_MODELS_ARITHMETIC_ARITHMETIC_H

#include "base/random.h"
#include "models/integer.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mf_arithmetic_record {
    const char *name;
    uint64_t least_weight_bits, most_weight_bits; /* of its codes */
    bool has_zero_code;                           /* mf_integer_format.zero_code means something */
    bool on_signs; /* activations are -1 or 1, of one bit; elsewhere numbers of 2 bits and more */
    /* The range of weight codes. */
    void (*weights)(const mf_integer_format *format, int64_t *least, int64_t *most);
    /* Bits, sign included, that hold every product. */
    uint64_t (*product_bits)(const mf_integer_format *format);
    /* What a position adds to the sum, before it is rounded. */
    int64_t (*product)(const mf_integer_format *format, int64_t activation, int32_t weight);
    /* `n` weights for test data (models/forward.h); returns their fraction bits. */
    uint64_t (*draw)(mf_random *random, const mf_integer_format *format,
                     uint64_t ifmap_fraction_bits, uint64_t n, int32_t *codes);
} mf_arithmetic_record;

/* The record of an arithmetic; static. */
const mf_arithmetic_record *mf_arithmetic_record_of(mf_arithmetic arithmetic);

#define MF_ARITHMETIC(name, NAME) extern const mf_arithmetic_record mf_arithmetic_##name;
#include "models/arithmetic/arithmetics.def"
#undef MF_ARITHMETIC

/* Two's complement of weight_bits. */
void mf_arithmetic_twos_complement(const mf_integer_format *format, int64_t *least, int64_t *most);

/* A weight that is a sign, 1 for minus: its codes, those for test data, and x or -x. */
void mf_arithmetic_sign_weights(const mf_integer_format *format, int64_t *least, int64_t *most);
uint64_t mf_arithmetic_draw_signs(mf_random *random, const mf_integer_format *format,
                                  uint64_t ifmap_fraction_bits, uint64_t n, int32_t *codes);
int64_t mf_arithmetic_signed(const mf_integer_format *format, int64_t x, int32_t code);

#ifdef __cplusplus
}
#endif

#endif
