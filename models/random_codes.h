/* How are codes made up? For test data: models/forward.h says of which distributions. */
#ifndef MF_MODELS_RANDOM_CODES_H
#define MF_MODELS_RANDOM_CODES_H

#include "base/random.h"

/* `n` codes of `bits` bits between -span and span, with a standard deviation of 0.29 span. A span
 * of fewer than 4 codes is taken as 4, or all were zero. */
void mf_draw_bell(mf_random *random, int64_t span, uint64_t bits, uint64_t n, int32_t *codes);

#endif
