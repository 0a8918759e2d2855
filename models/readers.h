/* How do the readers of a map take it? Layers on signs (mf_operator_on_signs) read whether a number is
 * above 0, one bit; all others the number. What nobody reads is taken as numbers.
 *
 * So much of a map is written: its signs alone, one bit, where nobody wants more, else its numbers, and
 * beside them their signs, one bit more, where somebody wants these. */
#ifndef MF_MODELS_READERS_H
#define MF_MODELS_READERS_H

#include "models/operator.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mf_readers {
    bool numbers, signs;
} mf_readers;

/* Of each layer's output, into readers[n_layers]. */
void mf_readers_find(const mf_network *network, const mf_operators *operators,
                     const size_t *op_of_layer, mf_readers *readers);

/* Bits that an output takes whose number has `ofmap_bits`. */
uint64_t mf_readers_written_bits(mf_readers readers, uint64_t ofmap_bits);

#ifdef __cplusplus
}
#endif

#endif
